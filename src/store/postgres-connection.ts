import pg from 'pg';
import { Fault, type FaultKind } from '#base/fault';
import { migrationsOf, pendingMigrations, type Migration } from '#store/migrations';

/** What PostgreSQL's error codes mean for the hub, longest match first (https://www.postgresql.org/docs/15/errcodes-appendix.html), and the codes of Node's sockets. */
const codes: readonly (readonly [code: string, kind: FaultKind, title: string])[] = [
  ['40P01', 'locked', 'two transactions waited for each other, several times'],
  ['40001', 'locked', 'transactions stood in each other’s way, several times'],
  ['53100', 'unreachable', 'the disk of the database server is full: nothing of this was kept'],
  ['53300', 'unreachable', 'the server has no connection left: lower the pool, or raise max_connections'],
  ['25006', 'misconfigured', 'the server is read-only: name the primary, not a standby'],
  ['42501', 'forbidden', 'the user lacks a permission'],
  ['3D000', 'misconfigured', 'the database does not exist'],
  ['3F000', 'misconfigured', 'the schema does not exist'],
  ['28', 'unauthorised', 'the server refused the user or the password'],
  ['08', 'unreachable', 'the connection was lost'],
  ['57', 'unreachable', 'the server is stopping or cancelled the statement'],
  ['53', 'unreachable', 'the server is out of a resource'],
  ['22', 'rejected', 'a value cannot be stored'],
  ['23', 'rejected', 'a row breaks a rule of the schema'],
  ['54', 'rejected', 'a value is longer than the database takes'],
  ['ECONN', 'unreachable', 'the server did not answer'],
  ['ETIMEDOUT', 'unreachable', 'the server did not answer in time'],
  ['ENOTFOUND', 'unreachable', 'the name of the server is not known'],
  ['EAI_', 'unreachable', 'the name of the server could not be looked up'],
  ['EPIPE', 'unreachable', 'the connection was lost'],
  ['EHOST', 'unreachable', 'the server cannot be reached'],
  ['ENETUNREACH', 'unreachable', 'the server cannot be reached'],
];

/** How often a transaction that met a deadlock is run again. */
const retriesMax = 5;

/** Connections of one store, and the address without its password for messages. */
export interface Connections {
  readonly pool: pg.Pool;
  readonly config: pg.ClientConfig;
  readonly where: string;
}

/** Opens connections; every one of them waits for the disk at commit and finds our tables first. */
export function connect({ url, pool: size, schema }: { url: string; pool: number; schema: string }): Connections {
  if (!/^[a-z][a-z0-9_]{0,50}$/.test(schema))
    throw new Fault('misconfigured', `the database schema is a lower-case name of letters, digits and _; it is "${schema}"`);
  if (!Number.isInteger(size) || size < 2 || size > 100) throw new Fault('misconfigured', `the pool has 2 to 100 connections; it is ${size}`);
  const config: pg.ClientConfig = {
    connectionString: url,
    options: `-c search_path=${schema}`,
    application_name: 'linchpin',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...config, max: size, idleTimeoutMillis: 60_000 });
  pool.on('error', () => {}); // An idle connection that breaks is replaced; the next call that needs it says what happened.
  return { pool, config, where: addressOf(url) };
}

/** The fault for whatever the driver threw; faults and our own bugs pass as they are. */
export function postgresFault(error: unknown, where: string, attempted: string): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error;
  const code = codeOf(error) ?? '';
  const row =
    codes.find(([prefix]) => code !== '' && code.startsWith(prefix)) ??
    (/terminated|timeout|ended/i.test(error.message) ? (['', 'unreachable', 'the connection was lost'] as const) : undefined);
  return row
    ? new Fault(row[1], `${attempted} in ${where}: ${row[2]} (PostgreSQL: ${error.message || code}${detailOf(error)})`, {
        code: `PostgreSQL ${code}`,
        where,
        cause: error,
      })
    : error;
}

function detailOf(error: Error): string {
  return error instanceof pg.DatabaseError && error.detail ? `: ${error.detail.slice(0, 300)}` : '';
}

/** PostgreSQL's or Node's code of an error. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Every write touches a few rows by key. Plans are kept, also those made when a table was still empty, so they are told to use the indexes: measured, 2.5 times the steps per second. */
const begin = 'BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off';

/** A connection inside a transaction. */
export interface Transaction {
  query(name: string, text: string, values: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Runs work in one transaction; again, from the start, where it met a deadlock. An answer lost at the commit itself is `uncertain`. */
export async function transact<T>({ pool, where }: Connections, attempted: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transactOnce({ pool, where }, attempted, work);
    } catch (error) {
      const code = codeOf(error);
      if ((code !== '40P01' && code !== '40001') || tries === retriesMax) throw postgresFault(error, where, attempted);
    }
  }
}

async function transactOnce<T>(
  { pool, where }: Pick<Connections, 'pool' | 'where'>,
  attempted: string,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const value = await work({ query: async (name, text, values) => (await client.query({ name, text, values: [...values] })).rows });
    try {
      await client.query('COMMIT');
    } catch (error) {
      const fault = postgresFault(error, where, attempted);
      throw fault instanceof Fault && fault.kind === 'unreachable'
        ? new Fault('uncertain', `${fault.message}; it is not known whether it was kept`, { ...fault.detail, cause: error })
        : error;
    }
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Refuses a server that is too old or would garble text, creates the schema and applies what is missing: each change in one transaction with its row in `migration`. Several processes may start at once. */
export async function migrate(connections: Connections, schema: string, migrations: readonly Migration[] = migrationsOf('postgres')): Promise<void> {
  const { where } = connections;
  await transact(connections, 'opening the database', async ({ query }) => {
    const [server] = await query('', "SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding", []);
    if (Number(server?.['version']) < 150_000)
      throw new Fault('misconfigured', `${where} is PostgreSQL ${String(server?.['version'])}; version 15 or newer is needed`);
    if (server?.['encoding'] !== 'UTF8')
      throw new Fault('misconfigured', `${where} keeps text as ${String(server?.['encoding'])}; a database with encoding UTF8 is needed`);
    await query('', "SELECT pg_advisory_xact_lock(hashtext('linchpin migration'))", []);
    const [known] = await query('', 'SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    if (!known) await query('', `CREATE SCHEMA ${schema}`, []);
    await query(
      '',
      'CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, applied_at bigint NOT NULL)',
      [],
    );
  });
  for (;;) if (!(await migrateNext(connections, migrations))) return;
}

async function migrateNext(connections: Connections, migrations: readonly Migration[]): Promise<boolean> {
  return transact(connections, 'changing the schema', async ({ query }) => {
    await query('', "SELECT pg_advisory_xact_lock(hashtext('linchpin migration'))", []);
    const applied = (await query('', 'SELECT number, name, hash FROM migration ORDER BY number', [])).map((row) => ({
      number: Number(row['number']),
      name: String(row['name']),
      hash: String(row['hash']),
    }));
    const [next] = pendingMigrations(migrations, applied, connections.where);
    if (!next) return false;
    for (const statement of next.sql.split(/;\s*\n/).filter((text) => text.trim() !== '')) await query('', statement, []);
    await query('', 'INSERT INTO migration VALUES ($1, $2, $3, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)', [next.number, next.name, next.hash]);
    return true;
  });
}

function addressOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `PostgreSQL at ${hostname}${port ? `:${port}` : ''}${pathname}`;
  } catch {
    throw new Fault('misconfigured', 'the address of the database is not a URL of the form postgres://user:password@host:5432/database');
  }
}
