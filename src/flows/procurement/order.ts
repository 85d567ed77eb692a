import type { Json } from '#base/json';
import { factKey } from '#engine/flow';
import { lane as laneOf, provisionalHubId } from '#flows/lanes';
import type { ProcurementInput } from '#flows/procurement/flow';
import { holdAgain, settleHold, type Trouble } from '#flows/procurement/holding';
import { takeIn } from '#flows/procurement/order-intake';
import { shareOf, type Share } from '#flows/procurement/order-share';
import { move, negativeStage, nothing, samePosition } from '#flows/procurement/position';
import { systemOf } from '#flows/procurement/requisition';
import { emptyOrder, type Link, type OrderLine, type OrderShare, type OrderState } from '#flows/procurement/state';
import type { RecordOf } from '#model/records';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** An order's lane: keeps the cumulative truth of every line from order, receipts and invoices in whatever order they come, and tells the origin of each line. */
export function decideOrderEvent(input: ProcurementInput): void {
  const { event, plan, sides } = input;
  const state = (input.state.order ??= emptyOrder());
  if (event.kind === 'expectation.overdue') return deliveryOverdue(input, state);
  if (event.kind !== 'order.linked' && event.data['connection'] !== sides.finance)
    return plan.note(`${event.source}'s copy of the order is not what procurement goes by`);
  if (!takeIn(input, state)) return holdAgain(input, state.held ?? {});
  findOrigins(input, state);
  const troubles = new Map<string, Trouble>();
  const shares = sharesOf(input, state, troubles);
  bookOwn(input, state, shares, troubles);
  settleTroubles(input, state, troubles);
  tellOrigins(input, state, shares);
  watchDelivery(input, state, shares);
}

/** Lines made from a requisition that the hub raised: the origin is a fact, or the requisition's lane is asked for it. */
function findOrigins({ event, plan, facts, sides }: ProcurementInput, state: OrderState): void {
  const open = Object.entries(state.lines).filter(
    ([number, { requisition, requisitionLine }]) => !state.links[number] && requisition !== null && requisitionLine !== null,
  );
  const system = systemOf(event.lane, sides);
  const keyOf = ({ requisition, requisitionLine }: OrderLine): string =>
    factKey.origin('purchaseRequisition', system, requisition ?? '', requisitionLine ?? '');
  facts.want(open.map(([, line]) => keyOf(line)));
  for (const [number, line] of open) {
    const origin = facts.get(keyOf(line)) as unknown as Link | undefined; // Remembered by work-order and stock lanes.
    const from = `${line.requisition}/${line.requisitionLine}`;
    if (origin) state.links[number] = { ...origin };
    else if (state.asked[number] !== from) {
      state.asked[number] = from;
      plan.tell({
        lane: laneOf('purchaseRequisition', provisionalHubId(system, line.requisition ?? '')),
        kind: 'requisition.ordered',
        key: `ordered/${event.lane}/${number}/${from}`,
        data: { lane: event.lane, orderLine: number, line: line.requisitionLine },
      });
    }
  }
}

/** What is known of the lines that can be carried forward. A line that cannot is held alone, and so is a document that takes back another which was never read. */
function sharesOf(input: ProcurementInput, state: OrderState, troubles: Map<string, Trouble>): Map<string, Share> {
  const shares = new Map<string, Share>();
  for (const [number, line] of Object.entries(state.lines)) {
    const share = shareOf(input, state, number, line);
    if (share.ok) shares.set(number, share.value);
    else troubles.set(`line/${number}`, { ...share.trouble, text: `order ${state.number} line ${number}: ${share.trouble.text}` });
  }
  for (const number of unknownLines(state)) {
    if (state.seen === '') input.plan.note(`the order itself is not read yet; line ${number} waits for it`);
    else
      troubles.set(`line/${number}`, {
        kind: 'unknownLine',
        owner: 'buyer',
        text: `order ${state.number} has receipts or invoices for ${number === '' ? 'no line that they name' : `line ${number}, which it does not have`}`,
      });
  }
  for (const [number, { reverses }] of Object.entries(state.receipts))
    if (reverses !== undefined && !state.receipts[reverses])
      troubles.set(`goodsReceipt/${number}`, {
        kind: 'neverRead',
        owner: 'storekeeper',
        text: `goods receipt ${number} takes back ${reverses}, which was never read: the quantity received is not certain until it is`,
      });
  for (const [number, { reverses }] of Object.entries(state.invoices))
    if (reverses !== undefined && !state.invoices[reverses])
      troubles.set(`supplierInvoice/${number}`, {
        kind: 'neverRead',
        owner: 'accounts-payable',
        text: `supplier invoice ${number} takes back ${reverses}, which was never read: neither counts until it is`,
      });
  return shares;
}

function unknownLines(state: OrderState): string[] {
  const named = [...Object.values(state.receipts).flatMap(({ lines }) => lines), ...Object.values(state.invoices).flatMap(({ lines }) => lines)].map(
    ({ orderLine }) => orderLine,
  );
  return [...new Set(named.filter((line) => !state.lines[line]))].sort();
}

/** Each trouble is held by the event that brought it; what was repaired goes on. */
function settleTroubles(input: ProcurementInput, state: OrderState, troubles: ReadonlyMap<string, Trouble>): void {
  const holds = (state.held ??= {});
  const touched = linesSpokenOf(input.event);
  for (const key of new Set([...Object.keys(holds), ...troubles.keys()])) {
    const line = key.startsWith('line/') ? key.slice('line/'.length) : undefined;
    const name =
      line === undefined
        ? key.replace('goodsReceipt/', 'goods receipt ').replace('supplierInvoice/', 'supplier invoice ')
        : `order ${state.number} line ${line}`;
    settleHold(input, holds, { key, name, ...(line === undefined ? {} : { line }), touched: line !== undefined && touched(line) }, troubles.get(key));
  }
}

/** Which lines of the order an event speaks of: an order of all, a receipt or an invoice of those it names. */
function linesSpokenOf({ kind, data }: ProcurementInput['event']): (line: string) => boolean {
  if (kind === 'order.linked') return (line) => line === data['orderLine'];
  if (kind !== 'goodsReceipt.snapshot' && kind !== 'supplierInvoice.snapshot') return () => true;
  const { lines } = data['record'] as unknown as RecordOf<'goodsReceipt'> | RecordOf<'supplierInvoice'>; // Parsed by the model's schema when it came in.
  const named = new Set(lines.map(({ purchaseOrderLine }) => purchaseOrderLine ?? ''));
  return (line) => named.has(line);
}

/** Orders that no work order stands behind balance in their own lane, under no work order and the line's own cost centre. They leave it when an origin appears. */
function bookOwn({ event, plan }: ProcurementInput, state: OrderState, shares: ReadonlyMap<string, Share>, troubles: Map<string, Trouble>): void {
  for (const [number, { position, currency }] of shares) {
    const link = state.links[number];
    const own = !link || !link.lane.startsWith('workOrder/');
    const before = state.booked[number];
    const target = own ? position : nothing();
    if (!link) plan.didNot(`order ${state.number} line ${number} was bought outside: no work order is known for it, so no cost goes to one`, number);
    if (before && currency !== null && before.currency !== currency && !samePosition(before.position, nothing())) {
      troubles.set(`line/${number}`, {
        kind: 'committed',
        owner: 'buyer',
        text: `order ${state.number} line ${number} was committed in ${before.currency} and is now in ${currency}: amounts of different currencies are never added`,
      });
      continue;
    }
    const below = negativeStage(target);
    if (below || (currency === null && !before)) continue;
    const booking = { currency: currency ?? before?.currency ?? '', costCentre: before?.costCentre ?? state.lines[number]?.costCentre ?? '' };
    move(plan, before?.position ?? nothing(), target, {
      workOrder: '',
      ...booking,
      document: `purchaseOrder/${state.number}/${number}`,
      text: `order ${state.number} line ${number} of ${event.lane}`,
    });
    state.booked[number] = { ...booking, position: target };
  }
}

/** Tells every origin all its lines of this order, absolute and numbered, when anything changed. */
function tellOrigins({ event, plan, sides }: ProcurementInput, state: OrderState, shares: ReadonlyMap<string, Share>): void {
  const groups = new Map<string, { link: Link; lines: OrderShare[] }>();
  for (const [number, { share, word }] of shares) {
    const link = state.links[number];
    if (!link) continue;
    const group = groups.get(link.lane) ?? { link, lines: [] };
    group.lines.push({ ...share, requisition: link.requisition, requisitionLine: link.requisitionLine, line: link.line, toStock: link.toStock });
    groups.set(link.lane, group);
    plan.document({
      kind: 'purchaseOrder',
      system: systemOf(event.lane, sides),
      id: state.number,
      line: number,
      parent: `purchaseRequisition/${link.requisition}/${link.requisitionLine}`,
      state: word,
      text: `${share.quantity} ${share.unit.code}${share.promisedOn === null ? '' : `, promised for ${share.promisedOn}`}`,
      minor: state.lines[number]?.price?.minor ?? null,
      currency: share.currency,
      thread: link.thread,
    });
  }
  for (const [key, { text }] of Object.entries(state.held ?? {})) {
    const number = key.slice('line/'.length);
    const link = key.startsWith('line/') ? state.links[number] : undefined;
    if (!link) continue;
    const parent = `purchaseRequisition/${link.requisition}/${link.requisitionLine}`;
    const amount = state.lines[number]?.price;
    plan.document({
      kind: 'purchaseOrder',
      system: systemOf(event.lane, sides),
      id: state.number,
      line: number,
      parent,
      state: 'held',
      text,
      minor: amount?.minor ?? null,
      currency: amount?.currency ?? null,
      thread: link.thread,
    });
  }
  for (const [lane, { link, lines }] of groups) {
    const text = JSON.stringify(lines);
    const told = state.told[lane];
    if (told?.hash === text) continue;
    const n = (told?.n ?? 0) + 1;
    state.told[lane] = { n, hash: text };
    plan.tell({
      lane,
      kind: 'procurement.stage',
      key: `${event.lane}/${n}`,
      data: { from: event.lane, n, order: state.number, lines: lines as unknown as Json },
      thread: link.thread,
      site: link.site,
    });
  }
}

/** A promised day is expected, with grace; a new promise moves it, a complete receipt or a deletion ends it. */
function watchDelivery({ plan, policy, event }: ProcurementInput, state: OrderState, shares: ReadonlyMap<string, Share>): void {
  for (const [number, { share, word }] of shares) {
    const key = `procurement/delivery/${number}`;
    const open = word === 'ordered' || word === 'partly received';
    const promised = open ? share.promisedOn : null;
    if (promised === (state.promised[number] ?? null)) continue;
    if (promised === null) {
      delete state.promised[number];
      plan.meet(key);
      continue;
    }
    state.promised[number] = promised;
    const link = state.links[number];
    plan.expect(key, `order ${state.number} line ${number} is delivered by ${promised}`, Date.parse(promised) + dayMs + policy.deliveryGraceHours * hourMs, {
      orderLine: number,
      site: link?.site ?? event.site,
      thread: link?.thread ?? event.thread,
    });
  }
}

function deliveryOverdue({ event, plan }: ProcurementInput, state: OrderState): void {
  const key = String(event.data['expectation']);
  if (!key.startsWith('procurement/delivery/')) return;
  const number = key.slice('procurement/delivery/'.length);
  const link = state.links[number];
  plan.note(`overdue: ${String(event.data['what'])}${link ? `; ${link.lane} waits for it: remind the vendor or reschedule the work` : ''}`, number);
}
