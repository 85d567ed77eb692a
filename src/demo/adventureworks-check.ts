import { add, compare, divide, multiply, negate, sum, type Decimal } from '#base/decimal';
import { amountText, money, type Money } from '#base/money';
import { currency, siteCode } from '#demo/adventureworks-codes';
import { invoiceAmount, type Purchasing } from '#demo/adventureworks-purchasing';
import { scrapAccounts, scrapMark } from '#demo/adventureworks-story';
import { placeKey, usedOf, type PlayWindow } from '#demo/adventureworks-window';
import type { Stage } from '#demo/stage';

/** The accounts of hours, as the demo's connection is configured. */
const labourAccount = '61008000';
/** Journal entries that the hub makes. */
const journalType = 'SA';
const hub = 'LINCHPIN';

/** Sums of the tables or of the systems; keys are sorted by whoever compares. Quantities in the part's base unit, amounts in cents. */
export interface Sums {
  /** On hand by `part@storeroom` when all is over. */
  readonly onHand: Readonly<Record<string, Decimal>>;
  /** Issued to work orders by `part@storeroom`. */
  readonly issued: Readonly<Record<string, Decimal>>;
  readonly issuedValueMinor: number;
  /** Hours and cost by cost centre. */
  readonly labour: Readonly<Record<string, { readonly hours: Decimal; readonly minor: number }>>;
  readonly scrap: Readonly<Record<string, { readonly lines: number; readonly minor: number }>>;
  /** Quantity, part and reason code of scrap, as the postings say it, to how many there are. */
  readonly scrapTexts: Readonly<Record<string, number>>;
  /** Ordered, kept and invoiced by purchase order of the tables. */
  readonly purchases: Readonly<Record<string, { readonly ordered: Decimal; readonly kept: Decimal; readonly invoicedMinor: number }>>;
  /** Bought for work orders because no storeroom keeps it. */
  readonly boughtForWork: { readonly lines: number; readonly quantity: Decimal };
}

/** Sums that the window gives. */
export function expectedSums(window: PlayWindow): Sums {
  const { plant, orders, history, purchases } = window;
  const used = usedOf(orders);
  const standard = new Map(
    plant.parts.map(({ code, standardCost, price }) => [code, standardCost !== undefined && compare(standardCost, '0') > 0 ? standardCost : price]),
  );
  const room = mainStorerooms(window);
  const onHand: Record<string, Decimal> = {};
  for (const { part, storeroom, onHand: opening } of plant.stock)
    onHand[placeKey(part, storeroom)] = add(opening, negate(used.get(placeKey(part, storeroom)) ?? '0'));
  for (const { kind, order } of purchases)
    if (kind === 'receipt')
      for (const { part, stocked } of order.lines) {
        const storeroom = room.get(part);
        if (storeroom !== undefined) onHand[placeKey(part, storeroom)] = add(onHand[placeKey(part, storeroom)] ?? '0', stocked);
      }
  const labour: Record<string, { hours: Decimal; minor: number }> = {};
  const scrap: Record<string, { lines: number; minor: number }> = {};
  const scrapTexts: string[] = [];
  const bought: Decimal[] = [];
  let issuedValueMinor = 0;
  for (const order of orders) {
    for (const line of order.labour) {
      const row = (labour[line.costCentre] ??= { hours: '0', minor: 0 });
      row.hours = add(row.hours, line.hours);
      row.minor += line.amountMinor;
    }
    if (order.completedOn !== undefined && order.scrap && order.scrap.valueMinor > 0) {
      const row = (scrap[order.costCentre] ??= { lines: 0, minor: 0 });
      row.lines += 1;
      row.minor += order.scrap.valueMinor;
      scrapTexts.push(scrapMark(order));
    }
    for (const { part, storeroom, quantity } of order.parts)
      if (storeroom === undefined) bought.push(quantity);
      else if (order.completedOn !== undefined) issuedValueMinor += minorOf(divide(multiply(quantity, standard.get(part) ?? '0'), '1', 2));
  }
  const orderRows: Record<string, { ordered: Decimal; kept: Decimal; invoicedMinor: number }> = {};
  for (const { kind, order } of [...history, ...purchases]) {
    const row = (orderRows[order.number] ??= { ordered: '0', kept: '0', invoicedMinor: 0 });
    if (kind === 'order') row.ordered = sum(order.lines.map(({ quantity }) => quantity));
    else {
      row.kept = sum(order.lines.map(({ stocked }) => stocked));
      row.invoicedMinor = order.lines.reduce((total, line) => total + minorOf(invoiceAmount(line)), 0);
    }
  }
  return {
    onHand,
    issued: Object.fromEntries(used),
    issuedValueMinor,
    labour,
    scrap,
    scrapTexts: counted(scrapTexts),
    purchases: orderRows,
    boughtForWork: { lines: bought.length, quantity: sum(bought) },
  };
}

const counted = (texts: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
};

const minorOf = (amount: Decimal): number => money(amount, currency).minor;

/** Where a part is delivered: the storeroom that keeps most of it by the inventory table. */
export function mainStorerooms({ orders, plant }: Pick<PlayWindow, 'orders' | 'plant'>): Map<string, string> {
  const used = usedOf(orders);
  const most = new Map<string, { storeroom: string; onHand: Decimal }>();
  for (const { part, storeroom, onHand } of plant.stock) {
    const inventory = add(onHand, negate(used.get(placeKey(part, storeroom)) ?? '0'));
    const best = most.get(part);
    if (!best || compare(inventory, best.onHand) > 0) most.set(part, { storeroom, onHand: inventory });
  }
  return new Map([...most].map(([part, { storeroom }]) => [part, storeroom]));
}

/** The same sums as the two systems have them, read from the books behind their protocols. On hand is given for both. */
export function systemSums(
  window: PlayWindow,
  stage: Stage,
  purchasing: Purchasing,
): { readonly finance: Sums; readonly maintenance: Pick<Sums, 'onHand' | 'labour'> } {
  const { world } = stage.finance.twin;
  const site = stage.maintenance.get(siteCode);
  const onHand: Record<string, Decimal> = {};
  const shelves: Record<string, Decimal> = {};
  for (const { part, storeroom } of window.plant.stock) {
    onHand[placeKey(part, storeroom)] = world.materials.onHand(part, siteCode, storeroom);
    const location = site?.seeded.storerooms.get(storeroom) ?? 0;
    shelves[placeKey(part, storeroom)] = String(
      stage.maintenanceTwin.world.parts.get(site?.seeded.parts.get(part) ?? 0)?.stock.get(location)?.availableQuantity ?? 'none',
    );
  }
  const issued: Record<string, Decimal> = {};
  let value: Decimal = '0';
  for (const item of world.movements.items.all()) {
    const sign = issueSign[item.GoodsMovementType];
    if (sign === undefined || world.movements.headers.get(item.MaterialDocumentYear, item.MaterialDocument)?.CreatedByUser !== hub) continue;
    const key = placeKey(item.Material, item.StorageLocation);
    issued[key] = add(issued[key] ?? '0', multiply(item.QuantityInBaseUnit, sign));
    value = add(value, multiply(item.GdsMvtExtAmtInCoCodeCrcy, sign));
  }
  const posted = (account: string): Map<string, { lines: number; minor: number }> => {
    const rows = new Map<string, { lines: number; minor: number }>();
    for (const item of world.ledger.items.all()) {
      const centre = String(item['CostCenter'] ?? '');
      const minor = minorOf(item.AmountInCompanyCodeCurrency);
      if (item.GLAccount !== account || item['AccountingDocumentType'] !== journalType || centre === '') continue;
      const row = rows.get(centre) ?? { lines: 0, minor: 0 };
      row.lines += minor > 0 ? 1 : -1;
      row.minor += minor;
      rows.set(centre, row);
    }
    return rows;
  };
  let hours: Decimal = '0';
  for (const order of stage.maintenanceTwin.world.workOrders.values())
    for (const row of order.costs) if (row.type === 'TIME') hours = add(hours, divide(String(row.durationTotal ?? 0), '3600', 6));
  const labour = Object.fromEntries([...posted(labourAccount)].map(([centre, { minor }]) => [centre, { hours, minor }]));
  return {
    finance: {
      onHand,
      issued,
      issuedValueMinor: minorOf(value),
      labour,
      scrap: Object.fromEntries(posted(scrapAccounts.debit)),
      scrapTexts: counted(
        world.ledger.items
          .all()
          .filter((item) => item.GLAccount === scrapAccounts.debit && item['AccountingDocumentType'] === journalType)
          // The hub writes the work order's number before it, the reason's words follow.
          .map((item) => /^Work order \d+: (Scrap \S+ \S+ R\d+)/.exec(String(item['DocumentItemText']))?.[1] ?? String(item['DocumentItemText'])),
      ),
      purchases: Object.fromEntries(
        [...new Set([...window.history, ...window.purchases].map(({ order }) => order.number))].map((number) => [
          number,
          orderSums(stage, purchasing.numberOf(number) ?? ''),
        ]),
      ),
      boughtForWork: boughtIn(stage),
    },
    maintenance: { onHand: shelves, labour },
  };
}

const issueSign: Readonly<Record<string, Decimal>> = { '201': '1', '202': '-1' };

function orderSums(stage: Stage, number: string): Sums['purchases'][string] {
  const { orders, invoices } = stage.finance.twin.world;
  const items = orders.items.by('PurchaseOrder', number);
  return {
    ordered: sum(items.map(({ OrderQuantity }) => OrderQuantity)),
    kept: sum(items.map(({ Received }) => Received)),
    invoicedMinor: minorOf(sum(invoices.items.by('PurchaseOrder', number).map(({ SupplierInvoiceItemAmount }) => SupplierInvoiceItemAmount))),
  };
}

/** Orders that came of requisitions: everything received, or it is not counted. */
function boughtIn(stage: Stage): Sums['boughtForWork'] {
  const items = stage.finance.twin.world.orders.items
    .all()
    .filter(({ PurchaseRequisition, Received, OrderQuantity }) => PurchaseRequisition !== '' && Received === OrderQuantity);
  return { lines: items.length, quantity: sum(items.map(({ Received }) => Received)) };
}

/** What tables and systems do not say the same of, in words; empty where all is equal. */
export function differences(expected: Sums, { finance, maintenance }: ReturnType<typeof systemSums>): string[] {
  const wrong: string[] = [];
  const compareAll = <T>(what: string, left: Readonly<Record<string, T>>, right: Readonly<Record<string, T>>, show: (value: T) => string): void => {
    for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) {
      const [ours, theirs] = [left[key], right[key]];
      const [a, b] = [ours === undefined ? 'nothing' : show(ours), theirs === undefined ? 'nothing' : show(theirs)];
      if (a !== b) wrong.push(`${what} ${key}: ${a} by the tables, ${b} in the system`);
    }
  };
  const figure = (value: Decimal): string => value;
  compareAll('on hand in the ERP of', expected.onHand, finance.onHand, figure);
  compareAll('on hand in the maintenance system of', expected.onHand, maintenance.onHand, figure);
  compareAll('issued of', expected.issued, finance.issued, figure);
  compareAll('labour of cost centre', expected.labour, finance.labour, ({ hours, minor }) => `${hours} h, ${amountIn(minor)}`);
  compareAll('scrap of cost centre', expected.scrap, finance.scrap, ({ lines, minor }) => `${lines} postings, ${amountIn(minor)}`);
  compareAll(
    'purchase order',
    expected.purchases,
    finance.purchases,
    ({ ordered, kept, invoicedMinor }) => `${ordered} ordered, ${kept} kept, ${amountIn(invoicedMinor)} invoiced`,
  );
  compareAll('scrap posting', expected.scrapTexts, finance.scrapTexts, String);
  const single = (what: string, a: string, b: string): void => void (a === b || wrong.push(`${what}: ${a} by the tables, ${b} in the system`));
  single('value of what was issued', amountIn(expected.issuedValueMinor), amountIn(finance.issuedValueMinor));
  single(
    'bought for work orders',
    `${expected.boughtForWork.quantity} in ${expected.boughtForWork.lines} lines`,
    `${finance.boughtForWork.quantity} in ${finance.boughtForWork.lines} lines`,
  );
  return wrong;
}

const amountIn = (minor: number): string => `${amountText({ minor, currency } satisfies Money)} ${currency}`;

/** The sums as lines for a terminal. */
export function sumsText({ onHand, issued, issuedValueMinor, labour, scrap, purchases, boughtForWork }: Sums): string[] {
  const orders = Object.values(purchases);
  return [
    `  on hand: ${sum(Object.values(onHand))} in ${Object.keys(onHand).length} places`,
    `  issued to work orders: ${sum(Object.values(issued))} from ${Object.keys(issued).length} places, worth ${amountIn(issuedValueMinor)}`,
    ...Object.entries(labour).map(([centre, { hours, minor }]) => `  labour of cost centre ${centre}: ${hours} h, ${amountIn(minor)}`),
    ...Object.entries(scrap).map(([centre, { lines, minor }]) => `  scrap of cost centre ${centre}: ${lines} postings, ${amountIn(minor)}`),
    `  purchase orders: ${orders.length}, ${sum(orders.map(({ ordered }) => ordered))} ordered, ${sum(orders.map(({ kept }) => kept))} kept, ${amountIn(orders.reduce((total, { invoicedMinor }) => total + invoicedMinor, 0))} invoiced`,
    `  bought for work orders: ${boughtForWork.quantity} in ${boughtForWork.lines} lines`,
  ];
}
