import * as z from 'zod';
import type { Fulfillment, PurchaseOrder, PurchaseOrderItem } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { exact, moveStock, quantity, refuseShortage, usualLocation } from '#simulators/maintainx/stock';
import { mustExist, type Actor, type World } from '#simulators/maintainx/world';
import { cents, id } from '#simulators/maintainx/wire';

const fulfillment = z.strictObject({ id: id.optional(), locationId: id.optional(), quantityReceived: z.number(), isLegacy: z.boolean().optional() });
export const postedReceipt = z.strictObject({
  items: z
    .array(
      z.union([
        z.strictObject({ id, unitCost: cents.nonnegative().optional(), fulfillments: z.array(fulfillment).min(1) }),
        z.strictObject({ id, unitCost: cents.nonnegative().optional(), quantityReceived: z.number() }),
      ]),
    )
    .min(1),
});
type Posted = z.infer<typeof postedReceipt>['items'][number];

/** What has been received of an item, over all of its rows. */
export const received = (item: PurchaseOrderItem): number => exact(item.fulfillments.reduce((sum, { quantityReceived }) => sum + quantityReceived, 0));

/** One row of an item as it will stand: an existing row with a new total, or a further row. */
interface Step {
  readonly item: PurchaseOrderItem;
  readonly row: Fulfillment | undefined;
  readonly locationId: number | null;
  readonly total: number;
  readonly legacy: boolean;
}

/**
 * Brings the rows of the named items to the posted totals and stock by the differences, so that sending it again changes nothing.
 * A row without id is a further row, each time (unverified). Everything is checked before anything is changed. True where something moved.
 */
export function receive(world: World, actor: Actor, order: PurchaseOrder, posted: z.infer<typeof postedReceipt>): boolean {
  if (order.status !== 'APPROVED' && order.status !== 'PARTIALLY_FULFILLED')
    throw invalid('status', `Items of a purchase order that is ${order.status} cannot be received`, order.status);
  const seen = new Set<number>();
  const steps: Step[] = [];
  for (const [index, one] of posted.items.entries()) {
    const item = order.items.find((candidate) => candidate.id === one.id);
    if (!item) throw invalid(`items.${index}.id`, `Item ${one.id} is not on purchase order ${order.id}`, one.id);
    if (seen.has(one.id)) throw invalid(`items.${index}.id`, `Item ${one.id} is given twice`, one.id);
    seen.add(one.id);
    steps.push(...('fulfillments' in one ? rowSteps(world, actor, item, one, `items.${index}`) : [legacyStep(world, item, one, `items.${index}`)]));
  }
  const movements = movementsOf(world, steps);
  refuseShortage(world, movements, 'items');
  for (const one of posted.items) {
    const item = order.items.find((candidate) => candidate.id === one.id);
    if (!item || one.unitCost === undefined || one.unitCost === item.unitCost) continue;
    item.unitCost = one.unitCost;
    item.price = Math.round(one.unitCost * item.quantityOrdered);
  }
  return carryOut(world, actor, steps, movements);
}

function rowSteps(world: World, actor: Actor, item: PurchaseOrderItem, posted: Extract<Posted, { fulfillments: unknown }>, path: string): Step[] {
  if (item.fulfillments.some(({ isLegacy }) => isLegacy))
    throw invalid(`${path}.fulfillments`, `Item ${item.id} was received with quantityReceived: multi-location receipt is off for it`, item.id);
  const seen = new Set<number>();
  return posted.fulfillments.map((one, index) => {
    const at = `${path}.fulfillments.${index}`;
    const total = amount(world, item, one.quantityReceived, `${at}.quantityReceived`);
    mustExist(world.locations, one.locationId, `${at}.locationId`, actor);
    if (one.id === undefined) {
      if (one.locationId === undefined) throw invalid(`${at}.locationId`, `${at}.locationId is required`);
      return { item, row: undefined, locationId: one.locationId, total, legacy: false };
    }
    const row = item.fulfillments.find((candidate) => candidate.id === one.id);
    if (!row) throw invalid(`${at}.id`, `Fulfillment ${one.id} is not of item ${item.id}`, one.id);
    if (seen.has(one.id)) throw invalid(`${at}.id`, `Fulfillment ${one.id} is given twice`, one.id);
    seen.add(one.id);
    if (one.locationId !== undefined && one.locationId !== row.locationId)
      throw invalid(`${at}.locationId`, `Fulfillment ${one.id} is at location ${row.locationId}`, one.locationId);
    return { item, row, locationId: row.locationId, total, legacy: false };
  });
}

/** The deprecated total of an item: one legacy row, without a location. */
function legacyStep(world: World, item: PurchaseOrderItem, posted: Extract<Posted, { quantityReceived: unknown }>, path: string): Step {
  if (item.fulfillments.some(({ isLegacy }) => !isLegacy)) throw invalid(`${path}.quantityReceived`, `Item ${item.id} was received by location`, item.id);
  return { item, row: item.fulfillments[0], locationId: null, total: amount(world, item, posted.quantityReceived, `${path}.quantityReceived`), legacy: true };
}

const amount = (world: World, item: PurchaseOrderItem, value: number, path: string): number => {
  if (value < 0) throw invalid(path, `${path} must not be negative`, value);
  return item.partId === null ? exact(value) : quantity(world, value, path);
};

/** What the steps mean for stock, by part and location. */
function movementsOf(world: World, steps: readonly Step[]): Map<number, Map<number, number>> {
  const movements = new Map<number, Map<number, number>>();
  for (const { item, row, locationId, total } of steps) {
    const part = item.partId === null ? undefined : world.parts.get(item.partId);
    if (!part) continue;
    const where = locationId ?? usualLocation(part);
    const byLocation = movements.get(part.id) ?? new Map<number, number>();
    byLocation.set(where, exact((byLocation.get(where) ?? 0) + total - (row?.quantityReceived ?? 0)));
    movements.set(part.id, byLocation);
  }
  return movements;
}

function carryOut(world: World, actor: Actor, steps: readonly Step[], movements: ReadonlyMap<number, ReadonlyMap<number, number>>): boolean {
  let moved = false;
  for (const { item, row, locationId, total, legacy } of steps) {
    if (total === (row?.quantityReceived ?? 0)) continue;
    moved = true;
    if (row) row.quantityReceived = total;
    else item.fulfillments.push({ id: world.id('fulfillment'), locationId, quantityReceived: total, isLegacy: legacy });
  }
  for (const [partId, byLocation] of movements) {
    const part = world.parts.get(partId);
    if (part) moveStock(world, actor, part, 'PURCHASE_ORDER', byLocation);
  }
  return moved;
}
