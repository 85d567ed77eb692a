import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Fault } from '#base/fault';
import { event, leaf, leaseMs, noon, operation } from '#store/conformance-rows';
import { migrationsOf } from '#store/migrations';
import { openSqlite } from '#store/sqlite';
import { migrate } from '#store/sqlite-file';

const folder = mkdtempSync(join(tmpdir(), 'linchpin-sqlite-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const root = process.getuid?.() === 0;

let files = 0;
const freshFile = (): string => join(folder, `store-${(files += 1)}.sqlite`);
const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [writer, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Reads lines of a process until `enough`, kills it with SIGKILL, and answers all that it said. */
async function readAndKill(child: ChildProcess, enough: (lines: readonly string[]) => boolean): Promise<string[]> {
  const lines: string[] = [];
  if (!child.stdout) throw new Error('no output to read');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (enough(lines)) child.kill('SIGKILL');
  }
  return lines;
}

const accept = (store: ReturnType<typeof openSqlite>, key: string, data = 'x') => store.accept([event('workOrder/1', key, { data })], { now: noon });

test('R-07: killed with SIGKILL in the middle of its work, the store has every acknowledged event and step, whole, after each restart', async () => {
  const file = freshFile();
  const acknowledged = { accepted: new Set<string>(), committed: new Set<string>() };
  for (const [round, most] of [3, 40, 111, 7].entries()) {
    const lines = await readAndKill(start('write', file, String(round)), (said) => said.length >= most);
    for (const line of lines) {
      const [what = '', key = ''] = line.split(' ');
      assert.ok(what === 'accepted' || what === 'committed', line);
      acknowledged[what].add(key);
    }
    const store = openSqlite({ file });
    const events = new Map((await store.read.listEvents({ limit: 10_000 })).map((row) => [row.key, row]));
    const operations = new Set((await store.read.listOperations({ limit: 10_000 })).map((row) => row.key));
    const leaves = await store.read.auditLeaves({ log: 'lanes', from: 0, limit: 10_000 });
    for (const key of acknowledged.accepted) assert.ok(events.has(key), `event ${key} was acknowledged and is lost`);
    for (const key of acknowledged.committed) assert.equal(events.get(key)?.state, 'applied');
    for (const row of events.values()) assert.equal(operations.has(`op ${row.key}`), row.state === 'applied', `the step of ${row.key} is torn`);
    assert.deepEqual(
      leaves.map(({ index }) => index),
      leaves.map((_, i) => i),
    );
    assert.equal(leaves.length, operations.size);
    await store.close();
  }
  assert.ok(acknowledged.committed.size > 40);
});

test('R-23: a second hub on one file is refused with the process id of the first; after kill -9 the file is free, and lanes say that a holder was lost', async () => {
  const file = freshFile();
  const child = start('hold', file);
  let refusal: unknown;
  await readAndKill(child, () => {
    try {
      openSqlite({ file });
    } catch (error) {
      refusal = error;
    }
    return true;
  });
  assert.ok(refusal instanceof Fault);
  assert.equal(refusal.kind, 'misconfigured');
  assert.match(refusal.message, new RegExp(`${file}.*process ${child.pid} has it open`));
  const store = openSqlite({ file });
  const [work] = await store.claim({ worker: 'w2', now: noon, leaseMs, limit: 10 });
  assert.deepEqual(
    [work?.lane, work?.takenOver, work?.epoch, work?.operations.map(({ key, state }) => [key, state])],
    ['workOrder/1', true, 2, [['op', 'sending']]],
  );
  await store.close();
});

test('a second store on one file in one process is refused, also through another path; after close it opens', async () => {
  const file = freshFile();
  const store = openSqlite({ file });
  for (const path of [file, join(folder, '.', 'x', '..', file.slice(folder.length + 1))])
    assert.throws(
      () => openSqlite({ file: path }),
      (error) => error instanceof Fault && error.kind === 'misconfigured' && error.message.includes(`process ${process.pid}`),
    );
  await store.close();
  await openSqlite({ file }).close();
});

test('R-40: a full disk refuses the write with a clear fault, keeps what was there, and goes on when there is space', async () => {
  const store = openSqlite({ file: freshFile(), maxPages: 200 });
  const kept: string[] = [];
  const big = 'x'.repeat(20_000);
  let refusal: unknown;
  for (let n = 0; n < 100 && !refusal; n++) {
    await accept(store, `e${n}`, big).then(
      () => kept.push(`e${n}`),
      (error: unknown) => (refusal = error),
    );
  }
  assert.ok(refusal instanceof Fault && refusal.kind === 'unreachable');
  assert.match(refusal.message, /disk is full.*nothing of this was kept/);
  const both = await Promise.allSettled([accept(store, 'a', big), accept(store, 'b', big)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.deepEqual(
    (await store.read.listEvents({ limit: 1_000 })).map(({ key }) => key),
    kept,
  );
  store.limitPages(10_000);
  assert.deepEqual((await accept(store, 'after', big)).seqs, [kept.length + 1]);
  await store.close();
});

test('what cannot be opened is a fault that names the file and what to do', async () => {
  const text = freshFile();
  writeFileSync(text, 'this is a text, not a database, and longer than the header that is read first '.repeat(20));
  const directory = freshFile();
  mkdirSync(directory);
  const cases = [
    [text, /not a SQLite database/],
    [directory, /could not be opened/],
    [join(folder, 'none', 'store.sqlite'), /folder .* does not exist/],
  ] as const;
  for (const [file, says] of cases)
    assert.throws(
      () => openSqlite({ file }),
      (error) => error instanceof Fault && error.kind === 'misconfigured' && error.message.includes(file) && says.test(error.message),
    );
  assert.match(readFileSync(text, 'utf8'), /^this is a text/);
});

test('a damaged file is a fault when it is read, not wrong data', async () => {
  const file = freshFile();
  const store = openSqlite({ file });
  for (let n = 0; n < 50; n++) await accept(store, `e${n}`, 'x'.repeat(2_000));
  await store.close();
  const { size } = statSync(file);
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(size - 4_096 * 3, 0xa5), 0, size - 4_096 * 3, 4_096 * 3);
  closeSync(handle);
  await assert.rejects(
    async () => {
      const damaged = openSqlite({ file });
      try {
        await damaged.read.listEvents({ limit: 100 });
        await damaged.read.countEvents();
        await accept(damaged, 'new');
      } finally {
        await damaged.close();
      }
    },
    (error) => error instanceof Fault && error.kind === 'misconfigured' && /damaged/.test(error.message),
  );
});

test('a read-only folder is a fault that says so', { skip: root ? 'running as root: permissions have no effect' : false }, () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  assert.throws(
    () => openSqlite({ file: join(closed, 'store.sqlite') }),
    (error) => error instanceof Fault && error.kind === 'misconfigured',
  );
});

test('a write that the file refuses is a fault, and the store goes on when it may write again', async () => {
  const file = freshFile();
  const store = openSqlite({ file });
  await accept(store, 'e1');
  const other = new DatabaseSync(file);
  other.exec("CREATE TRIGGER refuse BEFORE INSERT ON event WHEN NEW.key = 'e2' BEGIN SELECT RAISE(ABORT, 'not now'); END");
  const [bad, good] = await Promise.allSettled([accept(store, 'e2'), accept(store, 'e3')]);
  assert.deepEqual([bad.status === 'rejected' && bad.reason instanceof Fault && bad.reason.kind, good.status], ['rejected', 'fulfilled']);
  other.exec('DROP TRIGGER refuse');
  other.close();
  assert.deepEqual((await accept(store, 'e2')).seqs, [3]);
  await store.close();
});

test('every commit waits for the disk, and readers do not wait for the writer', async () => {
  const file = freshFile();
  const store = openSqlite({ file });
  await accept(store, 'e1');
  assert.ok(existsSync(`${file}-wal`));
  const reader = new DatabaseSync(file, { readOnly: true });
  assert.deepEqual({ ...reader.prepare('SELECT COUNT(*) AS n FROM event').get() }, { n: 1 });
  reader.close();
  await store.close();
});

test('calls of one turn share one transaction: a bad step among them refuses itself only', async () => {
  const store = openSqlite({ file: freshFile() });
  const lanes = ['a/1', 'a/2', 'a/3'];
  await store.accept(
    lanes.map((lane) => event(lane, 'e1')),
    { now: noon },
  );
  const work = await store.claim({ worker: 'w1', now: noon, leaseMs, limit: 10 });
  const commit = (lane: string, key: string) =>
    store.commit([{ lane, epoch: work[0]?.epoch ?? 0, insertOperations: [operation(lane, key)], audit: [leaf(lane)] }], {
      worker: 'w1',
      now: noon,
      log: 'lanes',
    });
  const results = await Promise.allSettled([
    commit('a/1', 'same'),
    commit('a/2', 'same'),
    commit('a/3', 'own'),
    store.accept([event('bad', 'x')], { now: noon }),
    store.accept([event('a/4', 'x')], { now: noon }),
  ]);
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? (Array.isArray(result.value) ? result.value[0]?.kept : true) : 'rejected')),
    [true, false, true, 'rejected', true],
  );
  assert.deepEqual(await store.read.auditLogs(), [{ log: 'lanes', size: 2 }]);
  await store.close();
});

test('R-22: a schema change that is killed in the middle leaves nothing of itself, and the next start completes it', async () => {
  const file = freshFile();
  assert.deepEqual(await readAndKill(start('migrate', file), () => false), []);
  const db = new DatabaseSync(file);
  assert.deepEqual(
    db
      .prepare('SELECT number FROM migration')
      .all()
      .map(({ number }) => number),
    [1],
  );
  assert.equal(db.prepare("SELECT COUNT(*) AS n FROM sqlite_schema WHERE name IN ('entry', 'document')").get()?.['n'], 0);
  db.close();
  const store = openSqlite({ file });
  assert.deepEqual((await accept(store, 'e1')).seqs, [1]);
  await store.close();
});

test('a database of a newer version, and one whose history was rewritten, are refused', () => {
  const db = new DatabaseSync(':memory:');
  const [first, ...rest] = migrationsOf('sqlite');
  if (!first) throw new Error('a schema change is needed');
  migrate(db, [first, ...rest, { number: 9_999, name: 'from-the-future', sql: 'SELECT 1', hash: 'h' }], 'db');
  assert.throws(() => migrate(db, [first, ...rest], 'db'), /9999 \(from-the-future\).*newer version/);
  assert.throws(() => migrate(db, [{ ...first, hash: 'edited' }], 'db'), /schema change 1 .* is not the one/);
});

test('a schema change that fails leaves nothing of itself', () => {
  const db = new DatabaseSync(':memory:');
  const bad = { number: 1, name: 'bad', sql: 'CREATE TABLE left_over (a); CREATE TABLE left_over (a)', hash: 'h' };
  assert.throws(() => migrate(db, [bad], 'db'), /already exists/);
  migrate(db, [{ ...bad, sql: 'CREATE TABLE left_over (a)' }], 'db');
});

test('claims and searches by number are served by indexes', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db, migrationsOf('sqlite'), ':memory:');
  const questions = [
    'SELECT lane FROM lane WHERE urgency = 2 AND due_at <= 5 ORDER BY due_at LIMIT 64',
    "SELECT thread FROM document WHERE id = 'x'",
    "SELECT thread FROM event WHERE object = 'x'",
    "SELECT thread FROM operation WHERE reference = 'x'",
    "SELECT thread FROM operation WHERE document_id = 'x'",
    "SELECT * FROM event WHERE state = 'pending' AND lane = 'x' AND seq > 0 ORDER BY seq",
    "SELECT * FROM operation WHERE lane = 'x' AND open = 1 ORDER BY n",
    "SELECT * FROM event WHERE thread = 'x' ORDER BY lane, seq",
    "SELECT * FROM entry WHERE work_order = 'x' ORDER BY lane, event_key, n",
    'SELECT id, event FROM outbox ORDER BY created_at, id LIMIT 5',
    'SELECT connection, state, currency, COUNT(*), SUM(minor), MIN(created_at) FROM operation GROUP BY state, connection, currency',
  ];
  for (const question of questions) {
    const plan = db
      .prepare(`EXPLAIN QUERY PLAN ${question}`)
      .all()
      .map(({ detail }) => String(detail))
      .join('; ');
    assert.match(plan, /^(SEARCH|SCAN) \w+ USING (COVERING )?INDEX/, question);
    assert.doesNotMatch(plan, /TEMP B-TREE/, question);
  }
});

test('with 100,000 lanes waiting a claim takes the most urgent without looking at the others', async () => {
  const file = freshFile();
  const store = openSqlite({ file });
  const other = new DatabaseSync(file);
  other.exec(`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000)
    INSERT INTO lane SELECT 'part/' || n, n % 1024, 'part', '{}', 0, NULL, 0, ${noon} - 200000 + n, n % 3, 0, 0, 0 FROM c`);
  other.close();
  const started = performance.now();
  for (let n = 0; n < 10; n++) {
    const work = await store.claim({ worker: 'w1', now: noon, leaseMs, limit: 64 });
    assert.deepEqual([work.length, work[0]?.lane], [64, `part/${2 + n * 192}`]);
  }
  assert.ok(performance.now() - started < 1_000, `${performance.now() - started} ms for ten claims`);
  await store.close();
});
