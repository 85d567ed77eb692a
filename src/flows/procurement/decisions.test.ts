import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { procurement } from '#flows/procurement/flow';
import { FlowDriver } from '#flows/testing';

const pc = { system: 'sap', code: 'PC' };
const box = { system: 'sap', code: 'CV' };
const eur = (minor: number) => ({ minor, currency: 'EUR' });
const lane = 'workOrder/cmms.7';

/** A small plant: a pump of cost centre 4310, a stocked filter with 12 on hand, a bearing that is bought for the job, and a BOM of revision 3. */
function plant(policy: JsonObject = {}): FlowDriver {
  const driver = new FlowDriver({ flows: [{ flow: procurement, policy }] });
  driver.know('asset', 'erp.P204', 'erp', { code: 'P-204', name: 'Feed pump', parent: 'erp.L1', category: 'pump' });
  driver.know('asset', 'erp.L1', 'erp', { code: 'LINE-1', name: 'Line 1', costCentre: 'erp.4310', fixedAsset: 'erp.FA9' });
  driver.know('asset', 'erp.X', 'erp', { code: 'X-1', name: 'Without cost centre' });
  driver.know('asset', 'erp.OLD', 'erp', { code: 'OLD-1', name: 'Retired', costCentre: 'erp.4310', disposedOn: '2025-12-31' });
  driver.know('costCentre', 'erp.4310', 'erp', { code: '4310', name: 'Maintenance' });
  driver.know('costCentre', 'erp.4999', 'erp', { code: '4999', name: 'Locked', locked: true });
  driver.know('part', 'erp.FILTER', 'erp', {
    code: 'FILTER',
    name: 'Oil filter',
    baseUnit: pc,
    stocked: true,
    price: eur(1500),
    alternativeUnits: [{ unit: box, numerator: '12', denominator: '1' }],
  });
  driver.know('part', 'erp.BEARING', 'erp', { code: 'BEARING', name: 'Bearing', baseUnit: pc, stocked: false, price: eur(8000) });
  driver.know('part', 'erp.ODD', 'erp', { code: 'ODD', name: 'Nobody said whether stocked', baseUnit: pc });
  driver.know('part', 'erp.BLOCKED', 'erp', { code: 'BLOCKED', name: 'Blocked', baseUnit: pc, stocked: false, blocked: true });
  driver.know('part', 'erp.FILTER', 'cmms', { code: 'FILTER', name: 'Oil filter', baseUnit: pc });
  driver.know('storeroom', 'erp.ST01', 'erp', { code: 'ST01', name: 'Main store' });
  driver.know('stockLevel', 'erp.FILTER@erp.ST01', 'erp', { part: 'erp.FILTER', storeroom: 'erp.ST01', onHand: { value: '12', unit: pc }, reorderPoint: '2' });
  driver.know('maintenanceBom', 'erp.P204', 'erp', {
    asset: 'erp.P204',
    revision: '3',
    lines: [
      { line: '1', part: 'erp.FILTER', quantity: { value: '1', unit: pc }, autoRequest: false },
      { line: '2', part: 'erp.BEARING', quantity: { value: '2', unit: pc }, autoRequest: true },
    ],
  });
  return driver;
}

const bearing = { line: '1', part: 'erp.BEARING', quantity: { value: '2', unit: pc } };
const filter = { line: '1', part: 'erp.FILTER', storeroom: 'erp.ST01', quantity: { value: '2', unit: pc } };
const order = (plannedLines: readonly object[], more: object = {}) =>
  ({ number: '7', title: 'Pump overhaul', status: 'released', priority: 'medium', asset: 'erp.P204', plannedLines, ...more }) as never;

const release = (driver: FlowDriver, lines: readonly object[], more: object = {}): Reason[] => driver.snapshot('workOrder', lane, order(lines, more));

interface Row {
  readonly name: string;
  readonly lines: readonly object[];
  readonly order?: object;
  readonly policy?: JsonObject;
  readonly before?: (driver: FlowDriver) => void;
  readonly act: 'request' | 'reserve' | 'didNot' | 'held';
  readonly text: RegExp;
}

const rows: readonly Row[] = [
  {
    name: 'a non-stock part whose BOM says auto-request is requested (001-15, 001-36)',
    lines: [bearing],
    act: 'request',
    text: /2 PC BEARING .*not a stock item; auto-request on, inherited from BOM rev 3/,
  },
  {
    name: 'a part below its reorder point after this need is requested (002-12)',
    lines: [{ ...filter, autoRequest: true, quantity: { value: '11', unit: pc } }],
    act: 'request',
    text: /12 PC on hand at ST01, 11 needed, reorder point 2; auto-request on, set on the work-order line/,
  },
  {
    name: 'a box is requested as twelve pieces',
    lines: [{ ...filter, autoRequest: true, quantity: { value: '1', unit: box } }],
    act: 'request',
    text: /requisition of 12 PC FILTER/,
  },
  {
    name: "the maintenance side's own unit is read from its part record",
    lines: [{ ...bearing, autoRequest: true, part: 'erp.FILTER', storeroom: 'erp.ST01', quantity: { value: '11', unit: { system: 'part', code: 'base' } } }],
    act: 'request',
    text: /11 PC FILTER/,
  },
  {
    name: 'a contractor is requested as free text (000-16)',
    lines: [
      {
        line: '1',
        kind: 'service',
        text: 'Crane, one day',
        quantity: { value: '1', unit: { system: 'sap', code: 'TAG' } },
        estimatedPrice: eur(90000),
        autoRequest: true,
      },
    ],
    act: 'request',
    text: /a service/,
  },
  {
    name: 'policy always requests stock items whatever is on hand',
    lines: [{ ...filter, autoRequest: true }],
    policy: { stockItems: 'always' },
    act: 'request',
    text: /always requested/,
  },
  {
    name: 'policy default on requests what nobody decided',
    lines: [{ ...filter, quantity: { value: '12', unit: pc } }],
    order: { asset: undefined, costCentre: 'erp.4310' },
    policy: { autoRequestDefault: true },
    act: 'request',
    text: /by policy default/,
  },
  {
    name: 'an emergency takes the fast lane, expedited (001-27)',
    lines: [bearing],
    order: { priority: 'emergency' },
    act: 'request',
    text: /emergency priority, fast lane, 160\.00 EUR, expedite/,
  },
  {
    name: 'value decides the lane where the table says so (001-26)',
    lines: [bearing],
    policy: {
      routes: [
        { priorities: ['medium'], upTo: eur(10000), lane: 'foreman', urgency: 0 },
        { priorities: ['medium'], lane: 'plant manager', urgency: 1 },
      ],
    },
    act: 'request',
    text: /plant manager/,
  },
  {
    name: 'where finance purchases by itself, stock is reserved',
    lines: [{ ...filter, autoRequest: true }],
    policy: { raisedBy: 'erp' },
    act: 'reserve',
    text: /reservation instead of a requisition/,
  },
  {
    name: 'enough on hand and auto-request off: no requisition, with the figures',
    lines: [filter],
    act: 'didNot',
    text: /no requisition for line 1: 12 PC on hand at ST01, 2 needed, reorder point 2; auto-request off, inherited from BOM rev 3/,
  },
  {
    name: 'enough on hand although auto-request is on',
    lines: [{ ...filter, autoRequest: true }],
    act: 'didNot',
    text: /12 PC on hand at ST01, 2 needed, reorder point 2; auto-request on/,
  },
  {
    name: 'finance replenishes the part itself: never both',
    lines: [{ ...filter, autoRequest: true, quantity: { value: '11', unit: pc } }],
    before: (driver) =>
      driver.know('stockLevel', 'erp.FILTER@erp.ST01', 'erp', {
        part: 'erp.FILTER',
        storeroom: 'erp.ST01',
        onHand: { value: '12', unit: pc },
        reorderPoint: '2',
        replenishedBySystem: true,
      }),
    act: 'didNot',
    text: /erp replenishes this part itself/,
  },
  {
    name: 'a replenishment is under way: never both',
    lines: [{ ...filter, autoRequest: true, quantity: { value: '11', unit: pc } }],
    before: (driver) => driver.facts.set('stock/replenishment/erp.FILTER@erp.ST01', { text: 'replenishment requisition 100 of 20 PC is under way' }),
    act: 'didNot',
    text: /replenishment requisition 100/,
  },
  {
    name: 'policy never keeps stock items out',
    lines: [{ ...filter, autoRequest: true }],
    policy: { stockItems: 'never' },
    act: 'didNot',
    text: /not requested by work orders/,
  },
  {
    name: 'raised by finance with nothing to do for it',
    lines: [bearing],
    policy: { raisedBy: 'erp', whenErpRaises: 'nothing' },
    act: 'didNot',
    text: /so that never both do/,
  },
  { name: 'an open work order is not released', lines: [bearing], order: { status: 'open' }, act: 'didNot', text: /status open does not count as released/ },
  {
    name: 'a kind outside the scope (001-40)',
    lines: [bearing],
    order: { kind: 'reactive' },
    policy: { kinds: ['preventive'] },
    act: 'didNot',
    text: /kind reactive/,
  },
  { name: 'a priority outside the scope', lines: [bearing], policy: { priorities: ['high'] }, act: 'didNot', text: /priority medium is outside/ },
  {
    name: 'an asset category outside the scope',
    lines: [bearing],
    policy: { assetCategories: ['fan'] },
    act: 'didNot',
    text: /asset category pump is outside/,
  },
  { name: 'a work order without lines', lines: [], act: 'didNot', text: /plans no parts or services/ },
  { name: 'a line that needs nothing', lines: [{ ...bearing, quantity: { value: '0', unit: pc } }], act: 'didNot', text: /needs nothing/ },
  {
    name: 'an unknown part (section 7)',
    lines: [{ ...bearing, part: 'cmms.99', autoRequest: true }],
    act: 'held',
    text: /part cmms\.99 is not known in erp: create it there/,
  },
  { name: 'a blocked part', lines: [{ ...bearing, part: 'erp.BLOCKED', autoRequest: true }], act: 'held', text: /BLOCKED is blocked/ },
  {
    name: 'a missing cost centre names asset and field (section 7)',
    lines: [{ ...bearing, autoRequest: true }],
    order: { asset: 'erp.X' },
    act: 'held',
    text: /asset X-1 of work order 7 has no cost centre.*field costCentre of asset X-1/,
  },
  {
    name: 'neither cost centre nor asset',
    lines: [{ ...bearing, autoRequest: true }],
    order: { asset: undefined },
    act: 'held',
    text: /work order 7 has no cost centre/,
  },
  { name: 'a locked cost centre', lines: [bearing], order: { costCentre: 'erp.4999' }, act: 'held', text: /4999 .*locked/ },
  {
    name: 'an asset that was disposed of (I17)',
    lines: [{ ...bearing, autoRequest: true }],
    order: { asset: 'erp.OLD' },
    act: 'held',
    text: /OLD-1 was disposed of on 2025-12-31/,
  },
  {
    name: 'a unit without conversion names both units (section 7)',
    lines: [{ ...bearing, quantity: { value: '2', unit: { system: 'sap', code: 'KG' } } }],
    act: 'held',
    text: /sap\/KG to sap\/PC/,
  },
  { name: 'a negative quantity (section 7)', lines: [{ ...bearing, quantity: { value: '-2', unit: pc } }], act: 'held', text: /cannot be negative/ },
  {
    name: 'a part of which nobody says whether it is stocked',
    lines: [{ ...bearing, part: 'erp.ODD', autoRequest: true }],
    act: 'held',
    text: /whether part ODD is a stock item/,
  },
  { name: 'a stock item without storeroom', lines: [{ ...filter, storeroom: undefined, autoRequest: true }], act: 'held', text: /names no storeroom/ },
  {
    name: 'a storeroom without stock figure',
    lines: [{ ...filter, storeroom: 'erp.ST02', autoRequest: true }],
    act: 'held',
    text: /no stock figure of FILTER at erp\.ST02/,
  },
  {
    name: 'neither part nor text',
    lines: [{ line: '1', quantity: { value: '1', unit: pc }, autoRequest: true }],
    act: 'held',
    text: /neither a part nor a text/,
  },
  {
    name: 'an unpriced line where policy wants prices',
    lines: [{ line: '1', text: 'Paint', quantity: { value: '1', unit: pc }, autoRequest: true }],
    policy: { unpriced: 'hold' },
    act: 'held',
    text: /no estimated price/,
  },
  {
    name: 'the unit of a part that its system does not name',
    lines: [{ ...bearing, quantity: { value: '2', unit: { system: 'part', code: 'base' } } }],
    act: 'held',
    text: /unit of part erp\.BEARING in cmms is not known/,
  },
];

describe('whether a released line becomes a requisition', () => {
  for (const row of rows) {
    test(row.name, () => {
      const driver = plant(row.policy);
      row.before?.(driver);
      const reasons = release(driver, row.lines, row.order);
      const records = driver.sent.map(({ operation }) => operation.record);
      assert.deepEqual(records, row.act === 'request' ? ['purchaseRequisition'] : row.act === 'reserve' ? ['reservation'] : []);
      const did = row.act === 'request' || row.act === 'reserve' ? 'did' : row.act;
      const texts = reasons.filter((reason) => reason.did === did).map(({ text }) => text);
      assert.ok(
        texts.some((text) => row.text.test(text)),
        JSON.stringify(reasons, null, 1),
      );
      if (row.act === 'held') for (const reason of reasons.filter((one) => one.did === 'held')) assert.ok(reason.owner, 'a held line has an owner');
    });
  }
});

test('one document carries every line that needs requesting, and a held line stops no other', () => {
  const driver = plant();
  const reasons = release(driver, [
    bearing,
    { ...bearing, line: '2', part: 'cmms.99' },
    { line: '3', text: 'Gasket set', quantity: { value: '1', unit: pc }, estimatedPrice: eur(2000), autoRequest: true },
    { ...filter, line: '4' },
  ]);
  const draft = driver.sent[0]?.operation.draft as {
    lines: { line: string; reference: string; account: JsonObject }[];
    priority: string;
    asset: string;
    workOrder: string;
  };
  assert.deepEqual(
    draft.lines.map(({ line, reference }) => [line, reference]),
    [
      ['10', '1'],
      ['20', '3'],
    ],
  );
  assert.deepEqual([draft.priority, draft.asset, draft.workOrder], ['medium', 'erp.P204', 'cmms.7']);
  assert.deepEqual(draft.lines[0]?.account, { costCentre: 'erp.4310' });
  assert.deepEqual(reasons.map(({ did }) => did).sort(), ['did', 'didNot', 'held']);
});

for (const [kinds, account] of [
  [['order', 'costCentre'], { order: 'cmms.7' }],
  [['asset', 'costCentre'], { costCentre: 'erp.4310' }],
  [['costCentre'], { costCentre: 'erp.4310' }],
] as const) {
  test(`account assignment by policy ${kinds.join(', ')}`, () => {
    const driver = plant({ accountOrder: [...kinds] });
    driver.facts.set('identity/workOrder/cmms.7', { cmms: '7', erp: '4000871' });
    release(driver, [bearing]);
    assert.deepEqual((driver.sent[0]?.operation.draft as { lines: { account: JsonObject }[] }).lines[0]?.account, account);
  });
}

test('deciding the same snapshot again is harmless, and an older one is superseded (I3)', () => {
  const driver = plant();
  release(driver, [bearing], { changedAt: '2026-03-02T08:00:00.000Z' });
  const event = driver.delivered[0];
  assert.ok(event);
  const before = driver.state('procurement', lane);
  driver.give(event, true);
  assert.deepEqual(driver.state('procurement', lane), before);
  const reasons = release(driver, [], { changedAt: '2026-03-01T08:00:00.000Z' });
  assert.match(reasons[0]?.text ?? '', /superseded/);
  assert.equal(driver.sent.length, 1);
});

test('a held line goes out when what was missing is there', () => {
  const driver = plant();
  release(driver, [{ ...bearing, part: 'cmms.99', autoRequest: true }]);
  driver.know('part', 'cmms.99', 'erp', { code: 'NEW', name: 'Now known', baseUnit: pc, stocked: false });
  const event = driver.delivered[0];
  assert.ok(event);
  driver.give(event, true);
  assert.equal(driver.sent.length, 1);
});

test('a larger need is a second requisition for the difference, a smaller one changes the first, none closes it', () => {
  const driver = plant();
  release(driver, [bearing]);
  driver.answer({ intent: 'requisition/1' }, 'applied', { id: '100' });
  release(driver, [{ ...bearing, quantity: { value: '5', unit: pc } }]);
  assert.deepEqual((driver.sent[1]?.operation.draft as { lines: { quantity: JsonObject }[] }).lines[0]?.quantity, { value: '3', unit: pc });
  driver.answer({ intent: 'requisition/2' }, 'applied', { id: '101' });
  release(driver, [{ ...bearing, quantity: { value: '1', unit: pc } }]);
  assert.deepEqual(
    driver.sent.slice(2).map(({ operation }) => [operation.verb, operation.target, operation.draft]),
    [
      ['update', '101', { lines: [{ line: '10', state: 'closed' }] }],
      ['update', '100', { lines: [{ line: '10', quantity: { value: '1', unit: pc } }] }],
    ],
  );
  driver.answer({}, 'applied', { id: '101' });
  driver.answer({}, 'applied', { id: '100' });
  assert.equal(driver.balances().get('cmms.7|erp.4310|EUR')?.get('requested'), 8000);
});

test('a cancelled work order closes what is not ordered, and what changed on the way is changed once it has a number', () => {
  const driver = plant();
  release(driver, [bearing]);
  release(driver, [bearing], { status: 'cancelled', title: 'x' });
  assert.equal(driver.sent.length, 1, 'nothing can be changed without a number');
  driver.answer({ intent: 'requisition/1' }, 'applied', { id: '100' });
  assert.deepEqual(driver.sent[1]?.operation.draft, { lines: [{ line: '10', state: 'closed' }] });
  driver.answer({}, 'applied', { id: '100' });
  assert.ok([...(driver.balances().get('cmms.7|erp.4310|EUR')?.values() ?? [])].every((minor) => minor === 0));
});

test('a refused requisition is estimated, a later success requests it, a cancelled one is not requested again', () => {
  const driver = plant();
  release(driver, [bearing]);
  driver.answer({ intent: 'requisition/1' }, 'failed');
  assert.equal(driver.balances().get('cmms.7|erp.4310|EUR')?.get('estimated'), 16000);
  driver.answer({ intent: 'requisition/1' }, 'applied', { id: '100' });
  assert.deepEqual(
    [driver.balances().get('cmms.7|erp.4310|EUR')?.get('estimated'), driver.balances().get('cmms.7|erp.4310|EUR')?.get('requested')],
    [0, 16000],
  );
  const other = plant();
  release(other, [bearing]);
  other.answer({ intent: 'requisition/1' }, 'cancelled');
  release(other, [bearing], { title: 'again' });
  assert.equal(other.sent.length, 1);
});

test('a deleted work order takes its requests back', () => {
  const driver = plant();
  release(driver, [bearing]);
  driver.answer({}, 'applied', { id: '100' });
  driver.give({ lane, kind: 'workOrder.removed', data: { connection: 'cmms', hubId: 'cmms.7' } });
  assert.deepEqual(driver.sent[1]?.operation.draft, { lines: [{ line: '10', state: 'closed' }] });
});

test("the finance side's copy of a work order decides nothing", () => {
  const driver = plant();
  driver.snapshot('workOrder', lane, order([bearing]), { connection: 'erp' });
  assert.equal(driver.sent.length, 0);
});

test('a BOM becomes a fact under its asset, and is forgotten when it is gone', () => {
  const driver = plant();
  driver.snapshot('maintenanceBom', 'asset/erp.P300', { asset: 'erp.P300', revision: '1', lines: [] }, { connection: 'erp' });
  assert.ok(driver.facts.has('record/maintenanceBom/erp.P300@erp'));
  driver.give({ lane: 'asset/erp.P300', kind: 'maintenanceBom.removed', data: { connection: 'erp', hubId: 'erp.P300' } });
  assert.ok(!driver.facts.has('record/maintenanceBom/erp.P300@erp'));
});

test('a wrong policy is refused with the member named', () => {
  assert.throws(() => procurement.policy.parse({ stockItems: 'sometimes' }), /stockItems/);
  assert.throws(() => procurement.policy.parse({ stockitems: 'always' }), /stockitems/);
});
