import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import type { MappingDocument, MappingRow } from '#mapping/row';
import { problemText, validateMapping, type ValidationTools } from '#mapping/validate';

const row = (ours: string, theirs: string, more: Partial<MappingRow> = {}): MappingRow => ({ ours, theirs, direction: 'both', owner: 'maintenance', ...more });
const full: readonly MappingRow[] = [row('number', 'id', { via: 'text' }), row('title', 'title'), row('status', 'state', { values: 'status' })];
const values = [
  {
    name: 'status',
    pairs: ['open', 'released', 'inProgress', 'onHold', 'completed', 'closed', 'cancelled'].map((ours) => ({ ours, theirs: ours.toUpperCase() })),
  },
];
const of = (rows: readonly MappingRow[], more: Partial<MappingDocument> = {}): MappingDocument => ({
  id: 'test/workOrder',
  record: 'workOrder',
  rows: [...full, ...rows],
  values,
  ...more,
});
const texts = (document: MappingDocument, tools: ValidationTools = {}): string[] =>
  validateMapping(document, tools).map((problem) => `${problem.severity} ${problemText(problem)}`);

const native = z.looseObject({
  id: z.number(),
  title: z.string(),
  state: z.string(),
  parts: z.array(z.object({ partId: z.number(), info: z.object({ colour: z.string() }).nullish() })).optional(),
  extraFields: z.record(z.string(), z.unknown()),
});

test('a correct document has no problems', () =>
  assert.deepEqual(
    texts(
      of([
        row('plannedLines[].line', 'parts[].partId', { via: 'text' }),
        row('plannedLines[].quantity', 'parts[].info.colour', { via: "quantity('each', common)" }),
        row('category', 'extraFields."Any name at all"'),
      ]),
      { native },
    ),
    [],
  ));

for (const [what, document, expected] of [
  [
    'an unknown path of ours',
    of([row('costCenter', 'cc')]),
    /^error test\/workOrder: row 4: `ours` costCenter is not in a workOrder: there is no member costCenter; did you mean costCentre\?$/,
  ],
  ['a list that is not stepped into', of([row('plannedLines.part', 'p')]), /write \[\] to step into each line/],
  ['a list where there is none', of([row('title[].x', 'a[].b')]), /title is not a list/],
  ['two rows for one path', of([row('title', 'name')]), /row 4: title is already written by row 2 in direction in; take one out, or give both a condition/],
  ['two rows for one path of theirs', of([row('description', 'title', { direction: 'out' })]), /row 4: title is already written by row 2 in direction out/],
  [
    'a whole and its part',
    of([
      row('labour[].line', 'p[].id', { direction: 'in' }),
      row('labour[].hours', 'p[].h', { direction: 'in' }),
      row('labour[].rate', 'p[].rate', { direction: 'in' }),
      row('labour[].rate.minor', 'p[].minor', { direction: 'in' }),
    ]),
    /rate is written as a whole and labour\[\]\.rate\.minor inside it by row 7/,
  ],
  ['a missing required member', of([], { rows: full.slice(0, 2) }), /no row gives status, which every workOrder needs; add a row/],
  ['a missing required member of a line', of([row('labour[].line', 'time[].id')]), /no row gives labour\[\]\.hours/],
  [
    'half a quantity',
    of([row('plannedLines[].line', 'p[].id'), row('plannedLines[].quantity.value', 'p[].qty')]),
    /no row gives plannedLines\[\]\.quantity\.unit/,
  ],
  [
    'a value map with a repeat of ours',
    of([], {
      values: [
        ...values,
        {
          name: 'x',
          pairs: [
            { ours: 'a', theirs: 'b' },
            { ours: 'a', theirs: 'c' },
          ],
        },
      ],
    }),
    /value map x: ours "a" stands twice, so it cannot be written/,
  ],
  [
    'a value map with a repeat of theirs',
    of([], { values: [...values, { name: 'x', pairs: [{ ours: 'a', theirs: 'b' }], inwardOnly: [{ ours: 'c', theirs: 'b' }] }] }),
    /theirs "b" stands twice, so it cannot be read/,
  ],
  ['two value maps of one name', of([], { values: [...values, ...values] }), /two value maps status/],
  [
    'a value that the enum does not know',
    of([row('priority', 'prio', { values: 'p' })], { values: [...values, { name: 'p', pairs: [{ ours: 'urgent', theirs: '1' }] }] }),
    /gives "urgent", which priority does not know; it knows none, low/,
  ],
  ['an unknown transform', of([row('description', 'd', { via: 'trmi' })]), /row 4: there is no transform trmi; did you mean trim\?/],
  ['an expression that does not parse', of([row('description', '', { direction: 'in', expression: 'native.' })]), /row 4: .*at character/],
  ['an expression with an unknown variable', of([row('description', '', { direction: 'in', expression: 'nativ.a' })]), /row 4: Unknown variable: nativ/],
  [
    'an expression over an unknown member of ours',
    of([row('', 'X', { direction: 'out', expression: 'record.titel' })]),
    /row 4: the expression reads record\.titel, and there is no member titel; did you mean title\?/,
  ],
  ['a prototype name', of([row('description', '__proto__.x')]), /row 4: .*no data/],
  ['an owner that is none', of([{ ...row('description', 'd'), owner: 'nobody' as 'hub' }]), /row 4: owner: Invalid option/],
  ['a row that is no row', of([{ ...row('description', 'd'), colour: 'red' } as MappingRow]), /row 4: the row: Unrecognized key/],
  ['a record kind that is none', of([], { record: 'toString' as 'part' }), /record: Invalid option/],
] as const) {
  test(`${what} is an error that says where and what to do`, () => {
    const found = texts(document);
    assert.ok(
      found.some((text) => text.startsWith('error') && expected.test(text)),
      found.join('\n'),
    );
  });
}

test('their paths are checked against the connector: errors where the shape is closed, warnings where it is loose', () => {
  const found = texts(
    of([
      row('description', 'titel', { direction: 'in' }),
      row('plannedLines[].line', 'parts[].partNo', { direction: 'in' }),
      row('plannedLines[].quantity', 'parts[].partId', { direction: 'in', via: "text | quantity('each', common)" }),
    ]),
    { native, file: 'plant/mappings/x.csv' },
  );
  assert.deepEqual(found, [
    'error plant/mappings/x.csv: row 5: `theirs` parts[].partNo is not in the record as the connector knows it: there is no member partNo; did you mean partId?',
    'warning plant/mappings/x.csv: row 4: `theirs` titel is not in the record as the connector knows it: there is no member titel; did you mean title? (the system may still send it)',
  ]);
});

test('warnings: a map that no row uses, and a state that cannot be written', () => {
  const found = texts(
    of([], {
      values: [
        { name: 'status', pairs: [{ ours: 'open', theirs: 'O' }] },
        { name: 'old', pairs: [] },
      ],
    }),
  );
  assert.equal(found.length, 2);
  assert.match(found.join('\n'), /value map old is used by no row[^]*has no line for released, inProgress/);
  assert.ok(found.every((text) => text.startsWith('warning')));
});

test('a document that only writes need not give what reading needs', () =>
  assert.deepEqual(texts(of([], { rows: [{ ...row('title', 'T'), direction: 'out' }], values: [] })), []));

test('two rows may write one path where both have a condition', () => {
  assert.deepEqual(
    texts(of([row('description', 'a', { direction: 'in', when: 'has(native.a)' }), row('description', 'b', { direction: 'in', when: '!has(native.a)' })])),
    [],
  );
});
