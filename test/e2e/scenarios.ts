import { subtract } from '#base/decimal';
import type { Stage, StageOptions } from './stage.ts';

/** A scripted story: what people of both sides do, with the stage settled in between. Played once without faults, then again under each. */
export interface Scenario {
  readonly name: string;
  readonly options?: StageOptions;
  /** Acts and answers the work orders it was about. */
  play(stage: Stage): Promise<readonly number[]>;
}

/** The one requisition that a work order led to. */
export function onlyRequisition(stage: Stage): string {
  const numbers = [...stage.world.requisitions.headers.all()].map(({ PurchaseRequisition }) => PurchaseRequisition);
  if (numbers.length !== 1) throw new Error(`one requisition is expected, there are ${numbers.length}`);
  return numbers[0]!;
}

/** Approver, buyer, warehouse and accounts payable, each when the hub has come to rest: partial receipts of `parts` first, the rest later. */
export async function buy(stage: Stage, requisition: string, first: Readonly<Record<string, string>> = {}): Promise<string> {
  const { world } = stage;
  world.approveRequisition(requisition);
  await stage.settle();
  const order = world.convert(requisition, { supplier: '170001' }).PurchaseOrder;
  await stage.settle();
  for (const [item, quantity] of Object.entries(first)) world.receive(order, item, { quantity });
  if (Object.keys(first).length > 0) await stage.settle();
  for (const row of world.orders.items.by('PurchaseOrder', order))
    if (subtract(row.OrderQuantity, row.Received) !== '0') world.receive(order, row.PurchaseOrderItem);
  await stage.settle();
  for (const row of world.orders.items.by('PurchaseOrder', order)) world.invoice(order, row.PurchaseOrderItem);
  await stage.settle();
  return order;
}

export const overhaul: Scenario = {
  name: '001-34 pump overhaul: three parts by direct procurement',
  async play(stage) {
    const workOrder = stage.workOrder({
      title: 'Pump overhaul',
      asset: 'CLV-U-P7',
      type: 'PREVENTIVE',
      parts: [
        ['SEAL-45', 2],
        ['IMPELLER-7', 1],
        ['GASKET-K', 3],
      ],
    });
    stage.technician.release(workOrder);
    await stage.settle();
    await buy(stage, onlyRequisition(stage), { 10: '1', 30: '2' });
    return [workOrder];
  },
};

/** The finance side does not plan this part: the hub is the one that watches its reorder point. */
export const hubWatches: StageOptions = {
  before({ erp: { world } }) {
    const row = world.materials.planning.get('FILTER-25', '1100');
    if (row) world.store.transaction(() => world.materials.planning.update(row, { MRPType: 'ND' }));
  },
};

export async function replaceFilters(stage: Stage, count: number): Promise<number> {
  const workOrder = stage.workOrder({ title: 'Replace filter', asset: 'CLV-U-P7', parts: [['FILTER-25', count]] });
  stage.technician.release(workOrder);
  await stage.settle();
  stage.technician.complete(workOrder);
  await stage.settle();
  return workOrder;
}

export const filter: Scenario = {
  name: '001-35 filter replacement: count below its reorder point, replenished once',
  options: hubWatches,
  async play(stage) {
    const workOrder = await replaceFilters(stage, 2);
    await buy(stage, onlyRequisition(stage));
    return [workOrder];
  },
};

export const bearing: Scenario = {
  name: '001-36 corrective order: a bearing that is not stocked, requested without anyone of procurement',
  options: { finance: { releasedUpTo: '1000' } },
  async play(stage) {
    const workOrder = stage.workOrder({ title: 'Bearing seized', asset: 'CLV-U-P7', type: 'REACTIVE', priority: 'HIGH', parts: [['BRG-SPECIAL', 1]] });
    stage.technician.release(workOrder);
    await stage.settle();
    const { world } = stage;
    const order = world.convert(onlyRequisition(stage), { supplier: '170001' }).PurchaseOrder;
    await stage.settle();
    world.receive(order, '10');
    await stage.settle();
    world.invoice(order, '10');
    await stage.settle();
    stage.technician.logTime(workOrder, stage.user('10001'), 7200);
    stage.technician.complete(workOrder);
    await stage.settle();
    return [workOrder];
  },
};

export const repair: Scenario = {
  name: '001-37 major repair over two weeks: costs accumulate by the day',
  options: { policies: { costs: { undatedLabour: 'firstSeen' } } },
  async play(stage) {
    const workOrder = stage.workOrder({ title: 'Major repair', asset: 'CLV-U-P7', parts: [['IMPELLER-7', 1]] });
    stage.technician.release(workOrder);
    await stage.settle();
    stage.world.approveRequisition(onlyRequisition(stage));
    await stage.days(10, (day) => void stage.technician.logTime(workOrder, stage.user(day % 2 === 0 ? '10001' : '10002'), 3600 * (day + 1)));
    stage.technician.complete(workOrder);
    await stage.settle();
    return [workOrder];
  },
};

export const cascade: Scenario = {
  name: '000-23 one completion: history, goods issue, labour, asset status',
  async play(stage) {
    const workOrder = stage.workOrder({
      title: 'Pump stopped',
      asset: 'CLV-U-P7',
      priority: 'HIGH',
      parts: [
        ['BRG-6205', 2],
        ['OIL-46', 20],
      ],
    });
    stage.technician.setAssetStatus(stage.asset('CLV-U-P7'), 'OFFLINE');
    stage.technician.release(workOrder);
    await stage.settle();
    stage.technician.logTime(workOrder, stage.user('10001'), 12_600);
    stage.technician.complete(workOrder);
    stage.technician.setAssetStatus(stage.asset('CLV-U-P7'), 'ONLINE');
    await stage.settle();
    return [workOrder];
  },
};

/** Played without faults and under each of them. */
export const scenarios: readonly Scenario[] = [overhaul, filter, bearing, repair, cascade];

const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** Where a story ends in both twins and in the hub's ledger, without numbers that differ from run to run. */
export async function figures(stage: Stage, workOrders: readonly number[]): Promise<unknown> {
  const { world } = stage;
  const sorted = (rows: Iterable<readonly unknown[]>): string[] => [...rows].map((row) => row.map(text).join(' ')).sort();
  const balances = await Promise.all(workOrders.map((workOrder) => stage.balances(workOrder)));
  const accounts = new Map<string, true>([...world.ledger.items.all()].map((row) => [row.GLAccount, true]));
  return {
    requisitions: sorted([...world.requisitions.items.all()].map((row) => [row.Material, row.RequestedQuantity, row.IsClosed, row.IsDeleted])),
    orders: sorted([...world.orders.items.all()].map((row) => [row.Material, row.OrderQuantity, row.Received, row.Invoiced, row.InvoicedValue])),
    movements: sorted(
      [...world.movements.items.all()].map((row) => [row.GoodsMovementType, row.Material, row.StorageLocation, row.QuantityInBaseUnit, row['CostCenter']]),
    ),
    labour: sorted(
      [...world.ledger.items.all()]
        .filter((row) => row['AccountingDocumentType'] === 'CO' || text(row['DocumentItemText']).startsWith('Labour'))
        .map((row) => [row.GLAccount, row['CostCenter'], row.AmountInCompanyCodeCurrency]),
    ),
    allocations: sorted(
      [...world.activities.items.all()].map((row) => [row['ReceiverCostCenter'], row['SenderCostCenter'], row['QuantityInActivityUnit'], row['Quantity']]),
    ),
    accounts: [...accounts.keys()].sort().map((account) => `${account} ${stage.booked(account)}`),
    onHand: ['FILTER-25', 'OIL-46', 'BRG-6205'].map((part) => ({ part, ...stage.onHand(part) })),
    costRows: workOrders.map((workOrder) =>
      stage
        .costRows(workOrder)
        .map(({ cents }) => cents)
        .sort((a, b) => a - b),
    ),
    balances,
    records: { parts: stage.cmms.world.parts.size, assets: stage.cmms.world.assets.size, users: stage.cmms.world.users.size },
    waiting: (await stage.exceptions()).map(({ title, text: why }) => `${title}: ${why}`).sort(),
  };
}

/** What must hold whatever happened: one document for each operation, no event lost, books balanced, nothing left on its way, an audit log that verifies. Answers what does not. */
export async function broken(stage: Stage): Promise<string[]> {
  const { world } = stage;
  const found = [...world.check()];
  const documents = documentsBy(stage);
  for (const operation of await stage.operations()) {
    if (operation.verb !== 'create' || (operation.connection !== 'erp' && operation.record !== 'workOrderCost')) continue;
    const made = (documents[operation.record] ?? documents['other'] ?? []).filter((texts) => texts.includes(operation.reference)).length;
    if (made > 1) found.push(`I2: ${operation.key} has ${made} documents`);
    if (made === 0 && operation.state === 'applied' && operation.class === 'L') found.push(`I2: ${operation.key} is applied and has no document`);
  }
  const states = await stage.events();
  let listed = 0;
  for (let after: { lane: string; seq: number } | undefined; ;) {
    const page = await stage.store.read.listEvents({ limit: 1000, ...(after ? { after } : {}) });
    listed += page.length;
    const last = page.at(-1);
    if (page.length < 1000 || !last) break;
    after = { lane: last.lane, seq: last.seq };
  }
  const counted = Object.values(states).reduce((sum, count) => sum + count, 0);
  if (counted !== listed) found.push(`I1: ${listed} events, ${counted} in a state`);
  if (states.pending > 0) found.push(`${states.pending} events are undecided`);
  for (const [account, minor] of await ledgerSums(stage)) if (minor !== 0) found.push(`I5: ${account} is off by ${minor}`);
  return [...found, ...(await stage.audit())];
}

/** Each business document of the twins as one text, by the record it is. */
function documentsBy(stage: Stage): Readonly<Record<string, readonly string[]>> {
  const { requisitions, movements, activities, invoices, reservations, assets, ledger } = stage.world;
  const items = (number: string): readonly unknown[] => requisitions.items.by('PurchaseRequisition', number);
  const journal = new Map<string, string>();
  for (const row of ledger.items.all()) journal.set(row.AccountingDocument, `${journal.get(row.AccountingDocument) ?? ''}${JSON.stringify(row)}`);
  return {
    costPosting: [...journal.values()],
    workOrderCost: [...stage.cmms.world.workOrders.values()].flatMap(({ costs }) => costs.map((row) => JSON.stringify(row))),
    purchaseRequisition: [...requisitions.headers.all()].map((row) => JSON.stringify([row, items(row.PurchaseRequisition)])),
    other: [movements.headers, activities.allocations, invoices.headers, reservations.headers, assets.postings].flatMap((table) =>
      [...table.all()].map((row) => JSON.stringify(row)),
    ),
  };
}

/** Sum of all accounts per work order, cost centre and currency: zero each. */
async function ledgerSums(stage: Stage): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const { workOrder, costCentre, currency, minor } of await stage.store.read.balances({}))
    sums.set(`${workOrder}|${costCentre}|${currency}`, (sums.get(`${workOrder}|${costCentre}|${currency}`) ?? 0) + minor);
  return sums;
}
