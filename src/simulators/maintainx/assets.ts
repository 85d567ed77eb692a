import * as z from 'zod';
import { isoTime } from '#base/clock';
import { newStatus, statusView } from '#simulators/maintainx/asset-statuses';
import { customFieldFilters, page } from '#simulators/maintainx/paging';
import type { Asset } from '#simulators/maintainx/records';
import { found, invalid } from '#simulators/maintainx/refusal';
import { allMustExist, mustExist, withExtraFields, type Actor, type World } from '#simulators/maintainx/world';
import {
  choices,
  extraFields,
  id,
  ids,
  isoDateTime,
  name,
  parsed,
  pathId,
  text,
  visible,
  withinLength,
  type Call,
  type Route,
} from '#simulators/maintainx/wire';

const decimalNumber = z.number().nullable().optional();
const depreciation = z
  .strictObject({
    accumulatedDepreciation: decimalNumber,
    annualDepreciation: decimalNumber,
    currentBookValue: decimalNumber,
    purchasePrice: decimalNumber,
    salvageValue: decimalNumber,
    usefulLifeYears: z.number().nonnegative().nullable().optional(),
    yearsDepreciated: z.number().nonnegative().nullable().optional(),
    depreciationStartDate: isoDateTime.nullable().optional(),
    purchaseDate: isoDateTime.nullable().optional(),
  })
  .nullable();
const named = z.strictObject({ id: id.nullable().optional(), name: text.nullable().optional() }).nullable();
const shared = {
  description: text.nullable().optional(),
  barcode: text.nullable().optional(),
  serialNumber: text.nullable().optional(),
  criticalityId: id.nullable().optional(),
  parentId: id.nullable().optional(),
  locationId: id.nullable().optional(),
  teamIds: z.array(id).optional(),
  vendorIds: z.array(id).optional(),
  assetTypes: z.array(name).optional(),
  extraFields: extraFields.optional(),
  depreciation: depreciation.optional(),
  manufacturer: named.optional(),
  model: named.optional(),
};
export const newAsset = z.strictObject({ name, ...shared });
export const changedAsset = z.strictObject({ name: name.optional(), ...shared });
type Fields = z.infer<typeof changedAsset>;

/** The levels of criticality that every installation has. */
export const criticalities: readonly { readonly id: number; readonly label: string; readonly level: number }[] = [
  { id: 1, label: 'Low', level: 1 },
  { id: 2, label: 'Medium', level: 2 },
  { id: 3, label: 'High', level: 3 },
];

function check(world: World, actor: Actor, input: Fields): void {
  withinLength(world, { names: { name: input.name, barcode: input.barcode, serialNumber: input.serialNumber }, texts: { description: input.description } });
  mustExist(world.assets, input.parentId, 'parentId', actor);
  mustExist(world.locations, input.locationId, 'locationId', actor);
  allMustExist(world.teams, input.teamIds, 'teamIds', actor);
  allMustExist(world.vendors, input.vendorIds, 'vendorIds', actor);
  if (input.criticalityId && !criticalities.some((level) => level.id === input.criticalityId))
    throw invalid('criticalityId', `criticalityId ${input.criticalityId} does not exist`, input.criticalityId);
}

/** The manufacturer and model that a body names by id or by name; both must exist already. Null clears. */
function makeOf(world: World, actor: Actor, input: Fields, before: Pick<Asset, 'manufacturerId' | 'modelId'>): Pick<Asset, 'manufacturerId' | 'modelId'> {
  if (input.manufacturer === null) return { manufacturerId: null, modelId: null };
  const manufacturerId =
    input.manufacturer === undefined ? before.manufacturerId : lookUp(world.manufacturers.values(), actor, input.manufacturer, 'manufacturer').id;
  if (input.model === undefined) return { manufacturerId, modelId: manufacturerId === before.manufacturerId ? before.modelId : null };
  if (input.model === null) return { manufacturerId, modelId: null };
  const model = lookUp(
    [...world.models.values()].filter((one) => one.manufacturerId === manufacturerId),
    actor,
    input.model,
    'model',
  );
  return { manufacturerId, modelId: model.id };
}

function lookUp<T extends { readonly id: number; readonly name: string; readonly organizationId: number }>(
  rows: Iterable<T>,
  actor: Actor,
  wanted: { id?: number | null | undefined; name?: string | null | undefined },
  path: string,
): T {
  if (!wanted.id && !wanted.name) throw invalid(path, `${path} needs an id or a name`);
  for (const row of rows) if (row.organizationId === actor.organizationId && (wanted.id ? row.id === wanted.id : row.name === wanted.name)) return row;
  throw invalid(`${path}.${wanted.id ? 'id' : 'name'}`, `${path} ${wanted.id ?? `"${wanted.name}"`} does not exist`, wanted.id ?? wanted.name);
}

export function createAsset(world: World, actor: Actor, input: z.infer<typeof newAsset>): Asset {
  check(world, actor, input);
  const now = world.clock.now();
  const make = makeOf(world, actor, input, { manufacturerId: null, modelId: null });
  const fields = withExtraFields(world, actor, 'assets', {}, input.extraFields);
  const assetId = world.id('asset');
  const asset: Asset = {
    id: assetId,
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    globalUuid: world.uuid(),
    creatorId: actor.userId,
    name: input.name,
    description: input.description ?? null,
    barcode: input.barcode ?? null,
    serialNumber: input.serialNumber ?? null,
    criticalityId: input.criticalityId ?? null,
    parentId: input.parentId ?? null,
    childrenIds: new Set(),
    locationId: input.locationId ?? null,
    teamIds: input.teamIds ?? [],
    vendorIds: input.vendorIds ?? [],
    assetTypes: input.assetTypes ?? [],
    extraFields: fields,
    ...make,
    depreciation: input.depreciation ?? null,
    status: newStatus(world, actor, assetId, { status: 'ONLINE' }),
  };
  world.assets.set(asset.id, asset);
  if (asset.parentId !== null) world.assets.get(asset.parentId)?.childrenIds.add(asset.id);
  world.emit(actor, {
    type: 'NEW_ASSET',
    body: { assetId: asset.id, orgId: actor.organizationId, occurredAt: isoTime(now) },
    entity: { key: 'newAsset', make: () => eventAsset(asset) },
  });
  return asset;
}

/** Changes an asset; no webhook exists for it, so that only polling by `updatedAt` finds the change. */
export function changeAsset(world: World, actor: Actor, asset: Asset, input: Fields): Asset {
  check(world, actor, input);
  for (let above = input.parentId ?? null; above !== null; above = world.assets.get(above)?.parentId ?? null) {
    if (above === asset.id) throw invalid('parentId', 'An asset cannot be below itself', input.parentId);
  }
  const make = makeOf(world, actor, input, asset);
  asset.extraFields = withExtraFields(world, actor, 'assets', asset.extraFields, input.extraFields);
  Object.assign(asset, make);
  if (input.parentId !== undefined) place(world, asset, input.parentId);
  if (input.name !== undefined) asset.name = input.name;
  if (input.description !== undefined) asset.description = input.description;
  if (input.barcode !== undefined) asset.barcode = input.barcode;
  if (input.serialNumber !== undefined) asset.serialNumber = input.serialNumber;
  if (input.criticalityId !== undefined) asset.criticalityId = input.criticalityId;
  if (input.locationId !== undefined) asset.locationId = input.locationId;
  if (input.teamIds !== undefined) asset.teamIds = input.teamIds;
  if (input.vendorIds !== undefined) asset.vendorIds = input.vendorIds;
  if (input.assetTypes !== undefined) asset.assetTypes = input.assetTypes;
  if (input.depreciation !== undefined) asset.depreciation = input.depreciation === null ? null : { ...asset.depreciation, ...input.depreciation };
  asset.updatedAt = world.clock.now();
  return asset;
}

function place(world: World, asset: Asset, parentId: number | null): void {
  if (asset.parentId !== null) world.assets.get(asset.parentId)?.childrenIds.delete(asset.id);
  asset.parentId = parentId;
  if (parentId !== null) world.assets.get(parentId)?.childrenIds.add(asset.id);
}

/** Removes an asset without a webhook; its children stand at the top afterwards (unverified). */
export function deleteAsset(world: World, asset: Asset): void {
  for (const childId of asset.childrenIds) {
    const child = world.assets.get(childId);
    if (child) place(world, child, null);
  }
  place(world, asset, null);
  world.assets.delete(asset.id);
}

const eventAsset = ({
  name: called,
  description,
  locationId,
  barcode,
  parentId,
  vendorIds,
  teamIds,
  assetTypes,
  extraFields: fields,
}: Asset): Record<string, unknown> => ({
  name: called,
  description,
  locationId,
  barcode,
  parentId,
  vendorIds,
  teamIds,
  assetTypes,
  extraFields: fields,
});

/** An asset as a member of other records and in lists. */
export const assetRow = (asset: Asset): Record<string, unknown> => ({
  id: asset.id,
  name: asset.name,
  description: asset.description,
  parentId: asset.parentId,
  criticalityId: asset.criticalityId,
  locationId: asset.locationId,
  serialNumber: asset.serialNumber,
  createdAt: isoTime(asset.createdAt),
  updatedAt: isoTime(asset.updatedAt),
  creatorId: asset.creatorId,
});

/** An asset as `GET /assets/{id}` shows it; the answer to PATCH has no status. */
export function assetDetail(world: World, asset: Asset, withStatus: boolean): Record<string, unknown> {
  return {
    ...assetRow(asset),
    globalUuid: asset.globalUuid,
    currentOwnerId: asset.organizationId,
    barcode: asset.barcode,
    teamIds: asset.teamIds,
    assetTypes: asset.assetTypes,
    childrenIds: [...asset.childrenIds],
    thumbnail: null,
    attachments: [],
    extraFields: asset.extraFields,
    vendorIds: asset.vendorIds,
    deletedAt: null,
    depreciation: asset.depreciation,
    manufacturer: nameOf(world.manufacturers, asset.manufacturerId),
    model: nameOf(world.models, asset.modelId),
    ...(withStatus ? { status: statusView(world, asset.status, true) } : {}),
  };
}

const nameOf = (table: ReadonlyMap<number, { readonly name: string }>, key: number | null): string | null =>
  key === null ? null : (table.get(key)?.name ?? null);

/** What each `expand` value adds to a list row; members without a value are left out, as the document makes them not nullable. */
const expansions: Readonly<Record<string, (world: World, asset: Asset) => readonly [string, unknown]>> = {
  barcode: (_world, asset) => ['barcode', asset.barcode ?? undefined],
  team_ids: (_world, asset) => ['teamIds', asset.teamIds],
  asset_types: (_world, asset) => ['assetTypes', asset.assetTypes],
  extra_fields: (_world, asset) => ['extraFields', asset.extraFields],
  vendor_ids: (_world, asset) => ['vendorIds', asset.vendorIds],
  depreciation: (_world, asset) => ['depreciation', asset.depreciation ?? undefined],
  status: (world, asset) => ['status', statusView(world, asset.status, false)],
  manufacturer: (world, asset) => ['manufacturer', nameOf(world.manufacturers, asset.manufacturerId) ?? undefined],
  model: (world, asset) => ['model', nameOf(world.models, asset.modelId) ?? undefined],
};

function list(call: Call): unknown {
  const { world, query } = call;
  const expand = choices(query, 'expand', Object.keys(expansions));
  const places = ids(query, 'locationId');
  const where: ((asset: Asset) => boolean)[] = customFieldFilters<Asset>(call, 'assets');
  if (places) where.push((asset) => asset.locationId !== null && places.has(asset.locationId));
  for (const [parameter, table, key] of [
    ['manufacturer', world.manufacturers, 'manufacturerId'],
    ['model', world.models, 'modelId'],
  ] as const) {
    const names = query.getAll(parameter);
    if (names.length > 0) where.push((asset) => names.includes(nameOf(table, asset[key]) ?? ''));
  }
  return page(call, {
    collection: 'assets',
    paging: 'offset',
    rows: world.assets.values(),
    where,
    usualSort: world.config.offsetSort,
    sorts: { createdAt: (asset) => asset.createdAt, updatedAt: (asset) => asset.updatedAt },
    view: (asset) => {
      const row: Record<string, unknown> = { ...assetRow(asset), organizationId: asset.organizationId };
      for (const name of expand) {
        const [key, value] = expansions[name]?.(world, asset) ?? [name, undefined];
        row[key] = value;
      }
      return row;
    },
  });
}

const one = (call: Call): Asset => visible(call, call.world.assets, 'asset');

export const assetRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/assets',
    success: 200,
    query: ['locationId', 'manufacturer', 'model', 'updatedAt[gte]', 'updatedAt[lte]', 'createdAt[gte]', 'createdAt[lte]', 'sort', 'expand'],
    handle: list,
  },
  { method: 'POST', path: '/assets', success: 201, handle: (call) => ({ id: createAsset(call.world, call.actor(), parsed(newAsset, call.body)).id }) },
  { method: 'GET', path: '/assets/{}', success: 200, handle: (call) => ({ asset: assetDetail(call.world, one(call), true) }) },
  {
    method: 'PATCH',
    path: '/assets/{}',
    success: 200,
    handle: (call) => ({ asset: assetDetail(call.world, changeAsset(call.world, call.actorOn(one(call)), one(call), parsed(changedAsset, call.body)), false) }),
  },
  { method: 'DELETE', path: '/assets/{}', success: 204, handle: (call) => deleteAsset(call.world, one(call)) },
  {
    method: 'GET',
    path: '/assetcriticalities',
    success: 200,
    query: ['label', 'level'],
    handle: (call) =>
      page(call, {
        collection: 'assetCriticalities',
        paging: 'offset',
        rows: criticalities,
        where: [(row) => (call.query.get('label') ?? row.label) === row.label && (call.query.get('level') ?? String(row.level)) === String(row.level)],
        view: (row) => row,
      }),
  },
  {
    method: 'GET',
    path: '/assetcriticalities/{}',
    success: 200,
    handle: (call) => ({
      assetCriticality: found(
        criticalities.find((level) => level.id === pathId(call.key)),
        'asset criticality',
      ),
    }),
  },
];
