/** Custom resources against the schemas of their CRDs, strictly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchemas, noCrds, problemsOf } from '../deploy/crds.ts';
import { build, everything, noKubectl, ofKind } from '../deploy/manifests.ts';

const skip = noKubectl || noCrds;
const builtIn = /^(v1|apps\/v1|batch\/v1|policy\/v1|networking\.k8s\.io\/v1|rbac\.authorization\.k8s\.io\/v1)$/;

test('every custom resource fits its CRD, and no field of it is unknown', { skip }, () => {
  const schemas = loadSchemas();
  const kinds = new Set<string>();
  for (const { from, manifest } of everything()) {
    if (builtIn.test(manifest.apiVersion)) continue;
    kinds.add(manifest.kind);
    assert.deepEqual(problemsOf(schemas, manifest), [], `${from} ${manifest.kind}/${manifest.metadata.name}`);
  }
  assert.deepEqual([...kinds].sort(), ['Certificate', 'PingSource', 'PrometheusRule', 'Service', 'ServiceMonitor']);
});

test('a field that does not exist and a wrong type are found', { skip }, () => {
  const schemas = loadSchemas();
  const [service] = ofKind(build('knative'), 'serving.knative.dev/v1', 'Service');
  const planted = structuredClone(service)!;
  planted.spec.template.spec.timeoutSecond = 300;
  planted.spec.template.spec.containerConcurrency = 'one';
  const problems = problemsOf(schemas, planted)!.join('\n');
  assert.match(problems, /timeoutSecond/);
  assert.match(problems, /containerConcurrency must be integer/);
});
