import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { objectName } from '../../runtime/kube/session/object-name.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const alphabet = fc.constantFrom(...'abcxyz019-');
/** Namespaces of every length that there can be, with dashes wherever they may stand. */
const namespaces = fc
  .array(alphabet, { minLength: 1, maxLength: 63 })
  .map((letters) => letters.join(''))
  .filter((name) => dnsLabel.test(name));

test('a name that fits is the prefix, a dash and the rest', () => {
  assert.equal(objectName('kube-e2etests', 'kubee2etests-http'), 'kube-e2etests-kubee2etests-http');
});

test('a name of any length is a DNS label, also where the cut would fall on a dash', () => {
  const namespace = 'platform-monitoring-prod-eu-west-1-e2e-tests-xyz-service';
  assert.equal(`kube-e2etests-${namespace}`.slice(0, 63).at(-1), '-');
  assert.match(objectName('kube-e2etests', namespace), dnsLabel);
  fc.assert(fc.property(namespaces, (name) => dnsLabel.test(objectName('kube-e2etests', name))));
});

test('two long names that begin alike stay two', () => {
  const long = 'n'.repeat(60);
  assert.notEqual(objectName('kube-e2etests', `${long}-a`), objectName('kube-e2etests', `${long}-b`));
  assert.equal(objectName('kube-e2etests', `${long}-a`), objectName('kube-e2etests', `${long}-a`));
});
