import { moneyText } from '#base/money';
import type { ProcurementState } from '#flows/procurement/state';
import type { StockFlowState } from '#flows/stock/state';
import { CostSums, costSources, groupKey, ledgerOf, type CostGroup, type Ledger } from '#assurance/ledger';
import { eventText, type OpenEvent } from '#assurance/open-work';
import { referencesOf, type References, type Written } from '#assurance/operations';
import { figuresOf } from '#assurance/order-figures';
import type { OrderBooks } from '#assurance/orders';
import type { Ground } from '#assurance/plan';
import { comparePostings, type Posted } from '#assurance/postings';
import { compareCostRows } from '#assurance/cost-rows';

/** The hub's ledger against the documents in finance, per work order, cost centre and currency; and the cost rows that the hub put onto work orders. */
export async function compareCosts(ground: Ground, references: References, orders: OrderBooks, onlyBooks: boolean): Promise<void> {
  const ledger = await ledgerOf(ground.store, ground.books, onlyBooks);
  const posted = await comparePostings(ground, references);
  const sums = new CostSums();
  const undecided = undecidedIn(ground.open.allEvents);
  const late = new CostSums();
  for (const one of posted) {
    if (one.operation.state !== 'applied') continue;
    if (one.value) ground.section.money(costSources[one.operation.record === 'goodsIssue' ? 'part' : 'posting'], { right: one.value });
    const group = groupOf(one, ledger);
    if (!group || !one.booked) continue;
    sums.add(group, one.booked.minor);
    if (undecided.has(one.operation.key)) late.add(group, one.booked.minor);
  }
  await addPurchases(ground, orders, sums);
  await addUnheard(ground, late);
  compareBooks(ground, ledger, sums, late);
  for (const side of ground.books.maintenance) await compareCostRows(ground, side, await referencesOf(ground.store, side.name));
}

/** Operations that were answered and whose answer no flow has decided yet. */
function undecidedIn(events: readonly OpenEvent[]): ReadonlySet<string> {
  // Written by the engine in this shape.
  return new Set(events.flatMap(({ kind, data }) => (kind === 'operation.outcome' ? [(data as { operation?: string } | null)?.operation ?? ''] : [])));
}

/** Where a document belongs in the books: the cost centre under which the hub booked it, else the one it was charged to. */
function groupOf({ operation, booked }: Posted, ledger: Ledger): CostGroup | undefined {
  if (!booked) return undefined;
  const { workOrder, record } = operation;
  const document = record === 'goodsIssue' ? stockDocument(operation) : `${record}/${operation.verb === 'reverse' ? operation.reverses : operation.id}`;
  return {
    workOrder,
    costCentre: ledger.costCentreOf(workOrder, document) ?? operation.costCentre,
    currency: booked.currency,
    source: record === 'goodsIssue' ? 'part' : 'posting',
  };
}

/** `stock/part@storeroom/line`: the ledger names the stock lane and the line, the operation's key holds both. */
function stockDocument({ key, lane, workOrder }: Written): string {
  const intent = key.slice(key.indexOf('#', lane.length + 1) + 1);
  const rest = intent.slice(`issue/workOrder/${workOrder}/`.length);
  return `${lane}/${rest.slice(0, rest.lastIndexOf('/'))}`;
}

/** What finance says was invoiced, by the work order and cost centre that the hub books it under. What is bought into stock costs a work order when it is issued. */
async function addPurchases({ store, section }: Ground, { hub, finance, parts }: OrderBooks, sums: CostSums): Promise<void> {
  let last: { lane: string; state: ProcurementState | undefined } | undefined;
  for (const [number, order] of hub) {
    const documents = finance.get(number);
    const [ours, theirs] = [figuresOf(order.documents, parts), documents ? figuresOf(documents, parts) : undefined];
    for (const [line, known] of ours) {
      const told = theirs?.get(line);
      if (told && told.currency !== null && told.invoicedMinor !== 0)
        section.money(costSources.purchase, { right: { minor: told.invoicedMinor, currency: told.currency } });
      if (known.currency === null || known.invoicedMinor === 0) continue;
      const link = order.links[line];
      if (!link?.lane.startsWith('workOrder/')) {
        sums.add({ workOrder: '', costCentre: order.own[line] ?? '', currency: known.currency, source: 'purchase' }, known.invoicedMinor);
        continue;
      }
      if (last?.lane !== link.lane) last = { lane: link.lane, state: (await store.read.lane(link.lane))?.state['procurement'] as ProcurementState | undefined };
      const request = last.state?.workOrder?.requests.find(
        ({ number: requisition, docLine }) => requisition === link.requisition && docLine === link.requisitionLine,
      );
      if (request && !request.toStock)
        sums.add({ workOrder: request.workOrder, costCentre: request.costCentre, currency: known.currency, source: 'purchase' }, known.invoicedMinor);
    }
  }
}

/** Answers of stock lanes that a work order has not heard: what they will add to its books. */
async function addUnheard({ open, store }: Ground, late: CostSums): Promise<void> {
  for (const { kind, lane, data } of open.allEvents) {
    if (kind !== 'stock.issued') continue;
    const state = ((await store.read.lane(lane))?.state['stock'] as StockFlowState | undefined)?.workOrder; // Written by the stock flow in this shape.
    const { from, lines } = data as { from?: string; lines?: Readonly<Record<string, { minor: number; currency: string | null }>> };
    for (const [line, { minor, currency }] of Object.entries(lines ?? {})) {
      const booked = state?.booked[`${from ?? ''}|${line}`];
      const costCentre = booked?.costCentre ?? state?.told[from ?? '']?.lines[line]?.costCentre ?? '';
      if (currency !== null) late.add({ workOrder: lane.slice(lane.indexOf('/') + 1), costCentre, currency, source: 'part' }, minor - (booked?.minor ?? 0));
    }
  }
}

function compareBooks({ section, open, books: { finance } }: Ground, ledger: Ledger, sums: CostSums, late: CostSums): void {
  const groups = new Map<string, CostGroup>();
  for (const side of [ledger.sums, sums]) for (const [key, { group }] of side) groups.set(key, group);
  for (const [key, group] of groups) {
    const { workOrder, costCentre, currency, source } = group;
    const [left, right] = [
      { minor: ledger.sums.minor(key), currency },
      { minor: sums.minor(key), currency },
    ];
    section.money(costSources[source], { left });
    section.money(`cost centre ${costCentre || 'not said'}`, { left, right });
    if (left.minor === right.minor) {
      section.agree();
      continue;
    }
    const events = open.events(`workOrder/${workOrder}`).map(eventText).sort();
    const exactly = late.minor(groupKey(group)) === right.minor - left.minor;
    section.differ({
      key: `${workOrder || 'no work order'} ${costCentre} ${source}`,
      class: !exactly && events.length > 0 ? 'waiting' : 'amount',
      left: moneyText(left),
      right: moneyText(right),
      money: { minor: right.minor - left.minor, currency },
      text: `${costSources[source]} of ${workOrder ? `work order ${workOrder}` : 'orders without a work order'}, cost centre ${costCentre || 'not said'}: ${moneyText(left)} in the hub's ledger, ${moneyText(right)} by the documents in ${finance.name}`,
      ...(exactly ? { explainedBy: events.length > 0 ? events : ['answers that no flow has decided yet'] } : {}),
    });
  }
}
