import * as z from 'zod';
import { isoTime } from '#base/clock';
import type { Address, PurchaseOrder, PurchaseOrderCost, PurchaseOrderItem, PurchaseOrderStatus } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { received } from '#simulators/maintainx/receipts';
import { eventPurchaseOrder } from '#simulators/maintainx/purchase-order-view';
import { quantity } from '#simulators/maintainx/stock';
import { mustExist, withExtraFields, type Actor, type World } from '#simulators/maintainx/world';
import { cents, extraFields, id, name, text, withinLength } from '#simulators/maintainx/wire';

/** Where a purchase order may go by `PATCH …/status`. APPROVED becomes PARTIALLY_FULFILLED by receiving alone. */
export const transitions: Readonly<Record<PurchaseOrderStatus, readonly PurchaseOrderStatus[]>> = {
  REQUESTED: ['PENDING', 'DECLINED', 'CANCELED'],
  PENDING: ['APPROVED', 'DECLINED', 'CANCELED'],
  DECLINED: ['PENDING', 'CANCELED'],
  APPROVED: ['CANCELED'],
  PARTIALLY_FULFILLED: ['COMPLETED'],
  COMPLETED: ['PARTIALLY_FULFILLED'],
  CANCELED: [],
};

const address = z
  .strictObject({ city: text, country: text, postalCode: text, state: text, street: text, label: text.nullable().optional() })
  .nullable()
  .optional();
const cost = { name, type: z.enum(['AMOUNT_TAXABLE', 'AMOUNT_NON_TAXABLE', 'PERCENT_TAXABLE']), amount: z.number().nonnegative() };
const item = {
  partId: id.nullable().optional(),
  name: text.nullable().optional(),
  partNumber: text.nullable().optional(),
  price: cents.nonnegative().nullable().optional(),
  unitCost: cents.nonnegative().nullable().optional(),
  quantityOrdered: z.number(),
  extraFields: extraFields.optional(),
  lineExtraFields: extraFields.optional(),
};
const shared = {
  note: text.nullable().optional(),
  title: text.nullable().optional(),
  dueDate: text.nullable().optional(),
  overrideNumber: text.nullable().optional(),
  extraFields: extraFields.optional(),
  shippingAddress: address,
  billingAddress: address,
};
export const newPurchaseOrder = z.strictObject({
  ...shared,
  costs: z.array(z.strictObject(cost)).optional(),
  vendorId: id.nullable(),
  items: z.array(z.strictObject(item)).min(1, 'must have at least one item'),
});
export const changedPurchaseOrder = z.strictObject({
  ...shared,
  costs: z.array(z.strictObject({ id: id.optional(), ...cost })).optional(),
  vendorId: id.nullable().optional(),
  reviewNote: text.nullable().optional(),
  items: z.array(z.strictObject({ id: id.optional(), ...item })).optional(),
});
export const changedOrderStatus = z.strictObject({
  status: z.enum(['APPROVED', 'CANCELED', 'COMPLETED', 'DECLINED', 'PARTIALLY_FULFILLED', 'PENDING']),
  reviewNote: text.nullable().optional(),
});
type Fields = z.infer<typeof changedPurchaseOrder>;
type PostedItem = Omit<NonNullable<Fields['items']>[number], 'id'>;

function check(world: World, actor: Actor, input: Fields): void {
  withinLength(world, { names: { title: input.title, overrideNumber: input.overrideNumber }, texts: { note: input.note } });
  mustExist(world.vendors, input.vendorId, 'vendorId', actor);
  if (input.dueDate && Number.isNaN(Date.parse(input.dueDate))) throw invalid('dueDate', 'dueDate must be a date', input.dueDate);
}

/** What an item is, from what was posted and what stood there before; prices in cents. */
function itemFields(
  world: World,
  actor: Actor,
  posted: PostedItem,
  path: string,
  before: PurchaseOrderItem | undefined,
): Omit<PurchaseOrderItem, 'id' | 'fulfillments'> {
  const partId = posted.partId === undefined ? (before?.partId ?? null) : posted.partId;
  mustExist(world.parts, partId, `${path}.partId`, actor);
  const part = partId === null ? undefined : world.parts.get(partId);
  const called = posted.name ?? before?.name ?? part?.name ?? null;
  if (!called) throw invalid(`${path}.name`, 'An item needs a partId or a name');
  const ordered = part ? quantity(world, posted.quantityOrdered, `${path}.quantityOrdered`) : posted.quantityOrdered;
  if (!(ordered > 0)) throw invalid(`${path}.quantityOrdered`, `${path}.quantityOrdered must be greater than 0`, ordered);
  if (before && ordered < received(before)) throw invalid(`${path}.quantityOrdered`, `${received(before)} of item ${before.id} are already received`, ordered);
  const unitCost = posted.unitCost === undefined ? (before?.unitCost ?? part?.unitCost ?? null) : posted.unitCost;
  const price = posted.price === undefined || posted.price === null ? (unitCost === null ? null : Math.round(unitCost * ordered)) : posted.price;
  return {
    partId,
    name: called,
    partNumber: posted.partNumber === undefined ? (before?.partNumber ?? null) : posted.partNumber,
    unitCost,
    price,
    quantityOrdered: ordered,
    lineExtraFields: withExtraFields(
      world,
      actor,
      'lineItemPurchaseOrders',
      before?.lineExtraFields ?? {},
      posted.lineExtraFields ?? posted.extraFields,
      `${path}.lineExtraFields`,
    ),
  };
}

const newItem = (world: World, fields: Omit<PurchaseOrderItem, 'id' | 'fulfillments'>): PurchaseOrderItem => ({
  id: world.id('item'),
  fulfillments: [],
  ...fields,
});
const costsOf = (world: World, posted: Fields['costs']): PurchaseOrderCost[] | undefined =>
  posted?.map((row) => ({ id: row.id ?? world.id('orderCost'), name: row.name, type: row.type, amount: row.amount }));

export function createPurchaseOrder(world: World, actor: Actor, input: z.infer<typeof newPurchaseOrder>): PurchaseOrder {
  check(world, actor, input);
  const rows = input.items.map((row, index) => itemFields(world, actor, row, `items.${index}`, undefined));
  const fields = withExtraFields(world, actor, 'purchaseOrders', {}, input.extraFields);
  const now = world.clock.now();
  const order: PurchaseOrder = {
    id: world.id('purchaseOrder'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    autoGeneratedNumber: world.sequence('purchaseOrder', actor.organizationId),
    creatorId: actor.userId,
    vendorId: input.vendorId,
    status: world.config.firstPurchaseOrderStatus,
    overrideNumber: input.overrideNumber ?? null,
    title: input.title ?? null,
    note: input.note ?? null,
    reviewNote: null,
    dueDate: input.dueDate ?? null,
    approverId: null,
    approvalDate: null,
    items: rows.map((row) => newItem(world, row)),
    costs: costsOf(world, input.costs) ?? [],
    extraFields: fields,
    shippingAddress: input.shippingAddress ?? null,
    billingAddress: input.billingAddress ?? null,
    comments: [],
  };
  world.purchaseOrders.set(order.id, order);
  trackSupply(world, order);
  world.emit(actor, {
    type: 'NEW_PURCHASE_ORDER',
    body: { purchaseOrderId: order.id, orgId: actor.organizationId, occurredAt: isoTime(now), userId: actor.userId },
    entity: { key: 'newPurchaseOrder', make: () => eventPurchaseOrder(order, 'new') },
  });
  return order;
}

const plain = [
  ['note', 'NOTE'],
  ['title', 'TITLE'],
  ['dueDate', 'DUE_DATE'],
  ['overrideNumber', 'OVERRIDE_NUMBER'],
  ['vendorId', 'VENDOR'],
  ['shippingAddress', 'SHIPPING_ADDRESS'],
  ['billingAddress', 'BILLING_ADDRESS'],
  ['reviewNote', undefined],
] as const;
const closed: readonly PurchaseOrderStatus[] = ['CANCELED', 'COMPLETED'];

/** Changes an order that is neither cancelled nor completed. `items` replaces the list: rows with an id are changed, the others are new, the missing ones go. */
export function changePurchaseOrder(world: World, actor: Actor, order: PurchaseOrder, input: Fields): PurchaseOrder {
  check(world, actor, input);
  if (closed.includes(order.status)) throw invalid('status', `Purchase order ${order.id} is ${order.status} and cannot be modified`, order.status);
  const plan = input.items?.map((row, index) => {
    const before = row.id === undefined ? undefined : order.items.find((one) => one.id === row.id);
    if (row.id !== undefined && !before) throw invalid(`items.${index}.id`, `Item ${row.id} is not on purchase order ${order.id}`, row.id);
    return { before, fields: itemFields(world, actor, row, `items.${index}`, before) };
  });
  const lost = plan && order.items.find((one) => received(one) > 0 && !plan.some(({ before }) => before === one));
  if (lost) throw invalid('items', `Item ${lost.id} is already received and cannot be removed`);
  const fields = withExtraFields(world, actor, 'purchaseOrders', order.extraFields, input.extraFields);
  const properties: string[] = [];
  for (const [key, property] of plain) {
    const value: string | number | Address | null | undefined = input[key];
    if (value === undefined || value === order[key]) continue;
    Object.assign(order, { [key]: value });
    if (property) properties.push(property);
  }
  if (fields !== order.extraFields) properties.push('EXTRA_FIELDS');
  order.extraFields = fields;
  if (plan) {
    trackSupply(world, order, 'leave');
    order.items = plan.map(({ before, fields: row }) => (before ? Object.assign(before, row) : newItem(world, row)));
    trackSupply(world, order);
    properties.push('ITEMS');
  }
  const costs = costsOf(world, input.costs);
  if (costs) properties.push('COSTS');
  order.costs = costs ?? order.costs;
  touched(world, actor, order, properties);
  return order;
}

const propertyKeys = {
  BILLING_ADDRESS: 'billingAddress',
  COSTS: 'costs',
  DUE_DATE: 'dueDate',
  EXTRA_FIELDS: 'extraFields',
  ITEMS: 'items',
  NOTE: 'note',
  OVERRIDE_NUMBER: 'overrideNumber',
  SHIPPING_ADDRESS: 'shippingAddress',
  STATUS: 'status',
  TITLE: 'title',
  VENDOR: 'vendorId',
};

/** Sets `updatedAt` and tells PURCHASE_ORDER_CHANGE. */
export function touched(world: World, actor: Actor, order: PurchaseOrder, properties: readonly string[]): void {
  order.updatedAt = world.clock.now();
  world.emit(actor, {
    type: 'PURCHASE_ORDER_CHANGE',
    body: { purchaseOrderId: order.id, orgId: actor.organizationId, occurredAt: isoTime(order.updatedAt) },
    tags: { oneOfPurchaseOrderProperties: properties },
    entity: { key: 'newPurchaseOrder', make: () => eventPurchaseOrder(order, 'changed'), byProperty: propertyKeys },
  });
}

/** A step of the transition table, or 400. */
export function changeOrderStatus(world: World, actor: Actor, order: PurchaseOrder, next: PurchaseOrderStatus, reviewNote?: string | null): PurchaseOrder {
  if (!transitions[order.status].includes(next)) throw invalid('status', `Cannot move a purchase order from ${order.status} to ${next}`, next);
  if (reviewNote !== undefined) order.reviewNote = reviewNote;
  if (next === 'APPROVED') {
    order.approverId = actor.userId;
    order.approvalDate = world.clock.now();
  }
  moveOrder(world, actor, order, next);
  return order;
}

/** Sets the status without asking the table, and tells PURCHASE_ORDER_STATUS_CHANGE. */
export function moveOrder(world: World, actor: Actor, order: PurchaseOrder, next: PurchaseOrderStatus): void {
  const oldStatus = order.status;
  order.status = next;
  order.updatedAt = world.clock.now();
  trackSupply(world, order);
  world.emit(actor, {
    type: 'PURCHASE_ORDER_STATUS_CHANGE',
    body: {
      purchaseOrderId: order.id,
      orgId: actor.organizationId,
      ...(order.vendorId === null ? {} : { vendorId: order.vendorId }),
      oldStatus,
      newStatus: next,
      occurredAt: isoTime(order.updatedAt),
    },
    tags: { oneOfStatuses: [next], vendors: order.vendorId === null ? [] : [order.vendorId] },
    entity: { key: 'purchaseOrder', make: () => eventPurchaseOrder(order, 'status') },
  });
}

/** Keeps the index of what is on order. */
export function trackSupply(world: World, order: PurchaseOrder, mode: 'follow' | 'leave' = 'follow'): void {
  const open = mode === 'follow' && (order.status === 'APPROVED' || order.status === 'PARTIALLY_FULFILLED');
  for (const row of order.items) {
    if (row.partId === null) continue;
    const items = world.supply.get(row.partId);
    if (!open) items?.delete(row);
    else if (items) items.add(row);
    else world.supply.set(row.partId, new Set([row]));
  }
}

/** Removes an order. What was received stays in stock. */
export function deletePurchaseOrder(world: World, order: PurchaseOrder): void {
  trackSupply(world, order, 'leave');
  world.purchaseOrders.delete(order.id);
}
