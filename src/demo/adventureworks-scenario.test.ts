import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Fault } from '#base/fault';
import { readAdventureWorks } from '#demo/adventureworks';
import { expectedSums } from '#demo/adventureworks-check';
import { adventureWorksScenario, dayOption } from '#demo/adventureworks-scenario';
import { field, writeTables, type Change } from '#demo/adventureworks-tables.fixture';
import { playWindow } from '#demo/adventureworks-window';

let place: string;
let made = 0;
before(() => {
  place = mkdtempSync(join(tmpdir(), 'tables-'));
});
after(() => rmSync(place, { recursive: true }));
const folderWith = (change?: Change): string => writeTables(join(place, String(++made)), change);

describe('the window of the tables that is played', () => {
  test('it begins with the last month unless a day is given, and ends with the last thing that happens to its orders', () => {
    const all = readAdventureWorks(folderWith());
    const window = playWindow(all, {});
    assert.deepEqual([window.from, window.until, window.orders.map(({ number }) => number)], ['2011-06-01', '2011-06-05', ['2', '3']]);
    assert.deepEqual(
      playWindow(all, { from: '2011-05-01', orders: 1 }).orders.map(({ number }) => number),
      ['1'],
    );
  });

  test('an order is completed when its last hours are in; without an end it stays open', () => {
    const { orders } = playWindow(readAdventureWorks(folderWith()), {});
    assert.deepEqual(
      orders.map(({ completedOn }) => completedOn),
      ['2011-06-05', undefined],
    );
  });

  test('an order that needs a fraction of a piece is left out with the reason, never rounded', () => {
    const window = playWindow(readAdventureWorks(folderWith()), {});
    assert.deepEqual(window.leftOut, [{ number: '4', reason: 'line 1 needs 0.5 EA of NU-1; the maintenance system counts whole numbers' }]);
  });

  test('hours that are no whole number of seconds are left out too', () => {
    const window = playWindow(readAdventureWorks(folderWith(field('WorkOrderRouting', 4, 'ActualResourceHrs', '.0001'))), {});
    assert.deepEqual(window.leftOut[0], { number: '3', reason: 'operation 1 took 0.0001 h, which is no whole number of seconds' });
  });

  test('at the split the shelves hold the inventory and what the window uses of it', () => {
    const { plant } = playWindow(readAdventureWorks(folderWith()), {});
    const opening = Object.fromEntries(plant.stock.map(({ part, storeroom, onHand }) => [`${part}@${storeroom}`, onHand]));
    assert.deepEqual(opening, { 'NU-1@0006': '129', 'NU-1@0050': '40', 'PA-2@0050': '26', 'CA-4@0050': '2', 'ST-5@0006': '10', 'CA-6@0050': '1' });
  });

  test('purchases are history until the day before, play a part from the split on, and are not known after the last day', () => {
    const { history, purchases } = playWindow(readAdventureWorks(folderWith()), {});
    const told = (events: typeof history): string[] => events.map(({ on, kind, order }) => `${on} ${kind} ${order.number}`);
    assert.deepEqual(told(history), ['2011-05-01 order 1', '2011-05-10 receipt 1', '2011-05-30 order 2']);
    assert.deepEqual(told(purchases), ['2011-06-02 order 3', '2011-06-04 order 4', '2011-06-04 receipt 2', '2011-06-05 receipt 3']);
  });

  test('its sums are those that a person reckons', () => {
    const sums = expectedSums(playWindow(readAdventureWorks(folderWith()), {}));
    assert.deepEqual(sums, {
      onHand: { 'NU-1@0006': '220', 'NU-1@0050': '40', 'PA-2@0050': '20', 'CA-4@0050': '2', 'ST-5@0006': '7', 'CA-6@0050': '1' },
      issued: { 'NU-1@0006': '9', 'PA-2@0050': '6', 'ST-5@0006': '3' },
      issuedValueMinor: 113 + 1500 + 9, // 9 x 0.1255, 6 x 2.50, 3 x 0.03
      labour: { AW07: { hours: '2.35', minor: 2500 + 250 + 2000 } }, // 1.25 h at 20, 0.1 h at 25 from the fifth on, 1 h at 20
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
});

const refusals: readonly { readonly title: string; readonly change: Change; readonly says: string }[] = [
  { title: 'a missing table', change: { table: 'Vendor', with: () => undefined }, says: '1 of 18 tables are missing: ' },
  {
    title: 'a table without a column',
    change: { table: 'Product', with: () => ['ProductID,Name', '1,Nut'] },
    says: 'Product.csv.gz line 2: there is no column ProductNumber',
  },
  { title: 'a row with a field too few', change: { table: 'Department', with: (lines) => [...lines, '9'] }, says: 'Department.csv.gz: Invalid Record Length' },
  {
    title: 'a number that is none',
    change: field('WorkOrder', 2, 'OrderQty', 'eight'),
    says: 'WorkOrder.csv.gz line 2: OrderQty is "eight", which is no number',
  },
  { title: 'an empty number', change: field('Product', 3, 'StandardCost', ''), says: 'Product.csv.gz line 3: StandardCost is "", which is no number' },
  {
    title: 'a quantity below zero',
    change: field('ProductInventory', 2, 'Quantity', '-1'),
    says: 'ProductInventory.csv.gz line 2: Quantity is -1, below zero',
  },
  {
    title: 'a date that is none',
    change: field('WorkOrder', 3, 'StartDate', '01.06.2011'),
    says: 'WorkOrder.csv.gz line 3: StartDate is "01.06.2011", which is no date',
  },
  {
    title: 'no date where one is needed',
    change: field('PurchaseOrderHeader', 2, 'OrderDate', ''),
    says: 'PurchaseOrderHeader.csv.gz line 2: OrderDate is empty',
  },
  {
    title: 'a unit that nobody knows',
    change: field('BillOfMaterials', 3, 'UnitMeasureCode', 'XYZ'),
    says: 'BillOfMaterials.csv.gz line 3: unit XYZ has no code',
  },
  {
    title: 'a unit without a code of its meaning',
    change: field('BillOfMaterials', 3, 'UnitMeasureCode', 'CAN'),
    says: 'BillOfMaterials.csv.gz line 3: unit CAN has no code',
  },
  {
    title: 'a part consumed in two units',
    change: field('BillOfMaterials', 6, 'UnitMeasureCode', 'OZ'),
    says: 'line 6: product 1 is consumed in OZ, elsewhere in EA',
  },
  {
    title: 'a product that is not there',
    change: field('PurchaseOrderDetail', 2, 'ProductID', '99'),
    says: 'PurchaseOrderDetail.csv.gz line 2: ProductID 99 is no product',
  },
  {
    title: 'a status that nobody knows',
    change: field('PurchaseOrderHeader', 2, 'Status', '7'),
    says: 'PurchaseOrderHeader.csv.gz line 2: Status 7 is not one of 1, 2, 3, 4',
  },
  {
    title: 'stock that does not follow from what was received',
    change: field('PurchaseOrderDetail', 2, 'StockedQty', '9'),
    says: 'line 2: StockedQty is 9, but 8 were received and 1 of them rejected',
  },
  {
    title: 'scrap for a reason that is not there',
    change: field('WorkOrder', 3, 'ScrapReasonID', '9'),
    says: 'WorkOrder.csv.gz line 3: 1 pieces were scrapped for reason 9',
  },
  {
    title: 'a workshop without a department',
    change: field('WorkOrderRouting', 2, 'LocationID', '6'),
    says: 'WorkOrderRouting.csv.gz line 2: location 6 has no department',
  },
  {
    title: 'work on a day on which nobody had a rate',
    change: field('WorkOrderRouting', 2, 'ActualStartDate', '2008-01-01'),
    says: 'nobody of cost centre AW07 has a pay rate on 2008-01-01',
  },
  {
    title: 'half a piece on the shelf',
    change: field('ProductInventory', 5, 'Quantity', '20.5'),
    says: '20.5 of PA-2 lie at storeroom 0050: the maintenance system counts whole numbers',
  },
];

describe('tables that cannot be played are refused before anything is started, with file, line and what is wrong', () => {
  const refused = (folder: string, says: string): void =>
    assert.throws(
      () => adventureWorksScenario(folder, {}, () => {}),
      (error) => {
        assert.ok(error instanceof Fault && error.kind === 'misconfigured', String(error));
        assert.ok(error.message.includes(says), `${error.message} does not say: ${says}`);
        return true;
      },
    );
  for (const { title, change, says } of refusals) test(title, () => refused(folderWith(change), says));

  test('a folder that is not there, a file, and an empty folder', () => {
    refused(join(place, 'nowhere'), 'there is no folder');
    writeFileSync(join(place, 'file'), '');
    refused(join(place, 'file'), 'there is no folder');
    mkdirSync(join(place, 'empty'));
    refused(join(place, 'empty'), '18 of 18 tables are missing');
  });

  test('a table that is no gzip', () => {
    const folder = folderWith();
    writeFileSync(join(folder, 'Vendor.csv.gz'), 'BusinessEntityID,Name\n900,Nuts\n');
    refused(folder, 'Vendor.csv.gz: incorrect header check');
  });

  test('a split after the last work, and one that is no day', () => {
    const folder = folderWith();
    assert.throws(
      () => adventureWorksScenario(folder, { from: '2031-01-01' }, () => {}),
      /no work order starts on 2031-01-01 or later; the last starts on 2011-06-02/,
    );
    for (const text of ['yesterday', '2011-6-1', '2011-13-01', ''])
      assert.throws(
        () => dayOption(text, '--from'),
        (error) => error instanceof Fault && error.message.includes(`--from ${text}`),
      );
  });
});
