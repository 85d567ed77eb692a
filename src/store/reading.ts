import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '#base/fault';
import { migrationsOf, pendingMigrations } from '#store/migrations';
import type { Store } from '#store/port';
import { sqlFacts, sqlOutbox, sqlReads } from '#store/sql-reads';
import { sqliteDialect } from '#store/sqlite';
import { sqliteFault } from '#store/sqlite-file';

const refused = (what: string): never => {
  throw new Fault('misconfigured', `${what}: the store was opened for reading only`);
};

/** A store that answers questions and refuses every write: for rehearsal, replay and looking around beside a running hub. */
export function readOnly(store: Pick<Store, 'name' | 'facts' | 'outbox' | 'getCursor' | 'read' | 'close'>): Store {
  return {
    name: store.name,
    facts: (keys) => store.facts(keys),
    outbox: (limit) => store.outbox(limit),
    getCursor: (name) => store.getCursor(name),
    read: store.read,
    close: () => store.close(),
    accept: async () => refused('accepting events'),
    claim: async () => refused('claiming lanes'),
    claimLane: async () => refused('claiming a lane'),
    renew: async () => refused('renewing leases'),
    // Giving back what was never taken is no write.
    abandon: async () => 0,
    commit: async () => refused('committing steps'),
    setCursor: async () => refused('setting a cursor'),
    record: async () => refused('writing audit records'),
  };
}

/**
 * Opens a database file beside a hub that may be running: no lock is taken, no lease given up, nothing migrated, nothing written. SQLite's write-ahead
 * log lets one process write and others read; each question sees what was committed when it was asked.
 */
export function openSqliteForReading({ file }: { readonly file: string }): Store {
  if (!existsSync(file))
    throw new Fault('missing', `there is no database ${file} yet: it is made at the first start of the hub; name the folder with --data`, { where: file });
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    const applied = db
      .prepare('SELECT number, name, hash FROM migration ORDER BY number')
      .all()
      .map((row) => ({ number: Number(row['number']), name: String(row['name']), hash: String(row['hash']) }));
    const pending = pendingMigrations(migrationsOf('sqlite'), applied, file);
    if (pending.length > 0)
      throw new Fault('misconfigured', `${file} was written by an older version of Linchpin: start this version's hub on it once, then read`, { where: file });
  } catch (error) {
    db?.close();
    throw sqliteFault(error, file, 'opening the database for reading');
  }
  const open = db;
  let closed = false;
  const dialect = sqliteDialect(open, file, () => {
    if (closed) throw new Fault('unreachable', `the database ${file} was called after it was closed`);
  });
  return readOnly({
    name: 'sqlite',
    facts: (keys) => sqlFacts(dialect, keys),
    outbox: (limit) => sqlOutbox(dialect, limit),
    async getCursor(name) {
      const [row] = await dialect.query('SELECT value FROM cursor WHERE name = ?', [name]);
      return row && JSON.parse(String(row['value']));
    },
    read: sqlReads(dialect),
    async close() {
      if (closed) return;
      closed = true;
      open.close();
    },
  });
}
