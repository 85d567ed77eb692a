import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { readingKey } from '#flows/master-data';
import { people } from '#flows/people/flow';
import { FlowDriver } from '#flows/testing';

const lane = 'employee/ANN';
const eur = (minor: number) => ({ minor, currency: 'EUR' });
/** An amount that stands nowhere else: 12,345.67. */
const secret = eur(1_234_567);
const start = Date.UTC(2026, 2, 2, 8);
let reading = 0;

function plant(policy: JsonObject = {}, everywhere = [{ maintenance: 'cmms', finance: 'erp' }]): FlowDriver {
  const driver = new FlowDriver({ flows: [{ flow: people, policy }], everywhere, start });
  for (const connection of ['cmms', 'south', 'erp']) driver.facts.set(readingKey('employee', connection), { at: 1 });
  return driver;
}

const person = { code: '10042', name: 'Ann Berg', firstName: 'Ann', lastName: 'Berg' };
const inErp = (driver: FlowDriver, more: object = {}): Reason[] =>
  driver.snapshot('employee', lane, { ...person, ...more }, { connection: 'erp', site: '', version: String((reading += 1)) });
const inCmms = (driver: FlowDriver, more: object = {}, connection = 'cmms'): Reason[] =>
  driver.snapshot('employee', lane, { ...person, ...more }, { connection, version: String((reading += 1)) });
const rate = (driver: FlowDriver, record: string, more: object, connection = 'erp'): Reason[] =>
  driver.snapshot(
    'labourRate',
    lane,
    { employee: 'ANN', rate: secret, validFrom: '2026-01-01', ...more },
    { connection, site: '', object: record, version: String((reading += 1)) },
  );
const withdraw = (driver: FlowDriver, record: string): Reason[] =>
  driver.give({ lane, kind: 'labourRate.removed', source: 'erp', object: record, site: '', data: { hubId: record, connection: 'erp' } });
const gone = (driver: FlowDriver, connection: string): Reason[] => (
  driver.facts.delete(`record/employee/ANN@${connection}`),
  driver.give({ lane, kind: 'employee.removed', source: connection, object: '10042', site: '', data: { hubId: 'ANN', connection } })
);
const both = (driver: FlowDriver, more: object = {}): FlowDriver => (inCmms(driver), inErp(driver, more), driver);
const known = (driver: FlowDriver): unknown => driver.facts.get('rates/ANN')?.['rates'];
const textOf = (reasons: Reason[]): string => reasons.map(({ text }) => text).join('; ');

interface Row {
  readonly name: string;
  readonly policy?: JsonObject;
  readonly play: (driver: FlowDriver) => Reason[];
  readonly act: Reason['did'];
  readonly text: RegExp;
  readonly sends?: readonly JsonObject[];
}

const left = { active: false, leftOn: '2026-02-28' };
const rows: readonly Row[] = [
  {
    name: 'a new employee of HR is created (000-48)',
    play: (driver) => inErp(driver),
    act: 'did',
    text: /employee 10042 "Ann Berg" is in erp and not in cmms/,
    sends: [{ code: '10042', name: 'Ann Berg', active: true, firstName: 'Ann', lastName: 'Berg' }],
  },
  { name: 'one who has left is not created', play: (driver) => inErp(driver, left), act: 'didNot', text: /is inactive in erp: not created/ },
  { name: 'nobody creates employees', policy: { createdBy: 'nobody' }, play: (driver) => inErp(driver), act: 'didNot', text: /not created/ },
  { name: 'a technician whom HR does not know is not created there', play: (driver) => inCmms(driver), act: 'didNot', text: /erp creates this kind/ },
  {
    name: 'a new name is carried',
    play: (driver) => inErp(both(driver), { lastName: 'Lind' }),
    act: 'did',
    text: /lastName "Lind" in place of "Berg"/,
    sends: [{ lastName: 'Lind' }],
  },
  {
    name: 'a leaver is inactive',
    play: (driver) => inErp(both(driver), left),
    act: 'did',
    text: /employee 10042 left, last day 2026-02-28: inactive in cmms/,
    sends: [{ active: false }],
  },
  {
    name: 'a person whom HR set inactive is inactive',
    play: (driver) => inErp(both(driver), { active: false }),
    act: 'did',
    text: /employee 10042 left: inactive in cmms/,
    sends: [{ active: false }],
  },
  { name: 'today is the last day: nothing yet', play: (driver) => inErp(both(driver), { leftOn: '2026-03-02' }), act: 'didNot', text: /agree/ },
  { name: 'a future last day: nothing yet', play: (driver) => inErp(both(driver), { leftOn: '2026-03-31' }), act: 'didNot', text: /agree/ },
  {
    name: 'a leaver is set inactive once while that is on its way',
    play: (driver) => (inErp(both(driver), left), inErp(driver, { ...left, department: 'x' })),
    act: 'didNot',
    text: /is on its way/,
    sends: [{ active: false }],
  },
  { name: 'a leaver who is inactive already', play: (driver) => (inCmms(driver, { active: false }), inErp(driver, left)), act: 'didNot', text: /agree/ },
  {
    name: 'a leaver whom a person kept',
    play: (driver) => (inErp(both(driver), left), driver.answer({}, 'cancelled'), inErp(driver, left)),
    act: 'didNot',
    text: /a person decided against setting them inactive/,
    sends: [{ active: false }],
  },
  {
    name: 'who comes back is activated by a person',
    play: (driver) => (inErp(both(driver), left), driver.answer({}, 'applied', { id: '1' }), inCmms(driver, { active: false }), inErp(driver)),
    act: 'held',
    text: /active again in erp and was set inactive in cmms when they left: activate or invite them there/,
    sends: [{ active: false }],
  },
  {
    name: 'who was set inactive by maintenance itself is left so',
    play: (driver) => (inCmms(driver, { active: false }), inErp(driver)),
    act: 'didNot',
    text: /agree/,
  },
  {
    name: 'who was set active again in maintenance although they left is set inactive again',
    play: (driver) => (inErp(both(driver), left), driver.answer({}, 'applied', { id: '1' }), inCmms(driver, { active: false }), inCmms(driver)),
    act: 'did',
    text: /inactive in cmms/,
    sends: [{ active: false }, { active: false }],
  },
  {
    name: 'gone from HR is not left',
    play: (driver) => gone(both(driver), 'erp'),
    act: 'held',
    text: /deleted in erp and is active in cmms: set the last day in erp/,
  },
  {
    name: 'gone from HR and inactive',
    play: (driver) => (inCmms(driver, { active: false }), inErp(driver), gone(driver, 'erp')),
    act: 'didNot',
    text: /no maintenance system has this person active/,
  },
  { name: 'gone from maintenance', play: (driver) => gone(both(driver), 'cmms'), act: 'didNot', text: /deleted in cmms: nothing is deleted elsewhere/ },

  { name: 'a rate is known (000-45)', play: (driver) => rate(driver, 'R1', {}), act: 'noted', text: /rate of employee ANN valid from 2026-01-01 is known/ },
  { name: 'a rate twice', play: (driver) => (rate(driver, 'R1', {}), rate(driver, 'R1', {})), act: 'noted', text: /was already known/ },
  { name: 'a rate of maintenance', play: (driver) => rate(driver, 'R1', {}, 'cmms'), act: 'didNot', text: /come from the finance side only/ },
  {
    name: 'a rate of nobody',
    play: (driver) =>
      driver.snapshot('labourRate', 'labourRate/R1', { activityType: 'MNT01', rate: secret, validFrom: '2026-01-01' }, { connection: 'erp', site: '' }),
    act: 'didNot',
    text: /names no person/,
  },
  {
    name: 'two rates from one day',
    play: (driver) => (rate(driver, 'R1', {}), rate(driver, 'R2', { rate: eur(1) })),
    act: 'held',
    text: /two begin on 2026-01-01; correct one of them in erp/,
  },
  {
    name: 'a rate that begins before another ends',
    play: (driver) => (rate(driver, 'R1', { validTo: '2026-12-31' }), rate(driver, 'R2', { rate: eur(1), validFrom: '2026-06-01' })),
    act: 'held',
    text: /from 2026-01-01 to 2026-12-31 overlaps the one valid from 2026-06-01/,
  },
  {
    name: 'a rate that ends after a known one begins',
    play: (driver) => (rate(driver, 'R2', { rate: eur(1), validFrom: '2026-06-01' }), rate(driver, 'R1', { validTo: '2026-06-01' })),
    act: 'held',
    text: /overlaps/,
  },
  {
    name: 'a rate that ends before it begins',
    play: (driver) => rate(driver, 'R1', { validTo: '2025-12-31' }),
    act: 'held',
    text: /ends on 2025-12-31, before it begins/,
  },
  { name: 'a negative rate', play: (driver) => rate(driver, 'R1', { rate: eur(-1) }), act: 'held', text: /is negative/ },
  {
    name: 'an open rate ends where the next begins',
    play: (driver) => (rate(driver, 'R1', {}), rate(driver, 'R2', { rate: eur(1), validFrom: '2026-06-01' })),
    act: 'noted',
    text: /valid from 2026-06-01 is known/,
  },
  {
    name: 'a gap between two rates',
    play: (driver) => (rate(driver, 'R1', { validTo: '2026-01-31' }), rate(driver, 'R2', { rate: eur(1), validFrom: '2026-03-01' })),
    act: 'noted',
    text: /no rate between 2026-01-31 and 2026-03-01: hours of those days are held/,
  },
  {
    name: 'a rate is withdrawn',
    play: (driver) => (rate(driver, 'R1', {}), withdraw(driver, 'R1')),
    act: 'noted',
    text: /valid from 2026-01-01 was withdrawn/,
  },
  { name: 'a rate that was not in use is withdrawn', play: (driver) => withdraw(driver, 'R9'), act: 'didNot', text: /not in use was withdrawn/ },

  { name: 'rates stay out of maintenance by default', play: (driver) => rate(both(driver), 'R1', {}), act: 'noted', text: /is known/ },
  {
    name: "today's rate is shown by policy",
    policy: { showRate: true },
    play: (driver) => rate(both(driver), 'R1', {}),
    act: 'did',
    text: /cmms shows the rate of employee ANN that is valid from 2026-01-01/,
    sends: [{ hourlyRate: secret }],
  },
  {
    name: 'a shown rate is not shown again',
    policy: { showRate: true },
    play: (driver) => (rate(both(driver), 'R1', {}), rate(driver, 'R1', { validTo: '2026-12-31' })),
    act: 'noted',
    text: /is known/,
    sends: [{ hourlyRate: secret }],
  },
  {
    name: 'a rate that came before the person is shown once maintenance has the person',
    policy: { showRate: true, createdBy: 'nobody' },
    play: (driver) => (rate(driver, 'R1', {}), inCmms(driver)),
    act: 'did',
    text: /cmms shows the rate/,
    sends: [{ hourlyRate: secret }],
  },
  {
    name: 'no rate today',
    policy: { showRate: true },
    play: (driver) => rate(both(driver), 'R1', { validTo: '2026-01-31' }),
    act: 'didNot',
    text: /has no rate on 2026-03-02: none is shown/,
  },
  {
    name: 'a rate of the future is not shown yet',
    policy: { showRate: true },
    play: (driver) => rate(both(driver), 'R1', { validFrom: '2026-04-01' }),
    act: 'didNot',
    text: /has no rate on 2026-03-02/,
  },
];

describe('people and rates', () => {
  for (const row of rows)
    test(row.name, () => {
      const driver = plant(row.policy);
      const reasons = row.play(driver);
      assert.ok(
        reasons.some(({ did, text }) => did === row.act && row.text.test(text)),
        JSON.stringify(reasons, null, 1),
      );
      assert.deepEqual(
        driver.sent.map(({ operation }) => operation.draft),
        row.sends ?? [],
      );
      for (const reason of reasons) if (reason.did === 'held') assert.ok(reason.owner);
    });
});

test('a future last day is expected, and the leaver is inactive the day after it (000-48)', () => {
  const driver = both(plant(), { leftOn: '2026-03-31' });
  assert.deepEqual(
    [...driver.expectations.values()].map(({ key, deadline }) => [key, new Date(deadline).toISOString()]),
    [['leave', '2026-04-01T00:00:00.000Z']],
  );
  driver.overdue('leave');
  assert.deepEqual(
    driver.sent.map(({ operation }) => [operation.to, operation.draft]),
    [['cmms', { active: false }]],
  );
});

test('where the last day names no site, every maintenance system is looked at on it', () => {
  const driver = plant({}, [
    { maintenance: 'cmms', finance: 'erp' },
    { maintenance: 'south', finance: 'erp' },
  ]);
  inCmms(driver);
  inCmms(driver, {}, 'south');
  inErp(driver, { leftOn: '2026-03-31' });
  driver.now = Date.UTC(2026, 3, 1, 1);
  driver.give({ lane, kind: 'expectation.overdue', key: 'overdue/leave', site: '', data: { expectation: 'leave' } });
  assert.deepEqual(
    driver.sent.map(({ operation }) => operation.to),
    ['cmms', 'south'],
  );
});

test('a last day that is taken back is no longer expected', () => {
  const driver = both(plant(), { leftOn: '2026-03-31' });
  inErp(driver);
  assert.equal(driver.expectations.size, 0);
});

test('a rate of the future holds from its day on: for costing at once, on the screen on the day', () => {
  const driver = both(plant({ showRate: true }));
  rate(driver, 'R1', { rate: eur(4000) });
  rate(driver, 'R2', { rate: eur(4500), validFrom: '2026-04-01' });
  assert.deepEqual(known(driver), [
    { validFrom: '2026-01-01', rate: eur(4000) },
    { validFrom: '2026-04-01', rate: eur(4500) },
  ]);
  driver.overdue('rate');
  assert.deepEqual(
    driver.sent.map(({ operation }) => operation.draft['hourlyRate']),
    [eur(4000), eur(4500)],
  );
  assert.equal(driver.expectations.size, 0);
});

test('a contradicting rate changes nothing for costing, and counts as soon as the other is corrected', () => {
  const driver = plant();
  rate(driver, 'R1', { validTo: '2026-12-31' });
  rate(driver, 'R2', { rate: eur(1), validFrom: '2026-06-01' });
  const held = driver.delivered.at(-1) ?? assert.fail();
  assert.deepEqual(known(driver), [{ validFrom: '2026-01-01', validTo: '2026-12-31', rate: secret }]);
  rate(driver, 'R1', { validTo: '2026-05-31' });
  assert.ok(!driver.give(held, true).some(({ did }) => did === 'held'));
  assert.equal((known(driver) as unknown[]).length, 2);
});

test('amounts of rates stand in no reason, no document and no expectation (I21)', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          at: fc.constantFrom('R1', 'R2', 'R3'),
          day: fc.constantFrom('2026-01-01', '2026-03-01', '2026-06-01'),
          end: fc.option(fc.constantFrom('2026-02-28', '2026-12-31'), { nil: undefined }),
          away: fc.boolean(),
          amount: fc.constantFrom(1_234_567, 7_654_321),
        }),
        { maxLength: 12 },
      ),
      (steps) => {
        const driver = both(plant({ showRate: true }));
        const said: string[] = [];
        for (const { at, day, end, away, amount } of steps)
          said.push(
            textOf(away ? withdraw(driver, at) : rate(driver, at, { validFrom: day, rate: eur(amount), ...(end === undefined ? {} : { validTo: end }) })),
            textOf(inErp(driver, { hourlyRate: eur(amount) })),
          );
        while (driver.open()[0]) said.push(textOf(driver.answer({}, 'applied', { id: '1' })));
        said.push(JSON.stringify(driver.documents), JSON.stringify([...driver.expectations.values()]), ...driver.sent.map(({ operation }) => operation.reason));
        assert.doesNotMatch(said.join('\n'), /12[.,]?345|1234567|76[.,]?543|7654321/);
      },
    ),
    { numRuns: 100 },
  );
});

test('in any order of rates no day has two, and the same rates end the same however they came', () => {
  const rates = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom('R1', 'R2', 'R3', 'R4'),
      month: fc.integer({ min: 1, max: 9 }),
      months: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      minor: fc.integer({ min: 1, max: 3 }),
    }),
    { selector: ({ id }) => id, maxLength: 4 },
  );
  const day = (month: number, of: string): string => `2026-${String(Math.min(month, 12)).padStart(2, '0')}-${of}`;
  fc.assert(
    fc.property(rates, fc.array(fc.nat(3), { maxLength: 8 }), (given, repeats) => {
      const driver = plant();
      const tell = (one: (typeof given)[number]): Reason[] =>
        rate(driver, one.id, {
          validFrom: day(one.month, '01'),
          rate: eur(one.minor),
          ...(one.months === undefined ? {} : { validTo: day(one.month + one.months, '28') }),
        });
      for (const one of given) tell(one);
      const before = JSON.stringify(known(driver));
      for (const at of repeats) {
        const one = given[at];
        if (one && !tell(one).some(({ did }) => did === 'held')) assert.equal(JSON.stringify(known(driver)), before);
      }
      const list = (known(driver) ?? []) as { validFrom: string; validTo?: string; rate: { minor: number } }[];
      for (const [at, one] of list.entries())
        for (const other of list.slice(at + 1))
          if (one.rate.minor !== other.rate.minor) assert.ok(one.validFrom !== other.validFrom && (one.validTo === undefined || one.validTo < other.validFrom));
    }),
    { numRuns: 200 },
  );
});
