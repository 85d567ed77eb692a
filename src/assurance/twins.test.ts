import assert from 'node:assert/strict';
import test from 'node:test';
import type { ManualClock } from '#base/clock';
import { Fault } from '#base/fault';
import { operationReference } from '#base/id';
import { canonicalJson, type JsonObject } from '#base/json';
import { referencesIn } from '#assurance/fresh-side';
import type { Statement } from '#assurance/statement';
import { statementText } from '#assurance/statement-text';
import { testNow, testOperation } from '#assurance/testing';
import { twins } from '#assurance/twins/testing';

/** Moves the clock until something is done. */
async function whileTimePasses<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const state = { done: false };
  const end = (): void => void (state.done = true);
  void work.then(end, end);
  while (!state.done) {
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return work;
}

const found = (statement: Statement): readonly string[] =>
  statement.sections.flatMap(({ name, differences }) => differences.map((difference) => `${name} ${difference.key} ${difference.class}`));

test('two twins with one plant agree over their own protocols, page by page', async () => {
  const { statement } = await twins();
  const said = await statement();
  assert.equal(said.agrees, true, statementText(said));
  assert.deepEqual(
    said.sections.map(({ name, compared }) => [name, compared]),
    [
      ['stock', 5],
      ['orders', 0],
      ['costs', 0],
      ['assets', 1],
    ],
  );
});

test('what is changed inside a twin is found by name', async () => {
  const { statement, world, post, partIds, locationId } = await twins();
  world.addStock({ material: 'P-1', plant: '2100', storageLocation: '21A1', quantity: '2.5' });
  post(`/parts/${partIds.get('P-2') ?? 0}`, { extraFields: { 'ERP number': 'P-2', 'Unit of measure': 'KG' } }, 'PATCH');
  post(`/parts/${partIds.get('P-3') ?? 0}`, { locations: { addedUpdated: [{ locationId, availableQuantity: 4 }] } }, 'PATCH');
  world.addEquipment({ Equipment: '10002', EquipmentName: 'Second pump', MaintenancePlant: '2100', CompanyCode: '2100' });
  assert.deepEqual(found(await statement()), [
    'stock erp.P-2@erp.2100/21A1 unit',
    'stock erp.P-1@erp.2100/21A1 quantity',
    'stock erp.P-3@erp.2100/21A1 quantity',
    'assets erp.10002 missingInMaintenance',
  ]);
});

test('a goods issue that was posted twice under one reference is found in the finance twin, and one that is not there is missing', async () => {
  const { plant, erp, statement } = await twins();
  const lane = 'stock/erp.P-1@erp.2100/21A1';
  const [twice, never] = [`${lane}#stock#issue/workOrder/cmms.1/1/1`, `${lane}#stock#issue/workOrder/cmms.1/2/1`];
  const reference = operationReference(twice);
  const payload = {
    PostingDate: '2026-03-09',
    account: { costCentre: '21004310' },
    to_MaterialDocumentItem: [{ Material: 'P-1', Plant: '2100', storeroom: '2100/21A1', QuantityInEntryUnit: '1', EntryUnit: 'PC', direction: 'out' }],
  };
  const receipts = [
    await erp.write('goodsIssue', 'create', payload, { once: { key: twice, reference } }),
    await erp.write('goodsIssue', 'create', payload, { once: { key: `${twice}!`, reference } }),
  ];
  const draft = {
    workOrder: 'cmms.1',
    account: { costCentre: 'erp.21004310' },
    lines: [{ line: '1', quantity: { value: '1', unit: { system: 'sap', code: 'PC' } }, direction: 'out' }],
  };
  await plant.lane(lane, {
    insertOperations: [
      testOperation(twice, 'erp', 'goodsIssue', { draft, receipt: receipts[0] as unknown as JsonObject }),
      testOperation(never, 'erp', 'goodsIssue', { n: 2, draft, receipt: { id: '4999999999/2026' } }),
    ],
  });
  await plant.lane('workOrder/cmms.1', {
    entries: [
      {
        eventKey: 'begin',
        n: 1,
        workOrder: 'cmms.1',
        costCentre: 'erp.21004310',
        debit: 'settled',
        credit: 'need',
        minor: 1250,
        currency: 'EUR',
        document: `${lane}/1`,
        text: '',
        at: testNow,
      },
    ],
  });
  const said = await statement(['costs']);
  assert.deepEqual(found(said), [`costs ${reference} duplicateDocument`, `costs ${operationReference(never)} missingInFinance`], statementText(said));
  assert.match(statementText(said), /2 documents in erp carry the reference LP/);
});

test('a cost row that stands twice on a work order of the maintenance twin is found by its reference', async () => {
  const { plant, cmms, post, statement } = await twins();
  const order = post('/workorders', { title: 'Replace the seal' }).id;
  const [once, twice] = [`workOrder/cmms.${order}#procurement#cost/requisition/1/10/1`, `workOrder/cmms.${order}#procurement#cost/requisition/1/20/1`];
  const payload = { workOrderId: order, costType: 'OTHER', costPerUnit: 4000, description: 'Seal: order 4500000001' };
  const write = (operation: string): Promise<unknown> =>
    cmms.write('workOrderCost', 'create', payload, { once: { key: operation, reference: operationReference(operation) } });
  for (const operation of [once, twice, twice]) await write(operation);
  await plant.lane(`workOrder/cmms.${order}`, {
    insertOperations: [once, twice].map((operation, index) =>
      testOperation(operation, 'cmms', 'workOrderCost', {
        n: index + 1,
        draft: { workOrder: `cmms.${order}`, amount: { minor: 4000, currency: 'EUR' } },
        receipt: { id: `${order}/${operationReference(operation)}` },
      }),
    ),
  });
  const said = await statement(['costs']);
  assert.deepEqual(found(said), [`costs ${operationReference(twice)} duplicateDocument`], statementText(said));
});

test('a finance system that asks to slow down is asked again after the time it named, and the statement is the same', async () => {
  const { statement, clock, busy } = await twins();
  const calm = canonicalJson(await statement(['stock']));
  busy.left = 2;
  const [before, slow] = [clock.now(), statement(['stock'])];
  assert.equal(canonicalJson(await whileTimePasses(clock, slow)), calm);
  assert.equal(busy.left, 0);
  assert.ok(clock.now() - before >= 4000, 'two answers said: in two seconds');
});

test('a system that stays busy ends the reconciliation with its own words', async () => {
  const { statement, clock, busy } = await twins();
  busy.left = Number.POSITIVE_INFINITY;
  const ended = assert.rejects(statement(['stock']), (error) => error instanceof Fault && error.kind === 'throttled');
  await whileTimePasses(clock, ended);
});

test('references are counted by list: members of one row and a list shown twice count once', () => {
  const [a, b] = [operationReference('a'), operationReference('b')];
  const rows = [{ description: `Seal [${a}]`, note: a }, { description: `Seal [${a}]` }, { description: `x${b}Y` }];
  assert.deepEqual(referencesIn({ rows, costs: { rows }, mark: b }), [a, a, b].sort());
});
