import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteForReading } from '#store/reading';
import { openSqlite } from '#store/sqlite';

const event = (key: string) => ({
  lane: 'part/a',
  kind: 'part.snapshot',
  key,
  source: 'erp',
  object: 'a',
  version: '1',
  urgency: 0,
  thread: 'part/a',
  site: '',
  data: {},
  at: 1,
});

test('a file is read beside the hub that holds it, and sees what that hub commits meanwhile', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-reading-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'linchpin.sqlite');
  const hub = openSqlite({ file });
  await hub.accept([event('one')], { now: 1 });
  const reading = openSqliteForReading({ file });
  assert.equal((await reading.read.countEvents()).pending, 1);
  await hub.accept([event('two')], { now: 2 });
  await hub.setCursor('poll', { since: 'x' });
  assert.equal((await reading.read.countEvents()).pending, 2);
  assert.deepEqual(await reading.getCursor('poll'), { since: 'x' });
  await hub.close();
  await reading.close();
  assert.throws(() => openSqliteForReading({ file: join(folder, 'none.sqlite') }), /no database .*none\.sqlite yet/);
});

test('a store opened for reading refuses every write and leaves the lease of the hub alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-reading-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'linchpin.sqlite');
  const hub = openSqlite({ file });
  await hub.accept([event('one')], { now: 1, claim: { worker: 'hub', leaseMs: 60_000 } });
  const reading = openSqliteForReading({ file });
  for (const write of [
    () => reading.accept([event('x')], { now: 1 }),
    () => reading.claim({ worker: 'w', now: 1, leaseMs: 1, limit: 1 }),
    () => reading.claimLane('part/a', { worker: 'w', now: 1, leaseMs: 1 }),
    () => reading.renew('w', [], 1),
    () => reading.commit([], { worker: 'w', now: 1, log: 'w' }),
    () => reading.setCursor('a', {}),
    () => reading.record([], { log: 'w', now: 1 }),
  ])
    await assert.rejects(write, { kind: 'misconfigured', message: /opened for reading only/ });
  assert.equal((await reading.read.lane('part/a'))?.owner, 'hub');
  await reading.close();
  await hub.close();
});

test('a file that is no database, or of another program, is refused with its name', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-reading-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'linchpin.sqlite');
  writeFileSync(file, 'this is no database, but a text that is long enough to be looked at as one'.repeat(20));
  assert.throws(() => openSqliteForReading({ file }), { kind: 'misconfigured', message: /linchpin\.sqlite: the file is not a SQLite database/ });
});
