import * as z from 'zod';
import { customFieldFilters, page } from '#simulators/maintainx/paging';
import { purchaseOrderDetail, purchaseOrderRow } from '#simulators/maintainx/purchase-order-view';
import {
  changedOrderStatus,
  changedPurchaseOrder,
  changeOrderStatus,
  changePurchaseOrder,
  createPurchaseOrder,
  deletePurchaseOrder,
  moveOrder,
  newPurchaseOrder,
  touched,
} from '#simulators/maintainx/purchase-orders';
import { postedReceipt, receive, received } from '#simulators/maintainx/receipts';
import type { PurchaseOrder } from '#simulators/maintainx/records';
import type { Actor, World } from '#simulators/maintainx/world';
import { parsed, text, visible, type Call, type Route } from '#simulators/maintainx/wire';

/** Receives by totals; the first receipt moves APPROVED to PARTIALLY_FULFILLED by itself. */
export function fulfil(world: World, actor: Actor, order: PurchaseOrder, posted: z.infer<typeof postedReceipt>): PurchaseOrder {
  if (!receive(world, actor, order, posted)) return order;
  touched(world, actor, order, ['ITEMS']);
  if (order.status === 'APPROVED') moveOrder(world, actor, order, 'PARTIALLY_FULFILLED');
  if (world.config.completeWhenReceived && order.items.every((item) => received(item) >= item.quantityOrdered)) moveOrder(world, actor, order, 'COMPLETED');
  return order;
}

function list(call: Call): unknown {
  return page(call, {
    collection: 'purchaseOrders',
    paging: 'offset',
    rows: call.world.purchaseOrders.values(),
    usualSort: call.world.config.offsetSort,
    where: customFieldFilters<PurchaseOrder>(call, 'purchaseOrders'),
    sorts: { createdAt: (order) => order.createdAt, updatedAt: (order) => order.updatedAt },
    view: purchaseOrderRow,
  });
}

const one = (call: Call): PurchaseOrder => visible(call, call.world.purchaseOrders, 'purchaseOrder');
const wrapped = (call: Call, order: PurchaseOrder): unknown => ({ purchaseOrder: purchaseOrderDetail(call.world, order) });
const newComment = z.strictObject({ content: text.min(1) });

export const purchaseOrderRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/purchaseorders',
    success: 200,
    query: ['updatedAt[gte]', 'updatedAt[lte]', 'createdAt[gte]', 'createdAt[lte]', 'sort'],
    handle: list,
  },
  {
    method: 'POST',
    path: '/purchaseorders',
    success: 201,
    handle: (call) => purchaseOrderDetail(call.world, createPurchaseOrder(call.world, call.actor(), parsed(newPurchaseOrder, call.body))),
  },
  { method: 'GET', path: '/purchaseorders/{}', success: 200, handle: (call) => wrapped(call, one(call)) },
  {
    method: 'PATCH',
    path: '/purchaseorders/{}',
    success: 200,
    handle: (call) => wrapped(call, changePurchaseOrder(call.world, call.actorOn(one(call)), one(call), parsed(changedPurchaseOrder, call.body))),
  },
  { method: 'DELETE', path: '/purchaseorders/{}', success: 204, handle: (call) => deletePurchaseOrder(call.world, one(call)) },
  {
    method: 'PATCH',
    path: '/purchaseorders/{}/status',
    success: 200,
    handle: (call) => {
      const order = one(call);
      const { status, reviewNote } = parsed(changedOrderStatus, call.body);
      return wrapped(call, changeOrderStatus(call.world, call.actorOn(order), order, status, reviewNote));
    },
  },
  {
    method: 'PATCH',
    path: '/purchaseorders/{}/fulfillment',
    success: 200,
    handle: (call) => wrapped(call, fulfil(call.world, call.actorOn(one(call)), one(call), parsed(postedReceipt, call.body))),
  },
  {
    method: 'POST',
    path: '/purchaseorders/{}/comments',
    success: 201,
    handle: (call) => {
      const order = one(call);
      const { content } = parsed(newComment, call.body);
      const id = call.world.id('comment');
      order.comments.push({ id, authorId: call.actorOn(order).userId, content, createdAt: call.world.clock.now() });
      return { id };
    },
  },
];
