import { operationReference } from '#base/id';
import type { JsonObject } from '#base/json';
import { stockLane } from '#flows/lanes';
import { emptyOrder, emptyWorkOrder } from '#flows/procurement/state';
import type { RecordKind, RecordOf } from '#model/records';
import { records } from '#model/records';
import { memoryStore } from '#store/memory';
import type { EntryRow, NewEvent, OperationRow, Step, Store } from '#store/port';
import type { ReconcileSite } from '#assurance/plan';
import type { FreshRecord, ReconcileSide } from '#assurance/side';

/** When everything in a test happens. */
export const testNow = Date.UTC(2026, 10, 2, 12);
const pageSize = 37;

/** A system in memory: what it lists is what it holds. */
export class TestSide implements ReconcileSide {
  readonly name: string;
  readonly parallel = 4;
  readonly #kinds: ReadonlySet<RecordKind>;
  readonly held = new Map<RecordKind, FreshRecord[]>();
  /** Documents that are found by reference and never listed. */
  readonly traceable = new Map<string, { id: string; value?: { minor: number; currency: string } }>();
  reads = 0;

  constructor(name: string, kinds: readonly RecordKind[]) {
    this.name = name;
    this.#kinds = new Set(kinds);
  }

  lists(kind: RecordKind): boolean {
    return this.#kinds.has(kind);
  }

  page<K extends RecordKind>(kind: K, { cursor }: { readonly cursor?: string }): Promise<{ records: FreshRecord<K>[]; unreadable: []; cursor?: string }> {
    this.reads += 1;
    const from = Number(cursor ?? 0);
    const all = this.of(kind);
    return Promise.resolve({
      records: all.slice(from, from + pageSize),
      unreadable: [],
      ...(from + pageSize < all.length ? { cursor: String(from + pageSize) } : {}),
    });
  }

  traces({ record }: Pick<OperationRow, 'record'>): boolean {
    return record === 'costPosting' || record === 'workOrderCost';
  }

  trace({ reference }: OperationRow): Promise<{ id: string; value?: { minor: number; currency: string } } | undefined> {
    return Promise.resolve(this.traceable.get(reference));
  }

  of<K extends RecordKind>(kind: K): FreshRecord<K>[] {
    const list = this.held.get(kind) ?? [];
    this.held.set(kind, list);
    // Only `put` fills the list of a kind.
    return list as FreshRecord<K>[];
  }

  put(kind: RecordKind, key: string, hubId: string, record: unknown, references: readonly string[] = []): void {
    this.of(kind).push({ key, hubId, record: records[kind].parse(record), references });
  }

  /** Replaces members of the record with a number. */
  change(kind: RecordKind, key: string, members: JsonObject): void {
    const list = this.of(kind);
    const at = list.findIndex((one) => one.key === key);
    const found = list[at];
    if (!found) throw new Error(`${this.name} has no ${kind} ${key}`);
    list[at] = { ...found, record: { ...found.record, ...members } as RecordOf<RecordKind> };
  }

  remove(kind: RecordKind, key: string): void {
    const list = this.of(kind);
    const at = list.findIndex((one) => one.key === key);
    if (at < 0) throw new Error(`${this.name} has no ${kind} ${key}`);
    list.splice(at, 1);
  }
}

const financeKinds: readonly RecordKind[] = [
  'part',
  'stockLevel',
  'purchaseRequisition',
  'purchaseOrder',
  'goodsReceipt',
  'supplierInvoice',
  'goodsIssue',
  'asset',
  'fixedAsset',
];
const maintenanceKinds: readonly RecordKind[] = ['part', 'stockLevel', 'workOrder', 'workOrderCost', 'asset'];

/** Two systems and a hub that agree, of a chosen size. */
export interface TestPlant {
  readonly store: Store;
  readonly finance: TestSide;
  readonly maintenance: TestSide;
  readonly sites: readonly ReconcileSite[];
  /** Writes a lane's step: its own event is settled. */
  lane(lane: string, step?: Omit<Step, 'lane' | 'epoch'>): Promise<void>;
  /** An event that stays open. */
  waiting(event: Pick<NewEvent, 'lane' | 'kind' | 'key'> & { readonly data: JsonObject; readonly source?: string }): Promise<void>;
}

const euro = (minor: number): { minor: number; currency: string } => ({ minor, currency: 'EUR' });
const piece = { system: 'sap', code: 'PC' };

export const partId = (n: number): string => `erp.P${n}`;
export const storeroom = 'erp.ST1';
export const place = (n: number): string => `${partId(n)}@${storeroom}`;
export const orderNumber = (n: number): string => String(4500000000 + n);
export const workOrderId = (n: number): string => `cmms.${880000 + n}`;
export const costCentre = (n: number): string => `erp.CC${n % 5}`;
export const issueKey = (n: number): string => `${stockLane(partId(n), storeroom)}#stock#issue/workOrder/${workOrderId(n)}/1/1`;
export const issueNumber = (n: number): string => `${4900000000 + n}/2026`;
export const postingKey = (n: number): string => `workOrder/${workOrderId(n)}#costs#labour/1/1`;
export const requisitionKey = (n: number): string => `workOrder/${workOrderId(n)}#procurement#requisition/1`;
export const costRowKey = (n: number): string => `workOrder/${workOrderId(n)}#procurement#cost/requisition/1/10/1`;

/** An operation as the engine keeps it. */
export function testOperation(key: string, connection: string, record: string, other: Partial<OperationRow> = {}): OperationRow {
  const lane = key.slice(0, key.indexOf('#'));
  return {
    key,
    lane,
    chain: key,
    n: 1,
    eventKey: 'begin',
    flow: 'test',
    connection,
    record,
    verb: 'create',
    class: 'L',
    reference: operationReference(key),
    urgency: 0,
    thread: lane,
    site: 'S1',
    draft: {},
    payload: { body: {} },
    payloadHash: '',
    minor: null,
    currency: null,
    reason: 'it was wanted',
    state: 'applied',
    attempts: 1,
    dueAt: testNow,
    receipt: null,
    fault: null,
    createdAt: testNow,
    settledAt: testNow,
    ...other,
  };
}

/** Builds the plant; `n` things of every kind. */
export async function testPlant(n: number): Promise<TestPlant> {
  const store = memoryStore();
  const plant: TestPlant = {
    store,
    finance: new TestSide('erp', financeKinds),
    maintenance: new TestSide('cmms', maintenanceKinds),
    sites: [{ code: 'S1', maintenance: 'cmms', finance: 'erp' }],
    async lane(lane, step = {}) {
      const begin: NewEvent = {
        lane,
        kind: 'begin',
        key: 'begin',
        source: 'hub',
        object: lane,
        version: '1',
        urgency: 0,
        thread: lane,
        site: 'S1',
        data: {},
        at: testNow,
      };
      const { outcomes } = await store.accept([begin], { now: testNow });
      const work = await store.claimLane(lane, { worker: 'w', now: testNow, leaseMs: 1000 });
      const [result] = await store.commit(
        [
          {
            ...step,
            lane,
            epoch: work?.epoch ?? 0,
            ...(outcomes[0] === 'accepted' ? { settle: [{ key: 'begin', state: 'applied', reason: '' }] } : {}),
            release: { dueAt: null, urgency: 0 },
          },
        ],
        { worker: 'w', now: testNow, log: 'w' },
      );
      if (!result?.kept) throw result?.fault ?? new Error(`the step of ${lane} was not kept`);
    },
    async waiting({ lane, kind, key, data, source = 'hub' }) {
      await store.accept([{ lane, kind, key, source, object: lane, version: '1', urgency: 0, thread: lane, site: 'S1', data, at: testNow }], { now: testNow });
    },
  };
  for (let i = 0; i < n; i++) await addTo(plant, i);
  return plant;
}

async function addTo(plant: TestPlant, i: number): Promise<void> {
  const [hub, finance, maintenance] = [workOrderId(i), plant.finance, plant.maintenance];
  // Parts and stock: every third part is counted in boxes of twelve by maintenance.
  const boxed = i % 3 === 0;
  finance.put('part', `P${i}`, partId(i), {
    code: `P${i}`,
    name: `Part ${i}`,
    baseUnit: piece,
    alternativeUnits: [{ unit: { system: 'sap', code: 'BOX' }, numerator: '12', denominator: '1' }],
  });
  maintenance.put('part', `9${i}`, partId(i), { code: `P${i}`, name: `Part ${i}`, baseUnit: boxed ? { system: 'sap', code: 'BOX' } : piece });
  finance.put('stockLevel', `P${i}@ST1`, `erp.P${i}@ST1`, {
    part: partId(i),
    storeroom,
    site: 'S1',
    onHand: { value: String(12 * (i + 1)), unit: piece },
    valuationPrice: euro(250),
    pricePer: '1',
  });
  maintenance.put('stockLevel', `9${i}@1`, `cmms.9${i}@1`, {
    part: partId(i),
    storeroom,
    onHand: { value: String(boxed ? i + 1 : 12 * (i + 1)), unit: { system: 'part', code: 'base' } },
  });

  // A requisition, the order made from it, its receipt and invoice; and the cost row on the work order.
  const requisition = String(10000000 + i);
  finance.put('purchaseRequisition', requisition, `erp.${requisition}`, {
    number: requisition,
    reference: operationReference(requisitionKey(i)),
    lines: [{ line: '10', part: partId(i), quantity: { value: '4', unit: piece } }],
  });
  const linked = i % 2 === 0;
  finance.put('purchaseOrder', orderNumber(i), `erp.${orderNumber(i)}`, {
    number: orderNumber(i),
    currency: 'EUR',
    state: 'approved',
    lines: [
      {
        line: '10',
        part: partId(i),
        quantity: { value: '4', unit: piece },
        price: euro(1000),
        ...(linked ? { requisition, requisitionLine: '10' } : {}),
        account: { costCentre: costCentre(i) },
      },
    ],
  });
  const receipt = `${5000000000 + i}/2026`;
  finance.put('goodsReceipt', receipt, `erp.${receipt}`, {
    number: receipt,
    postedOn: '2026-11-01',
    lines: [{ line: '1', purchaseOrder: orderNumber(i), purchaseOrderLine: '10', part: partId(i), quantity: { value: '4', unit: piece }, direction: 'in' }],
  });
  const invoice = `${5100000000 + i}/2026`;
  finance.put('supplierInvoice', invoice, `erp.${invoice}`, {
    number: invoice,
    lines: [{ line: '1', purchaseOrder: orderNumber(i), purchaseOrderLine: '10', quantity: { value: '4', unit: piece }, amount: euro(4000) }],
  });
  const link = {
    lane: `workOrder/${hub}`,
    line: '1',
    requisition,
    requisitionLine: '10',
    thread: `workOrder/${hub}`,
    site: 'S1',
    priority: 'none',
    toStock: false,
  };
  const order = {
    ...emptyOrder(),
    seen: 'x',
    number: orderNumber(i),
    currency: 'EUR',
    links: linked ? { 10: link } : {},
    lines: {
      10: {
        quantity: '4',
        unit: piece,
        price: euro(1000),
        pricePer: '1',
        promisedOn: null,
        deleted: false,
        complete: false,
        final: false,
        part: partId(i),
        requisition: linked ? requisition : null,
        requisitionLine: linked ? '10' : null,
        received: null,
        costCentre: costCentre(i),
      },
    },
    receipts: { [receipt]: { seen: 'x', lines: [{ orderLine: '10', quantity: '4', unit: piece, complete: false }] } },
    invoices: { [invoice]: { seen: 'x', reversed: false, lines: [{ orderLine: '10', quantity: '4', unit: piece, amount: euro(4000), final: false }] } },
  };
  const entry = (key: number, other: Partial<EntryRow>): EntryRow => ({
    eventKey: 'begin',
    n: key,
    workOrder: hub,
    costCentre: costCentre(i),
    debit: 'settled',
    credit: 'need',
    minor: 0,
    currency: 'EUR',
    document: '',
    text: '',
    at: testNow,
    ...other,
  });
  const bought = entry(1, {
    debit: 'invoiced',
    credit: 'received',
    minor: 4000,
    document: `purchaseOrder/${orderNumber(i)}/10`,
    ...(linked ? {} : { workOrder: '' }),
  });
  await plant.lane(`purchaseOrder/erp.${orderNumber(i)}`, {
    state: { procurement: { order } } as unknown as JsonObject,
    ...(linked ? {} : { entries: [bought] }),
  });

  // A goods issue, a labour posting that can only be looked up, and a cost row.
  const posting = `${200000000 + i}/2026`;
  const row = `${880000 + i}/${operationReference(costRowKey(i))}`;
  const lane = stockLane(partId(i), storeroom);
  const request = { doc: 'requisition/1', docLine: '10', number: requisition, workOrder: hub, costCentre: costCentre(i), toStock: false };
  await plant.lane(lane, {
    insertOperations: [
      testOperation(issueKey(i), 'erp', 'goodsIssue', {
        draft: {
          workOrder: hub,
          account: { costCentre: costCentre(i) },
          lines: [{ line: '1', part: partId(i), storeroom, quantity: { value: '2', unit: piece }, direction: 'out' }],
        },
        receipt: { id: issueNumber(i), data: { value: euro(500) } },
      }),
    ],
  });
  await plant.lane(`workOrder/${hub}`, {
    state: { procurement: { workOrder: { ...emptyWorkOrder(), requests: [request] } } } as unknown as JsonObject,
    insertOperations: [
      testOperation(postingKey(i), 'erp', 'costPosting', {
        draft: { kind: 'labour', workOrder: hub, account: { costCentre: costCentre(i) }, amount: euro(3500) },
        receipt: { id: posting, data: { value: euro(3500) } },
      }),
      testOperation(requisitionKey(i), 'erp', 'purchaseRequisition', { n: 2, receipt: { id: requisition } }),
      testOperation(costRowKey(i), 'cmms', 'workOrderCost', { n: 3, draft: { workOrder: hub, amount: euro(4000) }, receipt: { id: row } }),
    ],
    entries: [entry(2, { minor: 500, document: `${lane}/1` }), entry(3, { minor: 3500, document: `costPosting/${posting}` }), ...(linked ? [bought] : [])],
  });
  finance.put('goodsIssue', issueNumber(i), `erp.${issueNumber(i)}`, {
    number: issueNumber(i),
    reference: operationReference(issueKey(i)),
    postedOn: '2026-11-01',
    account: { costCentre: costCentre(i) },
    lines: [{ line: '1', part: partId(i), storeroom, quantity: { value: '2', unit: piece }, direction: 'out', value: euro(500) }],
  });
  finance.traceable.set(operationReference(postingKey(i)), { id: posting, value: euro(3500) });
  maintenance.put('workOrderCost', row, `cmms.${row}`, {
    workOrder: hub,
    reference: operationReference(costRowKey(i)),
    kind: 'part',
    text: 'order',
    amount: euro(4000),
  });

  // An asset with its fixed asset; every tenth is disposed of on both sides.
  const gone = i % 10 === 9;
  finance.put('asset', `10${i}`, `erp.10${i}`, {
    code: `10${i}`,
    name: `Pump number ${i} of line ${i % 7}`,
    active: !gone,
    status: gone ? 'disposed' : 'operational',
    parent: 'erp.LINE',
    costCentre: costCentre(i),
    fixedAsset: `erp.F${i}`,
    site: 'S1',
  });
  maintenance.put('asset', `41${i}`, `erp.10${i}`, {
    code: `10${i}`,
    name: `Pump number ${i} of line ${i % 7}`,
    status: gone ? 'disposed' : 'operational',
    parent: 'erp.LINE',
    costCentre: costCentre(i),
  });
  finance.put('fixedAsset', `F${i}`, `erp.F${i}`, {
    code: `F${i}`,
    name: 'Pump',
    active: !gone,
    bookValue: euro(100000),
    ...(gone ? { retiredOn: '2026-10-30' } : {}),
  });
}
