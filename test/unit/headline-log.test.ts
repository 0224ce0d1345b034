import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import { createStore } from '../../runtime/memory/store.ts';
import type { Diagnosis } from '../../runtime/model/diagnosis.ts';
import { createHeadlineLog } from '../../runtime/sinks/log.ts';
import { aFailedRun, aRun, eventsOf } from '../results.ts';

test('the log says once that something is broken, once that it is something else, and once that it is over', () => {
  const store = createStore({ headlineOf });
  const lines: string[] = [];
  const take = (level: string) => (_: object, message: string) => lines.push(`${level} ${message}`);
  const log = createHeadlineLog({ info: take('info'), warn: take('warn') });
  store.subscribe(() => log(store.headline));
  const run = (component: Diagnosis['component'] | undefined, part?: string) => {
    const diagnosis = component && {
      component,
      part,
      confidence: 'likely' as const,
      sentence: 'It is.',
      evidence: [],
      rule: 'r',
    };
    const result = diagnosis ? aFailedRun('http', { diagnosis }) : aRun('http');
    for (const event of eventsOf(result)) store.record(event);
  };
  run(undefined);
  run('controller-manager', 'endpoints');
  run('controller-manager', 'deployment');
  run('kubelet', 'node2');
  run(undefined);
  run(undefined);
  assert.deepEqual(lines, [
    'warn Broken: controller-manager (endpoints): It is.',
    'info No longer the headline: controller-manager (deployment)',
    'warn Broken: kubelet (node2): It is.',
    'info No longer broken: kubelet (node2)',
  ]);
});
