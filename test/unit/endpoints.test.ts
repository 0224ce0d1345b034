import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1EndpointSlice } from '@kubernetes/client-node';
import { sliceView } from '../../runtime/kube/views.ts';

const slice = (owner: string | undefined, ...addresses: string[]): V1EndpointSlice => ({
  addressType: 'IPv4',
  metadata: {
    name: 'web-1',
    ...(owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: owner }] }),
  },
  endpoints: addresses.map((address) => ({ addresses: [address] })),
});

test('a slice that an earlier service of that name left behind is not of this one', () => {
  const { exists, addresses } = sliceView('web', [slice('old', '10.244.1.2')], 'new');
  assert.equal(exists, false);
  assert.deepEqual(addresses, []);
});

test('a slice that nobody owns leads there as well, but is not the word of the controller', () => {
  assert.equal(sliceView('web', [slice(undefined, '10.244.1.9')], 'new').exists, false);
  const slices = [slice('new', '10.244.1.2'), slice(undefined, '10.244.1.9')];
  const { exists, addresses, foreign } = sliceView('web', slices, 'new');
  assert.equal(exists, true);
  assert.deepEqual(addresses, ['10.244.1.2', '10.244.1.9']);
  assert.deepEqual(foreign, [{ slice: 'web-1', by: undefined, addresses: ['10.244.1.9'] }]);
});
