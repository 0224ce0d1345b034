/** Where the process listens, whom it answers and whom it reports to. */
import type { Setting } from './setting.ts';
import * as a from './values.ts';

const logLevels = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'fatal',
  SILENT: 'silent',
  WARN: 'warn',
  FATAL: 'fatal',
} as const;

export const edgeSettings = {
  PORT: {
    default: '',
    description: 'Port to listen on. Takes precedence over FLASK_PORT',
    example: '8080',
    parse: a.number(0, 65_535, { whole: true }),
  },
  FLASK_PORT: {
    default: '8081',
    description: 'Port to listen on',
    example: '8081',
    parse: a.number(0, 65_535, { whole: true }),
  },
  HOST: {
    default: '::',
    description: 'Address to listen on. :: is every address, IPv6 and IPv4',
    example: '127.0.0.1',
    parse: a.host,
  },
  BASE_PATH: {
    default: '',
    description:
      'Path prefix under which a proxy serves the page, such as /e2e. Default: X-Forwarded-Prefix where it is sent. Links are relative',
    example: '/e2e',
    parse: a.path,
  },
  ALLOWED_HOSTS: {
    default: '',
    description:
      'Host names under which browsers open the page over plain HTTP, separated by commas. IP addresses, localhost and Services of the cluster are always allowed',
    example: 'e2e.example.net,*.corp.example.net',
    parse: a.list(a.allowedHost),
  },
  RUN_TOKEN: {
    default: '',
    description:
      'Bearer token that POST /run, POST /update, PUT /results, POST and DELETE /maintenance require. Also sent to REPORT_URL, unless REPORT_TOKEN is set',
    example: '$(openssl rand -hex 32)',
    parse: a.token,
    secret: true,
  },
  RUN_TOKEN_FILE: {
    default: '',
    description: 'File that contains RUN_TOKEN',
    example: '/etc/kube-e2etests/token',
    parse: a.text,
  },
  REPORT_URL: {
    default: '',
    description: 'URL of another process of this tool, which shows every finished step and run of this one',
    example: 'http://kube-e2etests.monitoring:8081',
    parse: a.httpUrl({ credentials: false, instead: 'RUN_TOKEN is sent' }),
  },
  REPORT_TOKEN: {
    default: '',
    description: 'Bearer token for REPORT_URL, where it is not RUN_TOKEN',
    example: '$(openssl rand -hex 32)',
    parse: a.token,
    secret: true,
  },
  STATSD_HOST: {
    default: '',
    description: 'Host of a statsd daemon. Default: no statsd',
    example: 'localhost',
    parse: a.host,
  },
  STATSD_PORT: {
    default: '8125',
    description: 'UDP port of the statsd daemon',
    example: '8125',
    parse: a.number(1, 65_535, { whole: true }),
  },
  LOG_LEVEL: {
    default: 'INFO',
    description: 'DEBUG, INFO, WARNING, ERROR, CRITICAL or SILENT',
    example: 'DEBUG',
    parse: a.oneOf(logLevels),
  },
} as const satisfies Record<string, Setting<unknown>>;
