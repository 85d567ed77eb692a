import assert from 'node:assert/strict';
import test from 'node:test';
import { bench, plant, settled } from '#simulators/maintainx/twin.fixture';

test('events arrive in the order in which they happened, once each, and not within the request', async () => {
  const at = bench();
  at.listen('NEW_PART');
  for (let i = 0; i < 50; i++) at.call('POST', '/parts', { name: `part ${i}` });
  assert.equal(at.hooks.length, 0);
  const ids = (await at.arrived()).map(({ partId }) => partId);
  assert.equal(ids.length, 50);
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
});

test('skipWebhook in all its spellings and skipRestHook keep an event in', async () => {
  const at = bench();
  at.listen('NEW_WORK_ORDER');
  at.listen('WORK_ORDER_STATUS_CHANGE');
  for (const word of ['true', '1', 'yes']) at.call('POST', `/workorders?skipWebhook=${word}`, { title: 'silent' });
  at.call('POST', '/workorders', { title: 'silent', skipRestHook: true });
  assert.equal(at.call('POST', '/workorders?skipWebhook=maybe', { title: 'x' }).status, 400);
  const { id } = at.call('POST', '/workorders?skipWebhook=no', { title: 'told' }).body;
  at.call('PATCH', `/workorders/${id}/status?skipWebhook=true`, { status: 'DONE' });
  assert.deepEqual(
    (await at.arrived()).map(({ workOrderId }) => workOrderId),
    [id],
  );
});

test('a cancelled order is told as DONE with a sub-status and read as CANCELED', async () => {
  const at = bench();
  at.listen('WORK_ORDER_STATUS_CHANGE');
  const { id } = at.call('POST', '/workorders', { title: 'x' }).body;
  at.call('PATCH', `/workorders/${id}/status`, { status: 'CANCELED' });
  at.call('PATCH', `/workorders/${id}/status`, { status: 'CANCELED' });
  at.call('PATCH', `/workorders/${id}/status`, { status: 'OPEN' });
  at.call('PATCH', `/workorders/${id}/status`, { status: 'DONE' });
  const told = (await at.arrived()).map(({ oldStatus, oldSubStatus, newStatus, newSubStatus }) => [oldStatus, oldSubStatus, newStatus, newSubStatus]);
  assert.deepEqual(told, [
    ['OPEN', undefined, 'DONE', 'CANCELED'],
    ['DONE', 'CANCELED', 'OPEN', undefined],
    ['OPEN', undefined, 'DONE', undefined],
  ]);
  at.call('PATCH', `/workorders/${id}/status`, { status: 'CANCELED' });
  assert.equal(at.call('GET', `/workorders/${id}`).body.workOrder.status, 'CANCELED');
  assert.equal(at.call('GET', '/workorders?statuses=CANCELED').body.workOrders.length, 1);
  assert.equal(at.call('GET', '/workorders?statuses=DONE').body.workOrders.length, 0);
});

test('a subscription hears its own type and organisation, through its filter, with as much of the record as it asked for', async () => {
  const at = bench();
  const { seal } = plant(at);
  at.listen('WORK_ORDER_CHANGE', { filters: { oneOfProperties: ['PARTS'] }, options: { serializeEntity: true, onlySerializeFilteredProperties: true } });
  at.listen('WORK_ORDER_STATUS_CHANGE', { filters: { oneOfStatuses: ['DONE'] } });
  const { id } = at.call('POST', '/workorders', { title: 'x' }).body;
  at.call('PATCH', `/workorders/${id}`, { title: 'y' });
  at.call('PATCH', `/workorders/${id}`, { partsUsed: [{ partId: seal.id, quantityUsed: 1 }] });
  at.call('PATCH', `/workorders/${id}/status`, { status: 'ON_HOLD' });
  at.call('PATCH', `/workorders/${id}/status`, { status: 'DONE' });
  const changes = await at.arrived('WORK_ORDER_CHANGE');
  assert.equal(changes.length, 1);
  assert.deepEqual(Object.keys(changes[0]?.newWorkOrder ?? {}), ['parts']);
  const [done, ...none] = await at.arrived('WORK_ORDER_STATUS_CHANGE');
  assert.equal(done?.newStatus, 'DONE');
  assert.equal(done?.newWorkOrder, undefined);
  assert.deepEqual(none, []);
});

test('a call without an answer within ten seconds has failed, and is tried again after each configured wait until there are none left', async () => {
  const at = bench();
  at.listen('NEW_PART');
  at.receiver.answers = ['never', 500, 404, 302, 503, 500];
  at.call('POST', '/parts', { name: 'x' });
  await settled();
  at.clock.advance(9_999);
  assert.equal(at.twin.deliveries.counts.failed, 0);
  at.clock.advance(1);
  assert.equal(at.twin.deliveries.counts.failed, 1);
  for (const wait of at.twin.config.retryDelaysMs) {
    await settled();
    at.clock.advance(wait);
    await settled();
  }
  assert.deepEqual(
    at.hooks.map(({ attempt }) => attempt),
    [1, 2, 3, 4, 5, 6],
  );
  assert.deepEqual({ ...at.twin.deliveries.counts }, { delivered: 0, failed: 6, retried: 5, lost: 0, givenUp: 1, dropped: 0, subscriptionsDeleted: 0 });
  assert.equal(new Set(at.hooks.map(({ body }) => body)).size, 1);
  at.clock.advance(10 * 24 * 3_600_000);
  await settled();
  assert.equal(at.hooks.length, 6);
});

test('a failing event does not hold later ones back', async () => {
  const at = bench({ deliveriesInFlight: 1 });
  at.listen('NEW_PART');
  at.receiver.answers = [500];
  at.call('POST', '/parts', { name: 'first' });
  at.call('POST', '/parts', { name: 'second' });
  await settled();
  at.clock.advance(10_000);
  await settled();
  const [first, second, again] = at.hooks.map(({ body }) => body);
  assert.notEqual(first, second);
  assert.equal(again, first);
});

test('the vendor deletes a subscription that only fails for days; a fresh one hears again', async () => {
  const at = bench({ abandonAfterMs: 3_600_000 });
  at.listen('NEW_PART');
  const id = at.world.subscriptions.keys().next().value;
  at.receiver.answers = Array.from({ length: 40 }, () => 500);
  for (let i = 0; i < 4; i++) {
    at.call('POST', '/parts', { name: 'x' });
    await settled();
    at.clock.advance(1_200_000);
    await settled();
  }
  assert.equal(at.call('GET', `/subscriptions/${id}`).status, 404);
  assert.equal(at.twin.deliveries.counts.subscriptionsDeleted, 1);
  at.receiver.answers = [];
  at.hooks.length = 0;
  at.listen('NEW_PART');
  at.call('POST', '/parts', { name: 'y' });
  assert.equal((await at.arrived()).length, 1);
});

test('waiting retries are bounded: the oldest goes first', async () => {
  const at = bench({ retriesKept: 3 });
  at.listen('NEW_PART');
  at.receiver.answers = Array.from({ length: 10 }, () => 500);
  for (let i = 0; i < 10; i++) at.call('POST', '/parts', { name: `x${i}` });
  await settled();
  await settled();
  assert.equal(at.twin.deliveries.retriesWaiting, 3);
  assert.equal(at.twin.deliveries.counts.dropped, 7);
});

test('the webhook buttons double, delay and lose, where they match', async () => {
  const at = bench();
  at.listen('NEW_PART');
  at.listen('NEW_VENDOR');
  at.twin.buttons.press({ fault: 'duplicateWebhook', match: 'NEW_PART', with: { times: '3' }, times: 1 });
  at.twin.buttons.press({ fault: 'lostWebhook', match: 'NEW_VENDOR', times: 1 });
  at.call('POST', '/parts', { name: 'x' });
  at.call('POST', '/vendors', { name: 'lost' });
  at.call('POST', '/vendors', { name: 'told' });
  await settled();
  assert.deepEqual(at.hooks.map(({ type }) => type).sort(), ['NEW_PART', 'NEW_PART', 'NEW_PART', 'NEW_VENDOR']);
  at.hooks.length = 0;
  at.twin.buttons.press({ fault: 'lateWebhook', delayMs: 90_000, times: 1 });
  at.call('POST', '/parts', { name: 'late' });
  at.call('POST', '/parts', { name: 'early' });
  await settled();
  assert.equal(at.hooks.length, 1);
  at.clock.advance(90_000);
  await settled();
  assert.equal(at.hooks.length, 2);
  assert.ok(JSON.parse(at.hooks[0]!.body).partId > JSON.parse(at.hooks[1]!.body).partId);
});

test('a renamed property and a deleted subscription are what the contract buttons do', () => {
  const at = bench();
  const { seal } = plant(at);
  at.twin.buttons.press({ fault: 'contractChanged', match: '/parts/', with: { property: 'inStockQuantity', to: 'onHand' }, times: 1 });
  assert.equal(at.call('GET', `/parts/${seal.id}`).body.part.inStockQuantity, undefined);
  assert.equal(at.call('GET', `/parts/${seal.id}`).body.part.inStockQuantity, 17);
  at.listen('NEW_PART');
  const id = at.world.subscriptions.keys().next().value;
  at.twin.buttons.press({ fault: 'subscriptionGone', times: 1 });
  assert.equal(at.call('GET', `/subscriptions/${id}`).status, 404);
});

test('a changed subscription sends its type to its new address, a removed one sends nothing more', async () => {
  const at = bench();
  at.listen('NEW_PART');
  const id = at.world.subscriptions.keys().next().value;
  assert.equal(at.call('PATCH', `/subscriptions/${id}`, { type: 'NEW_VENDOR', url: 'http://127.0.0.1:9/other' }).status, 200);
  at.call('POST', '/parts', { name: 'x' });
  at.call('POST', '/vendors', { name: 'x' });
  await at.arrived();
  assert.deepEqual(
    at.hooks.map(({ type, url }) => [type, url]),
    [['NEW_VENDOR', 'http://127.0.0.1:9/other']],
  );
  assert.equal(at.call('DELETE', `/subscriptions/${id}`).status, 204);
  at.call('POST', '/vendors', { name: 'y' });
  assert.equal((await at.arrived()).length, 1);
});
