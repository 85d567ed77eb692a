import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { costs } from '#flows/costs/flow';
import type { CostsState } from '#flows/costs/state';
import { endOfPeriod } from '#flows/costs/work';
import { FlowDriver, type Sent } from '#flows/testing';

const eur = (minor: number) => ({ minor, currency: 'EUR' });
const lane = 'workOrder/cmms.7';
const book = 'cmms.7|erp.4310|EUR';

function plant(policy: JsonObject = {}): FlowDriver {
  const driver = new FlowDriver({ flows: [{ flow: costs, policy }] });
  driver.know('asset', 'erp.P204', 'cmms', { code: 'P-204', name: 'Pump', parent: 'erp.L1' });
  driver.know('asset', 'erp.L1', 'erp', { code: 'LINE-1', name: 'Line', costCentre: 'erp.4310' });
  driver.know('asset', 'erp.X', 'erp', { code: 'X-1', name: 'Without cost centre' });
  driver.know('asset', 'erp.OLD', 'erp', { code: 'OLD-1', name: 'Retired', costCentre: 'erp.4310', disposedOn: '2026-02-28' });
  driver.know('costCentre', 'erp.4310', 'erp', { code: '4310', name: 'Maintenance' });
  driver.know('costCentre', 'erp.LOCKED', 'erp', { code: 'LOCKED', name: 'Locked', locked: true });
  driver.know('costCentre', 'erp.CLOSED', 'erp', { code: 'CLOSED', name: 'Closed', active: false });
  driver.know('costCentre', 'erp.ENDED', 'erp', { code: 'ENDED', name: 'Ended', validTo: '2026-02-28' });
  driver.know('site', 'erp.US', 'erp', { code: 'US', name: 'Plant US', currency: 'USD' });
  driver.know('employee', 'erp.ANN', 'erp', { code: 'ANN', name: 'Ann', activityType: 'MNT01', costCentre: 'erp.9000' });
  driver.know('employee', 'erp.LEFT', 'erp', { code: 'LEFT', name: 'Leo', leftOn: '2026-01-31' });
  driver.facts.set('rates/erp.ANN', {
    rates: [
      { validFrom: '2025-01-01', validTo: '2025-12-31', rate: eur(4000) },
      { validFrom: '2026-01-01', rate: eur(4250) },
    ],
  });
  driver.facts.set('rates/erp.LEFT', { rates: [{ validFrom: '2025-01-01', rate: eur(4000) }] });
  return driver;
}

const ann = { line: '1', employee: 'erp.ANN', hours: '3.5', workedOn: '2026-03-02' };
const crane = { line: '1', text: 'Crane', amount: eur(90000) };
const work = (driver: FlowDriver, labour: readonly object[], more: object = {}): Reason[] =>
  driver.snapshot('workOrder', lane, { number: '7', title: 'Pump', status: 'inProgress', asset: 'erp.P204', labour, ...more } as never);

interface Row {
  readonly name: string;
  readonly labour?: readonly object[];
  readonly order?: object;
  readonly policy?: JsonObject;
  readonly act: 'did' | 'didNot' | 'held';
  readonly text: RegExp;
}

const rows: readonly Row[] = [
  {
    name: "hours x the rate on that day, with the rate's own date (000-45)",
    labour: [ann],
    act: 'did',
    text: /148\.75 EUR .*cost centre erp\.4310: 3\.5 h x 42\.50 EUR \(rate valid from 2026-01-01\) on 2026-03-02/,
  },
  {
    name: "the rate of last year for last year's hours",
    labour: [{ ...ann, workedOn: '2025-12-31' }],
    act: 'did',
    text: /140\.00 EUR.*rate valid from 2025-01-01/,
  },
  {
    name: 'completion stands for a missing day',
    labour: [{ ...ann, workedOn: undefined }],
    order: { completedAt: '2026-03-01T10:00:00.000Z' },
    act: 'did',
    text: /on 2026-03-01/,
  },
  { name: 'at close, once closed (000-44)', labour: [ann], order: { status: 'closed' }, policy: { moment: 'atClose' }, act: 'did', text: /148\.75/ },
  { name: 'a service as journal entry by policy', order: { services: [crane] }, policy: { services: 'journal' }, act: 'did', text: /service cost 900\.00 EUR/ },
  { name: 'a service not from here by default', order: { services: [crane] }, act: 'didNot', text: /contractor's cost comes from the purchase order/ },
  { name: 'not before it is closed', labour: [ann], policy: { moment: 'atClose' }, act: 'didNot', text: /posted at close .* status inProgress/ },
  { name: 'nothing on a cancelled order', labour: [ann], order: { status: 'cancelled' }, act: 'didNot', text: /was cancelled/ },
  { name: 'no hours at all', labour: [{ ...ann, hours: '0' }], act: 'didNot', text: /no hours/ },
  { name: 'neither hours nor services', labour: [], act: 'didNot', text: /nothing to post/ },
  { name: 'a service without amount', order: { services: [{ ...crane, amount: eur(0) }] }, policy: { services: 'journal' }, act: 'didNot', text: /no amount/ },
  { name: 'negative hours (section 7)', labour: [{ ...ann, hours: '-1' }], act: 'held', text: /hours cannot be negative/ },
  { name: 'no employee (000-49)', labour: [{ ...ann, employee: undefined }], act: 'held', text: /names no employee/ },
  {
    name: 'no day, where the day of appearance stands for it (001-37)',
    labour: [{ ...ann, workedOn: undefined }],
    policy: { undatedLabour: 'firstSeen' },
    act: 'did',
    text: /on 2026-03-0\d/,
  },
  { name: 'no day', labour: [{ ...ann, workedOn: undefined }], act: 'held', text: /names no day/ },
  {
    name: 'no rate on that date (section 7)',
    labour: [{ ...ann, workedOn: '2024-06-01' }],
    act: 'held',
    text: /employee ANN has no labour rate on 2024-06-01/,
  },
  { name: 'no rates at all', labour: [{ ...ann, employee: 'erp.BOB' }], act: 'held', text: /erp\.BOB has no labour rate/ },
  { name: 'an employee who had left', labour: [{ ...ann, employee: 'erp.LEFT' }], act: 'held', text: /LEFT left on 2026-01-31/ },
  {
    name: 'no cost centre, asset and field named (section 7)',
    labour: [ann],
    order: { asset: 'erp.X' },
    act: 'held',
    text: /asset X-1 of work order 7 has no cost centre.*field costCentre/,
  },
  { name: 'a locked cost centre', labour: [ann], order: { costCentre: 'erp.LOCKED' }, act: 'held', text: /LOCKED .*locked/ },
  { name: 'a closed cost centre', labour: [ann], order: { costCentre: 'erp.CLOSED' }, act: 'held', text: /CLOSED .*closed/ },
  { name: 'a cost centre whose validity ended', labour: [ann], order: { costCentre: 'erp.ENDED' }, act: 'held', text: /valid until 2026-02-28/ },
  {
    name: 'the books of the site in another currency (section 7)',
    labour: [ann],
    order: { site: 'erp.US' },
    act: 'held',
    text: /in EUR and site US keeps its books in USD/,
  },
  { name: 'a rate shown in another currency', labour: [{ ...ann, rate: { minor: 5000, currency: 'USD' } }], act: 'held', text: /shows a rate in USD/ },
  { name: 'an asset retired before the day (I17)', labour: [ann], order: { asset: 'erp.OLD' }, act: 'held', text: /OLD-1 was disposed of on 2026-02-28/ },
  {
    name: 'a negative service',
    order: { services: [{ ...crane, amount: eur(-1) }] },
    policy: { services: 'journal' },
    act: 'held',
    text: /cannot be negative/,
  },
];

describe('whether a line becomes a posting', () => {
  for (const row of rows) {
    test(row.name, () => {
      const driver = plant(row.policy);
      const reasons = work(driver, row.labour ?? [], row.order);
      assert.ok(
        reasons.some(({ did, text }) => did === row.act && row.text.test(text)),
        JSON.stringify(reasons, null, 1),
      );
      assert.equal(driver.sent.length, row.act === 'did' ? 1 : 0);
      for (const reason of reasons) if (reason.did === 'held') assert.ok(reason.owner);
    });
  }
});

test('a held line stops no other, and what was posted for it stands', () => {
  const driver = plant();
  work(driver, [ann]);
  driver.answer({}, 'applied', { id: 'A1' });
  work(driver, [
    { ...ann, workedOn: '2024-06-01' },
    { ...ann, line: '2' },
  ]);
  assert.deepEqual(
    driver.sent.map(({ operation }) => [operation.intent, operation.verb]),
    [
      ['labour/1/1', 'create'],
      ['labour/2/1', 'create'],
    ],
  );
});

test('a correction reverses the document exactly, then posts anew; removing and cancelling reverse (I8, 001-13)', () => {
  const driver = plant();
  work(driver, [ann]);
  driver.answer({}, 'applied', { id: 'A1' });
  work(driver, [{ ...ann, hours: '2' }]);
  assert.deepEqual(
    driver.open().map(({ operation }) => [operation.verb, operation.target]),
    [['reverse', 'A1']],
  );
  driver.answer({}, 'applied', { id: 'A1R' });
  assert.deepEqual(
    driver.open().map(({ operation }) => [operation.verb, operation.money]),
    [['create', eur(8500)]],
  );
  driver.answer({}, 'applied', { id: 'A2' });
  assert.equal(driver.balances().get(book)?.get('settled'), 8500);
  work(driver, []);
  driver.answer({ intent: 'labour/1/4/reverse' }, 'applied', { id: 'A2R' });
  assert.deepEqual([...(driver.balances().get(book)?.values() ?? [])], [0, 0]);
});

test('a change while the posting has no answer waits for it', () => {
  const driver = plant();
  work(driver, [ann]);
  work(driver, [{ ...ann, hours: '2' }]);
  assert.equal(driver.sent.length, 1);
  driver.answer({}, 'applied', { id: 'A1' });
  assert.equal(driver.open()[0]?.operation.verb, 'reverse');
});

test('reopening takes back what was posted at close, and closing posts again', () => {
  const driver = plant({ moment: 'atClose' });
  work(driver, [ann], { status: 'closed' });
  driver.answer({}, 'applied', { id: 'A1' });
  work(driver, [ann]);
  driver.answer({}, 'applied', { id: 'A1R' });
  work(driver, [ann], { status: 'closed', title: 'again' });
  assert.deepEqual(
    driver.sent.map(({ operation }) => operation.verb),
    ['create', 'reverse', 'create'],
  );
});

test('what a person cancelled is not tried again until the line changes', () => {
  const driver = plant();
  work(driver, [ann]);
  driver.answer({}, 'failed');
  driver.answer({}, 'cancelled');
  work(driver, [ann], { title: 'touched' });
  assert.equal(driver.sent.length, 1);
  work(driver, [{ ...ann, hours: '4' }]);
  assert.equal(driver.sent.length, 2);
});

test('a reversal that a person cancelled leaves the document standing', () => {
  const driver = plant();
  work(driver, [ann]);
  driver.answer({}, 'applied', { id: 'A1' });
  work(driver, []);
  driver.answer({}, 'cancelled');
  work(driver, [], { title: 'touched' });
  assert.equal(driver.sent.length, 2);
  assert.equal(driver.balances().get(book)?.get('settled'), 14875);
});

const valued = (id: string, minor: number, currency = 'EUR') => ({ id, data: { value: { minor, currency } } });
const stands = (driver: FlowDriver, of = book) => driver.balances().get(of)?.get('settled') ?? 0;

test('what finance booked is what the ledger shows: the difference is booked, and said with both figures (000-45, I6)', () => {
  const driver = plant();
  work(driver, [ann]);
  const reasons = driver.answer({}, 'applied', valued('A1', 12000));
  assert.match(
    reasons.map(({ text }) => text).join('; '),
    /finance valued 3\.5 h at 120\.00 EUR with its own rate; 148\.75 EUR expected at the rate of 42\.50 EUR \(valid from 2026-01-01\): the difference of -28\.75 EUR is booked/,
  );
  assert.deepEqual(
    driver.entries.map(({ debit, credit, amount, document }) => [debit, credit, amount.minor, document]),
    [
      ['settled', 'need', 14875, 'costPosting/A1'],
      ['need', 'settled', 2875, 'costPosting/A1'],
    ],
  );
  assert.equal(stands(driver), 12000);
  assert.equal((driver.state('costs', lane) as CostsState).actual.labour['EUR'], 12000);
  assert.deepEqual(
    driver.documents.map(({ minor }) => minor),
    [12000],
  );
  assert.match(
    work(driver, [ann], { title: 'touched' })
      .map(({ text }) => text)
      .join(),
    /120\.00 EUR stands with posting A1/,
  );
  work(driver, [{ ...ann, hours: '2' }]);
  assert.deepEqual(
    driver.open().map(({ operation }) => [operation.verb, operation.money, operation.draft['amount']]),
    [['reverse', eur(12000), eur(12000)]],
  );
  driver.answer({}, 'applied', valued('A1R', -12000));
  assert.equal(stands(driver), 0);
});

const answers: readonly { readonly name: string; readonly receipt: JsonObject | null; readonly settled: number; readonly said: RegExp | undefined }[] = [
  { name: 'the same value', receipt: valued('A1', 14875), settled: 14875, said: undefined },
  { name: 'no value', receipt: { id: 'A1' }, settled: 14875, said: undefined },
  { name: 'no receipt', receipt: null, settled: 14875, said: undefined },
  { name: 'a value without currency', receipt: { id: 'A1', data: { value: { minor: 1 } } }, settled: 14875, said: undefined },
  { name: 'a value as text', receipt: { id: 'A1', data: { value: '120.00' } }, settled: 14875, said: undefined },
  { name: 'a higher value', receipt: valued('A1', 15000), settled: 15000, said: /difference of 1\.25 EUR is booked/ },
  { name: 'no rate in finance at all', receipt: valued('A1', 0), settled: 0, said: /valued 3\.5 h at 0\.00 EUR/ },
  {
    name: 'another currency, which is never added to ours',
    receipt: valued('A1', 16000, 'USD'),
    settled: 0,
    said: /at 160\.00 USD with its own rate; 148\.75 EUR expected .*: the ledger follows finance/,
  },
];
for (const { name, receipt, settled, said } of answers)
  test(`a posting that is answered with ${name} settles ${settled} cents`, () => {
    const driver = plant();
    work(driver, [ann]);
    const text = driver
      .answer({}, 'applied', receipt)
      .map((reason) => reason.text)
      .join('; ');
    assert.equal(stands(driver), settled);
    assert.equal(stands(driver, 'cmms.7|erp.4310|USD'), name.startsWith('another currency') ? 16000 : 0);
    if (said) assert.match(text, said);
    else assert.doesNotMatch(text, /difference|finance valued/);
  });

test('a service that finance booked otherwise has no rate to speak of', () => {
  const driver = plant({ services: 'journal' });
  work(driver, [], { services: [crane] });
  assert.match(
    driver
      .answer({}, 'applied', valued('J1', 89999))
      .map(({ text }) => text)
      .join(),
    /finance booked 899\.99 EUR; 900\.00 EUR was asked for: the difference of -0\.01 EUR/,
  );
});

test('a reversal that finance values otherwise leaves the rest in the books, and says so', () => {
  const driver = plant();
  work(driver, [ann]);
  driver.answer({}, 'applied', valued('A1', 12000));
  work(driver, []);
  assert.match(
    driver
      .answer({}, 'applied', valued('A1R', -11000))
      .map(({ text }) => text)
      .join(),
    /took back 110\.00 EUR of posting A1, which stood at 120\.00 EUR/,
  );
  assert.equal(stands(driver), 1000);
});

test('an older snapshot changes nothing (I3)', () => {
  const driver = plant();
  work(driver, [ann], { changedAt: '2026-03-02T10:00:00.000Z' });
  assert.match(work(driver, [], { changedAt: '2026-03-02T09:00:00.000Z' })[0]?.text ?? '', /superseded/);
  assert.equal(driver.sent.length, 1);
});

test('going over the estimate is said once, with the figures of every kind (001-37)', () => {
  const driver = plant();
  const planned = { plannedLines: [{ line: '1', part: 'erp.B', quantity: { value: '1', unit: { system: 'sap', code: 'PC' } }, estimatedPrice: eur(20000) }] };
  work(driver, [ann], planned);
  driver.answer({}, 'applied', { id: 'A1' });
  const reasons = driver.give({ lane, kind: 'stock.issued', data: { from: 'stock/x@y', n: 1, lines: { 1: { minor: 8000, currency: 'EUR' } } } });
  assert.match(
    reasons.map(({ text }) => text).join(),
    /variance: work order 7 has cost 228\.75 EUR so far against an estimate of 200\.00 EUR, more than 10 % over/,
  );
  assert.doesNotMatch(
    work(driver, [ann], { ...planned, title: 'touched' })
      .map(({ text }) => text)
      .join(),
    /variance/,
  );
  driver.give({
    lane,
    kind: 'procurement.stage',
    data: {
      from: 'purchaseOrder/erp.1',
      n: 2,
      lines: [
        { invoicedMinor: 500, currency: 'EUR', toStock: false },
        { invoicedMinor: 900, currency: 'EUR', toStock: true },
      ],
    },
  });
  assert.deepEqual((driver.state('costs', lane) as CostsState).actual, { labour: { EUR: 14875 }, service: {}, part: { EUR: 8000 }, purchase: { EUR: 500 } });
  assert.match(driver.give({ lane, kind: 'procurement.stage', data: { from: 'purchaseOrder/erp.1', n: 1, lines: [] } })[0]?.text ?? '', /superseded/);
});

describe('once in a period (policy moment; requirements: cost posting moment)', () => {
  const march = { moment: 'periodic', period: 'month' };

  test('corrections inside the period leave one document, posted when it ends with what the work order says by then', () => {
    const driver = plant(march);
    const first = work(driver, [ann]);
    assert.match(first.map(({ text }) => text).join(), /labour line 1: posted at the end of the month, on 2026-04-01/);
    work(driver, [{ ...ann, hours: '5' }], { title: 'corrected' });
    work(driver, [{ ...ann, hours: '2' }], { title: 'corrected again' });
    assert.equal(driver.sent.length, 0);
    driver.overdue('costs/period');
    assert.deepEqual(
      driver.sent.map(({ operation }) => [operation.verb, operation.money?.minor]),
      [['create', 8500]],
    );
  });

  test('what changes after the period ended is reversed and posted anew when the next one ends (I8)', () => {
    const driver = plant(march);
    work(driver, [ann]);
    driver.overdue('costs/period');
    driver.answer({}, 'applied', { id: 'A1' });
    work(driver, [{ ...ann, hours: '1' }], { title: 'corrected' });
    assert.equal(driver.open().length, 0);
    driver.overdue('costs/period');
    driver.answer({}, 'applied', { id: 'A1R' });
    driver.answer({}, 'applied', { id: 'A2' });
    assert.deepEqual(
      driver.sent.map(({ operation }) => [operation.verb, operation.money?.minor]),
      [
        ['create', 14875],
        ['reverse', 14875],
        ['create', 4250],
      ],
    );
    assert.equal(driver.balances().get(book)?.get('settled'), 4250);
  });

  test('an answer that comes in the next period posts nothing of that period', () => {
    const driver = plant(march);
    work(driver, [ann]);
    driver.overdue('costs/period');
    work(driver, [{ ...ann, hours: '1' }], { title: 'corrected' });
    driver.answer({}, 'applied', { id: 'A1' });
    assert.equal(driver.open().length, 0);
    assert.equal(driver.balances().get(book)?.get('settled'), 14875);
  });

  test('what came and went inside the period is never posted, and nothing is expected any more', () => {
    const driver = plant(march);
    work(driver, [ann]);
    work(driver, [], { title: 'taken back' });
    assert.deepEqual([driver.expectations.size, driver.sent.length], [0, 0]);
  });

  test('a work order that was deleted meanwhile is taken back when the period ends', () => {
    const driver = plant(march);
    work(driver, [ann]);
    driver.overdue('costs/period');
    driver.answer({}, 'applied', { id: 'A1' });
    driver.facts.delete('record/workOrder/cmms.7@cmms');
    driver.give({ lane, kind: 'workOrder.removed', source: 'cmms', data: { connection: 'cmms', hubId: 'cmms.7' } });
    assert.equal(driver.open().length, 0);
    driver.overdue('costs/period');
    assert.equal(driver.open()[0]?.operation.verb, 'reverse');
  });

  test('a line without a rate holds the end of the period, and posts when the rate is there; others are posted', () => {
    const driver = plant(march);
    work(driver, [ann, { ...ann, line: '2', employee: 'erp.BOB' }]);
    const reasons = driver.overdue('costs/period');
    assert.ok(reasons.some(({ did, line }) => did === 'held' && line === '2'));
    assert.equal(driver.sent.length, 1);
    driver.facts.set('rates/erp.BOB', { rates: [{ validFrom: '2026-01-01', rate: eur(1000) }] });
    const overdue = driver.delivered.at(-1);
    assert.ok(overdue);
    driver.give(overdue, true);
    assert.deepEqual(
      driver.sent.map(({ operation }) => operation.money?.minor),
      [14875, 3500],
    );
  });

  test('an expectation of another flow posts nothing', () => {
    const driver = plant(march);
    work(driver, [ann]);
    driver.give({ lane, kind: 'expectation.overdue', data: { expectation: 'procurement/withdrawal/x' } });
    assert.equal(driver.sent.length, 0);
  });

  const ends: readonly [at: string, period: 'day' | 'week' | 'month', end: string][] = [
    ['2026-03-02T00:00:00Z', 'day', '2026-03-03T00:00:00Z'],
    ['2026-03-31T23:59:59Z', 'day', '2026-04-01T00:00:00Z'],
    ['2026-03-02T08:00:00Z', 'week', '2026-03-09T00:00:00Z'],
    ['2026-03-08T23:59:59Z', 'week', '2026-03-09T00:00:00Z'],
    ['2026-12-31T23:00:00Z', 'week', '2027-01-04T00:00:00Z'],
    ['2024-02-29T12:00:00Z', 'month', '2024-03-01T00:00:00Z'],
    ['2026-12-01T00:00:00Z', 'month', '2027-01-01T00:00:00Z'],
  ];
  for (const [at, period, end] of ends)
    test(`the ${period} of ${at} ends at ${end}`, () => assert.equal(new Date(endOfPeriod(Date.parse(at), period)).toISOString(), new Date(end).toISOString()));
});

const step = fc.record({
  hours: fc.constantFrom('0', '1', '2.25', '8', '-1'),
  second: fc.boolean(),
  status: fc.constantFrom('inProgress', 'closed', 'cancelled'),
  day: fc.constantFrom('2026-03-02', '2025-12-31', '2024-01-01'),
  answers: fc.array(fc.constantFrom('applied', 'applied', 'failed', 'cancelled'), { maxLength: 3 }),
  again: fc.boolean(),
  over: fc.boolean(),
  own: fc.option(fc.integer({ min: 0, max: 50_000 })),
});

for (const moment of ['perConfirmation', 'atClose', 'periodic'] as const) {
  test(`${moment}: any sequence of snapshots and answers keeps post + reversal = 0, at most one document per line standing, and in the ledger what finance has (I5, I6, I8)`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (chosen) => {
        const driver = plant({ moment });
        let id = 0;
        const inFinance = new Map<Sent, number>();
        for (const { hours, second, status, day, answers, again, own, over } of chosen) {
          work(driver, [{ ...ann, hours, workedOn: day }, ...(second ? [{ ...ann, line: '2' }] : [])], { status, title: `t${id++}` });
          const last = driver.delivered.at(-1);
          if (again && last) driver.give(last, true);
          if (over && driver.expectations.has(`${lane}|costs/period`)) driver.overdue('costs/period');
          for (const outcome of answers) {
            const sent = driver.sent.find((one) => one.outcome === 'open' || one.outcome === 'failed');
            if (!sent) break;
            // Finance takes back exactly what it booked, and values what it books by itself where `own` says so.
            const minor = sent.operation.verb === 'reverse' || own === null ? (sent.operation.money?.minor ?? 0) : own;
            if (outcome === 'applied') inFinance.set(sent, sent.operation.verb === 'reverse' ? -minor : minor);
            driver.answerTo(
              sent,
              outcome as 'applied',
              own === null ? { id: `D${id++}` } : valued(`D${id++}`, sent.operation.verb === 'reverse' ? -minor : minor),
            );
          }
          const standing = new Map<string, number>();
          for (const sent of driver.sent)
            if (sent.outcome === 'applied')
              standing.set(sent.operation.chain ?? '', (standing.get(sent.operation.chain ?? '') ?? 0) + (sent.operation.verb === 'create' ? 1 : -1));
          for (const n of standing.values()) assert.ok(n === 0 || n === 1, 'at most one document stands');
          const money = [...inFinance.values()].reduce((total, minor) => total + minor, 0);
          assert.equal(driver.balances().get(book)?.get('settled') ?? 0, money);
          assert.equal(driver.balances().get(book)?.get('need') ?? 0, money === 0 ? 0 : -money);
        }
      }),
      { numRuns: 300 },
    );
  });
}
