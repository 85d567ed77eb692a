import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { scrap } from '#flows/scrap/flow';
import { FlowDriver } from '#flows/testing';

const pc = { system: 'sap', code: 'PC' };
const box = { system: 'sap', code: 'BOX' };
const eur = (minor: number) => ({ minor, currency: 'EUR' });
const lane = 'inspection/cmms.Q1';
const three = { line: '1', part: 'erp.FILTER', storeroom: 'erp.ST01', quantity: { value: '3', unit: pc }, reason: 'crack' };

function plant(policy: JsonObject = {}): FlowDriver {
  const driver = new FlowDriver({ flows: [{ flow: scrap, policy }] });
  driver.know('asset', 'erp.P204', 'cmms', { code: 'P-204', name: 'Pump', parent: 'erp.L1' });
  driver.know('asset', 'erp.L1', 'erp', { code: 'LINE-1', name: 'Line', costCentre: 'erp.4310' });
  driver.know('asset', 'erp.X', 'erp', { code: 'X-1', name: 'Without cost centre' });
  driver.know('asset', 'erp.OLD', 'erp', { code: 'OLD-1', name: 'Retired', costCentre: 'erp.4310', disposedOn: '2026-02-28' });
  driver.know('costCentre', 'erp.LOCKED', 'erp', { code: 'LOCKED', name: 'Locked', locked: true });
  driver.know('part', 'erp.FILTER', 'erp', {
    code: 'FILTER',
    name: 'Filter',
    baseUnit: pc,
    stocked: true,
    price: eur(1200),
    alternativeUnits: [{ unit: box, numerator: '12', denominator: '1' }],
  });
  driver.know('part', 'erp.DIRECT', 'erp', { code: 'DIRECT', name: 'Direct', baseUnit: pc, stocked: false });
  driver.know('part', 'erp.ODD', 'erp', { code: 'ODD', name: 'Nobody said', baseUnit: pc });
  driver.know('part', 'erp.BLOCKED', 'erp', { code: 'BLOCKED', name: 'Blocked', baseUnit: pc, blocked: true });
  driver.know('stockLevel', 'erp.FILTER@erp.ST01', 'erp', {
    part: 'erp.FILTER',
    storeroom: 'erp.ST01',
    onHand: { value: '50', unit: pc },
    valuationPrice: eur(1000),
  });
  return driver;
}

let n = 0;
const inspect = (driver: FlowDriver, lines: readonly object[], more: object = {}, connection = 'cmms'): Reason[] =>
  driver.snapshot(
    'inspection',
    lane,
    {
      number: 'Q1',
      asset: 'erp.P204',
      result: 'failed',
      at: '2026-03-02T09:00:00.000Z',
      scrap: lines,
      changedAt: new Date(Date.UTC(2026, 2, 3) + (n += 1) * 1000).toISOString(),
      ...more,
    } as never,
    { connection },
  );

interface Row {
  readonly name: string;
  readonly lines: readonly object[];
  readonly more?: object;
  readonly policy?: JsonObject;
  readonly connection?: string;
  readonly act: Reason['did'];
  readonly text: RegExp;
}

const rows: readonly Row[] = [
  {
    name: 'scrap of an inspection goes to the cost centre of the line that its asset stands in (002-14)',
    lines: [three],
    act: 'did',
    text: /scrap of 3 PC FILTER at erp\.ST01 \(line 1 of inspection Q1, crack\) to cost centre erp\.4310: 30\.00 EUR/,
  },
  { name: "the inspection's own cost centre comes first", lines: [three], more: { costCentre: 'erp.4999' }, act: 'did', text: /to cost centre erp\.4999/ },
  {
    name: 'the defect is the reason where the line has none',
    lines: [{ ...three, reason: undefined }],
    more: { defect: 'scratch' },
    act: 'did',
    text: /, scratch\)/,
  },
  { name: 'a box is twelve pieces', lines: [{ ...three, quantity: { value: '1', unit: box } }], act: 'did', text: /scrap of 12 PC .*120\.00 EUR/ },
  { name: 'elsewhere the price of the part counts', lines: [{ ...three, storeroom: 'erp.ST02' }], act: 'did', text: /36\.00 EUR/ },
  { name: 'a part without any price is valued by finance', lines: [{ ...three, part: 'erp.ODD' }], act: 'did', text: /: finance values it/ },
  { name: 'no scrap', lines: [], act: 'didNot', text: /inspection Q1 reports no scrap/ },
  { name: 'nothing of it', lines: [{ ...three, quantity: { value: '0', unit: pc } }], act: 'didNot', text: /nothing was scrapped/ },
  { name: 'a part that is not stocked', lines: [{ ...three, part: 'erp.DIRECT' }], act: 'didNot', text: /its cost was charged when it was received/ },
  { name: 'policy off', lines: [three], policy: { post: 'off' }, act: 'didNot', text: /not posted \(policy post\)/ },
  { name: "finance's own copy", lines: [three], connection: 'erp', act: 'noted', text: /is not what scrap goes by/ },
  {
    name: 'an unknown part (section 7)',
    lines: [{ ...three, part: 'cmms.9' }],
    act: 'held',
    text: /line 1 of inspection Q1: part cmms\.9 is not known in erp/,
  },
  { name: 'a blocked part', lines: [{ ...three, part: 'erp.BLOCKED' }], act: 'held', text: /BLOCKED is blocked/ },
  { name: 'a negative quantity (section 7)', lines: [{ ...three, quantity: { value: '-1', unit: pc } }], act: 'held', text: /cannot be negative/ },
  { name: 'no storeroom', lines: [{ ...three, storeroom: undefined }], act: 'held', text: /names no storeroom/ },
  {
    name: 'a unit without conversion (section 7)',
    lines: [{ ...three, quantity: { value: '1', unit: { system: 'sap', code: 'KG' } } }],
    act: 'held',
    text: /cannot be converted from sap\/KG to sap\/PC/,
  },
  {
    name: 'no cost centre (section 7)',
    lines: [three],
    more: { asset: 'erp.X' },
    act: 'held',
    text: /asset X-1 of inspection Q1 has no cost centre.*set field costCentre of asset X-1/,
  },
  {
    name: 'neither cost centre nor asset',
    lines: [three],
    more: { asset: undefined },
    act: 'held',
    text: /inspection Q1 has no cost centre: set costCentre on the inspection/,
  },
  { name: 'a locked cost centre', lines: [three], more: { costCentre: 'erp.LOCKED' }, act: 'held', text: /LOCKED .*locked/ },
  { name: 'an asset retired before the day (I17)', lines: [three], more: { asset: 'erp.OLD' }, act: 'held', text: /OLD-1 was disposed of on 2026-02-28/ },
  {
    name: 'whether stocked is not known, where policy wants to know',
    lines: [{ ...three, part: 'erp.ODD' }],
    policy: { unknownStocking: 'hold' },
    act: 'held',
    text: /whether part ODD is a stock item is not known/,
  },
];

describe('whether a line becomes a scrap posting', () => {
  for (const { name, lines, more, policy, connection, act, text } of rows)
    test(name, () => {
      const driver = plant(policy);
      const reasons = inspect(driver, lines, more, connection);
      assert.ok(
        reasons.some((reason) => reason.did === act && text.test(reason.text)),
        JSON.stringify(reasons),
      );
      assert.equal(driver.sent.length, act === 'did' ? 1 : 0);
    });
});

const settled = (driver: FlowDriver, workOrder = ''): number => driver.balances().get(`${workOrder}|erp.4310|EUR`)?.get('settled') ?? 0;

test('the document says what, where, why and to which cost centre, dated by the day of the inspection (002-23, 002-51)', () => {
  const driver = plant();
  inspect(driver, [three]);
  const { operation } = driver.sent[0] ?? {};
  assert.deepEqual(JSON.parse(JSON.stringify(operation?.draft)), {
    part: 'erp.FILTER',
    storeroom: 'erp.ST01',
    quantity: { value: '3', unit: pc },
    reason: 'crack',
    account: { costCentre: 'erp.4310' },
    postedOn: '2026-03-02',
    text: 'Scrap of inspection Q1',
    value: eur(3000),
  });
});

test('once, whatever is told again; a correction reverses exactly and posts anew (I2, I8)', () => {
  const driver = plant();
  inspect(driver, [three]);
  driver.answer({}, 'applied', { id: 'S1', data: { value: { minor: -3100, currency: 'EUR' } } });
  inspect(driver, [three], { severity: 'major' });
  assert.equal(driver.sent.length, 1);
  assert.equal(settled(driver), 3100, "finance's value counts");
  inspect(driver, [{ ...three, quantity: { value: '2', unit: pc } }]);
  assert.deepEqual([driver.open()[0]?.operation.verb, driver.open()[0]?.operation.target], ['reverse', 'S1']);
  driver.answer({}, 'applied', { id: 'S1R' });
  assert.equal(settled(driver), 0);
  driver.answer({}, 'applied', { id: 'S2' });
  assert.equal(settled(driver), 2000);
  inspect(driver, []);
  driver.answer({}, 'applied', { id: 'S2R' });
  assert.deepEqual([settled(driver), driver.open().length], [0, 0]);
});

test('a report that is deleted is taken back; one that never posted is not', () => {
  const gone = (driver: FlowDriver): Reason[] =>
    driver.give({ lane, kind: 'inspection.removed', source: 'cmms', data: { connection: 'cmms', hubId: 'cmms.Q1' } });
  const driver = plant();
  inspect(driver, [three]);
  driver.answer({}, 'applied', { id: 'S1' });
  assert.match(gone(driver)[0]?.text ?? '', /scrap posting S1 of 3 PC FILTER is reversed: inspection Q1 was deleted in cmms/);
  assert.match(gone(plant())[0]?.text ?? '', /no scrap had been posted/);
});

test('a held line stops no other, what stands for it stays, and it goes out when what was missing is there', () => {
  const driver = plant();
  const second = { ...three, line: '2', part: 'cmms.9' };
  assert.ok(inspect(driver, [three, second]).some(({ did, line }) => did === 'held' && line === '2'));
  assert.equal(driver.sent.length, 1);
  driver.know('part', 'cmms.9', 'erp', { code: 'NEW', name: 'New', baseUnit: pc, price: eur(100) });
  const event = driver.delivered.at(-1);
  assert.ok(event);
  driver.give(event, true);
  assert.equal(driver.sent.length, 2);
  driver.answer({}, 'applied', { id: 'S1' });
  driver.answer({}, 'applied', { id: 'S2' });
  assert.ok(inspect(driver, [{ ...three, storeroom: undefined }, second]).some(({ did }) => did === 'held'));
  assert.equal(driver.open().length, 0, 'nothing is reversed because a line cannot be read');
});

test("a work order's scrap stands in its own books; cancelled it stays or is taken back by policy", () => {
  for (const whenCancelled of ['keep', 'reverse'] as const) {
    const driver = plant({ whenCancelled });
    const work = (status: 'completed' | 'cancelled', changedAt: string): Reason[] =>
      driver.snapshot('workOrder', 'workOrder/cmms.7', { number: '7', title: 'Pump', status, asset: 'erp.P204', scrap: [three], changedAt });
    work('completed', '2026-03-03T00:00:00.000Z');
    driver.answer({}, 'applied', { id: 'S1' });
    assert.equal(settled(driver, 'cmms.7'), 3000);
    work('cancelled', '2026-03-04T00:00:00.000Z');
    assert.equal(driver.open().length, whenCancelled === 'keep' ? 0 : 1);
  }
});

test('what a person cancelled is not tried again until the line changes; an older report changes nothing (I3)', () => {
  const driver = plant();
  inspect(driver, [three]);
  driver.answer({}, 'failed');
  assert.match(inspect(driver, [three], { severity: 'minor' })[0]?.text ?? '', /was refused by finance/);
  driver.answer({}, 'cancelled');
  assert.match(inspect(driver, [three], { severity: 'major' })[0]?.text ?? '', /a person decided against/);
  inspect(driver, [{ ...three, quantity: { value: '4', unit: pc } }]);
  assert.equal(driver.open().length, 1);
  assert.match(inspect(driver, [three], { changedAt: '2020-01-01T00:00:00.000Z' })[0]?.text ?? '', /superseded/);
});

test('any sequence of reports and answers: at most one document stands per line, and the books are what finance has (I5, I8, R-27)', () => {
  const step = fc.record({
    quantity: fc.constantFrom('0', '1', '3', '-1'),
    second: fc.boolean(),
    answers: fc.array(fc.constantFrom('applied', 'applied', 'failed', 'cancelled'), { maxLength: 3 }),
    own: fc.option(fc.integer({ min: 0, max: 9000 })),
    again: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const driver = plant();
      let id = 0;
      let inFinance = 0;
      const worth = new Map<string, number>();
      for (const { quantity, second, answers, own, again } of steps) {
        inspect(driver, [{ ...three, quantity: { value: quantity, unit: pc } }, ...(second ? [{ ...three, line: '2' }] : [])], { batch: `B${(id += 1)}` });
        const last = driver.delivered.at(-1);
        if (again && last) driver.give(last, true);
        for (const outcome of answers) {
          const sent = driver.sent.find((one) => one.outcome === 'open' || one.outcome === 'failed');
          if (!sent) break;
          const number = `D${(id += 1)}`;
          const { verb, target = '', money } = sent.operation;
          if (outcome === 'applied' && verb === 'create') {
            worth.set(number, own ?? money?.minor ?? 0);
            inFinance += worth.get(number) ?? 0;
          } else if (outcome === 'applied') inFinance -= worth.get(target) ?? 0;
          driver.answerTo(sent, outcome as 'applied', { id: number, ...(own === null ? {} : { data: { value: eur(-own) } }) });
        }
        const standing = new Map<string, number>();
        for (const { outcome, operation } of driver.sent)
          if (outcome === 'applied') standing.set(operation.chain ?? '', (standing.get(operation.chain ?? '') ?? 0) + (operation.verb === 'create' ? 1 : -1));
        for (const count of standing.values()) assert.ok(count === 0 || count === 1, 'at most one document stands');
        assert.equal(settled(driver), inFinance);
      }
      inspect(driver, []);
      for (let open = driver.open(); open[0]; open = driver.open()) driver.answerTo(open[0], 'applied', { id: `D${(id += 1)}` });
      for (let left = driver.sent.find(({ outcome }) => outcome === 'failed'); left; left = driver.sent.find(({ outcome }) => outcome === 'failed'))
        driver.answerTo(left, 'cancelled');
      assert.ok(settled(driver) >= 0);
    }),
    { numRuns: 300 },
  );
});
