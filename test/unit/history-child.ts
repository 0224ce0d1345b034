/** A process that writes a history file until it is killed or told to end: history-file.test.ts. */
import { once } from 'node:events';
import { openDatabase } from '../../runtime/history-file/database.ts';
import { openHistoryFile } from '../../runtime/history-file/history-file.ts';
import { createStore } from '../../runtime/memory/store.ts';
import { aRun, play } from '../results.ts';
import { runChange } from './history-changes.ts';

const [, , mode = '', path = ''] = process.argv;
const say = (what: object) => void process.stdout.write(`${JSON.stringify(what)}\n`);

if (mode === 'writes') {
  const database = openDatabase(path);
  for (let number = 0; ; number += 1) {
    database.write([runChange('http', number), runChange('dns', number)]);
    say({ written: number });
  }
}

const tell = (level: string) => (_: object, message: string) => say({ level, message });
const file = await openHistoryFile(path, {
  log: { warn: tell('warn'), info: tell('info') },
  openWithinMs: 120_000,
  batchMs: 10,
  retryMs: 200,
  mostWaiting: 40,
});
say({ remembered: file.remembered?.runs.length ?? null });
const store = createStore({ keep: file.keep, ...(file.remembered && { remembered: file.remembered }) });
// Each line asks for a hundred runs, of which each is some 8 KB: they do not pack.
process.stdin.setEncoding('utf8');
let number = 0;
const began = Date.now() - 60_000;
process.stdin.on('data', (text: string) => {
  if (text.includes('end')) return;
  for (let more = 0; more < 100; more += 1, number += 1) {
    const noise = Array.from({ length: 10 }, () => Math.random().toString(36)).join('');
    play(store, aRun('http', { id: `http-${number}-${noise}`, finishedAt: new Date(began + number).toISOString() }));
  }
  say({ played: store.runs('http').length, ...file.state });
});
while (!String(await once(process.stdin, 'data')).includes('end'));
await file.close();
say({ closed: true, ...file.state });
process.exit(0);
