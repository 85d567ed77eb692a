import * as z from 'zod';
import { isoTime } from '#base/clock';
import { assetRow } from '#simulators/maintainx/assets';
import { locationRow } from '#simulators/maintainx/locations';
import { page } from '#simulators/maintainx/paging';
import { priorities, requestStatuses, type WorkRequest } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { mustExist, type Actor, type World } from '#simulators/maintainx/world';
import { choices, extraFields, id, ids, name, parsed, text, visible, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

const shared = {
  description: text.nullable().optional(),
  priority: z.enum(priorities).optional(),
  assetId: id.nullable().optional(),
  locationId: id.nullable().optional(),
  extraFields: extraFields.optional(),
  approverTeamId: id.nullable().optional(),
  creatorContactInfo: z.string().max(320).nullable().optional(),
};
export const newWorkRequest = z.strictObject({ title: name, ...shared });
const changedWorkRequest = z.strictObject({ title: name.optional(), ...shared });

function check(world: World, actor: Actor, input: z.infer<typeof changedWorkRequest>): void {
  withinLength(world, { names: { title: input.title }, texts: { description: input.description } });
  mustExist(world.assets, input.assetId, 'assetId', actor);
  mustExist(world.locations, input.locationId, 'locationId', actor);
  mustExist(world.teams, input.approverTeamId, 'approverTeamId', actor);
  const label = Object.keys(input.extraFields ?? {})[0];
  if (label !== undefined) throw invalid(`extraFields.${label}`, `Custom field "${label}" does not exist on workRequests`, label);
}

/** The kind of a contact is inferred from its text. */
function contact(value: string | null | undefined): WorkRequest['creatorContactInfo'] {
  if (!value) return null;
  return { type: /^[^\s@]+@[^\s@]+$/.test(value) ? 'EMAIL' : /^[+\d][\d\s()-]{4,}$/.test(value) ? 'PHONE' : 'OTHER', value };
}

export function createWorkRequest(world: World, actor: Actor, input: z.infer<typeof newWorkRequest>): WorkRequest {
  check(world, actor, input);
  const now = world.clock.now();
  const request: WorkRequest = {
    id: world.id('workRequest'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    creatorId: actor.userId,
    title: input.title,
    description: input.description ?? null,
    priority: input.priority ?? 'NONE',
    requestStatus: 'PENDING',
    assetId: input.assetId ?? null,
    locationId: input.locationId ?? null,
    workOrderId: null,
    approverTeamId: input.approverTeamId ?? null,
    creatorContactInfo: contact(input.creatorContactInfo),
    extraFields: {},
  };
  world.workRequests.set(request.id, request);
  world.emit(actor, { type: 'NEW_WORK_REQUEST', body: { workRequestId: request.id, orgId: actor.organizationId, occurredAt: isoTime(now) } });
  return request;
}

function changeWorkRequest(world: World, actor: Actor, request: WorkRequest, input: z.infer<typeof changedWorkRequest>): WorkRequest {
  check(world, actor, input);
  if (input.title !== undefined) request.title = input.title;
  if (input.description !== undefined) request.description = input.description;
  if (input.priority !== undefined) request.priority = input.priority;
  if (input.assetId !== undefined) request.assetId = input.assetId;
  if (input.locationId !== undefined) request.locationId = input.locationId;
  if (input.approverTeamId !== undefined) request.approverTeamId = input.approverTeamId;
  if (input.creatorContactInfo !== undefined) request.creatorContactInfo = contact(input.creatorContactInfo);
  request.updatedAt = world.clock.now();
  return request;
}

function move(world: World, actor: Actor, request: WorkRequest, next: WorkRequest['requestStatus']): void {
  const old = request.requestStatus;
  request.requestStatus = next;
  request.updatedAt = world.clock.now();
  world.emit(actor, {
    type: 'WORK_REQUEST_STATUS_CHANGE',
    body: { requestId: request.id, orgId: actor.organizationId, oldStatus: old, newStatus: next, occurredAt: isoTime(request.updatedAt) },
    tags: { oneOfStatuses: [next] },
  });
}

/** A work order made for a request approves it. */
export function approveRequest(world: World, actor: Actor, request: WorkRequest, workOrderId: number): void {
  request.workOrderId = workOrderId;
  move(world, actor, request, 'APPROVED');
}

/** The request of a finished order is done. */
export function closeRequest(world: World, actor: Actor, workOrderId: number): void {
  if (world.workRequests.size === 0) return;
  for (const request of world.workRequests.values())
    if (request.workOrderId === workOrderId && request.requestStatus === 'APPROVED') move(world, actor, request, 'DONE');
}

/** Somebody turns a pending request down in the app. */
export function rejectRequest(world: World, actor: Actor, request: WorkRequest): void {
  if (request.requestStatus !== 'PENDING') throw invalid('requestStatus', `Work request ${request.id} is already ${request.requestStatus}`);
  move(world, actor, request, 'REJECTED');
}

const view = (request: WorkRequest): Record<string, unknown> => ({
  id: request.id,
  title: request.title,
  attachments: [],
  thumbnail: null,
  priority: request.priority,
  description: request.description,
  requestStatus: request.requestStatus,
  assetId: request.assetId,
  locationId: request.locationId,
  workOrderId: request.workOrderId,
  extraFields: request.extraFields,
  approverTeamId: request.approverTeamId,
  creatorContactInfo: request.creatorContactInfo,
  createdAt: isoTime(request.createdAt),
  updatedAt: isoTime(request.updatedAt),
});

const expansions = ['asset', 'location', 'extra_fields'] as const;

function expanded(world: World, request: WorkRequest, expand: readonly string[]): Record<string, unknown> {
  const asset = request.assetId === null ? undefined : world.assets.get(request.assetId);
  const location = request.locationId === null ? undefined : world.locations.get(request.locationId);
  return {
    ...view(request),
    ...(expand.includes('asset') && asset ? { asset: assetRow(asset) } : {}),
    ...(expand.includes('location') && location ? { location: locationRow(location) } : {}),
  };
}

function list(call: Call): unknown {
  const { query, world } = call;
  const expand = choices(query, 'expand', expansions);
  const [assets, locations] = [ids(query, 'assets'), ids(query, 'locations')];
  const wantedPriorities = choices(query, 'priorities', priorities);
  const wantedStatuses = choices(query, 'statuses', requestStatuses);
  const title = query.get('title')?.toLowerCase();
  const where: ((request: WorkRequest) => boolean)[] = [];
  if (assets) where.push(({ assetId }) => assetId !== null && assets.has(assetId));
  if (locations) where.push(({ locationId }) => locationId !== null && locations.has(locationId));
  if (wantedPriorities.length > 0) where.push(({ priority }) => wantedPriorities.includes(priority));
  if (wantedStatuses.length > 0) where.push(({ requestStatus }) => wantedStatuses.includes(requestStatus));
  if (title !== undefined) where.push((request) => request.title.toLowerCase().includes(title));
  return page(call, {
    collection: 'workRequests',
    paging: 'offset',
    rows: world.workRequests.values(),
    where,
    view: (request) => expanded(world, request, expand),
  });
}

const one = (call: Call): WorkRequest => visible(call, call.world.workRequests, 'workRequest');

export const workRequestRoutes: readonly Route[] = [
  { method: 'GET', path: '/workrequests', success: 200, query: ['title', 'assets', 'locations', 'priorities', 'statuses', 'expand'], handle: list },
  {
    method: 'POST',
    path: '/workrequests',
    success: 200,
    handle: (call) => ({ id: createWorkRequest(call.world, call.actor(), parsed(newWorkRequest, call.body)).id }),
  },
  {
    method: 'GET',
    path: '/workrequests/{}',
    success: 200,
    query: ['expand'],
    handle: (call) => ({ workRequest: expanded(call.world, one(call), choices(call.query, 'expand', expansions)) }),
  },
  {
    method: 'PATCH',
    path: '/workrequests/{}',
    success: 200,
    handle: (call) => ({ workRequest: view(changeWorkRequest(call.world, call.actorOn(one(call)), one(call), parsed(changedWorkRequest, call.body))) }),
  },
  { method: 'DELETE', path: '/workrequests/{}', success: 204, handle: (call) => void call.world.workRequests.delete(one(call).id) },
];
