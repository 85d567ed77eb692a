import { closeSync, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault, type FaultKind } from '#base/fault';
import { migrationsOf, pendingMigrations, type Migration } from '#store/migrations';

/** What SQLite's primary result codes mean for the hub (https://sqlite.org/rescode.html). Codes that are not here are bugs of ours and pass as they are. */
const codes: Readonly<Record<number, readonly [FaultKind, string]>> = {
  3: ['misconfigured', 'access was denied: check who owns the file and its folder'],
  5: ['unreachable', 'the file is locked by another process'],
  8: ['misconfigured', 'the file, its folder or the disk is read-only: make it writable for the user who runs the hub'],
  10: ['unreachable', 'the disk answered with an error: nothing of this was kept; check the disk'],
  11: ['misconfigured', 'the file is damaged: stop the hub and restore the last backup'],
  13: ['unreachable', 'the disk is full, or the file has reached its size limit: nothing of this was kept; free some space and it goes on'],
  14: ['misconfigured', 'the file could not be opened: check that the folder exists and that the user who runs the hub may write there'],
  18: ['rejected', 'a value is longer than the database takes'],
  19: ['rejected', 'a row breaks a rule of the schema'],
  26: ['misconfigured', 'the file is not a SQLite database: name another file, or restore the last backup'],
};

/** The fault for whatever SQLite threw; other errors pass as they are. */
export function sqliteFault(error: unknown, file: string, attempted: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  const row = codes[error.errcode & 255];
  return row
    ? new Fault(row[0], `${attempted} in ${file}: ${row[1]} (SQLite: ${error.message})`, { code: `SQLITE ${error.errcode}`, where: file, cause: error })
    : error;
}

/** Opens a database file for one hub: locked against a second hub, durable at every commit, with the current schema. */
export function openFile(file: string, migrations: readonly Migration[] = migrationsOf('sqlite')): { db: DatabaseSync; release: () => void } {
  const release = file === ':memory:' ? () => {} : lockFile(file);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 5_000, enableForeignKeyConstraints: false });
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864',
    );
    migrate(db, migrations, file);
    return { db, release };
  } catch (error) {
    db?.close();
    release();
    throw sqliteFault(error, file, 'opening the database');
  }
}

/** Applies what is missing, each change in one transaction with its row in `migration`: killed in the middle, the next start goes on at the same change. */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], file: string): void {
  db.exec('CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT');
  const applied = db
    .prepare('SELECT number, name, hash FROM migration ORDER BY number')
    .all()
    .map((row) => ({ number: Number(row['number']), name: String(row['name']), hash: String(row['hash']) }));
  for (const { number, name, hash, sql } of pendingMigrations(migrations, applied, file)) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(sql);
      db.prepare("INSERT INTO migration VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))").run(number, name, hash);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Files this process holds: the process's own second attempt would not be stopped by every operating system's file locks. */
const ours = new Set<string>();

/**
 * Takes the lock of a database file for the life of the process. `<file>.lock` is a SQLite database of its own, held open in an exclusive transaction:
 * the operating system gives the lock back when the process ends, also by kill -9. Its `user_version` is the process id of the holder.
 */
function lockFile(file: string): () => void {
  const path = `${realPath(file)}.lock`;
  if (ours.has(path)) throw heldBy(file, process.pid);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec(
      `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE; PRAGMA user_version = ${process.pid}; COMMIT`,
    );
  } catch (error) {
    lock?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === 5) throw heldBy(file, holderOf(path));
    throw sqliteFault(error, path, 'taking the lock');
  }
  ours.add(path);
  const held = lock;
  return () => {
    if (!ours.delete(path)) return;
    held.close();
  };
}

/** One name per file, through symbolic links, also where the file does not exist yet. */
function realPath(file: string): string {
  const path = resolve(file);
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  if (!existsSync(folder)) throw new Fault('misconfigured', `opening the database ${file}: the folder ${folder} does not exist`, { where: file });
  return join(realpathSync(folder), basename(path));
}

function heldBy(file: string, pid: number | undefined): Fault {
  return new Fault(
    'misconfigured',
    `opening the database ${file}: process ${pid ?? '(unknown)'} has it open already. Two hubs on one file would each think they are alone: stop that process, or give this hub its own file`,
    { where: file },
  );
}

/** The `user_version` in a SQLite header: 4 bytes, big-endian, at offset 60 (https://sqlite.org/fileformat2.html). */
function holderOf(path: string): number | undefined {
  const header = Buffer.alloc(4);
  const handle = openSync(path, 'r');
  try {
    return readSync(handle, header, 0, 4, 60) === 4 ? header.readUInt32BE(0) : undefined;
  } finally {
    closeSync(handle);
  }
}
