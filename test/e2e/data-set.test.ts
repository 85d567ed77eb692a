import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeTables } from '#demo/adventureworks-tables.fixture';

const root = fileURLToPath(new URL('../../', import.meta.url));
let place: string;
before(() => {
  place = mkdtempSync(join(tmpdir(), 'tables-'));
});
after(() => rmSync(place, { recursive: true }));

/** The command as a person calls it. */
function demo(...args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/linchpin.ts', 'demo', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

test('a workshop in tables is loaded and played: both systems, the hub and sums made by hand say the same', { timeout: 10 * 60_000 }, async () => {
  const { code, out, err } = await demo('--once', '--json', '--data', writeTables(join(place, 'workshop')));
  const { wrong, exceptions, statement, data } = JSON.parse(out) as {
    wrong: unknown;
    exceptions: unknown;
    statement: { agrees: boolean; sections: readonly { name: string; unexplained: number; compared: number }[] };
    data: { orders: unknown; leftOut: readonly { number: string }[]; finance: Record<string, unknown>; maintenance: { onHand: unknown } };
  };
  assert.deepEqual([wrong, exceptions], [[], []], err);
  assert.equal(code, 0, err);
  assert.equal(statement.agrees, true);
  assert.deepEqual(
    statement.sections.map(({ name, unexplained, compared }) => [name, unexplained, compared > 0]),
    ['stock', 'orders', 'costs', 'assets'].map((name) => [name, 0, true]),
  );
  assert.deepEqual(data.orders, ['2', '3']);
  assert.deepEqual(
    data.leftOut.map(({ number }) => number),
    ['4'],
  );
  const onHand = { 'NU-1@0006': '220', 'NU-1@0050': '40', 'PA-2@0050': '20', 'CA-4@0050': '2', 'ST-5@0006': '7', 'CA-6@0050': '1' };
  assert.deepEqual(data.maintenance.onHand, onHand);
  assert.deepEqual(data.finance, {
    onHand,
    issued: { 'NU-1@0006': '9', 'PA-2@0050': '6', 'ST-5@0006': '3' },
    issuedValueMinor: 1622,
    labour: { AW07: { hours: '2.35', minor: 4750 } },
    scrap: { AW07: { lines: 1, minor: 10_000 } },
    scrapTexts: { 'Scrap 1 CA-4 R1': 1 },
    purchases: {
      1: { ordered: '10', kept: '7', invoicedMinor: 88 },
      2: { ordered: '100', kept: '100', invoicedMinor: 1255 },
      3: { ordered: '22', kept: '2', invoicedMinor: 10_001 },
      4: { ordered: '10', kept: '0', invoicedMinor: 0 },
    },
    boughtForWork: { lines: 2, quantity: '4' },
  });
});

describe('the demo refuses what it cannot play before it starts anything', () => {
  const cases: readonly { readonly title: string; readonly args: () => readonly string[]; readonly says: RegExp }[] = [
    { title: 'a folder that is not there', args: () => ['--data', join(place, 'nowhere')], says: /there is no folder .*nowhere/ },
    {
      title: 'a folder without a table',
      args: () => ['--data', writeTables(join(place, 'missing'), { table: 'Vendor', with: () => undefined })],
      says: /1 of 18 tables are missing: .*Vendor\.csv\.gz/,
    },
    {
      title: 'a number of orders that is none',
      args: () => ['--data', writeTables(join(place, 'some')), '--orders', 'some'],
      says: /--orders some is not a whole number/,
    },
    { title: 'a split that is no day', args: () => ['--data', writeTables(join(place, 'day')), '--from', 'yesterday'], says: /--from yesterday is no day/ },
    { title: 'a small data set', args: () => ['--data', writeTables(join(place, 'small')), '--size', 'small'], says: /--size belongs to the generated plant/ },
    { title: 'a size that nobody knows', args: () => ['--size', 'huge'], says: /--size huge is not one of small, full/ },
    { title: 'a split of the generated plant', args: () => ['--from', '2013-12-01'], says: /--from belongs to --data/ },
  ];
  for (const { title, args, says } of cases) {
    test(title, async () => {
      const { code, out, err } = await demo('--once', ...args());
      assert.notEqual(code, 0);
      assert.match(err, says);
      assert.doesNotMatch(err, /Twins are up|\n {4}at /);
      assert.equal(out, '');
    });
  }
});
