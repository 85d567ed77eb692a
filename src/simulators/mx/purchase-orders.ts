import { add, compare, decimal, subtract, sum } from '#base/decimal';
import type { Row } from './list.ts';
import { quantityText } from './parts.ts';
import { badWrite, notFound } from './refusal.ts';
import { lines, type Body } from './shape.ts';
import type { World } from './world.ts';

export type OrderStatus = 'REQUESTED' | 'PENDING' | 'APPROVED' | 'DECLINED' | 'CANCELED' | 'PARTIALLY_FULFILLED' | 'COMPLETED';

/** Where a purchase order may go by a status call. Receiving moves APPROVED on by itself. */
const transitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  REQUESTED: ['PENDING', 'DECLINED', 'CANCELED'], PENDING: ['APPROVED', 'DECLINED', 'CANCELED'], DECLINED: ['PENDING', 'CANCELED'], APPROVED: ['CANCELED'], PARTIALLY_FULFILLED: ['COMPLETED'], COMPLETED: ['PARTIALLY_FULFILLED'], CANCELED: [],
};

interface Fulfilment {
  readonly id: number;
  readonly locationId: number;
  /** Total of this row, not a delta. */
  received: string;
}

interface Item {
  readonly id: number;
  readonly data: Body;
  readonly ordered: string;
  readonly fulfilments: Fulfilment[];
}

export interface PurchaseOrder extends Row {
  readonly number: number;
  readonly data: Body;
  readonly items: Item[];
  status: OrderStatus;
  reviewNote: string | null;
  approvalDate: string | null;
}

const itemShape = { partId: 'int', name: 'text', partNumber: 'text', quantityOrdered: 'number', quantityReceived: 'number', unitCost: 'int', price: 'int', extraFields: 'object', lineExtraFields: 'object' } as const;
const receiptShape = { id: 'int', unitCost: 'int', fulfillments: 'list', quantityReceived: 'number' } as const;
const fulfilmentShape = { id: 'int', locationId: 'int', quantityReceived: 'number' } as const;

/** Purchase orders of the CMMS with receipts by total. */
export class PurchaseOrders {
  readonly all = new Map<number, PurchaseOrder>();
  readonly #world: World;
  #number = 0;
  #itemId = 70;
  #fulfilmentId = 900;

  constructor(world: World) {
    this.#world = world;
  }

  get(id: number): PurchaseOrder {
    const order = this.all.get(id);
    if (!order) throw notFound('Purchase order', id);
    return order;
  }

  add(body: Body): PurchaseOrder {
    const { items, ...data } = body;
    if (!this.#world.tables.vendor.has(data['vendorId'] as number)) throw badWrite(`"vendorId" ${String(data['vendorId'])} does not exist`);
    const rows = lines(items, itemShape, ['quantityOrdered'], 'items');
    if (rows.length === 0) throw badWrite('"items" must contain at least 1 items');
    const now = this.#world.clock.now();
    const order: PurchaseOrder = {
      id: this.#world.nextId('purchaseOrder'), number: ++this.#number, createdAt: now, updatedAt: now, data: { ...data }, status: 'PENDING', reviewNote: null, approvalDate: null,
      items: rows.map((row) => {
        if (row['partId'] !== undefined && !this.#world.parts.all.has(row['partId'] as number)) throw badWrite(`"items.partId" ${String(row['partId'])} does not exist`);
        return { id: ++this.#itemId, data: row, ordered: quantityText(row['quantityOrdered'], 'quantityOrdered'), fulfilments: [] };
      }),
    };
    this.all.set(order.id, order);
    this.#world.emit('NEW_PURCHASE_ORDER', { purchaseOrderId: order.id, vendorId: data['vendorId'] });
    return order;
  }

  change(id: number, body: Body): PurchaseOrder {
    const order = this.get(id);
    if (body['items'] !== undefined) throw badWrite('"items" is not allowed');
    Object.assign(order.data, body);
    this.#changed(order);
    return order;
  }

  setStatus(id: number, status: OrderStatus, reviewNote?: string): PurchaseOrder {
    const order = this.get(id);
    if (!transitions[order.status].includes(status)) throw badWrite(`Purchase order cannot go from ${order.status} to ${status}`);
    if (reviewNote !== undefined) order.reviewNote = reviewNote;
    this.#move(order, status);
    return order;
  }

  /** Receives: totals per fulfilment row. Sending the same again changes nothing; a row without id is a further one. */
  receive(id: number, body: Body): PurchaseOrder {
    const order = this.get(id);
    if (order.status !== 'APPROVED' && order.status !== 'PARTIALLY_FULFILLED' && order.status !== 'COMPLETED') throw badWrite(`Purchase order is ${order.status} and cannot be received`);
    for (const row of lines(body['items'], receiptShape, ['id'], 'items')) {
      const item = order.items.find((other) => other.id === row['id']);
      if (!item) throw badWrite(`"items.id" ${String(row['id'])} does not belong to the purchase order`);
      for (const part of lines(row['fulfillments'], fulfilmentShape, ['locationId', 'quantityReceived'], 'fulfillments')) this.#fulfil(item, part);
    }
    const done = order.items.every((item) => compare(received(item), item.ordered) >= 0);
    if (order.status === 'APPROVED') this.#move(order, 'PARTIALLY_FULFILLED');
    if (done && order.status === 'PARTIALLY_FULFILLED') this.#move(order, 'COMPLETED');
    this.#changed(order);
    return order;
  }

  remove(id: number): void {
    this.get(id);
    this.all.delete(id);
  }

  /** Ordered and not yet received, of one part. */
  ordered(partId: number): number {
    let open = '0';
    for (const order of this.all.values()) {
      if (order.status === 'CANCELED' || order.status === 'DECLINED' || order.status === 'COMPLETED') continue;
      for (const item of order.items) if (item.data['partId'] === partId) open = add(open, subtract(item.ordered, received(item)));
    }
    return Number(open);
  }

  view(order: PurchaseOrder): Body {
    const { vendorId, title = '', note = '', dueDate = null, overrideNumber = null, costs = [], ...data } = order.data;
    return {
      id: order.id, title, note, reviewNote: order.reviewNote, status: order.status, dueDate, creatorId: 51, vendorId, autoGeneratedNumber: order.number, overrideNumber, approverId: order.approvalDate === null ? null : 51, approvalDate: order.approvalDate,
      createdAt: new Date(order.createdAt).toISOString(), updatedAt: new Date(order.updatedAt).toISOString(), deletedAt: null, ...data,
      items: order.items.map((item) => ({
        id: item.id, ...item.data, quantityOrdered: Number(item.ordered), quantityReceived: Number(received(item)), ...(typeof item.data['unitCost'] === 'number' ? { unitCostDecimal: cents(item.data['unitCost']) } : {}), ...(typeof item.data['price'] === 'number' ? { priceDecimal: cents(item.data['price']) } : {}),
        fulfillments: item.fulfilments.map(({ id, locationId, received: total }) => ({ id, locationId, quantityReceived: sixPlaces(total), isLegacy: false })),
      })),
      costs: (costs as Body[]).map((cost, index) => ({ id: index + 1, ...cost })), thumbnail: null, attachments: [], vendorContactIds: [],
    };
  }

  #fulfil(item: Item, row: Body): void {
    const total = quantityText(row['quantityReceived'], 'quantityReceived');
    const locationId = row['locationId'] as number;
    if (!this.#world.tables.location.has(locationId)) throw badWrite(`"locationId" ${locationId} does not exist`);
    let fulfilment = row['id'] === undefined ? undefined : item.fulfilments.find(({ id }) => id === row['id']);
    if (row['id'] !== undefined && !fulfilment) throw badWrite(`"fulfillments.id" ${String(row['id'])} does not exist`);
    if (!fulfilment) {
      fulfilment = { id: ++this.#fulfilmentId, locationId, received: '0' };
      item.fulfilments.push(fulfilment);
    }
    const by = subtract(total, fulfilment.received);
    fulfilment.received = total;
    if (by !== '0' && typeof item.data['partId'] === 'number') this.#world.parts.move(item.data['partId'], locationId, by, 'PURCHASE_ORDER');
  }

  #move(order: PurchaseOrder, status: OrderStatus): void {
    const before = order.status;
    order.status = status;
    if (status === 'APPROVED') order.approvalDate = new Date(this.#world.clock.now()).toISOString();
    order.updatedAt = this.#world.clock.now();
    this.#world.emit('PURCHASE_ORDER_STATUS_CHANGE', { purchaseOrderId: order.id, vendorId: order.data['vendorId'], oldStatus: before, newStatus: status, purchaseOrder: this.view(order) });
  }

  #changed(order: PurchaseOrder): void {
    order.updatedAt = this.#world.clock.now();
    this.#world.emit('PURCHASE_ORDER_CHANGE', { purchaseOrderId: order.id });
  }
}

const received = (item: Item): string => sum(item.fulfilments.map((row) => row.received));
const cents = (value: number): string => `${Math.trunc(value / 100)}.${String(Math.abs(value % 100)).padStart(2, '0')}`;

/** `3.000000`: receipts are texts with six places. */
function sixPlaces(value: string): string {
  const [whole = '0', places = ''] = decimal(value).split('.');
  return `${whole}.${places.padEnd(6, '0').slice(0, 6)}`;
}
