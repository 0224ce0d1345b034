/** What leaves the process beside its answers, as far as it was asked for: loaded only then. */
import type { Logger } from 'pino';
import type { Config } from '../config/shape.ts';
import type { Headline } from '../model/diagnosis.ts';
import type { Sink } from '../model/event.ts';
import type { Standing } from '../sinks/metric-catalogue.ts';
import type { Notifier } from '../sinks/notify.ts';
import type { Prepared } from './prepared.ts';

/** Sinks that send over the network, as far as they were asked for. */
export async function remoteSinks(
  { config, suites }: Pick<Prepared, 'config' | 'suites'>,
  headline: () => Headline | undefined,
  standing: Standing,
  log: Logger,
): Promise<readonly Sink[]> {
  const sinks: Sink[] = [];
  if (config.statsdHost !== undefined) {
    const { createStatsd } = await import('../sinks/statsd.ts');
    const { statsdHost: host, statsdPort: port } = config;
    sinks.push(createStatsd({ host, port, headline, suites: suites.map(({ name }) => name), ...standing, log }));
  }
  if (config.reportUrl !== undefined) {
    const { createRemote } = await import('../sinks/remote.ts');
    const { staleAfterMs } = standing;
    sinks.push(createRemote({ url: config.reportUrl, token: config.reportToken, staleAfterMs, log }));
  }
  return sinks;
}

/** Who is told when the headline changes, if anybody is. */
export async function openNotify(
  { notifyUrl: url, notifyFormat: format, pageUrl: page, proxies }: Config,
  headline: () => Headline | undefined,
  cluster: () => string,
  isHeld: () => boolean,
  log: Logger,
): Promise<Notifier | undefined> {
  if (url === undefined) return undefined;
  const { createNotify } = await import('../sinks/notify.ts');
  return createNotify({ url, format, ...(page && { page }), proxies, headline, cluster, isHeld, log });
}
