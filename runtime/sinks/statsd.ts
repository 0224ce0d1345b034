import { StatsD } from 'hot-shots';
import type { Headline } from '../model/diagnosis.ts';
import type { Sink } from '../model/event.ts';
import { firstSamples, metrics, type Sample, type Standing, samplesOf, statsdPrefix } from './metric-catalogue.ts';
import { createDaemonCheck } from './statsd-daemon.ts';
import { createLookup } from './statsd-lookup.ts';

export interface StatsdOptions extends Standing {
  /** STATSD_HOST: a name, or an IPv4 or IPv6 address. */
  readonly host: string;
  /** STATSD_PORT */
  readonly port: number;
  /** The store's. */
  readonly headline: () => Headline | undefined;
  /** Those that this process runs. */
  readonly suites: readonly string[];
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Sends the figures to a statsd daemon over UDP, gathered into datagrams of up to 1,400 bytes twice a second.
 * A daemon that is down, or a host that does not resolve, is logged once and costs nothing but the figures.
 */
export function createStatsd({ host, port, headline, suites, log, ...standing }: StatsdOptions): Sink {
  let warned = false;
  const warn = (reason: string) => {
    if (!warned) log.warn({ sink: 'statsd' }, `Metrics do not reach statsd at ${host}:${port}: ${reason}`);
    warned = true;
  };
  const lookup = createLookup();
  const client = new StatsD({
    host,
    port,
    prefix: statsdPrefix,
    maxBufferSize: 1_400,
    bufferFlushInterval: 500,
    // Not cacheDns: that asks again for every datagram while the name does not resolve. This lookup caches that as well.
    udpSocketOptions: { type: host.includes(':') ? 'udp6' : 'udp4', lookup },
    datadog: false,
    includeDataDogTags: false,
    errorHandler: (error) => warn(error.message),
  });
  const checkDaemon = createDaemonCheck({ host, port, lookup, onDown: warn });
  for (const sample of firstSamples(suites)) send(client, sample);

  return {
    name: 'statsd',
    record(event) {
      const samples = samplesOf(event, headline, standing);
      for (const sample of samples) send(client, sample);
      if (samples.length > 0) checkDaemon();
    },
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      client.close((error) => {
        if (error) warn(error.message);
        resolve();
      });
      return promise;
    },
  };
}

function send(client: StatsD, { metric, parts, value }: Sample): void {
  const name = [metric, ...parts].join('.');
  switch (metrics[metric].type) {
    case 'counter':
      client.increment(name, value);
      return;
    case 'gauge':
      client.gauge(name, value);
      return;
    case 'timer':
      client.timing(name, value);
      return;
  }
}
