/**
 * A cluster, reached by the client library. Only this file and credentials.ts load the library, and connect.ts loads them when the
 * process listens already: it is a third of the start.
 */
import {
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  DiscoveryV1Api,
  Observable,
  type ResponseContext,
  setHeaderOptions,
  V1MicroTime,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import type { RunScope } from '../../model/scope.ts';
import type { TestObjects } from '../kinds/test-objects.ts';
import { KubeSession } from '../session/session.ts';
import { createStartReader, type StartReader } from '../session/starts.ts';
import type { CallOptions, Calls } from './calls.ts';
import { type ClusterSource, loadCredentials } from './credentials.ts';
import { defectOf, NotKubernetes } from './errors.ts';
import { createIdentity, type Identity } from './identity.ts';
import { readLean } from './lean-list.ts';
import { Presence } from './presence.ts';
import type { Proxies } from './proxy.ts';

export interface ClusterOptions {
  readonly source: ClusterSource;
  /** What it is called; default: the context, or in-cluster. */
  readonly name?: string;
  readonly objects: TestObjects;
  /** How long the cluster may take for one thing asked of it; milliseconds. */
  readonly eventTimeoutMs: number;
  /** HTTPS_PROXY and its like; default none. */
  readonly proxies?: Proxies;
  /** How long an API server that never answered is tried; milliseconds, default as any other. */
  readonly firstContactMs?: number;
  /** Make missing test namespaces instead of ending errored. */
  readonly createNamespaces: boolean;
}

/** What the client library gives: its typed clients and its watch, all on one pool of connections, and what their calls take. */
export interface Apis {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly coordination: CoordinationV1Api;
  readonly discovery: DiscoveryV1Api;
  readonly watch: Watch;
  /** The options of a call that ends with the signal. */
  endedBy(signal: AbortSignal): CallOptions;
  /** The options of a call, with a header. */
  readonly withHeader: typeof setHeaderOptions;
  /** The options of a LIST whose answer may be large: read as it comes in, with what `keep` makes of each item; undefined leaves it out. */
  lean(options: CallOptions, keep: (item: never) => unknown): CallOptions;
  /** This instant, as a Lease has it. */
  now(): V1MicroTime;
}

/** A cluster, for as long as the process lives. */
export interface Cluster {
  openSession(scope: RunScope): KubeSession;
  readonly identity: Identity;
  /** What starts suites in the namespace this process is at home in. */
  starts(): StartReader;
  readonly home: string;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** Reads the credentials; sends nothing. Raises k8s.prerequisite_missing. */
export function openCluster(options: ClusterOptions): Cluster {
  const config = loadCredentials(options.source, options.proxies);
  const presence = new Presence({
    server: config.getCurrentCluster()?.server ?? '',
    isGiven: options.source.kind === 'kubeconfig',
    proxy: config.proxy,
    firstContactMs: options.firstContactMs,
  });
  const apis: Apis = {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    coordination: config.makeApiClient(CoordinationV1Api),
    discovery: config.makeApiClient(DiscoveryV1Api),
    watch: new Watch(config),
    endedBy: (signal) => endedBy(signal, (status) => presence.answered(status)),
    withHeader: setHeaderOptions,
    lean,
    now: () => new V1MicroTime(),
  };
  const slices = sliceDiscovery(apis.discovery);
  const context = config.getContextObject(config.getCurrentContext());
  const home = context?.namespace ?? 'default';
  return {
    openSession: (scope) => new KubeSession({ ...options, apis, scope, home, slices, presence, login: config }),
    identity: createIdentity({
      name: options.name ?? (options.source.kind === 'in-cluster' ? 'in-cluster' : config.getCurrentContext()),
      server: config.getCurrentCluster()?.server ?? '',
      versions: config.makeApiClient(VersionApi),
      endedBy: apis.endedBy,
    }),
    home,
    starts: () => createStartReader({ ...apis, custom: config.makeApiClient(CustomObjectsApi), namespace: home }),
    close: () => config.close(),
  };
}

/** `seen` is told the status of every answer. */
export function endedBy(signal: AbortSignal, seen?: (status: number) => void): CallOptions {
  const middleware: CallOptions['middleware'] = [
    {
      pre: (request) => {
        request.setSignal(signal as never);
        return new Observable(Promise.resolve(request));
      },
      post: (response) => {
        seen?.(response.httpStatusCode);
        return new Observable(Promise.resolve().then(() => ofKubernetes(response)));
      },
    },
  ];
  return { middleware, middlewareMergeStrategy: 'append' };
}

function lean(options: CallOptions, keep: (item: never) => unknown): CallOptions {
  const reading: NonNullable<CallOptions['middleware']>[number] = {
    pre: (request) => new Observable(Promise.resolve(request)),
    post: (response) => {
      const { httpStatusCode: status, body } = response as ResponseContext & { body: { stream?(): unknown } };
      const stream = status === 200 ? body.stream?.bind(body) : undefined;
      if (stream) {
        body.text = async () => {
          const list = await readLean(stream() as AsyncIterable<Uint8Array>, keep);
          if (!list) throw new NotKubernetes(status, `with something that is no list`);
          return JSON.stringify(list);
        };
      }
      return new Observable(Promise.resolve(response));
    },
  };
  return { ...options, middleware: [...(options.middleware ?? []), reading] };
}

/** The typed clients take any answer of 200 for what they asked for, a login page too. Throws NotKubernetes, at the latest when the body is read. */
function ofKubernetes(response: ResponseContext): ResponseContext {
  const { httpStatusCode: status, headers, body } = response;
  if (status < 200 || status > 299) return response;
  const type = headers['content-type'] ?? '';
  if (/html/.test(type)) throw new NotKubernetes(status, `with a page (${type.split(';', 1)[0]})`);
  if (!/json/.test(type)) return response;
  const text = body.text.bind(body);
  body.text = async () => {
    const json = await text();
    if (/"(kind|metadata|gitVersion)"/.test(json)) return json;
    throw new NotKubernetes(status, `with JSON of another make`);
  };
  return response;
}

/** Whether discovery.k8s.io/v1 is served (since 1.21): asked once per process, in the session that needs it first. */
export interface SliceDiscovery {
  readonly known: boolean | undefined;
  ask(calls: Calls, signal: AbortSignal, budgetMs: number): Promise<boolean>;
}

function sliceDiscovery(discovery: DiscoveryV1Api): SliceDiscovery {
  let known: boolean | undefined;
  return {
    get known() {
      return known;
    },
    async ask(calls, signal, budgetMs) {
      known ??= await calls.send(
        'get /apis/discovery.k8s.io/v1',
        {
          signal,
          budgetMs,
          onFailure: (failure) => {
            if (failure.status === 404) return false;
            throw defectOf(failure, 'get /apis/discovery.k8s.io/v1', 0);
          },
        },
        async (options) =>
          (await discovery.getAPIResources(options)).resources.some(({ name }) => name === 'endpointslices'),
      );
      return known;
    },
  };
}
