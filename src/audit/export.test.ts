import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '#base/clock';
import { canonicalJson, type JsonObject } from '#base/json';
import { memoryStore } from '#store/memory';
import { checkpointLog } from '#audit/checkpoint';
import { exportLines, writeExport } from '#audit/export';
import { longestLine, verifyExport, verifyExportFile, type ExportOptions, type ExportReport } from '#audit/export-check';
import { createKey, readKey } from '#audit/key';
import { auditLeaf } from '#audit/leaf';
import { auditor } from '#audit/log';

const start = Date.UTC(2026, 2, 4, 6);
const secret = createKey('plant');
const folder = await mkdtemp(join(tmpdir(), 'audit-'));
after(() => rm(folder, { recursive: true, force: true }));

/** Three checkpoints over two logs in the store in memory, and the lines of their export. */
async function exported(signing = secret): Promise<{ lines: string[]; notes: string[]; key: string; from: Parameters<typeof exportLines>[0] }> {
  const store = memoryStore();
  const clock = new ManualClock(start);
  const audit = auditor(store, readKey(signing), clock);
  const notes: string[] = [];
  for (let round = 0; round < 3; round++) {
    for (const [log, count] of [
      ['worker-1', 6],
      ['worker-2', 3],
    ] as const) {
      const leaves = Array.from({ length: count }, (_, n) =>
        auditLeaf({ actor: 'anna', kind: 'human', subject: `operation/${round}.${n}`, body: { act: 'resubmit', reason: 'line\u2028break, ümlaut', n } }),
      );
      await store.record(leaves, { log, now: clock.now() });
    }
    notes.push((await audit.checkpoint()).note);
    clock.advance(60_000);
  }
  const from = { reads: store.read, auditor: audit, clock };
  const lines: string[] = [];
  for await (const line of exportLines(from)) lines.push(line);
  return { lines, notes, key: audit.publicKey, from };
}

async function* chunks(text: string | Buffer, size = 997): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const verify = (text: string | Buffer, options: ExportOptions = {}): Promise<ExportReport> => verifyExport(chunks(text), options);

/** The lines with a new end, as an intruder who knows the format would write them. */
function sealed(lines: readonly string[]): string {
  const body = lines.slice(0, -1);
  return `${body.join('')}${canonicalJson({ line: 'end', lines: body.length, sha256: createHash('sha256').update(body.join('')).digest('hex') })}\n`;
}

const leafAt = (lines: readonly string[], log: string, index: number): number =>
  lines.findIndex((line) => {
    const value = JSON.parse(line) as JsonObject;
    return value['line'] === 'leaf' && value['log'] === log && value['index'] === index;
  });
const edit = (line: string, change: (value: JsonObject) => JsonObject): string => `${canonicalJson(change(JSON.parse(line) as JsonObject))}\n`;

test('R-41: an export verifies without store or server, in chunks of any size', async () => {
  const { lines, notes, key } = await exported();
  for (const size of [1, 64, 1_000_000]) {
    const report = await verifyExport(chunks(lines.join(''), size), { keys: [key], external: notes });
    assert.deepEqual(
      { ...report, latest: undefined },
      {
        ok: true,
        logs: 3,
        records: 30,
        checkpoints: 3,
        covered: 29,
        uncovered: 1,
        external: 3,
        findings: [],
        more: 0,
        latest: undefined,
        keys: [key],
        keysKnown: true,
      },
    );
  }
});

test('S-13: without known keys the report says that they came from the file', async () => {
  const { lines } = await exported();
  const report = await verify(lines.join(''));
  assert.deepEqual([report.ok, report.keysKnown], [true, false]);
});

test('R-41: an export that another key signed is refused by the known key', async () => {
  const { lines } = await exported(createKey('plant'));
  const report = await verify(lines.join(''), { keys: [readKey(secret).publicText] });
  assert.equal(report.ok, false);
  assert.ok(report.findings.every(({ what }) => what === 'forged'));
});

test('R-41: any single bit changed anywhere in an export is found', async () => {
  const { lines, key } = await exported();
  const text = Buffer.from(lines.join(''));
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (bit) => {
      const bytes = Buffer.from(text);
      bytes[bit % bytes.length]! ^= 1 << (Math.floor(bit / bytes.length) % 8);
      try {
        assert.equal((await verify(bytes, { keys: [key] })).ok, false, `byte ${bit % bytes.length}`);
      } catch (error) {
        assert.equal((error as { kind?: string }).kind, 'rejected', String(error)); // The header itself: not an export.
      }
    }),
    { numRuns: 300 },
  );
});

const tampering: readonly {
  readonly title: string;
  readonly what: string;
  readonly external?: boolean;
  readonly act: (lines: string[]) => readonly string[];
}[] = [
  {
    title: 'a record changed',
    what: 'changed',
    act: (lines) =>
      lines.with(
        leafAt(lines, 'worker-1', 8),
        edit(lines[leafAt(lines, 'worker-1', 8)]!, (leaf) => ({ ...leaf, actor: 'eve' })),
      ),
  },
  {
    title: 'a record rewritten with its hash',
    what: 'rewritten',
    act: (lines) =>
      lines.with(
        leafAt(lines, 'worker-1', 8),
        edit(lines[leafAt(lines, 'worker-1', 8)]!, (leaf) => ({
          ...leaf,
          ...auditLeaf({ actor: 'anna', kind: 'human', subject: String(leaf['subject']), body: {} }),
        })),
      ),
  },
  {
    title: 'the time of a record',
    what: 'changed',
    act: (lines) =>
      lines.with(
        leafAt(lines, 'worker-1', 8),
        edit(lines[leafAt(lines, 'worker-1', 8)]!, (leaf) => ({ ...leaf, at: 0 })),
      ),
  },
  { title: 'a record taken out', what: 'deleted', act: (lines) => lines.toSpliced(leafAt(lines, 'worker-1', 8), 1) },
  { title: 'a record repeated', what: 'inserted', act: (lines) => lines.toSpliced(leafAt(lines, 'worker-1', 8), 0, lines[leafAt(lines, 'worker-1', 8)]!) },
  {
    title: 'two records exchanged',
    what: 'inserted',
    act: (lines) => {
      const [i, j] = [leafAt(lines, 'worker-1', 7), leafAt(lines, 'worker-1', 8)];
      return lines.with(i, lines[j]!).with(j, lines[i]!);
    },
  },
  { title: 'a checkpoint taken out', what: 'deleted', act: (lines) => lines.toSpliced(leafAt(lines, checkpointLog, 1), 1) },
  {
    title: 'the two logs given each other’s names',
    what: 'reordered',
    act: (lines) =>
      lines.map((line) =>
        line.replace('"log":"worker-1"', '"log":"worker-x"').replace('"log":"worker-2"', '"log":"worker-1"').replace('"log":"worker-x"', '"log":"worker-2"'),
      ),
  },
  {
    title: 'a consistency proof changed',
    what: 'damaged',
    act: (lines) =>
      lines.map((line) => (line.includes('"line":"proof"') && line.includes('"worker-1"') ? edit(line, (value) => ({ ...value, proof: [] })) : line)),
  },
  {
    title: 'the root in a consistency proof changed',
    what: 'rewritten',
    act: (lines) =>
      lines.map((line) =>
        line.includes('"line":"proof"') && line.includes('"worker-1"') ? edit(line, (value) => ({ ...value, firstRoot: 'ab'.repeat(32) })) : line,
      ),
  },
  {
    title: 'a rewritten log put before all its checkpoints',
    what: 'reordered',
    act: (lines) => {
      const moved = lines
        .filter((line) => line.includes('"log":"worker-2"'))
        .map((line) =>
          line.includes('"line":"leaf"') ? edit(line, (leaf) => ({ ...leaf, ...auditLeaf({ actor: 'eve', kind: 'human', subject: 'x', body: {} }) })) : line,
        );
      return [lines[0]!, ...moved.filter((line) => line.includes('"line":"leaf"')), ...lines.slice(1).filter((line) => !line.includes('"log":"worker-2"'))];
    },
  },
  { title: 'a line that is no JSON put in', what: 'damaged', act: (lines) => lines.toSpliced(3, 0, 'nonsense\n') },
  {
    title: 'a size in the header lowered',
    what: 'inserted',
    act: (lines) =>
      lines.with(
        0,
        edit(lines[0]!, (value) => ({ ...value, logs: { ...(value['logs'] as JsonObject), 'worker-1': 17 } })),
      ),
  },
  {
    title: 'the end cut off with its checkpoint',
    what: 'truncated',
    external: true,
    act: (lines) =>
      lines
        .slice(0, leafAt(lines, checkpointLog, 1) + 1)
        .concat('end')
        .filter((line) => !line.includes('"line":"proof"'))
        .map((line, index) => (index === 0 ? edit(line, (value) => ({ ...value, logs: { 'worker-1': 12, 'worker-2': 6, checkpoints: 2 } })) : line)),
  },
];

for (const { title, what, external = false, act } of tampering) {
  test(`R-41: ${title} in an export, with a new sum over the file: reported as ${what}`, async () => {
    const { lines, key, notes } = await exported();
    const report = await verify(sealed(act(lines)), { keys: [key], external: external ? notes : [] });
    assert.equal(report.ok, false);
    assert.ok(
      report.findings.some((finding) => finding.what === what),
      JSON.stringify(report.findings, undefined, 1),
    );
  });
}

test('R-41: a file cut off, continued, or with another sum is damaged and says where', async () => {
  const { lines, key } = await exported();
  for (const [text, why] of [
    [lines.slice(0, -1).join(''), /no last line/],
    [lines.join('').slice(0, -1), /cannot be read/],
    [lines.join('') + lines[1]!, /behind the end/],
    [
      lines
        .toSpliced(
          -1,
          1,
          edit(lines.at(-1)!, (end) => ({ ...end, sha256: '00'.repeat(32) })),
        )
        .join(''),
      /not those that were written/,
    ],
    [
      lines
        .toSpliced(
          -1,
          1,
          edit(lines.at(-1)!, (end) => ({ ...end, lines: 3 })),
        )
        .join(''),
      /written with 3 lines/,
    ],
  ] as const) {
    const report = await verify(text, { keys: [key] });
    assert.equal(report.ok, false);
    assert.ok(
      report.findings.some((finding) => finding.what === 'damaged' && why.test(finding.text)),
      JSON.stringify(report.findings),
    );
  }
});

test('what is no export is refused', async () => {
  for (const text of ['', '\n', '{}\n', 'PK\u0003\u0004', '[1,2]\n', '{"line":"header"}\n']) await assert.rejects(verify(text), { kind: 'rejected' });
});

test('a line longer than the limit is refused before it is read to its end', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(1_048_576, 32);
  }
  await assert.rejects(verifyExport(endless()), { kind: 'rejected', message: new RegExp(`more than ${longestLine} bytes`) });
});

test('an export is written to a new file of its owner, with progress, and verified from there', async () => {
  const { from, key } = await exported();
  const path = join(folder, 'export.jsonl');
  const told: number[] = [];
  const count = await writeExport(path, from, (lines) => told.push(lines));
  assert.equal((await readFile(path, 'utf8')).split('\n').length - 1, count);
  assert.deepEqual(told, [count]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await verifyExportFile(path, { keys: [key] })).ok, true);
  await assert.rejects(writeExport(path, from), { kind: 'rejected', message: /export\.jsonl answered EEXIST/ });
  await assert.rejects(verifyExportFile(join(folder, 'nowhere')), { kind: 'rejected', message: /nowhere answered ENOENT/ });
  await writeFile(path, '');
  await assert.rejects(verifyExportFile(path), { kind: 'rejected', message: /empty/ });
});

test('an empty store exports and verifies: there is nothing to prove yet', async () => {
  const store = memoryStore();
  const clock = new ManualClock(start);
  const lines: string[] = [];
  for await (const line of exportLines({ reads: store.read, auditor: auditor(store, readKey(secret), clock), clock })) lines.push(line);
  const report = await verify(lines.join(''));
  assert.deepEqual([report.ok, report.records, report.checkpoints], [true, 1, 1]);
});
