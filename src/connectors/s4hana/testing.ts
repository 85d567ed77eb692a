import { ManualClock } from '#base/clock';
import type { JsonObject } from '#base/json';
import { seededRandom } from '#base/random';
import type { RecordKind } from '#model/records';
import { s4hanaTwin, type S4Twin } from '#simulators/s4hana/twin';
import type { S4Config } from '#simulators/s4hana/config';
import type { Bench, BenchSystem } from '#spi/bench';
import { s4hana } from '#connectors/s4hana/connector';
import { NoAnswer, type Send } from '#spi/transport';

/** A connection's settings for the plant below: two company codes in two currencies. */
export const settings = {
  baseUrl: 'https://my300001-api.s4hana.example',
  sapClient: '100',
  controllingArea: 'A000',
  chartOfAccounts: 'YCOA',
  plants: {
    2100: { companyCode: '2100', purchasingOrganisation: '2100', purchasingGroup: '013', planningPlant: '2100' },
    1710: { companyCode: '1710', purchasingOrganisation: '1710', purchasingGroup: '001', planningPlant: '1710' },
  },
  companyCodes: {
    2100: {
      currency: 'EUR',
      labour: { costCentre: '21009000', activityType: 'MNT01' },
      service: { debit: '61008000', credit: '94308000', creditCostCentre: '21009000' },
      adjustment: { debit: '61008000', credit: '94308000', creditCostCentre: '21009000' },
    },
    1710: { currency: 'USD' },
  },
  odata: { requisition: 'v4', order: 'v4' },
  requisition: { type: 'NB', expeditedType: 'NBX', requisitioner: 'LINCHPIN' },
  equipment: { category: 'M' },
  returnReason: '1',
  scrapReason: '2',
  employeeCostCentre: 'SearchTerm1',
  fixedAsset: { ledger: '0L', depreciationArea: '01', retirement: { transactionType: '210', documentType: 'AA', scrapped: '1', sold: '2' } },
  journal: { path: '/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfirmation_in', documentType: 'SA', user: 'LINCHPIN' },
  assetValues: { root: '/sap/opu/odata/sap/YY1_ASSETVALUES_CDS', entity: 'YY1_AssetValues' },
  assetDepreciation: { root: '/sap/opu/odata/sap/YY1_ASSETDEPRECIATION_CDS', entity: 'YY1_AssetDepreciation' },
  labourRates: { root: '/sap/opu/odata/sap/YY1_LABOURRATES_CDS', entity: 'YY1_LabourRates' },
} as const;

export const credential = { user: 'LINCHPIN', password: 'plant-floor-2026' };
export const began = Date.parse('2026-03-09T08:00:00Z');

export interface Plant extends BenchSystem {
  readonly twin: S4Twin;
}

/** The network of a twin without a socket. */
export function sendTo(twin: S4Twin): Send {
  return (request) => {
    const url = new URL(request.url);
    if (request.signal?.aborted) return Promise.reject(new NoAnswer(`${request.method} ${url.pathname} was stopped`, { sent: false }));
    const answer = twin.handle({
      method: request.method,
      url: url.pathname + url.search,
      headers: { ...request.headers, host: url.host },
      body: request.body ?? '',
    });
    const { 'set-cookie': cookies = [], ...headers } = answer.headers;
    return Promise.resolve({
      status: answer.status,
      headers: headers as Record<string, string>,
      cookies: typeof cookies === 'string' ? [cookies] : cookies,
      body: answer.body,
    });
  };
}

/** Numbers that the twin gives in its order of making. */
const text = (row: unknown, name: string): string => String((row as Record<string, unknown>)[name]);

/** A plant with `count` records of each kind that can be listed, and whatever postings need besides. */
export function plantSystem(count: number, config: Partial<S4Config> = {}): Plant {
  const clock = new ManualClock(began);
  const twin = s4hanaTwin({ clock, random: seededRandom(7), config: { pageSize: 2, ...config } });
  const { world } = twin;
  world.organisation.addCompanyCode({ code: '2100', currency: 'EUR' });
  world.organisation.addCompanyCode({ code: '1710', currency: 'USD' });
  world.organisation.addPlant({ plant: '2100', companyCode: '2100', storageLocations: ['21A1', '21A2'] });
  world.organisation.addPlant({ plant: '1710', companyCode: '1710', storageLocations: ['171A'] });
  const numbers = Array.from({ length: count }, (_, index) => index);
  const centre = (index: number): string => (index === 0 ? '21004310' : index === 1 ? '21009000' : `2100${5000 + index}`);
  for (const index of numbers) world.addCostCentre({ costCentre: centre(index), name: `Centre ${index}`, companyCode: '2100' });
  for (const index of numbers) world.addSupplier({ supplier: String(1_000_001 + index), name: `Supplier ${index}`, companyCodes: ['2100'] });
  for (const index of numbers)
    world.addMaterial({
      material: index === 0 ? 'BRG-6205-2RS' : String(1000 + index),
      description: `Part ${index}`,
      baseUnit: 'PC',
      units: [{ unit: 'BOX', numerator: '12', denominator: '1' }],
      plants: [{ plant: '2100', storageLocations: ['21A1'], procedure: index % 2 === 0 ? 'V' : 'S', price: '12.5', reorderPoint: '4' }],
    });
  for (const index of numbers)
    world.addFunctionalLocation({ FunctionalLocation: `LC-${index}`, FunctionalLocationName: `Place ${index}`, MaintenancePlant: '2100' });
  for (const index of numbers)
    world.assets.create({
      companyCode: '2100',
      assetClass: '3100',
      description: `Asset ${index}`,
      costCentre: centre(0),
      today: '2026-03-09',
      capitalised: '2026-01-01',
      number: String(300_417 + index),
    });
  for (const index of numbers)
    world.addEquipment({
      EquipmentName: `Pump ${index}`,
      MaintenancePlant: '2100',
      CompanyCode: '2100',
      ...(index === 0 ? { MasterFixedAsset: '300417', CostCenter: centre(0) } : {}),
    });
  for (const index of numbers)
    world.addEmployee({
      partner: String(9_980_000_001 + index),
      personnelNumber: String(10_042 + index),
      firstName: 'Ann',
      lastName: `Fitter ${index}`,
      from: '2020-01-01',
      costCentre: centre(0),
    });
  for (const index of numbers) world.activities.addLabourRate({ personnelNumber: String(10_042 + index), rate: '62.5', currency: 'EUR', from: '2026-01-01' });
  if (count >= 2) {
    for (const one of [0, 1]) world.activities.addRate({ costCentre: centre(one), activityType: 'MNT01', rate: '70', from: '2000-01-01' });
    world.addOrder({ order: '4000871', description: 'Replace bearing P-204', companyCode: '2100' });
  }
  for (const _ of numbers) buy(world);
  for (const _ of numbers) issue(world, '201');
  return {
    twin,
    clock,
    send: sendTo(twin),
    count: (kind) => counted(twin, kind),
    touch: (kind, index) => touched(twin, kind, index),
    restrict: (permissions) => twin.permit('LINCHPIN', servicesOf(permissions)),
  };
}

/** The same plant with what people and other programs did in it besides: scrap, depreciation runs, cost postings of their own. */
export function busyPlant(count: number, config: Partial<S4Config> = {}): Plant {
  const plant = plantSystem(count, config);
  const { world } = plant.twin;
  const numbers = Array.from({ length: count }, (_, index) => index);
  if (count > 0) buy(world, 'open');
  for (const _ of numbers) issue(world, '551');
  for (const index of numbers) world.assets.capitalise('2100', String(300_417 + index), '0', '12000', '2026-01-01');
  if (count > 0) for (const period of ['1', '2']) world.assets.runDepreciation('2100', '2026', period);
  if (count >= 2) {
    for (const index of numbers.slice(1)) labour(world, index);
    entryByHand(world);
  } else for (const _ of numbers) entryByHand(world);
  return plant;
}

/** Services that permissions of the connector open: they begin with the name of the service, or with the settings that name the customer's own. */
function servicesOf(permissions: readonly string[]): string[] {
  return permissions.flatMap((name) =>
    name
      .slice(0, name.indexOf(':'))
      .split(', ')
      .map((one) => customServices[one] ?? one),
  );
}
const customServices: Readonly<Record<string, string>> = {
  assetValues: 'YY1_ASSETVALUES_CDS',
  assetDepreciation: 'YY1_ASSETDEPRECIATION_CDS',
  labourRates: 'YY1_LABOURRATES_CDS',
};

/** One requisition that becomes an order, a receipt and an invoice. */
function buy(world: S4Twin['world'], until: 'invoiced' | 'open' = 'invoiced'): void {
  const requisition = world.store.transaction(() =>
    world.requisitions.create(
      {
        header: { PurReqnDescription: 'Bearing' },
        items: [
          {
            item: {
              Material: 'BRG-6205-2RS',
              RequestedQuantity: '20',
              BaseUnit: 'PC',
              Plant: '2100',
              StorageLocation: '21A1',
              DeliveryDate: '2026-03-12',
              PurchasingGroup: '013',
            },
            accounts: [],
            texts: [],
          },
          {
            item: {
              PurchaseRequisitionItemText: 'Inspection',
              MaterialGroup: 'SERV',
              RequestedQuantity: '1',
              BaseUnit: 'PC',
              Plant: '2100',
              DeliveryDate: '2026-03-12',
              AccountAssignmentCategory: 'K',
              PurchaseRequisitionPrice: '80',
              PurReqnItemCurrency: 'EUR',
            },
            accounts: [{ CostCenter: '21004310', GLAccount: '61008000' }],
            texts: [],
          },
        ],
      },
      'PLANNER',
    ),
  );
  world.approveRequisition(requisition.PurchaseRequisition);
  const order = world.convert(requisition.PurchaseRequisition, { supplier: '1000001', item: '10' });
  if (until === 'open') return;
  world.receive(order.PurchaseOrder, '10');
  world.invoice(order.PurchaseOrder, '10');
}

function labour(world: S4Twin['world'], index: number): void {
  world.store.transaction(() =>
    world.activities.allocate(
      { PostingDate: '2026-03-09', AccountingDocumentHeaderText: `by hand ${index}` },
      [{ senderCostCentre: '21009000', activityType: 'MNT01', quantity: '1.5', unit: 'H', receiverCostCentre: '21004310', personnelNumber: '10042' }],
      'CLERK',
      world.now(),
    ),
  );
}

function entryByHand(world: S4Twin['world']): void {
  world.store.transaction(() =>
    world.ledger.post({
      companyCode: '2100',
      postingDate: '2026-03-09',
      documentType: 'SA',
      user: 'CLERK',
      lines: [
        { account: '61008000', amount: '80', costCentre: '21004310', text: 'Crane hire' },
        { account: '94308000', amount: '-80', costCentre: '21004310' },
      ],
    }),
  );
}

function issue(world: S4Twin['world'], type: '201' | '551'): void {
  world.store.transaction(() =>
    world.movements.post(
      { GoodsMovementCode: '03', PostingDate: '2026-03-09' },
      [
        {
          GoodsMovementType: type,
          Material: 'BRG-6205-2RS',
          Plant: '2100',
          StorageLocation: '21A1',
          QuantityInEntryUnit: '1',
          EntryUnit: 'PC',
          CostCenter: '21004310',
          ...(type === '551' ? { GoodsMovementReasonCode: '2' } : {}),
        },
      ],
      'CLERK',
    ),
  );
}

const receiptTypes = new Set(['101', '102', '122']);
const issueTypes = new Set(['201', '202', '241', '242', '261', '262']);
const scrapTypes = new Set(['551', '552']);
const typesOf = { goodsReceipt: receiptTypes, goodsIssue: issueTypes, scrapPosting: scrapTypes } as const;

function documents(twin: S4Twin, types: ReadonlySet<string>): readonly Record<string, unknown>[] {
  const { movements } = twin.world;
  const numbers = new Set(
    movements.items
      .all()
      .filter((item) => types.has(text(item, 'GoodsMovementType')))
      .map((item) => text(item, 'MaterialDocument')),
  );
  return movements.headers.all().filter((header) => numbers.has(text(header, 'MaterialDocument')));
}

function counted({ world }: S4Twin, kind: RecordKind): number {
  const twin = { world } as S4Twin;
  const sizes: Partial<Record<RecordKind, () => number>> = {
    part: () => world.materials.products.size,
    stockLevel: () => world.materials.storageLocations.size,
    storeroom: () => new Set(world.materials.storageLocations.all().map((row) => `${text(row, 'Plant')}/${text(row, 'StorageLocation')}`)).size,
    vendor: () => world.partners.suppliers.size,
    employee: () => world.partners.employments.size,
    costCentre: () => world.organisation.costCentres.size,
    location: () => world.technical.locations.size,
    asset: () => new Set(world.technical.equipment.all().map((row) => row.Equipment)).size,
    fixedAsset: () => world.assets.assets.size,
    assetDisposal: () => world.assets.postings.size,
    purchaseRequisition: () => world.requisitions.headers.size,
    purchaseOrder: () => world.orders.headers.size,
    reservation: () => world.reservations.headers.size,
    supplierInvoice: () => world.invoices.headers.size,
    costPosting: () =>
      world.activities.allocations.size +
      new Set(world.ledger.items.all().flatMap((line) => (line['AccountingDocumentType'] === 'SA' ? [line.AccountingDocument] : []))).size,
    labourRate: () => world.activities.labourRates.size,
    goodsReceipt: () => documents(twin, receiptTypes).length,
    goodsIssue: () => documents(twin, issueTypes).length,
    scrapPosting: () => documents(twin, scrapTypes).length,
    glAccount: () => world.organisation.glAccounts.size,
    depreciationSchedule: () => world.assets.assets.size,
  };
  return sizes[kind]?.() ?? 0;
}

/** Moves the time of change of a record, as if somebody had changed it now; documents that never change are entered anew. */
function touched({ world }: S4Twin, kind: RecordKind, index: number): string {
  const now = world.now();
  const [day = '', clock = ''] = new Date(now).toISOString().split('T');
  const changed = { LastChangeDateTime: now };
  const entered = { CreationDate: day, CreationTime: clock.slice(0, 8) };
  const at = <T>(rows: readonly T[]): T => rows[index] as T;
  const twin = { world } as S4Twin;
  switch (kind) {
    case 'part':
      return world.materials.products.update(at(world.materials.products.all()), changed).Product;
    case 'location':
      return world.technical.locations.update(at(world.technical.locations.all()), changed).FunctionalLocation;
    case 'asset':
      return world.technical.equipment.update(at(world.technical.equipment.all()), changed).Equipment;
    case 'vendor':
      return world.partners.partners.update(at(world.partners.partners.all().filter((row) => row.Supplier !== '')), {
        LastChangeDate: day,
        LastChangeTime: clock.slice(0, 8),
      }).Supplier;
    case 'purchaseRequisition': {
      const header = at(world.requisitions.headers.all());
      for (const item of world.requisitions.items.by('PurchaseRequisition', header.PurchaseRequisition)) world.requisitions.items.update(item, changed);
      return header.PurchaseRequisition;
    }
    case 'purchaseOrder':
      return world.orders.headers.update(at(world.orders.headers.all()), changed).PurchaseOrder;
    case 'supplierInvoice': {
      const row = world.invoices.headers.update(at(world.invoices.headers.all()), {
        SuplrInvcLstChgDteTmeTxt: `${`${day}${clock.slice(0, 8)}`.replace(/[-:]/g, '')}.0000000`,
      });
      return `${row.SupplierInvoice}/${row.FiscalYear}`;
    }
    case 'goodsReceipt':
    case 'goodsIssue':
    case 'scrapPosting': {
      const row = at(documents(twin, typesOf[kind]));
      world.movements.headers.update(row as never, entered as never);
      return `${text(row, 'MaterialDocument')}/${text(row, 'MaterialDocumentYear')}`;
    }
    default:
      return '';
  }
}

/** Drafts as the mapping writes them. */
export const drafts: Partial<Record<RecordKind, JsonObject>> = {
  asset: {
    EquipmentName: 'Centrifugal pump P-204',
    MaintenancePlant: '2100',
    CostCenter: '21004310',
    ManufacturerSerialNumber: 'KX-77-0193',
    fixedAsset: '2100/300417/0',
  },
  fixedAsset: {
    FixedAssetDescription: 'Centrifugal pump P-204',
    CompanyCode: '2100',
    AssetClass: '3100',
    CostCenter: '21004310',
    AssetCapitalizationDate: '2026-03-02',
    usefulLifeYears: '10',
  },
  purchaseRequisition: {
    PurReqnDescription: 'WO 88123 P-204 bearing',
    reason: 'Bearing worn',
    _PurchaseRequisitionItem: [
      {
        kind: 'part',
        Material: 'BRG-6205-2RS',
        RequestedQuantity: '2',
        BaseUnit: 'PC',
        storeroom: '2100/21A1',
        DeliveryDate: '2026-03-12',
        account: { order: '4000871' },
      },
      {
        kind: 'service',
        PurchaseRequisitionItemText: 'Laser alignment',
        MaterialGroup: 'SERV',
        RequestedQuantity: '1',
        BaseUnit: 'PC',
        Plant: '2100',
        DeliveryDate: '2026-03-12',
        PurchaseRequisitionPrice: '120.00',
        PurReqnItemCurrency: 'EUR',
        account: { costCentre: '21004310', glAccount: '61008000' },
      },
    ],
  },
  goodsIssue: {
    PostingDate: '2026-03-09',
    MaterialDocumentHeaderText: 'WO 88123',
    account: { order: '4000871' },
    to_MaterialDocumentItem: [{ Material: 'BRG-6205-2RS', storeroom: '2100/21A1', QuantityInEntryUnit: '2', EntryUnit: 'PC', direction: 'out' }],
  },
  assetDisposal: { fixedAsset: '2100/300418/0', PostingDate: '2026-03-09', kind: 'scrapped' },
  scrapPosting: {
    PostingDate: '2026-03-09',
    MaterialDocumentHeaderText: 'Scrap of line 3',
    Material: 'BRG-6205-2RS',
    storeroom: '2100/21A1',
    QuantityInEntryUnit: '1',
    EntryUnit: 'PC',
    account: { costCentre: '21004310' },
  },
  reservation: {
    account: { costCentre: '21004310' },
    to_ReservationDocumentItem: [
      { Product: 'BRG-6205-2RS', storeroom: '2100/21A1', ResvnItmRequiredQtyInEntryUnit: '2', EntryUnit: 'PC', MatlCompRequirementDate: '2026-03-12' },
    ],
  },
  costPosting: {
    kind: 'labour',
    PostingDate: '2026-03-09',
    text: 'Labour WO 88123',
    PersonnelNumber: '10042',
    hours: '3.5',
    amount: '245.00',
    currency: 'EUR',
    account: { costCentre: '21004310' },
  },
};

/** Permissions that this bench's settings do not use: another service does instead, or another kind of document is the one that is drafted. */
function notNeededHere(others: readonly string[]): Record<string, string> {
  const check = (service: string, why: string): [string, string] => {
    const permission = s4hana.permissions.find(({ name }) => name.startsWith(`${service}:`))?.name ?? service;
    return [`permissions: without "${permission}" something is refused`, why];
  };
  return Object.fromEntries([
    ...others.map((service) => check(service, 'the service of the other version is used here; the suite runs once with each version')),
    check(
      'JournalEntryCreateRequestConfirmation_In',
      'the drafted posting is an allocation; the exchange tests show that an entry is refused without this permission',
    ),
  ]);
}

/** Receives one piece of an order that stays open for it; the twin gives the same numbers each time. */
function receiptDraft(config: Partial<S4Config> | undefined): JsonObject {
  const order = busyPlant(3, config).twin.world.orders.headers.all().at(-1)?.PurchaseOrder ?? '';
  return {
    PostingDate: '2026-03-09',
    to_MaterialDocumentItem: [
      { PurchaseOrder: order, PurchaseOrderItem: '10', QuantityInEntryUnit: '1', EntryUnit: 'PC', storeroom: '2100/21A1', direction: 'in' },
    ],
  };
}

/** The bench of the contract suite. */
export function s4hanaBench(
  extra: { readonly config?: Readonly<Record<string, unknown>>; readonly twin?: Partial<S4Config>; readonly without?: readonly string[] } = {},
): Bench {
  const kinds: readonly RecordKind[] = [
    'part',
    'stockLevel',
    'storeroom',
    'vendor',
    'costCentre',
    'glAccount',
    'location',
    'asset',
    'fixedAsset',
    'depreciationSchedule',
    'purchaseRequisition',
    'purchaseOrder',
    'goodsReceipt',
    'goodsIssue',
    'scrapPosting',
    'costPosting',
    'reservation',
    'supplierInvoice',
    'employee',
    'labourRate',
  ];
  const oneDisposal = 'an asset is disposed of once: a second operation on it is refused, which the exchange tests show with the lookup';
  const elsewhere = 'shown in the exchange tests: the contract has one fixed draft, and this document needs one that an earlier one made';
  return {
    config: { ...settings, ...extra.config },
    credential,
    badCredential: { user: 'LP', password: 'canary-8d1f0c77ab' },
    start: (count) => busyPlant(count, extra.twin),
    drafts: { ...drafts, goodsReceipt: receiptDraft(extra.twin) },
    reversals: {
      goodsReceipt: (id) => ({ PostingDate: '2026-03-09', reverses: id }),
      goodsIssue: (id) => ({ PostingDate: '2026-03-09', reverses: id }),
      scrapPosting: (id) => ({ PostingDate: '2026-03-09', reverses: id }),
      costPosting: (id) => ({ ...drafts.costPosting, reverses: id }),
    },
    changes: {
      asset: { payload: { EquipmentName: 'Pump renamed' } },
      purchaseRequisition: { payload: { _PurchaseRequisitionItem: [{ PurchaseRequisitionItem: '20', DeliveryDate: '2026-03-20' }] } },
    },
    waivers: {
      'limits: the declared pace is never refused, in bursts as large as may run at once':
        'SAP publishes no limits of requests; answers 429 and 503 are tried with the button of the twin',
      'limits: a pace beyond them is throttled, says how long to wait, and goes on after that time':
        'SAP publishes no limits of requests; answers 429 and 503 are tried with the button of the twin',
      'storeroom: a record without its members is held by itself, and the others of its page are given':
        'storerooms are asked for one after the other: a row without its place ends the list with a fault, which the exchange tests show',
      'assetTransfer: create is tried': elsewhere,
      'assetDisposal: two operations make two records': oneDisposal,
      'assetDisposal: a lookup finds its own operation and no other': oneDisposal,
      ...notNeededHere(extra.without ?? ['API_PURCHASEREQ_PROCESS_SRV', 'API_PURCHASEORDER_PROCESS_SRV']),
      ...Object.fromEntries(
        kinds.map((kind) => [
          `${kind}: reading: 503 is unreachable`,
          'SAP says 503 with Retry-After where it is too busy: that is throttling, and the wait is kept',
        ]),
      ),
    },
  };
}
