import assert from 'node:assert/strict';
import type * as z from 'zod';
import { compileMapping, type CompiledMapping } from '#mapping/apply';
import { holds, type MappingIssue } from '#mapping/issue';
import { parsePath } from '#mapping/path';
import type { JsonObject } from '#base/json';
import { records } from '#model/records';
import type { Bench } from '#spi/bench';
import { verbNames, type AnyRecordDef, type Connector } from '#spi/connector';
import { definitions, writesOf } from '#spi/contract-assert';
import type { Check } from '#spi/contract';
import { documentation } from '#spi/docs';

/** What can be said of a definition without a system. */
export function definitionChecks(connector: Connector, bench: Bench): Check[] {
  return [
    { name: 'every setting and every field of a sign-in has a title', run: () => titled(connector) },
    { name: 'the documentation page is reproducible and names every record and every write', run: () => documented(connector) },
    { name: 'every record kind is defined once, with verbs that exist', run: () => definedOnce(connector) },
    {
      name: 'permissions, limits and sources are stated',
      run: () =>
        assert.ok(
          connector.permissions.length > 0 &&
            connector.sources.length > 0 &&
            connector.limits.perMinute > 0 &&
            connector.limits.parallel > 0 &&
            connector.limits.page > 0,
        ),
    },
    ...definitions(connector).flatMap(({ kind, def }) => recordChecks(connector, bench, def).map(({ name, run }) => ({ name: `${kind}: ${name}`, run }))),
  ];
}

function titled(connector: Connector): void {
  for (const shape of [connector.config, ...connector.auth.map(({ fields }) => fields)]) {
    for (const [name, schema] of Object.entries((shape as z.ZodObject).shape)) assert.ok((schema as z.ZodType).meta()?.title, `${name} has no title`);
  }
}

function documented(connector: Connector): void {
  const page = documentation(connector);
  assert.equal(page, documentation(connector));
  for (const { kind, verbs } of definitions(connector)) {
    assert.ok(page.includes(kind), `${kind} is not on the page`);
    for (const { write } of writesOf(verbs)) {
      assert.ok(write.how.length > 20, `${kind}: how repetition is recognised is not said`);
      assert.ok(page.includes(write.how.replaceAll('|', '\\|')), `${kind}: ${write.how} is not on the page`);
    }
  }
}

function definedOnce(connector: Connector): void {
  const kinds = Object.values(connector.records).map(({ kind }) => kind);
  assert.ok(kinds.length > 0, 'no record is defined');
  assert.equal(new Set(kinds).size, kinds.length, 'a record kind is defined twice');
  for (const { kind, verbs } of definitions(connector)) {
    for (const verb of Object.keys(verbs)) assert.ok((verbNames as readonly string[]).includes(verb), `${kind} has a verb ${verb}`);
    for (const { verb, write } of writesOf(verbs)) assert.ok(write.class !== 'L' || write.trace !== undefined, `${kind}.${verb} is class L and has no trace`);
  }
}

/** Mapping tools of a bench: hub ids are numbers with a prefix, so that they can be turned back. */
export function mappingOf(connector: Connector, bench: Bench, def: AnyRecordDef): CompiledMapping {
  const settings = connector.config.parse(bench.config) as JsonObject;
  return compileMapping({ id: `${connector.name}/${def.kind}`, record: def.kind, rows: def.rows, values: def.values ?? [] }, { settings });
}
export const inwardContext = { hubId: (kind: string, id: string) => `${kind}:${id}` };
const outwardContext = { externalId: (kind: string, hubId: string) => (hubId.startsWith(`${kind}:`) ? hubId.slice(kind.length + 1) : undefined) };
const shown = (issues: readonly MappingIssue[]): string => issues.map(({ message }) => message).join('; ');

function recordChecks(connector: Connector, bench: Bench, def: AnyRecordDef): Check[] {
  const example = (): Record<string, unknown> => def.shape.parse(def.example) as Record<string, unknown>;
  return [
    {
      name: 'the example decodes, has a key, and its mapping compiles',
      run: () => {
        assert.ok(def.key(example()).length > 0);
        mappingOf(connector, bench, def);
      },
    },
    { name: 'every mapped path exists', run: () => pathsExist(def, example()) },
    {
      name: 'the example maps inward without a holding issue, and no binary float gets into the record',
      run: () => {
        const { record, issues } = mappingOf(connector, bench, def).inward(example(), inwardContext);
        assert.ok(!holds(issues), shown(issues));
        noFloats(record, def.kind);
      },
    },
    { name: 'what is mapped both ways comes back exactly', run: () => roundTrip(mappingOf(connector, bench, def), def, example()) },
    {
      name: 'value maps are one to one',
      run: () => {
        for (const { name, pairs, inwardOnly = [] } of def.values ?? []) {
          assert.equal(new Set(pairs.map(({ ours }) => ours)).size, pairs.length, `${name}: a value of ours stands twice`);
          assert.equal(
            new Set([...pairs, ...inwardOnly].map(({ theirs }) => theirs)).size,
            pairs.length + inwardOnly.length,
            `${name}: a value of theirs stands twice`,
          );
        }
      },
    },
    {
      name: 'members that nobody knows are kept',
      run: () => {
        const strange = { anything: ['x', 1] };
        const decoded = def.shape.parse({ ...(def.example as object), zzStrange: strange }) as Record<string, unknown>;
        assert.deepEqual(decoded['zzStrange'], strange, 'decoding drops unknown members');
        assert.deepEqual(mappingOf(connector, bench, def).inward(decoded, inwardContext).remainder['zzStrange'], strange, 'mapping drops unknown members');
      },
    },
    {
      name: 'a record without its required members is refused',
      run: () => {
        for (const broken of [{}, [], 'text', null, 42]) assert.ok(!def.shape.safeParse(broken).success, `${JSON.stringify(broken)} decodes`);
      },
    },
  ];
}

/** The first object of a list stands for all of them. */
function at(value: unknown, path: string): unknown {
  let here: unknown = value;
  for (const [index, level] of parsePath(path).levels.entries()) {
    if (index > 0) here = Array.isArray(here) ? (here as unknown[])[0] : undefined;
    for (const step of level)
      here = here !== null && typeof here === 'object' && Object.hasOwn(here, step) ? (here as Record<string | number, unknown>)[step] : undefined;
  }
  return here;
}

function pathsExist(def: AnyRecordDef, example: Record<string, unknown>): void {
  const members = Object.keys(records[def.kind].shape);
  for (const row of def.rows) {
    const root = row.ours === '' ? undefined : parsePath(row.ours).levels[0]?.[0];
    assert.ok(root === undefined || members.includes(String(root)), `${row.ours} is not a member of ${def.kind}`);
    if (row.direction === 'out' || row.theirs === '' || row.when !== undefined) continue;
    assert.notEqual(at(example, row.theirs), undefined, `${row.theirs} is not in the example`);
  }
}

function roundTrip(mapping: CompiledMapping, def: AnyRecordDef, example: Record<string, unknown>): void {
  const both = def.rows.filter(({ direction }) => direction === 'both');
  const { record } = mapping.inward(example, inwardContext);
  const { payload, issues } = mapping.outward(record, outwardContext);
  assert.ok(!holds(issues), shown(issues));
  for (const { theirs } of both) assert.deepEqual(at(payload, theirs), at(example, theirs), `${theirs} does not come back`);
}

/** Whole numbers are counts; a fraction among the numbers of a record is a float where decimal text belongs. */
function noFloats(value: unknown, where: string): void {
  if (typeof value === 'number') assert.ok(Number.isSafeInteger(value), `${where} is the binary float ${value}`);
  else if (Array.isArray(value)) value.forEach((item, index) => noFloats(item, `${where}[${index}]`));
  else if (value !== null && typeof value === 'object') for (const [name, member] of Object.entries(value)) noFloats(member, `${where}.${name}`);
}
