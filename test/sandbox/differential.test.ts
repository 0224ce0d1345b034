import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type Played, play } from './calls.ts';
import { startBench } from './kit.ts';

test('answers every recorded call as the real cluster did', async (t) => {
  const api = await startBench(t);
  const recorded: Played[] = JSON.parse(await readFile(new URL('recorded.json', import.meta.url), 'utf8'));
  const played = await play(api, 'differential');
  assert.deepEqual(
    played.map(({ title }) => title),
    recorded.map(({ title }) => title),
    'The list of calls has changed: record it anew, see test/cluster/differential.test.ts',
  );
  for (const [index, answer] of played.entries()) assert.deepEqual(answer, recorded[index]);
});
