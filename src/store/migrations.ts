import { readdirSync, readFileSync } from 'node:fs';
import { sha256 } from '#base/json';
import { Fault } from '#base/fault';

/** One numbered change of the schema. Files are only ever added: a released one is never edited. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly hash: string;
}

/** What a database says was applied. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly hash: string;
}

/** The migrations of a dialect, from `migrations/<dialect>/0001-name.sql` on. */
export function migrationsOf(dialect: 'sqlite' | 'postgres'): readonly Migration[] {
  const folder = new URL(`./migrations/${dialect}/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), 'utf8').replaceAll('\r\n', '\n');
      return { number: Number(file.slice(0, 4)), name: file.slice(5, -4), sql, hash: sha256(sql) };
    });
}

/** The migrations still to do. Refuses a database that is newer than this program, or whose history is not ours. */
export function pendingMigrations(all: readonly Migration[], applied: readonly AppliedMigration[], database: string): readonly Migration[] {
  for (const row of applied) {
    const known = all.find((migration) => migration.number === row.number);
    if (!known)
      throw new Fault(
        'misconfigured',
        `${database} has schema change ${row.number} (${row.name}), which this version of Linchpin does not know: it was written by a newer version. Start that version, or restore the backup made before the upgrade`,
      );
    if (known.hash !== row.hash)
      throw new Fault('misconfigured', `${database}: schema change ${row.number} (${row.name}) is not the one this version of Linchpin has`);
  }
  return all.filter((migration) => !applied.some((row) => row.number === migration.number));
}
