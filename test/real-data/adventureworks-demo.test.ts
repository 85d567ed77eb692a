import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, '../shared/data/adventureworks');
const skip = existsSync(folder) ? false : 'shared/data/adventureworks is not beside the repository';
const script = fileURLToPath(new URL('./adventureworks-totals.mjs', import.meta.url));

type Figures = Readonly<Record<string, string>>;
interface Summary {
  readonly fine: boolean;
  readonly wrong: readonly string[];
  readonly exceptions: readonly unknown[];
  readonly statement: {
    readonly agrees: boolean;
    readonly sections: readonly {
      readonly name: string;
      readonly compared: number;
      readonly unexplained: number;
      readonly totals: readonly { readonly what: string; readonly unit: string; readonly left: string; readonly right: string }[];
    }[];
  };
  readonly data: {
    readonly until: string;
    readonly orders: readonly string[];
    readonly finance: {
      readonly onHand: Figures;
      readonly issued: Figures;
      readonly issuedValueMinor: number;
      readonly labour: Readonly<Record<string, { readonly hours: string; readonly minor: number }>>;
      readonly scrap: Readonly<Record<string, { readonly lines: number; readonly minor: number }>>;
      readonly scrapTexts: Readonly<Record<string, number>>;
      readonly purchases: Readonly<Record<string, { readonly ordered: string; readonly kept: string; readonly invoicedMinor: number }>>;
      readonly boughtForWork: { readonly lines: number; readonly quantity: string };
    };
    readonly maintenance: { readonly onHand: Figures };
  };
}

/** What the separate script sums from the CSV files. */
interface Sums {
  readonly until: string;
  readonly orders: readonly string[];
  readonly onHand: Readonly<Record<string, number>>;
  readonly issued: Readonly<Record<string, number>>;
  readonly issuedCents: number;
  readonly labour: Readonly<Record<string, { readonly hours: number; readonly cents: number }>>;
  readonly scrap: { readonly lines: number; readonly cents: number; readonly reasons: Readonly<Record<string, number>> };
  readonly purchases: Readonly<Record<string, { readonly ordered: number; readonly kept: number; readonly cents: number }>>;
  readonly bought: { readonly lines: number; readonly quantity: number };
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command as a person calls it. */
function demo(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/linchpin.ts', 'demo', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** `0010` and `10` are one location: the tables have numbers, the storerooms four digits. */
const byLocation = (figures: Figures): Record<string, number> =>
  Object.fromEntries(
    Object.entries(figures).map(([place, value]) => {
      const at = place.lastIndexOf('@');
      return [`${place.slice(0, at)}@${Number(place.slice(at + 1))}`, Number(value)];
    }),
  );

/** Two windows: one with scrap, parts in ounces and parts that no storeroom keeps; one across a day on which eight people of production got another rate. */
for (const { title, from, orders, scrap } of [
  { title: 'scrap and parts bought for the order', from: '2012-01-04', orders: 40, scrap: true },
  { title: 'a change of rates', from: '2011-11-29', orders: 30, scrap: false },
]) {
  describe(`AdventureWorks from ${from}, ${title}, through twins and hub (002-5)`, { skip, timeout: 15 * 60_000 }, () => {
    let ended: Ended;
    let played: Summary;
    let sums: Sums;
    before(async () => {
      ended = await demo('--data', folder, '--once', '--json', '--from', from, '--orders', String(orders));
      played = JSON.parse(ended.out) as Summary;
      sums = JSON.parse(execFileSync(process.execPath, [script, folder, from, String(orders)], { maxBuffer: 64 << 20 }).toString()) as Sums;
    });

    test('the command ends with 0: every order is played, nothing waits for a person', () => {
      assert.deepEqual(played.wrong, [], ended.err);
      assert.deepEqual(played.exceptions, []);
      assert.equal(ended.code, 0, ended.err);
      assert.deepEqual(played.data.orders, sums.orders);
      assert.equal(played.data.orders.length, orders);
      assert.equal(played.data.until, sums.until);
    });

    test('the statement has zero unexplained differences in parts, storerooms, orders and cost centres', () => {
      assert.equal(played.statement.agrees, true);
      for (const { name, compared, unexplained } of played.statement.sections) {
        assert.equal(unexplained, 0, name);
        assert.ok(compared > 0, `${name} compared nothing`);
      }
    });

    test('stock of every part in every storeroom, in both systems', () => {
      assert.deepEqual(byLocation(played.data.finance.onHand), sums.onHand);
      assert.deepEqual(byLocation(played.data.maintenance.onHand), sums.onHand);
      const total = Object.values(sums.onHand).reduce((all, one) => all + one, 0);
      assert.equal(totalOf(played, 'stock', 'on hand'), total);
    });

    test('parts issued to work orders and their value at standard cost', () => {
      assert.deepEqual(byLocation(played.data.finance.issued), sums.issued);
      assert.equal(played.data.finance.issuedValueMinor, sums.issuedCents);
      assert.equal(Math.round(totalOf(played, 'costs', 'parts') * 100), sums.issuedCents);
      assert.deepEqual({ lines: played.data.finance.boughtForWork.lines, quantity: Number(played.data.finance.boughtForWork.quantity) }, sums.bought);
    });

    test('hours per cost centre at the rate of the day on which they were worked', () => {
      assert.deepEqual(
        Object.fromEntries(Object.entries(played.data.finance.labour).map(([centre, { hours, minor }]) => [centre, { hours: Number(hours), cents: minor }])),
        sums.labour,
      );
      const labour = Object.values(sums.labour).reduce((all, { cents }) => all + cents, 0);
      assert.ok(labour > 0);
      assert.equal(Math.round(totalOf(played, 'costs', 'labour and services') * 100), labour + sums.scrap.cents);
    });

    test('scrap by quantity, part and reason', () => {
      const found = Object.values(played.data.finance.scrap).reduce((all, one) => ({ lines: all.lines + one.lines, cents: all.cents + one.minor }), {
        lines: 0,
        cents: 0,
      });
      assert.deepEqual(found, { lines: sums.scrap.lines, cents: sums.scrap.cents });
      assert.deepEqual(played.data.finance.scrapTexts, sums.scrap.reasons);
      if (scrap) assert.ok(sums.scrap.lines > 0, 'the window has scrap');
    });

    test('every purchase order: the history and what was ordered and received while it was played', () => {
      assert.deepEqual(
        Object.fromEntries(
          Object.entries(played.data.finance.purchases).map(([number, { ordered, kept, invoicedMinor }]) => [
            number,
            { ordered: Number(ordered), kept: Number(kept), cents: invoicedMinor },
          ]),
        ),
        sums.purchases,
      );
    });
  });
}

/** A total of the statement over its units, which is the same on both sides. */
function totalOf({ statement }: Summary, section: string, what: string): number {
  const totals = statement.sections.find(({ name }) => name === section)?.totals.filter((total) => total.what === what) ?? [];
  assert.ok(totals.length > 0, `the statement has no total ${what}`);
  for (const { left, right } of totals) assert.equal(left, right);
  return totals.reduce((all, { left }) => all + Number(left), 0);
}

describe('a folder that cannot be played is refused before anything is started', { skip }, () => {
  let place: string;
  before(() => {
    place = mkdtempSync(join(tmpdir(), 'tables-'));
  });
  after(() => rmSync(place, { recursive: true }));

  /** The real folder with one table changed, or left out where the change answers nothing. */
  function folderWith(name: string, table: string, change: (text: string) => string | undefined): string {
    const made = join(place, name);
    mkdirSync(made);
    for (const file of readdirSync(folder).filter((one) => one.endsWith('.csv.gz') && one !== `${table}.csv.gz`))
      symlinkSync(join(folder, file), join(made, file));
    const text = change(gunzipSync(readFileSync(join(folder, `${table}.csv.gz`))).toString('utf8'));
    if (text !== undefined) writeFileSync(join(made, `${table}.csv.gz`), gzipSync(text));
    return made;
  }
  /** Changes one field of the line with this number; the head is line 1. */
  const field = (line: number, column: number, value: string) => (text: string) =>
    text
      .split('\n')
      .map((row, index) =>
        index === line - 1
          ? row
              .split(',')
              .map((one, at) => (at === column ? value : one))
              .join(',')
          : row,
      )
      .join('\n');

  const cases: readonly { readonly title: string; readonly make: () => string; readonly args?: readonly string[]; readonly says: RegExp }[] = [
    { title: 'a folder that is not there', make: () => join(place, 'nowhere'), says: /there is no folder .*nowhere; give the folder that holds the tables/ },
    { title: 'a file in place of a folder', make: () => script, says: /there is no folder/ },
    {
      title: 'an empty folder',
      make: () => {
        mkdirSync(join(place, 'empty'));
        return join(place, 'empty');
      },
      says: /18 of 18 tables are missing: .*Product\.csv\.gz/,
    },
    { title: 'a missing table', make: () => folderWith('missing', 'Vendor', () => undefined), says: /1 of 18 tables are missing: .*missing\/Vendor\.csv\.gz/ },
    {
      title: 'a table that is no gzip',
      make: () => {
        const made = folderWith('plain', 'Vendor', () => undefined);
        cpSync(script, join(made, 'Vendor.csv.gz'));
        return made;
      },
      says: /Vendor\.csv\.gz: incorrect header check; the folder must hold the tables as gzip CSV/,
    },
    {
      title: 'a row with a field too few',
      make: () => folderWith('short', 'Department', (text) => text.replace(/^2,.*$/m, '2,Tool Design')),
      says: /Department\.csv\.gz: .*line 3/,
    },
    {
      title: 'a number that is none',
      make: () => folderWith('figure', 'WorkOrder', field(2, 2, 'eight')),
      says: /WorkOrder\.csv\.gz line 2: OrderQty is "eight", which is no number/,
    },
    {
      title: 'a quantity below zero',
      make: () => folderWith('below', 'PurchaseOrderDetail', field(3, 7, '-1')),
      says: /PurchaseOrderDetail\.csv\.gz line 3: ReceivedQty is -1, below zero/,
    },
    {
      title: 'a date that is none',
      make: () => folderWith('date', 'PurchaseOrderHeader', field(2, 6, '16.04.2011')),
      says: /PurchaseOrderHeader\.csv\.gz line 2: OrderDate is "16\.04\.2011", which is no date/,
    },
    {
      title: 'a unit that nobody knows',
      make: () => folderWith('unit', 'BillOfMaterials', field(2, 5, 'XYZ')),
      says: /BillOfMaterials\.csv\.gz line 2: unit XYZ has no code in our table of units/,
    },
    {
      title: 'a product that is not there',
      make: () => folderWith('product', 'WorkOrder', field(2, 1, '99999')),
      says: /WorkOrder\.csv\.gz line 2: ProductID 99999 is no product of Product\.csv\.gz/,
    },
    {
      title: 'stock that does not follow from what was received',
      make: () => folderWith('stocked', 'PurchaseOrderDetail', field(3, 9, '1')),
      says: /PurchaseOrderDetail\.csv\.gz line 3: StockedQty is 1, but .* were received and .* of them rejected/,
    },
    {
      title: 'a split after the last work',
      make: () => folder,
      args: ['--from', '2031-01-01'],
      says: /no work order starts on 2031-01-01 or later; the last starts on /,
    },
    { title: 'a split that is no day', make: () => folder, args: ['--from', 'yesterday'], says: /--from yesterday is no day/ },
    { title: 'a number of orders that is none', make: () => folder, args: ['--orders', 'some'], says: /--orders some is not a whole number/ },
  ];
  for (const { title, make, args = [], says } of cases) {
    test(title, async () => {
      const { code, out, err } = await demo('--data', make(), '--once', ...args);
      assert.notEqual(code, 0);
      assert.match(err, says);
      assert.doesNotMatch(err, /Twins are up|\n {4}at /, 'a clear error, before anything is started');
      assert.equal(out, '');
    });
  }

  test('--from without a data set', async () => {
    const { code, err } = await demo('--once', '--from', '2013-12-01');
    assert.notEqual(code, 0);
    assert.match(err, /--from belongs to --data/);
  });
});
