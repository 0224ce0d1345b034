import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createTerminalLog } from '../../runtime/process/terminal-log.ts';

/** A log on a terminal of that width, and what has been written to it. */
function terminalLog({ columns = 80, isColoured = false } = {}) {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  const terminal = createTerminalLog({ write, columns, hasColors: () => isColoured });
  const options = { base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return { written, terminal, log: pino(options, terminal) };
}

test('a line is the time of day and the sentence, without its fields', () => {
  const { written, log } = terminalLog();
  log.info({ suite: 'http', durationMs: 1200 }, 'http passed after 1.2 s');
  assert.match(written.join(''), /^\d\d:\d\d:\d\d http passed after 1\.2 s\n$/);
});

test('what is kept stays below every line', () => {
  const { written, terminal, log } = terminalLog();
  terminal.keep(['http://localhost:8081/', 'export KUBECONFIG=/tmp/kubeconfig']);
  log.info('http passed');
  const [kept, line = ''] = written;
  assert.equal(kept, 'http://localhost:8081/\nexport KUBECONFIG=/tmp/kubeconfig\n');
  assert.ok(line.startsWith('\u001b[2A\u001b[0J'), 'both are taken back');
  assert.ok(line.endsWith(`http passed\n${kept}`));
});

test('what is kept takes one row each, however narrow the terminal', () => {
  const { written, terminal } = terminalLog({ columns: 20 });
  terminal.keep(['http://localhost:8081/ and more']);
  assert.equal(written.join(''), 'http://localhost:80\n');
});

test('a warning is yellow, an error red and with its stack, where there are colours', () => {
  const { written, log } = terminalLog({ isColoured: true });
  log.warn('http failed');
  log.error({ err: new Error('broken') }, 'uncaught exception');
  assert.ok(written[0]!.endsWith(' \u001b[33mhttp failed\u001b[0m\n'));
  assert.ok(written[1]!.includes(' \u001b[31muncaught exception\nError: broken\n    at '));
});
