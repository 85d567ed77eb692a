import { add } from '#base/decimal';
import { Refusal } from './refusal.ts';
import type { WorkOrder } from './work-orders.ts';
import type { World } from './world.ts';

/** What people do in the vendor's app, beyond what the API offers: time with a name on it, parts taken from a shelf. Every act leads to the same events. */
export class Technician {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  release(workOrder: number, user?: number): WorkOrder {
    return this.#world.workOrders.setStatus(workOrder, 'IN_PROGRESS', user);
  }

  /** Takes parts: adds to the quantity that stands on the order for this part and location. */
  usePart(workOrder: number, used: { part: number; location: number; quantity: string }): WorkOrder {
    const order = this.#world.workOrders.get(workOrder);
    const rows = order.parts.map(({ partId, quantity, locationId }) => ({ partId, quantity, locationId }));
    const at = rows.findIndex(({ partId, locationId }) => partId === used.part && locationId === used.location);
    if (at >= 0) rows[at] = { ...rows[at]!, quantity: add(rows[at]!.quantity, used.quantity) };
    else rows.push({ partId: used.part, quantity: used.quantity, locationId: used.location });
    return this.#world.workOrders.change(workOrder, { partsUsed: rows.map(({ partId, quantity, locationId }) => ({ partId, quantityUsed: Number(quantity), ...(locationId === null ? {} : { locationId }) })) });
  }

  /** Logs working time of a person; the rate is the one that the user record shows. */
  logTime(workOrder: number, user: number, seconds: number, description?: string): void {
    if (!Number.isInteger(seconds) || seconds <= 0) throw new Refusal(400, '"durationTotal" must be a positive number', 'many');
    const rate = Number(this.#world.get('user', user).data['hourlyRate'] ?? 0);
    this.#world.workOrders.addCost(workOrder, { type: 'TIME', costType: 'WORK', costPerUnit: rate, durationTotal: seconds, userId: user, ...(description === undefined ? {} : { description }) });
  }

  complete(workOrder: number, user?: number): WorkOrder {
    return this.#world.workOrders.setStatus(workOrder, 'DONE', user);
  }

  reopen(workOrder: number, user?: number): WorkOrder {
    return this.#world.workOrders.setStatus(workOrder, 'OPEN', user);
  }

  cancel(workOrder: number, user?: number): WorkOrder {
    return this.#world.workOrders.setStatus(workOrder, 'CANCELED', user);
  }
}
