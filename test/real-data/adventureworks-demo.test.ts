import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

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

/** A window with scrap, parts in ounces and parts that no storeroom keeps. */
const from = '2012-01-04';
const orders = 40;

describe(
  `AdventureWorks, ${orders} work orders from ${from}, through twins and hub: both systems say what the CSV files say`,
  { skip, timeout: 15 * 60_000 },
  () => {
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
      assert.ok(sums.scrap.lines > 0, 'the window has scrap');
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
  },
);

/** A total of the statement over its units, which is the same on both sides. */
function totalOf({ statement }: Summary, section: string, what: string): number {
  const totals = statement.sections.find(({ name }) => name === section)?.totals.filter((total) => total.what === what) ?? [];
  assert.ok(totals.length > 0, `the statement has no total ${what}`);
  for (const { left, right } of totals) assert.equal(left, right);
  return totals.reduce((all, { left }) => all + Number(left), 0);
}
