import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { add, compare, subtract, sum } from '#base/decimal';
import { movementBody, plant, requisitionBody, v2 } from './plant.fixture.ts';
import type { S4Twin } from './twin.ts';
import { accounts } from './world/general-ledger.ts';
import { Refusal } from './world/refusal.ts';
import type { World } from './world/world.ts';

/** Runs a step; a refusal is an outcome, anything else a bug. */
function attempt<R>(step: () => R): R | undefined {
  try {
    return step();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Everything that must hold after any step. */
function consistent(world: World): void {
  assert.deepEqual(world.check(), []);
  for (const company of ['2100', '1710']) {
    const value = sum(
      world.materials.valuations
        .all()
        .filter((row) => row.ValuationArea === company)
        .map((row) => row.TotalValue),
    );
    assert.equal(compare(world.ledger.balance(company, accounts.inventory.account), value), 0, `inventory account of ${company} equals the value of its stock`);
  }
  for (const valuation of world.materials.valuations.all()) {
    const onHand = sum(
      world.materials.stock
        .by('Material', valuation.Product)
        .filter((row) => row.Plant === valuation.ValuationArea)
        .map((row) => row.MatlWrhsStkQtyInMatlBaseUnit),
    );
    assert.equal(compare(onHand, valuation.TotalStock), 0);
    assert.ok(compare(valuation.TotalValue, '0') >= 0);
  }
}

const materials = ['BRG-6205-2RS', '1234', 'OIL-46'] as const;
const quantity = fc.integer({ min: 1, max: 40 }).map(String);
const movement = fc.record({
  type: fc.constantFrom('201', '202', '261', '262', '551', '552', '561', '562', '701', '702', '311', '301'),
  material: fc.constantFrom(...materials),
  quantity,
  place: fc.constantFrom(['2100', '21A1'], ['2100', '21A2'], ['1710', '171A']),
  drum: fc.boolean(),
});
const purchase = fc.record({
  material: fc.constantFrom('BRG-6205-2RS', '1234'),
  category: fc.constantFrom('', 'F', 'K', 'A'),
  quantity,
  received: quantity,
  returned: quantity,
  factor: fc.constantFrom('0.8', '1', '1.25'),
  price: fc.constantFrom('7.77', '12.5'),
  currency: fc.constantFrom('EUR', 'USD'),
  undo: fc.boolean(),
});

function move(world: World, step: { type: string; material: string; quantity: string; place: readonly string[]; drum: boolean }): void {
  const code = step.type.startsWith('3') ? '04' : step.type.startsWith('56') || step.type.startsWith('70') ? '05' : '03';
  const [plantCode = '', storageLocation = ''] = step.place;
  const centre = plantCode === '2100' ? '21004310' : '17101301';
  attempt(() =>
    world.store.transaction(() =>
      world.movements.post(
        { GoodsMovementCode: code, PostingDate: '2026-03-09' },
        [
          {
            GoodsMovementType: step.type,
            Material: step.material,
            Plant: plantCode,
            StorageLocation: storageLocation,
            QuantityInEntryUnit: step.quantity,
            EntryUnit: step.drum && step.material === 'OIL-46' ? 'DR' : '',
            CostCenter: centre,
            ManufacturingOrder: step.type.startsWith('26') ? '4000871' : '',
            ...(code === '04'
              ? {
                  IssuingOrReceivingPlant: step.type === '301' ? (plantCode === '2100' ? '1710' : '2100') : '',
                  IssuingOrReceivingStorageLoc: step.type === '301' ? (plantCode === '2100' ? '171A' : '21A1') : storageLocation === '21A1' ? '21A2' : '21A1',
                }
              : {}),
          },
        ],
        'T',
      ),
    ),
  );
}

function buy(
  world: World,
  step: {
    material: string;
    category: string;
    quantity: string;
    received: string;
    returned: string;
    factor: string;
    price: string;
    currency: string;
    undo: boolean;
  },
): void {
  const account = { F: { OrderID: '4000871' }, K: { CostCenter: '21004310' }, A: { MasterFixedAsset: '300417' } }[step.category];
  const header = world.store.transaction(() =>
    world.requisitions.create(
      {
        header: {},
        items: [
          {
            item: {
              Material: step.material,
              Plant: '2100',
              StorageLocation: '21A1',
              RequestedQuantity: step.quantity,
              DeliveryDate: '2026-04-01',
              AccountAssignmentCategory: step.category,
            },
            accounts: account ? [account] : [],
            texts: [],
          },
        ],
      },
      'T',
    ),
  );
  world.approveRequisition(header.PurchaseRequisition);
  const order = world.convert(header.PurchaseRequisition, { supplier: '1000001', currency: step.currency, prices: { 10: step.price } }).PurchaseOrder;
  const receipt = attempt(() => world.receive(order, '10', { quantity: step.received }));
  attempt(() => world.returnToSupplier(order, '10', step.returned));
  const item = world.orders.open(order, '10');
  const open = subtract(item.Received, item.Invoiced);
  const invoice = attempt(() => world.invoice(order, '10', { amount: (Number(world.orders.valueOf(item, open)) * Number(step.factor)).toFixed(2) }));
  if (step.undo && invoice) world.cancelInvoice(invoice.SupplierInvoice, invoice.FiscalYear);
  if (step.undo && receipt) attempt(() => world.cancelDocument(receipt.MaterialDocumentYear, receipt.MaterialDocument));
}

test('any sequence of movements, purchases and reversals keeps books balanced, inventory valued and stock never below zero (I5, I7)', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          movement.map((step) => (world: World) => move(world, step)),
          purchase.map((step) => (world: World) => buy(world, step)),
        ),
        { minLength: 1, maxLength: 25 },
      ),
      (steps) => {
        const { world } = plant().twin;
        for (const step of steps) step(world);
        consistent(world);
      },
    ),
    { numRuns: 150, seed: 20260309 },
  );
});

test('stock is opening plus receipts less issues, whatever was refused in between (I7)', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), quantity), { maxLength: 30 }), (steps) => {
      const { twin, client } = plant();
      let expected = '10';
      for (const [issue, amount] of steps) {
        const { status } = client.json(
          'POST',
          `${v2}API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader`,
          movementBody(issue ? '03' : '05', {
            GoodsMovementType: issue ? '261' : '561',
            ...(issue ? { ManufacturingOrder: '4000871' } : {}),
            QuantityInEntryUnit: amount,
          }),
        );
        assert.equal(status, issue && compare(expected, amount) < 0 ? 400 : 201);
        if (status === 201) expected = issue ? subtract(expected, amount) : add(expected, amount);
      }
      assert.equal(
        client.json(
          'GET',
          `${v2}API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$filter=Material eq 'BRG-6205-2RS' and Plant eq '2100' and StorageLocation eq '21A1' and InventoryStockType eq '01'`,
        ).body.d.results[0]?.['MatlWrhsStkQtyInMatlBaseUnit'],
        expected,
      );
      consistent(twin.world);
    }),
    { numRuns: 40, seed: 7 },
  );
});

test('a document and its reversal leave stock, value and every account where they were (I8)', () => {
  const { world } = plant().twin;
  const picture = (): unknown => [
    world.materials.stock.all().map((row) => row.MatlWrhsStkQtyInMatlBaseUnit),
    world.materials.valuations.all().map((row) => [row.TotalStock, row.TotalValue]),
    Object.values(accounts).map(({ account }) => world.ledger.balance('2100', account)),
  ];
  const before = picture();
  const document = world.movements.post(
    { GoodsMovementCode: '03', PostingDate: '2026-03-09' },
    [
      { GoodsMovementType: '261', Material: 'BRG-6205-2RS', Plant: '2100', StorageLocation: '21A1', QuantityInEntryUnit: '3', ManufacturingOrder: '4000871' },
      { GoodsMovementType: '201', Material: '1234', Plant: '2100', StorageLocation: '21A1', QuantityInEntryUnit: '7', CostCenter: '21004310' },
    ],
    'T',
  );
  assert.notDeepEqual(picture(), before);
  world.cancelDocument(document.MaterialDocumentYear, document.MaterialDocument);
  assert.deepEqual(picture(), before);
  assert.throws(() => world.cancelDocument(document.MaterialDocumentYear, document.MaterialDocument), /already been reversed/);
});

/** What the chain says at its end. */
function story(twin: S4Twin): unknown {
  const { world } = twin;
  const [item] = world.orders.items.all();
  return [
    world.requisitions.items.all()[0]?.ReleaseIsNotCompleted,
    item?.Received,
    item?.IsCompletelyDelivered,
    item?.Invoiced,
    world.ledger.items.by('OrderID', '4000871').reduce((total, line) => add(total, line.AmountInCompanyCodeCurrency), '0'),
  ];
}

test('approver, buyer, warehouse and accounts payable act by themselves once their time has come, in parts and with a price variance (000-23 to 000-27)', () => {
  const { twin, client, clock } = plant({
    automation: {
      approveAfterMs: 1000,
      orderAfterMs: 1000,
      deliverAfterMs: 1000,
      invoiceAfterMs: 1000,
      deliverInParts: 2,
      priceVariance: '1.1',
      supplier: '1000001',
    },
  });
  client.send('POST', `${v2}API_PURCHASEREQ_PROCESS_SRV/A_PurchaseRequisitionHeader`, requisitionBody());
  const look = (): unknown => {
    client.send('GET', `${v2}API_PRODUCT_SRV/`);
    return story(twin);
  };
  assert.deepEqual(look(), [true, undefined, undefined, undefined, '0']);
  const seen = [1, 2, 3, 4, 5].map(() => {
    clock.advance(1000);
    return look();
  });
  assert.deepEqual(seen, [
    [false, undefined, undefined, undefined, '0'],
    [false, '0', false, '0', '0'],
    [false, '1', false, '0', '12.5'],
    [false, '2', true, '1', '26.25'],
    [false, '2', true, '2', '27.5'],
  ]);
  consistent(twin.world);
});

test('small requisitions need no release when the installation says so; rejected ones stay unreleased', () => {
  const { twin, client } = plant({ releasedUpTo: '30' });
  const create = (quantityText: string): string =>
    client.json('POST', `${v2}API_PURCHASEREQ_PROCESS_SRV/A_PurchaseRequisitionHeader`, requisitionBody({ RequestedQuantity: quantityText })).body.d
      .PurchaseRequisition;
  assert.equal(twin.world.requisitions.get(create('2')).ReleaseIsNotCompleted, false);
  const large = create('3');
  twin.world.rejectRequisition(large);
  assert.deepEqual([twin.world.requisitions.get(large).ReleaseIsNotCompleted, twin.world.requisitions.get(large).PurReqnReleaseStatus], [true, '08']);
});

test('an only-validating requisition checks everything and keeps nothing', () => {
  const { twin, client } = plant();
  const body = { ...(requisitionBody() as object), PurReqnDoOnlyValidation: true };
  assert.equal(client.send('POST', `${v2}API_PURCHASEREQ_PROCESS_SRV/A_PurchaseRequisitionHeader`, body).status, 201);
  assert.equal(
    client.send('POST', `${v2}API_PURCHASEREQ_PROCESS_SRV/A_PurchaseRequisitionHeader`, {
      ...(requisitionBody({ Plant: '9' }) as object),
      PurReqnDoOnlyValidation: true,
    }).status,
    400,
  );
  assert.equal(twin.world.requisitions.headers.size, 0);
});

test("an asset is created, acquired, depreciated and retired, and its book value is read from the customer's view (000-05)", () => {
  const { twin, client } = plant();
  const root = (name: string): string => `/sap/opu/odata4/sap/api_${name}/srvd_a2x/sap/${name}/0001/`;
  const created = client.json('POST', `${root('fixedasset')}FixedAsset/SAP__self.CreateMasterFixedAsset`, {
    CompanyCode: '2100',
    AssetClass: '3100',
    _General: { FixedAssetDescription: 'Centrifugal pump' },
    _AccountAssignment: { CostCenter: '21004310' },
    _Inventory: { Inventory: 'LP-A-1' },
    _Ledger: [
      {
        Ledger: '0L',
        AssetCapitalizationDate: '2026-01-02',
        _Valuation: [{ AssetDepreciationArea: '01', _TimeBasedValuation: [{ PlannedUsefulLifeInYears: '10' }] }],
      },
    ],
  });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const asset = String(created.body['MasterFixedAsset']);
  const acquisition = {
    CompanyCode: '2100',
    MasterFixedAsset: asset,
    FixedAsset: '0',
    PostingDate: '2026-01-02',
    AcqnAmtInTransactionCurrency: 50000,
    TransactionCurrency: 'EUR',
    DebitCreditCode: 'S',
    DocumentReferenceID: 'LP-ACQ-1',
  };
  assert.equal(client.json('POST', `${root('fixedassetacquisition')}FixedAssetAcquisition/SAP__self.Post`, acquisition).status, 200);
  for (const period of ['1', '2', '3']) twin.world.assets.runDepreciation('2100', '2026', period);
  const values = client.json('GET', `${v2}YY1_ASSETVALUES_CDS/YY1_AssetValues?$filter=MasterFixedAsset eq '${asset}' and FiscalPeriod eq '003'`).body.d.results;
  assert.deepEqual(
    values.map((one) => [one['AccumulatedDepreciation'], one['NetBookValue']]),
    [['1250.01', '48749.99']],
  );
  const retirement = {
    CompanyCode: '2100',
    MasterFixedAsset: asset,
    FixedAsset: '0',
    PostingDate: '2026-03-09',
    DocumentReferenceID: 'LP-RET-1',
    AstRevenueAmountInTransCrcy: 25000,
  };
  assert.equal(client.json('POST', `${root('fixedassetretirement')}FixedAssetRetirement/SAP__self.Post`, retirement).status, 200);
  assert.equal(client.json('POST', `${root('fixedassetretirement')}FixedAssetRetirement/SAP__self.Post`, retirement).body.error.code, 'AA/360');
  assert.equal(client.json('GET', `${root('fixedassetretirement')}FixedAssetRetirement?$filter=DocumentReferenceID eq 'LP-RET-1'`).body.value.length, 1);
  assert.equal(twin.world.ledger.balance('2100', accounts.retirementLoss.account), '23749.99');
  assert.deepEqual(twin.world.check(), []);
});

test('hours are valued at the rate of the cost centre on the day, and per-person rates are dated', () => {
  const { twin, client } = plant();
  const allocate = (hours: number): { status: number } =>
    client.json('POST', '/sap/opu/odata4/sap/api_drctactivityallocation/srvd_a2x/sap/directactivityallocation/0001/ActivityAllocation', {
      PostingDate: '2026-03-09',
      AccountingDocumentHeaderText: 'LP-LAB-1',
      _Item: [{ SenderCostCenter: '21004310', CostCtrActivityType: 'MNT01', PartnerOrder: '4000871', Quantity: hours, BaseUnit: 'H' }],
    });
  assert.equal(allocate(3.5).status, 201);
  assert.equal(allocate(-1).status, 201);
  assert.equal(
    twin.world.ledger.items.by('OrderID', '4000871').reduce((total, line) => add(total, line.AmountInCompanyCodeCurrency), '0'),
    '175',
  );
  twin.world.addEmployee({ partner: '9000001', personnelNumber: '10042', firstName: 'Ada', lastName: 'Byron', from: '2020-01-01' });
  twin.world.activities.addLabourRate({ personnelNumber: '10042', rate: '41.5', currency: 'EUR', from: '2026-01-01' });
  const rates = client.json(
    'GET',
    `${v2}YY1_LABOURRATES_CDS/YY1_LabourRates?$filter=PersonnelNumber eq '00010042' and ValidityStartDate le datetime'2026-03-09T00:00:00' and ValidityEndDate ge datetime'2026-03-09T00:00:00'`,
  ).body.d.results;
  assert.deepEqual(
    rates.map((one) => [one['Rate'], one['Unit']]),
    [['41.5', 'H']],
  );
  assert.equal(
    client.json('GET', `${v2}API_BUSINESS_PARTNER/A_BusinessPartner?$filter=PersonNumber eq '10042'&$expand=to_BPEmployment`).body.d.results.length,
    1,
  );
});

test('a reservation is issued in parts, closes by itself, and opens again by reversal', () => {
  const { twin, client } = plant();
  const created = client.json('POST', `${v2}API_RESERVATION_DOCUMENT_SRV/A_ReservationDocumentHeader`, {
    GoodsMovementType: '261',
    OrderID: '4000871',
    GoodsRecipientName: 'LP88123',
    to_ReservationDocumentItem: {
      results: [
        {
          Product: '1234',
          Plant: '2100',
          StorageLocation: '21A1',
          ResvnItmRequiredQtyInEntryUnit: '5',
          EntryUnit: 'PC',
          MatlCompRequirementDate: '2026-03-12T00:00:00',
          ReservationItemText: 'LP-RES-1',
        },
      ],
    },
  });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const issue = (amount: string): unknown => ({
    GoodsMovementCode: '03',
    PostingDate: '2026-03-09T00:00:00',
    to_MaterialDocumentItem: {
      results: [{ GoodsMovementType: '261', Reservation: created.body.d['Reservation'], ReservationItem: '1', QuantityInEntryUnit: amount, EntryUnit: 'PC' }],
    },
  });
  const goods = `${v2}API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader`;
  assert.equal(client.send('POST', goods, issue('2')).status, 201);
  const last = client.json('POST', goods, issue('3'));
  assert.equal(client.json('POST', goods, issue('1')).body.error.code, 'M7/033');
  const document = String(last.body.d['MaterialDocument']);
  assert.equal(client.send('POST', `${v2}API_MATERIAL_DOCUMENT_SRV/Cancel?MaterialDocumentYear='2026'&MaterialDocument='${document}'`).status, 200);
  assert.equal(twin.world.reservations.items.all()[0]?.ResvnItmWithdrawnQtyInBaseUnit, '2');
  assert.equal(
    client.json('GET', `${v2}API_RESERVATION_DOCUMENT_SRV/A_ReservationDocumentItem?$filter=ReservationItemText eq 'LP-RES-1'`).body.d.results.length,
    1,
  );
  consistent(twin.world);
});

test('50,000 pieces of equipment load in seconds and are found by any lookup field at once', () => {
  const { twin, client } = plant();
  for (let i = 0; i < 50_000; i++)
    twin.world.addEquipment({
      EquipmentName: `Pump ${i}`,
      CompanyCode: '2100',
      CostCenter: '21004310',
      TechnicalObjectSortCode: `LP-A-${i}`,
      InventoryNumber: `INV-${i}`,
    });
  assert.equal(client.json('GET', `${v2}API_EQUIPMENT/Equipment?$filter=TechnicalObjectSortCode eq 'LP-A-49999'`).body.d.results.length, 1);
  assert.equal(client.send('GET', `${v2}API_EQUIPMENT/Equipment/$count?$filter=CompanyCode eq '2100'`).body, '50000');
});
