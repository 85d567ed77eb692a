import assert from 'node:assert/strict';
import test from 'node:test';
import { machineClock } from '#base/clock';
import { seededRandom } from '#base/random';
import { httpDeliver, maintainxTwin } from '#simulators/maintainx/twin';
import { bench, plant } from '#simulators/maintainx/twin.fixture';
import { serveTwin } from '#simulators/twin';

test('an asset knows its children, follows a new parent, and leaves them at the top when it goes', () => {
  const at = bench();
  const line = at.call('POST', '/assets', { name: 'Line' }).body.id;
  const other = at.call('POST', '/assets', { name: 'Other line' }).body.id;
  const pump = at.call('POST', '/assets', { name: 'Pump', parentId: line }).body.id;
  const read = (id: number) => at.call('GET', `/assets/${id}`).body.asset;
  assert.deepEqual(read(line).childrenIds, [pump]);
  at.call('PATCH', `/assets/${pump}`, { parentId: other });
  assert.deepEqual([read(line).childrenIds, read(other).childrenIds], [[], [pump]]);
  assert.equal(at.call('PATCH', `/assets/${other}`, { parentId: pump }).status, 400);
  assert.equal(at.call('DELETE', `/assets/${other}`).status, 204);
  assert.equal(at.call('GET', `/assets/${other}`).status, 404);
  assert.equal(JSON.parse(at.call('GET', `/assets/${pump}`).text).asset.parentId, null);
});

test('depreciation is decimals and a patch of it keeps what it does not name', () => {
  const at = bench();
  const { id } = at.call('POST', '/assets', { name: 'x', depreciation: { purchasePrice: 12_500.75, usefulLifeYears: 8 } }).body;
  at.call('PATCH', `/assets/${id}`, { depreciation: { currentBookValue: 9375.56 } });
  assert.deepEqual(JSON.parse(at.call('GET', `/assets/${id}`).text).asset.depreciation, {
    purchasePrice: 12_500.75,
    usefulLifeYears: 8,
    currentBookValue: 9375.56,
  });
});

test('a new status ends the one before, and a custom status brings its base', async () => {
  const at = bench();
  at.listen('ASSET_STATUS_CHANGE', { filters: { oneOfAssetStatusTypes: ['IGNORE'] } });
  const { pump } = plant(at);
  const retired = at.call('POST', '/assetcustomstatuses', { label: 'Retired', baseAssetStatus: 'IGNORE' }).body.id;
  at.clock.advance(60_000);
  assert.equal(at.call('POST', `/assets/${pump.id}/status`, { status: 'OFFLINE', downtimeType: 'UNPLANNED' }).status, 201);
  at.clock.advance(60_000);
  assert.equal(at.call('POST', `/assets/${pump.id}/status`, { status: 'ONLINE', customStatusId: retired }).status, 400);
  assert.equal(at.call('POST', `/assets/${pump.id}/status`, { customStatusId: retired }).status, 201);
  const rows: { status: string; endedAt: string | null }[] = JSON.parse(at.call('GET', `/assetstatuses?assetId=${pump.id}`).text).assetStatuses;
  assert.deepEqual(
    rows.map(({ status, endedAt }) => [status, endedAt]),
    [
      ['IGNORE', null],
      ['OFFLINE', '2026-03-04T08:02:00.000Z'],
      ['ONLINE', '2026-03-04T08:01:00.000Z'],
    ],
  );
  assert.equal((await at.arrived()).length, 1);
});

test('custom fields are keyed by exact label: a rename moves the values, a removal takes them, and both break who maps by the old one', () => {
  const at = bench();
  const [field] = JSON.parse(at.call('POST', '/customfields/assets', { fields: [{ label: 'Cost Centre', type: 'oneline' }] }).text) as { id: number }[];
  const { id } = at.call('POST', '/assets', { name: 'x', extraFields: { 'Cost Centre': '4711' } }).body;
  const read = () => at.call('GET', `/assets/${id}`).body.asset.extraFields;
  assert.equal(at.call('GET', '/assets?Cost%20Centre=4711').body.assets.length, 1);
  assert.equal(at.call('GET', '/assets?Cost%20Centre=4712').body.assets.length, 0);
  assert.equal(at.call('PATCH', `/customfields/assets/${field!.id}`, { field: { label: 'Cost centre' } }).status, 204);
  assert.deepEqual(read(), { 'Cost centre': '4711' });
  assert.equal(at.call('PATCH', `/assets/${id}`, { extraFields: { 'Cost Centre': '1' } }).status, 400);
  assert.equal(at.call('PATCH', `/assets/${id}`, { extraFields: { 'Cost centre': '' } }).status, 200);
  assert.deepEqual(read(), {});
  assert.equal(at.call('DELETE', `/customfields/locations/${field!.id}`).status, 404);
  assert.equal(at.call('DELETE', `/customfields/assets/${field!.id}`).status, 204);
  assert.deepEqual(JSON.parse(at.call('GET', '/customfields/assets').text), []);
});

test('a user who leaves stays readable, is out of lists, and cannot be assigned', () => {
  const at = bench({ defaultHourlyRate: 2500 });
  const { mechanic } = plant(at);
  const { id } = at.call('POST', '/users', {
    firstName: 'New',
    lastName: 'Hand',
    externalData: '0815',
    extraFields: { Department: 'Maintenance' },
    inviteType: 'NONE',
  }).body;
  assert.equal(at.call('GET', `/users/${id}`).body.user.hourlyRate, 2500);
  assert.equal(at.call('GET', `/users/${mechanic.id}`).body.user.hourlyRate, 3600);
  assert.equal(at.call('GET', '/users?email=ADA@plant.example').body.users.length, 1);
  assert.equal(at.call('DELETE', `/users/${mechanic.id}`).status, 204);
  assert.equal(at.call('GET', `/users/${mechanic.id}`).body.user.removedFromOrganization, true);
  assert.ok(at.call('GET', '/users').body.users.every((user) => user.id !== mechanic.id));
  assert.equal(at.call('POST', '/workorders', { title: 'x', assignees: [{ type: 'USER', id: mechanic.id }] }).status, 400);
  assert.equal(at.call('DELETE', '/users/55').status, 400);
});

test('a trigger makes one work order when a reading comes to meet it, and a counter one per step', async () => {
  const at = bench();
  at.listen('METER_TRIGGER_STATE_CHANGE');
  const { pump } = plant(at);
  const meter = at.call('POST', '/meters', { name: 'Vibration', unit: 'mm/s', measurementType: 'AUTOMATED_SENSOR', assetId: pump.id }).body.id;
  at.call('POST', '/metertriggers', { meterTrigger: { meterId: meter, amount: 7, condition: 'IS_GREATER', name: 'Too much' } });
  at.call('POST', '/metertriggers', { meterTrigger: { meterId: meter, amount: 5, condition: 'INCREMENTED_BY', nextTriggerValue: 10, name: 'Every five' } });
  const made: string[][] = [];
  for (const value of [3, 8, 9, 11, 15, 16, 2]) {
    at.clock.advance(1000);
    const before = at.world.workOrders.size;
    at.call('POST', '/meterreadings', [{ meterId: meter, value }]);
    made.push([...at.world.workOrders.values()].slice(before).map(({ title }) => title));
  }
  assert.deepEqual(made, [[], ['Too much'], [], ['Every five'], [], ['Every five'], []]);
  assert.equal([...at.world.workOrders.values()][0]?.assetId, pump.id);
  at.call('POST', '/meterreadings', [{ meterId: meter, value: 99, readingDate: '2026-03-03T00:00:00Z' }]);
  assert.equal(at.call('GET', `/meters/${meter}?expand=last_reading`).body.meter.lastReading?.value, 2);
  assert.equal((await at.arrived()).length > 0, true);
});

test('loaders add in silence or aloud, and the summary counts what stands there', async () => {
  const at = bench();
  at.listen('NEW_PART');
  at.world.addPart({ name: 'silent' });
  at.world.addPart({ name: 'aloud' }, { announce: true });
  assert.equal((await at.arrived()).length, 1);
  assert.throws(() => at.world.addPart({ name: 'x', locations: [{ locationId: 1 }] }), /does not exist/);
  assert.equal(at.world.summary()['parts'], 2);
  assert.equal((at.twin.inspect() as { parts: number }).parts, 2);
});

test('writes are remembered up to twice the limit at most', () => {
  const at = bench({ writesKept: 5 });
  for (let i = 0; i < 100; i++) at.call('POST', '/parts', {});
  assert.ok(at.twin.writes.length >= 5 && at.twin.writes.length < 10);
  assert.equal(at.twin.writes.at(-1)?.status, 400);
});

test('served over HTTP, the twin answers, delivers its webhooks to a receiver and shows its panel', async () => {
  const received: string[] = [];
  const receiver = await serveTwin(
    { ...bench().twin, handle: ({ body }) => ({ status: 200, headers: {}, body: (received.push(body), '') }) },
    { port: 0, throttle: () => ({ status: 429, headers: {}, body: '' }) },
  );
  const twin = maintainxTwin({ clock: machineClock, random: seededRandom(1), deliver: httpDeliver() });
  const served = await serveTwin(twin, { port: 0, throttle: () => twin.throttleAnswer() });
  try {
    const call = (method: string, path: string, body?: unknown) =>
      fetch(`${served.url}/v1${path}`, { method, headers: { authorization: 'bearer maintainx-twin-key' }, ...(body ? { body: JSON.stringify(body) } : {}) });
    assert.equal((await call('POST', '/subscriptions', { type: 'NEW_PART', url: `${receiver.url}/hooks` })).status, 201);
    const created = await call('POST', '/parts', { name: 'x' });
    assert.equal(created.status, 201);
    const { id } = (await created.json()) as { id: number };
    await twin.deliveries.idle();
    assert.equal(JSON.parse(received[0] ?? '{}').partId, id);
    assert.equal((await call('DELETE', `/parts/${id}`)).status, 204);
    twin.buttons.press({ fault: 'throttled', times: 1 });
    assert.equal((await call('GET', '/parts')).status, 429);
    const panel = (await (await fetch(`${served.url}/_twin`)).json()) as { name: string; faults: Record<string, string> };
    assert.equal(panel.name, 'maintainx');
    assert.ok('wrongSignature' in panel.faults);
  } finally {
    await served.close();
    await receiver.close();
  }
});
