import { keyLiteral, literal, valueOf, type Form } from './codec.ts';
import { ordering, parseFilter } from './filter.ts';
import { OdataError } from './odata-error.ts';
import type { PreparedService, PreparedSet } from './service.ts';
import type { Row } from '../world/store.ts';

/** What to show of an entity: which properties, and which navigations in full. */
export interface Shape {
  readonly select: ReadonlySet<string> | undefined;
  readonly expand: ReadonlyMap<string, Shape>;
}

export const everything: Shape = { select: undefined, expand: new Map() };

/** Query options by name, decoded. */
export function queryOptions(query: string): Map<string, string> {
  const options = new Map<string, string>();
  if (query === '') return options;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    try {
      options.set(decodeURIComponent(at < 0 ? part : part.slice(0, at)), at < 0 ? '' : decodeURIComponent(part.slice(at + 1).replaceAll('+', ' ')));
    } catch {
      throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', 'Malformed percent encoding in the query');
    }
  }
  return options;
}

const known = {
  v2: new Set(['$filter', '$select', '$expand', '$orderby', '$top', '$skip', '$skiptoken', '$inlinecount', '$format', '$search']),
  v4: new Set(['$filter', '$select', '$expand', '$orderby', '$top', '$skip', '$skiptoken', '$count', '$format', '$search']),
};

/** Refuses system options that the protocol version does not know. */
export function checkOptions(options: ReadonlyMap<string, string>, protocol: 'v2' | 'v4'): void {
  for (const name of options.keys())
    if (name.startsWith('$') && !known[protocol].has(name)) throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Invalid system query option ${name}`, name);
}

/** Longest `$expand` path. */
const expandLimit = 5;

/** `$select` and `$expand` of either protocol version as one tree. */
export function shapeOf(options: ReadonlyMap<string, string>, set: PreparedSet, service: PreparedService): Shape {
  const expand = options.get('$expand');
  const select = options.get('$select');
  if (expand === undefined && select === undefined) return everything;
  return service.protocol === 'v2' ? shapeV2(list(select), list(expand), set, service) : shapeV4(select, expand, set, service, 0);
}

const list = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(',').map((part) => part.trim()));

function shapeV2(select: readonly string[], paths: readonly string[], set: PreparedSet, service: PreparedService): Shape {
  const heads = new Map<string, string[]>();
  for (const path of paths) {
    const [head = '', ...rest] = path.split('/');
    const under = heads.get(head) ?? [];
    if (rest.length > expandLimit) throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', '$expand is too deep');
    if (rest.length > 0) under.push(rest.join('/'));
    heads.set(head, under);
  }
  const expand = new Map<string, Shape>();
  for (const [head, under] of heads) {
    const target = navigate(head, set, service);
    expand.set(
      head,
      shapeV2(
        select.filter((path) => path.startsWith(`${head}/`)).map((path) => path.slice(head.length + 1)),
        under,
        target,
        service,
      ),
    );
  }
  const own = select.filter((path) => !path.includes('/') && !expand.has(path));
  for (const name of own) if (name !== '*' && !set.navigations?.[name]) known1(name, set);
  return { select: select.length === 0 || own.includes('*') ? undefined : new Set(own), expand };
}

function shapeV4(select: string | undefined, expand: string | undefined, set: PreparedSet, service: PreparedService, depth: number): Shape {
  if (depth > expandLimit) throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', '$expand is too deep');
  const names = list(select);
  for (const name of names) if (name !== '*') known1(name, set);
  const tree = new Map<string, Shape>();
  for (const part of outside(expand ?? '', ',')) {
    const match = /^\s*([\w*]+)(?:\((.*)\))?\s*$/s.exec(part);
    if (!match) throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Invalid $expand "${part}"`);
    const inner = new Map(
      outside(match[2] ?? '', ';').map((option) => [option.slice(0, option.indexOf('=')).trim(), option.slice(option.indexOf('=') + 1)] as const),
    );
    const head = match[1] ?? '';
    tree.set(head, shapeV4(inner.get('$select'), inner.get('$expand'), navigate(head, set, service), service, depth + 1));
  }
  return { select: names.length === 0 || names.includes('*') ? undefined : new Set(names), expand: tree };
}

/** Splits at a separator outside of parentheses. */
function outside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (text[at] === separator && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part.trim() !== '');
}

function known1(name: string, set: PreparedSet): void {
  if (!set.byName.has(name)) throw new OdataError(400, '/IWBEP/CM_MGW_RT/020', `Property ${name} not found in type ${set.type}`, name);
}

export function navigate(name: string, set: PreparedSet, service: PreparedService): PreparedSet {
  const target = service.setsByName.get(set.navigations?.[name]?.to ?? '');
  if (!target) throw new OdataError(400, '/IWBEP/CM_MGW_RT/022', `Navigation property ${name} not found in type ${set.type}`, name);
  return target;
}

/** A page of rows with what comes after it. */
export interface Page {
  readonly rows: readonly Row[];
  readonly total: number;
  /** Where the next page begins, when the server cut the answer short. */
  readonly next: number | undefined;
}

/** Filters, orders and pages. `source` overrides the set's own rows, for navigation. */
export function findRows(
  set: PreparedSet,
  options: ReadonlyMap<string, string>,
  form: Form,
  page: { readonly size: number; readonly seen: (row: Row) => Row | undefined; readonly source: readonly Row[] | undefined },
): Page {
  const text = options.get('$filter');
  const filter = text === undefined || text === '' ? undefined : parseFilter(text, set, form);
  const indexed = page.source ? undefined : filter?.equal.find(({ field }) => set.table.hasIndex(field));
  const candidates =
    page.source ??
    (indexed ? [...new Set(indexed.values)].flatMap((value) => (value === '' ? set.table.all() : set.table.by(indexed.field, value))) : set.table.all());
  const order = options.get('$orderby');
  const skip = whole(options, '$skip') + whole(options, '$skiptoken');
  const top = options.has('$top') ? Math.max(0, whole(options, '$top') - whole(options, '$skiptoken')) : Infinity;
  const counted = options.get('$inlinecount') === 'allpages' || options.get('$count') === 'true' || order !== undefined;
  const limit = Math.min(top, page.size);
  const matches: Row[] = [];
  for (const candidate of candidates) {
    const row = page.seen(candidate);
    if (row === undefined || (filter && !filter.test(row))) continue;
    matches.push(row);
    if (!counted && matches.length > skip + limit) break;
  }
  if (order) sort(matches, order, set);
  const rows = matches.slice(skip, skip + limit);
  const more = matches.length > skip + limit && top > page.size;
  return { rows, total: matches.length, next: more ? whole(options, '$skiptoken') + rows.length : undefined };
}

function whole(options: ReadonlyMap<string, string>, name: string): number {
  const text = options.get(name);
  if (text === undefined) return 0;
  if (!/^\d{1,9}$/.test(text)) throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Invalid value "${text}" of ${name}`, name);
  return Number(text);
}

function sort(rows: Row[], order: string, set: PreparedSet): void {
  const by = order.split(',').map((part) => {
    const [name = '', direction = 'asc'] = part.trim().split(/\s+/);
    const property = set.byName.get(name);
    if (!property || (direction !== 'asc' && direction !== 'desc'))
      throw new OdataError(400, '/IWBEP/CM_MGW_RT/020', `Property ${name} not found in type ${set.type}`, name);
    return { property, compare: ordering(property), sign: direction === 'asc' ? 1 : -1 };
  });
  rows.sort((a, b) => {
    for (const { property, compare, sign } of by) {
      const [x, y] = [valueOf(a, property), valueOf(b, property)];
      const result = x === null ? (y === null ? 0 : -1) : y === null ? 1 : compare(x, y);
      if (result !== 0) return result * sign;
    }
    return 0;
  });
}

/** The row that a key predicate names: `('4711')` or `(A='1',B=datetime'…')`. */
export function findByKey(set: PreparedSet, predicate: string, form: Form): Row | undefined {
  const wanted = keyValues(set, predicate, form);
  const table = set.table;
  const straight = table.keys.map((field) => wanted.get(field));
  if (straight.every((value) => value !== undefined)) return table.get(...straight);
  const [field, value] = [...wanted].find(([name]) => table.hasIndex(name)) ?? [];
  const rows = field === undefined ? table.all() : table.by(field, value);
  return rows.find((row) => [...wanted].every(([name, one]) => row[name] === one));
}

function keyValues(set: PreparedSet, predicate: string, form: Form): Map<string, ReturnType<typeof literal>> {
  const parts = predicate.match(/(?:[^,']|'(?:[^']|'')*')+/g) ?? [];
  const bad = (): OdataError => new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Invalid key predicate (${predicate}) for ${set.name}`);
  const wanted = new Map<string, ReturnType<typeof literal>>();
  if (parts.length !== set.keys.length) throw bad();
  for (const part of parts) {
    const named = /^\s*(\w+)\s*=(.*)$/s.exec(part);
    const property = named ? set.byName.get(named[1] ?? '') : set.keys.length === 1 ? set.keys[0] : undefined;
    if (!property?.key) throw bad();
    wanted.set(property.field, literal((named?.[2] ?? part).trim(), property, form));
  }
  if (wanted.size !== set.keys.length) throw bad();
  return wanted;
}

/** `Equipment(Equipment='4711',ValidityEndDate=datetime'…')`: the path of a row below the service root. */
export function pathOf(set: PreparedSet, row: Row, form: Form): string {
  const single = set.keys.length === 1 ? set.keys[0] : undefined;
  const keys = single
    ? keyLiteral(valueOf(row, single), single, form)
    : set.keys.map((property) => `${property.name}=${keyLiteral(valueOf(row, property), property, form)}`).join(',');
  return `${set.name}(${keys})`;
}
