import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, utimesSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';

/** `npm start`, until it says where it listens. */
async function npmStart(t: TestContext) {
  const { PATH, HOME } = process.env;
  const npm = spawn('npm', ['start'], { env: { PATH, HOME, PORT: '0', HOST: '127.0.0.1' }, detached: true });
  t.after(() => {
    // The whole group, whatever of it is left.
    if (npm.pid) spawn('kill', ['-9', '--', `-${npm.pid}`]);
  });
  const lines: string[] = [];
  let url: string | undefined;
  for await (const line of createInterface({ input: npm.stdout })) {
    lines.push(line);
    url = /"url":"(http:[^"]+)"/.exec(line)?.[1];
    if (url) break;
  }
  assert.ok(url, lines.join('\n'));
  return { npm, url, isBuilt: lines.some((line) => line.startsWith('dist/: ')), lines };
}

test('npm start builds where a source is newer than the build, and not again; ended by SIGTERM to npm alone, it leaves no server behind', {
  timeout: 120_000,
}, async (t) => {
  // As after a change of any source: the build is the older one.
  if (existsSync('dist/THIRD-PARTY-LICENSES')) utimesSync('dist/THIRD-PARTY-LICENSES', 0, 0);
  const first = await npmStart(t);
  assert.equal(first.isBuilt, true);
  first.npm.kill('SIGTERM');
  const { npm, url, isBuilt, lines } = await npmStart(t);
  assert.equal(isBuilt, false);
  assert.match(lines.at(-1)!, /"kubeconfig":"[^"]+kubeconfig"/, 'for kubectl');
  assert.equal((await fetch(`${url}livez`)).status, 200);
  const closed = once(npm.stdout, 'close');
  npm.stdout.resume();
  npm.kill('SIGTERM');
  // The server holds the other end of the pipe until it has ended.
  await closed;
  await assert.rejects(fetch(`${url}livez`));
});
