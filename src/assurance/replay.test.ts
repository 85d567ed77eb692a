import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { replay } from '#assurance/replay';
import { rehearse } from '#assurance/rehearsal';
import type { Bindings } from '#engine/bindings';
import type { Flow } from '#engine/flow';
import { sendingFlow, TestTarget, testHub, wanted } from '#engine/testing';
import { memoryStore } from '#store/memory';
import { openSqlite } from '#store/sqlite';
import type { Store } from '#store/port';

const bindings = (flows: readonly Flow[], target: TestTarget): Bindings => ({
  configuration: 'test',
  flows,
  policy: () => ({}),
  mode: () => 'live',
  sides: () => ({ maintenance: target.name, finance: target.name }),
  everywhere: [{ maintenance: target.name, finance: target.name }],
  prepare: (draft) => ({ ok: true, class: 'L', payload: draft.draft, target: draft.target ?? null }),
  connection: () => undefined,
});
const flows = [sendingFlow as unknown as Flow];

for (const [name, open] of [
  ['memory', () => memoryStore()],
  ['SQLite', (folder: string) => openSqlite({ file: join(folder, 'x.sqlite') })],
] as const)
  test(`a lane longer than every page is replayed to its end, held events decided again among them (${name})`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'linchpin-replay-'));
    const store: Store = open(folder);
    t.after(async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    });
    const target = new TestTarget('far');
    const hub = testHub({ store, flows, target });
    const events = Array.from({ length: 1300 }, (_, n) =>
      wanted('one', n + 1, n % 100 === 99 ? ['late'] : [`paper ${Math.floor(n / 10)}`], n % 400 === 7 ? { data: { hold: 'something is missing' } } : {}),
    );
    for (let from = 0; from < events.length; from += 200) {
      await hub.worker.accept(events.slice(from, from + 200));
      await hub.settle();
    }
    const report = await replay(store, async () => bindings(flows, target));
    assert.deepEqual(report.findings, []);
    assert.ok(report.decisions > 1300, String(report.decisions));
    assert.equal(report.identical, report.decisions);
  });

test('a decision that others of its kind waited behind is replayed with that knowledge', async (t) => {
  const store = memoryStore();
  t.after(() => store.close());
  const target = new TestTarget('far');
  const patient: Flow = {
    name: 'patient',
    title: 'Patient',
    handles: ['thing.snapshot'],
    initial: {},
    policy: { parse: (value) => value },
    decide: ({ more, plan }) => plan.note(more === true ? 'decided with the news that follow' : 'decided now'),
  };
  const hub = testHub({ store, flows: [patient], target });
  await hub.worker.accept([wanted('one', 1, []), wanted('one', 2, [])]);
  await hub.settle();
  const texts = (await store.read.history({ lane: 'thing/one', limit: 10 })).map(({ reasons }) => (reasons as unknown as { text: string }[])[0]?.text);
  assert.deepEqual(texts, ['decided with the news that follow', 'decided now']);
  assert.equal((await replay(store, async () => bindings([patient], target))).identical, 2);
});

/** A release of the flow that decides otherwise, or not at all. */
const otherRelease = (decide: Flow['decide']): Flow => ({ ...flows[0]!, decide });

for (const [what, decide, expected] of [
  ['another word', ((input) => (input.plan.note('a new release greets'), flows[0]!.decide(input))) as Flow['decide'], /sending decides otherwise/],
  [
    'another memory',
    ((input) => (flows[0]!.decide(input), Object.assign(input.state as object, { seen: true }))) as Flow['decide'],
    /sending decides otherwise/,
  ],
  [
    'another question',
    ((input) => (input.facts.get('record/thing/other@far'), flows[0]!.decide(input))) as Flow['decide'],
    /asks for facts that were not used then: record\/thing\/other@far/,
  ],
  [
    'a failure',
    (() => {
      throw new Error('broken release');
    }) as Flow['decide'],
    /could not be made again: broken release/,
  ],
] as const)
  test(`a release that brings ${what} is not said to replay`, async (t) => {
    const store = memoryStore();
    t.after(() => store.close());
    const target = new TestTarget('far');
    const hub = testHub({ store, flows, target });
    await hub.worker.accept([wanted('one', 1, ['a'])]);
    await hub.settle();
    const report = await replay(store, async () => bindings([otherRelease(decide)], target));
    assert.equal(report.identical, 0);
    assert.match(report.findings[0]!.text, expected);
  });

test('an empty store replays to nothing, and a lane that is not there too', async (t) => {
  const store = memoryStore();
  t.after(() => store.close());
  for (const lane of [undefined, 'thing/none']) {
    const report = await replay(store, async () => undefined, lane === undefined ? {} : { lane });
    assert.deepEqual([report.decisions, report.findings], [0, []]);
  }
});

test('a flow that fails under the wanted configuration is told, and the others go on', async (t) => {
  const store = memoryStore();
  t.after(() => store.close());
  const target = new TestTarget('far');
  const hub = testHub({ store, flows, target });
  await hub.worker.accept([wanted('one', 1, ['a']), wanted('two', 1, ['b'])]);
  await hub.settle();
  const broken = otherRelease((input) => {
    if (input.event.object === 'one') throw new Error('no such policy');
    flows[0]!.decide(input);
  });
  const texts: string[] = [];
  const report = await rehearse({
    store,
    bindingsOf: async () => bindings(flows, target),
    wanted: bindings([broken], target),
    changed: ({ kind, text }) => texts.push(`${kind} ${text}`),
  });
  assert.deepEqual(
    texts.filter((text) => text.startsWith('failed')),
    ['failed thing.snapshot of src one: no such policy'],
  );
  assert.equal(report.counts.failed, 1);
});

test('a document that is wanted at event after event is told once, with its money once', async (t) => {
  const store = memoryStore();
  t.after(() => store.close());
  const target = new TestTarget('far');
  const silent: Flow = { ...flows[0]!, decide: ({ plan }) => plan.note('nothing to do') };
  const hub = testHub({ store, flows: [silent], target });
  for (let version = 1; version <= 3; version++) {
    await hub.worker.accept([wanted('one', version, ['a'])]);
    await hub.settle();
  }
  const told: (string | undefined)[] = [];
  const report = await rehearse({
    store,
    bindingsOf: async () => bindings([silent], target),
    wanted: bindings(flows, target),
    changed: ({ operation }) => told.push(operation),
  });
  assert.deepEqual(
    told.filter((operation) => operation !== undefined),
    ['thing/one#sending#a'],
  );
  assert.deepEqual(report.money.sent, { EUR: 100 });
});
