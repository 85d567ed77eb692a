import * as z from 'zod';
import { isoTime } from '#base/clock';
import { page } from '#simulators/maintainx/paging';
import { assetStates, type Asset, type AssetStatus, type CustomAssetStatus, type Manufacturer, type Model } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { isoOrNull, mustExist, type Actor, type World } from '#simulators/maintainx/world';
import { id, ids, isoDateTime, name, parsed, text, visible, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

export const postedStatus = z.strictObject({
  status: z.enum(assetStates).optional(),
  customStatusId: id.nullable().optional(),
  downtimeType: z.enum(['PLANNED', 'UNPLANNED']).nullable().optional(),
  startedAt: isoDateTime.optional(),
  endedAt: isoDateTime.nullable().optional(),
  description: text.nullable().optional(),
});
type Posted = z.infer<typeof postedStatus>;

/** Makes a status row; it is not yet the asset's current one. */
export function newStatus(world: World, actor: Actor, assetId: number, input: Posted): AssetStatus {
  const custom = customOf(world, actor, input);
  if (!input.status && !custom) throw invalid('status', 'status or customStatusId is required');
  if (custom && input.status && custom.baseAssetStatus !== input.status)
    throw invalid('customStatusId', `Custom status ${custom.id} belongs to ${custom.baseAssetStatus}, not ${input.status}`, custom.id);
  const now = world.clock.now();
  const startedAt = input.startedAt === undefined ? now : Date.parse(input.startedAt);
  const endedAt = input.endedAt ? Date.parse(input.endedAt) : null;
  if (endedAt !== null && endedAt < startedAt) throw invalid('endedAt', 'endedAt must not be before startedAt', input.endedAt);
  const status: AssetStatus = {
    id: world.id('assetStatus'),
    assetId,
    organizationId: actor.organizationId,
    creatorId: actor.userId,
    createdAt: now,
    updatedAt: now,
    status: input.status ?? custom?.baseAssetStatus ?? 'ONLINE',
    customStatusId: custom?.id ?? null,
    downtimeType: input.downtimeType ?? null,
    startedAt,
    endedAt,
    description: input.description ?? null,
  };
  world.assetStatuses.set(status.id, status);
  return status;
}

function customOf(world: World, actor: Actor, input: Posted): CustomAssetStatus | undefined {
  mustExist(world.customStatuses, input.customStatusId, 'customStatusId', actor);
  return input.customStatusId ? world.customStatuses.get(input.customStatusId) : undefined;
}

/** Ends the current status of an asset and starts another, with ASSET_STATUS_CHANGE. */
export function changeStatus(world: World, actor: Actor, asset: Asset, input: Posted): AssetStatus {
  const old = asset.status;
  const next = newStatus(world, actor, asset.id, input);
  old.endedAt = next.startedAt;
  old.updatedAt = world.clock.now();
  asset.status = next;
  asset.updatedAt = world.clock.now();
  world.emit(actor, {
    type: 'ASSET_STATUS_CHANGE',
    body: {
      assetId: asset.id,
      orgId: actor.organizationId,
      oldStatus: statusView(world, old, true),
      newStatus: statusView(world, next, true),
      occurredAt: isoTime(asset.updatedAt),
    },
    tags: { oneOfAssetStatusTypes: [next.status], oneOfCustomAssetStatusesIds: next.customStatusId === null ? [] : [next.customStatusId] },
  });
  return next;
}

/** A status as a member of its asset and of events; lists leave `customStatusId` out. */
export function statusView(world: World, status: AssetStatus, withCustomId: boolean): Record<string, unknown> {
  const custom = status.customStatusId === null ? undefined : world.customStatuses.get(status.customStatusId);
  return {
    id: status.id,
    status: status.status,
    downtimeType: status.downtimeType,
    startedAt: isoTime(status.startedAt),
    endedAt: isoOrNull(status.endedAt),
    description: status.description,
    createdAt: isoTime(status.createdAt),
    updatedAt: isoTime(status.updatedAt),
    deletedAt: null,
    customStatus: custom
      ? { id: custom.id, label: custom.label, createdAt: isoTime(custom.createdAt), updatedAt: isoTime(custom.createdAt), deletedAt: null }
      : null,
    ...(withCustomId ? { customStatusId: status.customStatusId } : {}),
  };
}

function post(call: Call): unknown {
  const asset = visible(call, call.world.assets, 'asset');
  const status = changeStatus(call.world, call.actorOn(asset), asset, parsed(postedStatus, call.body));
  return {
    assetStatus: {
      id: status.id,
      downtimeType: status.downtimeType,
      status: status.status,
      startedAt: isoTime(status.startedAt),
      customStatusId: status.customStatusId,
      updatedAt: isoTime(status.updatedAt),
    },
  };
}

function patch(call: Call): unknown {
  const status = visible(call, call.world.assetStatuses, 'assetStatus');
  const input = parsed(postedStatus, call.body);
  const custom = customOf(call.world, call.actorOn(status), input);
  if (custom && custom.baseAssetStatus !== (input.status ?? status.status))
    throw invalid('customStatusId', `Custom status ${custom.id} belongs to ${custom.baseAssetStatus}`, custom.id);
  if (input.status !== undefined) status.status = input.status;
  if (input.customStatusId !== undefined) status.customStatusId = input.customStatusId;
  if (input.downtimeType !== undefined) status.downtimeType = input.downtimeType;
  if (input.startedAt !== undefined) status.startedAt = Date.parse(input.startedAt);
  if (input.endedAt !== undefined) status.endedAt = input.endedAt === null ? null : Date.parse(input.endedAt);
  if (input.description !== undefined) status.description = input.description;
  status.updatedAt = call.world.clock.now();
  const { customStatus: _custom, ...view } = statusView(call.world, status, true);
  return { assetStatus: view };
}

function list(call: Call): unknown {
  const assets = ids(call.query, 'assetId');
  return page(call, {
    collection: 'assetStatuses',
    paging: 'offset',
    rows: call.world.assetStatuses.values(),
    usualSort: '-createdAt',
    where: assets ? [(row) => assets.has(row.assetId)] : [],
    sorts: {
      createdAt: (row) => row.createdAt,
      updatedAt: (row) => row.updatedAt,
      startedAt: (row) => row.startedAt,
      endedAt: (row) => row.endedAt ?? Number.MAX_SAFE_INTEGER,
    },
    view: (row) => {
      const { customStatus: _custom, ...view } = statusView(call.world, row, true);
      return { ...view, assetId: row.assetId, organizationId: row.organizationId, creatorId: row.creatorId, updaterId: null };
    },
  });
}

const newCustom = z.strictObject({ label: name, baseAssetStatus: z.enum(assetStates) });
const newManufacturer = z.strictObject({ name });
const newModel = z.strictObject({ name, manufacturerId: id });

export function createCustomStatus(world: World, actor: Actor, input: z.infer<typeof newCustom>): CustomAssetStatus {
  withinLength(world, { names: { label: input.label } });
  const custom: CustomAssetStatus = { id: world.id('customStatus'), organizationId: actor.organizationId, createdAt: world.clock.now(), ...input };
  world.customStatuses.set(custom.id, custom);
  return custom;
}

export function createManufacturer(world: World, actor: Actor, input: z.infer<typeof newManufacturer>): Manufacturer {
  const manufacturer: Manufacturer = { id: world.id('manufacturer'), organizationId: actor.organizationId, name: input.name };
  world.manufacturers.set(manufacturer.id, manufacturer);
  return manufacturer;
}

export function createModel(world: World, actor: Actor, input: z.infer<typeof newModel>): Model {
  mustExist(world.manufacturers, input.manufacturerId, 'manufacturerId', actor);
  const model: Model = { id: world.id('model'), organizationId: actor.organizationId, name: input.name, manufacturerId: input.manufacturerId };
  world.models.set(model.id, model);
  return model;
}

const customView = (custom: CustomAssetStatus): Record<string, unknown> => ({
  id: custom.id,
  label: custom.label,
  baseAssetStatus: custom.baseAssetStatus,
  downtimeType: null,
  createdAt: isoTime(custom.createdAt),
  updatedAt: isoTime(custom.createdAt),
});

export const assetStatusRoutes: readonly Route[] = [
  { method: 'POST', path: '/assets/{}/status', success: 201, handle: post },
  { method: 'GET', path: '/assetstatuses', success: 200, query: ['assetId', 'sort'], handle: list },
  { method: 'PATCH', path: '/assetstatuses/{}', success: 200, handle: patch },
  {
    method: 'GET',
    path: '/assetcustomstatuses',
    success: 200,
    handle: (call) => page(call, { collection: 'assetCustomStatuses', paging: 'offset', rows: call.world.customStatuses.values(), view: customView }),
  },
  {
    method: 'POST',
    path: '/assetcustomstatuses',
    success: 201,
    handle: (call) => ({ id: createCustomStatus(call.world, call.actor(), parsed(newCustom, call.body)).id }),
  },
  {
    method: 'GET',
    path: '/assetcustomstatuses/{}',
    success: 200,
    handle: (call) => ({ assetCustomStatus: customView(visible(call, call.world.customStatuses, 'asset custom status')) }),
  },
  {
    method: 'GET',
    path: '/manufacturers',
    success: 200,
    handle: (call) => page(call, { collection: 'manufacturers', paging: 'offset', rows: call.world.manufacturers.values(), view: (row) => row }),
  },
  {
    method: 'POST',
    path: '/manufacturers',
    success: 201,
    handle: (call) => ({ id: createManufacturer(call.world, call.actor(), parsed(newManufacturer, call.body)).id }),
  },
  {
    method: 'GET',
    path: '/models',
    success: 200,
    handle: (call) => page(call, { collection: 'models', paging: 'offset', rows: call.world.models.values(), view: (row) => row }),
  },
  { method: 'POST', path: '/models', success: 201, handle: (call) => ({ id: createModel(call.world, call.actor(), parsed(newModel, call.body)).id }) },
];
