import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '#base/fault';
import type { MappingDocument } from '#mapping/row';
import { exportCsv, importCsv, importLines, safeCell, sheetColumns, sheetLength, sheetLines, unsafeCell, type SheetColumn } from '#mapping/sheet';
import { diff } from '#mapping/sheet-diff';
import { exportYaml, importYaml } from '#mapping/yaml';

const cell = fc.string({
  maxLength: 12,
  unit: fc.constantFrom('a', 'B', '7', ' ', ',', ';', '"', "'", '=', '+', '-', '@', '\t', '\n', '\r', 'é', '😀', '#', ':', '[', '|', '\u2028'),
});
const filled = cell.filter((text) => text !== '');
const optional = { requiredKeys: ['ours', 'theirs', 'direction', 'owner'] as ['ours', 'theirs', 'direction', 'owner'] };
const row = fc.record(
  {
    ours: cell,
    theirs: cell,
    direction: fc.constantFrom('both', 'in', 'out'),
    owner: fc.constantFrom('maintenance', 'finance', 'hub'),
    via: filled,
    values: filled,
    reference: fc.constantFrom('asset', 'part'),
    expression: filled,
    when: filled,
    required: fc.boolean(),
    note: filled,
  },
  optional,
);
const pairs = fc.array(fc.record({ ours: cell, theirs: cell }), { maxLength: 4 });
const values = fc.uniqueArray(
  fc.record(
    { name: filled, pairs, inwardOnly: fc.array(fc.record({ ours: cell, theirs: cell }), { minLength: 1, maxLength: 3 }) },
    { requiredKeys: ['name', 'pairs'] },
  ),
  { selector: ({ name }) => name, maxLength: 3 },
);
const documents: fc.Arbitrary<MappingDocument> = fc.record({
  id: filled,
  record: fc.constantFrom('workOrder', 'part'),
  rows: fc.array(row, { maxLength: 6 }),
  values,
}) as fc.Arbitrary<MappingDocument>;

test('export then import without an edit makes no difference, as CSV, as lines and as YAML', () => {
  fc.assert(
    fc.property(documents, (document) => {
      for (const back of [importCsv(exportCsv(document), 'x.csv'), importLines(sheetLines(document), 'x.xlsx'), importYaml(exportYaml(document), 'x.yaml')]) {
        assert.deepEqual(diff(document, back), []);
        assert.deepEqual(back, JSON.parse(JSON.stringify(document)));
      }
    }),
  );
});

test('one edited cell is exactly one change, with the words before and after', () => {
  const editable: readonly SheetColumn[] = ['ours', 'theirs', 'via', 'values', 'expression', 'when', 'note'];
  fc.assert(
    fc.property(
      documents.filter(({ rows }) => rows.length > 0),
      fc.nat(),
      fc.constantFrom(...editable),
      filled,
      (document, pick, column, text) => {
        const lines = sheetLines(document);
        const index = 1 + (pick % document.rows.length);
        fc.pre(lines[index]?.[column] !== text);
        const edited = importLines(
          lines.map((line, at) => (at === index ? { ...line, [column]: text } : line)),
          'x.csv',
        );
        const [change, ...others] = diff(document, edited);
        assert.deepEqual([others.length, change?.kind, change?.cell, change?.before, change?.after], [0, 'changed', column, lines[index]?.[column], text]);
      },
    ),
  );
});

test('lines that come, go and move are told line by line', () => {
  const at = (...ours: string[]): MappingDocument => ({
    id: 'x',
    record: 'part',
    values: [{ name: 'm', pairs: [{ ours: 'a', theirs: 'b' }] }],
    rows: ours.map((name) => ({ ours: name, theirs: name, direction: 'both', owner: 'finance' })),
  });
  assert.deepEqual(
    diff(at('a', 'b', 'c'), at('a', 'c')).map(({ text }) => text),
    ['row b removed'],
  );
  assert.deepEqual(
    diff(at('a', 'c'), at('a', 'b', 'c')).map(({ text }) => text),
    ['row b added'],
  );
  assert.deepEqual(
    diff(at('a'), { ...at('a'), values: [{ name: 'm', pairs: [{ ours: 'a', theirs: 'z' }] }] }).map(({ text }) => text),
    ['pair a of m: theirs changed from b to z'],
  );
  assert.deepEqual(
    diff(at('a'), { ...at('a'), rows: [{ ours: 'a', theirs: 'a', direction: 'both', owner: 'hub' }] }).map(({ text }) => text),
    ['row a: owner changed from finance to hub'],
  );
});

test('a cell that a spreadsheet would run is exported as text and comes back as it was', () => {
  fc.assert(
    fc.property(cell, (text) => {
      assert.doesNotMatch(safeCell(text), /^[=+\-@\t\r]/);
      assert.equal(unsafeCell(safeCell(text)), text);
    }),
  );
  assert.equal(safeCell('=HYPERLINK("http://x")'), `'=HYPERLINK("http://x")`);
});

test('a sheet that a spreadsheet saved with semicolons, a byte-order mark and moved columns is read', () => {
  const text =
    '\uFEFFwhat;theirs;ours;owner;direction;name;reference;required\r\nmapping;;;;;sap/part;part;\r\n;;;;;;;\r\nrow;Product;code;finance;both;;;yes\r\n';
  assert.deepEqual(importCsv(text, 'x.csv'), {
    id: 'sap/part',
    record: 'part',
    rows: [{ ours: 'code', theirs: 'Product', direction: 'both', owner: 'finance', required: true }],
    values: [],
  });
});

const header = `${sheetColumns.join(',')}\n`;
const head = `${header}mapping,x,,,,,,,part,,,,\n`;
for (const [what, text, expected] of [
  ['an empty file', '', /^x\.csv:1:1: the first line must be the header/],
  ['a file without a header', 'a,b\n', /^x\.csv:1:1: the first line/],
  ['an unknown column', 'what,colour\n', /^x\.csv:1:2: there is no column colour/],
  ['a column twice', 'what,ours,theirs,direction,owner,ours\n', /^x\.csv:1:6: the column ours stands twice/],
  ['a missing column', 'what,ours,theirs,direction\n', /^x\.csv:1:1: the column owner is missing/],
  ['no mapping line', header, /^x\.csv:2:1: the line with what = mapping/],
  ['two mapping lines', `${head}mapping,y,,,,,,,part,,,,\n`, /^x\.csv:3:1: a second mapping/],
  ['a line of no kind', `${head}rows,,a,b,both,hub,,,,,,,\n`, /^x\.csv:3:1: "rows" is no kind of line/],
  ['an owner that is none', `${head}row,,a,b,both,boss,,,,,,,\n`, /^x\.csv:3:6: owner: /],
  ['a direction that is none', `${head}row,,a,b,inout,hub,,,,,,,\n`, /^x\.csv:3:5: direction: /],
  ['a required that is neither yes nor no', `${head}row,,a,b,both,hub,,,,,,maybe,\n`, /^x\.csv:3:12: "maybe"/],
  ['a pair before its map', `${head}pair,m,a,b,,,,,,,,,\n`, /^x\.csv:3:2: the value map "m" has no line/],
  ['a map twice', `${head}map,m,,,,,,,,,,,\nmap,m,,,,,,,,,,,\n`, /^x\.csv:4:2: the value map m begins twice/],
  ['a pair with an owner', `${head}map,m,,,,,,,,,,,\npair,m,a,b,,hub,,,,,,,\n`, /^x\.csv:4:6: a pair has no owner/],
  ['a line after a cell of two lines', `${head}row,,a,b,both,hub,,,,,,,"two\nlines"\nrow,,a,b,both,boss,,,,,,,\n`, /^x\.csv:5:6: owner/],
  ['a cell under no column', `${head}row,,a,b,both,hub,,,,,,,,extra\n`, /^x\.csv:3:14: the cell "extra"/],
  ['an open quote', `${head}row,,"a,b\n`, /^x\.csv:\d+:\d+: the CSV cannot be read/],
  ['a record kind that is none', `${header}mapping,x,,,,,,,machine,,,,\n`, /^x\.csv:2:9: reference/],
  ['too many rows', `${head}${'row,,a,b,both,hub,,,,,,,\n'.repeat(401)}`, /at most 400 rows/],
  ['too long a file', `${header}${' '.repeat(sheetLength)}`, /^x\.csv:1:1: the file has/],
] as const) {
  test(`${what} is refused with file, line and column`, () => {
    assert.throws(
      () => importCsv(text, 'x.csv'),
      (error) => (error instanceof Fault && error.kind === 'misconfigured' && expected.test(error.message) ? true : assert.fail(String(error))),
    );
  });
}

for (const [what, text, expected] of [
  ['broken YAML', 'id: x\nrows: [\n', /^m\.yaml:\d+:\d+: /],
  ['a member twice', 'id: x\nid: y\n', /^m\.yaml:2:1: /],
  [
    'a wrong owner',
    'id: x\nrecord: part\nrows:\n  - ours: code\n    theirs: Product\n    direction: both\n    owner: boss\n',
    /^m\.yaml:7:12: rows\.0\.owner: /,
  ],
  ['a number where text belongs', 'id: 7\nrecord: part\n', /^m\.yaml:1:5: id: /],
  ['an unknown member', 'id: x\nrecord: part\ncolour: red\n', /^m\.yaml:1:1: .*colour/],
  ['nothing', '', /^m\.yaml:1:1: the document: /],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n`,
    /^m\.yaml:1:1: .*alias/i,
  ],
] as const) {
  test(`${what} in YAML is refused with file, line and column`, () => {
    assert.throws(
      () => importYaml(text, 'm.yaml'),
      (error) => (error instanceof Fault && expected.test(error.message) ? true : assert.fail(String(error))),
    );
  });
}
