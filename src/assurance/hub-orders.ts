import type { JsonObject } from '#base/json';
import { lane as laneOf, provisionalHubId } from '#flows/lanes';
import type { OrderState, ProcurementState } from '#flows/procurement/state';
import type { RecordOf } from '#model/records';
import type { Store } from '#store/port';
import { noDocuments, takeInvoice, takeOrder, takeReceipt, type OrderDocuments } from '#assurance/order-figures';
import type { OpenEvent } from '#assurance/open-work';
import { inParallel } from '#assurance/side';

const lanesPerPage = 1000;
/** How many lanes are read at once. */
const readsAtOnce = 16;

/** What the hub knows of one order, and where its lines belong. */
export interface HubOrder {
  readonly lane: string;
  readonly documents: OrderDocuments;
  /** Order line to its origin. */
  readonly links: OrderState['links'];
  /** Lines without a work order: cost centre of the hub's own books. */
  readonly own: Readonly<Record<string, string>>;
}

/** Every order of a connection that the hub has a lane for, by its number there. Orders that the hub never read, and other systems' copies, are left out. */
export async function hubOrders(store: Store, connection: string): Promise<ReadonlyMap<string, HubOrder>> {
  const orders = new Map<string, HubOrder>();
  const prefix = laneOf('purchaseOrder', provisionalHubId(connection, ''));
  for (let after: string | undefined; ;) {
    const page = await store.read.listLanes({ kind: 'purchaseOrder', limit: lanesPerPage, ...(after === undefined ? {} : { after }) });
    await inParallel(
      page.filter(({ lane }) => lane.startsWith(prefix)),
      readsAtOnce,
      async ({ lane }) => {
        const state = (await store.read.lane(lane))?.state['procurement'] as ProcurementState | undefined; // Written by the procurement flow in this shape.
        if (state?.order)
          orders.set(lane.slice(prefix.length), {
            lane,
            documents: fromState(state.order),
            links: state.order.links,
            own: Object.fromEntries(
              Object.entries(state.order.lines).map(([number, line]) => [number, state.order?.booked[number]?.costCentre ?? line.costCentre]),
            ),
          });
      },
    );
    after = page.at(-1)?.lane;
    if (page.length < lanesPerPage) return orders;
  }
}

function fromState(state: OrderState): OrderDocuments {
  return {
    known: state.seen !== '',
    cancelled: state.cancelled,
    lines: new Map(
      Object.entries(state.lines).map(([number, { quantity, unit, part, price, pricePer, deleted, received }]) => [
        number,
        { quantity, unit, part, price, pricePer, deleted, received },
      ]),
    ),
    receipts: new Map(Object.entries(state.receipts).map(([number, { lines }]) => [number, lines])),
    invoices: new Map(Object.entries(state.invoices).map(([number, { reversed, reverses, lines }]) => [number, { reversed, reverses, lines }])),
  };
}

/** The hub's picture with what waits in the order's lane taken in: whether it would then be right. */
export function withEvents({ documents }: HubOrder, events: readonly OpenEvent[]): OrderDocuments {
  const copy: OrderDocuments = { ...noDocuments(), known: documents.known, cancelled: documents.cancelled };
  for (const name of ['lines', 'receipts', 'invoices'] as const)
    for (const [key, value] of documents[name]) (copy[name] as Map<string, unknown>).set(key, value);
  for (const { kind, data } of events) {
    const record = (data as { record?: JsonObject } | null)?.record;
    if (!record) continue;
    const number = typeof record['number'] === 'string' ? record['number'] : '';
    // Parsed by the model's schema when they came in.
    if (kind === 'purchaseOrder.snapshot') takeOrder(copy, record as unknown as RecordOf<'purchaseOrder'>);
    else if (kind === 'goodsReceipt.snapshot') takeReceipt(copy, record as unknown as RecordOf<'goodsReceipt'>, number);
    else if (kind === 'supplierInvoice.snapshot') takeInvoice(copy, record as unknown as RecordOf<'supplierInvoice'>, number);
  }
  return copy;
}
