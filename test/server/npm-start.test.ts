import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

test('npm start, ended by SIGTERM to npm alone, leaves no server behind', { timeout: 60_000 }, async (t) => {
  const { PATH, HOME } = process.env;
  const npm = spawn('npm', ['start'], { env: { PATH, HOME, PORT: '0', HOST: '127.0.0.1' }, detached: true });
  t.after(() => {
    // The whole group, whatever of it is left.
    if (npm.pid) spawn('kill', ['-9', '--', `-${npm.pid}`]);
  });
  let url: string | undefined;
  for await (const line of createInterface({ input: npm.stdout })) {
    url = /"url":"(http:[^"]+)"/.exec(line)?.[1];
    if (url) break;
  }
  assert.ok(url);
  assert.equal((await fetch(`${url}livez`)).status, 200);
  const closed = once(npm.stdout, 'close');
  npm.stdout.resume();
  npm.kill('SIGTERM');
  // The server holds the other end of the pipe until it has ended.
  await closed;
  await assert.rejects(fetch(`${url}livez`));
});
