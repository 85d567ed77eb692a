import { isoTime } from '#base/clock';
import type { Hold, Part, PartStatus, PartUse, Stage, WorkOrder } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { anyPlace, commitments, exact, inStock, moveStock, quantity, refuseShortage, usualLocation } from '#simulators/maintainx/stock';
import { mustExist, type Actor, type World } from '#simulators/maintainx/world';

/** A `partsUsed` row as posted. */
export interface PostedUse {
  readonly partId: number;
  readonly quantityUsed?: number | undefined;
  readonly locationId?: number | null | undefined;
  readonly copyOnRecurring?: PartUse['copyOnRecurring'] | undefined;
}

/** Checks posted rows and joins them with the rows that they replace; nothing is changed yet. */
export function plannedUse(world: World, actor: Actor, before: readonly PartUse[], posted: readonly PostedUse[]): PartUse[] {
  const seen = new Set<string>();
  return posted.map((row, index) => {
    const path = `partsUsed.${index}`;
    mustExist(world.parts, row.partId, `${path}.partId`, actor);
    mustExist(world.locations, row.locationId, `${path}.locationId`, actor);
    const part = world.parts.get(row.partId);
    if (row.locationId && part && !part.stock.has(row.locationId))
      throw invalid(`${path}.locationId`, `Part ${row.partId} is not kept at location ${row.locationId}`, row.locationId);
    const key = `${row.partId} ${row.locationId ?? ''}`;
    if (seen.has(key)) throw invalid(`${path}.partId`, `Part ${row.partId} is given twice for one location`, row.partId);
    seen.add(key);
    const old = before.find((use) => use.partId === row.partId && use.locationId === (row.locationId ?? null));
    const used = row.quantityUsed ?? old?.quantityUsed;
    if (used === undefined) throw invalid(`${path}.quantityUsed`, `${path}.quantityUsed is required`);
    return {
      partId: row.partId,
      locationId: row.locationId ?? null,
      quantityUsed: quantity(world, used, `${path}.quantityUsed`),
      issued: old?.issued ?? 0,
      unitCost: old ? old.unitCost : (part?.unitCost ?? null),
      copyOnRecurring: row.copyOnRecurring ?? old?.copyOnRecurring ?? 'Default',
    };
  });
}

/**
 * Puts the rows on the order. Stock goes back where a row no longer covers what it took, and leaves at once where the installation issues on adding
 * or the order is already issued or done.
 */
export function placeParts(world: World, actor: Actor, workOrder: WorkOrder, rows: PartUse[]): void {
  const gone = workOrder.parts
    .filter((old) => !rows.some((row) => row.partId === old.partId && row.locationId === old.locationId))
    .map((old) => ({ ...old, quantityUsed: 0 }));
  const settled = leavesAtOnce(world, workOrder);
  settle(world, actor, [...gone, ...rows], (row) => (settled ? row.quantityUsed : Math.min(row.issued, row.quantityUsed)));
  workOrder.parts = rows;
  track(world, workOrder);
  if (rows.length === 0) stage(world, actor, workOrder, 'NO_PARTS');
  else if (workOrder.partStatus === 'NO_PARTS') stage(world, actor, workOrder, 'ASSIGNED');
}

const leavesAtOnce = (world: World, workOrder: WorkOrder): boolean =>
  world.config.partsLeaveStock === 'added' || workOrder.partStatus === 'ISSUED' || workOrder.status === 'DONE';

/** Everything planned leaves stock: the order is issued or done. */
export function issueParts(world: World, actor: Actor, workOrder: WorkOrder): void {
  settle(world, actor, workOrder.parts, (row) => row.quantityUsed);
}

/** One movement per part, over all of its rows, so that one act is one PART_QUANTITY_CHANGE. */
function settle(world: World, actor: Actor, rows: readonly PartUse[], target: (row: PartUse) => number): void {
  const movements = new Map<number, Map<number, number>>();
  const taken: { row: PartUse; issued: number }[] = [];
  for (const row of rows) {
    const issued = target(row);
    if (issued === row.issued) continue;
    taken.push({ row, issued });
    const part = world.parts.get(row.partId);
    if (!part) continue;
    const locationId = row.locationId ?? usualLocation(part);
    const byLocation = movements.get(row.partId) ?? new Map<number, number>();
    byLocation.set(locationId, exact((byLocation.get(locationId) ?? 0) + row.issued - issued));
    movements.set(row.partId, byLocation);
  }
  refuseShortage(world, movements, 'partsUsed');
  for (const [partId, byLocation] of movements) {
    const part = world.parts.get(partId);
    if (part) moveStock(world, actor, part, 'WORK_ORDER', byLocation);
  }
  for (const { row, issued } of taken) row.issued = issued;
}

const stageOf: Readonly<Record<PartStatus, Stage | undefined>> = {
  NO_PARTS: undefined,
  ASSIGNED: 'assigned',
  RESERVED: 'reserved',
  KITTED: 'kitted',
  STAGED: 'staged',
  ISSUED: undefined,
};

/** Keeps the totals of what orders hold: takes back what this order added last and adds what it holds now. */
export function track(world: World, workOrder: WorkOrder): void {
  release(world, workOrder);
  const stage = stageOf[workOrder.partStatus];
  const open = workOrder.status !== 'DONE' && workOrder.status !== 'CANCELED' && workOrder.status !== 'SKIPPED';
  if (!stage || !open) return;
  workOrder.holds = workOrder.parts.flatMap(({ partId, locationId, quantityUsed, issued }) =>
    quantityUsed > issued ? [{ partId, place: locationId ?? anyPlace, stage, quantity: exact(quantityUsed - issued) }] : [],
  );
  for (const hold of workOrder.holds) count(world, hold, hold.quantity);
}

/** Takes an order out of the totals. */
export function release(world: World, workOrder: WorkOrder): void {
  for (const hold of workOrder.holds) count(world, hold, -hold.quantity);
  workOrder.holds = [];
}

function count(world: World, { partId, place, stage }: Hold, by: number): void {
  let places = world.held.get(partId);
  if (!places) world.held.set(partId, (places = new Map()));
  let held = places.get(place);
  if (!held) places.set(place, (held = { assigned: 0, reserved: 0, kitted: 0, staged: 0 }));
  held[stage] = exact(held[stage] + by);
}

/** Moves the order to another part status, with WORK_ORDER_PART_STATUS_CHANGE; ISSUED takes everything out of stock. */
export function stage(world: World, actor: Actor, workOrder: WorkOrder, next: PartStatus): void {
  const old = workOrder.partStatus;
  if (old === next) return;
  if (next === 'ISSUED') issueParts(world, actor, workOrder);
  workOrder.partStatus = next;
  workOrder.updatedAt = world.clock.now();
  track(world, workOrder);
  world.emit(actor, {
    type: 'WORK_ORDER_PART_STATUS_CHANGE',
    body: { workOrderId: workOrder.id, orgId: actor.organizationId, oldPartStatus: old, newPartStatus: next, occurredAt: isoTime(workOrder.updatedAt) },
    tags: { oneOfPartStatuses: [next.toLowerCase()] },
  });
}

/** Whether stock covers what the order still needs; other orders' reservations make it overcommitted. Undefined without parts. */
export function availability(world: World, workOrder: WorkOrder): string | undefined {
  if (workOrder.parts.length === 0) return undefined;
  let covered = 0;
  let promised = false;
  for (const row of workOrder.parts) {
    const part = world.parts.get(row.partId);
    const needed = row.quantityUsed - row.issued;
    const stocked = part ? (row.locationId === null ? inStock(part) : (part.stock.get(row.locationId)?.availableQuantity ?? 0)) : 0;
    if (needed > 0 && stocked < needed) continue;
    covered++;
    if (needed > 0 && part && stocked < needed + promisedToOthers(world, part, row, workOrder)) promised = true;
  }
  if (covered === 0) return 'PARTS_UNAVAILABLE';
  if (covered < workOrder.parts.length) return 'PARTIAL_PARTS';
  return promised ? 'PARTS_AVAILABLE_BUT_OVERCOMMITTED' : 'PARTS_AVAILABLE';
}

function promisedToOthers(world: World, part: Part, row: PartUse, workOrder: WorkOrder): number {
  const held = commitments(world, part, row.locationId ?? undefined);
  const own = workOrder.partStatus === 'RESERVED' || workOrder.partStatus === 'KITTED' || workOrder.partStatus === 'STAGED' ? row.quantityUsed - row.issued : 0;
  return held.reserved + held.kitted + held.staged - own;
}
