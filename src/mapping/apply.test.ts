import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#base/fault';
import { compileMapping } from '#mapping/apply';
import { holds } from '#mapping/issue';
import { mappingLimits } from '#mapping/limits';
import type { MappingDocument, MappingRow, ValueMap } from '#mapping/row';
import type { RecordKind } from '#model/records';

const row = (ours: string, theirs: string, more: Partial<MappingRow> = {}): MappingRow => ({ ours, theirs, direction: 'both', owner: 'maintenance', ...more });
const statusMap: ValueMap = { name: 'status', pairs: [{ ours: 'open', theirs: 'OPEN' }] };
const base: readonly MappingRow[] = [row('number', 'id'), row('title', 'title'), row('status', 'status', { values: 'status' })];
const document = (rows: readonly MappingRow[], record: RecordKind = 'workOrder'): MappingDocument => ({
  id: `test/${record}`,
  record,
  rows: record === 'workOrder' ? [...base, ...rows] : rows,
  values: [statusMap],
});
const mapping = (...rows: MappingRow[]) => compileMapping(document(rows), { settings: { currency: 'EUR', site: '2100' } });
const native = (more: object = {}): Record<string, unknown> => ({ id: 'A', title: 'T', status: 'OPEN', ...more });
const record = (more: object = {}): Record<string, unknown> => ({ number: 'A', title: 'T', status: 'open', ...more });
const ids = { hubId: (_kind: string, id: string) => `x.${id}`, externalId: (_kind: string, id: string) => (id.startsWith('x.') ? id.slice(2) : undefined) };
const part = [row('plannedLines[].line', 'lines[].no'), row('plannedLines[].quantity', 'lines[].qty', { via: 'quantity(unit, sap)', required: true })];

/** What is said of a native record: row number of the issue, kind and path. */
const inwardIssues = (rows: MappingRow[], given: object) => mapping(...rows).inward(native(given), ids).issues;
const outwardIssues = (rows: MappingRow[], given: object) => mapping(...rows).outward(record(given), ids).issues;

for (const [what, rows, given, kind, path, says] of [
  [
    'a required member that is absent',
    [row('description', 'text', { required: true })],
    {},
    'missing',
    'description',
    /description \(text\): the system gave no value/,
  ],
  ['a required member that is empty', [row('description', 'text', { required: true })], { text: '' }, 'missing', 'description', /enter it at its source/],
  ['a required member that is null', [row('description', 'text', { required: true })], { text: null }, 'missing', 'description', /enter it/],
  ['a value without a line in the map', [], { status: 'WAITING' }, 'unmapped-value', 'status', /"WAITING" has no line in the value map status; add it/],
  ['a number where the map has text', [], { status: 3 }, 'unmapped-value', 'status', /make it text first/],
  ['a reference that is no text', [row('asset', 'assetId', { reference: 'asset' })], { assetId: 7 }, 'bad-value', 'asset', /add the transform text/],
  ['a value that the schema refuses', [row('dueOn', 'due')], { due: '04.03.2026' }, 'bad-value', 'dueOn', /dueOn \(due\): /],
  [
    'a fraction that JSON cannot keep',
    [row('plannedLines[].line', 'lines[].no'), row('plannedLines[].quantity', 'lines[].qty', { via: "number | quantity('PC', sap)" })],
    { lines: [{ no: '1', qty: 0.1 + 0.2 }] },
    'bad-value',
    'plannedLines[0].quantity',
    /more digits/,
  ],
  [
    'a unit that is not there',
    part,
    {
      lines: [
        { no: '1', qty: '2', unit: 'PC' },
        { no: '2', qty: '2', unit: '' },
      ],
    },
    'bad-value',
    'plannedLines[1].quantity',
    /never assumed/,
  ],
  ['a list that is none', part, { lines: { no: '1' } }, 'bad-value', 'plannedLines[].line', /lines\[\]? is not a list|is not a list/],
  ['half a surrogate pair', [row('description', 'text')], { text: 'a\ud800' }, 'bad-value', 'description', /surrogate/],
  ['a NUL character', [row('description', 'text')], { text: 'a\0b' }, 'bad-value', 'description', /NUL/],
  [
    'an expression without its member',
    [row('description', '', { direction: 'in', expression: 'native.absent' })],
    {},
    'bad-expression',
    'description',
    /No such key: absent.*has\(x\.y\)/,
  ],
  [
    'an expression with a computed fraction',
    [row('description', '', { direction: 'in', expression: 'native.n * 0.1' })],
    { n: 3 },
    'bad-expression',
    'description',
    /binary fraction/,
  ],
  [
    'an expression that walks too long a list',
    [row('description', '', { direction: 'in', expression: "native.list.exists(x, x == 'a') ? 'a' : 'b'" })],
    { list: Array.from({ length: 2001 }, () => 'b') },
    'bad-expression',
    'description',
    /more than 2000 entries/,
  ],
  ['a state that the system did not give', [], { status: null }, 'missing', 'status', /no row gave one/],
  [
    'a condition that is no condition',
    [row('description', 'text', { direction: 'in', when: 'native.id' })],
    { text: 'x' },
    'bad-expression',
    'description',
    /gave "A", not true or false/,
  ],
] as const) {
  test(`inward, ${what} is an issue that names the row and the place`, () => {
    const issues = inwardIssues([...rows], given);
    assert.equal(issues.length, 1, JSON.stringify(issues));
    assert.deepEqual([issues[0]?.kind, issues[0]?.path], [kind, path]);
    assert.match(issues[0]?.message ?? '', says);
    assert.equal(issues[0]?.row.ours.replaceAll(/\d/g, ''), path.replaceAll(/\d/g, ''));
    assert.ok(holds(issues));
  });
}

for (const [what, rows, given, kind, path, says] of [
  [
    'a hub id without a number there',
    [row('asset', 'assetId', { reference: 'asset' })],
    { asset: 'erp.1' },
    'unknown-reference',
    'asset',
    /asset erp\.1 has no number in this system; create it there or link/,
  ],
  ['a status that the map cannot write', [], { status: 'closed' }, 'unmapped-value', 'status', /"closed" has no line/],
  ['a required member that is absent', [row('description', 'text', { required: true })], {}, 'missing', 'description', /the record has no value/],
  [
    'a unit that the system does not know',
    part,
    { plannedLines: [{ line: '1', quantity: { value: '1', unit: { system: 'acme', code: 'BOX' } } }] },
    'bad-value',
    'plannedLines[0].quantity',
    /unit BOX of acme has no row in the unit table/,
  ],
  [
    'money in another currency',
    [row('services[].amount', 'costs[].cents', { via: 'cents(settings.currency)' })],
    { services: [{ amount: { minor: 1, currency: 'USD' } }] },
    'bad-value',
    'services[0].amount',
    /not converted/,
  ],
  [
    'a second entry where the system holds one',
    [row('plannedLines[0].text', 'text')],
    { plannedLines: [{ text: 'a' }, { text: 'b' }] },
    'bad-value',
    'plannedLines[0].text',
    /more than one entry/,
  ],
] as const) {
  test(`outward, ${what} is an issue that names the row and the place`, () => {
    const issues = outwardIssues([...rows], given);
    assert.equal(issues.length, 1, JSON.stringify(issues));
    assert.deepEqual([issues[0]?.kind, issues[0]?.path], [kind, path]);
    assert.match(issues[0]?.message ?? '', says);
  });
}

test('absent optional members are left out in both directions, never null', () => {
  const compiled = mapping(
    row('description', 'text'),
    row('asset', 'assetId', { reference: 'asset' }),
    row('labour[].hours', 'time[].h'),
    row('category', 'info.category'),
  );
  const into = compiled.inward(native({ text: null, assetId: '', time: null }), ids);
  assert.deepEqual(into.issues, []);
  assert.ok(!('description' in (into.record as object)) && !('asset' in (into.record as object)));
  assert.deepEqual(compiled.outward(record(), ids).payload, { id: 'A', title: 'T', status: 'OPEN' });
});

test('money, units, cost centres and accounts have no default: what the system does not say is missing or held', () => {
  const compiled = compileMapping(
    document(
      [
        row('number', 'n'),
        { ...row('postedOn', 'd') },
        row('kind', 'k'),
        row('account.costCentre', 'cc', { reference: 'costCentre', required: true }),
        row('amount', 'amount', { via: 'amount(currency)' }),
      ],
      'costPosting',
    ),
  );
  const { issues } = compiled.inward({ n: '1', d: '2026-03-04', k: 'labour', amount: '12.50' }, ids);
  assert.deepEqual(
    issues.map(({ kind, path }) => `${kind} ${path}`),
    ['missing account.costCentre', 'bad-value amount'],
  );
});

test('what no row read stays as the remainder, members of lines in their place', () => {
  const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as unknown;
  const compiled = mapping(...part, row('description', 'info.text'));
  const { remainder } = compiled.inward(
    native({
      deep,
      info: { text: 'x', more: 1 },
      lines: [
        { no: '1', qty: '1', unit: 'PC' },
        { no: '2', qty: '1', unit: 'PC', colour: 'red' },
      ],
    }),
    ids,
  );
  assert.deepEqual(remainder, { deep, info: { more: 1 }, lines: [{}, { colour: 'red' }] });
  assert.equal(remainder['deep'], deep);
});

test('lines that no row says anything of are left out, so that a condition chooses lines', () => {
  const when = "line.type == 'PART'";
  const compiled = mapping(
    row('issues[].line', 'costs[].id', { direction: 'in', when }),
    row('issues[].part', 'costs[].part', { direction: 'in', when, reference: 'part' }),
    row('issues[].quantity', 'costs[].qty', { direction: 'in', when, via: "quantity('PC', sap)" }),
    row('labour[].line', 'costs[].id', { direction: 'in', when: "line.type == 'TIME'" }),
    row('labour[].hours', 'costs[].qty', { direction: 'in', when: "line.type == 'TIME'" }),
  );
  const { record: got, issues } = compiled.inward(
    native({
      costs: [
        { type: 'TIME', id: '1', qty: '2' },
        { type: 'PART', id: '2', part: 'p', qty: '3' },
      ],
    }),
    ids,
  );
  assert.deepEqual(issues, []);
  assert.deepEqual(
    [(got as { issues: unknown }).issues, (got as { labour: unknown }).labour],
    [[{ line: '2', part: 'x.p', quantity: { value: '3', unit: { system: 'sap', code: 'PC' } } }], [{ line: '1', hours: '2' }]],
  );
});

test('two conditional rows that both hold and disagree are an issue', () => {
  const compiled = mapping(
    row('description', 'a', { direction: 'in', when: 'has(native.a)' }),
    row('description', 'b', { direction: 'in', when: 'has(native.b)' }),
  );
  assert.deepEqual(compiled.inward(native({ a: 'x' }), ids).issues, []);
  assert.match(compiled.inward(native({ a: 'x', b: 'y' }), ids).issues[0]?.message ?? '', /two rows say different things/);
});

test('expressions see the whole record, the line and the settings, and calculate decimals exactly', () => {
  const compiled = mapping(
    row('services[].line', 'costs[].id'),
    row('services[].amount', 'costs[].cents', { via: "cents('EUR')" }),
    row('services[].text', '', { direction: 'in', expression: "native.title + ' ' + settings.site + ' ' + decimal_add(line.a, '0.2')" }),
    row('', 'Total', { direction: 'out', owner: 'hub', expression: 'size(record.services)' }),
    row('', 'Due', { direction: 'out', owner: 'hub', expression: 'has(record.dueOn) ? record.dueOn : null' }),
  );
  const { record: got, issues } = compiled.inward(native({ costs: [{ id: '1', cents: 5, a: '0.1' }] }), ids);
  assert.deepEqual(issues, []);
  assert.equal((got as { services: { text: string }[] }).services[0]?.text, 'T 2100 0.3');
  assert.deepEqual(compiled.outward(got, ids).payload, { id: 'A', title: 'T', status: 'OPEN', costs: [{ id: '1', cents: 5 }], Total: 1 });
});

test('a partial record writes its members and no constants, and nothing of it is missing', () => {
  const compiled = mapping(
    row('description', 'text', { required: true }),
    row('', 'Type', { direction: 'out', owner: 'hub', via: "constant('PM01')" }),
    row('priority', 'Urgent', { direction: 'out', expression: "record.priority == 'emergency'" }),
  );
  assert.deepEqual(compiled.outward({ title: 'New' }, { ...ids, partial: true }), { payload: { title: 'New' }, issues: [] });
  assert.deepEqual(compiled.outward({ priority: 'emergency' }, { ...ids, partial: true }).payload, { Urgent: true });
  assert.deepEqual(compiled.outward(record({ description: 'd', priority: 'high' }), ids).payload, {
    id: 'A',
    title: 'T',
    status: 'OPEN',
    text: 'd',
    Type: 'PM01',
    Urgent: false,
  });
});

test('a shortened text is said but does not hold the record', () => {
  const { payload, issues } = mapping(row('description', 'text', { via: 'truncate(4)' })).outward(record({ description: 'abcdefgh' }), ids);
  assert.equal(payload['text'], 'abcd');
  assert.deepEqual(
    issues.map(({ kind }) => kind),
    ['shortened'],
  );
  assert.equal(holds(issues), false);
});

test('lists have a limit in each list and in all together, and issues are counted, not piled up', () => {
  const rows = [...part, row('labour[].line', 'time[].id')];
  const lines = (count: number, line: object) => Array.from({ length: count }, () => line);
  assert.match(inwardIssues(rows, { lines: lines(mappingLimits.linesPerList + 1, {}) })[0]?.message ?? '', /2001 lines; at most 2000 in a list/);
  const piled = inwardIssues(rows, { lines: lines(2000, { no: '1' }) });
  assert.equal(piled.length, mappingLimits.issuesPerRecord);
  assert.match(piled.at(-1)?.message ?? '', /^1801 further issues are left out/);
});

test('whatever a native record is, nothing throws and nothing is polluted', () => {
  const compiled = mapping(...part, row('description', 'info.text'), row('asset', 'assetId', { reference: 'asset' }));
  let deep: unknown = 'x';
  for (let i = 0; i < 100_000; i++) deep = { info: deep };
  const hostile: readonly unknown[] = [
    undefined,
    null,
    5,
    'text',
    [],
    [[]],
    Number.NaN,
    native({ lines: deep }),
    native({ lines: [deep, null, 5, [[]]] }),
    native({ title: deep }),
    JSON.parse('{"__proto__":{"id":"A","polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    native({ lines: [{ no: Number.POSITIVE_INFINITY, qty: Number.NaN, unit: deep }] }),
    native({ assetId: '\udc00' }),
    Object.create(native()) as unknown,
  ];
  for (const value of hostile) {
    assert.ok(holds(compiled.inward(value, ids).issues), `held: ${String(typeof value)}`);
    assert.ok(compiled.outward(value, ids).issues.length >= 0);
    compiled.externalReferences(value);
    compiled.hubReferences(value);
  }
  assert.deepEqual(compiled.inward(native({ info: deep }), ids).issues, []);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('a document that cannot be compiled is a fault that names each wrong row', () => {
  const wrong: readonly [MappingRow, RegExp][] = [
    [row('a[].b', 'c'), /steps into 1 lists and `theirs` into 0/],
    [row('__proto__.x', 'c'), /no data/],
    [row('title', ''), /`theirs` is empty/],
    [row('x', 'y', { values: 'stat' }), /did you mean status/],
    [row('x', 'y', { via: 'tirm' }), /did you mean trim/],
    [row('x', '', { direction: 'in', expression: '1 +' }), /Unexpected token/],
    [row('x', '', { direction: 'in', expression: '('.repeat(500) }), /./],
    [row('x', '', { direction: 'in', expression: `'${'a'.repeat(1000)}'` }), /more than 1000/],
    [row('x', '', { direction: 'in', expression: "native.a.matches('(a+)+$')" }), /matches is not available/],
    [row('x', '', { direction: 'in', expression: 'native.a.map(x, native.a.map(y, y))' }), /must belong to the entry/],
    [row('x', '', { direction: 'in', expression: 'process.exit()' }), /./],
    [row('x', '', { direction: 'in', expression: 'record.a' }), /`record` cannot be seen in direction in/],
    [row('x', '', { expression: 'settings.a' }), /cannot be turned round/],
    [row('x', 'y', { when: 'native.a' }), /both directions may only read settings/],
    [row('x', '', { direction: 'in', expression: 'line.a' }), /`line` can only be seen/],
    [row('lines[].x', '', { direction: 'in', expression: 'line.a' }), /no other row builds the lines/],
  ];
  for (const [bad, says] of wrong) {
    assert.throws(
      () => compileMapping(document([row('description', 'd'), bad])),
      (error) =>
        error instanceof Fault && error.kind === 'misconfigured' && error.message.startsWith('mapping test/workOrder: row 5: ') && says.test(error.message)
          ? true
          : assert.fail(`${bad.expression ?? bad.ours}: ${String(error)}`),
    );
  }
  assert.throws(() => compileMapping(document(Array.from({ length: 400 }, (_, i) => row(`a${i}`, `b${i}`)))), /403 rows, more than 400/);
});
