/** An API server that restarts: whoever works by it needs a while to come back. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Front, findingsIn, openFront } from '../front.ts';

/** Cuts everything for a second from the moment the deployment is made, and stops the scheduler meanwhile. */
function restarting(front: Front, t: TestContext, whenBack: () => unknown): void {
  let isAway = false;
  front.hooks = {
    answer({ method, url }) {
      if (method === 'GET' && url.includes('/pods') && url.includes('watch=true') && !isAway) {
        isAway = true;
        void pause(1_000, undefined, { ref: false }).then(() => {
          front.hooks = {};
          whenBack();
        });
      }
      return isAway ? 'cut' : undefined;
    },
  };
  front.sandbox.faults.set('scheduler-down', { on: true });
  t.after(() => front.sandbox.faults.set('scheduler-down', { on: false }));
}

test('a scheduler that comes back later than an API server turns nothing red', async (t) => {
  const front = await openFront(t);
  restarting(front, t, () =>
    setTimeout(() => front.sandbox.faults.set('scheduler-down', { on: false }), 2_000).unref(),
  );
  const result = await front.run('deployment', { eventTimeoutSeconds: 2 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  const notes = result.steps.flatMap((step) => step.notes);
  assert.match(
    notes.join('\n'),
    /The API server was away from [\d:]+ to [\d:]+ \(.+\); what is waited for has 2 s more/,
  );
});

test('one that does not come back is named with the restart, and not for certain', async (t) => {
  const front = await openFront(t);
  restarting(front, t, () => undefined);
  const result = await front.run('deployment', { eventTimeoutSeconds: 2 });
  assert.equal(result.status, 'failed');
  assert.deepEqual([result.diagnosis?.component, result.diagnosis?.confidence], ['scheduler', 'possible']);
  assert.match(
    result.diagnosis?.sentence ?? '',
    /^API server restarted at [\d:]+ UTC, scheduler has not come back since: /,
  );
  const waited = result.steps.find(({ name }) => name === 'Wait on pod scheduling')?.durationMs ?? 0;
  assert.ok(waited > 3_000 && waited < 8_000, `${waited}`);
});

test('a scheduler that stands still beside a healthy API server is named for certain', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('scheduler-down', { on: true });
  const result = await front.run('deployment', { eventTimeoutSeconds: 2 });
  assert.deepEqual([result.diagnosis?.component, result.diagnosis?.confidence], ['scheduler', 'certain']);
});
