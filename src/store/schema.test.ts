import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import pg from 'pg';
import { migrationsOf } from '#store/migrations';
import { openPostgres } from '#store/postgres';
import { startPostgres } from '#store/postgres-server';
import { migrate } from '#store/sqlite-file';

// The schema that the migrations lead to is a reviewed file. After a new migration: UPDATE_SCHEMA=1 node --test src/store/schema.test.ts, and review the difference.

const server = await startPostgres({ path: process.env['PATH'] ?? '', durable: false });
const url = 'url' in server ? server.url : '';
const skip = 'reason' in server ? server.reason : false;
after(async () => {
  if ('stop' in server) await server.stop();
});

function compareWithFile(name: string, text: string): void {
  const file = new URL(`./schema/${name}.sql`, import.meta.url);
  if (process.env['UPDATE_SCHEMA']) writeFileSync(file, text);
  assert.equal(
    text,
    readFileSync(file, 'utf8').replaceAll('\r\n', '\n'),
    'the schema differs from its reviewed file: add a migration, then run with UPDATE_SCHEMA=1 and review',
  );
}

test('the SQLite schema is the reviewed one', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db, migrationsOf('sqlite'), ':memory:');
  const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name").all();
  compareWithFile('sqlite', rows.map(({ sql }) => `${String(sql)};\n`).join(''));
});

const postgresSchema = `
  SELECT table_name AS name, 0 AS part, 'TABLE ' || table_name || E' (\\n' || string_agg('  ' || column_name || ' ' || data_type || COALESCE(' COLLATE ' || quote_ident(collation_name), '') || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END, E',\\n' ORDER BY ordinal_position) || E'\\n)' AS text
    FROM information_schema.columns WHERE table_schema = 'reviewed' GROUP BY table_name
  UNION ALL SELECT conrelid::regclass::text, 1, conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'reviewed'::regnamespace AND contype <> 'n'
  UNION ALL SELECT tablename, 2, indexdef FROM pg_indexes i WHERE schemaname = 'reviewed' AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname AND connamespace = 'reviewed'::regnamespace)
  ORDER BY name, part, text`;

test('the PostgreSQL schema is the reviewed one', { skip }, async () => {
  await (await openPostgres({ url, schema: 'reviewed' })).close();
  const client = new pg.Client({ connectionString: url, options: '-c search_path=reviewed' });
  await client.connect();
  const { rows } = await client.query<{ text: string }>(postgresSchema);
  await client.end();
  compareWithFile('postgres', rows.map(({ text }) => `${text.replaceAll('reviewed.', '')};\n`).join(''));
});

test('both dialects have the same numbered migrations, without gaps', () => {
  const [sqlite, postgres] = [migrationsOf('sqlite'), migrationsOf('postgres')].map((list) => list.map(({ number, name }) => `${number} ${name}`));
  assert.deepEqual(sqlite, postgres);
  assert.deepEqual(
    migrationsOf('sqlite').map(({ number }) => number),
    migrationsOf('sqlite').map((_, i) => i + 1),
  );
});

test('every table of a lane carries lane and bucket, so that rows can be moved between shards', { skip }, () => {
  const lanes = ['lane', 'event', 'decision', 'operation', 'expectation', 'outbox', 'entry', 'document', 'fact', 'crosswalk'];
  for (const dialect of ['sqlite', 'postgres'] as const) {
    const sql = migrationsOf(dialect)
      .map((migration) => migration.sql)
      .join('\n');
    for (const table of lanes) assert.match(sql, new RegExp(`CREATE TABLE ${table} \\(\\s+lane [^\\n]+\\n\\s+bucket `));
    if (dialect === 'postgres')
      for (const table of lanes) assert.match(sql, new RegExp(`ALTER TABLE ${table} ADD CONSTRAINT \\w+ PRIMARY KEY \\([^)]*lane[^)]*bucket\\)`));
  }
});
