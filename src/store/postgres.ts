import pg from 'pg';
import { Fault } from '#base/fault';
import { GroupCommit, type Member } from '#store/group-commit';
import { checkBatch, checkKey, checkLane, checkLeaf, checkLease, checkLimit, checkTime, jsonText } from '#store/limits';
import type { AcceptResult, CommitResult, Store } from '#store/port';
import { connect, migrate, postgresFault, transact, type Connections } from '#store/postgres-connection';
import { StepBatch, statementName, statementOf } from '#store/postgres-statement';
import { accept, claim, claimLane, commit, type AcceptCall, type CommitCall } from '#store/postgres-writer';
import { sqlFacts, sqlOutbox, sqlReads, type Dialect } from '#store/sql-reads';

/** Wait before a lost listening connection is opened again. */
const listenAgainMs = 1_000;

/** Opens (or creates) a store in PostgreSQL 15 or newer. Any number of processes may share it. `pool`: connections of this process, 2 to 100. */
export async function openPostgres({
  url,
  pool: size = 4,
  schema = 'linchpin',
}: {
  url: string;
  pool?: number;
  schema?: string;
}): Promise<Store & Required<Pick<Store, 'listen'>>> {
  const connections = connect({ url, pool: size, schema });
  try {
    await migrate(connections, schema);
  } catch (error) {
    await connections.pool.end();
    throw postgresFault(error, connections.where, 'opening the database');
  }
  const accepts = new GroupCommit<AcceptCall, AcceptResult>((members) => flushAccepts(connections, members), 64);
  const commits = new GroupCommit<CommitCall, CommitResult>((members) => flushSteps(connections, members), 1_024);
  const dialect = postgresDialect(connections);
  const listeners = new Set<() => Promise<void>>();
  let closed = false;
  const open = (): void => {
    if (closed) throw new Fault('unreachable', `${connections.where} was called after it was closed`);
  };
  const write = async <T>(attempted: string, work: Parameters<typeof transact<T>>[2]): Promise<T> => {
    open();
    return transact(connections, attempted, work);
  };
  return {
    name: 'postgres',
    async accept(events, options) {
      checkBatch(events.length, 'events');
      checkTime(options.now);
      if (options.claim) checkLease(options.claim);
      open();
      return accepts.add({ events, options });
    },
    async claim(ask) {
      checkLease(ask);
      checkTime(ask.now);
      checkLimit(ask.limit);
      return write('claiming lanes', (transaction) => claim(transaction, ask));
    },
    async claimLane(lane, ask) {
      checkLane(lane);
      checkLease(ask);
      return write('claiming a lane', (transaction) => claimLane(transaction, lane, ask));
    },
    async renew(worker, lanes, leaseUntil) {
      checkBatch(lanes.length, 'leases');
      checkTime(leaseUntil, 'leaseUntil');
      const rows = await write('renewing leases', ({ query }) => query('renew', renewLeases, [JSON.stringify(lanes), worker, leaseUntil + 1]));
      return rows.map((row) => String(row['lane']));
    },
    async abandon(worker, now) {
      const [row] = await write('giving leases back', ({ query }) => query('abandon', abandonLeases, [worker, now]));
      return Number(row?.['count']);
    },
    async commit(steps, options) {
      checkBatch(steps.length, 'steps');
      checkTime(options.now);
      checkKey(options.log, 'the name of the audit log');
      open();
      return Promise.all(steps.map((step) => commits.add({ step, options })));
    },
    facts: (keys) => sqlFacts(dialect(open), keys),
    outbox: (limit) => sqlOutbox(dialect(open), limit),
    async getCursor(name) {
      const [row] = await dialect(open).query('SELECT value FROM cursor WHERE name = ?', [name]);
      return row && JSON.parse(String(row['value']));
    },
    async setCursor(name, value) {
      checkKey(name, 'the name of a cursor');
      await write('keeping a cursor', ({ query }) =>
        query('cursor', 'INSERT INTO cursor (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value', [name, jsonText(value)]),
      );
    },
    async record(leaves, { log, now }) {
      checkBatch(leaves.length, 'audit leaves');
      checkKey(log, 'the name of the audit log');
      checkTime(now);
      for (const leaf of leaves) checkLeaf(leaf);
      if (leaves.length === 0) return;
      const batch = new StepBatch();
      batch.addLeaves(
        leaves.map((leaf) => ({ ...leaf })),
        { log, now },
      );
      await write('recording', ({ query }) => query(statementName(['audit']), statementOf(['audit']), [JSON.stringify(batch.rows.audit)]));
    },
    read: sqlReads(dialect(open)),
    async listen(onWake) {
      open();
      const stop = await listenFor(connections, onWake);
      listeners.add(stop);
      return async () => {
        listeners.delete(stop);
        await stop();
      };
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all([accepts.idle(), commits.idle(), ...[...listeners].map((stop) => stop())]);
      await connections.pool.end();
    },
  };
}

const renewLeases = `WITH ours AS (SELECT l.lane FROM lane l JOIN json_to_recordset($1::json) AS x(lane text, epoch bigint) ON l.lane = x.lane AND l.epoch = x.epoch WHERE l.owner = $2 ORDER BY l.lane FOR UPDATE OF l)
  UPDATE lane SET due_at = $3 WHERE lane IN (SELECT lane FROM ours) RETURNING lane`;

const abandonLeases = `WITH ours AS (SELECT lane FROM lane WHERE owner = $1 ORDER BY lane FOR UPDATE), given AS (UPDATE lane SET owner = NULL, interrupted = 1, due_at = $2 WHERE lane IN (SELECT lane FROM ours) RETURNING 1)
  SELECT COUNT(*) AS count, pg_notify('linchpin', '') FROM given`;

/** All waiting calls in one transaction; when that is refused, each alone, so that a bad event refuses only the call that brought it. */
async function flushAccepts(connections: Connections, members: readonly Member<AcceptCall, AcceptResult>[]): Promise<void> {
  try {
    const results = await transact(connections, 'accepting events', (transaction) =>
      accept(
        transaction,
        members.map(({ input }) => input),
      ),
    );
    members.forEach(({ resolve }, i) => resolve(resultAt(results, i)));
  } catch (error) {
    if (members.length === 1 || !isRefusal(error)) throw error;
    for (const member of members) await flushAccepts(connections, [member]).catch(member.reject);
  }
}

/** Steps of different lanes in one transaction; several steps of one lane one after the other. */
async function flushSteps(connections: Connections, members: readonly Member<CommitCall, CommitResult>[]): Promise<void> {
  let rest = members;
  while (rest.length > 0) {
    const lanes = new Set<string>();
    const wave = rest.filter(({ input }) => !lanes.has(input.step.lane) && lanes.add(input.step.lane));
    rest = rest.filter((member) => !wave.includes(member));
    await flushWave(connections, wave).catch((error: unknown) => wave.forEach(({ reject }) => reject(error)));
  }
}

/** One transaction; when a row of it is refused, halves, down to the step that is at fault. */
async function flushWave(connections: Connections, wave: readonly Member<CommitCall, CommitResult>[]): Promise<void> {
  try {
    const results = await transact(connections, 'committing steps', (transaction) =>
      commit(
        transaction,
        wave.map(({ input }) => input),
      ),
    );
    wave.forEach(({ resolve }, i) => resolve(resultAt(results, i)));
  } catch (error) {
    const [only, ...others] = wave;
    if (!only || !(error instanceof Fault) || !isRefusal(error)) throw error;
    if (others.length === 0) {
      only.resolve({ lane: only.input.step.lane, kept: false, arrived: [], fault: error });
      return;
    }
    const half = wave.length >> 1;
    for (const part of [wave.slice(0, half), wave.slice(half)])
      await flushWave(connections, part).catch((failure: unknown) => part.forEach(({ reject }) => reject(failure)));
  }
}

/** A row was refused, not the connection. */
function isRefusal(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'rejected';
}

function resultAt<T>(results: readonly T[], i: number): T {
  const result = results[i];
  if (result === undefined) throw new Error('invariant broken: one result per call');
  return result;
}

function postgresDialect({ pool, where }: Connections): (open: () => void) => Dialect {
  return (open) => ({
    textsTable: '(SELECT json_array_elements_text(?::json) AS value) t',
    identitiesTable: '(SELECT v ->> 0 AS kind, v ->> 1 AS system, v ->> 2 AS external_id FROM json_array_elements(?::json) v)',
    async query(sql, cells) {
      open();
      let n = 0;
      const text = sql.replaceAll('?', () => `$${(n += 1)}`);
      try {
        return (await pool.query({ text, values: [...cells] })).rows;
      } catch (error) {
        throw postgresFault(error, where, 'reading');
      }
    },
  });
}

/** A connection of its own that hears of accepted events, opened again when it is lost. */
async function listenFor({ config, where }: Connections, onWake: () => void): Promise<() => Promise<void>> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const start = async (): Promise<void> => {
    const fresh = new pg.Client(config);
    fresh.on('error', () => {});
    fresh.on('notification', onWake);
    fresh.on('end', again);
    await fresh.connect();
    await fresh.query('LISTEN linchpin');
    client = fresh;
  };
  const again = (): void => {
    if (stopped || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      start().then(onWake, again);
    }, listenAgainMs);
    timer.unref();
  };
  try {
    await start();
  } catch (error) {
    stopped = true;
    throw postgresFault(error, where, 'listening');
  }
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await client?.end();
  };
}
