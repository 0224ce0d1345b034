import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, statusOf, withSkipped } from '../../runtime/run/verdict.ts';
import { aFinding, aStep } from '../results.ts';

const ours = aFinding({ code: 'api.forbidden', blame: 'us' });

test('nothing found: passed', () => {
  assert.equal(statusOf([]), 'passed');
});

test('findings about us alone make it errored, never failed', () => {
  assert.equal(statusOf([ours, ours]), 'errored');
});

test('a finding about the cluster makes it failed, whatever else was found', () => {
  assert.equal(statusOf([ours, aFinding()]), 'failed');
});

test('a clean-up that went wrong does not change the verdict', () => {
  assert.equal(judge([aStep('Create Service'), aStep('Clean up', 'failed', { kind: 'cleanup' })]), 'passed');
});

test('a recovery that went wrong does', () => {
  assert.equal(judge([aStep('Take the namespace', 'failed', { kind: 'recovery' })]), 'failed');
});

test('steps that were never reached are skipped, in their order, before the clean-up', () => {
  const ran = [aStep('One', 'failed'), aStep('Clean up', 'passed', { kind: 'cleanup' })];
  const steps = withSkipped(ran, ['One', 'Two', 'Three']).map(({ name, status }) => `${name} ${status}`);
  assert.deepEqual(steps, ['One failed', 'Two skipped', 'Three skipped', 'Clean up passed']);
});
