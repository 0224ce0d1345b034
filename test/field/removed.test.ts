/** Test pods that somebody else removes while a suite looks at them: the cluster does its job. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Front, type FrontRequest, findingsIn, openFront, type Passing } from '../front.ts';

const roomy = { nodes: 4, zones: 4 };

/** A pod of the namespace that the request is about, which stands; the one that it names, where it names one. */
async function aPod(front: Front, { url }: FrontRequest): Promise<Passing> {
  const [, namespace = '', name] = /namespaces\/([^/]+)\/(?:pods\/([^/?]+))?/.exec(url) ?? [];
  const { body } = await front.direct('GET', `/api/v1/namespaces/${namespace}/pods`);
  const standing = body.items.filter((pod: Passing) => !pod.metadata.deletionTimestamp);
  return standing.find((pod: Passing) => !name || pod.metadata.name === name);
}

async function remove(front: Front, pod: Passing): Promise<void> {
  const { namespace, name } = pod.metadata;
  await front.direct('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, { gracePeriodSeconds: 0 });
}

interface Case {
  readonly suite: string;
  readonly when: string;
  /** Removes a pod before the request is answered. */
  readonly before?: RegExp;
  /** Removes one a moment after it was answered. */
  readonly after?: RegExp;
}

const cases: readonly Case[] = [
  { suite: 'http', when: 'right after its pods were listed', after: /\/pods\?labelSelector/ },
  { suite: 'http', when: 'before its log is read', before: /\/pods\/[^/]+\/log/ },
  { suite: 'http_update', when: 'before its log is read', before: /\/pods\/[^/]+\/log/ },
  { suite: 'deployment_service', when: 'before its endpoints are read', before: /\/endpointslices\?/ },
  { suite: 'deployment', when: 'before its zone is looked up', before: /\/nodes(\?|$)/ },
];

for (const { suite, when, before, after } of cases) {
  test(`${suite}: a pod that is removed ${when} turns nothing red`, async (t) => {
    const front = await openFront(t, { sandbox: roomy });
    const drive = await front.drive({ eventTimeoutSeconds: 6 });
    if (suite !== 'deployment') await drive.runOne(drive.suite(suite));
    let removed = false;
    front.hooks = {
      async answer(request) {
        const asked = request.method === 'GET' && !/watch=true/.test(request.url) ? request.url : '';
        if (removed || !(before ?? after)!.test(asked)) return undefined;
        const pod = await aPod(
          front,
          /\/nodes/.test(asked) ? { ...request, url: `/namespaces/${drive.namespaceOf(suite)}/` } : request,
        );
        if (!pod) return undefined;
        removed = true;
        if (before) await remove(front, pod);
        else setImmediate(() => void remove(front, pod));
        return undefined;
      },
    };
    const result = await drive.runOne(drive.suite(suite));
    assert.ok(removed, 'a pod was removed');
    assert.equal(result.status, 'passed', JSON.stringify(findingsIn(result)[0]?.message));
  });
}

for (const [reason, component, words, status] of [
  ['EvictionByEvictionAPI', 'setup', /evicted by the eviction API/, 'errored'],
  ['PreemptionByScheduler', 'capacity', /preempted for a pod of higher priority/, 'errored'],
  ['TerminationByKubelet', 'capacity', /kubelet, because of node pressure/, 'failed'],
] as const) {
  test(`pods that are removed again and again are told by what removes them: ${reason}`, async (t) => {
    const front = await openFront(t, { sandbox: roomy });
    const drive = await front.drive({ eventTimeoutSeconds: 4 });
    await drive.runOne(drive.suite('http'));
    const going = new Set<string>();
    front.hooks = {
      async answer(request) {
        // The kubelet has the log no more, and whoever lists the pod sees it go.
        const [, name] = /\/pods\/([^/]+)\/log/.exec(request.url) ?? [];
        if (!name) return undefined;
        going.add(name);
        return {
          status: 404,
          body: {
            kind: 'Status',
            code: 404,
            reason: 'NotFound',
            message: `pods "${name}" not found`,
            details: { kind: 'pods', name },
          },
        };
      },
      object(object) {
        if (object.kind === 'Pod' && going.has(object.metadata.name)) {
          object.metadata.deletionTimestamp = new Date().toISOString();
          object.status.conditions.push({ type: 'DisruptionTarget', status: 'True', reason });
        }
        return object;
      },
    };
    // Each take meets other pods.
    const { answer } = front.hooks;
    front.hooks.answer = async (request) => {
      if (request.method === 'GET' && /\/pods\?/.test(request.url) && going.size > 0) {
        const pods = [...going];
        await Promise.all(
          pods.map((name) =>
            front.direct('DELETE', `/api/v1/namespaces/${drive.namespaceOf('http')}/pods/${name}`, {}),
          ),
        );
      }
      return answer?.(request);
    };
    const result = await drive.runOne(drive.suite('http'));
    const [finding] = findingsIn(result);
    assert.equal(finding?.code, 'k8s.pods_removed', finding?.message);
    assert.match(finding?.message ?? '', words);
    assert.equal(result.status, status);
    assert.equal(result.diagnosis?.component, component);
  });
}
