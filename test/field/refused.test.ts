/** What people set up refuses a pod, an object or a request: errored, in the refusal's own words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, status } from '../front.ts';

test('an answer of 403 is errored with the words of whoever refused', async (t) => {
  const words = 'configmaps "kubee2etestapp" is forbidden: by the house rules of this distribution';
  const front = await openFront(t, {
    answer: ({ method, url }) =>
      method !== 'GET' && url.includes('/configmaps') ? status(403, 'Forbidden', words) : undefined,
  });
  const result = await front.run('deployment');
  const [finding] = findingsIn(result);
  assert.equal(result.status, 'errored');
  assert.ok(finding?.message.includes(words), finding?.message);
});
