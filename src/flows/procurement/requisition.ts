import { canonicalJson, type Json } from '#base/json';
import type { Sides } from '#engine/flow';
import { stampOf } from '#flows/cost-object';
import { lane as laneOf, provisionalHubId } from '#flows/lanes';
import type { ProcurementInput } from '#flows/procurement/flow';
import type { RequisitionTold } from '#flows/procurement/progress';
import { emptyRequisition, type Link, type RequisitionState } from '#flows/procurement/state';
import type { RecordOf } from '#model/records';

const hourMs = 3_600_000;
const approvalKey = 'procurement/approval';

/** A requisition's lane: what finance says of it is told to where each line comes from, and order lines are led to their origin. */
export function decideRequisitionEvent(input: ProcurementInput): void {
  const state = (input.state.requisition ??= emptyRequisition());
  const { kind } = input.event;
  if (kind === 'expectation.overdue') return approvalOverdue(input, state);
  if (kind === 'requisition.linked') linked(input, state);
  else if (kind === 'requisition.ordered') asked(input, state);
  else if (!snapshot(input, state)) return;
  watchApproval(input, state);
  tellOrigins(input, state);
  answerOrders(input, state);
}

function linked({ event, plan }: ProcurementInput, state: RequisitionState): void {
  const { data } = event;
  const number = String(data['number']);
  state.number = number;
  state.linkedAt ||= event.at;
  // Written by work-order and stock lanes.
  const lines = data['lines'] as unknown as Readonly<Record<string, { line: string; toStock: boolean }>>;
  for (const [requisitionLine, { line, toStock }] of Object.entries(lines))
    state.links[requisitionLine] = {
      lane: String(data['lane']),
      line,
      requisition: number,
      requisitionLine,
      thread: String(data['thread']),
      site: String(data['site']),
      priority: String(data['priority']),
      toStock,
    };
  plan.note(`requisition ${number} comes from ${String(data['lane'])}`);
}

function asked({ event, plan }: ProcurementInput, state: RequisitionState): void {
  state.asking[`${String(event.data['lane'])}|${String(event.data['orderLine'])}`] = String(event.data['line']);
  plan.note(`order line ${String(event.data['orderLine'])} of ${String(event.data['lane'])} was made from line ${String(event.data['line'])}`);
}

/** Takes a snapshot in; false where it is older than what is known. */
function snapshot(input: ProcurementInput, state: RequisitionState): boolean {
  const { event, plan } = input;
  if (event.kind === 'purchaseRequisition.removed') {
    for (const line of Object.values(state.lines)) line.state = 'deleted';
    plan.note(`requisition ${state.number} no longer exists in ${event.source}: its lines count as deleted`);
    return true;
  }
  // Parsed by the model's schema when it came in.
  const record = event.data['record'] as unknown as RecordOf<'purchaseRequisition'>;
  const stamp = stampOf(record.changedAt, event.at);
  if (stamp < state.seen) {
    plan.note(`superseded: requisition ${record.number ?? event.object} of ${stamp} is older than ${state.seen}`);
    return false;
  }
  state.seen = stamp;
  state.number = record.number ?? event.object;
  const lines: RequisitionState['lines'] = {};
  for (const line of record.lines) {
    lines[line.line] = {
      state: line.state ?? 'inApproval',
      quantity: line.quantity.value,
      unit: { ...line.quantity.unit },
      price: line.price ? { ...line.price } : null,
      approver: line.approver ?? null,
      purchaseOrder: line.purchaseOrder ?? null,
      purchaseOrderLine: line.purchaseOrderLine ?? null,
    };
  }
  for (const [number, before] of Object.entries(state.lines)) if (!lines[number]) lines[number] = { ...before, state: 'deleted' };
  state.lines = lines;
  plan.note(
    `requisition ${state.number}: ${Object.entries(lines)
      .map(([number, line]) => `line ${number} ${line.state}${line.purchaseOrder === null ? '' : ` with order ${line.purchaseOrder}`}`)
      .join(', ')}`,
  );
  if (Object.keys(state.links).length === 0)
    plan.note(`requisition ${state.number} was not raised by the hub, or its answer is still on the way: no work order is told`);
  return true;
}

const decidedStates = new Set(['approved', 'rejected', 'ordered', 'closed', 'deleted']);

/** Approval has a deadline by priority; the dwell time is noted when it comes, and when it does not. */
function watchApproval({ event, plan, policy }: ProcurementInput, state: RequisitionState): void {
  const link = Object.values(state.links)[0];
  if (!link || state.approved) return;
  const lines = Object.values(state.lines);
  const hours = ((event.at - state.linkedAt) / hourMs).toFixed(1);
  if (lines.length > 0 && lines.every((line) => decidedStates.has(line.state))) {
    state.approved = true;
    plan.meet(approvalKey);
    plan.note(`requisition ${state.number} was decided after ${hours} h (${[...new Set(lines.map((line) => line.state))].join(', ')})`);
    return;
  }
  const within =
    policy.approvalWithinHours[(Object.hasOwn(policy.approvalWithinHours, link.priority) ? link.priority : 'none') as keyof typeof policy.approvalWithinHours];
  plan.expect(approvalKey, `requisition ${state.number} is approved within ${within} h (${link.priority} priority)`, state.linkedAt + within * hourMs, {
    site: link.site,
    thread: link.thread,
  });
}

function approvalOverdue({ event, plan }: ProcurementInput, state: RequisitionState): void {
  if (event.data['expectation'] !== approvalKey) return;
  const hours = ((event.at - state.linkedAt) / hourMs).toFixed(1);
  plan.note(`overdue: requisition ${state.number} has waited ${hours} h for approval; ${String(event.data['what'])}`);
}

/** Tells every origin the state of all its lines, absolute and numbered, when anything changed. */
function tellOrigins({ event, plan, sides }: ProcurementInput, state: RequisitionState): void {
  const byLane = new Map<string, { link: Link; lines: Record<string, RequisitionTold> }>();
  for (const [number, line] of Object.entries(state.lines)) {
    const link = state.links[number];
    if (!link) continue;
    const group = byLane.get(link.lane) ?? { link, lines: {} };
    const { purchaseOrder: _order, purchaseOrderLine: _line, ...told } = line;
    group.lines[number] = told;
    byLane.set(link.lane, group);
  }
  const text = canonicalJson([...byLane].map(([lane, { lines }]) => [lane, lines]));
  if (text === state.told || byLane.size === 0) return;
  state.told = text;
  const n = (state.n += 1);
  for (const [lane, { link, lines }] of byLane) {
    for (const [number, line] of Object.entries(lines))
      plan.document({
        kind: 'purchaseRequisition',
        system: systemOf(event.lane, sides),
        id: state.number,
        line: number,
        parent: lane,
        state: line.state,
        text: `${line.quantity} ${line.unit.code}${line.approver ? `, ${line.approver}` : ''}`,
        minor: line.price?.minor ?? null,
        currency: line.price?.currency ?? null,
        thread: link.thread,
      });
    plan.tell({
      lane,
      kind: 'procurement.requisition',
      key: `${event.lane}/${n}`,
      data: { from: event.lane, n, requisition: state.number, lines: lines as unknown as Json },
      thread: link.thread,
      site: link.site,
    });
  }
}

/** The connection of `purchaseRequisition/erp.10045120`: requisition and order lanes carry provisional ids, connection and number. */
export const systemOf = (lane: string, sides: Sides): string =>
  lane.slice(lane.indexOf('/') + 1).startsWith(`${sides.maintenance}.`) ? sides.maintenance : sides.finance;

/** Leads order lines to the origin of the requisition line that they were made from. */
function answerOrders({ event, plan, sides }: ProcurementInput, state: RequisitionState): void {
  for (const [number, { purchaseOrder, purchaseOrderLine }] of Object.entries(state.lines)) {
    if (purchaseOrder === null || purchaseOrderLine === null) continue;
    state.asking[`${laneOf('purchaseOrder', provisionalHubId(systemOf(event.lane, sides), purchaseOrder))}|${purchaseOrderLine}`] ??= number;
  }
  for (const [asking, number] of Object.entries(state.asking)) {
    const link = state.links[number];
    if (!link || state.answered[asking]) continue;
    state.answered[asking] = true;
    const [lane = '', orderLine = ''] = asking.split('|');
    plan.tell({
      lane,
      kind: 'order.linked',
      key: `linked/${event.lane}/${number}/${orderLine}`,
      data: { orderLine, link: { ...link } },
      thread: link.thread,
      site: link.site,
    });
  }
}
