import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { Overwrite, Reason } from '#engine/flow';
import { readingKey } from '#flows/master-data';
import { masters } from '#flows/masters/flow';
import { ownable, owned, type Ownership } from '#flows/owned';
import { FlowDriver } from '#flows/testing';
import { records } from '#model/records';

/** One vendor in both systems, with the plant's ownership; what each system holds follows what it is sent. */
class World {
  readonly driver: FlowDriver;
  readonly systems: { [connection: string]: { [field: string]: string } };
  readonly reasons: Reason[] = [];
  #reading = 0;

  constructor(ownership: Ownership, start: { readonly erp: object; readonly cmms: object } = { erp: {}, cmms: {} }) {
    this.driver = new FlowDriver({ flows: [{ flow: masters, policy: { ownership } as unknown as JsonObject }] });
    for (const connection of ['cmms', 'erp']) this.driver.facts.set(readingKey('vendor', connection), { at: 1 });
    const both = { name: 'Allied', email: 'a@x.example', phone: '1' };
    this.systems = { erp: { ...both, ...start.erp }, cmms: { ...both, ...start.cmms } };
    // Maintenance first: what only it has is not created in finance, and then both are there.
    this.poll('cmms');
    this.poll('erp');
    assert.deepEqual(this.driver.sent, []);
    this.reasons.length = 0;
  }

  poll(connection: string, changedAt?: string): Reason[] {
    const told = this.driver.snapshot(
      'vendor',
      'vendor/V1',
      { code: 'V1', active: true, ...this.systems[connection], ...(changedAt === undefined ? {} : { changedAt }) } as never,
      {
        connection,
        version: String((this.#reading += 1)),
      },
    );
    this.reasons.push(...told);
    return told;
  }

  edit(connection: string, values: { [field: string]: string }, changedAt?: string): Reason[] {
    Object.assign(this.systems[connection]!, values);
    return this.poll(connection, changedAt);
  }

  /** Everything that was sent is applied and read back, until nothing more is sent. */
  settle(): void {
    for (let round = 0; round < 20; round++) {
      const open = this.driver.sent.filter(({ outcome }) => outcome === 'open');
      for (const sent of open) {
        Object.assign(this.systems[sent.operation.to]!, sent.operation.draft);
        this.driver.answerTo(sent, 'applied', { id: 'X' });
      }
      this.poll('erp');
      this.poll('cmms');
      if (!this.driver.sent.some(({ outcome }) => outcome === 'open')) return;
    }
    assert.fail('no end');
  }

  get overwrites(): readonly Overwrite[] {
    return this.reasons.flatMap(({ overwrites = [] }) => overwrites);
  }
}

const sentTo = (world: World): [string, JsonObject][] => world.driver.sent.map(({ operation }) => [operation.to, operation.draft]);

for (const [owner, other] of [
  ['finance', 'cmms'],
  ['maintenance', 'erp'],
] as const)
  test(`the value of ${owner} wins, and what it overwrote is told with its rule and time (I13, 000-68)`, () => {
    const world = new World({ vendor: { email: { owner, rule: 'owner-wins', direction: 'both' } } });
    world.edit(other, { email: 'wrong@x.example' }, '2026-03-02T08:00:00Z');
    assert.deepEqual(sentTo(world), [[other, { email: 'a@x.example' }]]);
    assert.deepEqual(world.overwrites, [
      {
        field: 'email',
        system: other,
        value: 'wrong@x.example',
        by: owner === 'finance' ? 'erp' : 'cmms',
        to: 'a@x.example',
        rule: 'owner-wins',
        changedAt: Date.parse('2026-03-02T08:00:00Z'),
      },
    ]);
    assert.ok(world.reasons.some(({ text }) => text.includes(`${other} says email "wrong@x.example", which ${owner} owns: kept as a proposal`)));
  });

test('with latest-wins the later change goes to the other side, whoever owns the field', () => {
  const rule = { vendor: { phone: { owner: 'finance', rule: 'latest-wins', direction: 'both' } } } as const;
  const world = new World(rule);
  world.edit('erp', { phone: '2' }, '2026-03-02T08:00:00Z');
  world.driver.sent.length = 0;
  world.edit('cmms', { phone: '3' }, '2026-03-02T09:00:00Z');
  assert.deepEqual(sentTo(world), [['erp', { phone: '3' }]]);
  const late = new World(rule);
  late.edit('erp', { phone: '2' }, '2026-03-02T08:00:00Z');
  late.driver.sent.length = 0;
  late.edit('cmms', { phone: '3' });
  assert.ok(!sentTo(late).some(([to]) => to === 'erp'), 'a time that nobody told beats nothing');
});

test('with ask nothing is written until a person made both sides say the same', () => {
  const world = new World({ vendor: { name: { owner: 'finance', rule: 'ask', direction: 'both' } } });
  const told = world.edit('cmms', { name: 'Allied of the fitter' });
  assert.deepEqual(world.driver.sent, []);
  const held = told.find(({ did }) => did === 'held');
  assert.equal(held?.owner, 'data-steward');
  assert.match(held.text, /erp says "Allied" and cmms says "Allied of the fitter".*a person decides/);
  assert.ok(!world.edit('erp', { name: 'Allied of the fitter' }).some(({ did }) => did === 'held'));
  assert.deepEqual(world.driver.sent, []);
});

test('a field that the hub owns goes back to what both sides agreed on', () => {
  const world = new World({ vendor: { name: { owner: 'hub', rule: 'owner-wins', direction: 'both' } } });
  world.edit('erp', { name: 'Renamed' });
  assert.deepEqual(sentTo(world), [['erp', { name: 'Allied' }]]);
});

for (const [direction, expected] of [
  ['none', []],
  ['to-finance', []],
  ['to-maintenance', [['cmms', { name: 'New' }]]],
] as const)
  test(`a name that finance changed, with direction ${direction}, is ${expected.length === 0 ? 'said and not carried' : 'carried'}`, () => {
    const world = new World({ vendor: { name: { owner: 'finance', rule: 'owner-wins', direction } } });
    const told = world.edit('erp', { name: 'New' });
    assert.deepEqual(sentTo(world), expected);
    assert.equal(
      told.some(({ text }) => /name differs and is not carried to cmms \(ownership, direction\)/.test(text)),
      expected.length === 0,
    );
  });

test('a field that the plant gave an owner is kept in step beside those of the flow', () => {
  const world = new World(
    { vendor: { description: { owner: 'maintenance', rule: 'owner-wins', direction: 'both' } } },
    { erp: { description: 'old' }, cmms: { description: 'old' } },
  );
  world.edit('cmms', { description: 'new' });
  world.edit('erp', { name: 'Renamed' });
  assert.deepEqual(sentTo(world), [
    ['erp', { description: 'new' }],
    ['cmms', { name: 'Renamed' }],
  ]);
});

test('whatever is edited, read again and answered, both sides end with the value of the owner (I3, I13)', () => {
  const rule = fc.record({
    owner: fc.constantFrom('finance' as const, 'maintenance' as const),
    rule: fc.constant('owner-wins' as const),
    direction: fc.constant('both' as const),
  });
  const step = fc.record({ at: fc.constantFrom('erp', 'cmms'), field: fc.constantFrom('name', 'email', 'phone'), value: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(fc.record({ name: rule, email: rule, phone: rule }), fc.array(step, { maxLength: 12 }), (vendor, steps) => {
      const world = new World({ vendor });
      for (const { at, field, value } of steps) world.edit(at, { [field]: value });
      world.settle();
      for (const field of Object.keys(vendor)) assert.equal(world.systems['erp']![field], world.systems['cmms']![field], field);
    }),
  );
});

test('every value that an operation overwrites is in its reason (I13)', () => {
  const world = new World({});
  world.edit('cmms', { name: 'x', email: 'y@x.example' });
  const carried = world.driver.sent.flatMap(({ operation }) => Object.keys(operation.draft));
  assert.deepEqual(world.overwrites.map(({ field }) => field).sort(), carried.sort());
});

test('the fields that a plant may give an owner exist in their records, and what is carried is among them', () => {
  for (const [kind, { carried, fields }] of Object.entries(ownable)) {
    const members = Object.keys(records[kind as keyof typeof ownable].shape);
    for (const field of fields) assert.ok(members.includes(field), `${kind}.${field}`);
    for (const field of carried) assert.ok((fields as readonly string[]).includes(field), `${kind}.${field}`);
  }
});

test('without a word of the plant the rules are those of the flow, untouched', () => {
  const rules = [{ field: 'name', owner: 'finance', rule: 'owner-wins' }] as const;
  assert.equal(owned('part', rules, {}), rules);
  assert.equal(owned('part', rules, { ownership: { vendor: {} } }), rules);
});
