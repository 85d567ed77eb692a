import type { TwinResponse } from '#simulators/twin';
import type { Row } from '../world/store.ts';
import { decode, literal, type Form } from './codec.ts';
import { checkEtag, entity, parseBody, readInput, type View } from './entity.ts';
import { OdataError } from './odata-error.ts';
import { checkOptions, everything, findByKey, findRows, navigate, pathOf, queryOptions, shapeOf, type Shape } from './query.ts';
import type { Context, Input, Operation, PreparedSet } from './service.ts';

/** One request below a service root. */
export interface ServiceRequest {
  readonly method: string;
  /** Path below the root, decoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the execution of a service needs beside the request. */
export interface Execution {
  readonly context: Context;
  readonly view: View;
  readonly pageSize: number;
}

/** Where a path leads: rows of a set, one row, or an operation. */
interface Place {
  readonly set: PreparedSet;
  readonly row: Row | undefined;
  readonly source: readonly Row[] | undefined;
  readonly count: boolean;
  readonly operation: Operation | undefined;
}

/** Executes one request. Business refusals are thrown. */
export function execute(request: ServiceRequest, at: Execution): TwinResponse {
  const { service, form } = at.view;
  const options = queryOptions(request.query);
  const plain = service.operationsByName.get(request.path);
  if (plain && !plain.bound) return callFunction(plain, options, request, at);
  const place = locate(request.path, at.view);
  if (place.operation) return callAction(place.operation, place, request, at);
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return read(place, options, request, at);
    case 'POST':
      return create(place, request, at);
    case 'PATCH':
    case 'MERGE':
    case 'PUT': {
      if (!place.row || !place.set.change) throw notAllowed(request.method, place.set);
      if (request.method === 'MERGE' && form.protocol === 'v4') throw notAllowed(request.method, place.set);
      checkEtag(place.set, place.row, request.headers['if-match'], form);
      const { values } = readInput(parseBody(request.body), place.set, service, form, 'change');
      const row = place.set.change(place.row, values, at.context);
      if (form.protocol === 'v2') return answer(204, '', at);
      return answer(200, JSON.stringify({ '@odata.context': context(place.set, at.view, true), ...entity(place.set, row, everything, at.view, true) }), at);
    }
    case 'DELETE': {
      if (!place.row || !place.set.remove) throw notAllowed(request.method, place.set);
      checkEtag(place.set, place.row, request.headers['if-match'], form);
      place.set.remove(place.row, at.context);
      return answer(204, '', at);
    }
    default:
      throw new OdataError(405, '/IWBEP/CM_MGW_RT/035', `Method ${request.method} is not allowed`);
  }
}

function locate(path: string, view: View): Place {
  const [head = '', ...rest] = segments(path);
  const { name, predicate } = split(head);
  const first = view.service.setsByName.get(name);
  if (!first) throw new OdataError(404, '/IWBEP/CM_MGW_RT/002', `Resource not found for segment '${name}'`);
  let place: Place = {
    set: first,
    row: predicate === undefined ? undefined : existing(first, predicate, view),
    source: undefined,
    count: false,
    operation: undefined,
  };
  for (const segment of rest) place = step(place, segment, view);
  return place;
}

function step(place: Place, segment: string, view: View): Place {
  if (segment === '$count' && !place.row) return { ...place, count: true };
  const action = /^(?:SAP__self|com\.sap\.[\w.]+)\.(\w+)$/.exec(segment)?.[1];
  const operation = action === undefined ? undefined : view.service.operationsByName.get(`${place.set.name}/${action}`);
  if (operation) return { ...place, operation };
  const { name, predicate } = split(segment);
  const navigation = place.set.navigations?.[name];
  if (!navigation || !place.row) throw new OdataError(404, '/IWBEP/CM_MGW_RT/002', `Resource not found for segment '${name}'`);
  const target = navigate(name, place.set, view.service);
  const rows = navigation.follow(place.row);
  if (!navigation.many) {
    const row = rows.map(view.seen).find((one) => one !== undefined);
    if (!row) throw notFound();
    return { set: target, row, source: undefined, count: false, operation: undefined };
  }
  if (predicate === undefined) return { set: target, row: undefined, source: rows, count: false, operation: undefined };
  return { set: target, row: existing(target, predicate, view), source: undefined, count: false, operation: undefined };
}

function existing(set: PreparedSet, predicate: string, view: View): Row {
  const found = findByKey(set, predicate, view.form);
  const row = found && view.seen(found);
  if (!row) throw notFound();
  return row;
}

function read(place: Place, options: ReadonlyMap<string, string>, request: ServiceRequest, at: Execution): TwinResponse {
  const { service, form } = at.view;
  checkOptions(options, service.protocol);
  const shape = shapeOf(options, place.set, service);
  if (place.row) {
    const one = entity(place.set, place.row, shape, at.view, true);
    return answer(200, JSON.stringify(form.protocol === 'v2' ? { d: one } : { '@odata.context': context(place.set, at.view, true), ...one }), at);
  }
  const page = findRows(place.set, place.count ? new Map([...options].filter(([name]) => name === '$filter').concat([['$count', 'true']])) : options, form, {
    size: place.count ? Infinity : preferred(request, at.pageSize),
    seen: at.view.seen,
    source: place.source,
  });
  if (place.count) return { ...answer(200, String(page.total), at), headers: { 'content-type': 'text/plain;charset=utf-8' } };
  const rows = page.rows.map((row) => entity(place.set, row, shape, at.view, false));
  const link = page.next === undefined ? undefined : nextLink(request, options, page.next, at.view);
  if (form.protocol === 'v2')
    return answer(
      200,
      JSON.stringify({
        d: {
          ...(options.get('$inlinecount') === 'allpages' ? { __count: String(page.total) } : {}),
          results: rows,
          ...(link === undefined ? {} : { __next: link }),
        },
      }),
      at,
    );
  return answer(
    200,
    JSON.stringify({
      '@odata.context': context(place.set, at.view, false),
      ...(options.get('$count') === 'true' ? { '@odata.count': page.total } : {}),
      value: rows,
      ...(link === undefined ? {} : { '@odata.nextLink': link }),
    }),
    at,
  );
}

/** V4 clients may ask for smaller pages with `Prefer: odata.maxpagesize`. */
function preferred(request: ServiceRequest, size: number): number {
  const asked = /odata\.maxpagesize=(\d{1,6})/.exec(request.headers['prefer'] ?? '')?.[1];
  return asked === undefined || Number(asked) < 1 ? size : Math.min(size, Number(asked));
}

function nextLink(request: ServiceRequest, options: ReadonlyMap<string, string>, next: number, view: View): string {
  const query = [...options]
    .filter(([name]) => name !== '$skiptoken')
    .map(([name, value]) => `${encodeURIComponent(name).replace('%24', '$')}=${encodeURIComponent(value)}`);
  const path = encodeURI(request.path);
  return view.form.protocol === 'v2'
    ? `${view.origin}${view.service.root}${path}?${[...query, `$skiptoken=${next}`].join('&')}`
    : `${path}?${[...query, `$skiptoken=${next}`].join('&')}`;
}

function create(place: Place, request: ServiceRequest, at: Execution): TwinResponse {
  const { service, form } = at.view;
  if (place.row || place.source || !place.set.create) throw notAllowed('POST', place.set);
  const input = readInput(parseBody(request.body), place.set, service, form, 'create');
  const row = place.set.create(input, at.context);
  const created = entity(place.set, row, echoed(input), at.view, true);
  const location = { location: `${at.view.origin}${service.root}${pathOf(place.set, row, form)}` };
  const body = JSON.stringify(form.protocol === 'v2' ? { d: created } : { '@odata.context': context(place.set, at.view, true), ...created });
  const done = answer(201, body, at);
  return { ...done, headers: { ...done.headers, ...location } };
}

/** A deep insert answers with the children it was given. */
function echoed(input: Input): Shape {
  return {
    select: undefined,
    expand: new Map(Object.entries(input.children).map(([name, children]) => [name, children[0] ? echoed(children[0]) : everything])),
  };
}

function callFunction(operation: Operation, options: ReadonlyMap<string, string>, request: ServiceRequest, at: Execution): TwinResponse {
  if (request.method !== operation.method)
    throw new OdataError(405, '/IWBEP/CM_MGW_RT/035', `Method ${request.method} is not allowed for ${operation.name}: use ${operation.method}`);
  const parameters: Row = {};
  for (const property of operation.parameters) {
    const token = options.get(property.name);
    if (token !== undefined) parameters[property.field] = parameter(token, property, at.view.form);
    else if (!property.key) continue;
    else throw new OdataError(400, '/IWBEP/CM_MGW_RT/036', `Parameter ${property.name} of ${operation.name} is missing`, property.name);
  }
  return result(operation, operation.run(parameters, at.context, undefined, {}), at);
}

function parameter(token: string, property: Operation['parameters'][number], form: Form): Row[string] {
  const value = literal(token, property, form);
  if (typeof value === 'string' && property.length !== undefined && property.kind === 'S' && value.length > property.length)
    throw new OdataError(400, '/IWBEP/CM_MGW_RT/036', `Parameter ${property.name} is longer than ${property.length}`, property.name);
  return value;
}

function callAction(operation: Operation, place: Place, request: ServiceRequest, at: Execution): TwinResponse {
  if (request.method !== 'POST') throw new OdataError(405, '/IWBEP/CM_MGW_RT/035', `Method ${request.method} is not allowed for ${operation.name}`);
  if ((operation.bound?.to === 'entity') !== (place.row !== undefined)) throw notFound();
  if (place.row && operation.bound?.etag) checkEtag(place.set, place.row, request.headers['if-match'], at.view.form);
  const body = parseBody(request.body);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new OdataError(400, '/IWBEP/CM_MGW_RT/018', 'The body of an action is an object');
  const parameters: Row = {};
  const names = new Map(operation.parameters.map((property) => [property.name, property]));
  const deep: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const property = names.get(name);
    if (property) parameters[property.field] = decode(value, property, at.view.form);
    else if (name.startsWith('_')) deep[name] = value;
    else throw new OdataError(400, '/IWBEP/CM_MGW_RT/020', `Parameter '${name}' is invalid for action '${operation.name}'`, name);
  }
  return result(operation, operation.run(parameters, at.context, place.row, deep), at);
}

function result(operation: Operation, outcome: ReturnType<Operation['run']>, at: Execution): TwinResponse {
  const { service, form } = at.view;
  if (outcome === undefined) return answer(204, '', at);
  if ('plain' in outcome) return answer(200, JSON.stringify(form.protocol === 'v2' ? { d: outcome.plain } : outcome.plain), at);
  const set = service.setsByName.get(outcome.set);
  if (!set) throw new TypeError(`operation ${operation.name} answers with the unknown set ${outcome.set}`);
  const one = entity(set, outcome.row, everything, at.view, true);
  return answer(operation.status ?? 200, JSON.stringify(form.protocol === 'v2' ? { d: one } : { '@odata.context': context(set, at.view, true), ...one }), at);
}

const context = (set: PreparedSet, view: View, single: boolean): string => `${view.origin}${view.service.root}$metadata#${set.name}${single ? '/$entity' : ''}`;

function answer(status: number, body: string, at: Execution): TwinResponse {
  const v2 = at.view.form.protocol === 'v2';
  const headers: Record<string, string> = {
    'content-type': v2 ? 'application/json;charset=utf-8' : `application/json;odata.metadata=minimal;IEEE754Compatible=${at.view.form.decimalText}`,
    ...(v2 ? { dataserviceversion: '2.0' } : { 'odata-version': '4.0' }),
  };
  const first = at.context.warnings[0];
  if (first) {
    if (v2)
      headers['sap-message'] = JSON.stringify({
        code: first.code,
        message: first.message,
        severity: 'warning',
        target: '',
        transition: false,
        details: at.context.warnings.slice(1).map((one) => ({ ...one, severity: 'warning' })),
      });
    else headers['sap-messages'] = JSON.stringify(at.context.warnings.map((one) => ({ ...one, numericSeverity: 3, transition: false })));
  }
  return { status, headers, body };
}

/** Splits a decoded path at slashes outside of quotes. */
function segments(path: string): string[] {
  if (!path.includes("'")) return path.split('/').filter((part) => part !== '');
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at <= path.length; at++) {
    if (path[at] === "'") quoted = !quoted;
    if (at === path.length || (path[at] === '/' && !quoted)) {
      if (at > from) parts.push(path.slice(from, at));
      from = at + 1;
    }
  }
  return parts;
}

function split(segment: string): { name: string; predicate: string | undefined } {
  const at = segment.indexOf('(');
  if (at < 0) return { name: segment, predicate: undefined };
  if (!segment.endsWith(')')) throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Invalid segment ${segment}`);
  return { name: segment.slice(0, at), predicate: segment.slice(at + 1, -1) };
}

const notFound = (): OdataError => new OdataError(404, '/IWBEP/CM_MGW_RT/004', 'Resource not found');
const notAllowed = (method: string, set: PreparedSet): OdataError =>
  new OdataError(
    405,
    '/IWBEP/CM_MGW_RT/035',
    `Method ${method} is not allowed for ${set.name}: create it together with its parent, or use the operation meant for it`,
  );
