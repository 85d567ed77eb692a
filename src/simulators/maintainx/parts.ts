import * as z from 'zod';
import { isoTime } from '#base/clock';
import { customFieldFilters, page } from '#simulators/maintainx/paging';
import { noLocation, type Part, type StockRow } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { commitments, exact, inStock, moveStock, onOrder, quantity, stockAt, usualLocation } from '#simulators/maintainx/stock';
import { allMustExist, mustExist, withExtraFields, type Actor, type World } from '#simulators/maintainx/world';
import { cents, choices, extraFields, id, name, parsed, text, visible, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

const amount = z.number();
const stockRow = z.strictObject({
  locationId: id,
  availableQuantity: amount.optional(),
  minimumQuantity: amount.nullable().optional(),
  maximumQuantity: amount.nullable().optional(),
  area: text.nullable().optional(),
});
type PostedStock = z.infer<typeof stockRow>;

/** Deprecated in favour of `locations`; sending both is refused. */
const legacy = {
  availableQuantity: amount.optional(),
  minimumQuantity: amount.optional(),
  locationId: id.nullable().optional(),
  area: text.nullable().optional(),
};
const shared = {
  description: text.nullable().optional(),
  barcode: text.nullable().optional(),
  unitCost: cents.nonnegative().nullable().optional(),
  partTypes: z.array(name).optional(),
  assetIds: z.array(id).optional(),
  teamIds: z.array(id).optional(),
  extraFields: extraFields.optional(),
  vendors: z.array(z.strictObject({ vendorId: id, partNumber: text })).optional(),
  vendorIds: z.array(id).optional(),
};
export const newPart = z.strictObject({ name, ...shared, ...legacy, locations: z.array(stockRow).optional() });
export const changedPart = z.strictObject({
  name: name.optional(),
  ...shared,
  ...legacy,
  locations: z.strictObject({ addedUpdated: z.array(stockRow).optional(), removedLocationIds: z.array(id).optional() }).optional(),
});
type PartFields = Omit<z.infer<typeof changedPart>, 'locations'>;

/** Makes a part with its opening stock. */
export function createPart(world: World, actor: Actor, input: z.infer<typeof newPart>): Part {
  check(world, actor, input);
  refuseMixture(input, input.locations);
  const now = world.clock.now();
  const part: Part = {
    id: world.id('part'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    name: input.name,
    description: input.description ?? null,
    barcode: input.barcode ?? null,
    unitCost: input.unitCost ?? null,
    partTypes: input.partTypes ?? [],
    assetIds: input.assetIds ?? [],
    teamIds: input.teamIds ?? [],
    vendors: vendorsOf(input) ?? [],
    extraFields: withExtraFields(world, actor, 'parts', {}, input.extraFields),
    stock: new Map(),
  };
  input.locations?.forEach((row, index) => {
    if (part.stock.has(row.locationId)) throw invalid(`locations.${index}.locationId`, `Location ${row.locationId} is given twice`, row.locationId);
    part.stock.set(row.locationId, stockFrom(world, actor, row, `locations.${index}`, undefined));
  });
  if (input.locations === undefined && legacyKeys.some((key) => input[key] !== undefined))
    part.stock.set(input.locationId ?? noLocation, legacyStock(world, input, undefined));
  world.parts.set(part.id, part);
  world.emit(actor, {
    type: 'NEW_PART',
    body: { partId: part.id, orgId: actor.organizationId, occurredAt: isoTime(now) },
    entity: { key: 'newPart', make: () => eventPart(world, part, false) },
  });
  return part;
}

/** Changes a part. Quantities are absolute; the event carries the difference, triggered from MANUAL_RESTOCK. */
export function changePart(world: World, actor: Actor, part: Part, input: z.infer<typeof changedPart>): Part {
  check(world, actor, input);
  refuseMixture(input, input.locations);
  if (part.stock.size > 1 && legacyKeys.some((key) => input[key] !== undefined))
    throw invalid('locations', 'Part has multiple locations: use locations instead of the deprecated top-level fields');
  const rows = new Map<number, StockRow | undefined>();
  for (const [index, locationId] of (input.locations?.removedLocationIds ?? []).entries()) {
    if (!part.stock.has(locationId))
      throw invalid(`locations.removedLocationIds.${index}`, `Part ${part.id} is not kept at location ${locationId}`, locationId);
    rows.set(locationId, undefined);
  }
  for (const [index, row] of (input.locations?.addedUpdated ?? []).entries()) {
    const path = `locations.addedUpdated.${index}`;
    if (rows.has(row.locationId)) throw invalid(`${path}.locationId`, `Location ${row.locationId} is given twice`, row.locationId);
    rows.set(row.locationId, stockFrom(world, actor, row, path, part.stock.get(row.locationId)));
  }
  if (legacyKeys.some((key) => input[key] !== undefined)) legacyChange(world, part, input, rows);
  const fields = withExtraFields(world, actor, 'parts', part.extraFields, input.extraFields);
  const properties = apply(part, input, fields);
  if (settle(world, actor, part, rows)) properties.push('LOCATIONS', 'AVAILABLE_QUANTITY');
  part.updatedAt = world.clock.now();
  world.emit(actor, {
    type: 'PART_CHANGE',
    body: { partId: part.id, orgId: actor.organizationId, occurredAt: isoTime(part.updatedAt) },
    tags: { oneOfPartProperties: properties },
    entity: { key: 'newPart', make: () => eventPart(world, part, true), byProperty: propertyKeys },
  });
  return part;
}

const legacyKeys = ['availableQuantity', 'minimumQuantity', 'locationId', 'area'] as const;
const propertyKeys = {
  AREA: 'area',
  ASSETS: 'assetIds',
  AVAILABLE_QUANTITY: 'availableQuantity',
  BARCODE: 'barcode',
  DESCRIPTION: 'description',
  EXTRA_FIELDS: 'extraFields',
  LOCATION: 'locationId',
  LOCATIONS: 'locations',
  MAXIMUM_QUANTITY: 'maximumQuantity',
  MINIMUM_QUANTITY: 'minimumQuantity',
  NAME: 'name',
  PART_TYPES: 'partTypes',
  TEAMS: 'teamIds',
  UNIT_COST: 'unitCost',
  VENDORS: 'vendors',
};

function refuseMixture(input: PartFields, locations: unknown): void {
  const mixed = legacyKeys.find((key) => input[key] !== undefined);
  if (locations !== undefined && mixed) throw invalid(mixed, `${mixed} cannot be used together with locations`);
}

function check(world: World, actor: Actor, input: PartFields): void {
  withinLength(world, { names: { name: input.name, barcode: input.barcode }, texts: { description: input.description } });
  allMustExist(world.assets, input.assetIds, 'assetIds', actor);
  allMustExist(world.teams, input.teamIds, 'teamIds', actor);
  allMustExist(world.vendors, input.vendorIds, 'vendorIds', actor);
  input.vendors?.forEach(({ vendorId }, index) => mustExist(world.vendors, vendorId, `vendors.${index}.vendorId`, actor));
  mustExist(world.locations, input.locationId, 'locationId', actor);
}

const vendorsOf = (input: PartFields): Part['vendors'] | undefined => input.vendors ?? input.vendorIds?.map((vendorId) => ({ vendorId, partNumber: '' }));

/** Sets what was posted and returns the filter words of what changed. */
function apply(part: Part, input: PartFields, fields: Part['extraFields']): string[] {
  const properties: string[] = [];
  const set = <K extends 'name' | 'description' | 'barcode' | 'unitCost' | 'partTypes' | 'assetIds' | 'teamIds' | 'vendors' | 'extraFields'>(
    key: K,
    value: Part[K] | undefined,
    property: string,
  ): void => {
    if (value === undefined || value === part[key]) return;
    part[key] = value;
    properties.push(property);
  };
  set('name', input.name, 'NAME');
  set('description', input.description, 'DESCRIPTION');
  set('barcode', input.barcode, 'BARCODE');
  set('unitCost', input.unitCost, 'UNIT_COST');
  set('partTypes', input.partTypes, 'PART_TYPES');
  set('assetIds', input.assetIds, 'ASSETS');
  set('teamIds', input.teamIds, 'TEAMS');
  set('vendors', vendorsOf(input), 'VENDORS');
  set('extraFields', fields, 'EXTRA_FIELDS');
  return properties;
}

function stockFrom(world: World, actor: Actor, posted: PostedStock, path: string, before: StockRow | undefined): StockRow {
  mustExist(world.locations, posted.locationId, `${path}.locationId`, actor);
  const minimumQuantity = quantity(world, posted.minimumQuantity ?? before?.minimumQuantity ?? 0, `${path}.minimumQuantity`);
  const most = posted.maximumQuantity === undefined ? (before?.maximumQuantity ?? null) : posted.maximumQuantity;
  const maximumQuantity = most === null ? null : quantity(world, most, `${path}.maximumQuantity`);
  if (maximumQuantity !== null && maximumQuantity < minimumQuantity)
    throw invalid(`${path}.maximumQuantity`, 'maximumQuantity must be greater than or equal to minimumQuantity', maximumQuantity);
  const available =
    posted.availableQuantity === undefined ? (before?.availableQuantity ?? 0) : quantity(world, posted.availableQuantity, `${path}.availableQuantity`);
  return { availableQuantity: available, minimumQuantity, maximumQuantity, area: posted.area === undefined ? (before?.area ?? null) : posted.area };
}

function legacyStock(world: World, input: PartFields, before: StockRow | undefined): StockRow {
  return {
    availableQuantity: input.availableQuantity === undefined ? (before?.availableQuantity ?? 0) : quantity(world, input.availableQuantity, 'availableQuantity'),
    minimumQuantity: input.minimumQuantity === undefined ? (before?.minimumQuantity ?? 0) : quantity(world, input.minimumQuantity, 'minimumQuantity'),
    maximumQuantity: before?.maximumQuantity ?? null,
    area: input.area === undefined ? (before?.area ?? null) : input.area,
  };
}

function legacyChange(world: World, part: Part, input: PartFields, rows: Map<number, StockRow | undefined>): void {
  const old = usualLocation(part);
  const next = input.locationId === undefined ? old : (input.locationId ?? noLocation);
  if (next !== old && part.stock.has(old)) rows.set(old, undefined);
  rows.set(next, legacyStock(world, input, part.stock.get(old)));
}

/** Brings the stock rows to what was posted. True where anything changed. */
function settle(world: World, actor: Actor, part: Part, rows: ReadonlyMap<number, StockRow | undefined>): boolean {
  if (rows.size === 0) return false;
  const differences = new Map<number, number>();
  for (const [locationId, row] of rows)
    differences.set(locationId, exact((row?.availableQuantity ?? 0) - (part.stock.get(locationId)?.availableQuantity ?? 0)));
  moveStock(world, actor, part, 'MANUAL_RESTOCK', differences);
  for (const [locationId, row] of rows) {
    if (row) Object.assign(stockAt(part, locationId), row);
    else part.stock.delete(locationId);
  }
  return true;
}

/** Removes a part; work orders keep the rows that name it. */
export function deletePart(world: World, actor: Actor, part: Part): void {
  const deleted = eventPart(world, part, true);
  world.parts.delete(part.id);
  world.emit(actor, {
    type: 'PART_DELETE',
    body: { partId: part.id, orgId: actor.organizationId, occurredAt: isoTime(world.clock.now()) },
    entity: { key: 'deletedPart', make: () => deleted },
  });
}

function totals(world: World, part: Part): Record<string, unknown> {
  const rows = [...part.stock.values()];
  const most = rows.filter(({ maximumQuantity }) => maximumQuantity !== null);
  const held = commitments(world, part);
  const stocked = inStock(part);
  return {
    area: rows[0]?.area ?? null,
    availableQuantity: stocked,
    inStockQuantity: stocked,
    minimumQuantity: exact(rows.reduce((sum, { minimumQuantity }) => sum + minimumQuantity, 0)),
    maximumQuantity: most.length === 0 ? null : exact(most.reduce((sum, { maximumQuantity }) => sum + (maximumQuantity ?? 0), 0)),
    locationId: [...part.stock.keys()].find((key) => key !== noLocation) ?? null,
    orderedQuantity: onOrder(world, part),
    reservedQuantity: held.reserved,
    committedQuantities: { kitted: held.kitted, reserved: held.reserved, staged: held.staged },
    assignedQuantity: held.assigned,
    locations: [...part.stock].filter(([key]) => key !== noLocation).map(([locationId, row]) => stockView(world, part, locationId, row)),
  };
}

function stockView(world: World, part: Part, locationId: number, row: StockRow): Record<string, unknown> {
  const held = commitments(world, part, locationId);
  return {
    locationId,
    ...row,
    reservedQuantity: held.reserved,
    committedQuantities: { kitted: held.kitted, reserved: held.reserved, staged: held.staged },
    assignedQuantity: held.assigned,
  };
}

function eventPart(world: World, part: Part, withId: boolean): Record<string, unknown> {
  const { area, availableQuantity, inStockQuantity, minimumQuantity, maximumQuantity, locationId } = totals(world, part);
  return {
    ...(withId ? { id: part.id } : {}),
    name: part.name,
    description: part.description,
    barcode: part.barcode,
    unitCost: part.unitCost,
    area,
    availableQuantity,
    inStockQuantity,
    minimumQuantity,
    maximumQuantity,
    locationId,
    partTypes: part.partTypes,
    assetIds: part.assetIds,
    teamIds: part.teamIds,
    vendors: part.vendors,
    extraFields: part.extraFields,
    locations: [...part.stock].filter(([key]) => key !== noLocation).map(([key, row]) => ({ locationId: key, ...row })),
  };
}

/** A part as `GET /parts/{id}` shows it. */
export function partDetail(world: World, part: Part): Record<string, unknown> {
  return {
    id: part.id,
    name: part.name,
    description: part.description,
    barcode: part.barcode,
    unitCost: part.unitCost,
    ...totals(world, part),
    partTypes: part.partTypes,
    assetIds: part.assetIds,
    teamIds: part.teamIds,
    extraFields: part.extraFields,
    vendors: part.vendors,
    vendorIds: part.vendors.map(({ vendorId }) => vendorId),
    thumbnail: null,
    attachments: [],
    createdAt: isoTime(part.createdAt),
    updatedAt: isoTime(part.updatedAt),
    deletedAt: null,
  };
}

function partRow(world: World, part: Part, expand: readonly string[]): Record<string, unknown> {
  return {
    id: part.id,
    name: part.name,
    description: part.description,
    barcode: part.barcode,
    unitCost: part.unitCost,
    ...totals(world, part),
    partTypes: part.partTypes,
    organizationId: part.organizationId,
    createdAt: isoTime(part.createdAt),
    updatedAt: isoTime(part.updatedAt),
    ...(expand.includes('extra_fields') ? { extraFields: part.extraFields } : {}),
    ...(expand.includes('vendors') ? { vendors: part.vendors } : {}),
  };
}

function list(call: Call): unknown {
  const expand = choices(call.query, 'expand', ['extra_fields', 'vendors']);
  const numbers = call.query.getAll('partNumber');
  return page(call, {
    collection: 'parts',
    paging: 'offset',
    rows: call.world.parts.values(),
    usualSort: call.world.config.offsetSort,
    sorts: { createdAt: (part) => part.createdAt, updatedAt: (part) => part.updatedAt },
    where: [
      ...(numbers.length === 0 ? [] : [(part: Part) => part.vendors.some(({ partNumber }) => numbers.includes(partNumber))]),
      ...customFieldFilters<Part>(call, 'parts'),
    ],
    view: (part) => partRow(call.world, part, expand),
  });
}

const one = (call: Call): Part => visible(call, call.world.parts, 'part');

export const partRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/parts',
    success: 200,
    query: ['partNumber', 'updatedAt[gte]', 'updatedAt[lte]', 'createdAt[gte]', 'createdAt[lte]', 'sort', 'expand'],
    handle: list,
  },
  { method: 'POST', path: '/parts', success: 201, handle: (call) => ({ id: createPart(call.world, call.actor(), parsed(newPart, call.body)).id }) },
  { method: 'GET', path: '/parts/{}', success: 200, handle: (call) => ({ part: partDetail(call.world, one(call)) }) },
  {
    method: 'PATCH',
    path: '/parts/{}',
    success: 200,
    handle: (call) => ({ part: partDetail(call.world, changePart(call.world, call.actorOn(one(call)), one(call), parsed(changedPart, call.body))) }),
  },
  { method: 'DELETE', path: '/parts/{}', success: 204, handle: (call) => deletePart(call.world, call.actorOn(one(call)), one(call)) },
];
