import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '#base/clock';
import { readCheckpoint, signCheckpoint, checkpointLog } from '#audit/checkpoint';
import { verifyEvidence, writeEvidence } from '#audit/evidence';
import { nameIn, referenceTo, Secret } from '#store/vault';
import { createKey, keyInVault, openKey, readKey, readPublicKey } from '#audit/key';
import { auditKinds, auditLeaf, leafProblem, readStatement, type AuditRow } from '#audit/leaf';
import { auditor, type Auditor, type AuditStore } from '#audit/log';
import type { JsonObject } from '#base/json';
import { leafHash } from '#audit/tree';
import type { AuditReport } from '#audit/verification';

const start = Date.UTC(2026, 2, 4, 6);
const secret = createKey('plant/audit');
const otherSecret = createKey('plant/audit');

/** A store whose audit tables can be tampered with, as an administrator of the database could. */
class Table implements AuditStore {
  rows: AuditRow[] = [];
  /** Sizes an intruder set, instead of those that the rows have. */
  sizes = new Map<string, number>();
  cursors = new Map<string, JsonObject>();
  reads = 0;

  readonly read = {
    auditLogs: async () =>
      [...new Set(this.rows.map(({ log }) => log))].sort().map((log) => ({ log, size: this.sizes.get(log) ?? (this.of(log).at(-1)?.index ?? -1) + 1 })),
    auditLeaves: async (ask: { log: string; from: number; limit: number }) => {
      const page = this.of(ask.log)
        .filter(({ index }) => index >= ask.from)
        .slice(0, ask.limit);
      this.reads += page.length;
      return page;
    },
  };

  of(log: string): AuditRow[] {
    return this.rows.filter((row) => row.log === log).sort((a, b) => a.index - b.index);
  }

  async record(leaves: Parameters<AuditStore['record']>[0], { log, now }: { log: string; now: number }): Promise<void> {
    for (const leaf of leaves) this.rows.push({ ...leaf, log, index: this.of(log).length, at: now, lane: '' });
  }

  async getCursor(name: string): Promise<JsonObject | undefined> {
    return this.cursors.get(name);
  }

  async setCursor(name: string, value: JsonObject): Promise<void> {
    this.cursors.set(name, value);
  }

  copy(): Table {
    const copy = new Table();
    copy.rows = this.rows.map((row) => ({ ...row }));
    return copy;
  }

  /** Replaces the row at a place and gives every row of its log the index of its place. */
  renumber(log: string, rows: readonly AuditRow[]): void {
    this.rows = [...this.rows.filter((row) => row.log !== log), ...rows.map((row, index) => ({ ...row, log, index }))];
  }
}

async function write(table: Table, options: { log?: string; count: number; from?: number; at?: number }): Promise<void> {
  const { log = 'a', count, from = 0, at = start } = options;
  for (let n = from; n < from + count; n++)
    await table.record(
      [auditLeaf({ actor: 'linchpin', kind: 'decision', subject: `workOrder/cmms.${n}`, body: { n, reason: `12 on hand, ${n} needed`, log } })],
      { log, now: at + n },
    );
}

/** Two logs, three checkpoints, and a tail that none covers. */
async function plant(options: { tail?: number } = {}): Promise<{ table: Table; audit: Auditor; notes: string[] }> {
  const table = new Table();
  const audit = auditor(table, readKey(secret), new ManualClock(start));
  const notes: string[] = [];
  for (let round = 0; round < 3; round++) {
    await write(table, { log: 'a', from: round * 7, count: 7 });
    await write(table, { log: 'b', from: round * 4, count: 4 });
    notes.push((await audit.checkpoint()).note);
  }
  if (options.tail) await write(table, { log: 'a', from: 21, count: options.tail });
  return { table, audit, notes };
}

const check = (table: Table, external: readonly string[] = []): Promise<AuditReport> =>
  auditor(table, readKey(secret), new ManualClock(start)).verify({ external });
const rehash = (row: AuditRow, body: JsonObject): AuditRow => ({ ...row, ...auditLeaf({ actor: row.actor, kind: row.kind, subject: row.subject, body }) });

test('R-41: an untouched log verifies, with what is covered and what is not yet', async () => {
  const { table, notes } = await plant({ tail: 2 });
  const report = await check(table, notes);
  assert.deepEqual(
    { ...report, latest: undefined },
    { ok: true, logs: 3, records: 38, checkpoints: 3, covered: 35, uncovered: 3, external: 3, findings: [], more: 0, latest: undefined },
  );
});

const tampering: readonly {
  readonly title: string;
  readonly what: string;
  readonly where?: readonly [number, number];
  readonly external?: boolean;
  readonly act: (table: Table) => void;
}[] = [
  {
    title: 'a record changed, its hash left',
    what: 'changed',
    where: [9, 9],
    act: (table) =>
      void (table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 9 ? { ...row, body: row.body.replace('9 needed', '8 needed') } : row))),
  },
  {
    title: 'a record changed with its hash',
    what: 'rewritten',
    where: [7, 13],
    act: (table) => void (table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 9 ? rehash(row, { n: 9 }) : row))),
  },
  {
    title: 'a stored hash changed',
    what: 'changed',
    where: [9, 9],
    act: (table) => void (table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 9 ? { ...row, hash: leafHash('x').toString('hex') } : row))),
  },
  {
    title: 'the actor column changed',
    what: 'changed',
    where: [9, 9],
    act: (table) => void (table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 9 ? { ...row, actor: 'someone else' } : row))),
  },
  {
    title: 'the time column changed',
    what: 'changed',
    where: [7, 13],
    act: (table) => void (table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 9 ? { ...row, at: row.at + 1 } : row))),
  },
  {
    title: 'the lane column changed',
    what: 'changed',
    where: [7, 13],
    act: (table) => void (table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 9 ? { ...row, lane: 'asset/1' } : row))),
  },
  {
    title: 'a record deleted',
    what: 'deleted',
    where: [9, 9],
    act: (table) => void (table.rows = table.rows.filter((row) => row.log !== 'a' || row.index !== 9)),
  },
  { title: 'a record deleted and the rest renumbered', what: 'deleted', where: [7, 20], act: (table) => table.renumber('a', table.of('a').toSpliced(9, 1)) },
  { title: 'the first record deleted and the rest renumbered', what: 'deleted', where: [0, 20], act: (table) => table.renumber('a', table.of('a').slice(1)) },
  {
    title: 'a record inserted and the rest renumbered',
    what: 'inserted',
    where: [9, 9],
    act: (table) => table.renumber('a', table.of('a').toSpliced(9, 0, rehash(table.of('a')[9]!, { forged: true }))),
  },
  {
    title: 'a record inserted under a number that exists',
    what: 'inserted',
    where: [9, 9],
    act: (table) => void table.rows.push(rehash(table.of('a')[9]!, { forged: true })),
  },
  {
    title: 'two records exchanged',
    what: 'reordered',
    where: [9, 12],
    act: (table) => {
      const rows = table.of('a');
      table.renumber('a', rows.with(9, rows[12]!).with(12, rows[9]!));
    },
  },
  {
    title: 'a record moved to another place',
    what: 'reordered',
    where: [8, 12],
    act: (table) => {
      const rows = table.of('a');
      table.renumber('a', rows.toSpliced(12, 1).toSpliced(8, 0, rows[12]!));
    },
  },
  { title: 'records cut off at the end', what: 'truncated', where: [18, 20], act: (table) => table.renumber('a', table.of('a').slice(0, 18)) },
  {
    title: 'records cut off and the count left',
    what: 'truncated',
    where: [18, 20],
    act: (table) => {
      table.renumber('a', table.of('a').slice(0, 18));
      table.sizes.set('a', 21);
    },
  },
  { title: 'a whole log removed', what: 'truncated', where: [0, 11], act: (table) => table.renumber('b', []) },
  {
    title: 'two logs exchanged',
    what: 'rewritten',
    where: [0, 11],
    act: (table) => {
      const [a, b] = [table.of('a'), table.of('b')];
      table.renumber('a', b);
      table.renumber('b', a);
    },
  },
  {
    title: 'a checkpoint in the middle removed',
    what: 'deleted',
    where: [1, 1],
    act: (table) => void (table.rows = table.rows.filter((row) => row.log !== checkpointLog || row.index !== 1)),
  },
  {
    title: 'a checkpoint in the middle removed and the rest renumbered',
    what: 'changed',
    act: (table) => table.renumber(checkpointLog, table.of(checkpointLog).toSpliced(1, 1)),
  },
  {
    title: 'the last two checkpoints exchanged',
    what: 'changed',
    act: (table) => {
      const [one, two, three] = table.of(checkpointLog);
      table.renumber(checkpointLog, [one!, three!, two!]);
    },
  },
  {
    title: 'an old checkpoint repeated at the end',
    what: 'changed',
    where: [3, 3],
    act: (table) => table.renumber(checkpointLog, [...table.of(checkpointLog), table.of(checkpointLog)[1]!]),
  },
  {
    title: 'the last checkpoint stored under another time',
    what: 'changed',
    where: [2, 2],
    act: (table) =>
      table.renumber(
        checkpointLog,
        table.of(checkpointLog).map((row, index) => (index === 2 ? { ...row, at: row.at + 1 } : row)),
      ),
  },
  {
    title: 'everything after the first checkpoint removed, with the checkpoints',
    what: 'truncated',
    external: true,
    act: (table) => {
      table.renumber('a', table.of('a').slice(0, 7));
      table.renumber('b', table.of('b').slice(0, 4));
      table.renumber(checkpointLog, table.of(checkpointLog).slice(0, 1));
    },
  },
  {
    title: 'only the last checkpoint removed',
    what: 'truncated',
    external: true,
    act: (table) => table.renumber(checkpointLog, table.of(checkpointLog).slice(0, 2)),
  },
  { title: 'everything removed', what: 'truncated', external: true, act: (table) => void (table.rows = []) },
  {
    title: 'all checkpoints removed and a record rewritten',
    what: 'rewritten',
    external: true,
    act: (table) => {
      table.renumber(checkpointLog, []);
      table.renumber(
        'a',
        table.of('a').map((row, index) => (index === 9 ? rehash(row, { n: 9 }) : row)),
      );
    },
  },
];

for (const { title, what, where, external = false, act } of tampering) {
  test(`R-41: ${title}: reported as ${what}${where ? ` at ${where.join(' to ')}` : ''}${external ? ' by a checkpoint kept elsewhere' : ''}`, async () => {
    const { table, notes } = await plant();
    act(table);
    const report = await check(table, external ? notes : []);
    assert.equal(report.ok, false);
    const texts = report.findings.map(({ text }) => text).join('\n');
    const found = report.findings.filter((finding) => finding.what === what);
    assert.ok(found.length > 0, texts);
    if (where)
      assert.ok(
        found.some(({ from, to }) => from === where[0] && to === where[1]),
        texts,
      );
  });
}

test('R-41: peaks that have the right root, but are not those of the size, are reported and do not stop the check', async () => {
  const { table } = await plant();
  table.renumber(
    checkpointLog,
    table.of(checkpointLog).map((row, index) => {
      const body = readStatement(row.body)?.body as { note: string; peaks: Record<string, string[]> };
      const root = readCheckpoint(body.note, [readPublicKey(readKey(secret).publicText)]).heads[0]!.root.toString('hex');
      return index === 1 ? rehash(row, { ...body, peaks: { ...body.peaks, a: [root] } }) : row;
    }),
  );
  const report = await check(table);
  assert.ok(
    report.findings.some(({ what, text }) => what === 'changed' && text.includes('peaks')),
    JSON.stringify(report.findings),
  );
});

test('R-41: without a checkpoint kept elsewhere, cutting records and checkpoints off together is not noticed: the limit that docs/audit.md names', async () => {
  const { table } = await plant();
  table.renumber('a', table.of('a').slice(0, 7));
  table.renumber('b', table.of('b').slice(0, 4));
  table.renumber(checkpointLog, table.of(checkpointLog).slice(0, 1));
  assert.equal((await check(table)).ok, true);
});

test('R-41: one fault does not hide another one behind it', async () => {
  const { table } = await plant();
  table.rows = table.rows.map((row) => ([3, 17].includes(row.index) && row.log === 'a' ? rehash(row, { forged: row.index }) : row));
  assert.deepEqual(
    (await check(table)).findings.map(({ from, to }) => [from, to]),
    [
      [0, 6],
      [14, 20],
    ],
  );
});

test('R-41: any single bit of any stored column of any record is missed by nothing', async () => {
  const { table, notes } = await plant();
  const columns = ['body', 'hash', 'actor', 'kind', 'subject', 'log', 'lane', 'index', 'at'] as const;
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom(...columns), fc.nat(), async (place, column, bit) => {
      const broken = table.copy();
      const row = broken.rows[place % broken.rows.length]!;
      broken.rows[place % broken.rows.length] = { ...row, [column]: flipped(row[column], bit) };
      const report = await check(broken, notes);
      assert.equal(report.ok, false, `${row.log} ${row.index} ${column} bit ${bit}`);
    }),
    { numRuns: 200 },
  );
});

test('R-41: any deletion, insertion, exchange or cut, renumbered and rehashed, is found', async () => {
  const { table, notes } = await plant();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('a', 'b', checkpointLog),
      fc.constantFrom('delete', 'insert', 'exchange', 'cut'),
      fc.nat(),
      fc.nat(),
      async (log, act, one, two) => {
        const broken = table.copy();
        const rows = broken.of(log);
        const [i, j] = [one % rows.length, two % rows.length];
        if (act === 'exchange' && i === j) return;
        const forged = rehash(rows[i]!, { forged: true });
        broken.renumber(
          log,
          act === 'delete'
            ? rows.toSpliced(i, 1)
            : act === 'insert'
              ? rows.toSpliced(i, 0, forged)
              : act === 'cut'
                ? rows.slice(0, i)
                : rows.with(i, rows[j]!).with(j, rows[i]!),
        );
        assert.equal((await check(broken, notes)).ok, false, `${log} ${act} ${i} ${j}`);
      },
    ),
    { numRuns: 100 },
  );
});

function flipped(value: string | number, bit: number): string | number {
  if (typeof value === 'number') return value + (bit % 2 === 0 ? 1 : 2);
  if (value === '') return '\u0001';
  const units = [...value].map((unit) => unit.codePointAt(0) ?? 0);
  const place = bit % units.length;
  return String.fromCodePoint(...units.with(place, units[place]! ^ (1 << (Math.floor(bit / units.length) % 7))));
}

test('R-41: a forged checkpoint is refused, whoever signed it and however it is spelt', async () => {
  const { notes, audit } = await plant();
  const note = notes[1]!;
  const genuine = readCheckpoint(note, audit.trusted);
  const forged = signCheckpoint({ ...genuine, heads: genuine.heads.map((head) => ({ ...head, size: head.size + 1 })) }, readKey(otherSecret));
  const cases: readonly [string, string, RegExp][] = [
    ['another key of the same name', forged, /not a trusted key/],
    ['a changed size', note.replace('log a 14', 'log a 15'), /does not fit its text/],
    ['a changed time', note.replace('time 2026', 'time 2027'), /does not fit its text/],
    ['a signature of another checkpoint', note.split('\n\n')[0]! + '\n\n' + notes[2]!.split('\n\n')[1]!, /does not fit its text/],
    ['no signature', note.split('\n\n')[0]!, /no signature line/],
    ['an empty text', '', /no signature line/],
    ['a second signature line', note + note.split('\n\n')[1]!, /no signature line/],
    ['white space behind', `${note}\n`, /no signature line/],
  ];
  for (const [title, text, why] of cases) assert.throws(() => readCheckpoint(text, audit.trusted), { kind: 'rejected', message: why }, title);
});

test('R-41: any single bit of a checkpoint makes it another one that is refused', async () => {
  const { notes, audit } = await plant();
  fc.assert(
    fc.property(fc.nat(), (bit) => {
      const bytes = Buffer.from(notes[0]!);
      bytes[bit % bytes.length]! ^= 1 << (Math.floor(bit / bytes.length) % 8);
      assert.throws(() => readCheckpoint(bytes.toString('utf8'), audit.trusted), { kind: 'rejected' });
    }),
    { numRuns: 500 },
  );
});

test('signed statements that are out of order, double or beyond exact numbers are refused even with a good signature', async () => {
  const key = readKey(secret);
  const head = { log: 'a', size: 1, root: Buffer.alloc(32), rows: Buffer.alloc(32) };
  for (const heads of [[head, head], [{ ...head, log: 'b' }, head], [{ ...head, size: 2 ** 60 }], [{ ...head, root: Buffer.alloc(31) }]]) {
    assert.throws(() => readCheckpoint(signCheckpoint({ at: start, previous: '', heads }, key), [readPublicKey(key.publicText)]), { kind: 'rejected' });
  }
});

test('R-41: a forged checkpoint in the log, and a log signed with another key, are reported as forged', async () => {
  const { table } = await plant();
  assert.ok((await auditor(table, readKey(otherSecret), new ManualClock(start)).verify()).findings.some(({ what }) => what === 'forged'));
  const mine = new Table();
  await write(mine, { count: 3 });
  const intruder = auditor(mine, readKey(otherSecret), new ManualClock(start));
  await intruder.checkpoint();
  const report = await check(mine);
  assert.deepEqual(
    report.findings.map(({ what, log, from }) => [what, log, from]),
    [['forged', checkpointLog, 0]],
  );
  await assert.rejects(auditor(mine, readKey(secret), new ManualClock(start)).checkpoint(), { kind: 'rejected', message: /not a trusted key/ });
});

test('a checkpoint of an earlier key stays valid where that key is still trusted', async () => {
  const { table } = await plant();
  const renewed = auditor(table, readKey(otherSecret), new ManualClock(start), { earlier: [readKey(secret).publicText] });
  await write(table, { from: 21, count: 1 });
  await renewed.checkpoint();
  assert.equal((await renewed.verify()).ok, true);
});

test('nothing is signed twice, and a checkpoint reads only what is new', async () => {
  const { table, audit, notes } = await plant();
  assert.equal((await audit.checkpoint()).note, notes[2]);
  await write(table, { from: 21, count: 1 });
  table.reads = 0;
  await audit.checkpoint();
  assert.ok(table.reads <= 6, `${table.reads} records were read`);
});

test('nothing is signed over a log that shrank, has a gap or a changed record', async () => {
  for (const act of [
    (table: Table) => table.renumber('a', table.of('a').slice(0, 20)),
    (table: Table) => void (table.rows = table.rows.filter((row) => row.log !== 'a' || row.index !== 22)),
    (table: Table) => void (table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 22 ? { ...row, subject: 'x' } : row))),
    (table: Table) => table.renumber('b', []),
  ]) {
    const { table, audit } = await plant({ tail: 4 });
    act(table);
    await assert.rejects(audit.checkpoint(), { kind: 'rejected', message: /nothing was signed/ });
    assert.equal(table.of(checkpointLog).length, 3);
  }
});

test('a process that has seen a checkpoint notices when it is replaced or removed', async () => {
  const { table, audit } = await plant({ tail: 1 });
  table.renumber(checkpointLog, table.of(checkpointLog).slice(0, 1));
  await assert.rejects(audit.checkpoint(), { kind: 'rejected', message: /which this process has seen/ });
});

test('checkpoints of two processes at the same moment are understood, and called for at once they are made one after the other', async () => {
  const { table, audit } = await plant();
  const slow = table.copy();
  const late = auditor(
    {
      read: slow.read,
      getCursor: (name) => table.getCursor(name),
      setCursor: (name, value) => table.setCursor(name, value),
      record: (leaves, options) => table.record(leaves, options),
    },
    readKey(secret),
    new ManualClock(start),
  );
  await write(table, { from: 21, count: 2 });
  await write(slow, { from: 21, count: 1 });
  await Promise.all([audit.checkpoint(), audit.checkpoint()]);
  assert.equal(table.of(checkpointLog).length, 4);
  await late.checkpoint();
  await write(table, { from: 23, count: 2 });
  await audit.checkpoint();
  const report = await check(table);
  assert.deepEqual([report.ok, report.checkpoints, report.findings], [true, 6, []]);
});

test('each checkpoint is kept elsewhere, again after keeping failed', async () => {
  const table = new Table();
  const kept: string[] = [];
  let full = true;
  const audit = auditor(table, readKey(secret), new ManualClock(start), {
    keep: async ({ note }) => {
      if (full) throw new Error('no space left');
      kept.push(note);
    },
  });
  await write(table, { count: 1 });
  await assert.rejects(audit.checkpoint(), /no space left/);
  full = false;
  const { note } = await audit.checkpoint();
  await audit.checkpoint();
  assert.deepEqual(kept, [note]);
});

test('a clock that was set back does not put checkpoints in another order', async () => {
  const { table } = await plant({ tail: 1 });
  const { at } = await auditor(table, readKey(secret), new ManualClock(start - 86_400_000)).checkpoint();
  assert.equal(at, start);
  assert.equal((await check(table)).ok, true);
});

test('R-41: evidence of one record verifies by itself, and with any bit changed does not', async () => {
  const { audit } = await plant();
  const text = writeEvidence(await audit.prove('a', 9));
  const proven = verifyEvidence(text, [audit.publicKey]);
  assert.deepEqual([proven.log, proven.index, proven.statement.subject, proven.keyKnown], ['a', 9, 'workOrder/cmms.9', true]);
  assert.equal(verifyEvidence(text).keyKnown, false);
  assert.throws(() => verifyEvidence(text, [readKey(otherSecret).publicText]), { kind: 'rejected', message: /not a trusted key/ });
  fc.assert(
    fc.property(fc.nat(), (bit) => {
      const bytes = Buffer.from(text);
      bytes[bit % bytes.length]! ^= 1 << (Math.floor(bit / bytes.length) % 8);
      assert.throws(
        () => verifyEvidence(bytes.toString('utf8')),
        (error: { kind?: string }) => error.kind === 'rejected' || error.kind === 'misconfigured',
      );
    }),
    { numRuns: 500 },
  );
});

test('R-41: proving what is not covered, not there or changed is refused with the reason', async () => {
  const { table, audit } = await plant({ tail: 1 });
  for (const [log, index] of [
    ['a', 21],
    ['a', -1],
    ['a', 0.5],
    ['c', 0],
  ] as const)
    await assert.rejects(audit.prove(log, index), { kind: 'missing' });
  table.rows = table.rows.map((row) => (row.log === 'a' && row.index === 9 ? rehash(row, { n: 9 }) : row));
  await assert.rejects(audit.prove('a', 9), { kind: 'rejected', message: /does not have the root that was signed/ });
});

test('a wrong tile does not spoil a proof', async () => {
  const table = new Table();
  const audit = auditor(table, readKey(secret), new ManualClock(start));
  const leaves = Array.from({ length: 600 }, (_, n) => auditLeaf({ actor: 'linchpin', kind: 'data', subject: `part/${n}`, body: { n } }));
  table.rows = leaves.map((leaf, index) => ({ ...leaf, log: 'a', index, at: start, lane: '' }));
  await audit.checkpoint();
  for (const name of table.cursors.keys()) table.cursors.set(name, { hashes: Buffer.alloc(64, 7).toString('base64') });
  const fresh = auditor(table, readKey(secret), new ManualClock(start));
  assert.equal(verifyEvidence(writeEvidence(await fresh.prove('a', 300)), [audit.publicKey]).index, 300);
});

test('progress is told while verifying', async () => {
  const { table, audit } = await plant();
  const told: unknown[] = [];
  await audit.verify({ progress: (done) => told.push(done) });
  assert.deepEqual(told, [{ records: table.rows.length, of: table.rows.length }]);
});

test('a leaf says who, what kind and about what inside its hashed text; what is no statement is refused', () => {
  for (const kind of Object.keys(auditKinds)) assert.equal(leafProblem(auditLeaf({ actor: 'anna', kind, subject: 'x', body: { n: 1 } })), undefined);
  const leaf = auditLeaf({ actor: 'anna', kind: 'human', subject: 'operation/1', body: { act: 'cancel' } });
  assert.deepEqual(readStatement(leaf.body), { actor: 'anna', kind: 'human', subject: 'operation/1', body: { act: 'cancel' } });
  assert.throws(() => auditLeaf({ actor: 'anna', kind: 'toString', subject: 'x', body: {} }), { kind: 'rejected', message: /no kind "toString"/ });
  assert.throws(() => auditLeaf({ actor: '', kind: 'data', subject: 'x', body: {} }), { kind: 'rejected' });
  for (const text of ['', '{}', 'null', ' {"actor":"a","body":{},"kind":"data","subject":"x"}', '{"actor":"a","body":1,"kind":"data","subject":"x"}'])
    assert.equal(readStatement(text), undefined);
});

test('the vault is the safe of a signing key', async () => {
  const held = new Map<string, string>();
  const vault = {
    get: async (reference: string) => new Secret(reference, held.get(reference) ?? ''),
    set: async (name: string, value: string) => void held.set(referenceTo(name), value),
    list: async () => [...held.keys()].map((reference) => nameIn(reference)),
  };
  const first = await openKey(keyInVault(vault, 'audit-signing-key'), 'plant');
  assert.deepEqual([...held.keys()], ['secret://audit-signing-key']);
  assert.equal((await openKey(keyInVault(vault, 'audit-signing-key'), 'plant')).publicText, first.publicText);
});

test('a key is made once, kept in the safe and read back; what is no key is refused without showing it', async () => {
  let held: string | undefined;
  const safe = { load: async () => held, save: async (text: string) => void (held = text) };
  const first = await openKey(safe, 'plant');
  assert.equal((await openKey(safe, 'plant')).publicText, first.publicText);
  assert.ok(readPublicKey(first.publicText).verifies('text', first.sign('text')));
  for (const text of ['', 'plant', 'plant+c2VjcmV0LWNhbmFyeQ==', 'a b+AA=='])
    assert.throws(
      () => readKey(text),
      (error: Error & { kind?: string }) => error.kind === 'misconfigured' && !error.message.includes('c2VjcmV0'),
    );
  for (const text of ['', 'plant+00000000+AAAA', first.publicText.replace('plant', 'plane'), `${first.publicText}A`])
    assert.throws(() => readPublicKey(text), { kind: 'misconfigured' });
});
