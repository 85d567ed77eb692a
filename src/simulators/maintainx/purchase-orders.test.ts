import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { purchaseOrderStatuses, type PurchaseOrderStatus } from '#simulators/maintainx/records';
import { bench, plant } from '#simulators/maintainx/twin.fixture';

/** The vendor's table, written down again so that the twin's own cannot agree with itself. */
const allowed: Readonly<Record<PurchaseOrderStatus, string>> = {
  REQUESTED: 'PENDING DECLINED CANCELED',
  PENDING: 'APPROVED DECLINED CANCELED',
  DECLINED: 'PENDING CANCELED',
  APPROVED: 'CANCELED',
  PARTIALLY_FULFILLED: 'COMPLETED',
  COMPLETED: 'PARTIALLY_FULFILLED',
  CANCELED: '',
};

/** How to bring an order to a status. */
const ways: Readonly<Record<PurchaseOrderStatus, readonly string[]>> = {
  REQUESTED: [],
  PENDING: ['PENDING'],
  DECLINED: ['DECLINED'],
  APPROVED: ['PENDING', 'APPROVED'],
  CANCELED: ['CANCELED'],
  PARTIALLY_FULFILLED: ['PENDING', 'APPROVED', 'receive'],
  COMPLETED: ['PENDING', 'APPROVED', 'receive', 'COMPLETED'],
};

function buy(at = bench()) {
  const on = plant(at);
  const order = at.call('POST', '/purchaseorders', {
    vendorId: on.vendor.id,
    overrideNumber: '4500000017',
    items: [
      { partId: on.seal.id, quantityOrdered: 10, unitCost: 1100 },
      { name: 'Freight', quantityOrdered: 1, price: 900 },
    ],
  }).body as unknown as { id: number; status: string; items: { id: number }[] }; // the whole order is the answer
  const status = (to: string) => at.call('PATCH', `/purchaseorders/${order.id}/status`, { status: to });
  const receive = (fulfillments: unknown[], item = order.items[0]!.id) =>
    at.call('PATCH', `/purchaseorders/${order.id}/fulfillment`, { items: [{ id: item, fulfillments }] });
  const read = () => at.call('GET', `/purchaseorders/${order.id}`).body.purchaseOrder;
  return { at, ...on, order, status, receive, read };
}

test("every step between two statuses is allowed or refused as the vendor's table says", () => {
  for (const from of purchaseOrderStatuses) {
    for (const to of purchaseOrderStatuses) {
      const { status, receive, read, stores } = buy();
      for (const way of ways[from]) assert.equal((way === 'receive' ? receive([{ locationId: stores[0].id, quantityReceived: 1 }]) : status(way)).status, 200);
      assert.equal(read().status, from);
      const answer = status(to);
      assert.equal(answer.status, allowed[from].split(' ').includes(to) ? 200 : 400, `${from} to ${to}`);
      assert.equal(read().status, answer.status === 200 ? to : from);
    }
  }
});

test("an order starts as a request, is approved by the key's user, and its list row is poor", () => {
  const { at, order, status, read } = buy();
  assert.equal(order.status, 'REQUESTED');
  assert.equal(read().approverId, null);
  status('PENDING');
  status('APPROVED');
  assert.equal(read().approverId, 55);
  assert.deepEqual(Object.keys(at.call('GET', '/purchaseorders').body.purchaseOrders[0] ?? {}), ['id', 'status', 'updatedAt', 'createdAt']);
});

test('a receipt is a total: sending it again changes nothing, a smaller one takes back, and stock and events follow', async () => {
  const { at, seal, stores, order, status, receive, read } = buy();
  at.listen('PART_QUANTITY_CHANGE');
  at.listen('PURCHASE_ORDER_STATUS_CHANGE', { options: { serializePurchaseOrder: true } });
  status('PENDING');
  status('APPROVED');
  assert.equal(at.call('GET', `/parts/${seal.id}`).body.part.orderedQuantity, 10);
  receive([{ locationId: stores[0].id, quantityReceived: 4 }]);
  assert.equal(read().status, 'PARTIALLY_FULFILLED');
  const row = read().items[0]!.fulfillments[0]!;
  assert.deepEqual(row, { id: row.id, locationId: stores[0].id, quantityReceived: '4.000000', isLegacy: false });
  const stocked = () => seal.stock.get(stores[0].id)?.availableQuantity;
  for (let i = 0; i < 3; i++) assert.equal(receive([{ id: row.id, locationId: stores[0].id, quantityReceived: 4 }]).status, 200);
  assert.equal(stocked(), 16);
  receive([{ id: row.id, quantityReceived: 7 }]);
  receive([{ id: row.id, quantityReceived: 6 }]);
  assert.equal(stocked(), 18);
  receive([{ locationId: stores[1].id, quantityReceived: 4 }]);
  assert.equal(read().items[0]!.quantityReceived, 10);
  assert.equal(at.call('GET', `/parts/${seal.id}`).body.part.orderedQuantity, 0);
  assert.equal(read().status, 'PARTIALLY_FULFILLED');
  status('COMPLETED');
  assert.equal(receive([{ id: row.id, quantityReceived: 1 }]).status, 400);
  status('PARTIALLY_FULFILLED');
  receive([{ id: row.id, quantityReceived: 0 }]);
  assert.equal(stocked(), 12);
  const told = await at.arrived('PART_QUANTITY_CHANGE');
  assert.deepEqual(
    told.map(({ quantityDiff, triggeredFrom }) => [quantityDiff, triggeredFrom]),
    [4, 3, -1, 4, -6].map((diff) => [diff, 'PURCHASE_ORDER']),
  );
  assert.deepEqual(
    (await at.arrived('PURCHASE_ORDER_STATUS_CHANGE')).map(
      ({ oldStatus, newStatus, purchaseOrder }) => `${oldStatus} ${newStatus} ${purchaseOrder.id === order.id}`,
    ),
    [
      'REQUESTED PENDING true',
      'PENDING APPROVED true',
      'APPROVED PARTIALLY_FULFILLED true',
      'PARTIALLY_FULFILLED COMPLETED true',
      'COMPLETED PARTIALLY_FULFILLED true',
    ],
  );
});

test('any sequence of totals leaves stock at opening plus the last total of each row, however often each is sent', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ place: fc.nat(1), total: fc.nat(12), times: fc.integer({ min: 1, max: 3 }) }), { maxLength: 15, size: 'max' }),
      (receipts) => {
        const { seal, stores, status, receive, read } = buy();
        status('PENDING');
        status('APPROVED');
        const last = new Map<number, number>();
        for (const { place, total, times } of receipts) {
          const locationId = stores[place]!.id;
          for (let i = 0; i < times; i++) {
            const row = read().items[0]!.fulfillments.find((one) => one.locationId === locationId);
            assert.equal(receive([{ ...(row ? { id: row.id } : {}), locationId, quantityReceived: total }]).status, 200);
          }
          last.set(locationId, total);
        }
        assert.equal(seal.stock.get(stores[0].id)?.availableQuantity, 12 + (last.get(stores[0].id) ?? 0));
        assert.equal(seal.stock.get(stores[1].id)?.availableQuantity, 5 + (last.get(stores[1].id) ?? 0));
        assert.equal(
          read().items[0]!.quantityReceived,
          [...last.values()].reduce((a, b) => a + b, 0),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('a row without an id is a further row each time, which is why rows must be read first', () => {
  const { stores, status, receive, read, seal } = buy();
  status('PENDING');
  status('APPROVED');
  receive([{ locationId: stores[0].id, quantityReceived: 4 }]);
  receive([{ locationId: stores[0].id, quantityReceived: 4 }]);
  assert.equal(read().items[0]!.quantityReceived, 8);
  assert.equal(seal.stock.get(stores[0].id)?.availableQuantity, 20);
});

test('the deprecated total of an item works once and switches receipt by location off for it', () => {
  const { at, order, status, receive, stores, read } = buy();
  status('PENDING');
  status('APPROVED');
  const legacy = (quantityReceived: number) =>
    at.call('PATCH', `/purchaseorders/${order.id}/fulfillment`, { items: [{ id: order.items[0]!.id, quantityReceived }] });
  assert.equal(legacy(3).status, 200);
  assert.equal(legacy(3).status, 200);
  assert.deepEqual(
    read().items[0]!.fulfillments.map(({ quantityReceived, isLegacy }) => [quantityReceived, isLegacy]),
    [['3.000000', true]],
  );
  assert.equal(receive([{ locationId: stores[0].id, quantityReceived: 1 }]).status, 400);
});

test('an item that is not a part is received in fractions and moves no stock; prices are cents with decimal texts', async () => {
  const { at, order, status, receive, stores, read } = buy();
  at.listen('PART_QUANTITY_CHANGE');
  status('PENDING');
  status('APPROVED');
  receive([{ locationId: stores[0].id, quantityReceived: 0.5 }], order.items[1]!.id);
  assert.deepEqual(
    read().items.map(({ unitCostDecimal, priceDecimal }) => [unitCostDecimal, priceDecimal]),
    [
      ['1100.000000', '11000.000000'],
      [null, '900.000000'],
    ],
  );
  assert.deepEqual(await at.arrived(), []);
});

test('a change keeps items by id, drops the missing, refuses to lose what was received, and a closed order cannot be changed', () => {
  const { at, order, status, receive, stores, read } = buy();
  const change = (body: unknown) => at.call('PATCH', `/purchaseorders/${order.id}`, body);
  const [part, freight] = order.items;
  assert.equal(
    change({
      items: [
        { id: part!.id, quantityOrdered: 6 },
        { name: 'Tax', quantityOrdered: 1 },
      ],
    }).status,
    200,
  );
  assert.deepEqual(
    read()
      .items.map(({ id }) => id)
      .includes(freight!.id),
    false,
  );
  assert.equal(read().items[0]!.id, part!.id);
  status('PENDING');
  status('APPROVED');
  receive([{ locationId: stores[0].id, quantityReceived: 4 }]);
  assert.equal(change({ items: [{ id: part!.id, quantityOrdered: 3 }] }).status, 400);
  assert.equal(change({ items: [{ name: 'Tax', quantityOrdered: 1 }] }).status, 400);
  assert.equal(change({ items: [{ id: 1, quantityOrdered: 3 }] }).status, 400);
  status('COMPLETED');
  assert.equal(change({ note: 'late' }).status, 400);
});

test('the last receipt completes the order where the installation is set so', () => {
  const { status, receive, stores, read, order } = buy(bench({ completeWhenReceived: true, firstPurchaseOrderStatus: 'PENDING' }));
  status('APPROVED');
  receive([{ locationId: stores[0].id, quantityReceived: 10 }]);
  assert.equal(read().status, 'PARTIALLY_FULFILLED');
  receive([{ locationId: stores[0].id, quantityReceived: 1 }], order.items[1]!.id);
  assert.equal(read().status, 'COMPLETED');
});
