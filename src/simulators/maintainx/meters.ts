import * as z from 'zod';
import { isoTime } from '#base/clock';
import { assetRow } from '#simulators/maintainx/assets';
import { locationRow } from '#simulators/maintainx/locations';
import { triggerRoutes, watch } from '#simulators/maintainx/meter-triggers';
import { page } from '#simulators/maintainx/paging';
import { measurementTypes, type Meter, type Reading } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { mustExist, type Actor, type World } from '#simulators/maintainx/world';
import { choices, id, ids, name, parsed, text, visible, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

const frequency = z
  .strictObject({
    type: z.enum(['SECONDLY', 'MINUTLY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']),
    interval: z.int().min(1).optional(),
    days: z.array(text).optional(),
    day: z.int().min(1).max(31).optional(),
  })
  .nullable();
const shared = {
  description: text.nullable().optional(),
  readingFrequency: frequency.optional(),
  assetId: id.nullable().optional(),
  locationId: id.nullable().optional(),
};
export const newMeter = z.strictObject({ name, unit: name, measurementType: z.enum(measurementTypes).optional(), ...shared });
const changedMeter = z.strictObject({ name: name.optional(), unit: name.optional(), ...shared });

function check(world: World, actor: Actor, input: z.infer<typeof changedMeter>): void {
  withinLength(world, { names: { name: input.name, unit: input.unit }, texts: { description: input.description } });
  mustExist(world.assets, input.assetId, 'assetId', actor);
  mustExist(world.locations, input.locationId, 'locationId', actor);
}

export function createMeter(world: World, actor: Actor, input: z.infer<typeof newMeter>): Meter {
  check(world, actor, input);
  const now = world.clock.now();
  const meter: Meter = {
    id: world.id('meter'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    uuid: world.uuid(),
    creatorId: actor.userId,
    measurementType: input.measurementType ?? 'MANUAL',
    name: input.name,
    description: input.description ?? null,
    unit: input.unit,
    assetId: input.assetId ?? null,
    locationId: input.locationId ?? null,
    readingFrequency: input.readingFrequency ?? null,
    lastReading: null,
    triggerIds: [],
  };
  world.meters.set(meter.id, meter);
  return meter;
}

function changeMeter(world: World, actor: Actor, meter: Meter, input: z.infer<typeof changedMeter>): Meter {
  check(world, actor, input);
  if (input.name !== undefined) meter.name = input.name;
  if (input.unit !== undefined) meter.unit = input.unit;
  if (input.description !== undefined) meter.description = input.description;
  if (input.assetId !== undefined) meter.assetId = input.assetId;
  if (input.locationId !== undefined) meter.locationId = input.locationId;
  if (input.readingFrequency !== undefined) meter.readingFrequency = input.readingFrequency;
  meter.updatedAt = world.clock.now();
  return meter;
}

const lookBackMs = 3 * 24 * 3_600_000;

/** The instant of a reading. Not in the future; not more than three days back for meters that are read by machines. */
function readAt(world: World, meter: Meter, date: string | null | undefined, path: string): number {
  const now = world.clock.now();
  if (date === null || date === undefined) return now;
  const at = Date.parse(date);
  if (Number.isNaN(at)) throw invalid(path, `${path} must be a date`, date);
  if (at > now) throw invalid(path, `${path} must not be in the future`, date);
  if (meter.measurementType !== 'MANUAL' && at < now - lookBackMs) throw invalid(path, `${path} must not be more than 3 days in the past`, date);
  return at;
}

/** Stores a reading, lets the triggers look at it, and keeps the latest as the visible one. */
export function record(world: World, actor: Actor, meter: Meter, value: number, at: number): Reading {
  const number = world.id('reading');
  const reading: Reading = {
    id: meter.measurementType === 'MANUAL' ? String(number) : `${meter.id}-${world.uuid()}`,
    meterId: meter.id,
    value,
    createdAt: world.clock.now(),
    readingDate: at,
  };
  const before = meter.lastReading;
  if (before !== null && before.readingDate > at) return reading;
  meter.lastReading = reading;
  watch(world, actor, meter, before, reading);
  return reading;
}

const postedReadings = z.array(z.strictObject({ meterId: id, value: z.number(), readingDate: text.nullable().optional() })).min(1);

function bulk(call: Call): unknown {
  const { world } = call;
  const rows = parsed(postedReadings, call.body);
  if (rows.length > world.config.readingsPerRequest)
    throw invalid('', `At most ${world.config.readingsPerRequest} readings in one request, not ${rows.length}`);
  const checked = rows.map((row, index) => {
    const meter = visible(call, world.meters, 'meter', row.meterId);
    return { meter, value: row.value, at: readAt(world, meter, row.readingDate, `${index}.readingDate`) };
  });
  call.spendReadings(
    checked.map(({ meter }) => meter),
    'bulk',
  );
  return checked.map(({ meter, value, at }) => {
    const reading = record(world, call.actorOn(meter), meter, value, at);
    return { meterId: meter.id, value, createdAt: isoTime(reading.createdAt), readingDate: isoTime(at) };
  });
}

const postedReading = z.strictObject({ readingValue: z.number(), readingDate: text.nullable().optional() });

function single(call: Call): unknown {
  const meter = one(call);
  const input = parsed(postedReading, call.body);
  const at = readAt(call.world, meter, input.readingDate, 'readingDate');
  call.spendReadings([meter], 'single');
  const reading = record(call.world, call.actorOn(meter), meter, input.readingValue, at);
  return { id: reading.id, createdAt: isoTime(reading.createdAt), readingDate: isoTime(at), readingValue: reading.value };
}

const expansions = ['asset', 'location', 'last_reading'] as const;

function expanded(world: World, meter: Meter, expand: readonly string[]): Record<string, unknown> {
  const asset = meter.assetId === null ? undefined : world.assets.get(meter.assetId);
  const location = meter.locationId === null ? undefined : world.locations.get(meter.locationId);
  const last = meter.lastReading;
  return {
    ...(expand.includes('asset') ? { asset: asset ? assetRow(asset) : null } : {}),
    ...(expand.includes('location') ? { location: location ? locationRow(location) : null } : {}),
    ...(expand.includes('last_reading')
      ? {
          lastReading: last
            ? { id: last.id, meterId: last.meterId, createdAt: isoTime(last.createdAt), readingDate: isoTime(last.readingDate), value: last.value }
            : null,
        }
      : {}),
  };
}

const detail = (meter: Meter): Record<string, unknown> => ({
  id: meter.id,
  assetId: meter.assetId,
  locationId: meter.locationId,
  creatorId: meter.creatorId,
  updaterId: null,
  name: meter.name,
  uuid: meter.uuid,
  description: meter.description,
  measurementType: meter.measurementType,
  readingFrequency: meter.readingFrequency,
  unit: meter.unit,
  createdAt: isoTime(meter.createdAt),
  updatedAt: isoTime(meter.updatedAt),
  deletedAt: null,
});

function list(call: Call): unknown {
  const expand = choices(call.query, 'expand', expansions);
  const types = choices(call.query, 'measurementType', measurementTypes);
  const assets = ids(call.query, 'assets');
  return page(call, {
    collection: 'meters',
    paging: 'offset',
    rows: call.world.meters.values(),
    where: [
      ...(types.length > 0 ? [(meter: Meter) => types.includes(meter.measurementType)] : []),
      ...(assets ? [(meter: Meter) => meter.assetId !== null && assets.has(meter.assetId)] : []),
    ],
    view: (meter) => ({ id: meter.id, name: meter.name, unit: meter.unit, measurementType: meter.measurementType, ...expanded(call.world, meter, expand) }),
  });
}

const one = (call: Call): Meter => visible(call, call.world.meters, 'meter');

function remove(call: Call): void {
  const meter = one(call);
  for (const triggerId of meter.triggerIds) call.world.triggers.delete(triggerId);
  call.world.meters.delete(meter.id);
}

export const meterRoutes: readonly Route[] = [
  { method: 'GET', path: '/meters', success: 200, query: ['measurementType', 'assets', 'expand'], handle: list },
  { method: 'POST', path: '/meters', success: 201, handle: (call) => ({ id: createMeter(call.world, call.actor(), parsed(newMeter, call.body)).id }) },
  {
    method: 'GET',
    path: '/meters/{}',
    success: 200,
    query: ['expand'],
    handle: (call) => ({ meter: { ...detail(one(call)), ...expanded(call.world, one(call), choices(call.query, 'expand', expansions)) } }),
  },
  {
    method: 'PATCH',
    path: '/meters/{}',
    success: 200,
    handle: (call) => ({ meter: detail(changeMeter(call.world, call.actorOn(one(call)), one(call), parsed(changedMeter, call.body))) }),
  },
  { method: 'DELETE', path: '/meters/{}', success: 204, handle: remove },
  { method: 'POST', path: '/meters/{}/readings', success: 201, handle: single },
  { method: 'POST', path: '/meterreadings', success: 201, handle: bulk },
  ...triggerRoutes,
];
