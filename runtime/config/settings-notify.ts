/** Who is told when the headline changes. */
import type { Setting } from './setting.ts';
import * as a from './values.ts';

const formats = { cloudevent: 'cloudevent', slack: 'slack', teams: 'teams', alertmanager: 'alertmanager' } as const;

export const notifySettings = {
  NOTIFY_URL: {
    default: '',
    description:
      'URL that gets a POST when something breaks and when it is over. For Alertmanager its base URL is enough. Default: nobody is told',
    example: 'https://hooks.example.net/services/x',
    parse: a.webhook,
    secret: true,
  },
  NOTIFY_FORMAT: {
    default: 'cloudevent',
    description: 'What NOTIFY_URL takes: cloudevent, slack, teams or alertmanager',
    example: 'slack',
    parse: a.oneOf(formats),
  },
  PAGE_URL: {
    default: '',
    description: 'URL under which people open the page; notices link to it',
    example: 'https://e2e.example.net',
    parse: a.httpUrl({ credentials: false }),
  },
} as const satisfies Record<string, Setting<unknown>>;
