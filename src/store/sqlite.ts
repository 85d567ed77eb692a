import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Fault } from '#base/fault';
import { GroupCommit, type Member } from '#store/group-commit';
import { checkBatch, checkKey, checkLane, checkLeaf, checkLease, checkLimit, checkTime, jsonText } from '#store/limits';
import type { CommitResult, Step, Store } from '#store/port';
import { sqlFacts, sqlOutbox, sqlReads, type Dialect } from '#store/sql-reads';
import { openFile, sqliteFault } from '#store/sqlite-file';
import { SqliteWriter } from '#store/sqlite-writer';

/** A store in one file, and what only a file has. */
export interface SqliteStore extends Store {
  readonly file: string;
  /** Changes the size limit of the file, in pages of 4,096 bytes: writes beyond it are refused as if the disk were full. */
  limitPages(pages: number): void;
}

/** Opens (or creates) a store in a file, `:memory:` for one that is gone with the process. Every lease in the file is given up: nobody else can be alive. */
export function openSqlite(options: { file: string; maxPages?: number }): SqliteStore {
  const { file } = options;
  const { db, release } = openFile(file);
  const writer = new SqliteWriter(db);
  const group = new GroupCommit<() => unknown, unknown>((members) => flush(db, file, members));
  let closed = false;

  const refuseClosed = (): void => {
    if (closed) throw new Fault('unreachable', `the database ${file} was called after it was closed`);
  };
  /** One call's writes as part of the next transaction. */
  const write = async <T>(work: () => T): Promise<T> => {
    refuseClosed();
    return (await group.add(work)) as T; // `flush` answers what `work` returned.
  };
  const dialect = sqliteDialect(db, file, refuseClosed);
  const limitPages = (pages: number): void => {
    db.exec(`PRAGMA max_page_count = ${checkPages(pages)}`);
  };
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await group.idle();
    db.close();
    release();
  };

  try {
    if (options.maxPages !== undefined) limitPages(options.maxPages);
    writer.abandonAll();
  } catch (error) {
    db.close();
    release();
    throw sqliteFault(error, file, 'opening the database');
  }

  return {
    name: 'sqlite',
    file,
    limitPages,
    async accept(events, ask) {
      checkBatch(events.length, 'events');
      checkTime(ask.now);
      if (ask.claim) checkLease(ask.claim);
      return write(() => writer.accept(events, ask));
    },
    async claim(ask) {
      checkLease(ask);
      checkTime(ask.now);
      checkLimit(ask.limit);
      return write(() => writer.claim(ask));
    },
    async claimLane(lane, ask) {
      checkLane(lane);
      checkLease(ask);
      return write(() => writer.claimLane(lane, ask));
    },
    async renew(worker, lanes, leaseUntil) {
      checkBatch(lanes.length, 'leases');
      checkTime(leaseUntil, 'leaseUntil');
      return write(() => writer.renew(worker, lanes, leaseUntil));
    },
    abandon: (worker, now) => write(() => writer.abandon(worker, now)),
    async commit(steps, ask) {
      checkBatch(steps.length, 'steps');
      checkTime(ask.now);
      checkKey(ask.log, 'the name of the audit log');
      return write(() => steps.map((step) => commitStep({ db, file, writer }, step, ask)));
    },
    facts: (keys) => sqlFacts(dialect, keys),
    outbox: (limit) => sqlOutbox(dialect, limit),
    async getCursor(name) {
      const [row] = await dialect.query('SELECT value FROM cursor WHERE name = ?', [name]);
      return row && JSON.parse(String(row['value']));
    },
    async setCursor(name, value) {
      checkKey(name, 'the name of a cursor');
      const text = jsonText(value);
      return write(() => writer.setCursor(name, text));
    },
    async record(leaves, { log, now }) {
      checkBatch(leaves.length, 'audit leaves');
      checkKey(log, 'the name of the audit log');
      checkTime(now);
      for (const leaf of leaves) checkLeaf(leaf);
      return write(() => writer.record(leaves, { log, now, lane: '' }));
    },
    read: sqlReads(dialect),
    close,
  };
}

/** One transaction for many calls. A call that throws takes back its own rows only; when the transaction itself fails, every call is refused and nothing is kept. */
function flush(db: DatabaseSync, file: string, members: readonly Member<() => unknown, unknown>[]): void {
  const answers: (() => void)[] = [];
  try {
    db.exec('BEGIN IMMEDIATE');
    for (const { input, resolve, reject } of members) {
      const outcome = attempt(db, 'call', input);
      answers.push(outcome.failed ? () => reject(sqliteFault(outcome.error, file, 'writing')) : () => resolve(outcome.value));
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw sqliteFault(error, file, 'writing');
  }
  for (const answer of answers) answer();
}

/** Runs work that is taken back alone when it fails. Throws on only where the whole transaction is lost, as SQLite does when the disk is full. */
function attempt<T>(db: DatabaseSync, name: 'call' | 'step', work: () => T): { failed: false; value: T } | { failed: true; error: unknown } {
  db.exec(savepoints[name].begin);
  try {
    const value = work();
    db.exec(savepoints[name].keep);
    return { failed: false, value };
  } catch (error) {
    if (!db.isTransaction || isDiskError(error)) throw error;
    db.exec(savepoints[name].undo);
    return { failed: true, error };
  }
}

const savepoints = {
  call: { begin: 'SAVEPOINT call', keep: 'RELEASE call', undo: 'ROLLBACK TO call; RELEASE call' },
  step: { begin: 'SAVEPOINT step', keep: 'RELEASE step', undo: 'ROLLBACK TO step; RELEASE step' },
} as const;

/** Disk full, read-only, I/O error and damage are about the file, not about a row: they refuse the transaction. */
function isDiskError(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && [8, 10, 11, 13, 26].includes(error.errcode & 255);
}

function commitStep({ db, file, writer }: { db: DatabaseSync; file: string; writer: SqliteWriter }, step: Step, ask: { worker: string; now: number; log: string }): CommitResult {
  const outcome = attempt(db, 'step', () => writer.commit(step, ask));
  if (!outcome.failed) return outcome.value;
  const fault = sqliteFault(outcome.error, file, `a step of lane ${step.lane}`);
  if (fault instanceof Fault) return { lane: step.lane, kept: false, arrived: [], fault };
  throw fault;
}

function sqliteDialect(db: DatabaseSync, file: string, refuseClosed: () => void): Dialect {
  const prepared = new Map<string, StatementSync>();
  return {
    textsTable: 'json_each(?)',
    identitiesTable: "(SELECT value ->> 0 AS kind, value ->> 1 AS system, value ->> 2 AS external_id FROM json_each(?))",
    async query(sql, cells) {
      refuseClosed();
      try {
        let statement = prepared.get(sql);
        if (!statement) prepared.set(sql, (statement = db.prepare(sql)));
        return statement.all(...cells);
      } catch (error) {
        throw sqliteFault(error, file, 'reading');
      }
    },
  };
}

function checkPages(pages: number): number {
  if (!Number.isSafeInteger(pages) || pages < 1) throw new Fault('misconfigured', `the size limit of the database must be a whole number of pages from 1; it is ${pages}`);
  return pages;
}
