/** The thread of a history file: a disk that is slow holds up nobody else. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Database, openDatabase } from './database.ts';
import type { Answer, Order } from './history-file.ts';
import { troubleOf } from './trouble.ts';

const say = (answer: Answer) => parentPort!.postMessage(answer);

try {
  const database = openDatabase(workerData as string);
  const { problem } = database;
  say({ type: 'opened', remembered: database.read(), ...(problem !== undefined && { problem }) });
  parentPort!.on('message', (order: Order) => obey(database, order));
} catch (error) {
  say({ type: 'refused', problem: troubleOf(error).problem });
}

function obey(database: Database, order: Order): void {
  if (order.type === 'close') {
    try {
      database.close();
    } finally {
      parentPort!.close();
    }
    return;
  }
  try {
    database.write(order.changes);
    say({ type: 'written' });
  } catch (error) {
    say({ type: 'unwritten', ...troubleOf(error) });
  }
}
