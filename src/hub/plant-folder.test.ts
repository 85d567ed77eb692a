import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { generatedPlant } from '#demo/generated-plant';
import { writePlantFolder } from '#demo/plant-folder';
import { readPlant, type PlantConfiguration } from '#hub/configuration';
import { plantFilesReference } from '#hub/plant-reference';
import { plantFiles } from '#hub/kept-configurations';
import { connectors, flows } from '#main';

function read(t: TestContext, files: Readonly<Record<string, string>>): PlantConfiguration {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-plant-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const plant = generatedPlant(1, { assets: 6, parts: 6, people: 3 });
  writePlantFolder(folder, plant, { finance: 'https://erp.example', maintenance: new Map(plant.sites.map(({ code }) => [code, 'https://cmms.example'])) });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  for (const text of Object.values(plantFiles(folder))) assert.ok(!/password: (?!secret)/.test(text), readFileSync(join(folder, 'sites.yaml'), 'utf8'));
  return readPlant(folder, flows, connectors);
}

const mail = 'channels:\n  night: { kind: email, host: mail.example, from: a@x.example, to: [b@x.example] }\n';

for (const [what, file, text, says] of [
  [
    'a record kind that no flow carries',
    'ownership.yaml',
    '# who\nworkOrder:\n  title: { owner: finance }\n',
    /^ownership\.yaml:2: no flow keeps workOrder in step; kinds .* are part, vendor, location, asset, employee/m,
  ],
  [
    'a field that no flow carries',
    'ownership.yaml',
    'part:\n  name: { owner: finance }\n  price: { owner: finance }\n',
    /^ownership\.yaml:3: part\.price: no flow carries this field; those of a part are name, description/m,
  ],
  ['an owner who is nobody', 'ownership.yaml', 'part:\n  name: { owner: sap }\n', /^ownership\.yaml:2: part\.name\.owner: /m],
  ['no owner', 'ownership.yaml', 'part:\n  name: { rule: ask }\n', /^ownership\.yaml:2: part\.name\.owner: /m],
  ['a rule that is none', 'ownership.yaml', 'part:\n  name: { owner: finance, rule: newest }\n', /^ownership\.yaml:2: part\.name\.rule: /m],
  [
    'a direction that never happens',
    'ownership.yaml',
    'part:\n  name: { owner: finance, direction: to-finance }\n',
    /^ownership\.yaml:2: part\.name: finance owns the field and its value wins, so nothing is ever carried to-finance/m,
  ],
  [
    'a cost centre of the hub',
    'ownership.yaml',
    'asset:\n  costCentre: { owner: hub }\n',
    /^ownership\.yaml:2: asset\.costCentre: a cost centre is owned by finance or maintenance/m,
  ],
  [
    'a field that no row of the mapping writes',
    'ownership.yaml',
    'employee:\n  department: { owner: maintenance }\n',
    /^ownership\.yaml:2: employee\.department: the mapping of .* does not (read|write) it.*linchpin map export/m,
  ],
  [
    'a field of a record that a system does not let be changed',
    'ownership.yaml',
    'vendor:\n  name: { owner: maintenance }\n',
    /^ownership\.yaml:2: vendor\.name: erp \(SAP S\/4HANA\) lets nobody change a vendor, and maintenance owns the field; write direction: none, or another owner/m,
  ],
  ['a misspelt member', 'ownership.yaml', 'part:\n  name: { owner: finance, rules: ask }\n', /^ownership\.yaml:2: part\.name: /m],
  ['broken YAML of ownership', 'ownership.yaml', 'part: {\n', /^ownership\.yaml:\d+: /m],
  [
    'ownership among the policies',
    'policies.yaml',
    'masters:\n  default:\n    ownership: {}\n',
    /^policies\.yaml:3: owners of fields stand in ownership\.yaml/m,
  ],
  [
    'a policy that does not exist',
    'policies.yaml',
    'stock:\n  default:\n    settleSeconds: 12\n    colour: red\n',
    /^policies\.yaml:4: stock: there is no policy colour$/m,
  ],
  [
    'a policy at a site that does not exist',
    'policies.yaml',
    'stock:\n  sites:\n    "9999": { settleSeconds: 12 }\n',
    /^policies\.yaml:3: there is no site 9999; there are 1100/m,
  ],
  ['a flow that does not exist, in scope', 'scope.yaml', 'default: live\nflows:\n  stok: off\n', /^scope\.yaml:3: there is no flow stok; there are masters/m],
  ['a flow that does not exist, at a site', 'scope.yaml', 'sites:\n  "1100":\n    stok: off\n', /^scope\.yaml:3: there is no flow stok/m],
  [
    'a channel that does not exist',
    'alerts.yaml',
    'rules:\n  - name: a\n    on: exception\n    to: [desk]\n',
    /^alerts\.yaml:4: a: there is no channel desk; there are none/m,
  ],
  [
    'a webhook without encryption',
    'alerts.yaml',
    'channels:\n  desk: { kind: webhook, url: "http://desk.example/x", secret: secret://desk }\n',
    /^alerts\.yaml:2: desk: an alert goes out encrypted/m,
  ],
  [
    'a secret in the file',
    'alerts.yaml',
    'channels:\n  desk: { kind: webhook, url: "https://desk.example/x", secret: hunter2 }\n',
    /^alerts\.yaml:2: channels\.desk\.secret: write secrets as secret:\/\/name/m,
  ],
  ['mail without encryption', 'alerts.yaml', mail.replace('from', 'encryption: none, from'), /^alerts\.yaml:2: night: mail goes out encrypted/m],
  ['a user without a password', 'alerts.yaml', mail.replace('from', 'user: u, from'), /^alerts\.yaml:2: night: user and password belong together/m],
  ['an address that is none', 'alerts.yaml', mail.replace('b@x.example', 'night shift'), /^alerts\.yaml:2: channels\.night\.to\.0: /m],
  [
    'a length of time that is none',
    'alerts.yaml',
    `${mail}rules:\n  - { name: a, on: exception, to: [night], olderThan: soon }\n`,
    /^alerts\.yaml:4: rules\.0\.olderThan: "soon" is no length of time; write 30s, 15m, 4h or 2d/m,
  ],
  [
    'a fault that is not in the table',
    'alerts.yaml',
    `${mail}rules:\n  - { name: a, on: exception, to: [night], faults: [broken] }\n`,
    /^alerts\.yaml:4: rules\.0\.faults\.0: /m,
  ],
  [
    'an amount that its currency cannot say',
    'alerts.yaml',
    `${mail}rules:\n  - { name: a, on: money, to: [night], over: { amount: "1.234", currency: EUR } }\n`,
    /^alerts\.yaml:4: a: /m,
  ],
  [
    'silence of a connection that is not there',
    'alerts.yaml',
    `${mail}rules:\n  - { name: a, on: silent, to: [night], connection: sap, kind: part, for: 2h }\n`,
    /^alerts\.yaml:4: a: there is no connection sap/m,
  ],
  [
    'silence of what is never polled',
    'alerts.yaml',
    `${mail}rules:\n  - { name: a, on: silent, to: [night], connection: erp, kind: workOrder, for: 2h }\n`,
    /^alerts\.yaml:4: a: erp does not poll workOrder, so it is always silent/m,
  ],
  [
    'two rules of one name',
    'alerts.yaml',
    `${mail}rules:\n  - { name: a, on: exception, to: [night] }\n  - { name: a, on: exception, to: [night] }\n`,
    /^alerts\.yaml:5: there are two rules a/m,
  ],
] as const)
  test(`a plant folder with ${what} is refused with file and line`, (t) => {
    assert.throws(() => read(t, { [file]: text }), { kind: 'misconfigured', message: says });
  });

test('a problem that every site has is said once', (t) => {
  assert.throws(
    () => read(t, { 'policies.yaml': 'stock:\n  default:\n    colour: red\n' }),
    (error: Error) => error.message.split('\n').filter((line) => line.includes('colour')).length === 1,
  );
});

test('what a decision depends on changes the version of the configuration, and who is told does not', (t) => {
  const plain = read(t, {}).version;
  assert.notEqual(read(t, { 'ownership.yaml': 'part:\n  name: { owner: maintenance, direction: none }\n' }).version, plain);
  assert.equal(read(t, { 'alerts.yaml': 'channels: { log: { kind: log } }\nrules:\n  - { name: all, on: exception, to: [log] }\n' }).version, plain);
});

test('a file of nothing but comments says nothing', (t) => {
  const { version, alerts, ownership } = read(t, { 'ownership.yaml': '# later\n', 'alerts.yaml': '' });
  assert.deepEqual([alerts, ownership], [{ channels: {}, rules: [] }, {}]);
  assert.equal(version, read(t, {}).version);
});

test('the examples of the reference make one plant that is in order', (t) => {
  const example = (name: string) => plantFilesReference.find((file) => file.name === name)!.example;
  const { ownership, alerts } = read(t, {
    'ownership.yaml': example('ownership.yaml'),
    'alerts.yaml': example('alerts.yaml'),
    'scope.yaml': example('scope.yaml'),
  });
  assert.deepEqual(ownership['asset']?.['category'], { owner: 'maintenance', rule: 'latest-wins', direction: 'both' });
  assert.equal(alerts.rules.length, 4);
});

for (const [what, change, says] of [
  [
    'a setting that the connector has not',
    (text: string) => text.replace('settings:', 'settings:\n  colour: red'),
    /^systems\/erp\.yaml:4: settings: there is no setting colour; docs\/connectors\/s4hana\.md lists them/m,
  ],
  [
    'a sign-in that the connector has not',
    (text: string) => text.replace('signIn: basic', 'signIn: fingerprint'),
    /^systems\/erp\.yaml:\d+: signIn: SAP S\/4HANA has no sign-in fingerprint; it has /m,
  ],
  ['a poll that is no schedule', (text: string) => text.replace(/part: \w+/, 'part: now and then'), /^systems\/erp\.yaml:\d+: polls: schedule "now and then"/m],
  [
    'a poll of what the system does not keep',
    (text: string) => text.replace('polls:', 'polls:\n  workOrder: 5m'),
    /^systems\/erp\.yaml:\d+: polls: SAP S\/4HANA has no records of kind workOrder/m,
  ],
] as const)
  test(`a connection with ${what} is refused with file and line`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'linchpin-plant-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writePlantFolder(folder, generatedPlant(1, { assets: 6, parts: 6, people: 3 }), { finance: 'https://erp.example', maintenance: new Map() });
    const text = change(readFileSync(join(folder, 'systems', 'erp.yaml'), 'utf8'));
    assert.throws(() => read(t, { 'systems/erp.yaml': text }), { message: says });
  });

for (const [what, name, text, says] of [
  [
    'a site that stands twice',
    'sites.yaml',
    "- { code: '1', name: a, maintenance: erp, finance: erp }\n- { code: '1', name: b, maintenance: erp, finance: erp }\n",
    /^sites\.yaml:2: site 1 stands twice/m,
  ],
  ['a side that is not there', 'sites.yaml', "- code: '1'\n  name: a\n  maintenance: erp\n  finance: sap\n", /^sites\.yaml:4: site 1: finance names sap/m],
  ['identities without a column', 'identities.csv', 'kind,hubId,connection\npart,erp.1,erp\n', /^identities\.csv:1: the column externalId is missing/m],
  ['identities that are no CSV', 'identities.csv', 'kind,hubId,connection,externalId\npart,"erp.1,erp,1\n', /^identities\.csv:\d+: the CSV cannot be read/m],
  [
    'an identity of an unknown kind',
    'identities.csv',
    'kind,hubId,connection,externalId\nparts,erp.1,erp,1\n',
    /^identities\.csv:2: kind: there is no record kind parts/m,
  ],
  ['an empty system', 'systems/new.yaml', '# soon\n', /^systems\/new\.yaml:1: the file is empty/m],
] as const)
  test(`a plant folder with ${what} is refused with file and line`, (t) => {
    assert.throws(() => read(t, { [name]: text }), { kind: 'misconfigured', message: says });
  });
