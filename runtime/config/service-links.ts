/**
 * What the kubelet puts into every pod for each Service of its namespace: STATSD_PORT=tcp://10.96.7.7:8125 for one named statsd.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
import type { Environment } from './source.ts';

const link = /^(?:tcp|udp|sctp):\/\/\S+:\d+$/;
/** Of a Service X beside X_SERVICE_HOST and X_SERVICE_PORT, which every Service has. */
const rest = /^(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?)?)$/;

/** The environment without them: nobody set them, and a Service may have the name of one of our settings. */
export function withoutServiceLinks(env: Environment): Environment {
  const services = Object.keys(env).flatMap((key) => {
    const service = /^(.+)_SERVICE_HOST$/.exec(key)?.[1];
    return service !== undefined && /^\d+$/.test(env[`${service}_SERVICE_PORT`] ?? '') ? [`${service}_`] : [];
  });
  const isLink = (key: string, value: string | undefined) =>
    link.test(value?.trim() ?? '') ||
    services.some((service) => key.startsWith(service) && rest.test(key.slice(service.length)));
  // The cluster's own Service is how a pod knows that it is one.
  const kept = Object.entries(env).filter(([key, value]) => key.startsWith('KUBERNETES_') || !isLink(key, value));
  return Object.fromEntries(kept);
}
