/** The tables of a history file, and how an older one becomes a newer one. */

/** Of an SQLite file, in its header: whose file it is. "ke2e". */
export const applicationId = 0x6b653265;

/** Each is done once, in this order; what has been released is never changed. user_version is how many of them a file has. */
export const migrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE runs (
     origin TEXT NOT NULL, suite TEXT NOT NULL, id TEXT NOT NULL, ended_at INTEGER NOT NULL, stale_after_ms INTEGER,
     summary TEXT NOT NULL, packed BLOB NOT NULL, has_evidence INTEGER NOT NULL, PRIMARY KEY (origin, id)
   ) STRICT;
   CREATE INDEX runs_of_suite ON runs (origin, suite, ended_at);
   CREATE TABLE buckets (
     origin TEXT NOT NULL, suite TEXT NOT NULL, ring TEXT NOT NULL, start INTEGER NOT NULL,
     passed INTEGER NOT NULL, failed INTEGER NOT NULL, errored INTEGER NOT NULL, unsupported INTEGER NOT NULL,
     PRIMARY KEY (origin, suite, ring, start)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE episodes (number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
   INSERT INTO meta VALUES ('lineage', lower(hex(randomblob(8))));`,
  'CREATE TABLE headlines (start TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;',
];
