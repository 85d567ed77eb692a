import assert from 'node:assert/strict';
import test from 'node:test';
import { bench, plant, type Bench } from '#simulators/maintainx/twin.fixture';

const at = bench();
const things = plant(at);
const { stores, pump, vendor, mechanic, seal } = things;
at.world.addCustomField('assets', { label: 'Cost Centre', type: 'oneline' });
at.world.addCustomField('assets', { label: 'Power kW', type: 'number' });
at.world.addCustomField('assets', { label: 'Class', type: 'singleSelect', options: ['A', 'B'] });
const order = at.world.addWorkOrder({ title: 'Replace seal', partsUsed: [{ partId: seal.id, quantityUsed: 2, locationId: stores[0].id }] });
const requested = at.world.addPurchaseOrder({ vendorId: vendor.id, items: [{ partId: seal.id, quantityOrdered: 4 }] });
const approved = at.world.approvePurchaseOrder(
  at.world.addPurchaseOrder({
    vendorId: vendor.id,
    items: [
      { partId: seal.id, quantityOrdered: 4 },
      { name: 'Freight', quantityOrdered: 1 },
    ],
  }),
);
const approvedItem = approved.items[0]!.id;
const manual = at.world.addMeter({ name: 'Hours', unit: 'Hours' });
const automated = at.world.addMeter({ name: 'Vibration', unit: 'mm/s', measurementType: 'AUTOMATED_SENSOR' });
const locationless = at.world.addPart({ name: 'Grease', availableQuantity: 3 });
const location = stores[0].id;
const outside = at.world.addLocation({ name: 'Yard' }).id;

type Row = readonly [name: string, method: string, path: string, body: unknown, status: number, field: string | undefined];

/** What is refused, and which field the answer names. */
const refused: readonly Row[] = [
  ['a body that is not JSON', 'POST', '/assets', '{"name":', 400, undefined],
  ['a body that is a list', 'POST', '/assets', [], 400, ''],
  ['an asset without a name', 'POST', '/assets', {}, 400, 'name'],
  ['an asset with an empty name', 'POST', '/assets', { name: '  ' }, 400, 'name'],
  ['an over-long name', 'POST', '/assets', { name: 'x'.repeat(256) }, 400, 'name'],
  ['an over-long description', 'POST', '/assets', { name: 'x', description: 'x'.repeat(65_536) }, 400, 'description'],
  ['a name that is a number', 'POST', '/assets', { name: 7 }, 400, 'name'],
  ['an unknown field of an asset', 'POST', '/assets', { name: 'x', costCenter: '1' }, 400, 'costCenter'],
  ['a read-only field of an asset', 'POST', '/assets', { name: 'x', globalUuid: 'u' }, 400, 'globalUuid'],
  ['an unknown parent', 'POST', '/assets', { name: 'x', parentId: 9 }, 400, 'parentId'],
  ['a parent that is a location', 'POST', '/assets', { name: 'x', parentId: location }, 400, 'parentId'],
  ['an asset below itself', 'PATCH', `/assets/${pump.id}`, { parentId: pump.id }, 400, 'parentId'],
  ['an unknown location', 'PATCH', `/assets/${pump.id}`, { locationId: 999_999 }, 400, 'locationId'],
  ['an unknown criticality', 'PATCH', `/assets/${pump.id}`, { criticalityId: 77 }, 400, 'criticalityId'],
  ['an unknown manufacturer', 'PATCH', `/assets/${pump.id}`, { manufacturer: { name: 'Nobody' } }, 400, 'manufacturer.name'],
  ['a custom field without a definition', 'PATCH', `/assets/${pump.id}`, { extraFields: { 'cost centre': '4711' } }, 400, 'extraFields.cost centre'],
  ['a custom number that is a word', 'PATCH', `/assets/${pump.id}`, { extraFields: { 'Power kW': 'much' } }, 400, 'extraFields.Power kW'],
  ['a choice that is not offered', 'PATCH', `/assets/${pump.id}`, { extraFields: { Class: 'C' } }, 400, 'extraFields.Class'],
  ['a custom value that is a number', 'PATCH', `/assets/${pump.id}`, { extraFields: { Class: 1 } }, 400, 'extraFields.Class'],
  ['a depreciation that is a text', 'PATCH', `/assets/${pump.id}`, { depreciation: { purchasePrice: '12.5' } }, 400, 'depreciation.purchasePrice'],
  ['an asset status that does not exist', 'POST', `/assets/${pump.id}/status`, { status: 'RETIRED' }, 400, 'status'],
  [
    'an asset status that ends before it starts',
    'POST',
    `/assets/${pump.id}/status`,
    { status: 'OFFLINE', startedAt: '2026-03-04T08:00:00Z', endedAt: '2026-03-03T08:00:00Z' },
    400,
    'endedAt',
  ],
  ['a location below itself', 'PATCH', `/locations/${location}`, { parentId: location }, 400, 'parentId'],
  ['a team on a location', 'PATCH', `/locations/${location}`, { teamIds: [1] }, 400, 'teamIds'],
  ['a part without a name', 'POST', '/parts', { unitCost: 1 }, 400, 'name'],
  ['a price with a fraction of a cent', 'POST', '/parts', { name: 'x', unitCost: 12.5 }, 400, 'unitCost'],
  ['a negative price', 'POST', '/parts', { name: 'x', unitCost: -1 }, 400, 'unitCost'],
  ['a negative quantity', 'POST', '/parts', { name: 'x', locations: [{ locationId: location, availableQuantity: -1 }] }, 400, 'locations.0.availableQuantity'],
  [
    'a fractional quantity',
    'POST',
    '/parts',
    { name: 'x', locations: [{ locationId: location, availableQuantity: 1.5 }] },
    400,
    'locations.0.availableQuantity',
  ],
  [
    'a maximum below the minimum',
    'POST',
    '/parts',
    { name: 'x', locations: [{ locationId: location, minimumQuantity: 5, maximumQuantity: 4 }] },
    400,
    'locations.0.maximumQuantity',
  ],
  ['one location twice', 'POST', '/parts', { name: 'x', locations: [{ locationId: location }, { locationId: location }] }, 400, 'locations.1.locationId'],
  ['a stock row without a location', 'POST', '/parts', { name: 'x', locations: [{ availableQuantity: 1 }] }, 400, 'locations.0.locationId'],
  ['deprecated stock fields together with locations', 'POST', '/parts', { name: 'x', availableQuantity: 1, locations: [] }, 400, 'availableQuantity'],
  ['the same mixture in a change', 'PATCH', `/parts/${seal.id}`, { minimumQuantity: 1, locations: { addedUpdated: [] } }, 400, 'minimumQuantity'],
  ['a deprecated quantity on a part with two locations', 'PATCH', `/parts/${seal.id}`, { availableQuantity: 3 }, 400, 'locations'],
  ['the list shape of creation in a change', 'PATCH', `/parts/${seal.id}`, { locations: [{ locationId: location }] }, 400, 'locations'],
  ['the change shape in a creation', 'POST', '/parts', { name: 'x', locations: { addedUpdated: [] } }, 400, 'locations'],
  [
    'removing a location where the part is not',
    'PATCH',
    `/parts/${seal.id}`,
    { locations: { removedLocationIds: [outside] } },
    400,
    'locations.removedLocationIds.0',
  ],
  [
    'a negative absolute quantity',
    'PATCH',
    `/parts/${seal.id}`,
    { locations: { addedUpdated: [{ locationId: location, availableQuantity: -3 }] } },
    400,
    'locations.addedUpdated.0.availableQuantity',
  ],
  ['a vendor row of an unknown vendor', 'PATCH', `/parts/${seal.id}`, { vendors: [{ vendorId: 1, partNumber: 'x' }] }, 400, 'vendors.0.vendorId'],
  ['a work order without a title', 'POST', '/workorders', {}, 400, 'title'],
  ['a status at creation', 'POST', '/workorders', { title: 'x', status: 'DONE' }, 400, 'status'],
  ['an unknown priority', 'POST', '/workorders', { title: 'x', priority: 'URGENT' }, 400, 'priority'],
  ['a type that is only read', 'POST', '/workorders', { title: 'x', type: 'CYCLE_COUNT' }, 400, 'type'],
  ['a start without a due date', 'POST', '/workorders', { title: 'x', startDate: '2026-03-05T00:00:00Z' }, 400, 'startDate'],
  ['a date that is none', 'POST', '/workorders', { title: 'x', dueDate: 'soon' }, 400, 'dueDate'],
  ['parent and child at once', 'POST', '/workorders', { title: 'x', isParent: true, parentId: order.id }, 400, 'isParent'],
  ['a parent that is not one', 'POST', '/workorders', { title: 'x', parentId: order.id }, 400, 'parentId'],
  ['an assignee who does not exist', 'POST', '/workorders', { title: 'x', assignees: [{ type: 'USER', id: 'nobody@plant.example' }] }, 400, 'assignees.0.id'],
  ['an unknown asset', 'POST', '/workorders', { title: 'x', assetId: seal.id }, 400, 'assetId'],
  ['a part without a quantity', 'POST', '/workorders', { title: 'x', partsUsed: [{ partId: seal.id }] }, 400, 'partsUsed.0.quantityUsed'],
  ['a negative use of a part', 'POST', '/workorders', { title: 'x', partsUsed: [{ partId: seal.id, quantityUsed: -1 }] }, 400, 'partsUsed.0.quantityUsed'],
  ['half a part', 'PATCH', `/workorders/${order.id}`, { partsUsed: [{ partId: seal.id, quantityUsed: 0.5 }] }, 400, 'partsUsed.0.quantityUsed'],
  [
    'a part from where it is not kept',
    'POST',
    '/workorders',
    { title: 'x', partsUsed: [{ partId: seal.id, quantityUsed: 1, locationId: outside }] },
    400,
    'partsUsed.0.locationId',
  ],
  [
    'one part twice from one place',
    'POST',
    '/workorders',
    {
      title: 'x',
      partsUsed: [
        { partId: seal.id, quantityUsed: 1 },
        { partId: seal.id, quantityUsed: 1 },
      ],
    },
    400,
    'partsUsed.1.partId',
  ],
  ['a new parent in a change', 'PATCH', `/workorders/${order.id}`, { parentId: order.id }, 400, 'parentId'],
  ['SKIPPED as a target', 'PATCH', `/workorders/${order.id}/status`, { status: 'SKIPPED' }, 400, 'status'],
  ['COMPLETED, which does not exist', 'PATCH', `/workorders/${order.id}/status`, { status: 'COMPLETED' }, 400, 'status'],
  ['a part status that does not exist', 'PATCH', `/workorders/${order.id}/partStatus`, { partStatus: 'USED' }, 400, 'partStatus'],
  ['NO_PARTS on an order with parts', 'PATCH', `/workorders/${order.id}/partStatus`, { partStatus: 'NO_PARTS' }, 400, 'partStatus'],
  ['a part as a posted cost', 'POST', `/workorders/${order.id}/costs`, { type: 'PART', costType: 'OTHER', costPerUnit: 1 }, 400, 'type'],
  ['an expense without a price', 'POST', `/workorders/${order.id}/costs`, { type: 'EXPENSE', costType: 'OTHER' }, 400, 'costPerUnit'],
  ['an expense with a quantity', 'POST', `/workorders/${order.id}/costs`, { type: 'EXPENSE', costType: 'OTHER', costPerUnit: 1, quantity: 2 }, 400, 'quantity'],
  [
    'a time row with a user',
    'POST',
    `/workorders/${order.id}/costs`,
    { type: 'TIME', costType: 'WORK', durationTotal: 60, userId: mechanic.id },
    400,
    'userId',
  ],
  ['a time row of an expense type', 'POST', `/workorders/${order.id}/costs`, { type: 'TIME', costType: 'TRAVEL', durationTotal: 60 }, 400, 'costType'],
  ['a negative time', 'POST', `/workorders/${order.id}/costs`, { type: 'TIME', costType: 'WORK', durationTotal: -60 }, 400, 'durationTotal'],
  ['an empty comment', 'POST', `/workorders/${order.id}/comments`, { content: '' }, 400, 'content'],
  ['a purchase order without items', 'POST', '/purchaseorders', { vendorId: vendor.id, items: [] }, 400, 'items'],
  ['a purchase order without a vendor', 'POST', '/purchaseorders', { items: [{ name: 'x', quantityOrdered: 1 }] }, 400, 'vendorId'],
  ['a purchase order from an unknown vendor', 'POST', '/purchaseorders', { vendorId: 3, items: [{ name: 'x', quantityOrdered: 1 }] }, 400, 'vendorId'],
  ['an item of nothing', 'POST', '/purchaseorders', { vendorId: vendor.id, items: [{ quantityOrdered: 1 }] }, 400, 'items.0.name'],
  [
    'an ordered quantity of zero',
    'POST',
    '/purchaseorders',
    { vendorId: vendor.id, items: [{ partId: seal.id, quantityOrdered: 0 }] },
    400,
    'items.0.quantityOrdered',
  ],
  ['a status in a creation', 'POST', '/purchaseorders', { vendorId: vendor.id, status: 'APPROVED', items: [{ name: 'x', quantityOrdered: 1 }] }, 400, 'status'],
  [
    'a receipt before approval',
    'PATCH',
    `/purchaseorders/${requested.id}/fulfillment`,
    { items: [{ id: requested.items[0]!.id, fulfillments: [{ locationId: location, quantityReceived: 1 }] }] },
    400,
    'status',
  ],
  [
    "a receipt of another order's item",
    'PATCH',
    `/purchaseorders/${approved.id}/fulfillment`,
    { items: [{ id: requested.items[0]!.id, fulfillments: [{ locationId: location, quantityReceived: 1 }] }] },
    400,
    'items.0.id',
  ],
  [
    'a negative receipt',
    'PATCH',
    `/purchaseorders/${approved.id}/fulfillment`,
    { items: [{ id: approvedItem, fulfillments: [{ locationId: location, quantityReceived: -1 }] }] },
    400,
    'items.0.fulfillments.0.quantityReceived',
  ],
  [
    'a receipt to an unknown location',
    'PATCH',
    `/purchaseorders/${approved.id}/fulfillment`,
    { items: [{ id: approvedItem, fulfillments: [{ locationId: 5, quantityReceived: 1 }] }] },
    400,
    'items.0.fulfillments.0.locationId',
  ],
  [
    'a receipt without a location',
    'PATCH',
    `/purchaseorders/${approved.id}/fulfillment`,
    { items: [{ id: approvedItem, fulfillments: [{ quantityReceived: 1 }] }] },
    400,
    'items.0.fulfillments.0.locationId',
  ],
  [
    'a receipt row that does not exist',
    'PATCH',
    `/purchaseorders/${approved.id}/fulfillment`,
    { items: [{ id: approvedItem, fulfillments: [{ id: 4, quantityReceived: 1 }] }] },
    400,
    'items.0.fulfillments.0.id',
  ],
  [
    'one item twice in a receipt',
    'PATCH',
    `/purchaseorders/${approved.id}/fulfillment`,
    {
      items: [
        { id: approvedItem, quantityReceived: 1 },
        { id: approvedItem, quantityReceived: 1 },
      ],
    },
    400,
    'items.1.id',
  ],
  ['a user without a last name', 'POST', '/users', { firstName: 'A' }, 400, 'lastName'],
  ['an e-mail address that is taken', 'POST', '/users', { firstName: 'A', lastName: 'B', email: 'ADA@plant.example' }, 400, 'email'],
  ['an hourly rate with a fraction', 'PATCH', `/users/${mechanic.id}`, { hourlyRate: 10.5 }, 400, 'hourlyRate'],
  ['an unknown role', 'PATCH', `/users/${mechanic.id}`, { role: 'BOSS' }, 400, 'role'],
  ['telephone numbers in a change of a vendor', 'PATCH', `/vendors/${vendor.id}`, { phoneNumbers: [] }, 400, 'phoneNumbers'],
  ['a meter without a unit', 'POST', '/meters', { name: 'x' }, 400, 'unit'],
  ['another measurement type in a change', 'PATCH', `/meters/${manual.id}`, { measurementType: 'AUTOMATED_SENSOR' }, 400, 'measurementType'],
  ['a reading of tomorrow', 'POST', '/meterreadings', [{ meterId: manual.id, value: 1, readingDate: '2026-03-05T08:00:00Z' }], 400, '0.readingDate'],
  ['a reading that is a text', 'POST', '/meterreadings', [{ meterId: manual.id, value: '1' }], 400, '0.value'],
  [
    'a machine reading from four days ago',
    'POST',
    '/meterreadings',
    [{ meterId: automated.id, value: 1, readingDate: '2026-02-28T07:00:00Z' }],
    400,
    '0.readingDate',
  ],
  ['too many readings', 'POST', '/meterreadings', Array.from({ length: 1001 }, () => ({ meterId: automated.id, value: 1 })), 400, ''],
  ['a custom field that exists', 'POST', '/customfields/assets', { fields: [{ label: 'Class', type: 'oneline' }] }, 400, 'fields.label'],
  ['a choice field without choices', 'POST', '/customfields/assets', { fields: [{ label: 'New', type: 'singleSelect' }] }, 400, 'fields.options'],
  ['custom fields of something else', 'POST', '/customfields/users', { fields: [{ label: 'New', type: 'oneline' }] }, 400, undefined],
  ['a subscription to an event that does not exist', 'POST', '/subscriptions', { type: 'WORK_ORDER_COMPLETED', url: 'http://127.0.0.1/' }, 400, 'type'],
  ['a subscription URL of 513 characters', 'POST', '/subscriptions', { type: 'NEW_PART', url: `http://127.0.0.1/${'x'.repeat(496)}` }, 400, 'url'],
  ['a subscription to a file', 'POST', '/subscriptions', { type: 'NEW_PART', url: 'file:///etc/passwd' }, 400, 'url'],
  [
    'an option that the event does not have',
    'POST',
    '/subscriptions',
    { type: 'PART_QUANTITY_CHANGE', url: 'http://127.0.0.1/', options: { serializeEntity: true } },
    400,
    'options.serializeEntity',
  ],
  [
    'a part-status filter in capitals',
    'POST',
    '/subscriptions',
    { type: 'WORK_ORDER_PART_STATUS_CHANGE', url: 'http://127.0.0.1/', filters: { oneOfPartStatuses: ['ISSUED'] } },
    400,
    'filters.oneOfPartStatuses',
  ],
];

test('writes that the vendor refuses are refused with {errors} that names the field, and change nothing', () => {
  const before = JSON.stringify(at.world.summary());
  for (const [name, method, path, body, status, field] of refused) {
    const answer = at.call(method, path, body);
    assert.equal(answer.status, status, `${name}: ${JSON.stringify(answer.body)}`);
    assert.ok(Array.isArray(answer.body.errors) && answer.body.errors.length > 0, name);
    assert.deepEqual(Object.keys(answer.body), ['errors'], name);
    assert.equal(typeof answer.body.errors[0]?.error, 'string', name);
    assert.equal(answer.body.errors[0]?.fieldPath, field, `${name}: ${JSON.stringify(answer.body)}`);
  }
  assert.equal(JSON.stringify(at.world.summary()), before);
  assert.equal(at.twin.writes.filter(({ status }) => status < 300).length, 0);
});

test('reads that the vendor refuses are refused with {error}', () => {
  for (const path of [
    '/workorders?limit=0',
    '/workorders?limit=201',
    '/workorders?limit=ten',
    '/workorders?cursor=nonsense',
    '/parts?cursor=bnVsbA',
    '/workorders?statuses=CLOSED',
    '/workorders?assets=pump',
    '/workorders?updatedAt[gte]=yesterday',
    '/workorders?sort=title',
    '/parts?sort=-name',
    '/workorders?expand=everything',
    '/assets?expand=status&expand=children',
    '/assets?centre=4711',
    '/workorders?updatedAt=2026-03-01',
    '/workorders/first',
    '/workorders/0',
    '/locations?updatedAt[gte]=2026-03-01',
    '/customfields/users',
  ]) {
    const answer = at.call('GET', path);
    assert.equal(answer.status, 400, path);
    assert.deepEqual(Object.keys(answer.body), ['error'], path);
  }
});

test('what is not there is 404 with {error}, for reads and for writes', () => {
  const collections = [
    'assets',
    'locations',
    'parts',
    'workorders',
    'purchaseorders',
    'vendors',
    'users',
    'meters',
    'metertriggers',
    'workrequests',
    'subscriptions',
  ];
  for (const collection of collections) {
    for (const method of ['GET', 'DELETE']) {
      const answer = at.call(method, `/${collection}/99999999`);
      assert.equal(answer.status, 404, `${method} ${collection}`);
      assert.deepEqual(Object.keys(answer.body), ['error']);
    }
  }
  assert.equal(at.call('PATCH', '/workorders/99999999/status', { status: 'DONE' }).status, 404);
  assert.equal(at.call('POST', '/meterreadings', [{ meterId: 99_999_999, value: 1 }]).status, 404);
  assert.equal(at.call('PATCH', `/workorders/${seal.id}`, { title: 'an id of another kind' }).status, 404);
});

test('paths that third parties invented do not exist', () => {
  for (const [method, path] of [
    ['GET', '/webhooks'],
    ['GET', '/subscriptions'],
    ['POST', '/workorders/1/parts'],
    ['PUT', '/assets/1'],
    ['DELETE', `/workorders/${order.id}/costs`],
    ['PATCH', `/workorders/${order.id}/costs`],
    ['GET', '/meterreadings'],
    ['GET', '/assets/'],
    ['GET', '/assets/1/status/2/3'],
  ] as const) {
    const answer = at.call(method, path);
    assert.ok(answer.status === 404 || answer.status === 400, `${method} ${path} answered ${answer.status}`);
  }
  assert.equal(at.twin.handle({ method: 'GET', url: '/workorders', headers: { authorization: 'Bearer maintainx-twin-key' }, body: '' }).status, 404);
});

test('a missing or wrong key is 401 without a body', () => {
  for (const authorization of ['', 'Bearer nonsense', 'Basic bWFpbnRhaW54', 'maintainx-twin-key']) {
    const answer = at.call('GET', '/assets', undefined, { authorization });
    assert.equal(answer.status, 401);
    assert.equal(answer.text, '');
  }
});

test('the forbidden button refuses writes with 403 and lets reads through', () => {
  at.twin.buttons.press({ fault: 'forbidden', match: '/parts' });
  const answer = at.call('PATCH', `/parts/${seal.id}`, { name: 'x' });
  assert.equal(answer.status, 403);
  assert.ok(answer.body.errors[0]?.error.includes('forbidden'));
  assert.equal(at.call('GET', `/parts/${seal.id}`).status, 200);
  at.twin.buttons.release();
});

test('a key of several organisations must say which, and the two headers exclude each other', () => {
  const two: Bench = bench({
    keys: [{ key: 'both', userId: 55, organizationIds: [12, 13] }],
    organizations: [
      { id: 12, name: 'North', timeZone: 'Etc/UTC', currency: 'EUR' },
      { id: 13, name: 'South', timeZone: 'Etc/UTC', currency: 'USD' },
    ],
  });
  assert.equal(two.call('POST', '/assets', { name: 'x' }).body.errors[0]?.error, 'OrganizationId was not provided');
  assert.equal(two.call('GET', '/assets').status, 400);
  assert.equal(two.call('GET', '/assets', undefined, { 'x-organization-id': '99' }).status, 400);
  const north = two.call('POST', '/assets', { name: 'north' }, { 'x-organization-id': '12' }).body.id;
  const south = two.call('POST', '/assets', { name: 'south' }, { 'x-organization-id': '13' }).body.id;
  assert.deepEqual(
    two.call('GET', '/assets', undefined, { 'x-organization-id': '13' }).body.assets.map((row) => row.id),
    [south],
  );
  assert.deepEqual(
    two.call('GET', '/assets', undefined, { 'x-organization-ids': '12,13' }).body.assets.map((row) => row.id),
    [north, south],
  );
  assert.equal(two.call('GET', '/assets', undefined, { 'x-organization-ids': '12,13', 'x-organization-id': '12' }).status, 400);
  assert.equal(two.call('GET', '/workorders', undefined, { 'x-organization-ids': '12,13' }).status, 400);
  assert.equal(two.call('GET', `/assets/${south}`).body.asset.name, 'south');
  assert.equal(two.call('GET', `/assets/${south}`, undefined, { 'x-organization-id': '12' }).status, 404);
  assert.equal(two.call('POST', '/assets', { name: 'x', parentId: south }, { 'x-organization-id': '12' }).status, 400);
});

test('a shortage is refused as a whole where stock must not fall below zero, and allowed where it may', () => {
  const strict = bench({ stockBelowZero: false });
  const {
    seal: part,
    stores: [store],
  } = plant(strict);
  const grease = strict.world.addPart({ name: 'Grease', locations: [{ locationId: store.id, availableQuantity: 9 }] });
  const { id } = strict.world.addWorkOrder({
    title: 'x',
    partsUsed: [
      { partId: grease.id, quantityUsed: 1 },
      { partId: part.id, quantityUsed: 13, locationId: store.id },
    ],
  });
  assert.equal(strict.call('PATCH', `/workorders/${id}/status`, { status: 'DONE' }).status, 400);
  assert.equal(strict.call('GET', `/workorders/${id}`).body.workOrder.status, 'OPEN');
  assert.equal(grease.stock.get(store.id)?.availableQuantity, 9);
  const lenient = bench();
  const other = plant(lenient);
  const { id: second } = lenient.world.addWorkOrder({ title: 'x', partsUsed: [{ partId: other.seal.id, quantityUsed: 13, locationId: other.stores[0].id }] });
  assert.equal(lenient.call('PATCH', `/workorders/${second}/status`, { status: 'DONE' }).status, 200);
  assert.equal(other.seal.stock.get(other.stores[0].id)?.availableQuantity, -1);
});

test('a technician cannot do what the app does not offer', () => {
  const { technician } = at.world;
  const { id } = at.world.addWorkOrder({ title: 'steps' });
  assert.throws(() => technician.reopen(id), RangeError);
  technician.release(id);
  assert.throws(() => technician.release(id), /is IN_PROGRESS/);
  assert.throws(() => technician.usePart(id, seal, outside, 1), /is not kept at/);
  assert.throws(() => technician.usePart(id, seal, location, 0), RangeError);
  assert.throws(() => technician.usePart(id, seal, location, -1), /must not be negative/);
  assert.throws(() => technician.returnPart(id, seal, location, 1), /cannot be returned/);
  assert.throws(() => technician.logTime(id, 1, 60), /there is no user/);
  assert.throws(() => technician.logTime(id, mechanic.id, 0), RangeError);
  assert.throws(() => technician.usePart(id, locationless, location, 1), /is not kept at/);
  technician.cancel(id);
  assert.throws(() => technician.usePart(id, seal, location, 1), /is CANCELED/);
  assert.throws(() => technician.complete(id), RangeError);
});
