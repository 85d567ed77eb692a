import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOrderOf, isEmptyOverlay, overlay, overlayFor } from '#mapping/overlay';
import type { MappingDocument, MappingRow } from '#mapping/row';
import { diff } from '#mapping/sheet-diff';

const row = (ours: string, theirs: string, more: Partial<MappingRow> = {}): MappingRow => ({ ours, theirs, direction: 'both', owner: 'maintenance', ...more });
const of = (rows: readonly MappingRow[], values: MappingDocument['values'] = []): MappingDocument => ({ id: 'cmms/part', record: 'part', rows, values });
const base = of([row('code', 'id'), row('name', 'title'), row('description', 'text', { direction: 'in' }), row('barcode', 'ean')]);
const names = ({ rows }: MappingDocument): string[] => rows.map(({ ours, theirs, direction }) => `${ours}<${direction}>${theirs}`);

for (const [what, plant, expected] of [
  ['nothing named changes nothing', of([]), ['code<both>id', 'name<both>title', 'description<in>text', 'barcode<both>ean']],
  [
    'a row takes the place of the row that writes the same member',
    of([row('name', 'label')]),
    ['code<both>id', 'name<both>label', 'name<out>title', 'description<in>text', 'barcode<both>ean'],
  ],
  [
    'a row for one direction leaves the other',
    of([row('name', 'label', { direction: 'in' })]),
    ['code<both>id', 'name<in>label', 'name<out>title', 'description<in>text', 'barcode<both>ean'],
  ],
  [
    'a new row is added at the end',
    of([row('group', 'family')]),
    ['code<both>id', 'name<both>title', 'description<in>text', 'barcode<both>ean', 'group<both>family'],
  ],
  [
    'a row is taken out by its two paths',
    { ...of([]), without: [{ ours: 'barcode', theirs: 'ean' }] },
    ['code<both>id', 'name<both>title', 'description<in>text'],
  ],
] as const)
  test(`overlay: ${what}`, () => assert.deepEqual(names(overlay(base, plant).document), expected));

test('overlay: a row to take out that is not there is told, by its place', () =>
  assert.deepEqual(
    overlay(base, {
      ...of([]),
      without: [
        { ours: 'barcode', theirs: 'ean' },
        { ours: 'barcode', theirs: 'upc' },
      ],
    }).unmatched,
    [1],
  ));

test('overlay: a value map is replaced as a whole', () => {
  const map = (theirs: string) => ({ name: 'status', pairs: [{ ours: 'a', theirs }] });
  assert.deepEqual(overlay(of([], [map('A')]), of([], [map('B')])).document.values, [map('B')]);
});

const path = fc.constantFrom('a', 'b', 'c', 'd');
const rows = fc.uniqueArray(
  fc.record({
    ours: path,
    theirs: path,
    direction: fc.constantFrom('both', 'in', 'out'),
    owner: fc.constantFrom('maintenance', 'finance'),
    when: fc.constantFrom('settings.x', 'settings.y'),
  }),
  { selector: (one) => JSON.stringify(one), maxLength: 6 },
) as fc.Arbitrary<MappingRow[]>;

test('what an edit makes of a mapping is exactly what its overlay makes of it, whatever was edited (000-71)', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const made = overlayFor(of(before), of(after));
      const result = overlay(of(before), made).document;
      assert.deepEqual(result.rows.map((one) => JSON.stringify(one)).sort(), after.map((one) => JSON.stringify(one)).sort());
    }),
    { numRuns: 2000 },
  );
});

test('a mapping that was not edited needs no overlay, in whatever order its rows come back (000-71)', () => {
  fc.assert(
    fc.property(
      rows.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, sorted]) => {
        assert.ok(isEmptyOverlay(overlayFor(of(list), of(sorted))));
        assert.deepEqual(diff(of(list), inOrderOf(of(list), of(sorted))), []);
      },
    ),
  );
});

test('one edited cell of a sorted sheet is one change (000-71)', () => {
  const sorted = of([...base.rows].reverse().map((one) => (one.ours === 'name' ? { ...one, theirs: 'label' } : one)));
  assert.deepEqual(
    diff(base, inOrderOf(base, sorted)).map(({ text }) => text),
    ['row name: theirs changed from title to label'],
  );
});
