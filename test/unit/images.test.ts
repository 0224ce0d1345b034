import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outdated } from '../../runtime/kube/kinds/images.ts';
import { aContainer, aPod } from '../pods.ts';

const wanted = 'nginx:1.29-alpine';
const before = [aPod('old-1')];
const runningNew = aContainer({ image: `docker.io/library/${wanted}`, imageId: 'sha256:second' });

test('a pod that is asked to run the new image and runs it is fine', () => {
  assert.deepEqual(outdated([aPod('new-1', { image: wanted, containers: [runningNew] })], wanted, before), []);
});

test('a pod whose spec still names the old image is found', () => {
  const [defect] = outdated([aPod('new-1')], wanted, before);
  assert.equal(defect?.finding.code, 'k8s.image_not_updated');
  assert.match(defect?.message ?? '', /pod\/new-1 should run nginx:1.29-alpine, is asked to run nginx:1.28-alpine/);
});

test('a pod that is asked to run the new image but runs the old one is found', () => {
  assert.equal(outdated([aPod('new-1', { image: wanted })], wanted, before).length, 1);
});

test('a pod without a container status runs nothing', () => {
  const [defect] = outdated([aPod('new-1', { image: wanted, containers: [] })], wanted, before);
  assert.match(defect?.message ?? '', /runs nothing/);
});

test('a runtime may name the new digest by another of its tags', () => {
  const sameDigest = aContainer({ image: 'docker.io/library/nginx:stable', imageId: 'sha256:second' });
  assert.deepEqual(outdated([aPod('new-1', { image: wanted, containers: [sameDigest] })], wanted, before), []);
});

test('a sidecar that somebody injects is not judged', () => {
  const sidecar = aContainer({ name: 'proxy', image: 'proxy:1', imageId: 'sha256:proxy' });
  const old = [aPod('old-1', { containers: [sidecar, aContainer()] })];
  assert.deepEqual(outdated([aPod('new-1', { image: wanted, containers: [sidecar, runningNew] })], wanted, old), []);
  assert.equal(
    outdated([aPod('new-1', { image: wanted, containers: [sidecar, aContainer()] })], wanted, old).length,
    1,
  );
});

test('a webhook may name the image by a mirror, or by its digest', () => {
  const mirrored = `mirror.example.com/library/${wanted}`;
  for (const image of [mirrored, `${wanted}@sha256:second`, 'nginx@sha256:second'])
    assert.deepEqual(outdated([aPod('new-1', { image, containers: [runningNew] })], wanted, before), [], image);
  const pinned = [aPod('old-1', { image: 'nginx@sha256:first' })];
  assert.equal(outdated([aPod('new-1', { image: 'nginx@sha256:first' })], wanted, pinned).length, 1);
});

test('a pod being deleted is not judged', () => {
  assert.deepEqual(outdated([aPod('old-1', { deletedAt: 'then' })], wanted, before), []);
});
