import assert from 'node:assert/strict';
import test from 'node:test';
import { bench, plant } from '#simulators/maintainx/twin.fixture';

test('external data comes back as it was given, on one order and never in a list', () => {
  const at = bench();
  for (const externalData of ['wo-7f3a', 42, { linchpinKey: 'wo-7f3a', nested: { list: [1, 'Ø', null] } }]) {
    const answer = at.call('POST', '/workorders', { title: 'x', externalData });
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.body), ['id']);
    assert.deepEqual(at.call('GET', `/workorders/${answer.body.id}`).body.workOrder.externalData, externalData);
  }
  assert.ok(at.call('GET', '/workorders').body.workOrders.every((row) => !('externalData' in row) && !('assetId' in row)));
});

test('human numbers count per organisation and find their order', () => {
  const at = bench();
  at.call('POST', '/workorders', { title: 'first' });
  const { id } = at.call('POST', '/workorders', { title: 'second' }).body;
  assert.equal(at.call('GET', '/workorders/2?useSequentialId=true').body.workOrder.id, id);
  assert.equal(at.call('GET', '/workorders/2').status, 404);
  assert.equal(at.call('GET', '/workorders/3?useSequentialId=true').status, 404);
  at.call('DELETE', `/workorders/${id}`);
  assert.equal(at.call('GET', '/workorders/2?useSequentialId=true').status, 404);
});

test('a posted time row has no user; a logged one has the user, his seconds and his rate of that moment', () => {
  const at = bench();
  const { mechanic } = plant(at);
  const { id } = at.call('POST', '/workorders', { title: 'x' }).body;
  const posted = at.call('POST', `/workorders/${id}/costs`, { type: 'TIME', costType: 'WORK', durationTotal: 1800, hourlyRate: 6000, description: 'fitter' });
  assert.equal(posted.status, 201);
  assert.equal(posted.body.total, 3000);
  at.world.technician.logTime(id, mechanic.id, 5400);
  at.call('PATCH', `/users/${mechanic.id}`, { hourlyRate: 4000 });
  at.world.technician.logTime(id, mechanic.id, 3600);
  assert.deepEqual(at.call('GET', `/workorders/${id}/costs`).body.costs, {
    total: 12_400,
    rows: [
      { type: 'TIME', costPerUnit: 6000, description: 'fitter', quantity: 0.5, rowTotal: 3000, durationTotal: 1800, userId: null },
      { type: 'TIME', costPerUnit: 3600, description: null, quantity: 1.5, rowTotal: 5400, durationTotal: 5400, userId: mechanic.id },
      { type: 'TIME', costPerUnit: 4000, description: null, quantity: 1, rowTotal: 4000, durationTotal: 3600, userId: mechanic.id },
    ],
  });
});

test('cost rows are only added: the same expense twice is two rows, a negative one corrects where that is allowed', async () => {
  const at = bench();
  at.listen('WORK_ORDER_CHANGE', { filters: { oneOfProperties: ['COSTS'] } });
  const { id } = at.call('POST', '/workorders', { title: 'x' }).body;
  const expense = { type: 'EXPENSE', costType: 'OTHER', costPerUnit: 4500, description: 'crane' };
  const ids = [expense, expense, { ...expense, costPerUnit: -4500 }].map((body) => at.call('POST', `/workorders/${id}/costs`, body).body.id);
  assert.equal(new Set(ids).size, 3);
  assert.equal(at.call('GET', `/workorders/${id}/costs`).body.costs.total, 4500);
  assert.equal((await at.arrived()).length, 3);
  const strict = bench({ negativeExpense: false });
  const other = strict.call('POST', '/workorders', { title: 'x' }).body.id;
  assert.equal(strict.call('POST', `/workorders/${other}/costs`, { ...expense, costPerUnit: -1 }).status, 400);
});

test('times are grouped by user, time items are not, and expenditures are expenses only', () => {
  const at = bench();
  const { mechanic, seal } = plant(at);
  const { id } = at.call('POST', '/workorders', { title: 'x', partsUsed: [{ partId: seal.id, quantityUsed: 1 }] }).body;
  for (const seconds of [600, 1200]) at.world.technician.logTime(id, mechanic.id, seconds);
  at.call('POST', `/workorders/${id}/costs`, { type: 'EXPENSE', costType: 'TRAVEL', costPerUnit: 100 });
  const { times, timeItems, expenditures } = at.call('GET', `/workorders/${id}?expand=times&expand=time_items&expand=expenditures`).body.workOrder;
  assert.deepEqual(
    [times.map(({ rowTotal }) => rowTotal), timeItems.map(({ rowTotal }) => rowTotal), expenditures.map(({ rowTotal }) => rowTotal)],
    [[1800], [600, 1200], [100]],
  );
});

test('a comment leaves updatedAt alone, a status and a cost move it', () => {
  const at = bench();
  const { id } = at.call('POST', '/workorders', { title: 'x' }).body;
  const updatedAt = (): string => at.call('GET', `/workorders/${id}`).body.workOrder.updatedAt;
  const first = updatedAt();
  at.clock.advance(1000);
  assert.equal(at.call('POST', `/workorders/${id}/comments`, { content: 'waiting for parts' }).status, 201);
  assert.equal(updatedAt(), first);
  assert.deepEqual(
    at.call('GET', `/workorders/${id}/comments`).body.comments.map(({ content }) => content),
    ['waiting for parts'],
  );
  at.call('PATCH', `/workorders/${id}/status`, { status: 'ON_HOLD' });
  const second = updatedAt();
  assert.notEqual(second, first);
  at.clock.advance(1000);
  at.call('POST', `/workorders/${id}/costs`, { type: 'EXPENSE', costType: 'OTHER', costPerUnit: 1 });
  assert.notEqual(updatedAt(), second);
});

test('every status may follow every status, and the filters of the list tell them apart', () => {
  const at = bench();
  const { pump, seal, vendor, mechanic } = plant(at);
  const statuses = ['OPEN', 'IN_PROGRESS', 'ON_HOLD', 'DONE', 'CANCELED'];
  for (const from of statuses) {
    for (const to of statuses) {
      const { id } = at.call('POST', '/workorders', { title: 'x' }).body;
      at.call('PATCH', `/workorders/${id}/status`, { status: from });
      assert.equal(at.call('PATCH', `/workorders/${id}/status`, { status: to }).body.workOrder.status, to);
      at.call('DELETE', `/workorders/${id}`);
    }
  }
  const a = at.call('POST', '/workorders', {
    title: 'Seal of pump',
    assetId: pump.id,
    priority: 'HIGH',
    partsUsed: [{ partId: seal.id, quantityUsed: 1 }],
    vendorIds: [vendor.id],
    categories: ['Damage'],
    assignees: [{ type: 'USER', id: mechanic.id }],
  }).body.id;
  const b = at.call('POST', '/workorders', { title: 'Paint', priority: 'LOW', dueDate: '2026-04-01T00:00:00Z', startDate: '2026-03-20T00:00:00Z' }).body.id;
  const c = at.call('POST', '/workorders', { title: 'Sweep' }).body.id;
  const read = (query: string): number[] => at.call('GET', `/workorders?${query}`).body.workOrders.map(({ id }) => id);
  for (const [query, expected] of [
    ['', [a, c]],
    ['show_upcoming=true', [a, b, c]],
    [`assets=${pump.id}`, [a]],
    [`notAssets=${pump.id}`, [c]],
    [`parts=${seal.id}`, [a]],
    [`notParts=${seal.id}&show_upcoming=1`, [b, c]],
    [`vendors=${vendor.id}`, [a]],
    [`assignees=${mechanic.id}`, [a]],
    ['priorities=HIGH&priorities=LOW&show_upcoming=yes', [a, b]],
    ['title=seal', [a]],
    ['partStatuses=ASSIGNED', [a]],
    ['categories=Damage', [a]],
    ['notCategories=Damage', [c]],
    ['statuses=DONE', []],
    ['sort=-dueDate&show_upcoming=true&limit=200', [a, c, b]],
  ] as const)
    assert.deepEqual(read(query), expected, query);
});

test('sub-orders hang below a parent, take its asset, and are listed and counted', () => {
  const at = bench();
  const { pump } = plant(at);
  const parent = at.call('POST', '/workorders', { title: 'Overhaul', isParent: true, assetId: pump.id }).body.id;
  const child = at.call('POST', '/workorders', { title: 'Seal', parentId: parent }).body.id;
  assert.deepEqual(
    JSON.parse(at.call('GET', `/workorders/${parent}/subworkorders`).text).subworkorders.map((row: { id: number; assetId: number }) => [row.id, row.assetId]),
    [[child, pump.id]],
  );
  at.call('PATCH', `/workorders/${child}/status`, { status: 'DONE' });
  assert.deepEqual(JSON.parse(at.call('GET', `/workorders/${parent}`).text).workOrder.progress, {
    openCount: 0,
    inProgressCount: 0,
    onHoldCount: 0,
    doneCount: 1,
  });
});

test('the order made for a request approves it, and its end finishes it', async () => {
  const at = bench();
  at.listen('WORK_REQUEST_STATUS_CHANGE');
  const request = at.call('POST', '/workrequests', { title: 'Leaks' });
  assert.equal(request.status, 200);
  const { id } = at.call('POST', '/workorders', { title: 'Leaks', workRequestId: request.body.id }).body;
  assert.equal(at.call('POST', '/workorders', { title: 'again', workRequestId: request.body.id }).status, 400);
  at.call('PATCH', `/workorders/${id}/status`, { status: 'DONE' });
  const { workOrderId, requestStatus } = at.call('GET', `/workrequests/${request.body.id}`).body.workRequest;
  assert.deepEqual([workOrderId, requestStatus], [id, 'DONE']);
  assert.deepEqual(
    (await at.arrived()).map(({ oldStatus, newStatus }) => [oldStatus, newStatus]),
    [
      ['PENDING', 'APPROVED'],
      ['APPROVED', 'DONE'],
    ],
  );
});
