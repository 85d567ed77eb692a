import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { bench, plant, settled, type Bench } from '#simulators/maintainx/twin.fixture';

const levels = (at: Bench, partId: number): Record<number, number> =>
  Object.fromEntries(at.call('GET', `/parts/${partId}`).body.part.locations.map(({ locationId, availableQuantity }) => [locationId, availableQuantity]));

test('a part that a technician uses leaves its storeroom at once and shows on the order, its costs and one event (000-05)', async () => {
  const at = bench();
  at.listen('PART_QUANTITY_CHANGE');
  at.listen('WORK_ORDER_CHANGE', { options: { serializeEntity: true } });
  const { seal, stores, mechanic } = plant(at);
  const { id } = at.call('POST', '/workorders', { title: 'x' }).body;
  const before = at.call('GET', `/parts/${seal.id}`).body.part.updatedAt;
  at.clock.advance(60_000);
  at.world.technician.release(id, mechanic.id);
  at.world.technician.usePart(id, seal, stores[1].id, 2, mechanic.id);
  const part = at.call('GET', `/parts/${seal.id}`).body.part;
  assert.deepEqual(levels(at, seal.id), { [stores[0].id]: 12, [stores[1].id]: 3 });
  assert.equal(part.inStockQuantity, 15);
  assert.notEqual(part.updatedAt, before);
  assert.deepEqual(
    at.call('GET', `/workorders/${id}?expand=parts`).body.workOrder.parts.map(({ id: partId, quantityUsed, locationId }) => [partId, quantityUsed, locationId]),
    [[seal.id, 2, stores[1].id]],
  );
  assert.deepEqual(at.call('GET', `/workorders/${id}/costs`).body.costs, {
    total: 2500,
    rows: [{ type: 'PART', costPerUnit: 1250, description: 'Shaft seal', quantity: 2, rowTotal: 2500, partId: seal.id }],
  });
  const told = await at.arrived('PART_QUANTITY_CHANGE');
  assert.equal(told.length, 1);
  assert.deepEqual(told[0], {
    partId: seal.id,
    orgId: 12,
    quantityDiff: -2,
    oldQuantity: 17,
    newQuantity: 15,
    userId: mechanic.id,
    triggeredFrom: 'WORK_ORDER',
    occurredAt: '2026-03-04T08:01:00.000Z',
    locations: [{ locationId: stores[1].id, quantityDiff: -2, oldQuantity: 5, newQuantity: 3 }],
  });
  assert.equal((await at.arrived('WORK_ORDER_CHANGE')).length, 1);
});

test('planned parts stand as assigned, then as committed, and leave stock when issued or done, once', async () => {
  const at = bench();
  at.listen('PART_QUANTITY_CHANGE');
  const { seal, stores } = plant(at);
  const part = () => at.call('GET', `/parts/${seal.id}`).body.part;
  const { id } = at.call('POST', '/workorders', { title: 'x', partsUsed: [{ partId: seal.id, quantityUsed: 3, locationId: stores[0].id }] }).body;
  assert.deepEqual([part().inStockQuantity, part().assignedQuantity, part().committedQuantities], [17, 3, { kitted: 0, reserved: 0, staged: 0 }]);
  for (const [partStatus, committed] of [
    ['RESERVED', { kitted: 0, reserved: 3, staged: 0 }],
    ['KITTED', { kitted: 3, reserved: 0, staged: 0 }],
    ['STAGED', { kitted: 0, reserved: 0, staged: 3 }],
  ] as const) {
    at.call('PATCH', `/workorders/${id}/partStatus`, { partStatus });
    assert.deepEqual([part().inStockQuantity, part().assignedQuantity, part().committedQuantities], [17, 0, committed]);
  }
  at.call('PATCH', `/workorders/${id}/partStatus`, { partStatus: 'ISSUED' });
  assert.deepEqual([part().inStockQuantity, part().committedQuantities], [14, { kitted: 0, reserved: 0, staged: 0 }]);
  at.call('PATCH', `/workorders/${id}/status`, { status: 'DONE' });
  at.call('PATCH', `/workorders/${id}/status`, { status: 'OPEN' });
  at.call('PATCH', `/workorders/${id}/status`, { status: 'DONE' });
  assert.equal(part().inStockQuantity, 14);
  at.call('PATCH', `/workorders/${id}`, { partsUsed: [{ partId: seal.id, quantityUsed: 1, locationId: stores[0].id }] });
  assert.equal(part().inStockQuantity, 16);
  assert.deepEqual(
    (await at.arrived()).map(({ quantityDiff }) => quantityDiff),
    [-3, 2],
  );
});

test('what a technician used of the plan is not taken again when the order is done', () => {
  const at = bench();
  const { seal, stores } = plant(at);
  const { technician } = at.world;
  const { id } = at.world.addWorkOrder({ title: 'x', partsUsed: [{ partId: seal.id, quantityUsed: 3, locationId: stores[0].id }] });
  technician.usePart(id, seal, stores[0].id, 2);
  technician.complete(id);
  assert.equal(levels(at, seal.id)[stores[0].id], 9);
  technician.reopen(id);
  technician.usePart(id, seal, stores[0].id, 1);
  technician.returnPart(id, seal, stores[0].id, 3);
  assert.equal(levels(at, seal.id)[stores[0].id], 11);
  assert.equal(at.call('GET', `/workorders/${id}?expand=parts`).body.workOrder.parts[0]?.quantityUsed, 1);
});

test('a plan set below what was already used brings the difference back', () => {
  const at = bench();
  const { seal, stores } = plant(at);
  const { id } = at.world.addWorkOrder({ title: 'x' });
  at.world.technician.usePart(id, seal, stores[0].id, 3);
  at.call('PATCH', `/workorders/${id}`, { partsUsed: [{ partId: seal.id, quantityUsed: 1, locationId: stores[0].id }] });
  assert.equal(levels(at, seal.id)[stores[0].id], 11);
  at.call('PATCH', `/workorders/${id}`, { partsUsed: [] });
  assert.equal(levels(at, seal.id)[stores[0].id], 12);
  assert.equal(at.call('GET', `/workorders/${id}`).body.workOrder.partStatus, 'NO_PARTS');
});

test('a cancelled order takes nothing more; where parts leave stock on adding, they do so at once', () => {
  const at = bench();
  const on = plant(at);
  const { id } = at.world.addWorkOrder({ title: 'x', partsUsed: [{ partId: on.seal.id, quantityUsed: 3 }] });
  at.world.technician.cancel(id);
  assert.equal(at.call('GET', `/parts/${on.seal.id}`).body.part.inStockQuantity, 17);
  assert.equal(at.call('GET', `/parts/${on.seal.id}`).body.part.assignedQuantity, 0);
  const eager = bench({ partsLeaveStock: 'added' });
  const other = plant(eager);
  const { id: second } = eager.world.addWorkOrder({ title: 'x', partsUsed: [{ partId: other.seal.id, quantityUsed: 3 }] });
  assert.equal(eager.call('GET', `/parts/${other.seal.id}`).body.part.inStockQuantity, 14);
  eager.call('PATCH', `/workorders/${second}`, { partsUsed: [] });
  assert.equal(eager.call('GET', `/parts/${other.seal.id}`).body.part.inStockQuantity, 17);
});

test('availability tells whether stock covers what orders still need', () => {
  const at = bench();
  const { seal, stores } = plant(at);
  const grease = at.world.addPart({ name: 'Grease', locations: [{ locationId: stores[0].id, availableQuantity: 0 }] });
  const of = (partsUsed: { partId: number; quantityUsed: number }[], partStatus = 'ASSIGNED'): [number, string | undefined] => {
    const { id } = at.call('POST', '/workorders', { title: 'x', partsUsed }).body;
    if (partStatus !== 'ASSIGNED') at.call('PATCH', `/workorders/${id}/partStatus`, { partStatus });
    return [id, at.call('GET', `/workorders/${id}`).body.workOrder.partsAvailability];
  };
  assert.equal(of([])[1], undefined);
  assert.equal(of([{ partId: seal.id, quantityUsed: 17 }])[1], 'PARTS_AVAILABLE');
  assert.equal(of([{ partId: seal.id, quantityUsed: 18 }])[1], 'PARTS_UNAVAILABLE');
  assert.equal(
    of([
      { partId: seal.id, quantityUsed: 1 },
      { partId: grease.id, quantityUsed: 1 },
    ])[1],
    'PARTIAL_PARTS',
  );
  assert.equal(of([{ partId: seal.id, quantityUsed: 10 }], 'RESERVED')[1], 'PARTS_AVAILABLE');
  assert.equal(of([{ partId: seal.id, quantityUsed: 8 }])[1], 'PARTS_AVAILABLE_BUT_OVERCOMMITTED');
});

test('a patch of locations is absolute, keeps what it does not name, and tells the difference as a restock', async () => {
  const at = bench();
  at.listen('PART_QUANTITY_CHANGE');
  const { seal, stores } = plant(at);
  const shelf = at.call('POST', '/locations', { name: 'ST03' }).body.id;
  const body = {
    locations: {
      addedUpdated: [
        { locationId: stores[0].id, availableQuantity: 20 },
        { locationId: shelf, availableQuantity: 4 },
      ],
      removedLocationIds: [stores[1].id],
    },
  };
  at.call('PATCH', `/parts/${seal.id}`, body);
  assert.deepEqual(levels(at, seal.id), { [stores[0].id]: 20, [shelf]: 4 });
  assert.equal(seal.stock.get(stores[0].id)?.minimumQuantity, 2);
  at.call('PATCH', `/parts/${seal.id}`, { locations: { addedUpdated: body.locations.addedUpdated } });
  at.call('PATCH', `/parts/${seal.id}`, { name: 'Seal' });
  const [told, ...again] = await at.arrived();
  assert.deepEqual([told?.quantityDiff, told?.triggeredFrom, told?.locations.map(({ quantityDiff }) => quantityDiff)], [7, 'MANUAL_RESTOCK', [-5, 8, 4]]);
  assert.deepEqual(again, []);
});

test('deprecated stock fields work on a part with one place, and a part without a place has stock all the same', () => {
  const at = bench();
  const { stores } = plant(at);
  const { id } = at.call('POST', '/parts', { name: 'Grease', availableQuantity: 4, minimumQuantity: 1 }).body;
  const part = () => at.call('GET', `/parts/${id}`).body.part;
  assert.deepEqual([part().inStockQuantity, part().locations], [4, []]);
  assert.equal(at.call('PATCH', `/parts/${id}`, { availableQuantity: 6 }).status, 200);
  assert.equal(part().inStockQuantity, 6);
  at.call('PATCH', `/parts/${id}`, { locationId: stores[0].id });
  assert.deepEqual(
    part().locations.map(({ locationId, availableQuantity }) => [locationId, availableQuantity]),
    [[stores[0].id, 6]],
  );
});

test('fractions are kept exactly where the installation allows them', () => {
  const at = bench({ fractionalQuantities: true });
  const { stores } = plant(at);
  const oil = at.world.addPart({ name: 'Oil', locations: [{ locationId: stores[0].id, availableQuantity: 1 }] });
  const { id } = at.world.addWorkOrder({ title: 'x' });
  for (let i = 0; i < 10; i++) at.world.technician.usePart(id, oil, stores[0].id, 0.1);
  assert.equal(at.call('GET', `/parts/${oil.id}`).body.part.inStockQuantity, 0);
  assert.equal(
    at.call('PATCH', `/parts/${oil.id}`, { locations: { addedUpdated: [{ locationId: stores[0].id, availableQuantity: 0.000_000_1 }] } }).status,
    400,
  );
});

/** What may happen to stock, by which door. */
const step = fc.record({
  kind: fc.constantFrom('use', 'use', 'return', 'return', 'restock', 'count', 'plan', 'issue', 'done', 'reopen', 'receive', 'patch', 'delete'),
  part: fc.nat(1),
  place: fc.nat(1),
  order: fc.nat(1),
  amount: fc.nat(5),
});

test('stock = opening + restocked - used for every part and place after any history, and webhook differences add up to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
      fc.constantFrom('issued' as const, 'added' as const),
      async (steps, partsLeaveStock) => {
        const at = bench({ partsLeaveStock });
        at.listen('PART_QUANTITY_CHANGE');
        const { seal, stores, vendor } = plant(at);
        const belt = at.world.addPart({ name: 'Belt', locations: stores.map(({ id }) => ({ locationId: id, availableQuantity: 7 })) });
        const parts = [seal, belt];
        const opening = new Map(parts.map((part) => [part.id, levels(at, part.id)]));
        const orders = [0, 1].map((n) => at.world.addWorkOrder({ title: `order ${n}` }));
        const bought = at.world.approvePurchaseOrder(
          at.world.addPurchaseOrder({ vendorId: vendor.id, items: parts.map(({ id }) => ({ partId: id, quantityOrdered: 50 })) }),
        );
        const moved = new Map<string, number>();
        const deletedUse = new Map<string, number>();
        const add = (map: Map<string, number>, partId: number, placeId: number, by: number): void =>
          void map.set(`${partId} ${placeId}`, (map.get(`${partId} ${placeId}`) ?? 0) + by);
        const { technician } = at.world;
        const act: Record<string, (part: typeof seal, place: number, order: (typeof orders)[number], amount: number) => void> = {
          use: (part, place, order, amount) => void technician.usePart(order, part, place, amount),
          return: (part, place, order, amount) => void technician.returnPart(order, part, place, amount),
          restock: (part, place, _order, amount) => {
            technician.restock(part, place, amount);
            add(moved, part.id, place, amount);
          },
          count: (part, place, _order, amount) => {
            const before = levels(at, part.id)[place] ?? 0;
            technician.count(part, place, amount);
            add(moved, part.id, place, amount - before);
          },
          patch: (part, place, _order, amount) => {
            const before = levels(at, part.id)[place] ?? 0;
            at.call('PATCH', `/parts/${part.id}`, { locations: { addedUpdated: [{ locationId: place, availableQuantity: amount }] } });
            add(moved, part.id, place, amount - before);
          },
          plan: (part, place, order, amount) => void technician.planPart(order, part, place, amount),
          issue: (_part, _place, order) => void at.call('PATCH', `/workorders/${order.id}/partStatus`, { partStatus: 'ISSUED' }),
          done: (_part, _place, order) => void at.call('PATCH', `/workorders/${order.id}/status`, { status: 'DONE' }),
          reopen: (_part, _place, order) => void at.call('PATCH', `/workorders/${order.id}/status`, { status: 'OPEN' }),
          receive: (part, place, _order, amount) => {
            const item = bought.items.find(({ partId }) => partId === part.id)!;
            const row = item.fulfillments.find(({ locationId }) => locationId === place);
            const before = row?.quantityReceived ?? 0;
            at.call('PATCH', `/purchaseorders/${bought.id}/fulfillment`, {
              items: [{ id: item.id, fulfillments: [{ ...(row ? { id: row.id } : {}), locationId: place, quantityReceived: amount }] }],
            });
            add(moved, part.id, place, amount - before);
          },
          delete: (_part, _place, order) => {
            for (const use of order.parts) add(deletedUse, use.partId, use.locationId ?? 0, use.issued);
            at.call('DELETE', `/workorders/${order.id}`);
            orders[orders.indexOf(order)] = at.world.addWorkOrder({ title: 'in its place' });
          },
        };
        for (const { kind, part, place, order, amount } of steps) {
          try {
            act[kind]?.(parts[part]!, stores[place]!.id, orders[order]!, amount);
          } catch (error) {
            if (!(error instanceof RangeError) && !(error instanceof Error && error.name === 'Refusal')) throw error;
          }
        }
        await settled();
        await at.twin.deliveries.idle();
        const told = new Map<string, number>();
        for (const body of await at.arrived()) {
          for (const { locationId, quantityDiff } of body.locations) add(told, body.partId, locationId, quantityDiff);
          assert.equal(body.newQuantity - body.oldQuantity, body.quantityDiff);
        }
        for (const use of [...at.world.workOrders.values()].flatMap((order) => order.parts))
          assert.ok(use.issued <= use.quantityUsed, 'no more has left stock than the row says');
        for (const part of parts) {
          const open = [...at.world.workOrders.values()].filter(({ status, partStatus }) => status !== 'DONE' && partStatus === 'ASSIGNED');
          const waiting = open
            .flatMap((order) => order.parts)
            .filter((use) => use.partId === part.id)
            .reduce((sum, use) => sum + use.quantityUsed - use.issued, 0);
          assert.equal(at.call('GET', `/parts/${part.id}`).body.part.assignedQuantity, waiting, 'assigned is what open orders wait for');
          for (const { id: place } of stores) {
            const key = `${part.id} ${place}`;
            const used =
              [...at.world.workOrders.values()]
                .flatMap((order) => order.parts)
                .filter((use) => use.partId === part.id && use.locationId === place)
                .reduce((sum, use) => sum + use.issued, 0) + (deletedUse.get(key) ?? 0);
            const now = levels(at, part.id)[place] ?? 0;
            assert.equal(now, (opening.get(part.id)?.[place] ?? 0) + (moved.get(key) ?? 0) - used, `part ${part.id} at ${place}`);
            assert.equal(now - (opening.get(part.id)?.[place] ?? 0), told.get(key) ?? 0, `webhooks of part ${part.id} at ${place}`);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});
