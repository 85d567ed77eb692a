import assert from 'node:assert/strict';
import test from 'node:test';
import { bearing, broken, cascade, filter, hubWatches, onlyRequisition, overhaul, repair, replaceFilters } from './scenarios.ts';
import { Stage } from './stage.ts';

test('001-34 a pump overhaul with three direct parts: one requisition, approval, order, partial receipts, invoice, and three actual costs on the work order', async () => {
  const stage = await Stage.open();
  const [workOrder = 0] = await overhaul.play(stage);
  const { world } = stage;
  const requisition = onlyRequisition(stage);
  assert.deepEqual(
    world.requisitions.items.by('PurchaseRequisition', requisition).map(({ Material, RequestedQuantity }) => [Material, RequestedQuantity]),
    [
      ['SEAL-45', '2'],
      ['IMPELLER-7', '1'],
      ['GASKET-K', '3'],
    ],
  );
  assert.deepEqual(
    [...world.orders.items.all()].map(({ Received, Invoiced, InvoicedValue }) => [Received, Invoiced, InvoicedValue]),
    [
      ['2', '2', '620'],
      ['1', '1', '1250.5'],
      ['3', '3', '144.75'],
    ],
  );
  assert.deepEqual(
    stage.costRows(workOrder).map(({ text, cents }) => [text.slice(0, text.indexOf(':')), cents]),
    [
      ['SEAL-45', 62_000],
      ['IMPELLER-7', 125_050],
      ['GASKET-K', 14_475],
    ],
  );
  assert.deepEqual(await stage.balances(workOrder), { need: -201_525, settled: 201_525 });
  const reasons = await stage.reasons(workOrder);
  for (const wanted of [
    /^requisition of 2 PC SEAL-45, 1 PC IMPELLER-7, 3 PC GASKET-K .*charged to cost centre .* from asset CLV-U-P7/,
    /1 received, 0 invoiced/,
    /^parts ready/,
    /^actual cost 1250\.50 USD/,
  ])
    assert.ok(
      reasons.some((text) => wanted.test(text)),
      String(wanted),
    );
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('001-35 a filter count below its reorder point is replenished once by the hub, received, and both systems show the same stock', async () => {
  const stage = await Stage.open(filter.options);
  await filter.play(stage);
  assert.deepEqual(
    [...stage.world.requisitions.items.all()].map(({ Material, RequestedQuantity }) => [Material, RequestedQuantity]),
    [['FILTER-25', '9']],
  );
  assert.deepEqual(stage.onHand('FILTER-25'), { finance: '12', maintenance: '12' });
  await stage.days(3);
  assert.equal([...stage.world.requisitions.headers.all()].length, 1);
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('001-35 where the ERP plans the part the hub raises nothing, and its receipt comes back to the maintenance side (002-30)', async () => {
  const stage = await Stage.open();
  const workOrder = await replaceFilters(stage, 2);
  assert.equal([...stage.world.requisitions.headers.all()].length, 0);
  assert.ok((await stage.reasons(workOrder)).some((text) => /^no replenishment by the hub: 3 PC on hand .* erp replenishes this part itself/.test(text)));
  const { world } = stage;
  const raised = world.store.transaction(() =>
    world.requisitions.create(
      {
        header: { PurchaseRequisitionType: 'NB' },
        items: [
          {
            item: { Material: 'FILTER-25', Plant: '1100', StorageLocation: 'MRO1', RequestedQuantity: '9', DeliveryDate: '2026-03-16' },
            accounts: [],
            texts: [],
          },
        ],
      },
      'MRP',
    ),
  );
  await stage.settle();
  world.approveRequisition(raised.PurchaseRequisition);
  const order = world.convert(raised.PurchaseRequisition, { supplier: '170001' }).PurchaseOrder;
  await stage.settle();
  world.receive(order, '10');
  await stage.settle();
  assert.deepEqual(stage.onHand('FILTER-25'), { finance: '12', maintenance: '12' });
  assert.equal([...world.requisitions.headers.all()].length, 1);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('001-36 a specialty bearing that is not stocked is requested, ordered, received and costed without anyone of procurement', async () => {
  const stage = await Stage.open(bearing.options);
  const [workOrder = 0] = await bearing.play(stage);
  assert.deepEqual(
    stage.costRows(workOrder).map(({ cents }) => cents),
    [89_000],
  );
  assert.ok((await stage.reasons(workOrder)).some((text) => /^requisition of 1 PC BRG-SPECIAL .*not a stock item; auto-request on/.test(text)));
  assert.deepEqual(await stage.balances(workOrder), { need: -97_000, settled: 97_000 });
  assert.equal([...stage.world.movements.items.all()].filter((row) => row.GoodsMovementType === '201').length, 0);
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('001-37 over two weeks of a major repair the cost in finance rises every day, and the variance is said before month end', async () => {
  const stage = await Stage.open(repair.options);
  const curve: string[] = [];
  const settled = stage.days.bind(stage);
  stage.days = (count, each) =>
    settled(count, async (day) => {
      if (day > 0) curve.push(stage.booked('61008000', '11004200'));
      await each?.(day);
    });
  const [workOrder = 0] = await repair.play(stage);
  assert.deepEqual(curve, ['40', '140', '260', '460', '660', '960', '1240', '1640', '2000']);
  assert.equal(stage.booked('61008000', '11004200'), '2500');
  const variance = (await stage.explain(workOrder)).why.find(({ reasons }) =>
    reasons.some(({ text }) => text.startsWith('variance: work order 1 has cost 1640.00 USD so far against an estimate of 1250.50 USD')),
  );
  assert.ok(variance && variance.at < Date.UTC(2026, 2, 31), 'the variance is said in the month');
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('000-23..27 one completion leads to history, goods issue, labour posting and asset status, all in one thread', async () => {
  const stage = await Stage.open();
  const [workOrder = 0] = await cascade.play(stage);
  const { world } = stage;
  assert.equal(stage.orderOf(workOrder).status, 'DONE');
  const issues = [...world.movements.items.all()].filter(({ GoodsMovementType }) => GoodsMovementType === '201');
  assert.deepEqual(issues.map((row) => [row.Material, row.QuantityInBaseUnit, row['CostCenter']]).sort(), [
    ['BRG-6205', '2', '11004200'],
    ['OIL-46', '20', '11004200'],
  ]);
  assert.equal(stage.booked('61008000', '11004200'), '140');
  assert.equal(stage.booked('51100000', '11004200'), '125');
  assert.equal(stage.assetOf('CLV-U-P7').status.status, 'ONLINE');
  const thread = await stage.explain(workOrder);
  assert.deepEqual(thread.operations.map(({ record, state }) => [record, state]).sort(), [
    ['costPosting', 'applied'],
    ['goodsIssue', 'applied'],
    ['goodsIssue', 'applied'],
  ]);
  assert.ok(thread.documents.some(({ kind }) => kind === 'goodsIssue') && thread.documents.some(({ kind }) => kind === 'costPosting'));
  assert.ok(thread.events.some(({ kind, data }) => kind === 'workOrder.snapshot' && (data as { record: { status: string } }).record.status === 'completed'));
  assert.deepEqual(await stage.balances(workOrder), { need: -26_500, settled: 26_500 });
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('000-05 the pump: 50,000 of book value, 15,000 of parts and 25,000 of labour over three years make 90,000', async () => {
  const stage = await Stage.open({ policies: hubWatches.policies ?? {} });
  const orders: number[] = [];
  for (let quarter = 0; quarter < 12; quarter++) {
    const workOrder = stage.workOrder({
      title: `Pump service ${quarter + 1}`,
      asset: 'CLV-U-P7',
      type: 'PREVENTIVE',
      parts: [
        ['BRG-6205', 60],
        ['OIL-46', 100],
      ],
    });
    stage.technician.release(workOrder);
    // 500 hours at 50.00 in twelve quarters: eight of 42 h and four of 41 h.
    stage.technician.logTime(workOrder, stage.user('10002'), (quarter < 8 ? 42 : 41) * 3600);
    stage.technician.complete(workOrder);
    await stage.settle();
    orders.push(workOrder);
    const next = new Date(Date.UTC(2026, 2 + 3 * (quarter + 1), 2));
    stage.goTo(next.toISOString().slice(0, 10));
  }
  const balances = await Promise.all(orders.map((order) => stage.balances(order)));
  const { world } = stage;
  const bookValue = Number([...world.assets.assets.all()][0]?.AcquisitionValue);
  const [parts, labour] = [Number(stage.booked('51100000', '11004200')), Number(stage.booked('61008000', '11004200'))];
  assert.deepEqual({ bookValue, parts, labour, total: bookValue + parts + labour }, { bookValue: 50_000, parts: 15_000, labour: 25_000, total: 90_000 });
  assert.equal(
    balances.reduce((sum, { settled = 0 }) => sum + settled, 0),
    4_000_000,
  );
  assert.deepEqual(stage.onHand('BRG-6205'), { finance: '1280', maintenance: '1280' });
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});
