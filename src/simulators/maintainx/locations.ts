import * as z from 'zod';
import { isoTime } from '#base/clock';
import { customFieldFilters, page } from '#simulators/maintainx/paging';
import { invalid } from '#simulators/maintainx/refusal';
import type { Location } from '#simulators/maintainx/records';
import { allMustExist, mustExist, withExtraFields, type Actor, type World } from '#simulators/maintainx/world';
import { choices, extraFields, id, name, parsed, text, visible, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

const shared = {
  description: text.nullable().optional(),
  address: text.nullable().optional(),
  barcode: text.nullable().optional(),
  parentId: id.nullable().optional(),
  extraFields: extraFields.optional(),
  vendorIds: z.array(id).optional(),
};
export const newLocation = z.strictObject({ name, ...shared });
export const changedLocation = z.strictObject({ name: name.optional(), ...shared });

function check(world: World, actor: Actor, input: z.infer<typeof changedLocation>): void {
  withinLength(world, { names: { name: input.name, barcode: input.barcode }, texts: { description: input.description, address: input.address } });
  mustExist(world.locations, input.parentId, 'parentId', actor);
  allMustExist(world.vendors, input.vendorIds, 'vendorIds', actor);
}

export function createLocation(world: World, actor: Actor, input: z.infer<typeof newLocation>): Location {
  check(world, actor, input);
  const now = world.clock.now();
  const location: Location = {
    id: world.id('location'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    name: input.name,
    description: input.description ?? null,
    address: input.address ?? null,
    barcode: input.barcode ?? null,
    parentId: input.parentId ?? null,
    vendorIds: input.vendorIds ?? [],
    extraFields: withExtraFields(world, actor, 'locations', {}, input.extraFields),
  };
  world.locations.set(location.id, location);
  world.emit(actor, { type: 'NEW_LOCATION', body: { locationId: location.id, orgId: actor.organizationId, occurredAt: isoTime(now) } });
  return location;
}

/** Changes a location; no webhook exists for it, so that only a full scan finds the change. */
export function changeLocation(world: World, actor: Actor, location: Location, input: z.infer<typeof changedLocation>): Location {
  check(world, actor, input);
  for (let above = input.parentId ?? null; above !== null; above = world.locations.get(above)?.parentId ?? null) {
    if (above === location.id) throw invalid('parentId', 'A location cannot be below itself', input.parentId);
  }
  const fields = withExtraFields(world, actor, 'locations', location.extraFields, input.extraFields);
  const { name: newName, description, address, barcode, parentId, vendorIds } = input;
  if (newName !== undefined) location.name = newName;
  if (description !== undefined) location.description = description;
  if (address !== undefined) location.address = address;
  if (barcode !== undefined) location.barcode = barcode;
  if (parentId !== undefined) location.parentId = parentId;
  if (vendorIds !== undefined) location.vendorIds = vendorIds;
  location.extraFields = fields;
  location.updatedAt = world.clock.now();
  return location;
}

/** A location as a member of other records and in lists. */
export const locationRow = (location: Location): Record<string, unknown> => ({
  id: location.id,
  name: location.name,
  description: location.description,
  address: location.address,
  parentId: location.parentId,
  createdAt: isoTime(location.createdAt),
  updatedAt: isoTime(location.updatedAt),
});

const teamsOf = (world: World, location: Location): number[] =>
  [...world.teams.values()].filter(({ locationIds }) => locationIds.includes(location.id)).map((team) => team.id);

function detail(world: World, location: Location): Record<string, unknown> {
  return {
    ...locationRow(location),
    barcode: location.barcode,
    childrenIds: [...world.locations.values()].filter(({ parentId }) => parentId === location.id).map((child) => child.id),
    thumbnail: null,
    attachments: [],
    extraFields: location.extraFields,
    teamIds: teamsOf(world, location),
    vendorIds: location.vendorIds,
    deletedAt: null,
  };
}

function list(call: Call): unknown {
  const expand = choices(call.query, 'expand', ['extra_fields', 'team_ids', 'vendor_ids', 'barcode']);
  const wanted = call.query.get('name');
  return page(call, {
    collection: 'locations',
    paging: 'offset',
    rows: call.world.locations.values(),
    where: [...(wanted === null ? [] : [(location: Location) => location.name === wanted]), ...customFieldFilters<Location>(call, 'locations')],
    view: (location) => ({
      ...locationRow(location),
      organizationId: location.organizationId,
      ...(expand.includes('extra_fields') ? { extraFields: location.extraFields } : {}),
      ...(expand.includes('team_ids') ? { teamIds: teamsOf(call.world, location) } : {}),
      ...(expand.includes('vendor_ids') ? { vendorIds: location.vendorIds } : {}),
      ...(expand.includes('barcode') ? { barcode: location.barcode ?? '' } : {}),
    }),
  });
}

const one = (call: Call): Location => visible(call, call.world.locations, 'location');

function remove(call: Call): void {
  const location = one(call);
  for (const child of call.world.locations.values()) if (child.parentId === location.id) child.parentId = null;
  call.world.locations.delete(location.id);
}

export const locationRoutes: readonly Route[] = [
  { method: 'GET', path: '/locations', success: 200, query: ['name', 'expand'], handle: list },
  { method: 'POST', path: '/locations', success: 200, handle: (call) => ({ id: createLocation(call.world, call.actor(), parsed(newLocation, call.body)).id }) },
  { method: 'GET', path: '/locations/{}', success: 200, handle: (call) => ({ location: detail(call.world, one(call)) }) },
  {
    method: 'PATCH',
    path: '/locations/{}',
    success: 200,
    handle: (call) => ({ location: detail(call.world, changeLocation(call.world, call.actorOn(one(call)), one(call), parsed(changedLocation, call.body))) }),
  },
  { method: 'DELETE', path: '/locations/{}', success: 204, handle: remove },
];
