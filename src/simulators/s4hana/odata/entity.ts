import { createHash } from 'node:crypto';
import { encode, decode, type Form } from './codec.ts';
import { OdataError } from './odata-error.ts';
import { navigate, pathOf, type Shape } from './query.ts';
import type { Row } from '../world/store.ts';
import type { Input, PreparedService, PreparedSet } from './service.ts';

/** Everything needed to show a row. */
export interface View {
  readonly service: PreparedService;
  readonly form: Form;
  /** Scheme and host of the request, for absolute addresses. */
  readonly origin: string;
  readonly seen: (row: Row) => Row | undefined;
}

/** A row as JSON of the protocol version. */
export function entity(set: PreparedSet, stored: Row, shape: Shape, view: View, single: boolean): Record<string, unknown> {
  const row = set.view ? set.view(stored, single) : stored;
  const v2 = view.form.protocol === 'v2';
  const out: Record<string, unknown> = {};
  const path = pathOf(set, row, view.form);
  const uri = `${view.origin}${view.service.root}${path}`;
  if (v2) out['__metadata'] = { id: uri, uri, type: `${view.service.namespace}.${set.type}`, ...(set.etag ? { etag: etagOf(row, view.form) } : {}) };
  else if (set.etag) out['@odata.etag'] = etagOf(row, view.form);
  for (const property of set.properties)
    if (shape.select === undefined || shape.select.has(property.name)) out[property.name] = encode(row, property, view.form);
  if (!v2 && set.etag && shape.select === undefined) out['SAP__Messages'] = [];
  for (const [name, navigation] of Object.entries(set.navigations ?? {})) {
    const expanded = shape.expand.get(name);
    if (expanded) {
      const target = navigate(name, set, view.service);
      const rows = navigation
        .follow(row)
        .map(view.seen)
        .filter((one) => one !== undefined)
        .map((one) => entity(target, one, expanded, view, false));
      out[name] = navigation.many ? (v2 ? { results: rows } : rows) : (rows[0] ?? null);
    } else if (v2 && (shape.select === undefined || shape.select.has(name))) out[name] = { __deferred: { uri: `${uri}/${name}` } };
  }
  return out;
}

/** The version of a row, as a weak entity tag. */
export function etagOf(row: Row, form: Form): string {
  const digest = createHash('sha1').update(JSON.stringify(row)).digest('hex').slice(0, 20).toUpperCase();
  return form.protocol === 'v2' ? `W/"'${digest}'"` : `W/"SADL-${digest}"`;
}

/** Checks If-Match: 428 where it is wanted and missing, 412 where the row has moved on. */
export function checkEtag(set: PreparedSet, row: Row, given: string | undefined, form: Form): void {
  if (!set.etag) return;
  if (given === undefined) {
    if (set.etag === 'required') throw new OdataError(428, '/IWBEP/CM_MGW_RT/030', 'Precondition required: send the entity tag with If-Match');
    return;
  }
  if (given === '*' || given.split(',').some((tag) => tag.trim() === etagOf(row, form))) return;
  throw new OdataError(412, '/IWBEP/CM_MGW_RT/031', 'Precondition failed: the entity was changed meanwhile');
}

/** Deepest nesting of a request body. */
const depthLimit = 4;

/** Reads a request body: only properties of the type that may be written, and children where navigations lead. */
export function readInput(body: unknown, set: PreparedSet, service: PreparedService, form: Form, purpose: 'create' | 'change', depth = 0): Input {
  if (body === null || typeof body !== 'object' || Array.isArray(body) || depth > depthLimit) throw malformed();
  const values: Row = {};
  const children: Record<string, readonly Input[]> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith('__') || name.startsWith('@') || name === 'SAP__Messages') continue;
    const property = set.byName.get(name);
    if (property) {
      const allowed = purpose === 'create' ? property.creatable : property.updatable;
      if (!allowed && !(purpose === 'change' && property.key))
        throw new OdataError(400, '/IWBEP/CM_MGW_RT/033', `Property '${name}' of '${set.type}' must not be ${purpose === 'create' ? 'set' : 'changed'}`, name);
      if (allowed) values[property.field] = decode(value, property, form);
      continue;
    }
    if (!set.navigations?.[name])
      throw new OdataError(400, '/IWBEP/CM_MGW_RT/020', `Property '${name}' is invalid: type '${set.type}' has no such property`, name);
    if (purpose === 'change') throw new OdataError(400, '/IWBEP/CM_MGW_RT/034', `Deep update of '${name}' is not supported`, name);
    const target = navigate(name, set, service);
    children[name] = childrenOf(value, form).map((child) => readInput(child, target, service, form, purpose, depth + 1));
  }
  return { values, children };
}

function childrenOf(value: unknown, form: Form): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (form.protocol === 'v2' && value !== null && typeof value === 'object' && 'results' in value && Array.isArray(value.results)) return value.results;
  throw malformed();
}

/** The JSON of a body; 400 where it is none. */
export function parseBody(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

const malformed = (): OdataError => new OdataError(400, '/IWBEP/CM_MGW_RT/018', 'The data services request contains SAP Gateway-specific or malformed content');
