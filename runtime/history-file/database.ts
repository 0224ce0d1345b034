/**
 * A history file: SQLite, held by one process. What it keeps: 100 runs of each suite, the evidence of the newest three red ones, tallies for 30 days,
 * 100 episodes; nothing is older than 31 days, and the file never larger than 256 MB.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Episode } from '../memory/episodes.ts';
import type { HeadlineSpan } from '../memory/headlines.ts';
import type { RunSummary } from '../memory/history.ts';
import type { Change, Remembered } from '../memory/kept.ts';
import { hasEvidence, pack, unpack, withoutEvidence } from '../memory/packing.ts';
import type { Origin } from '../memory/rows.ts';
import type { RingName } from '../memory/service-levels.ts';
import type { MaintenanceKept } from '../model/maintenance.ts';
import { applicationId, migrations } from './schema.ts';
import { Refusal, troubleOf } from './trouble.ts';

export interface Database {
  /** What keeps it from being written, where something does. */
  readonly problem?: string;
  read(): Remembered;
  /** All of them or none. */
  write(changes: readonly Change[]): void;
  close(): void;
}

const most = { runs: 100, withEvidence: 3, episodes: 100, headlines: 100, bytes: 256_000_000 };
const hourMs = 3_600_000;
const keptMs = { all: 31 * 24 * hourMs, minutes: 25 * hourMs };
/** A process that is just about to end may hold it. */
const busyMs = 1_000;

type Row = Readonly<Record<string, unknown>>;

/** Raises Refusal for a file that is not ours, and what SQLite raises. Such a file is not changed. */
export function openDatabase(path: string): Database {
  if (existsSync(path) && !isWritable(path))
    throw new Refusal('it cannot be written: the file or its disk is read-only');
  const db = new DatabaseSync(path, { timeout: busyMs });
  let problem: string | undefined;
  try {
    claim(db);
    try {
      upgrade(db);
      forgetOld(db);
    } catch (error) {
      // A full or read-only disk keeps nobody from reading what is there.
      if (versionOf(db) !== migrations.length || !troubleOf(error).isPassing) throw error;
      problem = troubleOf(error).problem;
    }
  } catch (error) {
    db.close();
    throw error;
  }
  const write = writing(db);
  return { ...(problem !== undefined && { problem }), read: () => readAll(db), write, close: () => db.close() };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

/** Locks it for as long as the process lives, and looks at whose it is, before anything is written. */
function claim(db: DatabaseSync): void {
  // Our image has no folder for files that are needed for a moment.
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY');
  const { tables } = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number };
  const owner = db.prepare('PRAGMA application_id').get()?.application_id;
  if (tables > 0 && owner !== applicationId)
    throw new Refusal('it is a database of another program; it is left as it is');
  if (versionOf(db) > migrations.length)
    throw new Refusal('it was written by a newer version of this program; it is left as it is');
  const damage = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (damage !== 'ok') throw new Refusal('it is damaged; move it away, and a new one is begun at the next start');
  // A process that is killed loses nothing that was written, a machine that loses its power neither.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4000000');
  db.exec(`PRAGMA max_page_count = ${Math.floor(most.bytes / 4096)}`);
}

function upgrade(db: DatabaseSync): void {
  const from = versionOf(db);
  inOne(db, () => {
    for (const step of migrations.slice(from)) db.exec(step);
    // Written every time: what cannot be written is known at once.
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`);
    db.exec("INSERT OR REPLACE INTO meta VALUES ('opened', strftime('%s'))");
  });
}

function inOne(db: DatabaseSync, act: () => void): void {
  db.exec('BEGIN EXCLUSIVE');
  try {
    act();
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function forgetOld(db: DatabaseSync): void {
  const now = Date.now();
  db.prepare('DELETE FROM runs WHERE ended_at < ?').run(now - keptMs.all);
  db.prepare("DELETE FROM buckets WHERE start < ? OR (ring = 'minutes' AND start < ?)").run(
    now - keptMs.all,
    now - keptMs.minutes,
  );
}

function readAll(db: DatabaseSync): Remembered {
  const all = (sql: string) => db.prepare(sql).all() as readonly Row[];
  const body = <T>({ body }: Row) => JSON.parse(body as string) as T;
  const meta = (key: string) => db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value;
  const maintenance = meta('maintenance');
  return {
    lineage: String(meta('lineage')),
    runs: all('SELECT * FROM runs ORDER BY ended_at, rowid').flatMap((row) => {
      const packed = text(row.packed);
      return isWhole(packed)
        ? {
            origin: row.origin as Origin,
            summary: JSON.parse(row.summary as string) as RunSummary,
            endedAt: row.ended_at as number,
            ...(row.stale_after_ms !== null && { staleAfterMs: row.stale_after_ms as number }),
            packed,
            hasEvidence: row.has_evidence === 1,
          }
        : [];
    }),
    buckets: all('SELECT * FROM buckets').map(
      ({ origin, suite, ring, start, passed, failed, errored, unsupported }) => ({
        origin: origin as Origin,
        bucket: {
          suite: suite as string,
          ring: ring as RingName,
          start: start as number,
          counts: [passed, failed, errored, unsupported] as [number, number, number, number],
        },
      }),
    ),
    episodes: all('SELECT body FROM episodes ORDER BY number DESC').map(body<Episode>),
    headlines: all('SELECT body FROM headlines ORDER BY start DESC').map(body<HeadlineSpan>),
    ...(maintenance !== undefined && { maintenance: JSON.parse(String(maintenance)) as MaintenanceKept }),
  };
}

function text(packed: unknown): string {
  return Buffer.from(packed as Uint8Array).toString('latin1');
}

/** A page of the file that has rotted must not surface as an error of the page. */
function isWhole(packed: string): boolean {
  try {
    return typeof unpack(packed).id === 'string';
  } catch {
    return false;
  }
}

function writing(db: DatabaseSync): Database['write'] {
  const known = new Map<string, StatementSync>();
  const sql = (text: string) => known.get(text) ?? known.set(text, db.prepare(text)).get(text)!;
  let prunedAt = Date.now();

  function one(change: Change): void {
    switch (change.kind) {
      case 'run': {
        const { origin, result, summary, endedAt, staleAfterMs = null } = change;
        const packed = pack(result);
        const rich = hasEvidence(result) ? 1 : 0;
        sql('INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
          ...[origin, summary.suite, summary.id, Math.round(endedAt), staleAfterMs, JSON.stringify(summary)],
          ...[Buffer.from(packed, 'latin1'), rich],
        );
        thin(origin, summary.suite);
        return;
      }
      case 'bucket': {
        const { suite, ring, start, counts } = change.bucket;
        sql('INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
          ...[change.origin, suite, ring, start],
          ...counts,
        );
        return;
      }
      case 'episode': {
        const { number } = change.episode;
        sql('INSERT OR REPLACE INTO episodes VALUES (?, ?)').run(number, JSON.stringify(change.episode));
        sql('DELETE FROM episodes WHERE number <= ?').run(number - most.episodes);
        return;
      }
      case 'maintenance':
        sql("INSERT OR REPLACE INTO meta VALUES ('maintenance', ?)").run(JSON.stringify(change.kept));
        return;
      case 'headline':
        sql('INSERT OR REPLACE INTO headlines VALUES (?, ?)').run(change.span.start, JSON.stringify(change.span));
        sql(
          `DELETE FROM headlines WHERE start NOT IN (SELECT start FROM headlines ORDER BY start DESC LIMIT ${most.headlines})`,
        ).run();
    }
  }

  /** As many runs of the suite as memory has, and the evidence of as many. */
  function thin(origin: Origin, suite: string): void {
    const newest = 'SELECT id, packed FROM runs WHERE origin = ? AND suite = ?';
    const beyond = sql(`${newest} ORDER BY ended_at DESC, rowid DESC LIMIT -1 OFFSET ${most.runs}`);
    for (const { id } of beyond.all(origin, suite))
      sql('DELETE FROM runs WHERE origin = ? AND id = ?').run(origin, id!);
    const rich = sql(
      `${newest} AND has_evidence = 1 ORDER BY ended_at DESC, rowid DESC LIMIT -1 OFFSET ${most.withEvidence}`,
    );
    for (const { id, packed } of rich.all(origin, suite)) {
      const bare = Buffer.from(pack(withoutEvidence(unpack(text(packed)))), 'latin1');
      sql('UPDATE runs SET packed = ?, has_evidence = 0 WHERE origin = ? AND id = ?').run(bare, origin, id!);
    }
  }

  return (changes) => {
    inOne(db, () => {
      for (const change of changes) one(change);
      if (Date.now() - prunedAt > hourMs) forgetOld(db);
    });
    if (Date.now() - prunedAt > hourMs) prunedAt = Date.now();
  };
}
