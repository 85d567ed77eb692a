import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decimal } from '#base/decimal';
import { Fault } from '#base/fault';
import { decodeRow, encodeRow, literal, shortDecimal, Unreadable, withoutZeros } from '#spi/odata-codec';
import { filterText, keyPath, ownLink, parameterText, queryText } from '#spi/odata-query';
import { entity, type ODataVersion } from '#spi/odata-type';

const line = entity('Line', { Item: 'key digits 5', Quantity: 'decimal 13.3', Text: 'text 40' });
const order = entity(
  'Order',
  {
    Number: 'key id 10',
    PostingDate: 'day',
    Time: 'time',
    ChangedAt: 'instant read',
    Amount: 'decimal 5.2',
    Closed: 'boolean',
    Deleted: 'flag',
    Kind: 'text 2 as KindCode',
    Count: 'integer',
  },
  { to_Line: { type: line, as: '_Line' } },
);
const versions: readonly ODataVersion[] = ['v2', 'v4'];

const readings: readonly { readonly title: string; readonly json: Record<string, unknown>; readonly row: Record<string, unknown> }[] = [
  { title: 'a V2 day is UTC midnight in milliseconds', json: { PostingDate: '/Date(1470268800000)/' }, row: { PostingDate: '2016-08-04' } },
  { title: 'the end of all validity is a day like any other', json: { PostingDate: '/Date(253402214400000)/' }, row: { PostingDate: '9999-12-31' } },
  { title: 'a V4 day stays as it is', json: { PostingDate: '2026-03-02' }, row: { PostingDate: '2026-03-02' } },
  {
    title: 'a V2 instant has an offset that changes nothing',
    json: { ChangedAt: '/Date(1476662400000+0060)/' },
    row: { ChangedAt: '2016-10-17T00:00:00.000Z' },
  },
  {
    title: 'a V4 instant of seven places is one of three',
    json: { ChangedAt: '2026-03-02T09:15:00.1234567Z' },
    row: { ChangedAt: '2026-03-02T09:15:00.123Z' },
  },
  { title: 'a duration is a time of day', json: { Time: 'PT15H51M04S' }, row: { Time: '15:51:04' } },
  { title: 'hour 24 is read', json: { Time: 'PT24H00M00S' }, row: { Time: '24:00:00' } },
  { title: 'a decimal text is its shortest text', json: { Amount: '30.00' }, row: { Amount: '30' } },
  { title: 'a decimal number of V4 is text', json: { Amount: 30.5 }, row: { Amount: '30.5' } },
  { title: 'X is true and empty is false', json: { Deleted: 'X' }, row: { Deleted: true } },
  { title: 'an empty flag is false', json: { Deleted: '' }, row: { Deleted: false } },
  { title: 'the flag of V4 is a boolean', json: { Deleted: true }, row: { Deleted: true } },
  { title: 'empty text and null are absent', json: { Number: '', PostingDate: null, KindCode: null, Deleted: false }, row: { Deleted: false } },
  {
    title: 'an empty number of digits is zero, and absent',
    json: { _x: 1, to_Line: [{ Item: '0', Text: 'a' }, { Item: '00010' }] },
    row: { _x: 1, _Line: [{ Text: 'a' }, { Item: '10' }] },
  },
  { title: 'leading zeros of an id are kept beside it', json: { Number: '0000004711' }, row: { Number: '4711', '@raw': { Number: '0000004711' } } },
  { title: 'an id with letters keeps its zeros', json: { Number: '00A1' }, row: { Number: '00A1' } },
  { title: 'a V2 list is a list', json: { to_Line: { results: [{ Item: '10', Quantity: '2.000' }] } }, row: { _Line: [{ Item: '10', Quantity: '2' }] } },
  { title: 'what was not expanded is absent', json: { to_Line: { __deferred: { uri: 'x' } } }, row: {} },
  { title: 'a property is known by its name in records', json: { Kind: 'NB' }, row: { KindCode: 'NB' } },
  {
    title: 'properties that nobody knows are kept, lists unwrapped',
    json: { YY1_Colour: 'red', to_Other: { results: [1] } },
    row: { YY1_Colour: 'red', to_Other: [1] },
  },
  { title: 'the token of V2 stands in the metadata', json: { __metadata: { etag: 'W/"1"' } }, row: { '@etag': 'W/"1"' } },
  { title: 'the token of V4 stands beside', json: { '@odata.etag': 'W/"2"', 'Kind@odata.type': '#x', SAP__Messages: [] }, row: { '@etag': 'W/"2"' } },
];
for (const { title, json, row } of readings) test(`reading: ${title}`, () => assert.deepEqual(decodeRow(order, json), row));

const unreadable: readonly (readonly [string, unknown])[] = [
  ['PostingDate', '4 March 2026'],
  ['PostingDate', '2026-13-40'],
  ['PostingDate', '/Date(99999999999999999)/'],
  ['PostingDate', 20260304],
  ['ChangedAt', 'yesterday'],
  ['ChangedAt', '2026-03-02'],
  ['Amount', '1,5'],
  ['Amount', '1e3'],
  ['Amount', 1e-9],
  ['Amount', true],
  ['Closed', 'X'],
  ['Deleted', 'Y'],
  ['Time', '9 am'],
  ['Time', 'PT'],
  ['Number', 12],
  ['Count', '1.5'],
  ['Count', 1.5],
];
for (const [name, value] of unreadable)
  test(`reading ${JSON.stringify(value)} as ${name} is refused, never guessed`, () => assert.throws(() => decodeRow(order, { [name]: value }), Unreadable));
for (const value of [null, [], 'text', 42]) test(`${JSON.stringify(value)} is no entity`, () => assert.throws(() => decodeRow(order, value), Unreadable));

const writings: readonly { readonly row: Record<string, unknown>; readonly v2: unknown; readonly v4: unknown }[] = [
  { row: { PostingDate: '2026-03-09' }, v2: { PostingDate: '2026-03-09T00:00:00' }, v4: { PostingDate: '2026-03-09' } },
  { row: { Time: '09:30:00' }, v2: { Time: 'PT09H30M00S' }, v4: { Time: '09:30:00' } },
  { row: { Deleted: true }, v2: { Deleted: 'X' }, v4: { Deleted: true } },
  { row: { Deleted: false }, v2: { Deleted: '' }, v4: { Deleted: false } },
  { row: { KindCode: 'NB' }, v2: { Kind: 'NB' }, v4: { Kind: 'NB' } },
  { row: { Amount: '12.50' }, v2: { Amount: '12.5' }, v4: { Amount: '12.5' } },
  { row: { _Line: [{ Quantity: '2' }] }, v2: { to_Line: { results: [{ Quantity: '2' }] } }, v4: { to_Line: [{ Quantity: '2' }] } },
  { row: { storeroom: '2100/21A1', '@etag': 'x', YY1_Colour: 'red' }, v2: { YY1_Colour: 'red' }, v4: { YY1_Colour: 'red' } },
];
for (const { row, v2, v4 } of writings)
  test(`writing ${JSON.stringify(row)} for either version`, () => assert.deepEqual([encodeRow(order, 'v2', row), encodeRow(order, 'v4', row)], [v2, v4]));

const refusals: readonly { readonly row: Record<string, unknown>; readonly kind: string; readonly says: RegExp }[] = [
  { row: { Number: '12345678901' }, kind: 'rejected', says: /11 characters, and 10 fit/ },
  { row: { Amount: '1.234' }, kind: 'rejected', says: /3 decimal places, and 2 fit/ },
  { row: { Amount: '1234' }, kind: 'rejected', says: /4 digits before the point, and 3 fit/ },
  { row: { Amount: 'many' }, kind: 'rejected', says: /decimal/ },
  { row: { Amount: 12.5 }, kind: 'rejected', says: /text, not a number/ },
  { row: { PostingDate: 'soon' }, kind: 'rejected', says: /day/ },
  { row: { Closed: 'X' }, kind: 'rejected', says: /true or false/ },
  { row: { _Line: [{ Item: 'A' }] }, kind: 'rejected', says: /digits/ },
  { row: { ChangedAt: '2026-03-02T09:15:00.000Z' }, kind: 'misconfigured', says: /computes/ },
  { row: { Unknown: '1' }, kind: 'misconfigured', says: /no property Unknown/ },
];
for (const { row, kind, says } of refusals)
  test(`writing ${JSON.stringify(row)} is ${kind} before anything is sent`, () =>
    assert.throws(
      () => encodeRow(order, 'v2', row),
      (error: unknown) => error instanceof Fault && error.kind === kind && says.test(error.message),
    ));

test('property: what is written in either version reads back as the same record', () =>
  fc.assert(
    fc.property(
      fc.record({
        Number: fc.integer({ min: 1, max: 999_999 }).map(String),
        KindCode: fc.constantFrom('NB', 'ZB'),
        PostingDate: fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map((at) => at.toISOString().slice(0, 10)),
        Deleted: fc.boolean(),
        Amount: fc
          .tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 0, max: 99 }))
          .map(([whole, part]) => `${whole}.${String(part).padStart(2, '0')}`),
      }),
      (row) => {
        for (const version of versions)
          assert.deepEqual(decodeRow(order, JSON.parse(JSON.stringify(encodeRow(order, version, row)))), { ...row, Amount: shortDecimal(row.Amount) });
      },
    ),
    { seed: 11 },
  ));

test('property: the shortest text of a decimal is that of exact arithmetic', () =>
  fc.assert(
    fc.property(fc.stringMatching(/^-?\d{1,20}(\.\d{1,14})?$/), (text) => assert.equal(shortDecimal(text), decimal(text))),
    { seed: 12 },
  ));

test('property: taking leading zeros off changes no number and leaves one digit', () =>
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.integer({ min: 0, max: 20 }), (number, zeros) =>
      assert.equal(withoutZeros('0'.repeat(zeros) + number), String(number)),
    ),
    { seed: 13 },
  ));

test('a quote in a key or a filter cannot end its literal', () => {
  assert.equal(keyPath(order, 'v2', { Number: "A'B" }), "Order('A''B')");
  assert.equal(filterText(order, 'v4', [['KindCode', 'eq', "x' or 1 eq 1 or 'a"]]), "Kind eq 'x'' or 1 eq 1 or ''a'");
  assert.equal(keyPath(order, 'v2', { Number: 'a/b?c#d' }), "Order('a%2Fb%3Fc%23d')");
});

test('addresses use the literals of their version', () => {
  const conditions = [
    ['PostingDate', 'ge', '2026-03-01'],
    ['ChangedAt', 'gt', '2026-03-01T00:00:00Z'],
    ['Deleted', 'eq', true],
    ['Number', 'eq', ['1', '2']],
  ] as const;
  assert.equal(
    filterText(order, 'v2', conditions),
    "PostingDate ge datetime'2026-03-01T00:00:00' and ChangedAt gt datetimeoffset'2026-03-01T00:00:00Z' and Deleted eq 'X' and (Number eq '1' or Number eq '2')",
  );
  assert.equal(
    filterText(order, 'v4', conditions),
    "PostingDate ge 2026-03-01 and ChangedAt gt 2026-03-01T00:00:00Z and Deleted eq true and (Number eq '1' or Number eq '2')",
  );
  assert.equal(
    filterText(order, 'v2', [
      {
        anyOf: [
          [
            ['Number', 'eq', '1'],
            ['Closed', 'eq', false],
          ],
          [['Number', 'gt', '2']],
        ],
      },
    ]),
    "((Number eq '1' and Closed eq false) or (Number gt '2'))",
  );
  assert.equal(queryText(order, 'v2', { expand: ['_Line'], orderBy: ['Number'], top: 5, skip: 10 }), '$expand=to_Line&$orderby=Number&$top=5&$skip=10');
  assert.equal(
    parameterText([
      ['Equipment', 'text', '10004711'],
      ['ValidityEndDate', 'day', '9999-12-31'],
      ['Time', 'time', '08:00:00'],
    ]),
    "Equipment='10004711'&ValidityEndDate=datetime'9999-12-31T00%3A00%3A00'&Time=time'PT08H00M00S'",
  );
});

test('a condition of no value, of too many, or on an unknown property is refused', () => {
  for (const values of [[], Array.from({ length: 61 }, String)]) assert.throws(() => filterText(order, 'v2', [['Number', 'eq', values]]), /values/);
  assert.throws(() => filterText(order, 'v2', [['Colour', 'eq', 'red']]), /no property Colour/);
  assert.throws(() => queryText(order, 'v4', { expand: ['_Nothing'] }), /no navigation/);
  assert.throws(() => literal({ name: 'D', wire: 'D', kind: 'day', key: false, readOnly: false }, 'v2', "x' or true"), Fault);
  assert.throws(
    () => keyPath(order, 'v2', { Number: '12345678901' }),
    (error: unknown) => error instanceof Fault && error.kind === 'missing',
  );
});

const service = { name: 'X', root: '/sap/opu/odata/sap/X;v=0002', version: 'v2' } as const;
test('the next page is taken from below the own service, whatever host it names', () => {
  for (const link of [
    'Order?$skiptoken=2',
    'https://inner:44300/sap/opu/odata/sap/X;v=0002/Order?$skiptoken=2',
    '/sap/opu/odata/sap/X;v=0002/Order?$skiptoken=2',
  ])
    assert.equal(ownLink('https://erp.example', service, link), 'Order?$skiptoken=2');
  for (const link of ['/sap/opu/odata/sap/Y/Order', '../Y/Order', 'https://evil.example/', '//evil.example/x', '/sap/opu/odata/sap/X;v=0002/../Y/Order'])
    assert.throws(
      () => ownLink('https://erp.example', service, link),
      (error: unknown) => error instanceof Fault && error.kind === 'drifted',
      link,
    );
});

test('a description that cannot be read stops at start', () => {
  for (const text of ['', 'texte 4', 'text four', 'key', 'decimal 13,3', 'text 4 creatable']) assert.throws(() => entity('E', { P: text }), TypeError);
});
