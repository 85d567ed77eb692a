import type { Json } from '#base/json';
import { factKey } from '#engine/flow';
import { stampOf } from '#flows/cost-object';
import { lane as laneOf, provisionalHubId } from '#flows/lanes';
import type { ProcurementInput } from '#flows/procurement/flow';
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
  if (!intake[event.kind]?.(input, state)) return;
  findOrigins(input, state);
  const shares = sharesOf(input, state);
  bookOwn(input, state, shares);
  tellOrigins(input, state, shares);
  watchDelivery(input, state, shares);
}

/** How each event changes what is known; false where it is older than what is known. */
const intake: { readonly [kind: string]: (input: ProcurementInput, state: OrderState) => boolean } = {
  'purchaseOrder.snapshot': orderSnapshot,
  'purchaseOrder.removed': ({ event, plan }, state) => {
    state.cancelled = true;
    plan.note(`order ${state.number} no longer exists in ${event.source}: its lines count as deleted`);
    return true;
  },
  'goodsReceipt.snapshot': receiptSnapshot,
  'supplierInvoice.snapshot': invoiceSnapshot,
  'order.linked': ({ event, plan }, state) => {
    const link = event.data['link'] as unknown as Link; // Written by this flow's requisition lanes.
    state.links[String(event.data['orderLine'])] = { ...link };
    plan.note(`order line ${String(event.data['orderLine'])} comes from requisition ${link.requisition} line ${link.requisitionLine} of ${link.lane}`);
    return true;
  },
};

function orderSnapshot({ event, plan }: ProcurementInput, state: OrderState): boolean {
  const record = event.data['record'] as unknown as RecordOf<'purchaseOrder'>; // Parsed by the model's schema when it came in.
  const stamp = stampOf(record.changedAt, event.at);
  if (stamp < state.seen) {
    plan.note(`superseded: order ${record.number ?? event.object} of ${stamp} is older than ${state.seen}`);
    return false;
  }
  state.seen = stamp;
  state.number = record.number ?? event.object;
  state.currency = record.currency ?? state.currency;
  state.cancelled = record.state === 'cancelled';
  const before = state.lines;
  state.lines = {};
  for (const line of record.lines) {
    state.lines[line.line] = {
      quantity: line.quantity.value,
      unit: { ...line.quantity.unit },
      price: line.price ? { ...line.price } : null,
      pricePer: line.pricePer ?? '1',
      promisedOn: line.promisedOn ?? null,
      deleted: line.deleted === true,
      complete: line.complete === true,
      final: line.finallyInvoiced === true,
      part: line.part ?? null,
      requisition: line.requisition ?? null,
      requisitionLine: line.requisitionLine ?? null,
      received: line.received ?? null,
      costCentre: line.account?.costCentre ?? '',
    };
  }
  for (const [number, line] of Object.entries(before)) if (!state.lines[number]) state.lines[number] = { ...line, deleted: true };
  plan.note(`order ${state.number}: ${record.lines.length} lines${record.state === undefined ? '' : `, ${record.state}`}`);
  return true;
}

function receiptSnapshot({ event, plan }: ProcurementInput, state: OrderState): boolean {
  const record = event.data['record'] as unknown as RecordOf<'goodsReceipt'>; // Parsed by the model's schema when it came in.
  const number = record.number ?? event.object;
  const stamp = stampOf(record.changedAt, event.at);
  if (stamp < (state.receipts[number]?.seen ?? '')) {
    plan.note(`superseded: goods receipt ${number} of ${stamp} is older than what is known`);
    return false;
  }
  state.receipts[number] = {
    seen: stamp,
    ...(record.reverses === undefined ? {} : { reverses: record.reverses }),
    lines: record.lines.map(({ purchaseOrderLine, quantity, direction, complete }) => ({
      orderLine: purchaseOrderLine ?? '',
      quantity: direction === 'in' ? quantity.value : negated(quantity.value),
      unit: { ...quantity.unit },
      complete: complete === true,
    })),
  };
  plan.note(
    `goods receipt ${number}${record.reverses === undefined ? '' : ` takes back ${record.reverses}`}: ${record.lines.map(({ quantity, direction, purchaseOrderLine }) => `${direction === 'in' ? '' : '-'}${quantity.value} ${quantity.unit.code} of line ${purchaseOrderLine ?? 'unknown'}`).join(', ')}`,
  );
  for (const [at, line] of record.lines.entries())
    documentRow({ event, plan }, state, {
      kind: 'goodsReceipt',
      number,
      line: line.line,
      orderLine: line.purchaseOrderLine ?? '',
      state: record.reverses === undefined && line.direction === 'in' ? 'posted' : 'reversal',
      text: `${line.quantity.value} ${line.quantity.unit.code}`,
      amount: line.value,
      at,
    });
  return true;
}

const negated = (value: string): string => (value.startsWith('-') ? value.slice(1) : /^\+?0*(\.0*)?$/.test(value) ? '0' : `-${value.replace(/^\+/, '')}`);

function invoiceSnapshot({ event, plan }: ProcurementInput, state: OrderState): boolean {
  const record = event.data['record'] as unknown as RecordOf<'supplierInvoice'>; // Parsed by the model's schema when it came in.
  const number = record.number ?? event.object;
  const stamp = stampOf(record.changedAt, event.at);
  if (stamp < (state.invoices[number]?.seen ?? '')) {
    plan.note(`superseded: supplier invoice ${number} of ${stamp} is older than what is known`);
    return false;
  }
  // A reversal that names its invoice cancels it; the pair counts for nothing, whichever came first.
  const reversed = record.reversed === true || record.reverses !== undefined || Object.hasOwn(reversalsOf(state), number);
  state.invoices[number] = {
    seen: stamp,
    reversed,
    lines: record.lines.map(({ purchaseOrderLine, quantity, amount, final }) => ({
      orderLine: purchaseOrderLine ?? '',
      quantity: quantity?.value ?? null,
      unit: quantity ? { ...quantity.unit } : null,
      amount: { ...amount },
      final: final === true,
    })),
    ...(record.reverses === undefined ? {} : { reverses: record.reverses }),
  };
  const taken = record.reverses === undefined ? undefined : state.invoices[record.reverses];
  if (taken) taken.reversed = true;
  plan.note(
    `supplier invoice ${number}${record.reverses === undefined ? '' : ` takes back ${record.reverses}`}${record.reversed === true ? ' is reversed' : ''}: ${record.lines.length} lines`,
  );
  for (const [at, line] of record.lines.entries())
    documentRow({ event, plan }, state, {
      kind: 'supplierInvoice',
      number,
      line: line.line,
      orderLine: line.purchaseOrderLine ?? '',
      state: reversed ? 'reversed' : 'posted',
      text: line.quantity ? `${line.quantity.value} ${line.quantity.unit.code}` : 'amount only',
      amount: line.amount,
      at,
    });
  return true;
}

const reversalsOf = (state: OrderState): { readonly [number: string]: true } =>
  Object.fromEntries(Object.values(state.invoices).flatMap(({ reverses }) => (reverses === undefined ? [] : [[reverses, true as const]])));

interface DocumentPart {
  readonly kind: 'goodsReceipt' | 'supplierInvoice';
  readonly number: string;
  readonly line: string;
  readonly orderLine: string;
  readonly state: string;
  readonly text: string;
  readonly amount: { readonly minor: number; readonly currency: string } | undefined;
  readonly at: number;
}

function documentRow(
  { event, plan }: Pick<ProcurementInput, 'event' | 'plan'>,
  state: OrderState,
  { kind, number, line, orderLine, state: word, text, amount }: DocumentPart,
): void {
  const link = state.links[orderLine];
  plan.document({
    kind,
    system: event.source,
    id: number,
    line,
    parent: event.lane,
    state: word,
    text,
    minor: amount?.minor ?? null,
    currency: amount?.currency ?? null,
    ...(link ? { thread: link.thread } : {}),
  });
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

function sharesOf(input: ProcurementInput, state: OrderState): Map<string, Share> {
  const shares = new Map<string, Share>();
  for (const [number, line] of Object.entries(state.lines)) {
    const share = shareOf(input, state, number, line);
    if (share.ok) shares.set(number, share.value);
    else input.plan.hold(`order ${state.number} line ${number}: ${share.problem}`, { owner: share.owner, line: number });
  }
  const unknown = unknownLines(state);
  if (unknown.length > 0 && state.seen !== '')
    input.plan.hold(`order ${state.number} has receipts or invoices for line ${unknown.join(', ')}, which it does not have`, { owner: 'buyer' });
  else if (unknown.length > 0) input.plan.note(`the order itself is not read yet; lines ${unknown.join(', ')} wait for it`);
  for (const [number, { reverses }] of Object.entries(state.receipts))
    if (reverses !== undefined && !state.receipts[reverses])
      input.plan.hold(`goods receipt ${number} takes back ${reverses}, which was never read: the quantity received is not certain until it is`, {
        owner: 'storekeeper',
      });
  for (const [number, { reverses }] of Object.entries(state.invoices))
    if (reverses !== undefined && !state.invoices[reverses])
      input.plan.hold(`supplier invoice ${number} takes back ${reverses}, which was never read: neither counts until it is`, { owner: 'accounts-payable' });
  return shares;
}

function unknownLines(state: OrderState): string[] {
  const named = [...Object.values(state.receipts).flatMap(({ lines }) => lines), ...Object.values(state.invoices).flatMap(({ lines }) => lines)].map(
    ({ orderLine }) => orderLine,
  );
  return [...new Set(named.filter((line) => !state.lines[line]))].sort();
}

/** Orders that no work order stands behind balance in their own lane, under no work order and the line's own cost centre. They leave it when an origin appears. */
function bookOwn({ event, plan }: ProcurementInput, state: OrderState, shares: ReadonlyMap<string, Share>): void {
  for (const [number, { position, currency }] of shares) {
    const link = state.links[number];
    const own = !link || !link.lane.startsWith('workOrder/');
    const before = state.booked[number];
    const target = own ? position : nothing();
    if (!link) plan.didNot(`order ${state.number} line ${number} was bought outside: no work order is known for it, so no cost goes to one`, number);
    if (before && currency !== null && before.currency !== currency && !samePosition(before.position, nothing())) {
      plan.hold(
        `order ${state.number} line ${number} was committed in ${before.currency} and is now in ${currency}: amounts of different currencies are never added`,
        { owner: 'buyer', line: number },
      );
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
