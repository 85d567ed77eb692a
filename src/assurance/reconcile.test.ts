import assert from 'node:assert/strict';
import test from 'node:test';
import { assert as assertProperty, asyncProperty, nat, uniqueArray } from 'fast-check';
import { operationReference } from '#base/id';
import { canonicalJson, type JsonObject } from '#base/json';
import { seededRandom } from '#base/random';
import { stockLane } from '#flows/lanes';
import { reconcile } from '#assurance/reconcile';
import { statementText } from '#assurance/statement-text';
import type { DifferenceClass, SectionName, Statement } from '#assurance/statement';
import {
  costRowKey,
  issueKey,
  issueNumber,
  orderNumber,
  partId,
  place,
  postingKey,
  requisitionKey,
  storeroom,
  testNow,
  testOperation,
  testPlant,
  TestSide,
  type TestPlant,
} from '#assurance/testing';

const euro = (minor: number): { minor: number; currency: string } => ({ minor, currency: 'EUR' });
const piece = { system: 'sap', code: 'PC' };
const stated = ({ store, finance, maintenance, sites }: TestPlant, sections?: readonly SectionName[]): Promise<Statement> =>
  reconcile({ store, connections: [maintenance, finance], sites, now: testNow, ...(sections ? { sections } : {}) });
const sectionOf = (statement: Statement, name: SectionName) => {
  const found = statement.sections.find((section) => section.name === name);
  assert.ok(found);
  return found;
};

interface Expected {
  readonly section: SectionName;
  readonly key: string;
  readonly class: DifferenceClass;
}

/** One way to make both sides differ in the thing number `i`, and how the statement must call it. */
interface Injector {
  readonly class: DifferenceClass;
  readonly section: SectionName;
  readonly does: string;
  inject(plant: TestPlant, i: number): Promise<string> | string;
}

const cmmsStock = (i: number): string => `9${i}@1`;
const reference = {
  issue: (i: number): string => operationReference(issueKey(i)),
  posting: (i: number): string => operationReference(postingKey(i)),
  requisition: (i: number): string => operationReference(requisitionKey(i)),
  row: (i: number): string => operationReference(costRowKey(i)),
};

const injectors: readonly Injector[] = [
  {
    section: 'stock',
    class: 'quantity',
    does: 'a shelf was counted in maintenance alone',
    inject: (plant, i) => (plant.maintenance.change('stockLevel', cmmsStock(i), { onHand: { value: String(12 * (i + 1) + 5), unit: piece } }), place(i)),
  },
  {
    section: 'stock',
    class: 'unit',
    does: 'the same figure stands in another unit',
    inject: (plant, i) => (
      plant.maintenance.change('stockLevel', cmmsStock(i), { onHand: { value: String(12 * (i + 1)), unit: { system: 'sap', code: 'BOX' } } }),
      place(i)
    ),
  },
  {
    section: 'stock',
    class: 'unit',
    does: 'no table joins the units',
    inject: (plant, i) => (plant.maintenance.change('stockLevel', cmmsStock(i), { onHand: { value: '3', unit: { system: 'sap', code: 'ROL' } } }), place(i)),
  },
  {
    section: 'stock',
    class: 'missingInFinance',
    does: 'a stock row is gone from finance',
    inject: (plant, i) => (plant.finance.remove('stockLevel', `P${i}@ST1`), place(i)),
  },
  {
    section: 'stock',
    class: 'missingInMaintenance',
    does: 'a stock row is gone from maintenance',
    inject: (plant, i) => (plant.maintenance.remove('stockLevel', cmmsStock(i)), place(i)),
  },
  {
    section: 'stock',
    class: 'negative',
    does: 'a shelf is below zero',
    inject: (plant, i) => (plant.maintenance.change('stockLevel', cmmsStock(i), { onHand: { value: '-3', unit: piece } }), place(i)),
  },
  {
    section: 'stock',
    class: 'notMapped',
    does: 'a part of maintenance is linked to nothing',
    inject: (plant, i) => (
      plant.maintenance.put('stockLevel', `8${i}@1`, `cmms.8${i}@1`, { part: `cmms.8${i}`, storeroom, onHand: { value: '7', unit: piece } }),
      `cmms.8${i}@${storeroom}`
    ),
  },
  {
    section: 'stock',
    class: 'waiting',
    does: 'an open goods issue accounts for a part of the difference',
    inject: async (plant, i) => {
      plant.maintenance.change('stockLevel', cmmsStock(i), { onHand: { value: String(12 * (i + 1) - 5), unit: piece } });
      await plant.lane(stockLane(partId(i), storeroom), { insertOperations: [openIssue(i, '2')] });
      return place(i);
    },
  },
  {
    section: 'orders',
    class: 'quantity',
    does: 'an order was changed and not read',
    inject: (plant, i) => (
      plant.finance.change('purchaseOrder', orderNumber(i), { lines: [{ ...firstLine(plant, i), quantity: { value: '6', unit: piece } }] }),
      `${orderNumber(i)}/10`
    ),
  },
  {
    section: 'orders',
    class: 'received',
    does: 'a receipt came and was not read',
    inject: (plant, i) => (
      plant.finance.put('goodsReceipt', `60${i}/2026`, `erp.60${i}/2026`, {
        number: `60${i}/2026`,
        postedOn: '2026-11-02',
        lines: [{ line: '1', purchaseOrder: orderNumber(i), purchaseOrderLine: '10', quantity: { value: '1', unit: piece }, direction: 'in' }],
      }),
      `${orderNumber(i)}/10`
    ),
  },
  {
    section: 'orders',
    class: 'invoiced',
    does: 'an invoice came and was not read',
    inject: (plant, i) => (
      plant.finance.put('supplierInvoice', `61${i}/2026`, `erp.61${i}/2026`, {
        number: `61${i}/2026`,
        lines: [{ line: '1', purchaseOrder: orderNumber(i), purchaseOrderLine: '10', quantity: { value: '1', unit: piece }, amount: euro(1000) }],
      }),
      `${orderNumber(i)}/10`
    ),
  },
  {
    section: 'orders',
    class: 'missingInFinance',
    does: 'an order is gone',
    inject: (plant, i) => (plant.finance.remove('purchaseOrder', orderNumber(i)), orderNumber(i)),
  },
  {
    section: 'orders',
    class: 'duplicateDocument',
    does: 'a requisition was raised twice',
    inject: (plant, i) => (
      plant.finance.put('purchaseRequisition', `7${i}`, `erp.7${i}`, { number: `7${i}`, reference: reference.requisition(i), lines: [] }),
      reference.requisition(i)
    ),
  },
  {
    section: 'orders',
    class: 'foreignDocument',
    does: 'another hub writes to the same finance system',
    inject: (plant, i) => (
      plant.finance.put('purchaseRequisition', `8${i}`, `erp.8${i}`, { number: `8${i}`, reference: operationReference(`other hub ${i}`), lines: [] }),
      operationReference(`other hub ${i}`)
    ),
  },
  {
    section: 'orders',
    class: 'missingInHub',
    does: 'the hub has not read the order made from its requisition',
    inject: async (plant, i) => {
      await plant.lane(`workOrder/x${i}`, {
        facts: [{ key: `origin/purchaseRequisition/erp/9${i}/10`, version: '1', data: { lane: 'workOrder/x' }, at: testNow }],
      });
      plant.finance.put('purchaseOrder', `47${i}`, `erp.47${i}`, {
        number: `47${i}`,
        lines: [{ line: '10', quantity: { value: '1', unit: piece }, requisition: `9${i}`, requisitionLine: '10' }],
      });
      return `47${i}`;
    },
  },
  {
    section: 'costs',
    class: 'amount',
    does: 'finance values a goods issue at another price',
    inject: (plant, i) => (
      plant.finance.change('goodsIssue', issueNumber(i), {
        lines: [{ line: '1', part: partId(i), storeroom, quantity: { value: '2', unit: piece }, direction: 'out', value: euro(620) }],
      }),
      reference.issue(i)
    ),
  },
  {
    section: 'costs',
    class: 'costCentre',
    does: 'a goods issue stands on another cost centre',
    inject: (plant, i) => (plant.finance.change('goodsIssue', issueNumber(i), { account: { costCentre: 'erp.CC99' } }), reference.issue(i)),
  },
  {
    section: 'costs',
    class: 'missingInFinance',
    does: 'a labour posting is not there',
    inject: (plant, i) => (plant.finance.traceable.delete(reference.posting(i)), reference.posting(i)),
  },
  {
    section: 'costs',
    class: 'duplicateDocument',
    does: 'a goods issue was posted twice',
    inject: (plant, i) => {
      plant.finance.put('goodsIssue', `77${i}/2026`, `erp.77${i}/2026`, {
        ...plant.finance.of('goodsIssue').find(({ key }) => key === issueNumber(i))?.record,
        number: `77${i}/2026`,
      });
      return reference.issue(i);
    },
  },
  {
    section: 'costs',
    class: 'reversedByHand',
    does: 'a goods issue was cancelled in finance',
    inject: (plant, i) => (
      plant.finance.put('goodsIssue', `78${i}/2026`, `erp.78${i}/2026`, {
        number: `78${i}/2026`,
        reference: reference.issue(i),
        reverses: issueNumber(i),
        postedOn: '2026-11-02',
        lines: [{ line: '1', part: partId(i), storeroom, quantity: { value: '2', unit: piece }, direction: 'in', value: euro(500) }],
      }),
      reference.issue(i)
    ),
  },
  {
    section: 'costs',
    class: 'missingInMaintenance',
    does: 'a cost row was deleted from the work order',
    inject: (plant, i) => (plant.maintenance.remove('workOrderCost', `${880000 + i}/${reference.row(i)}`), reference.row(i)),
  },
  {
    section: 'assets',
    class: 'name',
    does: 'an asset was renamed in maintenance',
    inject: (plant, i) => (plant.maintenance.change('asset', `41${i}`, { name: `Compressor ${i}` }), `erp.10${i}`),
  },
  {
    section: 'assets',
    class: 'parent',
    does: 'an asset was moved in maintenance',
    inject: (plant, i) => (plant.maintenance.change('asset', `41${i}`, { parent: 'erp.ELSEWHERE' }), `erp.10${i}`),
  },
  {
    section: 'assets',
    class: 'costCentre',
    does: 'an asset has another cost centre',
    inject: (plant, i) => (plant.maintenance.change('asset', `41${i}`, { costCentre: 'erp.CC98' }), `erp.10${i}`),
  },
  {
    section: 'assets',
    class: 'missingInMaintenance',
    does: 'an asset is not in maintenance',
    inject: (plant, i) => (plant.maintenance.remove('asset', `41${i}`), `erp.10${i}`),
  },
  {
    section: 'assets',
    class: 'stillActive',
    does: 'a disposed asset is still active in finance',
    inject: (plant, i) => {
      plant.maintenance.change('asset', `41${i}`, { status: 'disposed' });
      plant.finance.change('asset', `10${i}`, { status: 'operational', active: true });
      plant.finance.change('fixedAsset', `F${i}`, { active: false, retiredOn: '2026-11-01' });
      return `erp.10${i}`;
    },
  },
];

function firstLine(plant: TestPlant, i: number): JsonObject {
  return plant.finance.of('purchaseOrder').find(({ key }) => key === orderNumber(i))?.record.lines[0] as unknown as JsonObject; // A record of the model is JSON.
}

const openIssue = (i: number, quantity: string) =>
  testOperation(`${stockLane(partId(i), storeroom)}#stock#issue/workOrder/open/1/${quantity}`, 'erp', 'goodsIssue', {
    state: 'failed',
    settledAt: null,
    draft: { lines: [{ line: '1', quantity: { value: quantity, unit: piece }, direction: 'out' }] },
  });

test('two systems and a hub that say the same agree in every section, and the totals of both sides are equal', async () => {
  const plant = await testPlant(60);
  const statement = await stated(plant);
  assert.equal(statement.agrees, true, statementText(statement));
  for (const { name, compared, agreed, totals, differences } of statement.sections) {
    assert.ok(compared >= 60, name);
    assert.equal(agreed, compared);
    assert.deepEqual(differences, []);
    for (const { what, left, right } of totals) assert.equal(left, right, `${name} ${what}`);
  }
  assert.deepEqual(
    sectionOf(statement, 'costs')
      .totals.filter(({ what }) => !what.startsWith('cost centre'))
      .map(({ what, left }) => [what, left]),
    [
      ['cost rows', '2400'],
      ['labour and services', '2100'],
      ['parts', '300'],
      ['purchases', '2400'],
    ],
  );
  assert.match(statementText(statement), /both systems and the hub agree in \d+ comparisons/);
});

for (const injector of injectors) {
  test(`reconciliation finds that ${injector.does}, and calls it ${injector.class}`, async () => {
    const plant = await testPlant(4);
    const key = await injector.inject(plant, 1);
    const statement = await stated(plant);
    assert.equal(statement.agrees, false);
    const found = statement.sections.flatMap(({ name, differences }) =>
      differences.map((difference) => ({ section: name, key: difference.key, class: difference.class, explained: difference.explainedBy !== undefined })),
    );
    assert.deepEqual(found, [{ section: injector.section, key, class: injector.class, explained: false }], JSON.stringify(statement, null, 1));
  });
}

test('500 injected differences of every class: all are found, at most 2 % under a wrong class, and nothing that was not injected (R-26)', async () => {
  const random = seededRandom(26);
  const plant = await testPlant(520);
  const expected: Expected[] = [];
  const free = Array.from({ length: 520 }, (_, i) => i).filter((i) => i % 10 !== 9);
  for (let n = 0; n < 450; n++) {
    const injector = injectors[n % injectors.length];
    const [i] = free.splice(random.below(free.length), 1);
    assert.ok(injector && i !== undefined);
    expected.push({ section: injector.section, class: injector.class, key: await injector.inject(plant, i) });
    // A thing has stock, documents and an asset: one more difference in another section of the same thing.
    const other = injectors.find(({ section }) => section === (injector.section === 'assets' ? 'stock' : 'assets'));
    if (other && n % 9 === 0) expected.push({ section: other.section, class: other.class, key: await other.inject(plant, i) });
  }
  assert.ok(expected.length >= 500);
  const statement = await stated(plant);
  const found = new Map<string, DifferenceClass>();
  for (const { name, differences, more } of statement.sections) {
    assert.equal(more, 0);
    for (const { key, class: kind, explainedBy } of differences) {
      assert.equal(explainedBy, undefined, key);
      found.set(`${name} ${key}`, kind);
    }
  }
  const missed = expected.filter(({ section, key }) => !found.has(`${section} ${key}`));
  const wrong = expected.filter(({ section, key, class: kind }) => found.get(`${section} ${key}`) !== kind);
  const invented = [...found.keys()].filter((name) => !expected.some(({ section, key }) => name === `${section} ${key}`));
  assert.deepEqual({ missed, invented }, { missed: [], invented: [] });
  assert.ok(wrong.length / expected.length <= 0.02, `${wrong.length} of ${expected.length} under a wrong class: ${JSON.stringify(wrong.slice(0, 5))}`);
  assert.ok(new Set(expected.map(({ class: kind }) => kind)).size >= 12);
});

test('the same systems and the same now give the same bytes, in whatever order a system lists', async () => {
  const plant = await testPlant(40);
  for (const [n, injector] of injectors.entries()) await injector.inject(plant, n);
  const first = canonicalJson(await stated(plant));
  assert.equal(canonicalJson(await stated(plant)), first);
  for (const side of [plant.finance, plant.maintenance]) for (const list of side.held.values()) list.reverse();
  assert.equal(canonicalJson(await stated(plant)), first);
});

test('whatever is injected, the sections that were not touched agree', async () => {
  await assertProperty(
    asyncProperty(uniqueArray(nat(injectors.length - 1), { maxLength: 4 }), async (chosen) => {
      const plant = await testPlant(6);
      const touched = new Set<SectionName>();
      for (const [i, n] of chosen.entries()) {
        const injector = injectors[n];
        if (!injector) continue;
        touched.add(injector.section);
        await injector.inject(plant, i);
      }
      const statement = await stated(plant);
      assert.equal(statement.agrees, chosen.length === 0);
      for (const { name, unexplained } of statement.sections) assert.equal(unexplained > 0, touched.has(name), `${name}: ${statementText(statement)}`);
    }),
    { numRuns: 40, seed: 7 },
  );
});

test('an open goods issue that accounts for exactly what differs explains it, and the statement agrees and says which', async () => {
  const plant = await testPlant(3);
  plant.maintenance.change('stockLevel', cmmsStock(1), { onHand: { value: '19', unit: piece } });
  await plant.lane(stockLane(partId(1), storeroom), { insertOperations: [openIssue(1, '2'), { ...openIssue(1, '3'), n: 2 }] });
  const statement = await stated(plant, ['stock']);
  assert.equal(statement.agrees, true);
  const [difference] = sectionOf(statement, 'stock').differences;
  assert.equal(difference?.explainedBy?.length, 2);
  assert.match(statementText(statement), /1 difference explained\.[\s\S]*explained by operation stock\/erp\.P1@erp\.ST1#stock#issue/);
});

test('a goods issue of unknown outcome explains the difference whether finance has posted it or not', async () => {
  for (const posted of [true, false]) {
    const plant = await testPlant(3);
    plant.maintenance.change('stockLevel', cmmsStock(1), { onHand: { value: '22', unit: piece } });
    if (posted) plant.finance.change('stockLevel', 'P1@ST1', { onHand: { value: '22', unit: piece } });
    await plant.lane(stockLane(partId(1), storeroom), { insertOperations: [{ ...openIssue(1, '2'), state: 'unknown' }] });
    assert.equal((await stated(plant, ['stock'])).agrees, true, String(posted));
  }
});

test('parts that a held work order used explain what maintenance has taken from the shelf', async () => {
  const plant = await testPlant(3);
  plant.maintenance.change('stockLevel', cmmsStock(1), { onHand: { value: '20', unit: piece } });
  await plant.waiting({
    lane: 'workOrder/cmms.1',
    kind: 'workOrder.snapshot',
    key: 'cmms:1',
    source: 'cmms',
    data: { record: { issues: [{ line: '1', part: partId(1), storeroom, quantity: { value: '4', unit: { system: 'part', code: 'base' } } }] } },
  });
  const statement = await stated(plant, ['stock']);
  assert.equal(statement.agrees, true, statementText(statement));
  assert.match(sectionOf(statement, 'stock').differences[0]?.explainedBy?.[0] ?? '', /workOrder\.snapshot cmms:1/);
});

test('an order event that waits explains a line exactly, or makes it waiting', async () => {
  for (const [quantity, agrees] of [
    ['1', true],
    ['2', false],
  ] as const) {
    const plant = await testPlant(3);
    const record = {
      number: '601/2026',
      postedOn: '2026-11-02',
      lines: [{ line: '1', purchaseOrder: orderNumber(1), purchaseOrderLine: '10', quantity: { value: '1', unit: piece }, direction: 'in' }],
    };
    plant.finance.put('goodsReceipt', '601/2026', 'erp.601/2026', record);
    await plant.waiting({
      lane: `purchaseOrder/erp.${orderNumber(1)}`,
      kind: 'goodsReceipt.snapshot',
      key: 'r',
      source: 'erp',
      data: { record: { ...record, lines: [{ ...record.lines[0], quantity: { value: quantity, unit: piece } }] } },
    });
    const statement = await stated(plant, ['orders']);
    assert.equal(statement.agrees, agrees);
    assert.equal(sectionOf(statement, 'orders').differences[0]?.class, agrees ? 'received' : 'waiting');
  }
});

test('an empty shelf and no row for it say the same', async () => {
  const plant = await testPlant(3);
  plant.finance.change('stockLevel', 'P1@ST1', { onHand: { value: '0.000', unit: piece } });
  plant.maintenance.remove('stockLevel', cmmsStock(1));
  assert.equal((await stated(plant, ['stock'])).agrees, true);
});

test('a row that a moving list gives twice is one row', async () => {
  const plant = await testPlant(3);
  for (const side of [plant.finance, plant.maintenance]) for (const list of side.held.values()) if (list[0]) list.push(list[0]);
  assert.equal((await stated(plant)).agrees, true, statementText(await stated(plant)));
});

test('a system that cannot list a kind is said, not hidden', async () => {
  const plant = await testPlant(3);
  const lean = new TestSide('cmms', ['part', 'stockLevel']);
  for (const kind of ['part', 'stockLevel'] as const) for (const { key, hubId, record } of plant.maintenance.of(kind)) lean.put(kind, key, hubId, record);
  for (let i = 0; i < 3; i++) lean.traceable.set(reference.row(i), { id: 'row' });
  const statement = await stated({ ...plant, maintenance: lean });
  assert.deepEqual(sectionOf(statement, 'assets').notCompared, ['cmms cannot list assets']);
  assert.equal(sectionOf(statement, 'assets').compared, 0);
  assert.match(sectionOf(statement, 'costs').notCompared.join(' '), /cmms can list neither cost rows nor work orders/);
  assert.equal(statement.agrees, true, statementText(statement));
});

test('more differences than the list holds are counted, the worst are kept', async () => {
  const plant = await testPlant(1200);
  for (let i = 0; i < 1199; i++) plant.maintenance.change('stockLevel', cmmsStock(i), { onHand: { value: '1', unit: piece } });
  plant.maintenance.change('stockLevel', cmmsStock(1199), { onHand: { value: '-1', unit: piece } });
  const stock = sectionOf(await stated(plant, ['stock']), 'stock');
  assert.deepEqual([stock.differences.length, stock.more, stock.unexplained, stock.differences[0]?.class], [1000, 200, 1200, 'negative']);
});

test('a site whose connection is not there is refused, and so is a plant without sites', async () => {
  const plant = await testPlant(1);
  await assert.rejects(reconcile({ store: plant.store, connections: [plant.finance], sites: plant.sites, now: testNow }), /site S1 names the connection cmms/);
  await assert.rejects(reconcile({ store: plant.store, connections: [plant.finance], sites: [], now: testNow }), /no site/);
});
