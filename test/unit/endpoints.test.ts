import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1EndpointSlice } from '@kubernetes/client-node';
import { wantedAddresses } from '../../runtime/kube/kinds/service.ts';
import { sliceView } from '../../runtime/kube/kinds/views.ts';
import { aPod } from '../pods.ts';

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

test('the addresses wanted of a service are those of its families, and of pods that have them', () => {
  const pods = [aPod('both', { ip: '10.244.1.2', ips: ['10.244.1.2', 'fd00::2'] }), aPod('one', { ip: '10.244.2.2' })];
  assert.deepEqual(wantedAddresses(pods, ['IPv4', 'IPv6']), ['10.244.1.2', '10.244.2.2', 'fd00::2']);
  assert.deepEqual(wantedAddresses(pods.slice(0, 1), ['IPv6']), ['fd00::2']);
  assert.deepEqual(wantedAddresses(pods, undefined), ['10.244.1.2', '10.244.2.2']);
});

test('a slice that nobody owns leads there as well, but is not the word of the controller', () => {
  assert.equal(sliceView('web', [slice(undefined, '10.244.1.9')], 'new').exists, false);
  const slices = [slice('new', '10.244.1.2'), slice(undefined, '10.244.1.9')];
  const { exists, addresses, foreign } = sliceView('web', slices, 'new');
  assert.equal(exists, true);
  assert.deepEqual(addresses, ['10.244.1.2', '10.244.1.9']);
  assert.deepEqual(foreign, [{ slice: 'web-1', by: undefined, addresses: ['10.244.1.9'] }]);
});
