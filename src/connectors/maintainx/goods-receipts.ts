import * as z from 'zod';
import { add, compare, subtract } from '#base/decimal';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Receipt, WriteTarget } from '#spi/connector';
import { decode } from '#spi/decode';
import { path } from '#spi/rest';
import { Id, instant } from './native.ts';
import { orderKind, readOrder } from './purchase-orders.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { agreeWithSeen, keyed, quietly, readOne } from './writing.ts';

/** What was received of an order so far: one line per item and location. */
const Receipts = z.looseObject({
  purchaseOrderId: Id,
  updatedAt: instant,
  items: z.array(
    z.looseObject({ line: z.string(), orderId: z.string(), id: z.string(), partId: Id.nullish(), locationId: Id.nullish(), quantityReceived: z.number() }),
  ),
});

async function get(session: MaintainxSession, key: string): Promise<z.output<typeof Receipts>> {
  const order = readOrder(await readOne(session, orderKind, key), session.config);
  const items = order.items.flatMap((item) => {
    const byLocation = new Map<number | undefined, string>();
    for (const row of item.fulfillments ?? [])
      byLocation.set(row.locationId ?? undefined, add(byLocation.get(row.locationId ?? undefined) ?? '0', String(row.quantityReceived)));
    return [...byLocation].map(([locationId, quantity]) => ({
      line: `${item.id}@${locationId ?? 'none'}`,
      orderId: String(order.id),
      id: String(item.id),
      ...(item.partId ? { partId: item.partId } : {}),
      ...(locationId === undefined ? {} : { locationId }),
      quantityReceived: Number(quantity),
    }));
  });
  return { purchaseOrderId: order.id, ...(order.updatedAt ? { updatedAt: order.updatedAt } : {}), items };
}

const Draft = z.looseObject({
  items: z
    .array(z.looseObject({ id: z.string().regex(/^\d{1,15}$/), locationId: Id.optional(), quantityReceived: z.number().min(0) }))
    .min(1)
    .max(2000),
});

/** Sets totals. Rows that are there are addressed by their number, found by reading first, so that sending again adds nothing. */
async function update(session: MaintainxSession, draft: JsonObject, target: WriteTarget): Promise<Receipt> {
  const key = keyed(target, orderKind);
  const native = await readOne(session, orderKind, key);
  agreeWithSeen(native, target, `${orderKind.path}/${key}`);
  const order = readOrder(native, session.config);
  const { items } = decode(Draft, draft, 'the receipt to write');
  const body = items.map(({ id, locationId, quantityReceived }) => {
    const item = order.items.find((one) => String(one.id) === id);
    if (!item) throw new Fault('missing', `purchase order ${key} has no item ${id}`);
    const here = (item.fulfillments ?? []).filter((row) => (row.locationId ?? undefined) === locationId && typeof row.id === 'number');
    const [first, ...others] = here;
    const beside = others.reduce((total, row) => add(total, String(row.quantityReceived)), '0');
    const total = subtract(String(quantityReceived), beside);
    if (compare(total, '0') < 0)
      throw new Fault('rejected', `purchase order ${key} item ${id}: ${quantityReceived} is less than what other rows of the location hold (${beside})`);
    return {
      id: item.id,
      fulfillments: [
        { ...(typeof first?.id === 'number' ? { id: first.id } : {}), ...(locationId === undefined ? {} : { locationId }), quantityReceived: Number(total) },
      ],
    };
  });
  const answer = await session.api.patch(path`/purchaseorders/${key}/fulfillment`, { items: body }, quietly);
  const stamp = z.looseObject({ purchaseOrder: z.looseObject({ updatedAt: z.string().nullish() }) }).safeParse(answer);
  const version = stamp.success ? stamp.data.purchaseOrder.updatedAt : undefined;
  return { id: key, ...(version ? { version } : {}) };
}

/** Receipts against a mirrored order. MaintainX keeps totals per item and location, not single receipts; the key is the order's. */
export const goodsReceipt = (record: MaintainxRecord) =>
  record({
    kind: 'goodsReceipt',
    native: 'Fulfilment of a Purchase Order',
    shape: Receipts,
    key: (row) => String(row.purchaseOrderId),
    version: (row) => row.updatedAt ?? undefined,
    changes: 'sweep',
    rows: [
      { ours: 'number', theirs: 'purchaseOrderId', via: 'text', direction: 'in', owner: 'finance' },
      { ours: 'postedOn', theirs: 'updatedAt', via: 'day', direction: 'in', owner: 'finance' },
      { ours: 'lines[].line', theirs: 'items[].line', direction: 'in', owner: 'finance' },
      { ours: 'lines[].purchaseOrder', theirs: 'items[].orderId', direction: 'in', owner: 'finance' },
      {
        ours: 'lines[].purchaseOrderLine',
        theirs: 'items[].id',
        direction: 'both',
        owner: 'finance',
        required: true,
        note: 'The number of the item in MaintainX.',
      },
      { ours: 'lines[].part', theirs: 'items[].partId', via: 'text', reference: 'part', direction: 'in', owner: 'finance' },
      { ours: 'lines[].storeroom', theirs: 'items[].locationId', via: 'text', reference: 'storeroom', direction: 'both', owner: 'finance' },
      {
        ours: 'lines[].quantity.value',
        theirs: 'items[].quantityReceived',
        via: 'number',
        direction: 'both',
        owner: 'finance',
        required: true,
        note: 'The total that was received so far, not what came last.',
      },
      {
        ours: 'lines[].quantity.unit.system',
        theirs: '',
        via: "constant('part')",
        direction: 'in',
        owner: 'finance',
        note: "MaintainX gives no unit: the part's own unit in this system is meant.",
      },
      { ours: 'lines[].quantity.unit.code', theirs: '', via: "constant('base')", direction: 'in', owner: 'finance' },
      { ours: 'lines[].direction', theirs: '', via: "constant('in')", direction: 'in', owner: 'finance' },
      { ours: 'changedAt', theirs: 'updatedAt', via: 'instant', direction: 'in', owner: 'finance' },
    ],
    example: {
      purchaseOrderId: 5510,
      updatedAt: '2026-02-04T09:00:00.000Z',
      items: [{ line: '77@301', orderId: '5510', id: '77', partId: 9001, locationId: 301, quantityReceived: 3 }],
    },
    verbs: {
      get,
      update: {
        class: 'K',
        how: 'Quantities are totals per item and location; existing rows are found by reading first and addressed by number, so that sending again adds nothing.',
        run: update,
      },
    },
  });
