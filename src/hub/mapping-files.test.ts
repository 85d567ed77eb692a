import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connectors, flows } from '#main';
import { writePlantFolder } from '#demo/plant-folder';
import { generatedPlant } from '#demo/generated-plant';
import { readPlant } from '#hub/configuration';
import { memberChanges } from '#base/member-changes';
import { compareSheet, mappingInForce, overlayOf, passThrough, writeOverlay } from '#hub/mapping-sheet';
import { ownDocument } from '#hub/mapping-files';
import { exportCsv, sheetColumns } from '#mapping/sheet';
import { exportYaml } from '#mapping/yaml';
import { validateMapping } from '#mapping/validate';

const header = sheetColumns.join(',');

function plantFolder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-mappings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const plant = generatedPlant(1, { assets: 6, parts: 6, people: 3 });
  writePlantFolder(folder, plant, { finance: 'https://erp.example', maintenance: new Map(plant.sites.map(({ code }) => [code, 'https://cmms.example'])) });
  mkdirSync(join(folder, 'mappings'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'mappings', name), text);
  return folder;
}
const read = (folder: string) => readPlant(folder, flows, connectors);
const line = (cells: Readonly<Partial<Record<(typeof sheetColumns)[number], string>>>): string => sheetColumns.map((column) => cells[column] ?? '').join(',');
const sheet = (...lines: readonly Parameters<typeof line>[0][]): string => [header, ...lines.map(line), ''].join('\n');

test("every connector's own mapping passes the checks that a plant's must pass", () => {
  for (const connector of connectors.values())
    for (const def of Object.values(connector.records)) {
      const tools = { native: def.shape, ...(def.customFields === undefined ? {} : { customFields: def.customFields }) };
      assert.deepEqual(
        validateMapping(ownDocument(connector, def), tools).filter(({ severity }) => severity === 'error'),
        [],
        `${connector.name}/${def.kind}`,
      );
    }
});

test('a file changes the row it names, for its connection alone, and the configuration has another version (000-71)', (t) => {
  const folder = plantFolder(t);
  const before = read(folder);
  const connection = before.sites[0]!.maintenance;
  writeFileSync(
    join(folder, 'mappings', 'any-name.csv'),
    sheet(
      { what: 'mapping', name: `${connection}/part`, reference: 'part' },
      { what: 'row', ours: 'name', theirs: 'description', direction: 'in', owner: 'finance' },
    ),
  );
  const after = read(folder);
  assert.notEqual(after.version, before.version);
  assert.deepEqual([...after.mappings.documents.keys()], [`${connection}/part`]);
  const { rows } = after.mappings.documents.get(`${connection}/part`)!;
  assert.ok(rows.some(({ ours, theirs, direction }) => ours === 'name' && theirs === 'description' && direction === 'in'));
  assert.ok(
    rows.some(({ ours, theirs, direction }) => ours === 'name' && theirs === 'name' && direction === 'out'),
    'the direction that was not named stays',
  );
});

test('a file for a connector holds for all its connections, and one connection may differ', (t) => {
  const folder = plantFolder(t);
  const [first, second] = read(folder).sites.map(({ maintenance }) => maintenance);
  const row = (theirs: string) => ({ what: 'row', ours: 'name', theirs, direction: 'in', owner: 'finance' });
  writeFileSync(join(folder, 'mappings', 'all.csv'), sheet({ what: 'mapping', name: 'maintainx/part', reference: 'part' }, row('description')));
  writeFileSync(join(folder, 'mappings', 'one.csv'), sheet({ what: 'mapping', name: `${second}/part`, reference: 'part' }, row('barcode')));
  const { documents } = read(folder).mappings;
  const nameOf = (connection = '') => documents.get(`${connection}/part`)?.rows.find(({ ours, direction }) => ours === 'name' && direction === 'in')?.theirs;
  assert.deepEqual([nameOf(first), nameOf(second)], ['description', 'barcode']);
});

const head = { what: 'mapping', name: 'erp/part', reference: 'part' };
for (const [what, name, text, expected] of [
  ['a connection that does not exist', 'a.csv', sheet({ ...head, name: 'sap/part' }), /mappings\/a\.csv:2: the id "sap\/part" names no connection/],
  ['an id without a record kind', 'a.csv', sheet({ ...head, name: 'erp' }), /mappings\/a\.csv:2: the id "erp" names no connection/],
  ['an id of another record kind', 'a.csv', sheet({ ...head, name: 'erp/vendor' }), /mappings\/a\.csv:2: the id erp\/vendor and the record kind part differ/],
  [
    'a record kind that the connector has not',
    'a.csv',
    sheet({ ...head, name: 'erp/workOrder', reference: 'workOrder' }),
    /a\.csv:2: SAP S\/4HANA has no records of kind workOrder; it has /,
  ],
  [
    'a path that is not in the record',
    'a.csv',
    sheet(head, { what: 'row', ours: 'colour', theirs: 'Product', direction: 'in', owner: 'finance' }),
    /a\.csv:3: `ours` colour is not in a part/,
  ],
  [
    'an unknown transform',
    'a.csv',
    sheet(head, {}, { what: 'row', ours: 'group', theirs: 'Product', direction: 'in', owner: 'finance', via: 'trimZero' }),
    /a\.csv:4: there is no transform trimZero; did you mean trimZeros\?/,
  ],
  [
    'a direction that is none',
    'a.csv',
    sheet(head, { what: 'row', ours: 'name', theirs: 'x', direction: 'sideways', owner: 'finance' }),
    /a\.csv:3: direction/,
  ],
  [
    'a row to take out that is not there',
    'a.csv',
    sheet(head, { what: 'without', ours: 'name', theirs: 'nowhere' }),
    /a\.csv:3: there is no row name from nowhere to take out/,
  ],
  [
    'a row taken out that the record needs',
    'a.yaml',
    'id: erp/part\nrecord: part\nrows: []\nwithout:\n  - { ours: code, theirs: Product }\n',
    /a\.yaml:\d+: no row gives code, which every part needs/,
  ],
  ['a file that is no sheet', 'a.csv', 'colour;size\n1;2\n', /a\.csv:1: the first line must be the header/],
  ['a spreadsheet as it is', 'a.xlsx', 'PK', /a\.xlsx:1: only \.csv, \.yaml and \.yml are read here/],
  ['broken YAML', 'a.yaml', 'id: [\n', /a\.yaml:\d+: /],
] as const)
  test(`${what} is refused with file and line`, (t) => {
    const folder = plantFolder(t, { [name]: text });
    assert.throws(() => read(folder), { kind: 'misconfigured', message: expected });
  });

test('two files for one mapping are refused, both named', (t) => {
  const folder = plantFolder(t, { 'a.csv': sheet(head), 'b.csv': sheet(head) });
  assert.throws(() => read(folder), { message: /mappings\/b\.csv:2: mappings\/a\.csv holds erp\/part already/ });
});

for (const [format, write] of [
  ['csv', exportCsv],
  ['yaml', exportYaml],
] as const)
  test(`a sheet exported as ${format} and compared without an edit has zero differences, for every mapping there is (000-71)`, (t) => {
    const folder = plantFolder(t);
    const plant = read(folder);
    for (const system of plant.systems)
      for (const def of Object.values(connectors.get(system.connector)!.records)) {
        const mapping = mappingInForce(plant, connectors, system.name, def.kind);
        const path = join(folder, `x.${format}`);
        writeFileSync(path, write(mapping.document));
        const compared = compareSheet(mapping, path);
        assert.deepEqual([compared.changes, compared.problems], [[], []], `${system.name}/${def.kind}`);
        assert.equal(overlayOf(mapping, compared), undefined);
      }
  });

test('one edited cell is one change, is written as one row, holds afterwards, and taken back leaves no file (000-71)', (t) => {
  const folder = plantFolder(t);
  const path = join(folder, 'edited.csv');
  const connection = read(folder).sites[0]!.maintenance;
  const mapping = mappingInForce(read(folder), connectors, connection, 'part');
  writeFileSync(path, exportCsv(mapping.document).replace(/^(row,,barcode,[^,]*,)both,/m, '$1in,'));
  const compared = compareSheet(mapping, path);
  assert.equal(compared.changes.length, 1, JSON.stringify(compared.changes));
  assert.match(compared.changes[0]!.text, /^row barcode: direction changed from both to in$/);
  writeOverlay(folder, mapping, overlayOf(mapping, compared));
  const written = readFileSync(join(folder, 'mappings', `${connection}.part.csv`), 'utf8');
  assert.equal(written.split('\r\n').filter((text) => text.startsWith('row,')).length, 1);
  const now = mappingInForce(read(folder), connectors, connection, 'part');
  assert.deepEqual(compareSheet(now, path).changes, []);
  writeFileSync(path, exportCsv(mapping.document));
  writeOverlay(folder, now, overlayOf(now, compareSheet(now, path)));
  assert.throws(() => readFileSync(join(folder, 'mappings', `${connection}.part.csv`)), { code: 'ENOENT' });
});

test('a sheet of another mapping is refused', (t) => {
  const folder = plantFolder(t);
  const plant = read(folder);
  writeFileSync(join(folder, 'x.csv'), exportCsv(mappingInForce(plant, connectors, 'erp', 'vendor').document));
  assert.throws(() => compareSheet(mappingInForce(plant, connectors, 'erp', 'part'), join(folder, 'x.csv')), {
    message: /the sheet is erp\/vendor \(vendor\) and the mapping erp\/part/,
  });
});

test('a connection or record kind that is not there is refused with those that are', (t) => {
  const plant = read(plantFolder(t));
  assert.throws(() => mappingInForce(plant, connectors, 'sap', 'part'), { message: /there is no connection sap; there are .*erp/ });
  assert.throws(() => mappingInForce(plant, connectors, 'erp', 'colour'), { message: /has no records of kind colour; it has .*part/ });
});

test('the example of every record passes through its mapping, and a changed row changes exactly its member', () => {
  const connector = connectors.get('maintainx')!;
  const def = Object.values(connector.records).find(({ kind }) => kind === 'part')!;
  const own = ownDocument(connector, def);
  const changed = { ...own, rows: own.rows.map((row) => (row.ours === 'barcode' ? { ...row, direction: 'in' as const, via: 'upper', theirs: 'name' } : row)) };
  const native = def.shape.parse(def.example);
  const [before, after] = [passThrough(own, native, { currency: 'USD' }), passThrough(changed, native, { currency: 'USD' })];
  assert.deepEqual(
    memberChanges(before.record, after.record).map(({ path }) => path),
    ['barcode'],
  );
});
