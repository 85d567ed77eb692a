import { Fault } from '#base/fault';
import { literal } from '#spi/odata-codec';
import type { EntityType, Field, ODataService, ODataVersion } from '#spi/odata-type';

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** One condition: `['Plant', 'eq', '2100']`; a list of values means any of them. Conditions of a query all hold together; `anyOf` holds where one of its groups does. */
export type Condition =
  | readonly [property: string, is: Comparison, value: string | boolean | readonly string[]]
  | { readonly anyOf: readonly (readonly Condition[])[] };

export interface ODataQuery {
  readonly filter?: readonly Condition[];
  /** Native property names; absent: everything, so that customer fields come along. */
  readonly select?: readonly string[];
  /** Native paths: `['to_MaterialDocumentItem']`, `['_PurchaseOrderItem/_PurOrdAccountAssignment']`. */
  readonly expand?: readonly string[];
  readonly orderBy?: readonly string[];
  readonly top?: number;
  readonly skip?: number;
}

/** Values of one list condition; more would make an address too long for common proxies. */
export const valuesPerCondition = 60;

function fieldOf(type: EntityType, name: string): Field {
  const field = type.byName.get(name);
  if (!field) throw new Fault('misconfigured', `${type.set} has no property ${name} that Linchpin knows`);
  return field;
}

/** `A_PurchaseRequisitionItem(PurchaseRequisition='10045120',PurchaseRequisitionItem='10')`, percent-encoded. Every key property must be given. */
export function keyPath(type: EntityType, version: ODataVersion, key: Readonly<Record<string, string>>): string {
  const parts = type.keys.map((field) => {
    const value = key[field.name];
    if (value === undefined) throw new Fault('misconfigured', `a key of ${type.set} lacks ${field.name}`);
    if (field.length !== undefined && (field.kind === 'text' || field.kind === 'id' || field.kind === 'digits') && value.length > field.length)
      throw new Fault('missing', `no ${type.set} can have the key ${JSON.stringify(value.slice(0, 60))}`);
    return { field, text: encodeURIComponent(literal(field, version, value)) };
  });
  const [only] = parts;
  return `${type.set}(${only && parts.length === 1 ? only.text : parts.map(({ field, text }) => `${field.wire}=${text}`).join(',')})`;
}

/** The text after `$filter=`, not yet percent-encoded. */
export function filterText(type: EntityType, version: ODataVersion, conditions: readonly Condition[]): string {
  return conditions
    .map((condition) => {
      if ('anyOf' in condition) return `(${condition.anyOf.map((group) => `(${filterText(type, version, group)})`).join(' or ')})`;
      const [name, is, value] = condition;
      const field = fieldOf(type, name);
      if (!Array.isArray(value)) return `${field.wire} ${is} ${literal(field, version, value as string | boolean)}`;
      const values = value as readonly string[];
      if (values.length === 0 || values.length > valuesPerCondition)
        throw new Fault('misconfigured', `a condition on ${name} has ${values.length} values; 1 to ${valuesPerCondition} are possible`);
      const any = values.map((one) => `${field.wire} ${is} ${literal(field, version, one)}`).join(' or ');
      return values.length === 1 ? any : `(${any})`;
    })
    .join(' and ');
}

/** The query text with its options, percent-encoded, without `?`. */
export function queryText(type: EntityType, version: ODataVersion, query: ODataQuery): string {
  const options: [string, string][] = [];
  if (query.filter !== undefined && query.filter.length > 0) options.push(['$filter', filterText(type, version, query.filter)]);
  if (query.select !== undefined) options.push(['$select', query.select.map((name) => fieldOf(type, name).wire).join(',')]);
  if (query.expand !== undefined && query.expand.length > 0)
    options.push(['$expand', version === 'v2' ? query.expand.map((path) => wirePath(type, path).join('/')).join(',') : nestedExpand(type, query.expand)]);
  if (query.orderBy !== undefined && query.orderBy.length > 0) options.push(['$orderby', query.orderBy.map((name) => fieldOf(type, name).wire).join(',')]);
  if (query.top !== undefined) options.push(['$top', String(query.top)]);
  if (query.skip !== undefined && query.skip > 0) options.push(['$skip', String(query.skip)]);
  return options.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&');
}

function wirePath(type: EntityType, path: string): string[] {
  let here = type;
  return path.split('/').map((name) => {
    const next = here.navigationsByName.get(name);
    if (!next) throw new Fault('misconfigured', `${here.set} has no navigation ${name} that Linchpin knows`);
    here = next.type;
    return next.wire;
  });
}

/** V4 nests: `_Item($expand=_Account),_Note`. */
function nestedExpand(type: EntityType, paths: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const [first = '', ...rest] = path.split('/');
    const inner = groups.get(first) ?? [];
    if (rest.length > 0) inner.push(rest.join('/'));
    groups.set(first, inner);
  }
  return [...groups]
    .map(([name, inner]) => {
      const navigation = type.navigationsByName.get(name);
      if (!navigation) throw new Fault('misconfigured', `${type.set} has no navigation ${name} that Linchpin knows`);
      return inner.length === 0 ? navigation.wire : `${navigation.wire}($expand=${nestedExpand(navigation.type, inner)})`;
    })
    .join(',');
}

/** A parameter of an operation: its name on the wire, its kind and its value. */
export type Parameter = readonly [name: string, kind: Field['kind'], value: string | boolean];

/** Parameters of a V2 function import, in the query text: `Equipment='10004711'&ValidityEndDate=datetime'9999-12-31T00:00:00'`. */
export function parameterText(parameters: readonly Parameter[]): string {
  return parameters
    .map(([name, kind, value]) => `${name}=${encodeURIComponent(literal({ name, wire: name, kind, key: false, readOnly: false }, 'v2', value))}`)
    .join('&');
}

/**
 * The rest of an address that a service gave as "next page", below its own root. A link that leads elsewhere is refused: it is data, and addresses come from the configuration alone.
 */
export function ownLink(base: string, service: ODataService, link: string): string {
  const root = `${service.root}/`;
  let url: URL;
  try {
    url = new URL(link, `${base}${root}`);
  } catch {
    throw new Fault('drifted', `${service.name} gave a next page that is no address`);
  }
  // Gateways behind a proxy name their inner host; the path below the service's root is all that is used.
  const at = url.pathname.indexOf(root);
  if (at < 0 || /\/\.{1,2}(\/|$)/.test(url.pathname.slice(at))) throw new Fault('drifted', `${service.name} gave a next page outside of its own path`);
  return url.pathname.slice(at + root.length) + url.search;
}
