import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileMapping } from '#mapping/apply';
import type { MappingDocument, MappingRow } from '#mapping/row';
import { exportCsv, importCsv } from '#mapping/sheet';
import { diff } from '#mapping/sheet-diff';
import { validateMapping } from '#mapping/validate';
import { exportYaml, importYaml } from '#mapping/yaml';

const both = (ours: string, theirs: string, more: Partial<MappingRow> = {}): MappingRow => ({ ours, theirs, direction: 'both', owner: 'maintenance', ...more });

/** Shaped like a CMMS with numbers as identifiers, cents and seconds. */
const workOrderMapping: MappingDocument = {
  id: 'cmms/workOrder',
  record: 'workOrder',
  rows: [
    both('number', 'id', { via: 'text', required: true }),
    both('title', 'title', { required: true, via: 'truncate(120)' }),
    both('description', 'description'),
    both('status', 'status', { values: 'status', required: true }),
    both('priority', 'priority', { values: 'priority' }),
    both('asset', 'assetId', { via: 'text', reference: 'asset' }),
    both('assignees[]', 'assignees[].id', { via: 'text', reference: 'employee' }),
    both('completedAt', 'completedAt', { via: 'instant' }),
    both('issues[].line', 'parts[].id', { via: 'text', required: true }),
    both('issues[].part', 'parts[].partId', { via: 'text', reference: 'part', required: true }),
    both('issues[].quantity', 'parts[].quantityUsed', { via: "number | quantity('each', common)", required: true }),
    both('labour[].line', 'timeEntries[].id', { via: 'text', required: true }),
    both('labour[].hours', 'timeEntries[].seconds', { via: 'hours(4)', required: true }),
    both('labour[].employee', 'timeEntries[].userId', { via: 'text', reference: 'employee' }),
    both('services[].line', 'costs[].id', { via: 'text', required: true }),
    both('services[].text', 'costs[].description'),
    both('services[].amount', 'costs[].cents', { via: 'cents(settings.currency)', required: true }),
  ],
  values: [
    {
      name: 'status',
      pairs: [
        { ours: 'open', theirs: 'OPEN' },
        { ours: 'inProgress', theirs: 'IN_PROGRESS' },
        { ours: 'onHold', theirs: 'ON_HOLD' },
        { ours: 'completed', theirs: 'DONE' },
      ],
      inwardOnly: [{ ours: 'cancelled', theirs: 'CANCELED' }],
    },
    {
      name: 'priority',
      pairs: [
        { ours: 'none', theirs: 'NONE' },
        { ours: 'low', theirs: 'LOW' },
        { ours: 'medium', theirs: 'MEDIUM' },
        { ours: 'high', theirs: 'HIGH' },
      ],
      inwardOnly: [],
    },
  ],
};

/** Shaped like an OData V2 requisition: nested result lists, padded numbers, decimals as text, the currency beside the price. */
const requisitionMapping: MappingDocument = {
  id: 'erp/purchaseRequisition',
  record: 'purchaseRequisition',
  rows: [
    both('number', 'PurchaseRequisition', { owner: 'finance' }),
    both('text', 'PurReqnDescription', { owner: 'finance', via: 'truncate(40)' }),
    { ours: '', theirs: 'PurchaseRequisitionType', direction: 'out', owner: 'hub', via: "constant('NB')" },
    both('lines[].line', 'to_PurchaseReqnItem.results[].PurchaseRequisitionItem', { owner: 'finance', via: 'padLeft(5)', required: true }),
    both('lines[].kind', 'to_PurchaseReqnItem.results[].ItemCategory', { owner: 'finance', values: 'kind' }),
    both('lines[].part', 'to_PurchaseReqnItem.results[].Material', { owner: 'finance', via: 'padLeft(18)', reference: 'part' }),
    both('lines[].text', 'to_PurchaseReqnItem.results[].PurchaseRequisitionItemText', { owner: 'finance', via: 'truncate(40)' }),
    both('lines[].quantity', 'to_PurchaseReqnItem.results[].RequestedQuantity', {
      owner: 'finance',
      via: 'decimal(3) | quantity(BaseUnit, sap)',
      required: true,
    }),
    both('lines[].price', 'to_PurchaseReqnItem.results[].PurchaseRequisitionPrice', { owner: 'finance', via: 'amount(PurReqnItemCurrency)' }),
    both('lines[].requiredOn', 'to_PurchaseReqnItem.results[].DeliveryDate', { owner: 'finance', via: "day('T00:00:00')" }),
    {
      ours: 'lines[].state',
      theirs: '',
      direction: 'in',
      owner: 'finance',
      expression: "line.IsDeleted == 'X' ? 'deleted' : line.PurReqnReleaseStatus == '05' ? 'approved' : 'inApproval'",
    },
    both('lines[].account.order', 'to_PurchaseReqnItem.results[].to_Account.results[0].OrderID', { owner: 'finance' }),
  ],
  values: [
    {
      name: 'kind',
      pairs: [
        { ours: 'part', theirs: '0' },
        { ours: 'service', theirs: '9' },
      ],
    },
  ],
};

/** Lists in lists, and a header currency for all lines. */
const nestedMapping: MappingDocument = {
  id: 'erp/maintenanceBom',
  record: 'depreciationSchedule',
  rows: [
    both('fixedAsset', 'Asset', { owner: 'finance', reference: 'fixedAsset', required: true }),
    both('rows[].period', 'Periods[].Id', { owner: 'finance' }),
    both('rows[].amount', 'Periods[].Amount', { owner: 'finance', via: 'amount(native.Currency)' }),
  ],
  values: [],
};

const context = { hubId: (_kind: string, id: string) => `x.${id}`, externalId: (_kind: string, id: string) => (id.startsWith('x.') ? id.slice(2) : undefined) };
const settings = { currency: 'EUR' };

test('a work order of a CMMS comes in and goes out again as it was', () => {
  const mapping = compileMapping(workOrderMapping, { settings });
  const native = {
    id: 41001,
    title: 'Pump P-204 leaks',
    status: 'DONE',
    priority: 'HIGH',
    assetId: 7,
    assignees: [{ id: 3 }, { id: 5 }],
    completedAt: '2026-03-04T16:00:00.000Z',
    parts: [
      { id: 1, partId: 9001, quantityUsed: 2 },
      { id: 2, partId: 9002, quantityUsed: 0.5 },
    ],
    timeEntries: [{ id: 4, seconds: 5400, userId: 3 }],
    costs: [{ id: 6, description: 'crane', cents: 12000 }],
  };
  const into = mapping.inward(native, context);
  assert.deepEqual(into.issues, []);
  assert.deepEqual(into.remainder, {});
  assert.deepEqual(into.record, {
    number: '41001',
    title: 'Pump P-204 leaks',
    status: 'completed',
    priority: 'high',
    asset: 'x.7',
    assignees: ['x.3', 'x.5'],
    plannedLines: [],
    issues: [
      { line: '1', part: 'x.9001', quantity: { value: '2', unit: { system: 'common', code: 'each' } } },
      { line: '2', part: 'x.9002', quantity: { value: '0.5', unit: { system: 'common', code: 'each' } } },
    ],
    labour: [{ line: '4', employee: 'x.3', hours: '1.5' }],
    services: [{ line: '6', text: 'crane', amount: { minor: 12000, currency: 'EUR' } }],
    completedAt: '2026-03-04T16:00:00.000Z',
  });
  assert.deepEqual(mapping.outward(into.record, context), { payload: native, issues: [] });
  assert.deepEqual(
    mapping.externalReferences(native).map(({ kind, externalId }) => `${kind} ${externalId}`),
    ['asset 7', 'employee 3', 'employee 5', 'part 9001', 'part 9002'],
  );
  assert.deepEqual(
    mapping.hubReferences(into.record).map(({ kind, hubId }) => `${kind} ${hubId}`),
    ['asset x.7', 'employee x.3', 'employee x.5', 'part x.9001', 'part x.9002'],
  );
});

test('a requisition of an ERP comes in and goes out with its units, currencies and padding', () => {
  const mapping = compileMapping(requisitionMapping, { settings });
  const item = (line: string, more: object) => ({
    PurchaseRequisitionItem: line,
    ItemCategory: '0',
    Material: '000000000000010042',
    RequestedQuantity: '2.000',
    BaseUnit: 'PC',
    PurchaseRequisitionPrice: '12.50',
    PurReqnItemCurrency: 'EUR',
    DeliveryDate: '2026-03-09T00:00:00',
    PurReqnReleaseStatus: '05',
    IsDeleted: '',
    to_Account: { results: [{ OrderID: '4000871' }] },
    ...more,
  });
  const native = {
    PurchaseRequisition: '10045120',
    PurReqnDescription: '',
    to_PurchaseReqnItem: { results: [item('00010', {}), item('00020', { Material: 'BRG-6205', BaseUnit: 'BOX', PurReqnReleaseStatus: '02', Plant: '2100' })] },
  };
  const { record, issues, remainder } = mapping.inward(native, context);
  assert.deepEqual(issues, []);
  const line = {
    kind: 'part',
    quantity: { value: '2', unit: { system: 'sap', code: 'PC' } },
    price: { minor: 1250, currency: 'EUR' },
    requiredOn: '2026-03-09',
    account: { order: '4000871' },
  };
  assert.deepEqual(record, {
    number: '10045120',
    lines: [
      { line: '10', part: 'x.10042', state: 'approved', ...line },
      { line: '20', part: 'x.BRG-6205', state: 'inApproval', ...line, quantity: { value: '2', unit: { system: 'sap', code: 'BOX' } } },
    ],
  });
  assert.deepEqual(remainder, {
    to_PurchaseReqnItem: {
      results: [
        { PurReqnReleaseStatus: '05', IsDeleted: '' },
        { PurReqnReleaseStatus: '02', IsDeleted: '', Plant: '2100' },
      ],
    },
  });
  const out = mapping.outward(record, context);
  assert.deepEqual(out.issues, []);
  const sent = (line: string, more: object) => {
    const { PurReqnReleaseStatus: _status, IsDeleted: _deleted, ...rest } = item(line, more);
    return rest;
  };
  assert.deepEqual(out.payload, {
    PurchaseRequisition: '10045120',
    PurchaseRequisitionType: 'NB',
    to_PurchaseReqnItem: { results: [sent('00010', {}), sent('00020', { Material: 'BRG-6205', BaseUnit: 'BOX' })] },
  });
});

test('lines of one header currency go out under it, and lines of two are an issue', () => {
  const mapping = compileMapping(nestedMapping);
  const record = (second: string) => ({
    fixedAsset: 'x.1',
    rows: [
      { period: '2026-01', amount: { minor: 100, currency: 'EUR' } },
      { period: '2026-02', amount: { minor: 200, currency: second } },
    ],
  });
  assert.deepEqual(mapping.outward(record('EUR'), context), {
    payload: {
      Asset: '1',
      Currency: 'EUR',
      Periods: [
        { Id: '2026-01', Amount: '1.00' },
        { Id: '2026-02', Amount: '2.00' },
      ],
    },
    issues: [],
  });
  const mixed = mapping.outward(record('USD'), context);
  assert.deepEqual(
    mixed.issues.map(({ kind, path }) => [kind, path]),
    [['bad-value', 'rows[1].amount']],
  );
});

test('exact decimals survive both directions, whatever they are', () => {
  const mapping = compileMapping(requisitionMapping, { settings });
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.nat(3), (digits, places) => {
      const sign = digits < 0n ? '-' : '';
      const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0');
      const value = `${sign}${places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`}`;
      const { record } = mapping.inward(
        {
          to_PurchaseReqnItem: {
            results: [{ PurchaseRequisitionItem: '00010', RequestedQuantity: value, BaseUnit: 'PC', PurReqnReleaseStatus: '02', IsDeleted: '' }],
          },
        },
        context,
      );
      const [line] = (record as { lines: { quantity: { value: unknown } }[] }).lines;
      assert.equal(typeof line?.quantity.value, 'string');
      const { payload } = mapping.outward(record, context);
      const sent = (payload as { to_PurchaseReqnItem: { results: { RequestedQuantity: string }[] } }).to_PurchaseReqnItem.results[0]?.RequestedQuantity ?? '';
      const scaled = (decimal: string): bigint => {
        const [whole = '', fraction = ''] = decimal.replace('-', '').split('.');
        return BigInt(whole + fraction.padEnd(3, '0')) * (decimal.startsWith('-') ? -1n : 1n);
      };
      assert.equal(scaled(sent), scaled(value));
    }),
  );
});

for (const document of [workOrderMapping, requisitionMapping, nestedMapping]) {
  test(`the example ${document.id} is valid and passes through CSV and YAML without a difference`, () => {
    assert.deepEqual(
      validateMapping(document).filter(({ severity }) => severity === 'error'),
      [],
    );
    for (const back of [importCsv(exportCsv(document), 'x.csv'), importYaml(exportYaml(document), 'x.yaml')]) assert.deepEqual(diff(document, back), []);
  });
}
