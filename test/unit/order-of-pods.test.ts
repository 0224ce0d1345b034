/** The order of numbered pods, and what must not be taken for disorder. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderOfPods } from '../../runtime/kube/kinds/order-of-pods.ts';
import { aPod } from '../pods.ts';

const named = (number: number, more: object = {}) => aPod(`web-${number}`, more);

test('what is made too early or goes too early is told, each once', () => {
  const order = new OrderOfPods('web', 3);
  order.see([named(0, { conditions: [] })]);
  order.see([named(0, { conditions: [] }), named(1, { conditions: [] })]);
  order.see([named(0), named(1), named(2)]);
  assert.deepEqual(order.wrongStarts, ['pod/web-1 was made before pod/web-0 was Ready']);
  order.shrinks();
  order.see([named(0), named(1, { deletedAt: '2026-01-01T00:00:00Z' }), named(2)]);
  order.see([named(0), named(2)]);
  assert.deepEqual(order.wrongEnds, ['pod/web-1 goes while pod/web-2 is there']);
});

test('one that is drained meanwhile went for another reason', () => {
  const order = new OrderOfPods('web', 3);
  order.see([named(0), named(1), named(2)]);
  order.shrinks();
  const drained = { deletedAt: '2026-01-01T00:00:00Z', conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
  order.see([named(0), named(1, drained), named(2)]);
  order.see([named(0), named(2)]);
  assert.deepEqual(order.wrongEnds, []);
});
