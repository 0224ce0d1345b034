/** Events: equal ones are counted, as client-go's recorder does, and the newest are kept. */

import type { NewEvent } from './cluster.ts';
import type { Event } from './store/objects.ts';
import { apiVersionOf, resourceOfKind } from './store/resources.ts';
import { instant, type Store } from './store/store.ts';

/** A real cluster keeps an hour's; this bounds the memory of one that is used hard. */
const kept = 1000;

export function createEventRecorder(store: Store, now: () => number): (added: NewEvent) => void {
  const order: string[] = [];
  const known = new Map<string, { name: string; namespace: string }>();

  return (added) => {
    const { metadata, kind } = added.about;
    const namespace = metadata.namespace ?? 'default';
    if (store.get('namespaces', namespace)?.metadata.deletionTimestamp) return;
    const at = instant(now());
    const key = [metadata.uid, added.reason, added.message, added.fieldPath].join('\n');
    const before = known.get(key);
    const counted =
      before &&
      store.change('events', before, (event) => {
        event.count += 1;
        event.lastTimestamp = at;
      });
    if (counted) return;

    const name = `${metadata.name}.${process.hrtime.bigint().toString(16)}`;
    const resource = resourceOfKind(kind);
    const event: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace, uid: '', resourceVersion: '', creationTimestamp: '' },
      involvedObject: {
        kind,
        ...(metadata.namespace && { namespace: metadata.namespace }),
        name: metadata.name,
        uid: metadata.uid,
        apiVersion: resource ? apiVersionOf(resource) : added.about.apiVersion,
        resourceVersion: metadata.resourceVersion,
        ...(added.fieldPath && { fieldPath: added.fieldPath }),
      } as Event['involvedObject'],
      reason: added.reason,
      message: added.message,
      source: { component: added.by, ...(added.node && { host: added.node }) },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      type: added.type,
      eventTime: null,
      reportingComponent: added.by,
      reportingInstance: added.node ?? '',
    };
    store.create('events', event);
    known.set(key, { name, namespace });
    order.push(key);
    if (order.length > kept) forgetOldest();
  };

  function forgetOldest(): void {
    const key = order.shift()!;
    const at = known.get(key);
    known.delete(key);
    const event = at && store.get('events', at.name, at.namespace);
    if (event) store.remove('events', event);
  }
}
