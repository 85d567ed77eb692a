import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '#base/json';
import { conflictRules, decideFields, fieldRules, otherSide, type FieldDecision, type FieldRule, type Sides } from '#mapping/ownership';
import { owners } from '#mapping/row';

const vendor = (
  rule: FieldRule['rule'],
  values: { agreed?: Json; maintenance?: Json; finance?: Json; at?: readonly [number | undefined, number | undefined]; owner?: FieldRule['owner'] },
): FieldDecision => {
  const record = (value: Json | undefined) => (value === undefined ? {} : { address: value });
  const [decision] = decideFields({
    agreed: 'agreed' in values ? record(values.agreed) : undefined,
    maintenance: { system: 'cmms', record: record(values.maintenance), ...(values.at?.[0] === undefined ? {} : { at: values.at[0] }) },
    finance: { system: 'erp', record: record(values.finance), ...(values.at?.[1] === undefined ? {} : { at: values.at[1] }) },
    fields: [{ field: 'address', owner: values.owner ?? 'finance', rule }],
  });
  assert.ok(decision);
  return decision;
};

test("000-68: a vendor address that was changed in the CMMS is not lost when the ERP's old one wins: it is proposed, with an explanation", () => {
  const decision = vendor('owner-wins', { agreed: 'Old Road 1', maintenance: 'New Road 2', finance: 'Old Road 1', at: [2000, 1000] });
  assert.deepEqual([decision.value, decision.from, decision.write, decision.held], ['Old Road 1', 'finance', ['maintenance'], false]);
  assert.deepEqual(decision.proposal, { from: 'maintenance', system: 'cmms', value: 'New Road 2', at: 2000, to: 'finance' });
  assert.deepEqual(decision.overwritten, [{ system: 'cmms', side: 'maintenance', value: 'New Road 2', at: 2000 }]);
  assert.equal(
    decision.explanation,
    'address: finance owns the field, so "Old Road 1" of erp overwrites "New Road 2" of cmms, changed at 1970-01-01T00:00:02.000Z; the change is proposed to the owner',
  );
});

test('000-106: the vendor list follows the ERP, which owns it', () => {
  const decision = vendor('owner-wins', { agreed: 'a', maintenance: 'a', finance: 'b' });
  assert.deepEqual([decision.value, decision.rule, decision.write, decision.proposal], ['b', 'changed-by-owner', ['maintenance'], undefined]);
});

test('003-36: where both sides changed a field, the decision names the rule and both values', () => {
  const both = { agreed: 'a', maintenance: 'm', finance: 'f', at: [2000, 1000] as const };
  assert.deepEqual([vendor('owner-wins', both).value, vendor('latest-wins', both).value], ['f', 'm']);
  assert.equal(vendor('latest-wins', both).overwritten[0]?.value, 'f');
  const asked = vendor('ask', both);
  assert.deepEqual([asked.value, asked.held, asked.write, asked.proposal?.value], ['a', true, [], 'm']);
  assert.match(asked.explanation, /erp says "f" and cmms says "m".*a person decides/);
});

for (const [what, at, expected] of [
  ['equal times', [1000, 1000], 'f'],
  ['an unknown time', [2000, undefined], 'f'],
  ['an earlier change', [500, 1000], 'f'],
  ['a later change', [1001, 1000], 'm'],
] as const) {
  test(`latest wins, with ${what} of the other side: ${expected === 'f' ? 'the owner stays' : 'the owner is overwritten'}`, () =>
    assert.equal(vendor('latest-wins', { agreed: 'a', maintenance: 'm', finance: 'f', at }).value, expected));
}

test('an owner that never had a value erases nothing; one that cleared its value does', () => {
  const silent = vendor('owner-wins', { maintenance: 'm' });
  assert.deepEqual([silent.value, silent.write, silent.overwritten, silent.proposal?.value], [undefined, [], [], 'm']);
  const cleared = vendor('owner-wins', { agreed: 'a', maintenance: 'a' });
  assert.deepEqual([cleared.value, cleared.write, cleared.overwritten[0]?.value], [undefined, ['maintenance'], 'a']);
});

test('a field of the hub goes back to what was agreed on both sides', () => {
  const decision = vendor('latest-wins', { owner: 'hub', agreed: 'h', maintenance: 'm', finance: 'f' });
  assert.deepEqual([decision.value, decision.write, decision.overwritten.map(({ value }) => value)], ['h', ['maintenance', 'finance'], ['m', 'f']]);
  assert.deepEqual(vendor('latest-wins', { owner: 'hub', maintenance: 'm' }).write, []);
});

test('lines are decided by their code, not by their position', () => {
  const order = (lines: readonly (readonly [string, string])[]) => ({ plannedLines: lines.map(([line, text]) => ({ line, text })) });
  const decisions = decideFields({
    agreed: order([
      ['10', 'a'],
      ['20', 'b'],
    ]),
    maintenance: {
      system: 'cmms',
      record: order([
        ['20', 'B'],
        ['10', 'a'],
      ]),
    },
    finance: {
      system: 'erp',
      record: order([
        ['10', 'a'],
        ['20', 'b'],
      ]),
    },
    fields: [{ field: 'plannedLines[].text', owner: 'maintenance', rule: 'owner-wins' }],
  });
  assert.deepEqual(
    decisions.map(({ field, value, write }) => [field, value, write]),
    [
      ['plannedLines[10].text', 'a', []],
      ['plannedLines[20].text', 'B', ['finance']],
    ],
  );
});

test('owners come from the rows, rules by field, and the owner wins unless said otherwise', () => {
  assert.deepEqual(
    fieldRules(
      [
        { ours: 'a', theirs: 'x', direction: 'both', owner: 'finance' },
        { ours: '', theirs: 'y', direction: 'out', owner: 'hub' },
        { ours: 'b', theirs: 'z', direction: 'in', owner: 'maintenance' },
      ],
      new Map([['b', 'ask']]),
    ),
    [
      { field: 'a', owner: 'finance', rule: 'owner-wins' },
      { field: 'b', owner: 'maintenance', rule: 'ask' },
    ],
  );
});

const value = fc.option(fc.constantFrom<Json>('a', 'b', 'c', 1, true, [], { x: 1 }), { nil: undefined });
const time = fc.option(fc.nat(5), { nil: undefined });
const questions = fc.record({
  agreed: fc.option(fc.record({ f: value }), { nil: undefined }),
  maintenance: value,
  finance: value,
  at: fc.tuple(time, time),
  owner: fc.constantFrom(...owners),
  rule: fc.constantFrom(...conflictRules),
});
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

test('I13: every value that a decision replaces is in it, with its system, and the owner is only overwritten by the latest-wins rule', () => {
  fc.assert(
    fc.property(questions, ({ agreed, maintenance, finance, at, owner, rule }) => {
      const sides: Sides = {
        agreed,
        maintenance: { system: 'cmms', record: { f: maintenance }, ...(at[0] === undefined ? {} : { at: at[0] }) },
        finance: { system: 'erp', record: { f: finance }, ...(at[1] === undefined ? {} : { at: at[1] }) },
        fields: [{ field: 'f', owner, rule }],
      };
      const [decision] = decideFields(sides);
      assert.ok(decision);
      assert.deepEqual(decideFields(structuredClone(sides)), [decision]);
      const said = { maintenance, finance };
      for (const side of decision.write) {
        assert.ok(!same(said[side], decision.value), 'nothing is written where nothing changes');
        if (said[side] !== undefined)
          assert.ok(decision.overwritten.some((lost) => lost.side === side && same(lost.value, said[side]) && lost.system === sides[side].system));
        if (side === owner) assert.equal(decision.rule, 'latest-wins');
      }
      assert.deepEqual(
        decision.overwritten.map(({ side }) => side).filter((side) => !decision.write.includes(side)),
        [],
      );
      if (decision.held) assert.deepEqual(decision.write, []);
      assert.ok(decision.explanation.startsWith('f: '));
      if (owner === 'hub' || same(maintenance, finance)) return;
      const other = otherSide(owner);
      const changedByOther = !same(said[other], agreed?.f);
      const kept = same(decision.value, said[other]);
      if (changedByOther && !kept)
        assert.ok(decision.proposal !== undefined || decision.rule === 'latest-wins', "the other side's change is proposed or explained");
    }),
    { numRuns: 2000 },
  );
});

test('carrying a decision out and deciding again finds nothing more to do', () => {
  fc.assert(
    fc.property(questions, ({ agreed, maintenance, finance, at, owner, rule }) => {
      const sides = (a: unknown, m: unknown, f: unknown): Sides => ({
        agreed: a,
        maintenance: { system: 'cmms', record: { f: m }, ...(at[0] === undefined ? {} : { at: at[0] }) },
        finance: { system: 'erp', record: { f }, ...(at[1] === undefined ? {} : { at: at[1] }) },
        fields: [{ field: 'f', owner, rule }],
      });
      const [first] = decideFields(sides(agreed, maintenance, finance));
      assert.ok(first);
      if (first.held || first.write.length === 0) return;
      const after = { maintenance, finance, ...Object.fromEntries(first.write.map((side) => [side, first.value])) };
      const [second] = decideFields(sides({ f: first.value }, after.maintenance, after.finance));
      assert.deepEqual(second?.write, []);
    }),
    { numRuns: 2000 },
  );
});
