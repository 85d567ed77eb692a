import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { assetRoutes } from '#simulators/maintainx/assets';
import { assetStatusRoutes } from '#simulators/maintainx/asset-statuses';
import { areas, defaultConfig, type ApiKey, type Area, type MaintainXConfig } from '#simulators/maintainx/config';
import { customFieldRoutes } from '#simulators/maintainx/custom-fields';
import { Deliveries, type Deliver } from '#simulators/maintainx/delivery';
import { allowanceHeaders, RateGate } from '#simulators/maintainx/limits';
import { locationRoutes } from '#simulators/maintainx/locations';
import { meterRoutes } from '#simulators/maintainx/meters';
import { partRoutes } from '#simulators/maintainx/parts';
import { MaintainXWorld } from '#simulators/maintainx/plant';
import { purchaseOrderRoutes } from '#simulators/maintainx/purchase-order-routes';
import { customFieldEntities } from '#simulators/maintainx/records';
import { invalid, notFound, Refusal } from '#simulators/maintainx/refusal';
import { subscriptionRoutes } from '#simulators/maintainx/subscriptions';
import { createUser, userRoutes } from '#simulators/maintainx/users';
import { vendorRoutes } from '#simulators/maintainx/vendors';
import { costRoutes } from '#simulators/maintainx/work-order-costs';
import { workOrderRoutes } from '#simulators/maintainx/work-order-routes';
import { workRequestRoutes } from '#simulators/maintainx/work-requests';
import type { Actor } from '#simulators/maintainx/world';
import { flag, type Call, type Route } from '#simulators/maintainx/wire';
import { Buttons, type Twin, type TwinRequest, type TwinResponse, type TwinTable } from '#simulators/twin';

/** What this vendor's world can do wrong. MaintainX locks no records, so that there is no button for it. */
export const worldFaults = {
  duplicateWebhook: 'delivers each webhook `with.times` times (default 2)',
  lateWebhook: 'delivers webhooks after `delayMs` (default 60 s)',
  lostWebhook: 'never delivers webhooks',
  wrongSignature: 'signs webhooks with another secret',
  contractChanged: 'renames property `with.property` to `with.to` in answers; without `to` it is gone',
  partialPage: 'leaves a row out of a page after the first',
  forbidden: 'refuses writes with 403: the key lost a permission',
  subscriptionGone: 'deletes a subscription when it is next asked for',
} as const;

/** Every operation that is served. */
export const routes: readonly Route[] = [
  ...assetRoutes,
  ...assetStatusRoutes,
  ...locationRoutes,
  ...partRoutes,
  ...workOrderRoutes,
  ...costRoutes,
  ...purchaseOrderRoutes,
  ...vendorRoutes,
  ...userRoutes,
  ...meterRoutes,
  ...customFieldRoutes,
  ...workRequestRoutes,
  ...subscriptionRoutes,
];
const routeByKey: ReadonlyMap<string, Route> = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
const queryByRoute: ReadonlyMap<Route, ReadonlySet<string>> = new Map(
  routes.map((route) => [route, new Set(['cursor', 'limit', ...(route.method === 'GET' ? [] : ['skipWebhook']), ...(route.query ?? [])])]),
);
/** Lists that take `x-organization-ids`. */
const manyOrganizations = new Set(['/assets', '/parts', '/locations', '/manufacturers', '/models']);
const noQuery = new URLSearchParams();

export interface MaintainXTwin extends Twin {
  readonly world: MaintainXWorld;
  readonly config: MaintainXConfig;
  readonly deliveries: Deliveries;
  handle(request: TwinRequest): TwinResponse;
  /** The vendor's own 429, for the wire fault `throttled`. */
  throttleAnswer(): TwinResponse;
  /** From now on a key opens these parts of the application and no others; without any list it is revoked. */
  permit(key: string, areas: readonly Area[] | undefined): void;
}

/** A MaintainX of one or several organisations behind REST v1, at `/v1`. Synchronous: every answer is there when `handle` returns. */
export function maintainxTwin(options: { clock: Clock; random: Random; deliver?: Deliver; config?: Partial<MaintainXConfig> }): MaintainXTwin {
  const config: MaintainXConfig = { ...defaultConfig, ...options.config };
  const world = new MaintainXWorld({ clock: options.clock, random: options.random, config });
  const buttons = new Buttons(worldFaults);
  const deliveries = new Deliveries({ world, buttons, deliver: options.deliver });
  world.send = (event) => deliveries.send(event);
  for (const key of config.keys) addKeyUser(world, key);
  const gate = config.rateLimits ? new RateGate(options.clock, config.rateLimits) : undefined;
  const keys = new Map(config.keys.map((key) => [key.key, key]));
  const writes: { readonly method: string; readonly url: string; readonly status: number }[] = [];

  const handle = (request: TwinRequest): TwinResponse => {
    const answer = answered({ request, world, buttons, gate, keys });
    if (request.method !== 'GET') {
      writes.push({ method: request.method, url: request.url, status: answer.status });
      if (writes.length >= config.writesKept * 2) writes.splice(0, writes.length - config.writesKept);
    }
    return answer;
  };
  return {
    name: 'maintainx',
    world,
    config,
    deliveries,
    buttons,
    writes,
    handle,
    tables: () => tablesOf(world),
    inspect: () => ({ ...world.summary(), deliveries: { ...deliveries.counts, retriesWaiting: deliveries.retriesWaiting } }),
    permit: (key, allowed) => {
      const known = keys.get(key);
      if (allowed === undefined) keys.delete(key);
      else if (known) keys.set(key, { ...known, areas: allowed });
    },
    throttleAnswer: () => ({
      status: 429,
      headers: { ...jsonHeaders, ...allowanceHeaders({ limit: 100, remaining: 0, resetSeconds: 60, refused: true }) },
      body: '{"error":"Too many requests"}',
    }),
  };
}

/** A key acts as a user, who must be there. */
function addKeyUser(world: MaintainXWorld, key: ApiKey): void {
  const [organizationId] = key.organizationIds;
  if (organizationId === undefined || world.users.has(key.userId)) return;
  createUser(world, { organizationId, userId: key.userId, quiet: true }, { firstName: 'API', lastName: 'key', role: 'ADMIN' }, key.userId);
}

/** Everything that stands in the world, in the order of a plant's story. */
function tablesOf(world: MaintainXWorld): readonly TwinTable[] {
  const {
    locations,
    assets: machines,
    assetStatuses,
    parts,
    vendors,
    users,
    workOrders,
    workRequests,
    purchaseOrders,
    meters,
    triggers,
    subscriptions,
    customFields,
  } = world;
  const tables = {
    locations,
    assets: machines,
    'asset statuses': assetStatuses,
    parts,
    vendors,
    users,
    'work orders': workOrders,
    'work requests': workRequests,
    'purchase orders': purchaseOrders,
    meters,
    'meter triggers': triggers,
    subscriptions,
    'custom fields': customFields,
  };
  return Object.entries(tables).map(([name, table]) => ({ name, size: table.size, rows: () => (table as ReadonlyMap<number, object>).values() }));
}

const jsonHeaders: Readonly<Record<string, string>> = { 'content-type': 'application/json; charset=utf-8' };

interface Door {
  readonly request: TwinRequest;
  readonly world: MaintainXWorld;
  readonly buttons: Buttons;
  readonly gate: RateGate | undefined;
  readonly keys: ReadonlyMap<string, ApiKey>;
}

function answered(door: Door): TwinResponse {
  let headers = jsonHeaders;
  try {
    const key = keyOf(door);
    if (!key) return { status: 401, headers: {}, body: '' };
    const allowance = door.gate?.spend(key.userId, requestedOrganization(door.request, key) ?? key.organizationIds[0] ?? 0);
    if (allowance) headers = { ...headers, ...allowanceHeaders(allowance) };
    if (allowance?.refused) throw new Refusal(429, [{ error: 'Too many requests' }]);
    const { route, call } = matched(door, key);
    const value = route.handle(call);
    if (route.success === 204) return { status: 204, headers: allowance ? allowanceHeaders(allowance) : {}, body: '' };
    const renamed = door.buttons.fire('contractChanged', target(door.request));
    return { status: route.success, headers, body: JSON.stringify(renamed ? rename(value, renamed.with?.['property'] ?? '', renamed.with?.['to']) : value) };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, headers, body: error.body(door.request.method) };
    return { status: 500, headers: { 'content-type': 'text/plain' }, body: `bug in the twin: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

const target = ({ method, url }: TwinRequest): string => `${method} ${url}`;

function keyOf({ request, keys }: Door): ApiKey | undefined {
  const header = request.headers['authorization'];
  return header !== undefined && header.slice(0, 7).toLowerCase() === 'bearer ' ? keys.get(header.slice(7)) : undefined;
}

const areaOf: ReadonlyMap<string, Area> = new Map(Object.entries(areas).flatMap(([area, segments]) => segments.map((segment) => [segment, area as Area])));

/** Whether the role behind a key may do this; people are read with every key. */
function allowed({ areas: own }: ApiKey, resource: string, method: string): boolean {
  const area = areaOf.get(resource);
  return own === undefined || area === undefined || own.includes(area) || (area === 'users' && method === 'GET');
}

function requestedOrganization({ headers }: TwinRequest, key: ApiKey): number | undefined {
  const text = headers['x-organization-id'];
  if (text === undefined) return key.organizationIds.length === 1 ? key.organizationIds[0] : undefined;
  const organizationId = Number(text);
  if (!key.organizationIds.includes(organizationId)) throw invalid('x-organization-id', `Organization ${text.slice(0, 20)} is not one of this token`, text);
  return organizationId;
}

/** The route of a path, and everything that its handler may ask. */
function matched(door: Door, key: ApiKey): { route: Route; call: Call } {
  const { request, world, buttons } = door;
  const mark = request.url.indexOf('?');
  const path = mark < 0 ? request.url : request.url.slice(0, mark);
  const [, version, resource, first, action, second, ...rest] = path.split('/');
  const tail = action === undefined ? '' : `/${resource === 'customfields' ? '{}' : action}${second === undefined ? '' : '/{}'}`;
  const route = version === 'v1' && rest.length === 0 ? routeByKey.get(`${request.method} /${resource}${first === undefined ? '' : '/{}'}${tail}`) : undefined;
  if (!route) throw notFound('path');
  const query = mark < 0 ? noQuery : new URLSearchParams(request.url.slice(mark + 1));
  const organizationId = requestedOrganization(request, key);
  const organizationIds = organizationsOf(request, route, key, organizationId);
  checkQuery(world, route, query, organizationIds);
  if (!allowed(key, resource ?? '', request.method) || (request.method !== 'GET' && buttons.fire('forbidden', target(request))))
    throw new Refusal(403, [{ error: 'You are forbidden to perform the requested action or to access this resource' }]);
  if (resource === 'subscriptions' && buttons.fire('subscriptionGone', target(request))) world.subscriptions.delete(Number(first));
  const quiet = route.method !== 'GET' && flag(query, 'skipWebhook');
  const actor = (organization: number): Actor => ({ organizationId: organization, userId: key.userId, quiet });
  const call: Call = {
    world,
    organizationIds,
    query,
    key: first ?? '',
    subKey: action ?? '',
    body: request.body,
    path,
    actor: () => {
      if (organizationId === undefined) throw new Refusal(400, [{ error: 'OrganizationId was not provided' }]);
      return actor(organizationId);
    },
    actorOn: (record) => actor(record.organizationId),
    spendReadings: (meters, kind) => door.gate?.spendReadings(key.userId, meters, kind),
    skipRow: () => buttons.fire('partialPage', target(request)) !== undefined,
  };
  return { route, call };
}

/** Which organisations a call sees: one, or several where the list allows the header of many; records by id are found in all of the key's. */
function organizationsOf(request: TwinRequest, route: Route, key: ApiKey, organizationId: number | undefined): ReadonlySet<number> {
  const many = request.headers['x-organization-ids'];
  if (many !== undefined) {
    if (request.headers['x-organization-id'] !== undefined)
      throw invalid('x-organization-ids', 'x-organization-id and x-organization-ids are mutually exclusive');
    if (route.method !== 'GET' || !manyOrganizations.has(route.path)) throw invalid('x-organization-ids', 'x-organization-ids is not supported here');
    const wanted = many.split(',').map(Number);
    for (const one of wanted) if (!key.organizationIds.includes(one)) throw invalid('x-organization-ids', `Organization ${one} is not one of this token`);
    return new Set(wanted);
  }
  if (organizationId !== undefined) return new Set([organizationId]);
  if (route.method === 'GET' && !route.path.includes('{') && route.path !== '/organizations')
    throw new Refusal(400, [{ error: 'OrganizationId was not provided' }]);
  return new Set(key.organizationIds);
}

/** A parameter that is neither the document's nor a custom field's label is refused, so that a misspelt filter does not return everything. */
function checkQuery(world: MaintainXWorld, route: Route, query: URLSearchParams, organizationIds: ReadonlySet<number>): void {
  if (query === noQuery) return;
  const known = queryByRoute.get(route);
  const entity = customFieldEntities.find((one) => route.path === `/${one.toLowerCase()}`);
  for (const name of query.keys()) {
    if (known?.has(name)) continue;
    if (entity && [...organizationIds].some((organizationId) => world.fieldByLabel.has(`${organizationId} ${entity} ${name}`))) continue;
    throw invalid(name, `Unknown query parameter ${name.slice(0, 60)}`);
  }
}

function rename(value: unknown, from: string, to: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((one) => rename(one, from, to));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      key !== from ? [[key, rename(member, from, to)]] : to === undefined ? [] : [[to, rename(member, from, to)]],
    ),
  );
}

export { httpDeliver, type Deliver, type OutgoingHook } from '#simulators/maintainx/delivery';
