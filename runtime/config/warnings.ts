/** What is no mistake for certain, and is said at the start: names that look mistyped, and settings that do not go together. */

import { isOneLetterOff } from './nearest.ts';
import { perSuite } from './schedules.ts';
import { settings } from './settings.ts';
import type { Config } from './shape.ts';
import type { Environment } from './source.ts';

/** Shorter names are one letter from many others: HOST from POST. */
const shortestGuessed = 6;

export function warningsOf(env: Environment, config: Omit<Config, 'warnings'>): readonly string[] {
  return Object.freeze([...mistyped(env), ...contradictions(env, config)]);
}

function mistyped(env: Environment): readonly string[] {
  const known = settings
    .map(({ name }) => name)
    .filter((name) => name.length >= shortestGuessed && !name.includes('<'));
  return Object.keys(env).flatMap((key) => {
    if (settings.some(({ name }) => name === key) || perSuite.some((prefix) => key.startsWith(prefix))) return [];
    const near = known.find((name) => isOneLetterOff(key, name)) ?? perSuiteNear(key);
    return near === undefined ? [] : [`${key} is no setting: perhaps ${near} was meant`];
  });
}

/** Of a name such as SCHEDULER_HTTP. */
function perSuiteNear(key: string): string | undefined {
  const end = key.indexOf('_') + 1;
  const suite = key.slice(end);
  const near = suite === '' ? undefined : perSuite.find((prefix) => isOneLetterOff(key.slice(0, end), prefix));
  return near && near + suite.toUpperCase();
}

function contradictions(env: Environment, config: Omit<Config, 'warnings'>): readonly string[] {
  const isSet = (key: string) => (env[key]?.trim() ?? '') !== '';
  const crons = Object.keys(env).filter((key) => (key === 'SCHEDULE' || key.startsWith('SCHEDULE_')) && isSet(key));
  const domain = /\.svc\.(.+?)\.?$/.exec(config.dnsQueryName ?? '')?.[1];
  const clusterDomain = config.clusterDomain?.replace(/\.$/, '');
  return [
    !config.scheduler && crons.length > 0 && `${crons.join(', ')}: no use with SCHEDULER=off`,
    isSet('STATSD_PORT') && !config.statsdHost && 'STATSD_PORT: no use without STATSD_HOST',
    isSet('KUBE_CONTEXT') && config.cluster !== 'kubeconfig' && 'KUBE_CONTEXT: no use without KUBECONFIG',
    isSet('REPORT_TOKEN') && !config.reportUrl && 'REPORT_TOKEN: no use without REPORT_URL',
    ...['NOTIFY_FORMAT', 'PAGE_URL'].map(
      (key) => isSet(key) && !config.notifyUrl && `${key}: no use without NOTIFY_URL`,
    ),
    domain !== undefined &&
      clusterDomain !== undefined &&
      domain.toLowerCase() !== clusterDomain.toLowerCase() &&
      `DNS_QUERY_NAME is a name of the cluster domain ${domain}, and CLUSTER_DOMAIN is ${clusterDomain}`,
  ].filter((warning) => warning !== false);
}
