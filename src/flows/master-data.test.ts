import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { FlowEvent, Reason } from '#engine/flow';
import { assets } from '#flows/assets/flow';
import { readingKey } from '#flows/master-data';
import { masters } from '#flows/masters/flow';
import { FlowDriver, type Sent } from '#flows/testing';
import { tellLimit } from '#flows/told';

type Record = { [field: string]: string };

/** Two systems that hold one asset each in their way: maintenance keeps 40 characters of a name, writes serial numbers in capitals, and takes no model at all. */
class World {
  readonly driver: FlowDriver;
  readonly systems: { [connection: string]: Record };
  /** What the hub last read of each. */
  readonly read: { [connection: string]: Record } = {};
  readonly reasons: Reason[] = [];
  #reading = 0;

  constructor(policy: JsonObject, start: { erp: Record; cmms: Record }) {
    this.driver = new FlowDriver({ flows: [{ flow: assets, policy }] });
    for (const connection of ['cmms', 'erp']) this.driver.facts.set(readingKey('asset', connection), { at: 1 });
    this.systems = { erp: { ...start.erp }, cmms: { ...start.cmms } };
  }

  edit(connection: string, field: string, value: string): void {
    this.#write(connection, { [field]: value });
  }

  poll(connection: string): Reason[] {
    const now = this.systems[connection] as Record;
    this.read[connection] = { ...now };
    return this.#keep(this.driver.snapshot('asset', 'asset/P1', { code: 'P-204', ...now } as never, { connection, version: String((this.#reading += 1)) }));
  }

  again(pick: number): void {
    const event = this.driver.delivered[pick % Math.max(1, this.driver.delivered.length)] as FlowEvent | undefined;
    // A duplicate of old news: facts are what they are, the flow is asked once more.
    if (event) this.#keep(this.driver.give(event, true));
  }

  answer(sent: Sent, outcome: 'applied' | 'failed' | 'cancelled'): void {
    if (outcome === 'applied') this.#write(sent.operation.to, sent.operation.draft as Record);
    this.#keep(this.driver.answerTo(sent, outcome, { id: 'X' }));
  }

  /** Everything is answered and read until nothing is left to do; the number of operations that took. */
  settle(): number {
    const before = this.driver.sent.length;
    for (let round = 0; round < 20; round++) {
      for (const sent of this.driver.sent) if (sent.outcome === 'open' || sent.outcome === 'failed') this.answer(sent, 'applied');
      const known = this.driver.sent.length;
      this.poll('erp');
      this.poll('cmms');
      if (this.driver.sent.length === known && round > 0) return known - before;
    }
    return assert.fail(`no end after ${this.driver.sent.length - before} operations`);
  }

  #write(connection: string, values: Record): void {
    const kept: Record = { ...values };
    if (connection === 'cmms') {
      delete kept['model'];
      if (kept['name'] !== undefined) kept['name'] = kept['name'].slice(0, 40);
      if (kept['serialNumber'] !== undefined) kept['serialNumber'] = kept['serialNumber'].toUpperCase();
    }
    Object.assign(this.systems[connection] as Record, kept);
  }

  #keep(reasons: Reason[]): Reason[] {
    this.reasons.push(...reasons);
    return reasons;
  }
}

const start = {
  erp: { name: 'Centrifugal pump', location: 'L1', serialNumber: 'KX-1', model: 'M1' },
  cmms: { name: 'Centrifugal pump', location: 'L1', serialNumber: 'KX-1' },
};
const fields = ['name', 'location', 'serialNumber'] as const;
const long = 'Centrifugal pump P-204 of the cooling water station in hall 3';

/** Whether what a system says is what it was told, in the way it keeps it. */
const agree = (field: string, erp: Record, cmms: Record): boolean => {
  const [ours = '', theirs = ''] = [erp[field], cmms[field]];
  return ours === theirs || (field === 'name' && ours.slice(0, 40) === theirs) || (field === 'serialNumber' && ours.toUpperCase() === theirs);
};

const step = fc.oneof(
  fc.record({ do: fc.constant('edit' as const), at: fc.constantFrom('erp', 'cmms'), field: fc.constantFrom(...fields), long: fc.boolean() }),
  fc.record({ do: fc.constant('poll' as const), at: fc.constantFrom('erp', 'cmms') }),
  fc.record({ do: fc.constant('again' as const), pick: fc.nat(50) }),
  fc.record({
    do: fc.constant('answer' as const),
    pick: fc.nat(5),
    outcome: fc.constantFrom('applied' as const, 'applied' as const, 'failed' as const, 'cancelled' as const),
  }),
);

function play(world: World, steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[], cancels: boolean): number {
  let edits = 0;
  for (const one of steps) {
    if (one.do === 'edit') world.edit(one.at, one.field, `${one.long ? long : 'value'} ${(edits += 1)}`);
    else if (one.do === 'poll') world.poll(one.at);
    else if (one.do === 'again') world.again(one.pick);
    else {
      const open = world.driver.sent.filter(({ outcome }) => outcome === 'open' || outcome === 'failed');
      const sent = open[one.pick % Math.max(1, open.length)];
      if (sent) world.answer(sent, one.outcome === 'cancelled' && !cancels ? 'applied' : one.outcome);
    }
  }
  return edits;
}

for (const structureOwner of ['finance', 'maintenance'] as const) {
  test(`with ${structureOwner} owning the structure, any order of edits, readings, duplicates and answers ends with both sides agreed, in few operations (I3, I13)`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = new World({ structureOwner }, start);
        play(world, steps, false);
        const more = world.settle();
        assert.ok(more <= 3 * tellLimit * fields.length, `${more} operations to settle`);
        for (const field of fields)
          assert.ok(agree(field, world.systems['erp'] as Record, world.systems['cmms'] as Record), `${field}: ${JSON.stringify(world.systems)}`);
        const known = world.driver.sent.length;
        for (const event of [...world.driver.delivered]) if (event.kind === 'asset.snapshot') world.driver.give(event, true);
        assert.equal(world.driver.sent.length, known, 'old news after the end changes nothing');
      }),
      { numRuns: 300 },
    );
  });
}

test('every value that an update replaces stands in its reason (I13), and every event says something', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom('finance', 'maintenance'), (steps, structureOwner) => {
      const world = new World({ structureOwner }, start);
      world.poll('erp');
      world.poll('cmms');
      let seen = 0;
      const check = (): void => {
        for (; seen < world.driver.sent.length; seen++) {
          const { to, draft, reason, verb } = (world.driver.sent[seen] as Sent).operation;
          if (verb !== 'update') continue;
          for (const field of Object.keys(draft))
            if (world.read[to]?.[field] !== undefined)
              assert.ok(reason.includes(`in place of ${JSON.stringify(world.read[to]?.[field])}`), `${field} of ${reason}`);
        }
      };
      for (const one of steps) {
        const before = world.reasons.length;
        const known = world.driver.delivered.length;
        play(world, [one], true);
        check();
        assert.ok(world.driver.delivered.length === known || world.reasons.length > before, 'an event without a reason');
      }
    }),
    { numRuns: 300 },
  );
});

test('a declined update is not sent again however often both sides are read, and goes out once the value changes', () => {
  const world = new World({}, start);
  world.poll('erp');
  world.poll('cmms');
  world.settle();
  world.edit('erp', 'name', 'New name');
  world.poll('erp');
  world.answer(world.driver.open()[0] as Sent, 'cancelled');
  const known = world.driver.sent.length;
  for (const connection of ['erp', 'cmms', 'erp', 'cmms']) world.poll(connection);
  assert.equal(world.driver.sent.length, known);
  assert.ok(world.reasons.some(({ text }) => /a person decided against sending name "New name" to cmms/.test(text)));
  world.edit('erp', 'name', 'Newer name');
  world.poll('erp');
  assert.equal(world.driver.open().length, 1);
});

describe('values that the other side keeps in its own way', () => {
  const updates = (world: World): number => world.driver.sent.filter(({ operation }) => operation.verb === 'update').length;

  test('a name longer than the other side keeps is sent once', () => {
    const world = new World({}, start);
    world.poll('erp');
    world.poll('cmms');
    world.settle();
    const before = updates(world);
    world.edit('erp', 'name', long);
    world.settle();
    world.edit('cmms', 'location', 'L1');
    world.settle();
    assert.equal(updates(world) - before, 1);
    assert.equal(world.systems['cmms']?.['name'], long.slice(0, 40));
    assert.ok(world.reasons.some(({ text }) => text.startsWith('cmms keeps name')));
  });

  test('a name that only grew is carried, although the old one is its beginning', () => {
    const world = new World({}, { erp: { ...start.erp, name: 'Centrifugal pump P-204' }, cmms: { ...start.cmms, name: 'Centrifugal pump P-204' } });
    world.settle();
    world.edit('erp', 'name', 'Centrifugal pump P-204 spare');
    world.settle();
    assert.equal(world.systems['cmms']?.['name'], 'Centrifugal pump P-204 spare');
  });

  test('names that were cut off before Linchpin came are not written', () => {
    const world = new World({}, { erp: { ...start.erp, name: long }, cmms: { ...start.cmms, name: long.slice(0, 40), model: 'M1' } });
    world.poll('erp');
    world.poll('cmms');
    assert.equal(updates(world), 0);
  });

  test('a field that the other side does not take is sent three times, then said and left', () => {
    const world = new World({}, start);
    for (let round = 0; round < 6; round++) world.settle();
    assert.equal(world.driver.sent.filter(({ operation }) => operation.verb === 'update' && operation.draft['model'] === 'M1').length, tellLimit);
    assert.ok(world.reasons.some(({ text }) => text.includes('cmms keeps model null where it was told "M1"')));
  });

  test('news that are older than the answer say nothing about it', () => {
    const world = new World({}, start);
    world.settle();
    world.edit('erp', 'location', 'L2');
    world.poll('erp');
    world.poll('cmms');
    assert.equal(world.driver.open().length, 1, 'not sent again while it is on its way');
    assert.ok(!world.reasons.some(({ text }) => text.includes('says location "L1"')), 'what was not updated yet is no proposal');
    const old = world.driver.delivered.findLast(({ source }) => source === 'cmms') ?? assert.fail();
    const known = world.driver.sent.length;
    world.answer(world.driver.open()[0] as Sent, 'applied');
    world.driver.give(old, true);
    assert.equal(world.driver.sent.length, known, 'read before the answer');
  });
});

interface Row {
  readonly name: string;
  readonly kind: 'part' | 'vendor' | 'location';
  readonly erp?: object;
  readonly cmms?: object;
  readonly policy?: JsonObject;
  readonly sites?: number;
  readonly act: Reason['did'];
  readonly text: RegExp;
  readonly sends?: number;
}

const unit = { system: 'sap', code: 'PC' };
const rows: readonly Row[] = [
  { name: 'a part of finance is created in maintenance (000-67)', kind: 'part', erp: {}, act: 'did', text: /part 1 "One" is in erp and not in cmms/, sends: 1 },
  { name: 'a vendor of finance is created in maintenance (000-106)', kind: 'vendor', erp: {}, act: 'did', text: /vendor 1 "One"/, sends: 1 },
  { name: 'a location is not created by default', kind: 'location', erp: {}, act: 'didNot', text: /records of this kind are not created/ },
  { name: 'a part of maintenance is not created in finance by default', kind: 'part', cmms: {}, act: 'didNot', text: /erp creates this kind/ },
  {
    name: 'a part of maintenance is created in finance by policy',
    kind: 'part',
    cmms: {},
    policy: { partsCreatedBy: 'maintenance' },
    act: 'did',
    text: /is in cmms and not in erp/,
    sends: 1,
  },
  { name: 'an inactive part is not created', kind: 'part', erp: { active: false }, act: 'didNot', text: /is inactive in erp: not created/ },
  {
    name: 'where several maintenance systems share finance a part without site is created in none',
    kind: 'part',
    erp: {},
    sites: 2,
    act: 'didNot',
    text: /names no site, and cmms, south share erp/,
  },
  { name: 'a renamed vendor is carried', kind: 'vendor', erp: { name: 'New' }, cmms: {}, act: 'did', text: /cmms gets name "New" in place of "One"/, sends: 1 },
  {
    name: 'an edit of a vendor in maintenance is a proposal (000-106)',
    kind: 'vendor',
    erp: {},
    cmms: { name: 'Ours' },
    act: 'noted',
    text: /cmms says name "Ours", which finance owns: kept as a proposal/,
    sends: 1,
  },
  {
    name: 'an e-mail that only maintenance has is proposed and stays',
    kind: 'vendor',
    erp: {},
    cmms: { email: 'a@b.example' },
    act: 'noted',
    text: /cmms says email "a@b\.example"/,
  },
  { name: 'both agree', kind: 'part', erp: {}, cmms: {}, act: 'didNot', text: /erp and cmms agree on name/ },
  {
    name: 'a blocked vendor is said',
    kind: 'vendor',
    erp: { blocked: true },
    cmms: {},
    act: 'didNot',
    text: /vendor 1 is blocked in erp and still offered in cmms \(policy inactive is say\)/,
  },
  {
    name: 'a deactivated part is said',
    kind: 'part',
    erp: { active: false },
    cmms: {},
    act: 'didNot',
    text: /part 1 is inactive in erp and still offered in cmms/,
  },
  {
    name: 'a deactivated part is carried by policy',
    kind: 'part',
    erp: { active: false },
    cmms: {},
    policy: { inactive: 'carry' },
    act: 'did',
    text: /cmms gets active false in place of true/,
    sends: 1,
  },
  { name: 'a part that both closed is not worth a word', kind: 'part', erp: { active: false }, cmms: { active: false }, act: 'didNot', text: /agree on name/ },
];

describe('parts, vendors and locations', () => {
  for (const row of rows)
    test(row.name, () => {
      const north = { maintenance: 'cmms', finance: 'erp' };
      const driver = new FlowDriver({
        flows: [{ flow: masters, ...(row.policy ? { policy: row.policy } : {}) }],
        sides: north,
        everywhere: [north, { maintenance: 'south', finance: 'erp' }].slice(0, row.sites ?? 1),
      });
      for (const connection of ['cmms', 'south', 'erp']) driver.facts.set(readingKey(row.kind, connection), { at: 1 });
      const record = { code: '1', name: 'One', ...(row.kind === 'part' ? { baseUnit: unit } : {}) };
      if (row.cmms) driver.know(row.kind, 'X1', 'cmms', { ...record, ...row.cmms } as never);
      const reasons = row.erp
        ? driver.snapshot(row.kind, `${row.kind}/X1`, { ...record, ...row.erp } as never, { connection: 'erp', site: '' })
        : driver.snapshot(row.kind, `${row.kind}/X1`, { ...record, ...row.cmms } as never, { connection: 'cmms' });
      assert.ok(
        reasons.some(({ did, text }) => did === row.act && row.text.test(text)),
        JSON.stringify(reasons, null, 1),
      );
      assert.equal(driver.sent.length, row.sends ?? 0);
    });

  const driverOf = (
    everywhere = [
      { maintenance: 'cmms', finance: 'erp' },
      { maintenance: 'south', finance: 'erp' },
    ],
    policy: JsonObject = {},
  ): FlowDriver => {
    const driver = new FlowDriver({ flows: [{ flow: masters, policy }], everywhere });
    for (const connection of ['cmms', 'south', 'erp']) driver.facts.set(readingKey('part', connection), { at: 1 });
    return driver;
  };
  const part = (driver: FlowDriver, connection: string, more: object = {}): Reason[] =>
    driver.snapshot(
      'part',
      'part/X1',
      { code: '1', name: 'One', baseUnit: unit, ...more },
      { connection, site: connection === 'erp' ? '' : 'S1', version: String(driver.now) },
    );

  test('a new name reaches every maintenance system that has the part', () => {
    const driver = driverOf();
    for (const connection of ['cmms', 'south']) driver.know('part', 'X1', connection, { code: '1', name: 'Old', baseUnit: unit });
    part(driver, 'erp');
    assert.deepEqual(
      driver.sent.map(({ operation }) => operation.to),
      ['cmms', 'south'],
    );
  });

  test('a create that was cancelled is asked for again only when the part changes', () => {
    const driver = driverOf([{ maintenance: 'cmms', finance: 'erp' }]);
    part(driver, 'erp');
    driver.answer({}, 'failed');
    driver.answer({}, 'cancelled');
    assert.match(
      part(driver, 'erp')
        .map(({ text }) => text)
        .join(),
      /a person decided against creating it/,
    );
    part(driver, 'erp', { name: 'Better' });
    assert.deepEqual(
      driver.sent.map(({ operation }) => operation.verb),
      ['create', 'create'],
    );
  });

  test('a part that maintenance deleted stays deleted', () => {
    const driver = driverOf([{ maintenance: 'cmms', finance: 'erp' }]);
    part(driver, 'cmms');
    part(driver, 'erp');
    driver.facts.delete('record/part/X1@cmms');
    assert.match(
      driver.give({ lane: 'part/X1', kind: 'part.removed', source: 'cmms', object: '9', data: { hubId: 'X1', connection: 'cmms' } })[0]?.text ?? '',
      /part 9 was deleted in cmms: nothing is deleted elsewhere/,
    );
    assert.match(
      part(driver, 'erp', { name: 'Other' })
        .map(({ text }) => text)
        .join(),
      /was deleted in cmms and is not created there again/,
    );
    assert.deepEqual(driver.sent, []);
  });

  test('a part that two maintenance systems have is created in finance once, and its outcome is heard of', () => {
    const driver = driverOf(undefined, { partsCreatedBy: 'maintenance' });
    part(driver, 'cmms');
    driver.snapshot('part', 'part/X1', { code: '1', name: 'One', baseUnit: unit }, { connection: 'south', site: '' });
    assert.equal(driver.sent.length, 1);
    assert.match(
      driver
        .answer({}, 'applied', { id: 'M1' })
        .map(({ text }) => text)
        .join(),
      /create part in erp: applied as M1/,
    );
  });
});
