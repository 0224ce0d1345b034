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
    description: 'Port to listen on; wins over FLASK_PORT',
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
    description: 'Address to listen on; ::, every address of both families, or of IPv4 where there is no other',
    example: '127.0.0.1',
    parse: a.host,
  },
  BASE_PATH: {
    default: '',
    description:
      'Path that a proxy serves the page below, such as /e2e; unset: X-Forwarded-Prefix says it, or links hold anywhere',
    example: '/e2e',
    parse: a.path,
  },
  ALLOWED_HOSTS: {
    default: '',
    description:
      'Names, with commas between them, that browsers reach the page under by plain HTTP; addresses, localhost and Services of the cluster need not be there',
    example: 'e2e.example.net,*.corp.example.net',
    parse: a.list(a.allowedHost),
  },
  RUN_TOKEN: {
    default: '',
    description:
      'Bearer token that POST /run, POST /update and PUT /results ask for; sent to REPORT_URL unless REPORT_TOKEN is set',
    example: '$(openssl rand -hex 32)',
    parse: a.token,
    secret: true,
  },
  RUN_TOKEN_FILE: {
    default: '',
    description: 'File that holds RUN_TOKEN',
    example: '/etc/kube-e2etests/token',
    parse: a.text,
  },
  REPORT_URL: {
    default: '',
    description: 'Another process, which gets every finished step and run to show',
    example: 'http://kube-e2etests.monitoring:8081',
    parse: a.httpUrl({ credentials: false }),
  },
  REPORT_TOKEN: {
    default: '',
    description: 'Bearer token for REPORT_URL where it is not RUN_TOKEN, as in a process whose own runs ask for none',
    example: '$(openssl rand -hex 32)',
    parse: a.token,
    secret: true,
  },
  STATSD_HOST: {
    default: '',
    description: 'Host of a statsd daemon; unset: no statsd',
    example: 'localhost',
    parse: a.host,
  },
  STATSD_PORT: {
    default: '8125',
    description: 'Its UDP port',
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
