import { isoTime } from '#base/clock';
import { placeParts, plannedUse, track } from '#simulators/maintainx/part-usage';
import type { Asset, CostRow, Part, PartUse, WorkOrder, WorkRequest } from '#simulators/maintainx/records';
import { exact, moveStock, quantity, usualLocation } from '#simulators/maintainx/stock';
import { changeStatus as changeAssetStatus } from '#simulators/maintainx/asset-statuses';
import { rateOf } from '#simulators/maintainx/users';
import { addExpense, addTime } from '#simulators/maintainx/work-order-costs';
import { changed } from '#simulators/maintainx/work-order-events';
import { changeStatus, createWorkOrder, type newWorkOrder } from '#simulators/maintainx/work-orders';
import { rejectRequest } from '#simulators/maintainx/work-requests';
import type { Actor, World } from '#simulators/maintainx/world';
import type * as z from 'zod';

/** Ids or records, as is at hand. */
type Ref<T> = number | T;

/** What people do in the app. Every act sets `updatedAt` from the clock and emits its webhooks; a step that the app does not offer is a RangeError. */
export class Technician {
  #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Opens a work order from the app. */
  open(input: z.infer<typeof newWorkOrder>, userId: number): WorkOrder {
    const user = found(this.#world.users, userId, 'user');
    return createWorkOrder(this.#world, { organizationId: user.organizationId, userId, quiet: false }, input);
  }

  /** OPEN or ON_HOLD to IN_PROGRESS. */
  release(workOrder: Ref<WorkOrder>, userId?: number): WorkOrder {
    return this.#step(workOrder, ['OPEN', 'ON_HOLD'], 'IN_PROGRESS', userId);
  }

  hold(workOrder: Ref<WorkOrder>, userId?: number): WorkOrder {
    return this.#step(workOrder, ['OPEN', 'IN_PROGRESS'], 'ON_HOLD', userId);
  }

  /** To DONE; planned parts that have not left stock leave it now. */
  complete(workOrder: Ref<WorkOrder>, userId?: number): WorkOrder {
    return this.#step(workOrder, ['OPEN', 'IN_PROGRESS', 'ON_HOLD'], 'DONE', userId);
  }

  /** DONE or CANCELED back to OPEN; parts and times stay on the order. */
  reopen(workOrder: Ref<WorkOrder>, userId?: number): WorkOrder {
    return this.#step(workOrder, ['DONE', 'CANCELED'], 'OPEN', userId);
  }

  /** To CANCELED, which events call DONE with a sub-status. */
  cancel(workOrder: Ref<WorkOrder>, userId?: number): WorkOrder {
    return this.#step(workOrder, ['OPEN', 'IN_PROGRESS', 'ON_HOLD'], 'CANCELED', userId);
  }

  /** Plans a part: the row is set to this quantity; nothing leaves stock yet where parts leave it when issued. */
  planPart(workOrder: Ref<WorkOrder>, part: Ref<Part>, locationId: number | null, planned: number, userId?: number): WorkOrder {
    const { order, actor } = this.#on(workOrder, userId);
    const partId = typeof part === 'number' ? part : part.id;
    const others = order.parts.filter((use) => use.partId !== partId || use.locationId !== locationId);
    const rows = plannedUse(this.#world, actor, order.parts, [...others, { partId, locationId, quantityUsed: planned }]);
    placeParts(this.#world, actor, order, rows);
    changed(this.#world, actor, order, ['PARTS']);
    return order;
  }

  /** Takes parts out of stock for an order that is not finished. What was planned is used first; more makes the row larger. One PART_QUANTITY_CHANGE. */
  usePart(workOrder: Ref<WorkOrder>, part: Ref<Part>, locationId: number | null, used: number, userId?: number): PartUse {
    const { order, actor } = this.#on(workOrder, userId);
    const taken = found(this.#world.parts, part, 'part');
    if (order.status === 'DONE' || order.status === 'CANCELED' || order.status === 'SKIPPED')
      throw new RangeError(`work order ${order.id} is ${order.status}: parts cannot be used`);
    if (quantity(this.#world, used, 'quantity') === 0) throw new RangeError('a part is used in a quantity above zero');
    const where = locationId ?? usualLocation(taken);
    if (!taken.stock.has(where)) throw new RangeError(`part ${taken.id} is not kept at location ${where}`);
    moveStock(this.#world, actor, taken, 'WORK_ORDER', new Map([[where, -used]]));
    const row = this.#row(order, taken, locationId ?? (where === 0 ? null : where));
    row.issued = exact(row.issued + used);
    row.quantityUsed = Math.max(row.quantityUsed, row.issued);
    if (order.partStatus === 'NO_PARTS') order.partStatus = 'ASSIGNED';
    track(this.#world, order);
    changed(this.#world, actor, order, ['PARTS']);
    return row;
  }

  /** Brings used parts back: the row shrinks, stock grows. */
  returnPart(workOrder: Ref<WorkOrder>, part: Ref<Part>, locationId: number | null, returned: number, userId?: number): PartUse {
    const { order, actor } = this.#on(workOrder, userId);
    const brought = found(this.#world.parts, part, 'part');
    const row = order.parts.find((use) => use.partId === brought.id && use.locationId === locationId);
    quantity(this.#world, returned, 'quantity');
    if (!row || row.issued < returned)
      throw new RangeError(`work order ${order.id} has used ${row?.issued ?? 0} of part ${brought.id}: ${returned} cannot be returned`);
    moveStock(this.#world, actor, brought, 'WORK_ORDER', new Map([[locationId ?? usualLocation(brought), returned]]));
    row.issued = exact(row.issued - returned);
    row.quantityUsed = exact(row.quantityUsed - returned);
    track(this.#world, order);
    changed(this.#world, actor, order, ['PARTS']);
    return row;
  }

  /** Logs working time at the user's rate of now: unlike a posted row, it carries the user. */
  logTime(workOrder: Ref<WorkOrder>, userId: number, seconds: number, description: string | null = null): CostRow {
    const { order, actor } = this.#on(workOrder, userId);
    const user = found(this.#world.users, userId, 'user');
    if (user.removedFromOrganization) throw new RangeError(`user ${userId} has left the organisation`);
    if (!(seconds > 0)) throw new RangeError('time is logged in seconds above zero');
    return addTime(this.#world, actor, order, { seconds, rate: rateOf(this.#world, user), userId, description });
  }

  /** Notes an expense in the app: a whole amount in cents. */
  spend(workOrder: Ref<WorkOrder>, cents: number, description: string | null = null, userId?: number): CostRow {
    const { order, actor } = this.#on(workOrder, userId);
    if (!Number.isSafeInteger(cents)) throw new RangeError('an expense is a whole number of cents');
    return addExpense(this.#world, actor, order, { cents, description });
  }

  /** Puts parts on the shelf by hand. */
  restock(part: Ref<Part>, locationId: number, added: number, userId?: number): Part {
    const stocked = found(this.#world.parts, part, 'part');
    if (!(quantity(this.#world, added, 'quantity') > 0)) throw new RangeError('restocking adds a quantity above zero');
    moveStock(this.#world, this.#actor(stocked, userId), stocked, 'MANUAL_RESTOCK', new Map([[locationId, added]]));
    return stocked;
  }

  /** A stock count: the counted quantity stands from now on. */
  count(part: Ref<Part>, locationId: number, counted: number, userId?: number): Part {
    const stocked = found(this.#world.parts, part, 'part');
    const before = stocked.stock.get(locationId)?.availableQuantity ?? 0;
    moveStock(
      this.#world,
      this.#actor(stocked, userId),
      stocked,
      'CYCLE_COUNT',
      new Map([[locationId, exact(quantity(this.#world, counted, 'quantity') - before)]]),
    );
    return stocked;
  }

  /** Marks an asset ONLINE, OFFLINE or IGNORE in the app. */
  setAssetStatus(asset: Ref<Asset>, status: 'ONLINE' | 'OFFLINE' | 'IGNORE', userId?: number, customStatusId?: number): Asset {
    const marked = found(this.#world.assets, asset, 'asset');
    changeAssetStatus(this.#world, this.#actor(marked, userId), marked, { status, customStatusId, startedAt: isoTime(this.#world.clock.now()) });
    return marked;
  }

  reject(request: Ref<WorkRequest>, userId?: number): void {
    const rejected = found(this.#world.workRequests, request, 'work request');
    rejectRequest(this.#world, this.#actor(rejected, userId), rejected);
  }

  #step(workOrder: Ref<WorkOrder>, from: readonly WorkOrder['status'][], to: WorkOrder['status'], userId: number | undefined): WorkOrder {
    const { order, actor } = this.#on(workOrder, userId);
    if (!from.includes(order.status)) throw new RangeError(`work order ${order.id} is ${order.status}: it cannot become ${to}`);
    return changeStatus(this.#world, actor, order, to);
  }

  #row(order: WorkOrder, part: Part, locationId: number | null): PartUse {
    const planned =
      order.parts.find((use) => use.partId === part.id && use.locationId === locationId) ??
      order.parts.find((use) => use.partId === part.id && use.locationId === null && use.issued === 0);
    if (planned) {
      planned.locationId = locationId;
      return planned;
    }
    const row: PartUse = { partId: part.id, locationId, quantityUsed: 0, issued: 0, unitCost: part.unitCost, copyOnRecurring: 'Default' };
    order.parts.push(row);
    return row;
  }

  #on(workOrder: Ref<WorkOrder>, userId: number | undefined): { order: WorkOrder; actor: Actor } {
    const order = found(this.#world.workOrders, workOrder, 'work order');
    return { order, actor: this.#actor(order, userId) };
  }

  #actor({ organizationId }: { readonly organizationId: number }, userId: number | undefined): Actor {
    return { organizationId, userId: userId ?? this.#world.config.keys[0]?.userId ?? 0, quiet: false };
  }
}

function found<T extends { readonly id: number }>(table: ReadonlyMap<number, T>, wanted: Ref<T>, what: string): T {
  const record = table.get(typeof wanted === 'number' ? wanted : wanted.id);
  if (!record) throw new RangeError(`there is no ${what} ${typeof wanted === 'number' ? wanted : wanted.id}`);
  return record;
}
