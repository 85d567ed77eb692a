import { divide, multiply, subtract, sign, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import type { OrderItem } from './purchase-order.ts';
import type { RequisitionItem } from './purchase-requisition.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

/** What approvers, buyers, the warehouse and accounts payable do by themselves. A step without a delay waits until a test presses it. */
export interface Automation {
  readonly approveAfterMs?: number;
  readonly orderAfterMs?: number;
  readonly deliverAfterMs?: number;
  readonly invoiceAfterMs?: number;
  /** Factor on the invoiced price: `1.05` invoices five percent more. */
  readonly priceVariance?: Decimal;
  /** How many deliveries an order item comes in. */
  readonly deliverInParts?: number;
  /** The supplier of requisitions that name none. */
  readonly supplier?: string;
}

/** Steps that become due: kept in order of time, run when the world is next looked at. */
export class Agenda {
  readonly #due: { at: number; run: () => void }[] = [];

  get next(): number | undefined {
    return this.#due[0]?.at;
  }

  add(at: number, run: () => void): void {
    let index = this.#due.length;
    while (index > 0 && (this.#due[index - 1]?.at ?? 0) > at) index -= 1;
    this.#due.splice(index, 0, { at, run });
  }

  /** Runs everything due at `now`, also what those steps add. A step that the world refuses is dropped: its object was changed by someone else. */
  run(now: number): void {
    while ((this.#due[0]?.at ?? Infinity) <= now) {
      try {
        this.#due.shift()?.run();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
  }
}

/** Connects the delays of a policy with the world's own events. */
export function automate(world: World, policy: Automation, agenda: Agenda, now: () => number): void {
  const after = (delayMs: number | undefined, run: () => void): void => {
    if (delayMs !== undefined) agenda.add(now() + delayMs, () => world.store.transaction(run));
  };
  world.requisitions.onWaiting = (item) =>
    after(policy.approveAfterMs, () => world.requisitions.approve(item.PurchaseRequisition, item.PurchaseRequisitionItem));
  world.requisitions.onReleased = (item) => after(policy.orderAfterMs, () => order(world, policy, item));
  world.orders.onOrdered = (item) => after(policy.deliverAfterMs, () => deliver(world, item, policy, (next) => after(policy.deliverAfterMs, next)));
  world.movements.onReceived = (item) => after(policy.invoiceAfterMs, () => invoice(world, item, policy));
}

function order(world: World, policy: Automation, item: RequisitionItem): void {
  const supplier = [item['FixedSupplier'], item.Supplier, policy.supplier].find((one) => one !== undefined && one !== '');
  if (item.IsDeleted || item.IsClosed || supplier === undefined) return;
  world.orders.convert([item], { supplier: String(supplier) });
}

function deliver(world: World, item: OrderItem, policy: Automation, again: (next: () => void) => void): void {
  const open = subtract(item.OrderQuantity, item.Received);
  if (sign(open) <= 0 || item.PurchasingDocumentDeletionCode !== '') return;
  const parts = Math.max(1, policy.deliverInParts ?? 1);
  const part = divide(item.OrderQuantity, String(parts), 0);
  const quantity = parts === 1 || sign(part) === 0 || Number(part) * 2 > Number(open) ? open : part;
  world.receive(item.PurchaseOrder, item.PurchaseOrderItem, { quantity });
  if (quantity !== open) again(() => deliver(world, item, policy, again));
}

function invoice(world: World, item: OrderItem, policy: Automation): void {
  const quantity = subtract(item.Received, item.Invoiced);
  if (sign(quantity) <= 0) return;
  const amount = divide(multiply(world.orders.valueOf(item, quantity), policy.priceVariance ?? '1'), '1', currencyScale(item.DocumentCurrency));
  world.invoice(item.PurchaseOrder, item.PurchaseOrderItem, { quantity, amount });
}
