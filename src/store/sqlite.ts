import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Fault } from '#base/fault';
import { GroupCommit, type Member } from '#store/group-commit';
import { checkBatch, checkKey, checkLane, checkLeaf, checkLease, checkLimit, checkTime, jsonText } from '#store/limits';
import type { CommitResult, Step, Store } from '#store/port';
import { RecentReads } from '#store/recent';
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
  const group = new GroupCommit<(attempt: Attempt) => unknown, unknown>((members) => flush(db, file, members));
  // The lock of the file makes this process its only writer.
  const recent = new RecentReads();
  let closed = false;

  const refuseClosed = (): void => {
    if (closed) throw new Fault('unreachable', `the database ${file} was called after it was closed`);
  };
  /** One call's writes as part of the next transaction. */
  const write = async <T>(work: (attempt: Attempt) => T): Promise<T> => {
    refuseClosed();
    return (await group.add(work)) as T; // `flush` answers what `work` returned.
  };
  const dialect = sqliteDialect(db, file, refuseClosed);
  const reads = sqlReads(dialect);
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
      return write((attempt) => {
        recent.written(steps);
        return commitSteps({ file, writer, attempt }, steps, ask);
      });
    },
    recent: (key) => recent.fact(key),
    async facts(keys) {
      refuseClosed();
      checkBatch(keys.length, 'fact keys');
      return recent.facts(keys, (absent) => sqlFacts(dialect, absent));
    },
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
    read: { ...reads, resolve: async (keys) => (refuseClosed(), recent.resolve(keys, reads.resolve)) },
    close,
  };
}

/** How one call's work, or one step of it, is kept apart from its neighbours in the transaction. */
type Attempt = <T>(work: () => T) => Outcome<T>;
type Outcome<T> = { failed: false; value: T } | { failed: true; error: unknown };

/**
 * One transaction for many calls. It first runs without savepoints, which would copy every page they touch; when anything in it fails it is taken back whole
 * and run again with a savepoint around each call and step, so that only what fails is refused. When the transaction itself fails, all calls are refused and nothing is kept.
 */
function flush(db: DatabaseSync, file: string, members: readonly Member<(attempt: Attempt) => unknown, unknown>[]): void {
  const answers = transaction(db, file, members, (work) => ({ failed: false, value: work() })) ?? transaction(db, file, members, (work) => guarded(db, work));
  for (const answer of answers ?? []) answer();
}

/** Undefined where work failed without a savepoint around it: nothing was kept and the caller tries again with one. */
function transaction(
  db: DatabaseSync,
  file: string,
  members: readonly Member<(attempt: Attempt) => unknown, unknown>[],
  attempt: Attempt,
): (() => void)[] | undefined {
  try {
    db.exec('BEGIN IMMEDIATE');
    const answers = members.map(({ input, resolve, reject }) => {
      const outcome = attempt(() => input(attempt));
      return outcome.failed ? () => reject(sqliteFault(outcome.error, file, 'writing')) : () => resolve(outcome.value);
    });
    db.exec('COMMIT');
    return answers;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    if (!isFileError(error)) return undefined;
    throw sqliteFault(error, file, 'writing');
  }
}

/** Runs work that is taken back alone when it fails. Throws on only where the whole transaction is lost, as SQLite does when the disk is full. */
function guarded<T>(db: DatabaseSync, work: () => T): Outcome<T> {
  db.exec('SAVEPOINT part');
  try {
    const value = work();
    db.exec('RELEASE part');
    return { failed: false, value };
  } catch (error) {
    if (!db.isTransaction || isFileError(error)) throw error;
    db.exec('ROLLBACK TO part; RELEASE part');
    return { failed: true, error };
  }
}

/** Busy, read-only, I/O error, damage and a full disk are about the file, not about a row: they refuse the transaction. */
function isFileError(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && [3, 5, 8, 10, 11, 13, 14, 26].includes(error.errcode & 255);
}

/** Steps of different lanes together; when a row of them is refused, each alone, so that only what is at fault is refused. Several steps of one lane follow each other. */
function commitSteps(
  { file, writer, attempt }: { file: string; writer: SqliteWriter; attempt: Attempt },
  steps: readonly Step[],
  ask: { worker: string; now: number; log: string },
): CommitResult[] {
  const distinct = new Set(steps.map((step) => step.lane)).size === steps.length;
  if (steps.length > 1 && distinct) {
    const outcome = attempt(() => writer.commit(steps, ask));
    if (!outcome.failed) return outcome.value;
  }
  return steps.flatMap((step) => {
    const outcome = attempt(() => writer.commit([step], ask));
    if (!outcome.failed) return outcome.value;
    const fault = sqliteFault(outcome.error, file, `a step of lane ${step.lane}`);
    if (fault instanceof Fault) return { lane: step.lane, kept: false, arrived: [], fault };
    throw fault;
  });
}

/** Questions to an open file. */
export function sqliteDialect(db: DatabaseSync, file: string, refuseClosed: () => void): Dialect {
  const prepared = new Map<string, StatementSync>();
  return {
    textsTable: 'json_each(?)',
    identitiesTable: '(SELECT value ->> 0 AS kind, value ->> 1 AS system, value ->> 2 AS external_id FROM json_each(?))',
    async query(sql, cells) {
      refuseClosed();
      try {
        let statement = prepared.get(sql);
        if (!statement) prepared.set(sql, (statement = db.prepare(sql)));
        return statement.all(...cells);
      } catch (error) {
        if (error instanceof RangeError || (error instanceof Error && error.message === 'integer overflow'))
          throw new Fault('rejected', `reading in ${file}: a sum is too large to be exact`, { cause: error });
        throw sqliteFault(error, file, 'reading');
      }
    },
  };
}

function checkPages(pages: number): number {
  if (!Number.isSafeInteger(pages) || pages < 1)
    throw new Fault('misconfigured', `the size limit of the database must be a whole number of pages from 1; it is ${pages}`);
  return pages;
}
