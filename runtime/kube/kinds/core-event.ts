import type { CoreV1Event } from '@kubernetes/client-node';
import type { Served } from '../client/served.ts';

export const events: Served<CoreV1Event> = { apiVersion: 'v1', kind: 'Event', plural: 'events' };
