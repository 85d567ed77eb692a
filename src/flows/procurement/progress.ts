import { compare } from '#base/decimal';
import { factKey, type OutcomeData } from '#engine/flow';
import { lane as laneOf, provisionalHubId } from '#flows/lanes';
import { bookCommitment, moneyKey } from '#flows/procurement/commitment';
import type { ProcurementInput } from '#flows/procurement/flow';
import { heldBy, settleHold } from '#flows/procurement/holding';
import { tellInbound } from '#flows/procurement/inbound';
import { counts, isReservation, orderedOf, pushChange, requestText, withdrawalKey } from '#flows/procurement/request';
import { emptyWorkOrder, type Amount, type OrderShare, type Request, type UnitOf, type WorkOrderState } from '#flows/procurement/state';

/** What came of a work order's requests: answers of the target, and what requisition and order lanes tell. */
export function decideProgress(input: ProcurementInput): void {
  const state = (input.state.workOrder ??= emptyWorkOrder());
  const { kind } = input.event;
  if (kind === 'operation.outcome') outcome(input, state);
  else if (kind === 'procurement.requisition') requisitionTold(input, state);
  else if (kind === 'procurement.stage') stageTold(input, state);
  else overdue(input);
  lookAgain(input, state);
  tellInbound(input, state);
}

/** What this event is held for is looked at anew, also where it has nothing else to say: no trouble loses the event that stands for it, and what was repaired goes on. */
function lookAgain(input: ProcurementInput, state: WorkOrderState): void {
  const mine = new Set(heldBy(input.event, state.held ?? {}));
  if (mine.size === 0) return;
  for (const request of state.requests) {
    const document = `purchaseRequisition/${request.number ?? ''}/${request.docLine}`;
    if (mine.has(moneyKey(request))) bookCommitment(input, state, { request, document, text: 'no longer held' });
    if (mine.has(needKey(request))) uncovered(input, state, request, null);
    if (mine.has(accountKey(request))) chargedElsewhere(input, state, request);
  }
}

function outcome(input: ProcurementInput, state: WorkOrderState): void {
  // Written by the engine in this shape.
  const data = input.event.data as unknown as OutcomeData;
  if (data.record === 'workOrderCost') return costOutcome(input, data);
  if (data.verb === 'update') return changeOutcome(input, state, data);
  const requests = state.requests.filter(({ doc }) => doc === data.intent);
  if (requests.length === 0) return input.plan.note(`the outcome of ${data.intent} concerns no request that is known`);
  const first = requests[0];
  if (data.outcome === 'applied') return created(input, state, requests, String(data.receipt?.['id'] ?? ''));
  for (const request of requests) {
    if (request.state !== 'sent' && request.state !== 'failed') continue;
    request.state = data.outcome === 'failed' ? 'failed' : 'rejected';
    const text = data.outcome === 'failed' ? 'not yet accepted by finance' : 'cancelled by a person';
    bookCommitment(input, state, { request, document: data.intent, text });
  }
  const words =
    data.outcome === 'failed'
      ? `finance refused ${first ? requestText(first) : data.intent}: a person retries, edits or cancels it`
      : `${first ? requestText(first) : data.intent} was cancelled by a person: nothing is requested again for these lines by itself`;
  input.plan.note(`${words}${typeof data.fault?.['message'] === 'string' ? ` (${data.fault['message']})` : ''}`);
}

function created(input: ProcurementInput, state: WorkOrderState, requests: readonly Request[], number: string): void {
  const { event, plan, sides } = input;
  const links: Record<string, { line: string; toStock: boolean }> = {};
  for (const request of requests) {
    if (request.number !== null) continue;
    Object.assign(request, { state: 'open', number, confirmed: request.asked });
    const record = isReservation(request) ? 'reservation' : 'purchaseRequisition';
    plan.document({
      kind: record,
      system: sides.finance,
      id: number,
      line: request.docLine,
      parent: event.lane,
      state: isReservation(request) ? 'reserved' : 'requested',
      text: `${request.confirmed} ${request.unit.code} ${request.name}`,
      minor: null,
      currency: null,
    });
    if (isReservation(request)) {
      plan.note(`${requestText(request)} is in finance: ${request.confirmed} ${request.unit.code} ${request.name}`, request.line);
      continue;
    }
    links[request.docLine] = { line: request.line, toStock: request.toStock };
    plan.remember(factKey.origin('purchaseRequisition', sides.finance, number, request.docLine), {
      lane: event.lane,
      line: request.line,
      requisition: number,
      requisitionLine: request.docLine,
      thread: event.thread,
      site: event.site,
      priority: state.priority,
      toStock: request.toStock,
    });
    bookCommitment(input, state, { request, document: `purchaseRequisition/${number}/${request.docLine}`, text: `requested for line ${request.line}` });
    plan.note(`${requestText(request)} is in finance: ${request.confirmed} ${request.unit.code} ${request.name}`, request.line);
    if (request.price === null) plan.note(`${requestText(request)} has no price yet: no commitment until it is ordered`, request.line);
  }
  if (Object.keys(links).length > 0) {
    plan.tell({
      lane: laneOf('purchaseRequisition', provisionalHubId(sides.finance, number)),
      kind: 'requisition.linked',
      key: `linked/${event.lane}/${number}`,
      data: { lane: event.lane, number, thread: event.thread, site: event.site, priority: state.priority, lines: links },
    });
  }
  for (const request of requests) pushChange(input, request, 'the need changed while the document was on its way');
}

const changePattern = /^(.+)\/([^/]+)\/change\/\d+$/;

function changeOutcome(input: ProcurementInput, state: WorkOrderState, data: OutcomeData): void {
  const [, doc, docLine] = changePattern.exec(data.intent) ?? [];
  const request = state.requests.find((one) => one.doc === doc && one.docLine === docLine);
  if (!request) return input.plan.note(`the outcome of ${data.intent} concerns no request that is known`);
  if (data.outcome === 'failed')
    return input.plan.note(`finance refused to change ${requestText(request)}: a person retries it, or tells the buyer`, request.line);
  if (data.outcome === 'cancelled') {
    Object.assign(request, { kept: true, wanted: request.confirmed, asked: request.confirmed });
    return input.plan.note(
      `the change of ${requestText(request)} was cancelled by a person: it stays at ${request.confirmed} ${request.unit.code}`,
      request.line,
    );
  }
  request.confirmed = request.asked;
  if (compare(request.confirmed, '0') === 0 && !orderedOf(request)) request.state = 'withdrawn';
  bookCommitment(input, state, { request, document: `purchaseRequisition/${request.number ?? ''}/${request.docLine}`, text: 'no longer needed' });
  input.plan.note(`${requestText(request)} now stands at ${request.confirmed} ${request.unit.code} in finance`, request.line);
}

function costOutcome({ plan, sides, event }: ProcurementInput, data: OutcomeData): void {
  const [, doc = '', docLine = ''] = /^cost\/(.+)\/([^/]+)\/\d+$/.exec(data.intent) ?? [];
  if (data.outcome !== 'applied')
    return plan.note(
      `the actual cost ${data.intent} is not on the work order yet: ${data.outcome === 'failed' ? 'a person retries it' : 'cancelled by a person'}`,
    );
  plan.document({
    kind: 'workOrderCost',
    system: sides.maintenance,
    id: String(data.receipt?.['id'] ?? data.intent),
    line: docLine,
    parent: event.lane,
    state: 'noted',
    text: `actual cost of ${doc} line ${docLine}`,
    minor: null,
    currency: null,
  });
  plan.note('the actual cost is on the work order');
}

/** Whether a lane's message is older than one that was already heard; the same one again is not. */
function stale({ event, plan }: ProcurementInput, state: WorkOrderState): boolean {
  const n = Number(event.data['n']);
  const from = String(event.data['from']);
  if (n < (state.heard[from] ?? 0)) {
    plan.note(`superseded: message ${n} of ${from}, ${state.heard[from]} was already heard`);
    return true;
  }
  state.heard[from] = n;
  return false;
}

/** One requisition line as its lane tells it. */
export type RequisitionTold = { state: string; quantity: string; unit: UnitOf; price: Amount | null; approver: string | null };

const gone: Readonly<Record<string, 'rejected' | 'deleted' | 'closed'>> = { rejected: 'rejected', deleted: 'deleted', closed: 'closed' };

function requisitionTold(input: ProcurementInput, state: WorkOrderState): void {
  if (stale(input, state)) return;
  const { event } = input;
  const number = String(event.data['requisition']);
  // Written by this flow's requisition lanes.
  const lines = event.data['lines'] as unknown as Readonly<Record<string, RequisitionTold>>;
  for (const request of state.requests) {
    const told = request.number === number && !isReservation(request) ? lines[request.docLine] : undefined;
    if (told) takeOver(input, state, request, told);
  }
}

function takeOver(input: ProcurementInput, state: WorkOrderState, request: Request, told: RequisitionTold): void {
  const { plan } = input;
  const before = request.state;
  const ended = gone[told.state];
  request.approval = told.state;
  if (before === 'withdrawn') return plan.note(`${requestText(request)} is ${told.state} in finance; it was withdrawn before`, request.line);
  request.state = ended ?? 'open';
  if (told.price) request.price = told.price;
  if (compare(told.quantity, request.confirmed) !== 0 && told.unit.code === request.unit.code && compare(request.asked, request.confirmed) === 0) {
    plan.note(`${requestText(request)} was changed from ${request.confirmed} to ${told.quantity} ${request.unit.code} in finance`, request.line);
    request.confirmed = told.quantity;
  }
  bookCommitment(input, state, { request, document: `purchaseRequisition/${request.number ?? ''}/${request.docLine}`, text: `requisition ${told.state}` });
  const words = `${requestText(request)} is ${told.state}${told.approver ? ` by ${told.approver}` : ''}`;
  if (ended !== undefined && orderedOf(request)) return plan.note(`${words}; its order stands`, request.line);
  plan.note(words, request.line);
  uncovered(input, state, request, told.approver);
}

/** Key of what a request's account is held for. */
const accountKey = ({ doc, docLine }: Request): string => `${doc}/${docLine}/account`;

/** An order that charges another cost centre than the work bears the cost twice over in nobody's books: the controller hears of it (000-17, 003-30). */
function chargedElsewhere(input: ProcurementInput, state: WorkOrderState, request: Request): void {
  const { plan, policy } = input;
  const other = Object.values(request.orders).find(
    ({ chargedTo, quantity }) => !request.toStock && (chargedTo ?? '') !== '' && chargedTo !== request.costCentre && compare(quantity, '0') > 0,
  );
  const text = other
    ? `order ${other.order} line ${other.orderLine} is charged to cost centre ${other.chargedTo}, and ${requestText(request)} for the work order to ${request.costCentre}: correct the account assignment of the order`
    : '';
  if (other && policy.otherCostCentre === 'note') plan.note(text, request.line);
  const trouble = other && policy.otherCostCentre === 'hold' ? { kind: 'costCentre', owner: 'controller', text } : undefined;
  settleHold(input, (state.held ??= {}), { key: accountKey(request), name: requestText(request), line: request.line, touched: true }, trouble);
}

/** Key of what a request's need is held for. */
const needKey = ({ doc, docLine }: Request): string => `${doc}/${docLine}/need`;

/** Rejected, closed or deleted without an order that stands: the need is open, and the planner hears of it. */
function uncovered(input: ProcurementInput, state: WorkOrderState, request: Request, approver: string | null): void {
  const { plan, policy } = input;
  const open = Object.hasOwn(gone, request.state) && !orderedOf(request) && compare(request.wanted, '0') !== 0 && request.number !== null;
  const text = `${requestText(request)} for ${request.wanted} ${request.unit.code} ${request.name} was ${request.state}${approver ? ` by ${approver}` : ''} in finance: the need of line ${request.line} is not covered`;
  if (open && policy.afterRejection === 'note') plan.note(text, request.line);
  const trouble =
    open && policy.afterRejection === 'hold'
      ? { kind: request.state, owner: 'maintenance-planner', text: `${text}; change the line, remove it, or cancel this note` }
      : undefined;
  settleHold(input, (state.held ??= {}), { key: needKey(request), name: requestText(request), line: request.line, touched: true }, trouble);
}

function stageTold(input: ProcurementInput, state: WorkOrderState): void {
  if (stale(input, state)) return;
  const { event, plan } = input;
  // Written by this flow's order lanes.
  const shares = event.data['lines'] as unknown as readonly OrderShare[];
  for (const share of shares) {
    const request = state.requests.find((one) => one.number === share.requisition && one.docLine === share.requisitionLine && !isReservation(one));
    if (!request) {
      plan.note(
        `order ${share.order} line ${share.orderLine} refers to requisition ${share.requisition} line ${share.requisitionLine}, which this work order did not raise`,
      );
      continue;
    }
    const key = `${share.order}/${share.orderLine}`;
    if (JSON.stringify(request.orders[key]) !== JSON.stringify(share)) describe(input, request, share);
    request.orders[key] = share;
    bookCommitment(input, state, { request, document: `purchaseOrder/${key}`, text: `order ${share.order} line ${share.orderLine}` });
    chargedElsewhere(input, state, request);
    afterOrder(input, state, request);
  }
  partsReady(input, state);
}

function describe({ plan }: ProcurementInput, request: Request, share: OrderShare): void {
  const unit = share.unit.code;
  const parts = [`${share.quantity} ${unit} ordered`, `${share.received} received`, `${share.invoiced} invoiced`];
  if (share.deleted) parts.push('line deleted');
  if (share.complete) parts.push('delivery complete');
  if (share.final) parts.push('finally invoiced');
  if (share.promisedOn !== null) parts.push(`promised for ${share.promisedOn}`);
  plan.note(`order ${share.order} line ${share.orderLine} for ${request.name}: ${parts.join(', ')}`, request.line);
}

/** After an order changed: a cancelled order line lets a withdrawn need be closed and answers the question to the buyer, or leaves a need uncovered. */
function afterOrder(input: ProcurementInput, state: WorkOrderState, request: Request): void {
  uncovered(input, state, request, null);
  if (orderedOf(request) || compare(request.wanted, request.asked) === 0) return;
  input.plan.meet(withdrawalKey(request));
  pushChange(input, request, 'the order was cancelled and the need is gone');
}

function partsReady({ plan }: ProcurementInput, state: WorkOrderState): void {
  const needed = state.requests.filter((request) => counts(request) && !isReservation(request) && request.kind === 'part' && compare(request.wanted, '0') > 0);
  const ready =
    needed.length > 0 &&
    needed.every((request) =>
      Object.values(request.orders).some(({ received, quantity, complete }) => compare(received, '0') > 0 && (complete || compare(received, quantity) >= 0)),
    );
  if (ready !== state.ready)
    plan.note(
      ready
        ? `parts ready: everything requested for work order ${state.number} is received`
        : `parts of work order ${state.number} are no longer complete: a receipt was taken back or more was ordered`,
    );
  state.ready = ready;
}

function overdue({ event, plan }: ProcurementInput): void {
  const key = String(event.data['expectation']);
  if (!key.startsWith('procurement/')) return;
  plan.note(`overdue: ${String(event.data['what'])}; remind the buyer`);
}
