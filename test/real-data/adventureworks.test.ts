import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sum } from '#base/decimal';
import { readAdventureWorks, type AdventureWorks } from '#demo/adventureworks';
import { priceOf } from '#demo/adventureworks-codes';
import { spread } from '#demo/adventureworks-table';
import { unitOf } from '#demo/adventureworks-units';

const folder = fileURLToPath(new URL('../../../shared/data/adventureworks/', import.meta.url));
const skip = existsSync(folder) ? false : 'shared/data/adventureworks is not beside the repository';
const script = fileURLToPath(new URL('./adventureworks-totals.mjs', import.meta.url));

interface Totals {
  readonly products: number;
  readonly workOrders: number;
  readonly stock: Readonly<Record<string, number>>;
  readonly received: Readonly<Record<string, { quantity: number; cents: number }>>;
  readonly labour: Readonly<Record<string, { hours: number; cents: number }>>;
  readonly scrap: { orders: number; quantity: number; cents: number };
}

describe('AdventureWorks as the reader gives it equals sums straight from the CSV files', { skip }, () => {
  const none: AdventureWorks | undefined = undefined;
  const all = skip === false ? readAdventureWorks(folder) : none;
  const totals = skip === false ? (JSON.parse(execFileSync(process.execPath, [script, folder], { maxBuffer: 64 << 20 }).toString()) as Totals) : undefined;
  const given = (): { all: AdventureWorks; totals: Totals } => {
    assert.ok(all && totals);
    return { all, totals };
  };

  test('every product is a part, once', () => {
    const { all, totals } = given();
    assert.equal(all.plant.parts.length, totals.products);
    assert.equal(all.plant.parts.length, 504);
    assert.equal(new Set(all.plant.parts.map(({ code }) => code)).size, 504);
  });

  test('stock of every part in every storeroom', () => {
    const { all, totals } = given();
    const ours = Object.fromEntries(all.plant.stock.map(({ part, storeroom, onHand }) => [`${part}@${Number(storeroom)}`, Number(onHand)]));
    assert.deepEqual(ours, totals.stock);
    const rooms = new Set(all.plant.sites[0]?.storerooms.map(({ code }) => code));
    assert.ok(all.plant.stock.every(({ storeroom }) => rooms.has(storeroom)));
  });

  test('received quantity and amount of every purchase order', () => {
    const { all, totals } = given();
    const ours = Object.fromEntries(
      all.purchaseOrders.map(({ number, lines }) => [
        number,
        { quantity: Number(sum(lines.map(({ received }) => received))), cents: lines.reduce((total, { receivedMinor }) => total + receivedMinor, 0) },
      ]),
    );
    assert.deepEqual(ours, totals.received);
    assert.equal(all.purchaseOrders.length, 1587);
    assert.ok(all.purchaseOrders.every(({ status }) => status !== undefined));
  });

  test('labour hours and cost per cost centre at the rate of the day', () => {
    const { all, totals } = given();
    const ours: Record<string, { hours: string; cents: number }> = {};
    for (const { labour } of all.workOrders) {
      for (const line of labour) {
        const centre = (ours[line.costCentre] ??= { hours: '0', cents: 0 });
        centre.hours = sum([centre.hours, line.hours]);
        centre.cents += line.amountMinor;
        assert.notEqual(line.employee, '');
      }
    }
    assert.deepEqual(Object.fromEntries(Object.entries(ours).map(([centre, { hours, cents }]) => [centre, { hours: Number(hours), cents }])), totals.labour);
    console.log(`labour: ${JSON.stringify(totals.labour)}`);
  });

  test('scrap quantity x standard cost', () => {
    const { all, totals } = given();
    const scrapped = all.workOrders.flatMap(({ scrap }) => (scrap ? [scrap] : []));
    assert.deepEqual(
      {
        orders: scrapped.length,
        quantity: Number(sum(scrapped.map(({ quantity }) => quantity))),
        cents: scrapped.reduce((total, { valueMinor }) => total + valueMinor, 0),
      },
      totals.scrap,
    );
    assert.ok(scrapped.every(({ reason }) => reason !== ''));
    assert.equal(all.workOrders.length, totals.workOrders);
  });

  test('people have names, a cost centre and rates without gap or overlap', () => {
    const { all } = given();
    assert.equal(all.plant.employees.length, 290);
    assert.equal(all.plant.employees.flatMap(({ rates }) => rates).length, 316);
    const centres = new Set(all.plant.costCentres.map(({ code }) => code));
    for (const person of all.plant.employees) {
      assert.ok(person.firstName !== '' && person.lastName !== '' && centres.has(person.costCentre), person.code);
      for (const [index, rate] of person.rates.entries())
        if (rate.to !== undefined) assert.equal(Date.parse(person.rates[index + 1]?.from ?? '') - Date.parse(rate.to), 86_400_000);
    }
  });

  test('units of the tables that ours do not know are listed, not guessed', () => {
    const { all } = given();
    assert.deepEqual(all.unknownUnits, ['C', 'CAN', 'CTN', 'KGV', 'KT', 'PCT']);
    assert.ok(
      all.units.every(({ code }) => unitOf(code) !== undefined),
      'the map names every unit of the tables',
    );
    assert.deepEqual([...new Set(all.plant.parts.map(({ unit }) => unit))].sort(), ['EA', 'IN', 'OZ']);
  });

  test('every part that work needs or an order buys is a part of the plant, and bills of materials are as of the start', () => {
    const { all } = given();
    const parts = new Set(all.plant.parts.map(({ code }) => code));
    assert.ok(all.workOrders.every((order) => parts.has(order.part) && order.parts.every(({ part }) => parts.has(part))));
    assert.ok(all.purchaseOrders.every(({ lines }) => lines.every(({ part }) => parts.has(part))));
    assert.equal(Math.max(...all.workOrders.map((order) => order.parts.length)), 14);
  });

  test('a limit takes some of both, spread over the whole period', () => {
    const { all } = given();
    const few = readAdventureWorks(folder, { workOrders: 40, purchaseOrders: 10 });
    assert.deepEqual([few.workOrders.length, few.purchaseOrders.length], [40, 10]);
    assert.ok((few.workOrders.at(-1)?.startedOn ?? '') > '2013-10-01' && (few.workOrders[0]?.startedOn ?? '') < '2011-07-01');
    const same = new Map(all.workOrders.map((order) => [order.number, order]));
    for (const order of few.workOrders) assert.deepEqual(order, same.get(order.number));
  });
});

describe('what the reader makes of single values', () => {
  for (const [exact, price, pricePer] of [
    ['45.12', '45.12', '1'],
    ['45.5805', '4558.05', '100'],
    ['0.0375', '3.75', '100'],
    ['50', '50.00', '1'],
  ] as const) {
    test(`a price of ${exact} is ${price} per ${pricePer}`, () => assert.deepEqual(priceOf(exact), { price, pricePer }));
  }
  test('a price with more than four places is refused', () => assert.throws(() => priceOf('1.23456'), RangeError));
  test('spreading takes none, some or all', () =>
    assert.deepEqual([spread([1, 2, 3, 4], 0), spread([1, 2, 3, 4], 2), spread([1, 2, 3, 4], 9)], [[], [1, 3], [1, 2, 3, 4]]));
});
