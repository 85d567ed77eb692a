import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faults, type FaultKind } from '#base/fault';
import { advance, clearMs, conditions, delayMs, mostAlerts, type AlertRule, type OpenAlert, type Situation, type Trouble } from '#assurance/alerts';

const trouble = (fault: Trouble['fault'], more: Partial<Trouble> = {}): Trouble => ({
  fault,
  owner: 'x',
  connection: 'erp',
  site: '1',
  since: 0,
  text: 'what happened',
  minor: null,
  currency: null,
  ...more,
});
const situation = (...troubles: Trouble[]): Situation => ({ troubles, moneyAtRisk: {}, heard: {} });
const all: AlertRule = { name: 'all', on: 'exception', to: ['log'], againMs: 3_600_000 };

/** When an alert comes, as the fault table says it. */
const delays = { 'at-once': 0, 'after-delay': delayMs, none: Number.POSITIVE_INFINITY } as const;
for (const [kind, { alert, title, advice }] of Object.entries(faults) as [FaultKind, (typeof faults)[FaultKind]][])
  test(`the fault ${kind} alerts ${alert}, in the words of the table`, () => {
    const at = (now: number) => conditions([all], situation(trouble(kind)), now);
    const delay = delays[alert];
    if (Number.isFinite(delay)) {
      assert.equal(at(delay).length, 1);
      assert.equal(at(delay)[0]!.title, `erp: ${title}`);
      assert.ok(at(delay)[0]!.text.endsWith(advice));
      assert.equal(at(delay - 1).length, 0);
    } else {
      assert.equal(at(1e12).length, 0);
      assert.equal(conditions([{ ...all, faults: [kind], olderThanMs: 5 }], situation(trouble(kind)), 5).length, 1, 'unless a rule names it');
    }
  });

test('a thousand documents behind one cause are one alert, with their money', () => {
  const many = Array.from({ length: 1000 }, (_, n) => trouble('unauthorised', { since: n, minor: 100, currency: n % 2 ? 'EUR' : 'USD' }));
  const found = conditions([all], situation(...many), 2000);
  assert.equal(found.length, 1);
  assert.match(found[0]!.text, /^1000 waiting, 500\.00 USD and 500\.00 EUR with them/);
  assert.equal(found[0]!.since, 0);
});

test('two causes at two connections are four alerts', () =>
  assert.equal(
    conditions([all], situation(...(['closed', 'rejected'] as const).flatMap((kind) => ['erp', 'cmms'].map((connection) => trouble(kind, { connection })))), 1)
      .length,
    4,
  ));

test('more alerts than are told one by one end in one that counts the rest', () => {
  const found = conditions([all], situation(...Array.from({ length: mostAlerts + 50 }, (_, n) => trouble('closed', { connection: `c${n}` }))), 1);
  assert.equal(found.length, mostAlerts);
  assert.match(found.at(-1)!.text, /^51 further conditions hold/);
});

test('silence is only told of what was ever heard', () => {
  const rule: AlertRule = { name: 'quiet', on: 'silent', to: ['log'], againMs: 1, connection: 'erp', kind: 'part', forMs: 10 };
  const at = (heard: Situation['heard']) => conditions([rule], { troubles: [], moneyAtRisk: {}, heard }, 100).length;
  assert.deepEqual([at({}), at({ 'erp/part': 91 }), at({ 'erp/part': 90 }), at({ 'erp/vendor': 0 })], [0, 0, 1, 0]);
});

test('whatever comes and goes: raised and resolved alternate, and nothing is told more often than its age allows', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ holds: fc.boolean(), waitMs: fc.integer({ min: 1, max: 3 * clearMs }) }), { maxLength: 60 }), (steps) => {
      let open: readonly OpenAlert[] = [];
      let now = 0;
      let last: { what: string; at: number } | undefined;
      for (const { holds, waitMs } of steps) {
        now += waitMs;
        const step = advance(open, conditions([{ ...all, againMs: 2 * clearMs }], situation(...(holds ? [trouble('closed')] : [])), now), now);
        open = step.open;
        for (const { what } of step.messages) {
          if (what === 'raised') assert.ok(last === undefined || last.what === 'resolved');
          else assert.ok(last !== undefined && last.what !== 'resolved');
          if (what === 'again') assert.ok(now - last!.at >= 2 * clearMs);
          last = { what, at: now };
        }
        assert.ok(open.length <= 1);
      }
    }),
  );
});
