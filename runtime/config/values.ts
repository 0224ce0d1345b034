/** Parsers of single values: text in, value out, or InvalidValue with what was expected. */
import { isIP } from 'node:net';
import { Cron } from 'croner';
import { InvalidValue } from './problems.ts';

export type Parse<T> = (text: string) => T;

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const hostname =
  /^(?=.{1,253}$)[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9_])?)*\.?$/;
const decimal = /^\d+(\.\d+)?$/;

export const text: Parse<string> = (value) => value;

/** A name that is shown to people: one line. */
export const title: Parse<string> = (value) => {
  if (value.length > 100 || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value))
    throw new InvalidValue('at most 100 characters, without control characters');
  return value;
};

/** A decimal number from `min` to `max`; `whole` for integers only. */
export function number(min: number, max: number, { whole = false, unit = '' } = {}): Parse<number> {
  const expected = `a ${whole ? 'whole ' : ''}number${unit && ` of ${unit}`} from ${min} to ${max}`;
  return (value) => {
    const parsed = decimal.test(value) ? Number(value) : Number.NaN;
    if (!(parsed >= min && parsed <= max) || (whole && !Number.isInteger(parsed))) throw new InvalidValue(expected);
    return parsed;
  };
}

/** One of the keys, in any case. */
export function oneOf<T>(choices: Readonly<Record<string, T>>): Parse<T> {
  const names = Object.keys(choices);
  return (value) => {
    const name = names.find((known) => known.toLowerCase() === value.toLowerCase());
    if (name === undefined) throw new InvalidValue(`one of ${names.join(', ')}`);
    return choices[name] as T;
  };
}

export const toggle = oneOf({
  true: true,
  false: false,
  on: true,
  off: false,
  yes: true,
  no: false,
  1: true,
  0: false,
});

/** Items between commas, without the empty ones. */
export function list<T>(item: Parse<T>): Parse<readonly T[]> {
  return (value) => Object.freeze(value.split(',').flatMap((part) => (part.trim() === '' ? [] : [item(part.trim())])));
}

/** The name of an object that must be a DNS label. Services also start with a letter. */
export function objectName({ startsWithLetter = false } = {}): Parse<string> {
  return (value) => {
    if (value.length > 63 || !dnsLabel.test(value) || (startsWithLetter && !/^[a-z]/.test(value)))
      throw new InvalidValue(
        `at most 63 lower-case letters, digits and dashes, ${startsWithLetter ? 'a letter first' : 'no dash first or last'}`,
      );
    return value;
  };
}

/** A DNS label in which `{suite}` stands for the suite's name. */
export const namespacePattern: Parse<string> = (value) => {
  const filled = value.replaceAll('{suite}', 'x');
  if (filled.length > 63 || !dnsLabel.test(filled))
    throw new InvalidValue(
      'at most 63 lower-case letters, digits and dashes; {suite} stands for the name of the suite',
    );
  return value;
};

/** A name such as an image pull secret's: labels with dots between them. */
export const subdomain: Parse<string> = (value) => {
  if (value.length > 253 || !value.split('.').every((label) => dnsLabel.test(label)))
    throw new InvalidValue('names of lower-case letters, digits, dashes and dots, with commas between them');
  return value;
};

/** `namespace/name` */
export const namespacedName: Parse<{ readonly namespace: string; readonly name: string }> = (value) => {
  const [namespace = '', name = '', ...more] = value.split('/');
  if (more.length > 0 || !dnsLabel.test(namespace) || !name.split('.').every((label) => dnsLabel.test(label)))
    throw new InvalidValue('a namespace and a name with a slash between them');
  return Object.freeze({ namespace, name });
};

export const host: Parse<string> = (value) => {
  if (isIP(value) === 0 && !hostname.test(value))
    throw new InvalidValue('a host name or an IP address, without a port');
  return value;
};

/** A host name, `*.` before it for those below it, or `*` for all. Lower case. */
export const allowedHost: Parse<string> = (value) => {
  const name = value.startsWith('*.') ? value.slice(2) : value;
  if (value !== '*' && (!hostname.test(name) || name.endsWith('.')))
    throw new InvalidValue(
      'host names without a port, with commas between them; *.example.net stands for those below it',
    );
  return value.toLowerCase();
};

/** A path below a host; without a slash at its end. */
export const path: Parse<string> = (value) => {
  const bare = value.replace(/\/+$/, '');
  if (!/^(\/[\w.~-]+)*$/.test(bare))
    throw new InvalidValue('a path of letters, digits and . _ ~ - that begins with a slash');
  return bare;
};

export const domain: Parse<string> = (value) => {
  if (!hostname.test(value)) throw new InvalidValue('a DNS name');
  return value;
};

/** Second labels that make `name.label` a name of the world's DNS, or of a company's. Two letters are a country's. */
const topLevels =
  /^(com|net|org|edu|gov|mil|int|arpa|info|biz|name|dev|app|cloud|online|site|tech|xyz|shop|store|test|example|internal|intranet|local|localdomain|lan|home|corp|private|onion|xn--[a-z0-9-]+|[a-z]{2})$/i;

/**
 * A name with its domain: nothing is added to it, as a pod's search list would. `kubernetes.default` lacks the rest; a dot at the end says
 * that nothing is missing.
 */
export const fullName: Parse<string> = (value) => {
  const name = domain(value);
  const labels = name.split('.');
  if (name.endsWith('.')) return name;
  const lacksDomain = labels.at(-1)?.toLowerCase() === 'svc' || labels.length === 1;
  if (lacksDomain || (labels.length === 2 && !topLevels.test(labels[1] ?? '')))
    throw new InvalidValue('a DNS name with its domain (one that is whole may say so with a dot at its end)');
  return name;
};

/** `address`, `address:port`, `[v6]` or `[v6]:port`, as Resolver.setServers takes them. */
export const dnsServer: Parse<string> = (value) => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(value) ?? [];
  const fits =
    isIP(value) === 6 ||
    ((isIP(bracketed ?? '') === 6 || isIP(plain ?? '') === 4) && (port === undefined || inPortRange(Number(port))));
  if (!fits) throw new InvalidValue('IP addresses, each with a port if it is not 53, with commas between them');
  return value;
};

/** An http or https URL. Returned without a slash at its end. */
export function httpUrl({ credentials, instead = '' }: { credentials: boolean; instead?: string }): Parse<string> {
  return (value) => {
    const url = URL.parse(value);
    if (!url || !/^https?:$/.test(url.protocol)) throw new InvalidValue('a URL that starts with http:// or https://');
    if (!credentials && (url.username || url.password))
      throw new InvalidValue(`a URL without user and password${instead && `; ${instead}`}`);
    if (url.search || url.hash) throw new InvalidValue('a URL without ? and #');
    return url.href.replace(/\/+$/, '');
  };
}

/** An http or https URL as it is given out by who receives: its path and its query may be secret, and are kept as they are. */
export const webhook: Parse<string> = (value) => {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol) || url.hash)
    throw new InvalidValue('a URL that starts with http:// or https://, without #');
  return url.href;
};

/** `host[:port][/path]`, the prefix of an image name. */
export const imageRegistry: Parse<string> = (value) => {
  const bare = value.replace(/\/+$/, '');
  if (!/^[A-Za-z0-9.-]+(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(bare))
    throw new InvalidValue('a registry host, with a port and a path where it has them, without https://');
  return bare;
};

/** `[host[:port]/]path[:tag][@digest]`. Source: the grammar of distribution/reference. */
export const imageName: Parse<string> = (value) => {
  const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  const syntax = `^(?:[A-Za-z0-9.-]+(?::\\d+)?/)?${part}(?:/${part})*(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`;
  if (value.length > 500 || !new RegExp(syntax).test(value))
    throw new InvalidValue('the name of an image, with its registry and its tag or digest, without https://');
  return value;
};

/** A cron expression of five fields, or six with seconds first, that will fire again. */
export const cron: Parse<string> = (value) => {
  let next: Date | null;
  try {
    next = new Cron(value, { paused: true }).nextRun();
  } catch (error) {
    throw new InvalidValue(`a cron expression (${error instanceof Error ? error.message : String(error)})`);
  }
  if (next === null) throw new InvalidValue('a cron expression that will fire again');
  return value;
};

/** An IANA time zone, such as Europe/Berlin. */
export const timeZone: Parse<string> = (value) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone && value;
  } catch {
    throw new InvalidValue('an IANA time zone, since a schedule is set');
  }
};

/** In any case; names have none. */
export const suiteName: Parse<string> = (value) => {
  const name = value.toLowerCase();
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new InvalidValue('names of suites with commas between them');
  return name;
};

/** What may stand after `Bearer ` in a request. */
export const token: Parse<string> = (value) => {
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(value))
    throw new InvalidValue('a token of letters, digits and . _ ~ + / - (not empty; leave it unset for none)');
  return value;
};

function inPortRange(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
