import { after } from 'node:test';
import pg from 'pg';
import { conformance } from '#store/conformance';
import { openPostgres } from '#store/postgres';
import { startPostgres } from '#store/postgres-server';

const server = await startPostgres({ path: process.env['PATH'] ?? '', durable: false });
const skip = 'reason' in server ? server.reason : false;
const url = 'url' in server ? server.url : '';
after(async () => {
  if ('stop' in server) await server.stop();
});

const tables = [
  'lane',
  'event',
  'decision',
  'operation',
  'expectation',
  'outbox',
  'cursor',
  'entry',
  'document',
  'fact',
  'crosswalk',
  'audit_log',
  'audit_leaf',
];

/** One schema for all cases, emptied for each: faster than making one each time. */
conformance(
  'postgres',
  async () => {
    const store = await openPostgres({ url, pool: 3, schema: 'conformance' });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(tables.map((table) => `DELETE FROM conformance.${table}`).join('; '));
    await client.end();
    return store;
  },
  skip,
);
