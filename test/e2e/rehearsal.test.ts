import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import { rehearse, type RehearsalReport, type RehearsedChange } from '#assurance/rehearsal';
import { replay, type ReplayStore } from '#assurance/replay';
import { canonicalJson } from '#base/json';
import { readPlant } from '#hub/configuration';
import { overwrittenIn } from '#hub/overwritten';
import { keepConfiguration, keptConfiguration } from '#hub/kept-configurations';
import { connectors, flows, readingHub } from '#main';
import { memoryStore } from '#store/memory';
import { cascade, overhaul, repair } from './scenarios.ts';
import { Stage } from './stage.ts';

let stage: Stage;

/** One plant that lived through repairs, purchases, a master-data change and a held order. */
before(async () => {
  stage = await Stage.open({ ...repair.options, ...cascade.options });
  await overhaul.play(stage);
  stage.changePart('SEAL-45', { name: 'Seal of the fitter' });
  await stage.settle('all');
  const order = stage.workOrder({ title: 'On a press', asset: 'CLV-X', parts: [['BRG-6205', 2]] });
  stage.technician.release(order);
  stage.technician.complete(order);
  await stage.settle('all');
  const filters = stage.workOrder({ title: 'Filters', asset: 'CLV-U-P7', parts: [['FILTER-25', 1]] });
  stage.technician.logTime(filters, stage.user('10001'), 7200);
  stage.technician.release(filters);
  stage.technician.complete(filters);
  await stage.settle('all');
});
after(() => stage.close());

const own = async (version: string) => (version === stage.hub.plant.version ? stage.hub.bindings : undefined);

/** The plant folder with a change, opened as a configuration. */
function changed(t: TestContext, change: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-changed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(stage.folder, folder, { recursive: true });
  change(folder);
  return readingHub(readPlant(folder, flows, connectors), stage.store).bindings;
}

function policy(flow: string, settings: Record<string, unknown>) {
  return (folder: string): void => {
    const file = join(folder, 'policies.yaml');
    const known = parse(readFileSync(file, 'utf8')) as Record<string, { default: object }>;
    known[flow] = { default: { ...known[flow]?.default, ...settings } };
    writeFileSync(file, stringify(known));
  };
}

async function plan(
  t: TestContext,
  change: (folder: string) => void,
  store: ReplayStore = stage.store,
): Promise<{ report: RehearsalReport; changes: RehearsedChange[] }> {
  const changes: RehearsedChange[] = [];
  const report = await rehearse({ store, bindingsOf: own, wanted: changed(t, change), changed: (one) => changes.push(one) });
  return { report, changes };
}

test('every recorded decision is made again byte for byte from the facts stored beside it (I15, R-24)', async () => {
  const report = await replay(stage.store, own);
  assert.deepEqual(report.findings, []);
  assert.ok(report.decisions > 150, String(report.decisions));
  assert.equal(report.identical, report.decisions);
});

/** The store with one decision's facts or event told otherwise. */
const tampered = (change: Partial<ReplayStore['read']>): ReplayStore => ({
  facts: (keys) => stage.store.facts(keys),
  read: { ...stage.store.read, ...change },
});

for (const [what, change, expected] of [
  [
    'a fact that was altered afterwards',
    {
      history: async (ask: Parameters<ReplayStore['read']['history']>[0]) =>
        (await stage.store.read.history(ask)).map((row) =>
          row.flow === 'procurement'
            ? {
                ...row,
                facts: JSON.parse(canonicalJson(row.facts).replaceAll('Mechanical seal', 'Rubber seal').replaceAll('"stocked":false', '"stocked":true')),
              }
            : row,
        ),
    },
    /procurement decides otherwise/,
  ],
  [
    'an output that was altered afterwards',
    {
      history: async (ask: Parameters<ReplayStore['read']['history']>[0]) =>
        (await stage.store.read.history(ask)).map((row) => (row.flow === 'stock' ? { ...row, outputHash: 'f'.repeat(64) } : row)),
    },
    /stock decides otherwise: [0-9a-f]{16} and not ffffffff/,
  ],
  [
    'a fact that was taken away',
    {
      history: async (ask: Parameters<ReplayStore['read']['history']>[0]) =>
        (await stage.store.read.history(ask)).map((row) => (row.flow === 'costs' ? { ...row, facts: {} } : row)),
    },
    /costs asks for facts that were not used then/,
  ],
  [
    'an event that is gone',
    {
      listEvents: async (ask: Parameters<ReplayStore['read']['listEvents']>[0]) =>
        (await stage.store.read.listEvents(ask)).filter(({ kind }) => kind !== 'workOrder.snapshot'),
    },
    /which was decided, is not in the store/,
  ],
] as const)
  test(`replay finds ${what}`, async () => {
    const report = await replay(tampered(change), own);
    assert.ok(report.different + report.notReplayed > 0);
    assert.ok(
      report.findings.some(({ text }) => expected.test(text)),
      JSON.stringify(report.findings.slice(0, 3)),
    );
  });

test('decisions of a configuration that nobody kept are not claimed to be replayed', async () => {
  const report = await replay(stage.store, async () => undefined);
  assert.equal(report.identical, 0);
  assert.equal(report.notReplayed, report.decisions);
  assert.match(report.findings[0]!.text, /configuration [0-9a-f]{16} is not kept/);
});

test('a configuration is kept in the store under its version and read again as it was; a version that is not there is not made up', async (t) => {
  const store = memoryStore();
  t.after(() => store.close());
  assert.ok(await keepConfiguration(store, stage.folder, stage.hub.plant.version));
  const kept = await keptConfiguration(store, stage.hub.plant.version, { flows, connectors });
  assert.equal(kept?.version, stage.hub.plant.version);
  assert.equal(await keptConfiguration(store, 'none', { flows, connectors }), undefined);
  const report = await replay(stage.store, async () => kept && readingHub(kept, stage.store).bindings);
  assert.equal(report.identical, report.decisions);
});

test('the plan of an unchanged folder is empty (R-24)', async (t) => {
  const { report, changes } = await plan(t, () => {});
  assert.deepEqual(changes, []);
  assert.equal(report.changedEvents, 0);
  assert.equal(report.notRehearsed, 0);
  assert.ok(report.events > 100);
});

test('a flow taken out of scope: the plan lists all and only its documents, with their money (R-24)', async (t) => {
  const { report, changes } = await plan(t, (folder) => writeFileSync(join(folder, 'scope.yaml'), 'default: live\nflows: { procurement: off }\n'));
  const sent = (await stage.operations()).filter(({ flow }) => flow === 'procurement');
  assert.deepEqual(changes.flatMap(({ kind, operation }) => (kind === 'notSent' ? [operation] : [])).sort(), sent.map(({ key }) => key).sort());
  assert.equal(report.counts.sent, 0);
  const money = sent.reduce((sum, { minor, currency }) => sum + (currency === 'USD' ? (minor ?? 0) : 0), 0);
  assert.ok(money > 0);
  assert.equal(report.money.notSent?.['USD'], money);
  assert.match(changes.find(({ kind }) => kind === 'notSent')!.text, /the flow procurement would be off/);
});

test('a flow in shadow sends nothing and says so', async (t) => {
  const { report, changes } = await plan(t, (folder) => writeFileSync(join(folder, 'scope.yaml'), 'default: live\nflows: { costs: shadow }\n'));
  assert.equal(report.counts.notSent, (await stage.operations()).filter(({ flow }) => flow === 'costs').length);
  assert.match(changes.find(({ kind }) => kind === 'notSent')!.text, /shadow/);
});

test('a mapping row that is written otherwise changes the documents of that record and no other (R-24)', async (t) => {
  const { report, changes } = await plan(t, (folder) => {
    mkdirSync(join(folder, 'mappings'));
    writeFileSync(
      join(folder, 'mappings', 'erp.csv'),
      'what,name,ours,theirs,direction,owner,via,reference\nmapping,erp/costPosting,,,,,,costPosting\nrow,,text,headerText,out,finance,upper,\n',
    );
  });
  const postings = (await stage.operations()).filter(({ record, connection }) => record === 'costPosting' && connection === 'erp');
  assert.ok(postings.length > 0);
  assert.deepEqual(changes.map(({ operation }) => operation).sort(), postings.map(({ key }) => key).sort());
  assert.equal(report.counts.otherwise, postings.length);
});

test('another owner of a field turns the direction of exactly that update', async (t) => {
  const { changes } = await plan(t, (folder) => writeFileSync(join(folder, 'ownership.yaml'), 'part:\n  name: { owner: finance, direction: none }\n'));
  const renamed = changes.filter(({ kind }) => kind === 'notSent');
  assert.equal(renamed.length, 1);
  assert.match(renamed[0]!.text, /update part at cmms-1100: .*name differs and is not carried to cmms-1100/);
});

test('events before the day that is asked for only build the state', async (t) => {
  const changes: RehearsedChange[] = [];
  const wanted = changed(t, (folder) => writeFileSync(join(folder, 'scope.yaml'), 'default: off\n'));
  const report = await rehearse({ store: stage.store, bindingsOf: own, wanted, since: stage.clock.now() + 1, changed: (one) => changes.push(one) });
  assert.equal(report.events, 0);
  assert.deepEqual(changes, []);
  assert.equal(report.notRehearsed, 0);
});

test('a rehearsal and a replay write nothing', async (t) => {
  const writes: string[] = [];
  const watched = new Proxy(stage.store, {
    get(target, name: keyof typeof stage.store) {
      if (!['read', 'facts', 'name'].includes(name)) writes.push(name);
      return target[name];
    },
  });
  await plan(t, policy('procurement', { autoRequestDefault: true }), watched);
  await replay(watched, own);
  assert.deepEqual(writes, []);
});

test('a value that was overwritten is found again, with its rule and time, long afterwards (I13)', async () => {
  const found = await overwrittenIn(stage.store, 'part/erp.SEAL-45');
  assert.deepEqual(
    found.map(({ field, system, value, by, to, rule }) => ({ field, system, value, by, to, rule })),
    [{ field: 'name', system: 'cmms-1100', value: 'Seal of the fitter', by: 'erp', to: 'Mechanical seal 45 mm', rule: 'owner-wins' }],
  );
  assert.ok(found[0]!.at > 0 && found[0]!.configuration === stage.hub.plant.version);
  assert.deepEqual(await overwrittenIn(stage.store, 'part/none'), []);
});
