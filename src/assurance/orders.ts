import { compare, subtract } from '#base/decimal';
import { extend, moneyText, type Money } from '#base/money';
import { sameUnit } from '#base/quantity';
import { factKey } from '#engine/flow';
import type { RecordOf } from '#model/records';
import { hubOrders, withEvents, type HubOrder } from '#assurance/hub-orders';
import { eventText, type OpenEvent } from '#assurance/open-work';
import { DocumentCheck, type References } from '#assurance/operations';
import { figuresOf, noDocuments, takeInvoice, takeOrder, takeReceipt, type LineFigures, type OrderDocuments } from '#assurance/order-figures';
import type { Parts } from '#assurance/parts';
import type { Ground } from '#assurance/plan';
import { freshly } from '#assurance/side';
import type { DifferenceClass } from '#assurance/statement';
import { isReference } from '#assurance/fresh-side';

/** What the costs section needs of orders: finance's own figures, and to which line of which order they belong. */
export interface OrderBooks {
  readonly hub: ReadonlyMap<string, HubOrder>;
  readonly finance: ReadonlyMap<string, OrderDocuments>;
  readonly parts: Parts;
}

/** Orders that the hub knows against what finance lists now: ordered, received, invoiced, per line. Finds documents that carry the hub's references and should not be. */
export async function compareOrders(ground: Ground, references: References): Promise<OrderBooks> {
  const {
    books: { finance },
    store,
    section,
    reading,
  } = ground;
  const parts = await ground.parts(finance);
  const hub = await hubOrders(store, finance.name);
  const check = new DocumentCheck(references, section, finance.name);
  const found = new Map<string, OrderDocuments>();
  if (!finance.lists('purchaseOrder')) {
    section.notCompared(`${finance.name} cannot list purchase orders`);
    return { hub, finance: found, parts };
  }
  const unknown: RecordOf<'purchaseOrder'>[] = [];
  for await (const { records, unreadable } of freshly(finance, 'purchaseOrder', reading)) {
    for (const { key, problem } of unreadable)
      section.differ({ key: `purchase order ${key}`, class: 'unreadable', left: '', right: key, text: `purchase order ${key} of ${finance.name}: ${problem}` });
    for (const { key, record } of records) {
      if (record.reference !== undefined && isReference(record.reference))
        check.meet({ kind: 'purchase order', number: key, reference: record.reference }, () => {});
      if (hub.has(key)) takeOrder(documentsOf(found, key), record);
      else unknown.push({ ...record, number: key });
    }
    await ours(ground, unknown.splice(0));
  }
  await receiptsAndInvoices(ground, hub, found, check);
  await requisitions(ground, check);
  check.finish();
  for (const [number, order] of hub) compareOrder(ground, { number, order, parts, finance: found.get(number) });
  return { hub, finance: found, parts };
}

function documentsOf(found: Map<string, OrderDocuments>, number: string): OrderDocuments {
  const known = found.get(number) ?? noDocuments();
  found.set(number, known);
  return known;
}

/** Orders that the hub has no lane for: only those made from its own requisitions are its business. */
async function ours({ store, section, books: { finance } }: Ground, orders: readonly RecordOf<'purchaseOrder'>[]): Promise<void> {
  const keys = new Map<string, { number: string; from: string }>();
  for (const { number = '', lines } of orders)
    for (const { requisition, requisitionLine } of lines)
      if (requisition !== undefined && requisitionLine !== undefined)
        keys.set(factKey.origin('purchaseRequisition', finance.name, requisition, requisitionLine), { number, from: `${requisition}/${requisitionLine}` });
  const origins = keys.size === 0 ? new Map<string, unknown>() : await store.facts([...keys.keys()]);
  const told = new Set<string>();
  for (const [key, { number, from }] of keys) {
    if (!origins.has(key) || told.has(number)) continue;
    told.add(number);
    section.differ({
      key: number,
      class: 'missingInHub',
      left: '',
      right: number,
      text: `purchase order ${number} in ${finance.name} was made from requisition ${from} of the hub, and the hub has not read it`,
    });
  }
}

async function receiptsAndInvoices(
  { books: { finance }, section, reading }: Ground,
  hub: ReadonlyMap<string, HubOrder>,
  found: Map<string, OrderDocuments>,
  check: DocumentCheck,
): Promise<void> {
  for (const kind of ['goodsReceipt', 'supplierInvoice'] as const) {
    if (!finance.lists(kind)) {
      section.notCompared(`${finance.name} cannot list ${kind === 'goodsReceipt' ? 'goods receipts' : 'supplier invoices'}`);
      continue;
    }
    for await (const { records, unreadable } of freshly(finance, kind, reading)) {
      for (const { key, problem } of unreadable)
        section.differ({ key: `${kind} ${key}`, class: 'unreadable', left: '', right: key, text: `${kind} ${key} of ${finance.name}: ${problem}` });
      for (const { key, record } of records) {
        if (record.reference !== undefined && isReference(record.reference) && record.reverses === undefined)
          check.meet({ kind: kind === 'goodsReceipt' ? 'goods receipt' : 'supplier invoice', number: key, reference: record.reference }, () => {});
        for (const order of new Set(record.lines.map(({ purchaseOrder }) => purchaseOrder ?? ''))) {
          if (!hub.has(order)) continue;
          const share = { ...record, lines: record.lines.filter(({ purchaseOrder }) => purchaseOrder === order) };
          if (kind === 'goodsReceipt') takeReceipt(documentsOf(found, order), share as RecordOf<'goodsReceipt'>, record.number ?? key);
          else takeInvoice(documentsOf(found, order), share as RecordOf<'supplierInvoice'>, record.number ?? key);
        }
      }
    }
  }
}

const requisitionKinds: ReadonlySet<string> = new Set(['purchaseRequisition']);

/** Requisitions that the hub raised: each is there once, under the number that was answered. */
async function requisitions({ books: { finance }, section, reading }: Ground, check: DocumentCheck): Promise<void> {
  if (!finance.lists('purchaseRequisition')) {
    section.notCompared(`${finance.name} cannot list purchase requisitions`);
    return;
  }
  for await (const { records, unreadable } of freshly(finance, 'purchaseRequisition', reading)) {
    for (const { key, problem } of unreadable)
      section.differ({
        key: `purchase requisition ${key}`,
        class: 'unreadable',
        left: '',
        right: key,
        text: `purchase requisition ${key} of ${finance.name}: ${problem}`,
      });
    for (const { key, record } of records) {
      if (record.reference === undefined || !isReference(record.reference)) continue;
      check.meet({ kind: 'purchase requisition', number: key, reference: record.reference }, (operation) => {
        if (check.judge(operation, 'purchase requisition', key) === 'told') return;
        if (operation.id === key) section.agree();
        else
          section.differ({
            key: operation.reference,
            class: 'number',
            left: operation.id,
            right: key,
            text: `operation ${operation.key} was answered with purchase requisition ${operation.id}; ${finance.name} has it as ${key}`,
          });
      });
    }
  }
  for (const operation of check.missing(requisitionKinds))
    section.differ({
      key: operation.reference,
      class: 'missingInFinance',
      left: operation.id,
      right: '',
      text: `purchase requisition ${operation.id} of operation ${operation.key} is not in ${finance.name}: ${operation.reason}`,
    });
}

interface Compared {
  readonly number: string;
  readonly order: HubOrder;
  readonly parts: Parts;
  readonly finance: OrderDocuments | undefined;
}

function compareOrder({ section, open, books }: Ground, { number, order, parts, finance }: Compared): void {
  const events = open.events(order.lane);
  if (!finance?.known) {
    // A deleted order that the hub knows to be cancelled is no difference.
    if (order.documents.cancelled || !order.documents.known) return section.agree();
    return section.differ({
      key: number,
      class: 'missingInFinance',
      left: `${order.documents.lines.size} lines`,
      right: '',
      text: `purchase order ${number} is known to the hub and not in ${books.finance.name}`,
    });
  }
  const [left, right] = [figuresOf(order.documents, parts), figuresOf(finance, parts)];
  const later = events.length === 0 ? undefined : figuresOf(withEvents(order, events), parts);
  for (const line of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [ours, theirs] = [left.get(line), right.get(line)];
    if (ours) totals(section, 'left', ours);
    if (theirs) totals(section, 'right', theirs);
    const found = differenceOf(ours, theirs);
    if (!found) section.agree();
    else
      told(
        { section, number: `${number}/${line}`, events },
        { found, ours, theirs, explained: later !== undefined && differenceOf(later.get(line), theirs) === undefined },
      );
  }
}

function totals(
  section: Ground['section'],
  side: 'left' | 'right',
  { quantity, received, invoiced, invoicedMinor, unit, currency, deleted }: LineFigures,
): void {
  if (!deleted) section.total('ordered', unit.code, { [side]: quantity });
  section.total('received', unit.code, { [side]: received });
  section.total('invoiced', unit.code, { [side]: invoiced });
  if (currency !== null && invoicedMinor !== 0) section.money('invoiced', { [side]: { minor: invoicedMinor, currency } });
}

interface Found {
  readonly class: DifferenceClass;
  readonly text: string;
  readonly money?: Money;
}

/** The first thing on which hub and finance do not say the same about a line. */
function differenceOf(ours: LineFigures | undefined, theirs: LineFigures | undefined): Found | undefined {
  if (!ours) return theirs && { class: 'missingInHub', text: 'the hub does not know the line' };
  // A line that vanished in finance counts as deleted in the hub.
  if (!theirs) return ours.deleted ? undefined : { class: 'missingInFinance', text: 'finance does not have the line' };
  if (!sameUnit(ours.unit, theirs.unit)) return { class: 'unit', text: `ordered in ${ours.unit.code} in the hub and in ${theirs.unit.code} in finance` };
  if (ours.problem !== undefined || theirs.problem !== undefined)
    return { class: (theirs.problem ?? ours.problem)?.startsWith('invoiced') ? 'currency' : 'unit', text: theirs.problem ?? ours.problem ?? '' };
  if (ours.currency !== theirs.currency)
    return { class: 'currency', text: `${ours.currency ?? 'no currency'} in the hub, ${theirs.currency ?? 'no currency'} in finance` };
  if (ours.deleted !== theirs.deleted)
    return { class: 'status', text: `${ours.deleted ? 'deleted' : 'open'} in the hub, ${theirs.deleted ? 'deleted' : 'open'} in finance` };
  const value = (quantity: string): { money?: Money } =>
    theirs.price && compare(quantity, '0') !== 0 ? { money: extend(theirs.price, quantity, theirs.pricePer) } : {};
  if (compare(ours.quantity, theirs.quantity) !== 0)
    return {
      class: 'quantity',
      text: `${ours.quantity} ordered in the hub, ${theirs.quantity} in finance`,
      ...value(subtract(theirs.quantity, ours.quantity)),
    };
  if (compare(ours.received, theirs.received) !== 0)
    return {
      class: 'received',
      text: `${ours.received} received in the hub, ${theirs.received} in finance`,
      ...value(subtract(theirs.received, ours.received)),
    };
  const difference = theirs.currency === null ? undefined : { minor: theirs.invoicedMinor - ours.invoicedMinor, currency: theirs.currency };
  if (difference && difference.minor !== 0)
    return {
      class: 'invoiced',
      text: `${moneyText({ minor: ours.invoicedMinor, currency: difference.currency })} invoiced in the hub, ${moneyText({ minor: theirs.invoicedMinor, currency: difference.currency })} in finance`,
      money: difference,
    };
  if (compare(ours.invoiced, theirs.invoiced) !== 0) return { class: 'invoiced', text: `${ours.invoiced} invoiced in the hub, ${theirs.invoiced} in finance` };
  if (priceText(ours) !== priceText(theirs)) return { class: 'amount', text: `price ${priceText(ours)} in the hub, ${priceText(theirs)} in finance` };
  return undefined;
}

const priceText = ({ price, pricePer }: LineFigures): string => (price ? `${moneyText(price)} per ${pricePer}` : 'none');
const lineText = (line: LineFigures | undefined): string =>
  line
    ? `${line.quantity} ${line.unit.code}, ${line.received} received, ${line.invoiced} invoiced${line.currency !== null && line.invoicedMinor !== 0 ? ` for ${moneyText({ minor: line.invoicedMinor, currency: line.currency })}` : ''}${line.deleted ? ', deleted' : ''}`
    : '';

function told(
  { section, number, events }: { readonly section: Ground['section']; readonly number: string; readonly events: readonly OpenEvent[] },
  {
    found,
    ours,
    theirs,
    explained,
  }: { readonly found: Found; readonly ours: LineFigures | undefined; readonly theirs: LineFigures | undefined; readonly explained: boolean },
): void {
  const by = events.map(eventText).sort();
  section.differ({
    key: number,
    class: !explained && by.length > 0 ? 'waiting' : found.class,
    left: lineText(ours),
    right: lineText(theirs),
    ...(found.money ? { money: found.money } : {}),
    text: `purchase order ${number}: ${found.text}${!explained && by.length > 0 ? `; open: ${by.join('; ')}` : ''}`,
    ...(explained ? { explainedBy: by } : {}),
  });
}
