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
  const { store, faults, timers, now } = cluster;
  const { resource, query, response, namespace } = request;
  const format = formatOf(request.incoming);
  const matches = matcher(request);
  const given = query.get('resourceVersion');
  const from = parseVersion(given);

  let header = true;
  const send = (type: string, object: object): void => {
    if (!faults.on('watch-silent')) response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const sendObject = (type: string, object: KubeObject): void => {
    send(type, present(resource, object, format, now(), header));
    header = false;
  };
  const pass = (change: Change): void => {
    if (change.plural !== resource.plural || change.version <= from) return;
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return;
    const is = change.type !== 'DELETED' && matches(change.object);
    const was = change.previous !== undefined && matches(change.previous);
    if (is) sendObject(was ? 'MODIFIED' : 'ADDED', change.object);
    else if (was)
      sendObject('DELETED', change.type === 'DELETED' ? change.object : withVersion(change.previous!, change.version));
  };
  const bookmark = (annotations?: Record<string, string>): void => {
    const metadata = {
      resourceVersion: String(store.version),
      creationTimestamp: null,
      ...(annotations && { annotations }),
    };
    send('BOOKMARK', { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata });
  };

  response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
  response.flushHeaders();
  const gone = (message: string): void => {
    response.write(`${JSON.stringify({ type: 'ERROR', object: expired(message).status() })}\n`);
    response.end();
  };

  const missed = from > 0 ? store.changesSince(from) : [];
  if (!missed) return void gone(`too old resource version: ${from} (${store.version})`);
  if (from === 0)
    for (const object of store.list(resource.plural, namespace)) if (matches(object)) sendObject('ADDED', object);
  if (from === 0 && isOn(query.get('sendInitialEvents'))) bookmark({ 'k8s.io/initial-events-end': 'true' });
  for (const change of missed) pass(change);

  const ends = [store.subscribe(pass)];
  if (isOn(query.get('allowWatchBookmarks'))) ends.push(timers.every(cluster.timing.bookmarkMs, bookmark));
  const seconds = Number(query.get('timeoutSeconds') ?? longestSeconds) || longestSeconds;
  ends.push(timers.after(seconds * 1000, () => response.end()));
  const arm = (): void => {
    const drop = faults.options('watch-drop');
    if (drop) ends.push(timers.after(Number(drop.seconds) * 1000, () => response.destroy()));
    const end = faults.options('watch-gone');
    if (end)
      ends.push(
        timers.after(Number(end.seconds) * 1000, () => gone(`too old resource version: ${from} (${store.version})`)),
      );
  };
  arm();
  ends.push(faults.onChange((name) => name.startsWith('watch-') && arm()));
  const stop = (): void => {
    for (const end of ends.splice(0)) end();
  };
  response.once('close', stop);
  response.once('finish', stop);
  return undefined;
}

function withVersion(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}
