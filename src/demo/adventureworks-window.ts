import { add, compare, decimal, multiply, round, type Decimal } from '#base/decimal';
import { Fault } from '#base/fault';
import type { AdventureWorks } from '#demo/adventureworks';
import type { PurchaseHistory } from '#demo/adventureworks-purchases';
import type { WorkHistory } from '#demo/adventureworks-work';
import type { PlantData } from '#demo/plant-data';

/** Which part of the history is played. */
export interface WindowChoice {
  /** The split: purchases before it are history, work orders that start on it or later are played. Absent: the first day of the last month in which work starts. */
  readonly from?: string;
  /** Work orders at most, in the order of their start and number; absent: all. */
  readonly orders?: number;
}

/** A work order that is played, and the day on which it is completed; undefined where the tables have no end. */
export interface PlayedOrder extends WorkHistory {
  readonly completedOn?: string;
}

/** What happens to a purchase order on a day. */
export interface PurchaseEvent {
  readonly on: string;
  readonly kind: 'order' | 'receipt';
  readonly order: PurchaseHistory;
}

/** The window of the history that is played, with the plant as it stands at the split. */
export interface PlayWindow {
  readonly from: string;
  /** The last day on which something of the window happens. */
  readonly until: string;
  readonly plant: PlantData;
  readonly orders: readonly PlayedOrder[];
  /** Orders that the maintenance system cannot hold, with the reason. */
  readonly leftOut: readonly { readonly number: string; readonly reason: string }[];
  readonly history: readonly PurchaseEvent[];
  readonly purchases: readonly PurchaseEvent[];
}

export const placeKey = (part: string, storeroom: string): string => `${part}@${storeroom}`;

/**
 * Cuts the window. The inventory table is the state after the window's work, so that what stands on the shelves at the split is reckoned back from it: the
 * inventory and what the played orders use. docs/decisions/0007 says why.
 */
export function playWindow(all: AdventureWorks, choice: WindowChoice): PlayWindow {
  const from = choice.from ?? lastMonth(all.workOrders);
  const leftOut: { number: string; reason: string }[] = [];
  const orders: PlayedOrder[] = [];
  const waiting = all.workOrders
    .filter(({ startedOn }) => startedOn >= from)
    .sort((a, b) => (a.startedOn === b.startedOn ? Number(a.number) - Number(b.number) : a.startedOn < b.startedOn ? -1 : 1));
  if (waiting.length === 0)
    throw new Fault(
      'misconfigured',
      `no work order starts on ${from} or later; the last starts on ${latest(all.workOrders.map(({ startedOn }) => startedOn))}`,
    );
  for (const order of waiting) {
    if (choice.orders !== undefined && orders.length >= choice.orders) break;
    const reason = unplayable(order);
    if (reason === undefined) orders.push(withCompletion(order));
    else leftOut.push({ number: order.number, reason });
  }
  const until = latest([
    from,
    ...orders.flatMap(({ startedOn, completedOn, labour }) => [completedOn ?? startedOn, ...labour.map(({ workedOn }) => workedOn)]),
  ]);
  const events = purchaseEvents(all.purchaseOrders);
  return {
    from,
    until,
    plant: { ...all.plant, stock: openingStock(all.plant, usedOf(orders)) },
    orders,
    leftOut,
    history: events.filter(({ on }) => on < from),
    purchases: events.filter(({ on }) => on >= from && on <= until),
  };
}

const latest = (days: readonly string[]): string => days.reduce((last, on) => (on > last ? on : last), '');

const lastMonth = (orders: readonly WorkHistory[]): string => `${latest(orders.map(({ startedOn }) => startedOn)).slice(0, 7)}-01`;

/** The maintenance system counts parts in whole numbers and time in whole seconds: what it cannot hold is left out and said, never rounded. */
function unplayable({ parts, labour }: WorkHistory): string | undefined {
  const part = parts.find(({ quantity }) => !isWhole(quantity));
  if (part) return `line ${part.line} needs ${part.quantity} ${part.unit} of ${part.part}; the maintenance system counts whole numbers`;
  const time = labour.find(({ hours }) => !isWhole(secondsOf(hours)));
  return time && `operation ${time.line} took ${time.hours} h, which is no whole number of seconds`;
}

const isWhole = (value: Decimal): boolean => round(value, 0) === decimal(value);

export const secondsOf = (hours: Decimal): Decimal => multiply(hours, '3600');

/** An order is completed when its last hours are in, some of which the tables date after its end. */
function withCompletion(order: WorkHistory): PlayedOrder {
  return order.endedOn === undefined ? order : { ...order, completedOn: latest([order.endedOn, ...order.labour.map(({ workedOn }) => workedOn)]) };
}

/** An order arrives on its ship date: the tables have no other day of receipt. */
function purchaseEvents(orders: readonly PurchaseHistory[]): PurchaseEvent[] {
  return orders
    .flatMap((order): PurchaseEvent[] => [
      { on: order.orderedOn, kind: 'order', order },
      ...(order.shippedOn === undefined ? [] : [{ on: order.shippedOn, kind: 'receipt' as const, order }]),
    ])
    .sort((a, b) =>
      a.on !== b.on ? (a.on < b.on ? -1 : 1) : a.kind !== b.kind ? (a.kind < b.kind ? -1 : 1) : Number(a.order.number) - Number(b.order.number),
    );
}

/** What completed orders use, per part and storeroom; parts that are kept nowhere are bought for the order. */
export function usedOf(orders: readonly PlayedOrder[]): Map<string, Decimal> {
  const used = new Map<string, Decimal>();
  for (const { completedOn, parts } of orders) {
    if (completedOn === undefined) continue;
    for (const { part, storeroom, quantity } of parts)
      if (storeroom !== undefined) used.set(placeKey(part, storeroom), add(used.get(placeKey(part, storeroom)) ?? '0', quantity));
  }
  return used;
}

function openingStock({ stock }: PlantData, used: ReadonlyMap<string, Decimal>): PlantData['stock'] {
  return stock.map((row) => {
    if (!isWhole(row.onHand))
      throw new Fault('misconfigured', `${row.onHand} of ${row.part} lie at storeroom ${row.storeroom}: the maintenance system counts whole numbers`);
    const more = used.get(placeKey(row.part, row.storeroom)) ?? '0';
    return compare(more, '0') === 0 ? row : { ...row, onHand: add(row.onHand, more) };
  });
}
