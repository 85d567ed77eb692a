import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { Buttons, type Twin, type TwinRequest, type TwinResponse } from '../twin.ts';
import { listPage, type ListAnswer, type Row } from './list.ts';
import { partView } from './parts.ts';
import { badRead, badWrite, json, notFound, Refusal, refusalAnswer } from './refusal.ts';
import { lines, readBody, type Body, type Shape } from './shape.ts';
import { Subscriptions, type OutgoingHook } from './subscriptions.ts';
import { Technician } from './technician.ts';
import { assetListView, assetView, plainView, World, type PlainKind } from './world.ts';
import type { CostRow, Status } from './work-orders.ts';
import type { OrderStatus } from './purchase-orders.ts';

export interface MaintainXConfig {
  readonly orgId: number;
  readonly apiKey: string;
  readonly baseUrl: string;
  /** Requests per minute of one user and of the organisation; 0 = no limit. */
  readonly perMinute: number;
  readonly partsDeductedOn: 'done' | 'use';
}

export interface MaintainXTwin extends Twin {
  readonly world: World;
  readonly technician: Technician;
  readonly subscriptions: Subscriptions;
  throttleAnswer(): TwinResponse;
}

const worldFaults = {
  duplicateWebhook: 'each delivery is sent `with.times` times (default 2)', lateWebhook: 'deliveries come `delayMs` late', lostWebhook: 'deliveries are lost', wrongSignature: 'deliveries are signed with another secret',
  contractChanged: 'a member of work orders has another name: `title` becomes `name`', partialPage: 'the first row of a page is left out',
};
const writesKept = 10_000;

const depreciation: Shape = { id: 'number', accumulatedDepreciation: 'number', annualDepreciation: 'number', depreciationStartDate: 'instant', currentBookValue: 'number', purchasePrice: 'number', purchaseDate: 'instant', salvageValue: 'number', usefulLifeYears: 'number', yearsDepreciated: 'number', createdAt: 'instant', archivedAt: 'instant' };
const asset: Shape = { name: 'text', description: 'text', barcode: 'text', criticalityId: 'int', parentId: 'int', locationId: 'int', teamIds: 'ints', assetTypes: 'texts', extraFields: 'object', vendorIds: 'ints', serialNumber: 'text', depreciation: 'object', manufacturer: 'object', model: 'object' };
const location: Shape = { name: 'text', description: 'text', address: 'text', barcode: 'text', parentId: 'int', extraFields: 'object', vendorIds: 'ints' };
const vendor: Shape = { name: 'text', description: 'text', emails: 'texts', phoneNumbers: 'texts', extraFields: 'object' };
const user: Shape = { firstName: 'text', lastName: 'text', role: ['ADMIN', 'MEMBER', 'OPERATOR', 'REQUESTER', 'SERVICE_ACCOUNT'], customRole: 'text', email: 'text', phoneNumber: 'text', externalData: 'any', extraFields: 'object', authType: ['NORMAL', 'SAML', 'OIDC'], inviteType: ['ALL', 'EMAIL', 'SMS', 'NONE'], hourlyRate: 'int', removedFromOrganization: 'flag' };
const meter: Shape = { name: 'text', unit: 'text', measurementType: ['MANUAL', 'AUTOMATED_SENSOR'], assetId: 'int', locationId: 'int', readingFrequency: 'object', description: 'text' };
const workRequest: Shape = { title: 'text', description: 'text', priority: ['NONE', 'LOW', 'MEDIUM', 'HIGH'], assetId: 'int', locationId: 'int', approverTeamId: 'int', creatorContactInfo: 'any', extraFields: 'object' };
const part: Shape = { name: 'text', description: 'text', area: 'text', unitCost: 'int', availableQuantity: 'number', minimumQuantity: 'number', barcode: 'text', locationId: 'int', partTypes: 'texts', assetIds: 'ints', teamIds: 'ints', extraFields: 'object', vendors: 'list', vendorIds: 'ints' };
const workOrder: Shape = { assetId: 'int', assignees: 'list', estimatedTime: 'int', requesterId: 'any', categories: 'texts', description: 'text', dueDate: 'instant', externalData: 'any', startDate: 'instant', locationId: 'int', priority: ['NONE', 'LOW', 'MEDIUM', 'HIGH'], procedureTemplateId: 'int', title: 'text', type: ['OTHER', 'REACTIVE', 'PREVENTIVE'], extraFields: 'object', vendorIds: 'ints', partsUsed: 'list', skipRestHook: 'flag' };
const workOrderOnlyNew: Shape = { parentId: 'int', isParent: 'flag', workRequestId: 'int', workOrderTemplateId: 'int', repeatability: 'object' };
const purchaseOrder: Shape = { note: 'text', title: 'text', dueDate: 'instant', vendorId: 'int', overrideNumber: 'text', extraFields: 'object', costs: 'list', vendorContactIds: 'ints', shippingAddress: 'object', billingAddress: 'object' };

const plainRoutes: Readonly<Record<string, { readonly kind: PlainKind; readonly shape: Shape; readonly required: readonly string[]; readonly created: 200 | 201; readonly one: string; readonly byTime: boolean }>> = {
  assets: { kind: 'asset', shape: asset, required: ['name'], created: 201, one: 'asset', byTime: true },
  locations: { kind: 'location', shape: location, required: ['name'], created: 200, one: 'location', byTime: false },
  vendors: { kind: 'vendor', shape: vendor, required: ['name'], created: 201, one: 'vendor', byTime: false },
  users: { kind: 'user', shape: user, required: ['firstName', 'lastName'], created: 201, one: 'user', byTime: false },
  meters: { kind: 'meter', shape: meter, required: ['name', 'unit'], created: 201, one: 'meter', byTime: false },
  workrequests: { kind: 'workRequest', shape: workRequest, required: ['title'], created: 201, one: 'workRequest', byTime: false },
};

/** A small MaintainX REST v1 over a consistent world. Facts: the vendor's OpenAPI document and its reference sheet. */
export function maintainxTwin(options: { clock: Clock; random: Random; deliver?: (hook: OutgoingHook) => Promise<number>; config?: Partial<MaintainXConfig> }): MaintainXTwin {
  const config: MaintainXConfig = { orgId: 12, apiKey: 'twin-key', baseUrl: 'https://api.getmaintainx.com/v1', perMinute: 0, partsDeductedOn: 'done', ...options.config };
  const buttons = new Buttons(worldFaults);
  const world = new World({ clock: options.clock, orgId: config.orgId, partsDeductedOn: config.partsDeductedOn });
  const subscriptions = new Subscriptions({ clock: options.clock, random: options.random, buttons, deliver: options.deliver ?? (() => Promise.resolve(200)) });
  world.listen((event) => subscriptions.publish(event));
  const writes: { method: string; url: string; status: number }[] = [];
  const limiter = { from: 0, count: 0 };
  const expected = Buffer.from(`Bearer ${config.apiKey}`);

  const throttleAnswer = (): TwinResponse => {
    const left = Math.max(1, Math.ceil((limiter.from + 60_000 - options.clock.now()) / 1000));
    return { ...json(429, { error: 'Rate limit exceeded' }), headers: { 'content-type': 'application/json', ...limitHeaders(config, limiter, options.clock.now()), 'X-Rate-Limit-Remaining': '0', 'X-Rate-Limit-Reset': String(left) } };
  };

  const answer = (request: TwinRequest): TwinResponse => {
    const given = Buffer.from(request.headers['authorization'] ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Refusal(401, '', 'none');
    if (request.headers['x-organization-id'] !== undefined && request.headers['x-organization-ids'] !== undefined) throw badRead('x-organization-id and x-organization-ids are mutually exclusive');
    const [path = '', search = ''] = request.url.split('?', 2);
    const query = new URLSearchParams(search);
    const steps = path.replace(/^\/v1/, '').split('/').filter((step) => step !== '');
    const quiet = ['true', '1', 'yes'].includes(query.get('skipWebhook') ?? '');
    return world.silently(quiet, () => route({ method: request.method, steps, query, body: request.body, path }));
  };

  const twin: MaintainXTwin = {
    name: 'maintainx', buttons, world, subscriptions, technician: new Technician(world), throttleAnswer, writes,
    inspect: () => ({
      assets: world.tables.asset.size, locations: world.tables.location.size, parts: world.parts.all.size, users: world.tables.user.size, vendors: world.tables.vendor.size, webhooks: { waiting: subscriptions.waiting, ...subscriptions.counts },
      workOrders: [...world.workOrders.all.values()].slice(-50).map((order) => ({ ...world.workOrders.view(order, new Set(['parts'])), costs: world.workOrders.costsView(order) })),
      purchaseOrders: [...world.purchaseOrders.all.values()].slice(-50).map((order) => world.purchaseOrders.view(order)),
    }),
    handle(request) {
      let response: TwinResponse;
      try {
        if (config.perMinute > 0 && exceeded(config, limiter, options.clock.now())) return throttleAnswer();
        response = answer(request);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // The vendor answers reads with one error and writes with a list.
        response = refusalAnswer(error.shape === 'many' && request.method === 'GET' ? new Refusal(error.status, error.message, 'one') : error);
      }
      if (request.method !== 'GET') {
        writes.push({ method: request.method, url: request.url, status: response.status });
        if (writes.length > writesKept) writes.splice(0, writesKept / 2);
      }
      return config.perMinute > 0 ? { ...response, headers: { ...response.headers, ...limitHeaders(config, limiter, options.clock.now()) } } : response;
    },
  };

  interface Call {
    readonly method: string;
    readonly steps: readonly string[];
    readonly query: URLSearchParams;
    readonly body: string;
    readonly path: string;
  }

  function route(call: Call): TwinResponse {
    const [resource = '', id, sub] = call.steps;
    if (Object.hasOwn(plainRoutes, resource)) return plain(call, plainRoutes[resource]!);
    switch (resource) {
      case 'parts': return partCalls(call, id);
      case 'workorders': return workOrderCalls(call, id, sub);
      case 'purchaseorders': return purchaseOrderCalls(call, id, sub);
      case 'subscriptions': return subscriptionCalls(call, id, sub);
      case 'meterreadings': return readings(call);
      case 'openapi.json': return json(200, { openapi: '3.0.0', info: { version: '1' }, paths: Object.fromEntries([...Object.keys(plainRoutes), 'parts', 'workorders', 'purchaseorders', 'subscriptions', 'meterreadings'].map((name) => [`/${name}`, {}])) });
      default: throw notFound('Route', call.path);
    }
  }

  const page = <T extends Row>(call: Call, name: string, answerOf: ListAnswer<T>, view: (row: T) => Body): TwinResponse => json(200, { [name]: answerOf.rows.map(view), nextCursor: answerOf.nextCursor, nextPageUrl: answerOf.nextPageUrl });
  const listAsk = (call: Call, paging: 'true' | 'offset', byTime: boolean) => ({ query: call.query, paging, byTime, path: call.path.replace(/^\/v1/, ''), baseUrl: config.baseUrl, ...(buttons.fire('partialPage', call.path) ? { skip: 1 } : {}) });
  const expandOf = (query: URLSearchParams): ReadonlySet<string> => new Set(query.getAll('expand').flatMap((text) => text.split(',')));

  function plain(call: Call, rule: (typeof plainRoutes)[string]): TwinResponse {
    const [resource = '', id, sub] = call.steps;
    const { kind } = rule;
    if (id === undefined) {
      if (call.method === 'POST') {
        const row = world.add(kind, checked(readBody(call.body, rule.shape, rule.required), kind));
        return json(rule.created, { id: row.id });
      }
      if (call.method !== 'GET') throw new Refusal(405, 'Method not allowed', 'one');
      const fieldName = call.query.get('customFieldName');
      const email = call.query.get('email');
      const found = listPage(world.tables[kind].values(), listAsk(call, 'offset', rule.byTime), ({ data }) => {
        if (call.query.get('locationId') !== null && String(data['locationId']) !== call.query.get('locationId')) return false;
        if (email !== null && data['email'] !== email) return false;
        return fieldName === null || (data['extraFields'] as Body | undefined)?.[fieldName] !== undefined;
      });
      const expand = expandOf(call.query);
      return page(call, resource === 'workrequests' ? 'workRequests' : resource, found, (row) => (kind === 'asset' ? assetListView(row, expand) : listed(plainView(kind, row, world), expand)));
    }
    const number = numberOf(id);
    if (kind === 'asset' && sub === 'status' && call.method === 'POST') return json(201, { assetStatus: world.setAssetStatus(number, readBody(call.body, { status: ['ONLINE', 'OFFLINE', 'IGNORE'], customStatusId: 'int', downtimeType: ['PLANNED', 'UNPLANNED'], startedAt: 'instant', endedAt: 'instant', description: 'text' })) });
    if (sub !== undefined) throw notFound('Route', call.path);
    const shown = (): Body => ({ [rule.one]: kind === 'asset' ? assetView(world, world.get('asset', number)) : plainView(kind, world.get(kind, number), world) });
    if (call.method === 'GET') return json(200, shown());
    if (call.method === 'PATCH') {
      world.change(kind, number, checked(readBody(call.body, rule.shape), kind));
      return json(200, shown());
    }
    if (call.method === 'DELETE') {
      if (kind === 'user') world.change('user', number, { removedFromOrganization: true });
      else world.remove(kind, number);
      return { status: 204, headers: {}, body: '' };
    }
    throw new Refusal(405, 'Method not allowed', 'one');
  }

  function partCalls(call: Call, id: string | undefined): TwinResponse {
    if (id === undefined) {
      if (call.method === 'POST') return json(201, { id: world.parts.add(readBody(call.body, { ...part, locations: 'list' }, ['name'])).id });
      const number = call.query.get('partNumber');
      const found = listPage(world.parts.all.values(), listAsk(call, 'offset', true), ({ data }) => number === null || ((data['vendors'] as { partNumber?: string }[] | undefined) ?? []).some(({ partNumber }) => partNumber === number));
      const expand = expandOf(call.query);
      return page(call, 'parts', found, (row) => partView(world, row, expand));
    }
    const number = numberOf(id);
    if (call.method === 'GET') return json(200, { part: partView(world, world.parts.get(number), null) });
    if (call.method === 'PATCH') return json(200, { part: partView(world, world.parts.change(number, readBody(call.body, { ...part, locations: 'object' })), null) });
    if (call.method === 'DELETE') {
      world.parts.remove(number);
      return { status: 204, headers: {}, body: '' };
    }
    throw new Refusal(405, 'Method not allowed', 'one');
  }

  function workOrderCalls(call: Call, id: string | undefined, sub: string | undefined): TwinResponse {
    const { workOrders } = world;
    const view = (order: Parameters<typeof workOrders.view>[0], expand: ReadonlySet<string>): Body => {
      const shown = workOrders.view(order, expand);
      if (!buttons.holds('contractChanged')) return shown;
      const { title, ...rest } = shown;
      return { ...rest, name: title };
    };
    if (id === undefined) {
      if (call.method === 'POST') return json(200, { id: workOrders.add(withoutHook(readBody(call.body, { ...workOrder, ...workOrderOnlyNew }, ['title']))).id });
      const statuses = listOf(call.query, 'statuses');
      const assets = listOf(call.query, 'assets');
      const title = call.query.get('title');
      const found = listPage(workOrders.all.values(), listAsk(call, 'true', true), (order) => (statuses.size === 0 || statuses.has(order.status)) && (assets.size === 0 || assets.has(String(order.data['assetId']))) && (title === null || String(order.data['title']).includes(title)));
      const expand = expandOf(call.query);
      return page(call, 'workOrders', found, (row) => view(row, expand));
    }
    const order = call.query.get('useSequentialId') === 'true' ? world.workOrders.bySequence.get(numberOf(id)) : workOrders.get(numberOf(id));
    if (!order) throw notFound('Work order', id);
    if (sub === undefined) {
      if (call.method === 'GET') return json(200, { workOrder: view(order, new Set(['parts', 'assignees', 'categories', 'extra_fields', 'vendor_ids', 'estimated_time', ...expandOf(call.query)])) });
      if (call.method === 'PATCH') return json(200, { workOrder: view(workOrders.change(order.id, withoutHook(readBody(call.body, workOrder))), expandOf(call.query)) });
      if (call.method === 'DELETE') {
        workOrders.remove(order.id);
        return { status: 204, headers: {}, body: '' };
      }
      throw new Refusal(405, 'Method not allowed', 'one');
    }
    switch (`${call.method} ${sub}`) {
      case 'PATCH status': return json(200, { workOrder: view(workOrders.setStatus(order.id, readBody(call.body, { status: ['OPEN', 'IN_PROGRESS', 'ON_HOLD', 'DONE', 'CANCELED'] }, ['status'])['status'] as Status), new Set()) });
      case 'PATCH partStatus': return json(200, { workOrder: view(workOrders.setPartStatus(order.id, readBody(call.body, { partStatus: ['NO_PARTS', 'ASSIGNED', 'RESERVED', 'KITTED', 'STAGED', 'ISSUED'] }, ['partStatus'])['partStatus'] as string), new Set()) });
      case 'GET costs': return json(200, { costs: workOrders.costsView(order) });
      case 'POST costs': {
        const cost = addCost(call.body, order.id);
        return json(201, { ...cost, total: workOrders.costsView(order)['total'] });
      }
      case 'GET comments': return json(200, { comments: order.comments, nextCursor: null, nextPageUrl: null });
      case 'POST comments': {
        const comment = { id: order.comments.length + 1, ...readBody(call.body, { content: 'text' }, ['content']), createdAt: new Date(options.clock.now()).toISOString() };
        order.comments.push(comment);
        world.emit('NEW_COMMENT_ON_WORK_ORDER', { workOrderId: order.id, comment });
        return json(201, { id: comment.id });
      }
      default: throw notFound('Route', call.path);
    }
  }

  function addCost(text: string, order: number): CostRow {
    const body = readBody(text, { type: ['EXPENSE', 'TIME'], costType: ['LABOR', 'OTHER', 'TRAVEL', 'INSPECTION', 'WORK'], costPerUnit: 'number', description: 'text', durationTotal: 'int', hourlyRate: 'number' }, ['type', 'costType']);
    const described = typeof body['description'] === 'string' ? { description: body['description'] } : {};
    if (body['type'] === 'EXPENSE') {
      if (typeof body['costPerUnit'] !== 'number') throw badWrite('"costPerUnit" is required');
      if (!['LABOR', 'OTHER', 'TRAVEL'].includes(body['costType'] as string)) throw badWrite('"costType" must be one of [LABOR, OTHER, TRAVEL]');
      return world.workOrders.addCost(order, { type: 'EXPENSE', costType: body['costType'] as string, costPerUnit: body['costPerUnit'], quantity: 1, ...described });
    }
    if (typeof body['durationTotal'] !== 'number' || body['durationTotal'] <= 0) throw badWrite('"durationTotal" must be a positive number');
    return world.workOrders.addCost(order, { type: 'TIME', costType: body['costType'] as string, costPerUnit: Number(body['hourlyRate'] ?? 0), durationTotal: body['durationTotal'], ...described });
  }

  function purchaseOrderCalls(call: Call, id: string | undefined, sub: string | undefined): TwinResponse {
    const { purchaseOrders } = world;
    if (id === undefined) {
      if (call.method === 'POST') return json(201, purchaseOrders.view(purchaseOrders.add(readBody(call.body, { ...purchaseOrder, items: 'list' }, ['vendorId', 'items']))));
      // List rows are poor: each order has to be read by itself.
      return page(call, 'purchaseOrders', listPage(purchaseOrders.all.values(), listAsk(call, 'offset', true)), (row) => ({ id: row.id, status: row.status, updatedAt: new Date(row.updatedAt).toISOString(), createdAt: new Date(row.createdAt).toISOString() }));
    }
    const number = numberOf(id);
    const shown = (status = 200): TwinResponse => json(status, { purchaseOrder: purchaseOrders.view(purchaseOrders.get(number)) });
    switch (`${call.method} ${sub ?? ''}`) {
      case 'GET ': return shown();
      case 'PATCH ': purchaseOrders.change(number, readBody(call.body, purchaseOrder)); return shown();
      case 'PATCH status': {
        const { status, reviewNote } = readBody(call.body, { status: ['APPROVED', 'CANCELED', 'COMPLETED', 'DECLINED', 'PARTIALLY_FULFILLED', 'PENDING'], reviewNote: 'text' }, ['status']);
        purchaseOrders.setStatus(number, status as OrderStatus, reviewNote as string | undefined);
        return shown();
      }
      case 'PATCH fulfillment': purchaseOrders.receive(number, readBody(call.body, { items: 'list' }, ['items'])); return shown();
      case 'DELETE ': purchaseOrders.remove(number); return { status: 204, headers: {}, body: '' };
      default: throw notFound('Route', call.path);
    }
  }

  function subscriptionCalls(call: Call, id: string | undefined, sub: string | undefined): TwinResponse {
    // There is no list call: whoever subscribes keeps the ids.
    if (id === undefined) {
      if (call.method !== 'POST') throw new Refusal(405, 'Method not allowed', 'one');
      const body = readBody(call.body, { type: 'text', url: 'text', options: 'object', filters: 'object' }, ['type', 'url']);
      const made = subscriptions.add(body['type'] as string, body['url'] as string);
      return json(201, { id: made.id, status: 'VALID', secret: made.secret });
    }
    const subscription = subscriptions.get(numberOf(id));
    if (call.method === 'GET') return json(200, sub === 'secret' ? { secret: subscription.secret } : { subscription: { id: subscription.id, type: subscription.type, url: subscription.url, status: 'VALID' } });
    if (call.method === 'DELETE') {
      subscriptions.remove(subscription.id);
      return { status: 204, headers: {}, body: '' };
    }
    throw new Refusal(405, 'Method not allowed', 'one');
  }

  function readings(call: Call): TwinResponse {
    let rows: unknown;
    try {
      rows = JSON.parse(call.body);
    } catch {
      throw badWrite('Request body is not valid JSON');
    }
    const now = options.clock.now();
    const taken = lines(rows, { meterId: 'int', value: 'number', readingDate: 'instant' }, ['meterId', 'value'], 'readings').map((row) => {
      world.get('meter', row['meterId'] as number);
      const at = typeof row['readingDate'] === 'string' ? Date.parse(row['readingDate']) : now;
      if (at < now - 3 * 86_400_000 || at > now + 60_000) throw badWrite('"readingDate" must be within the last 3 days');
      return { id: `${row['meterId'] as number}-${at}`, meterId: row['meterId'], value: row['value'], createdAt: new Date(now).toISOString(), readingDate: new Date(at).toISOString() };
    });
    for (const row of taken) world.readings.set(row.meterId as number, row);
    return json(201, taken.map(({ id: _id, ...row }) => row));
  }

  return twin;
}

const listed = (view: Body, expand: ReadonlySet<string>): Body => {
  const { extraFields, ...rest } = view;
  return expand.has('extra_fields') ? { ...rest, extraFields: extraFields ?? {} } : rest;
};
const listOf = (query: URLSearchParams, name: string): ReadonlySet<string> => new Set(query.getAll(name).flatMap((text) => text.split(',')).filter((text) => text !== ''));

function checked(body: Body, kind: PlainKind): Body {
  if (kind === 'asset' && body['depreciation'] !== undefined && body['depreciation'] !== null) readBody(JSON.stringify(body['depreciation']), depreciation);
  return body;
}

const withoutHook = ({ skipRestHook: _skip, ...body }: Body): Body => body;

function numberOf(id: string): number {
  const number = Number(id);
  if (!Number.isSafeInteger(number) || number <= 0) throw badRead(`"id" must be a number`);
  return number;
}

function exceeded(config: MaintainXConfig, limiter: { from: number; count: number }, now: number): boolean {
  if (now >= limiter.from + 60_000) Object.assign(limiter, { from: now, count: 0 });
  limiter.count += 1;
  return limiter.count > config.perMinute;
}

const limitHeaders = (config: MaintainXConfig, limiter: { from: number; count: number }, now: number): Record<string, string> => ({ 'X-Rate-Limit-Limit': String(config.perMinute), 'X-Rate-Limit-Remaining': String(Math.max(0, config.perMinute - limiter.count)), 'X-Rate-Limit-Reset': String(Math.max(0, Math.ceil((limiter.from + 60_000 - now) / 1000))) });
