import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { stock } from '#flows/stock/flow';
import { projection } from '#flows/stock/projection';
import type { StockFlowState } from '#flows/stock/state';
import { FlowDriver } from '#flows/testing';

const pc = { system: 'sap', code: 'PC' };
const own = { system: 'part', code: 'base' };
const eur = (minor: number) => ({ minor, currency: 'EUR' });
const lane = 'workOrder/cmms.7';
const room = 'stock/erp.FILTER@erp.ST01';
const book = 'cmms.7|erp.4310|EUR';

function plant(policy: JsonObject = {}): FlowDriver {
  const driver = new FlowDriver({ flows: [{ flow: stock, policy }] });
  driver.know('part', 'erp.FILTER', 'erp', {
    code: 'FILTER',
    name: 'Filter',
    baseUnit: pc,
    stocked: true,
    alternativeUnits: [{ unit: { system: 'sap', code: 'CV' }, numerator: '12', denominator: '1' }],
  });
  driver.know('part', 'erp.FILTER', 'cmms', { code: 'FILTER', name: 'Filter', baseUnit: pc });
  driver.know('part', 'erp.DIRECT', 'erp', { code: 'DIRECT', name: 'Direct', baseUnit: pc, stocked: false });
  driver.know('part', 'erp.BLOCKED', 'erp', { code: 'BLOCKED', name: 'Blocked', baseUnit: pc, blocked: true });
  driver.know('asset', 'erp.X', 'erp', { code: 'X-1', name: 'Without cost centre' });
  driver.know('asset', 'erp.OLD', 'erp', { code: 'OLD-1', name: 'Retired', costCentre: 'erp.4310', disposedOn: '2025-12-31' });
  return driver;
}

const used = (value: string, more: object = {}) => ({
  line: '1',
  part: 'erp.FILTER',
  storeroom: 'erp.ST01',
  quantity: { value, unit: pc },
  usedAt: '2026-03-02T07:00:00.000Z',
  ...more,
});
let title = 0;
const work = (driver: FlowDriver, issues: readonly object[], more: object = {}): Reason[] =>
  driver.snapshot('workOrder', lane, { number: '7', title: `t${title++}`, status: 'inProgress', costCentre: 'erp.4310', issues, ...more } as never);
const level = (driver: FlowDriver, connection: 'erp' | 'cmms', onHand: string, more: object = {}, event: object = {}): Reason[] =>
  driver.snapshot(
    'stockLevel',
    room,
    {
      part: 'erp.FILTER',
      storeroom: 'erp.ST01',
      onHand: { value: onHand, unit: connection === 'erp' ? pc : own },
      changedAt: new Date(driver.now).toISOString(),
      ...more,
    },
    { connection, ...event },
  );
const stateOf = (driver: FlowDriver) => (driver.state('stock', room) as StockFlowState).stock ?? assert.fail();
const draftOf = (driver: FlowDriver, at: number) =>
  driver.sent[at]?.operation.draft as { lines: { quantity: JsonObject; direction: string }[]; postedOn: string; account: JsonObject };

const rows: readonly { name: string; issues: readonly object[]; order?: object; policy?: JsonObject; act: 'did' | 'didNot' | 'held'; text: RegExp }[] = [
  {
    name: 'a consumption is a goods issue (000-10, 002-29)',
    issues: [used('2')],
    act: 'did',
    text: /goods issue of 2 PC erp\.FILTER at erp\.ST01 for work order 7 line 1: 2 PC used in all, 0 issued before/,
  },
  {
    name: 'two boxes are twenty-four pieces',
    issues: [used('2', { quantity: { value: '2', unit: { system: 'sap', code: 'CV' } } })],
    act: 'did',
    text: /goods issue of 24 PC/,
  },
  {
    name: "the part's own unit in the maintenance system",
    issues: [used('2', { quantity: { value: '2', unit: own } })],
    act: 'did',
    text: /goods issue of 2 PC/,
  },
  { name: 'nothing used', issues: [], act: 'didNot', text: /has used no parts/ },
  {
    name: 'a part that is not stocked was consumed at receipt',
    issues: [used('2', { part: 'erp.DIRECT' })],
    act: 'didNot',
    text: /DIRECT is not a stock item/,
  },
  { name: 'an unknown part (section 7)', issues: [used('2', { part: 'cmms.99' })], act: 'held', text: /part cmms\.99 is not known in erp/ },
  { name: 'a blocked part', issues: [used('2', { part: 'erp.BLOCKED' })], act: 'held', text: /BLOCKED is blocked/ },
  { name: 'a negative quantity (section 7)', issues: [used('-2')], act: 'held', text: /cannot be negative/ },
  { name: 'no storeroom', issues: [used('2', { storeroom: undefined })], act: 'held', text: /names no storeroom/ },
  {
    name: 'a unit without conversion (section 7)',
    issues: [used('2', { quantity: { value: '2', unit: { system: 'sap', code: 'KG' } } })],
    act: 'held',
    text: /sap\/KG to sap\/PC/,
  },
  {
    name: 'no cost centre (section 7)',
    issues: [used('2')],
    order: { costCentre: undefined, asset: 'erp.X' },
    act: 'held',
    text: /asset X-1 .*has no cost centre/,
  },
  { name: 'a retired asset (I17)', issues: [used('2')], order: { costCentre: undefined, asset: 'erp.OLD' }, act: 'held', text: /OLD-1 was disposed of/ },
  {
    name: 'whether stocked is not known, where policy wants to know',
    issues: [used('2', { part: 'erp.ODD' })],
    policy: { unknownStocking: 'hold' },
    act: 'held',
    text: /whether part ODD is a stock item/,
  },
];

describe('whether a used part becomes a goods issue', () => {
  for (const row of rows) {
    test(row.name, () => {
      const driver = plant(row.policy);
      driver.know('part', 'erp.ODD', 'erp', { code: 'ODD', name: 'Odd', baseUnit: pc });
      const reasons = [...work(driver, row.issues, row.order), ...driver.settle()];
      assert.ok(
        reasons.some(({ did, text }) => did === row.act && row.text.test(text)),
        JSON.stringify(reasons, null, 1),
      );
      assert.equal(driver.sent.length, row.act === 'did' ? 1 : 0);
    });
  }
});

test('a held line stops no other line, and goes out when what was missing is there', () => {
  const driver = plant();
  work(driver, [used('2'), used('1', { line: '2', part: 'cmms.99' })]);
  driver.settle();
  assert.equal(driver.sent.length, 1);
  driver.know('part', 'cmms.99', 'erp', { code: 'NEW', name: 'New', baseUnit: pc });
  driver.give(driver.delivered[0] ?? assert.fail(), true);
  driver.settle();
  assert.equal(driver.sent.length, 2);
});

test('more used is the difference only; less used is a return, and exactly the document where it fits', () => {
  const driver = plant();
  work(driver, [used('2')]);
  driver.settle();
  driver.answer({}, 'applied', { id: 'G1', data: { value: eur(3000) } });
  work(driver, [used('5')]);
  driver.settle();
  assert.deepEqual(draftOf(driver, 1).lines[0]?.quantity, { value: '3', unit: pc });
  driver.answer({}, 'applied', { id: 'G2', data: { value: eur(4500) } });
  work(driver, [used('2')]);
  driver.settle();
  assert.deepEqual([driver.sent[2]?.operation.verb, driver.sent[2]?.operation.target], ['reverse', 'G2']);
  driver.answer({}, 'applied', { id: 'G2R', data: { value: eur(4400) } });
  work(driver, [used('1')]);
  driver.settle();
  assert.deepEqual([driver.sent[3]?.operation.verb, draftOf(driver, 3).lines[0]?.direction], ['create', 'in']);
  driver.answer({}, 'applied', { id: 'G3', data: { value: eur(1500) } });
  driver.settle();
  assert.equal(driver.balances().get(book)?.get('settled'), 1500, 'the reversal took back exactly what its document was worth');
});

test('a line moved to another storeroom is returned to the first and issued from the second', () => {
  const driver = plant();
  work(driver, [used('2')]);
  driver.settle();
  driver.answer({}, 'applied', { id: 'G1' });
  work(driver, [used('2', { storeroom: 'erp.ST02' })]);
  driver.settle();
  assert.deepEqual(
    driver.sent
      .slice(1)
      .map(({ lane: at, operation }) => [at, operation.verb])
      .sort(),
    [
      ['stock/erp.FILTER@erp.ST01', 'reverse'],
      ['stock/erp.FILTER@erp.ST02', 'create'],
    ],
  );
});

test('a refused issue stays one operation; cancelled by a person it is settled by hand', () => {
  const driver = plant();
  work(driver, [used('2')]);
  driver.settle();
  driver.answer({}, 'failed');
  work(driver, [used('2')]);
  driver.settle();
  driver.answer({}, 'cancelled');
  work(driver, [used('2')]);
  driver.settle();
  assert.equal(driver.sent.length, 1);
});

test('a cancelled work order keeps or returns what was used, by policy', () => {
  for (const [whenCancelled, sent] of [
    ['keep', 1],
    ['return', 2],
  ] as const) {
    const driver = plant({ whenCancelled });
    work(driver, [used('2')]);
    driver.settle();
    driver.answer({}, 'applied', { id: 'G1' });
    work(driver, [used('2')], { status: 'cancelled' });
    driver.settle();
    assert.equal(driver.sent.length, sent);
  }
});

describe('on-hand of both sides', () => {
  test('both agree: nothing is done, and said', () => {
    const driver = plant();
    level(driver, 'erp', '12');
    assert.match(
      level(driver, 'cmms', '12')
        .map(({ text }) => text)
        .join(),
      /on-hand agrees: finance 12 PC, maintenance 12 PC/,
    );
    assert.equal(driver.sent.length, 0);
  });

  test('a receipt that finance saw raises the other side at once (000-13, 001-48)', () => {
    const driver = plant();
    level(driver, 'erp', '12');
    level(driver, 'cmms', '12');
    level(driver, 'erp', '20');
    assert.deepEqual(
      [driver.sent[0]?.operation.to, driver.sent[0]?.operation.draft['onHand'], driver.sent[0]?.operation.seen],
      ['cmms', { value: '20', unit: own }, '12'],
    );
    driver.answer({}, 'applied', { id: 'x' });
    assert.equal(stateOf(driver).agreed, '20');
  });

  test('a consumption seen before its work order is not undone (002-31)', () => {
    const driver = plant();
    level(driver, 'erp', '12');
    level(driver, 'cmms', '12');
    assert.match(
      level(driver, 'cmms', '10')
        .map(({ text }) => text)
        .join(),
      /watched for 60 s, since a consumption may be on its way/,
    );
    work(driver, [used('2')]);
    driver.settle();
    driver.answer({}, 'applied', { id: 'G1' });
    level(driver, 'erp', '10');
    assert.deepEqual(
      driver.sent.map(({ operation }) => operation.record),
      ['goodsIssue'],
    );
    assert.equal(driver.expectations.size, 0, 'the watch ended');
  });

  test("a difference that stays is brought to the owner's figure, from the other side where policy says so", () => {
    for (const [onHandOwner, to, value] of [
      ['finance', 'cmms', '12'],
      ['maintenance', 'erp', '10'],
    ] as const) {
      const driver = plant({ onHandOwner });
      level(driver, 'erp', '12');
      level(driver, 'cmms', '10');
      driver.overdue('stock/compare');
      assert.deepEqual([driver.sent[0]?.operation.to, (driver.sent[0]?.operation.draft['onHand'] as JsonObject)['value']], [to, value]);
    }
  });

  test('a figure read while an issue was on its way is not trusted until it is clear', () => {
    const driver = plant();
    level(driver, 'erp', '12');
    level(driver, 'cmms', '12');
    work(driver, [used('2')]);
    driver.settle();
    level(driver, 'cmms', '10');
    level(driver, 'erp', '10');
    driver.answer({}, 'applied', { id: 'G1' });
    assert.deepEqual([stateOf(driver).finance?.value, stateOf(driver).agreed, projection(stateOf(driver))], ['10', '10', '10']);
    assert.equal(driver.sent.length, 1);
  });

  test('a side that does not take the value is left after the limit, for a person', () => {
    const driver = plant({ adjustLimit: 2, settleSeconds: 0 });
    level(driver, 'erp', '12');
    let reasons: Reason[] = [];
    for (let i = 0; i < 3; i++) {
      reasons = level(driver, 'cmms', '10');
      if (driver.open().length > 0) driver.answer({}, 'applied', { id: 'x' });
    }
    assert.match(reasons.find(({ did }) => did === 'held')?.text ?? '', /set 2 times without effect: count the shelf/);
  });

  test('noting only, an unknown unit, an older figure, and another system change nothing', () => {
    const noting = plant({ adjust: 'note', settleSeconds: 0 });
    level(noting, 'erp', '12');
    assert.ok(level(noting, 'cmms', '10').some(({ did, text }) => did === 'didNot' && /policy adjust/.test(text)));
    const driver = plant();
    assert.ok(level(driver, 'cmms', '10', { onHand: { value: '10', unit: { system: 'sap', code: 'KG' } } }).some(({ did }) => did === 'held'));
    level(driver, 'erp', '12', { changedAt: '2026-03-02T09:00:00.000Z' });
    assert.match(level(driver, 'erp', '3', { changedAt: '2026-03-02T08:00:00.000Z' })[0]?.text ?? '', /superseded/);
    assert.match(
      driver.snapshot('stockLevel', room, { part: 'erp.FILTER', storeroom: 'erp.ST01', onHand: { value: '1', unit: pc } }, { connection: 'other' })[0]?.text ??
        '',
      /plays no side/,
    );
    assert.equal(driver.sent.length, 0);
  });
});

describe('the reorder point', () => {
  const low = { reorderPoint: '5', lotSize: '10' };
  const table: readonly { name: string; onHand: string; terms: object; policy?: JsonObject; quantity?: string; text: RegExp }[] = [
    {
      name: 'below: one requisition by lot size (000-11)',
      onHand: '4',
      terms: low,
      quantity: '10',
      text: /replenishment requisition of 10 PC erp\.FILTER: 4 PC on hand/,
    },
    { name: 'far below: as many lots as it takes', onHand: '0', terms: { reorderPoint: '25', lotSize: '10' }, quantity: '30', text: /lots of 10/ },
    { name: 'up to the maximum', onHand: '4', terms: { reorderPoint: '5', maximum: '20' }, quantity: '16', text: /maximum 20/ },
    { name: 'whole lots within the maximum', onHand: '4', terms: { reorderPoint: '5', maximum: '20', lotSize: '6' }, quantity: '12', text: /within maximum/ },
    { name: 'what is short where nothing else is said', onHand: '4', terms: { reorderPoint: '5' }, quantity: '1', text: /by shortage/ },
    {
      name: 'held where policy wants a lot size',
      onHand: '4',
      terms: { reorderPoint: '5' },
      policy: { quantityWithoutLot: 'hold' },
      text: /neither lot size nor maximum/,
    },
    { name: 'at the point: none', onHand: '5', terms: low, text: /no replenishment: 5 PC/ },
    { name: 'no reorder point: none', onHand: '0', terms: {}, text: /has no reorder point/ },
    {
      name: 'finance replenishes itself: never both (002-30)',
      onHand: '4',
      terms: { ...low, replenishedBySystem: true },
      text: /erp replenishes this part itself/,
    },
    { name: 'finance raises it by policy', onHand: '4', terms: low, policy: { reorderBy: 'erp' }, text: /policy reorderBy/ },
  ];
  for (const { name, onHand, terms, policy, quantity, text } of table) {
    test(name, () => {
      const driver = plant(policy);
      const reasons = level(driver, 'erp', onHand, terms);
      assert.match(reasons.map((reason) => reason.text).join('\n'), text);
      assert.equal(((driver.sent[0]?.operation.draft['lines'] as { quantity: JsonObject }[] | undefined)?.[0]?.quantity ?? {})['value'], quantity);
    });
  }

  test('one at a time, until it is received and a new figure is read; late is said', () => {
    const driver = plant();
    level(driver, 'erp', '4', low);
    level(driver, 'erp', '3', low);
    assert.equal(driver.sent.length, 1);
    driver.answer({}, 'applied', { id: '100' });
    assert.equal(driver.waiting[0]?.lane, 'purchaseRequisition/erp.100');
    assert.match(String(driver.facts.get('stock/replenishment/erp.FILTER@erp.ST01')?.['text']), /requisition 100 of 10 PC/);
    assert.match(
      driver
        .overdue('stock/replenishment')
        .map(({ text }) => text)
        .join(),
      /overdue: replenishment requisition 100/,
    );
    const stage = (n: number, received: string) =>
      driver.give({
        lane: room,
        kind: 'procurement.stage',
        data: { from: 'purchaseOrder/erp.4500', n, lines: [{ requisition: '100', quantity: '10', received, complete: false, deleted: false }] },
      });
    stage(1, '4');
    assert.ok(stateOf(driver).replenishment);
    stage(3, '10');
    assert.equal(stateOf(driver).replenishment, null);
    stage(2, '4');
    assert.equal(driver.sent.length, 1, 'the old low figure raises nothing');
    level(driver, 'erp', '4', low);
    assert.equal(driver.sent.length, 2, 'a new low figure does');
  });

  test('a rejected replenishment is not raised again until the stock was above its point', () => {
    const driver = plant();
    level(driver, 'erp', '4', low);
    driver.answer({}, 'applied', { id: '100' });
    driver.give({
      lane: room,
      kind: 'procurement.requisition',
      data: { from: 'purchaseRequisition/erp.100', n: 1, requisition: '100', lines: { 10: { state: 'rejected' } } },
    });
    assert.ok(level(driver, 'erp', '3', low).some(({ did, text }) => did === 'didNot' && /was not approved/.test(text)));
    level(driver, 'erp', '9', low);
    level(driver, 'erp', '3', low);
    assert.equal(driver.sent.length, 2);
  });

  test('a consumption that is told counts before finance shows it', () => {
    const driver = plant();
    level(driver, 'erp', '6', low);
    work(driver, [used('2')]);
    driver.settle();
    assert.deepEqual(
      driver.sent.map(({ operation }) => operation.record),
      ['goodsIssue', 'purchaseRequisition'],
    );
  });
});

const step = fc.record({
  quantity: fc.nat(6),
  line: fc.constantFrom('1', '2'),
  room: fc.constantFrom('erp.ST01', 'erp.ST01', 'erp.ST02'),
  deliver: fc.array(fc.nat(9), { maxLength: 3 }),
  keep: fc.boolean(),
  answers: fc.array(fc.constantFrom('applied', 'applied', 'failed', 'cancelled'), { maxLength: 2 }),
});

test('whatever the order, doubling and answers: documents sum to what was used, returns take back exactly, the ledger is balanced (I5, I7, I8)', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), (chosen) => {
      const driver = plant();
      level(driver, 'erp', '100');
      const lines = new Map<string, object>();
      let id = 0;
      const answer = (outcome: 'applied' | 'failed' | 'cancelled'): void => {
        const sent = driver.sent.find((one) => one.outcome === 'open' || one.outcome === 'failed');
        if (!sent) return;
        const quantity = Number((sent.operation.draft['lines'] as { quantity: { value: string } }[])[0]?.quantity.value ?? '0');
        driver.answerTo(sent, outcome, { id: `G${id++}`, data: { value: eur(1500 * quantity) } });
      };
      for (const { quantity, line, room: storeroom, deliver, keep, answers } of chosen) {
        lines.set(line, used(String(quantity), { line, storeroom }));
        work(driver, [...lines.values()]);
        for (const at of deliver) if (driver.waiting.length > 0) driver.deliver(at % driver.waiting.length, keep);
        for (const outcome of answers) answer(outcome as 'applied');
      }
      driver.settle((n) => n - 1);
      while (driver.sent.some(({ outcome }) => outcome === 'open' || outcome === 'failed')) answer('applied');
      driver.settle((n) => n - 1);
      const signed = (sent: (typeof driver.sent)[number]): number => {
        const row = (sent.operation.draft['lines'] as { quantity: { value: string }; direction: string }[])[0];
        return (row?.direction === 'in' ? -1 : 1) * Number(row?.quantity.value ?? '0');
      };
      const total = [...lines.values()].reduce((sum, line) => sum + Number((line as { quantity: { value: string } }).quantity.value), 0);
      assert.equal(
        driver.sent.reduce((sum, sent) => sum + signed(sent), 0),
        total,
        'told differences are conserved',
      );
      const posted = driver.sent.filter(({ outcome }) => outcome === 'applied').reduce((sum, sent) => sum + signed(sent), 0);
      assert.equal(driver.balances().get(book)?.get('settled') ?? 0, 1500 * posted);
      const at = stateOf(driver);
      const here = driver.sent.filter((sent) => sent.outcome === 'applied' && sent.lane === room).reduce((sum, sent) => sum + signed(sent), 0);
      assert.equal(projection(at), String(100 - here), 'opening less issues plus returns (I7)');
    }),
    { numRuns: 300 },
  );
});

test('two plants that hear the same decide the same, byte for byte', () => {
  const run = (): string => {
    const driver = plant();
    level(driver, 'erp', '6', { reorderPoint: '5', changedAt: '2026-03-02T07:00:00.000Z' });
    driver.snapshot('workOrder', lane, { number: '7', title: 'x', status: 'inProgress', costCentre: 'erp.4310', issues: [used('2')] });
    driver.settle();
    return JSON.stringify([driver.sent, driver.documents, driver.state('stock', room)]);
  };
  assert.equal(run(), run());
});
