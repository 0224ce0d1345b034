/** WATCH: every change after a version, until the client, the server or time ends it. */
import { expired } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { KubeObject } from '../store/objects.ts';
import { apiVersionOf } from '../store/resources.ts';
import type { Change } from '../store/store.ts';
import { matcher, parseVersion } from './read.ts';
import { formatOf, present } from './representation.ts';
import { isOn, type ResourceRequest } from './request.ts';

/** Real servers end a watch after 30 to 60 minutes. */
const longestSeconds = 1800;

export function watch(cluster: Cluster, request: ResourceRequest): undefined {
  const { store, timers, timing } = cluster;
  const { resource, query, response, namespace } = request;
  const matches = matcher(request);
  const from = parseVersion(query.get('resourceVersion'));
  const stream = openStream(cluster, request);
  const pass = (change: Change): void => {
    if (change.plural !== resource.plural || change.version <= from) return;
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return;
    const is = change.type !== 'DELETED' && matches(change.object);
    const was = change.previous !== undefined && matches(change.previous);
    if (is) stream.object(was ? 'MODIFIED' : 'ADDED', change.object);
    else if (was) stream.object('DELETED', lastState(change));
  };

  const missed = from > 0 ? store.changesSince(from) : [];
  if (!missed) return void stream.gone(from);
  if (from === 0) {
    for (const object of store.list(resource.plural, namespace)) if (matches(object)) stream.object('ADDED', object);
    if (isOn(query.get('sendInitialEvents'))) stream.bookmark({ 'k8s.io/initial-events-end': 'true' });
  }
  for (const change of missed) pass(change);

  const seconds = Number(query.get('timeoutSeconds')) || longestSeconds;
  const ends = [
    store.subscribe(pass),
    timers.after(seconds * 1000, () => response.end()),
    disturbWatch(cluster, stream, from),
  ];
  if (isOn(query.get('allowWatchBookmarks'))) ends.push(timers.every(timing.bookmarkMs, () => stream.bookmark()));
  const stop = (): void => {
    for (const end of ends.splice(0)) end();
  };
  response.once('close', stop).once('finish', stop);
  return undefined;
}

interface Stream {
  object(type: string, object: KubeObject): void;
  bookmark(annotations?: Record<string, string>): void;
  /** Ends it with 410 in an event. */
  gone(from: number): void;
  /** Cuts the connection. */
  drop(): void;
}

function openStream({ store, faults, now }: Cluster, { incoming, resource, response }: ResourceRequest): Stream {
  const format = formatOf(incoming);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
  response.flushHeaders();
  const send = (type: string, object: object): void => {
    if (!response.writableEnded) response.write(`${JSON.stringify({ type, object })}\n`);
  };
  let header = true;
  return {
    object: (type, object) => {
      if (faults.on('watch-silent')) return;
      send(type, present(resource, object, format, now(), header));
      header = false;
    },
    bookmark: (annotations) => {
      if (faults.on('watch-silent')) return;
      const metadata = {
        resourceVersion: String(store.version),
        creationTimestamp: null,
        ...(annotations && { annotations }),
      };
      send('BOOKMARK', { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata });
    },
    gone: (from) => {
      send('ERROR', expired(`too old resource version: ${from} (${store.version})`).status());
      response.end();
    },
    drop: () => response.destroy(),
  };
}

/** The faults that end watches, those already open included. Returns how to stop it. */
function disturbWatch({ faults, timers }: Cluster, stream: Stream, from: number): () => void {
  const ends: (() => void)[] = [];
  const arm = (): void => {
    const drop = faults.options('watch-drop');
    if (drop) ends.push(timers.after(Number(drop.seconds) * 1000, stream.drop));
    const gone = faults.options('watch-gone');
    if (gone) ends.push(timers.after(Number(gone.seconds) * 1000, () => stream.gone(from)));
  };
  arm();
  ends.push(faults.onChange((name) => (name === 'watch-drop' || name === 'watch-gone') && arm()));
  return () => {
    for (const end of ends.splice(0)) end();
  };
}

/** Of an object that is deleted, or that the selector does not pick any more. */
function lastState({ type, object, previous, version }: Change): KubeObject {
  if (type === 'DELETED' || !previous) return object;
  return { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } };
}
