import { isoTime } from '#base/clock';
import { noLocation, type Part, type Stage, type StockRow } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import type { Actor, World } from '#simulators/maintainx/world';

/** What moved stock, in the words of PART_QUANTITY_CHANGE. */
export type StockCause = 'PURCHASE_ORDER' | 'WORK_ORDER' | 'MANUAL_RESTOCK' | 'CYCLE_COUNT';

/** Adds without the dust of binary fractions: quantities have at most six places. */
export const exact = (value: number): number => Math.round(value * 1e6) / 1e6;

/** The sum over all locations of a part. */
export function inStock(part: Part): number {
  let total = 0;
  for (const row of part.stock.values()) total += row.availableQuantity;
  return exact(total);
}

/** The stock row of a part at a location; made empty where the part was not kept there before. */
export function stockAt(part: Part, locationId: number): StockRow {
  let row = part.stock.get(locationId);
  if (!row) {
    row = { availableQuantity: 0, minimumQuantity: 0, maximumQuantity: null, area: null };
    part.stock.set(locationId, row);
  }
  return row;
}

/** Where a part is taken from or put when nobody said: its first location. */
export const usualLocation = (part: Part): number => part.stock.keys().next().value ?? noLocation;

/** Moves stock by differences per location, in one PART_QUANTITY_CHANGE. Nothing happens, and nothing is told, where all differences are zero. */
export function moveStock(world: World, actor: Actor, part: Part, cause: StockCause, differences: ReadonlyMap<number, number>): void {
  const moved: { locationId: number; quantityDiff: number; oldQuantity: number; newQuantity: number }[] = [];
  for (const [locationId, difference] of differences) {
    if (difference === 0) continue;
    const before = part.stock.get(locationId)?.availableQuantity ?? 0;
    const after = exact(before + difference);
    if (difference < 0 && after < 0 && !world.config.stockBelowZero) {
      throw invalid('quantityUsed', `Only ${before} of part ${part.id} in stock at location ${locationId}, ${-difference} wanted`, -difference);
    }
    moved.push({ locationId, quantityDiff: exact(difference), oldQuantity: before, newQuantity: after });
  }
  if (moved.length === 0) return;
  const oldQuantity = inStock(part);
  for (const { locationId, newQuantity } of moved) stockAt(part, locationId).availableQuantity = newQuantity;
  const newQuantity = inStock(part);
  part.updatedAt = world.clock.now();
  world.emit(actor, {
    type: 'PART_QUANTITY_CHANGE',
    body: {
      partId: part.id,
      orgId: actor.organizationId,
      quantityDiff: exact(newQuantity - oldQuantity),
      oldQuantity,
      newQuantity,
      userId: actor.userId,
      triggeredFrom: cause,
      locations: moved.filter(({ locationId }) => locationId !== noLocation),
      occurredAt: isoTime(part.updatedAt),
    },
  });
}

/** Refuses movements that together take more than there is, before any of them is made: one part's shortage must not leave another part moved. */
export function refuseShortage(world: World, movements: ReadonlyMap<number, ReadonlyMap<number, number>>, fieldPath: string): void {
  if (world.config.stockBelowZero) return;
  for (const [partId, byLocation] of movements) {
    for (const [locationId, difference] of byLocation) {
      const available = world.parts.get(partId)?.stock.get(locationId)?.availableQuantity ?? 0;
      if (difference < 0 && available + difference < 0)
        throw invalid(fieldPath, `Only ${available} of part ${partId} in stock at location ${locationId}, ${-difference} wanted`);
    }
  }
}

/** The place of a row that names none. */
export const anyPlace = -1;

/** What open work orders hold of a part that has not left stock, by stage; at one location where given. */
export function commitments(world: World, part: Part, locationId?: number): Record<Stage, number> {
  const sum = { assigned: 0, reserved: 0, kitted: 0, staged: 0 };
  for (const [place, held] of world.held.get(part.id) ?? []) {
    if (locationId !== undefined && (place === anyPlace ? usualLocation(part) : place) !== locationId) continue;
    for (const stage of stages) sum[stage] = exact(sum[stage] + held[stage]);
  }
  return sum;
}
const stages: readonly Stage[] = ['assigned', 'reserved', 'kitted', 'staged'];

/** Ordered on approved purchase orders and not yet received. */
export function onOrder(world: World, part: Part): number {
  let total = 0;
  for (const item of world.supply.get(part.id) ?? [])
    total += Math.max(0, item.quantityOrdered - item.fulfillments.reduce((sum, { quantityReceived }) => sum + quantityReceived, 0));
  return exact(total);
}

/** A quantity as posted: not negative, whole unless fractions are on. */
export function quantity(world: World, value: number, fieldPath: string): number {
  if (value < 0) throw invalid(fieldPath, `${fieldPath} must not be negative`, value);
  if (world.config.fractionalQuantities ? exact(value) !== value : !Number.isInteger(value))
    throw invalid(fieldPath, world.config.fractionalQuantities ? `${fieldPath} has more than six places` : `${fieldPath} must be an integer`, value);
  if (value > 1e12) throw invalid(fieldPath, `${fieldPath} is too large`, value);
  return value;
}
