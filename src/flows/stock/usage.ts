import { isoDate } from '#base/clock';
import { compare } from '#base/decimal';
import { moneyText } from '#base/money';
import { factKey, type Plan } from '#engine/flow';
import type { Json } from '#base/json';
import { accountOf, hubIdOf, payerOf, retiredBefore, stampOf, workOrderOf, type WorkOrder } from '#flows/cost-object';
import { stockLane } from '#flows/lanes';
import { financePart, financeQuantity, found, lacking, type Found } from '#flows/part-quantity';
import type { StockInput } from '#flows/stock/flow';
import { emptyWorkOrder, type Consumed, type Issued, type WorkOrderState } from '#flows/stock/state';

type IssueLine = WorkOrder['issues'][number];

/** What a work order's lines have used, told to the stock lane of each part and storeroom: absolute totals, so that nothing is issued twice or forgotten. */
export function decideUsage(input: StockInput): void {
  const { event, plan, policy, facts } = input;
  const state = (input.state.workOrder ??= emptyWorkOrder());
  if (event.kind === 'workOrder.removed')
    return plan.note(`the work order was deleted in ${event.source}: what it used stays issued until a person returns it`);
  const order = workOrderOf(event, input.sides);
  if (!order) return plan.note(`${event.source}'s copy of the work order is not what stock goes by`);
  const stamp = stampOf(order.changedAt, event.at);
  if (stamp < state.seen) return plan.note(`superseded: work order ${order.number} of ${stamp} is older than ${state.seen}`);
  state.seen = stamp;
  state.number = order.number;
  const back = order.status === 'cancelled' && policy.whenCancelled === 'return';
  const issues = back ? [] : order.issues;
  facts.want(factsOf(order, hubIdOf(event.lane), input));
  if (order.issues.length === 0 && Object.keys(state.told).length === 0) return plan.didNot(`work order ${order.number} has used no parts`);
  if (order.status === 'cancelled')
    plan.note(
      `work order ${order.number} was cancelled: ${back ? 'what it used is returned' : 'what it used stays issued until its lines say otherwise'} (policy whenCancelled)`,
    );
  tell(input, order, state, gather(input, order, state, issues));
}

/** The wanted totals per stock lane. A line that cannot be read keeps what was told of it before. */
function gather(input: StockInput, order: WorkOrder, state: WorkOrderState, issues: readonly IssueLine[]): Map<string, Record<string, Consumed>> {
  const wanted = new Map<string, Record<string, Consumed>>();
  const kept = new Set<string>();
  for (const line of issues) {
    const read = readLine(input, order, line);
    if (!read.ok) {
      kept.add(line.line);
      if (read.owner === '') input.plan.didNot(read.problem, line.line);
      else input.plan.hold(read.problem, { owner: read.owner, line: line.line });
      continue;
    }
    const lane = stockLane(line.part, read.value.storeroom);
    const group = wanted.get(lane) ?? {};
    group[line.line] = read.value.consumed;
    wanted.set(lane, group);
  }
  for (const [lane, { lines }] of Object.entries(state.told)) {
    const group = wanted.get(lane) ?? {};
    for (const [line, before] of Object.entries(lines)) group[line] ??= kept.has(line) ? before : { ...before, total: '0' };
    wanted.set(lane, group);
  }
  return wanted;
}

function readLine(input: StockInput, order: WorkOrder, line: IssueLine): Found<{ storeroom: string; consumed: Consumed }> {
  const { event, policy, facts, sides } = input;
  if (compare(line.quantity.value, '0') < 0)
    return lacking(`line ${line.line} says that ${line.quantity.value} were used: a used quantity cannot be negative; lower the line instead`, 'technician');
  const part = financePart(line.part, input);
  if (!part.ok) return { ...part, problem: `line ${line.line}: ${part.problem}` };
  const stocked = part.value.stocked ?? (policy.unknownStocking === 'hold' ? undefined : policy.unknownStocking === 'stock');
  if (stocked === undefined)
    return lacking(
      `line ${line.line}: whether part ${part.value.code} is a stock item is not known in ${sides.finance}: set field stocked of the part, or policy unknownStocking`,
      'master-data-owner',
    );
  if (!stocked) return lacking(`no goods issue for line ${line.line}: part ${part.value.code} is not a stock item, it was consumed when it was received`, '');
  if (line.storeroom === undefined)
    return lacking(`line ${line.line}: part ${part.value.code} was used but the line names no storeroom: set the storeroom of the line`, 'technician');
  const quantity = financeQuantity(line.quantity, part.value, { part: line.part, connection: sides.maintenance }, facts);
  if (!quantity.ok) return { ...quantity, problem: `line ${line.line}: ${quantity.problem}` };
  const usedOn = (line.usedAt ?? isoDate(event.at)).slice(0, 10);
  const retired = retiredBefore(order, usedOn, input);
  if (retired !== undefined) return lacking(`line ${line.line}: ${retired}`, 'maintenance-planner');
  const payer = payerOf(order, usedOn, input);
  if (!payer.ok) return { ...payer, problem: `line ${line.line}: ${payer.problem}` };
  const account = accountOf(hubIdOf(event.lane), order, payer.value, policy.accountOrder, input);
  return found({
    storeroom: line.storeroom,
    consumed: { total: quantity.value.value, unit: { ...quantity.value.unit }, costCentre: payer.value.costCentre, account, usedOn },
  });
}

function tell({ event, plan }: StockInput, order: WorkOrder, state: WorkOrderState, wanted: ReadonlyMap<string, Record<string, Consumed>>): void {
  for (const [lane, lines] of wanted) {
    const before = state.told[lane];
    const news = Object.entries(lines).filter(([line, { total, unit }]) => {
      const told = before?.lines[line];
      return told ? compare(told.total, total) !== 0 || told.unit.code !== unit.code || told.unit.system !== unit.system : compare(total, '0') !== 0;
    });
    if (news.length === 0) {
      plan.note(
        `${lane}: ${Object.entries(lines)
          .map(([line, { total, unit }]) => `line ${line} stays at ${total} ${unit.code}`)
          .join(', ')}; no goods issue is needed`,
      );
      continue;
    }
    const n = (before?.n ?? 0) + 1;
    state.told[lane] = { n, lines };
    for (const [line, { total, unit }] of news)
      plan.note(`line ${line} has used ${total} ${unit.code} in all, ${before?.lines[line]?.total ?? '0'} before: told to ${lane}`, line);
    plan.tell({
      lane,
      kind: 'stock.consumed',
      key: `${event.lane}/${n}`,
      data: { from: event.lane, n, number: order.number, site: order.site ?? '', thread: event.thread, lines: lines as unknown as Json },
    });
  }
}

/** What the stock lane posted: the value goes into the ledger and the thread, so that the work order knows its cost of parts (000-46). */
export function decideIssued({ event, plan, state: flow }: StockInput): void {
  const state = (flow.workOrder ??= emptyWorkOrder());
  const from = String(event.data['from']);
  const n = Number(event.data['n']);
  const before = state.issued[from];
  if (before && n < before.n) return plan.note(`superseded: answer ${n} of ${from}, ${before.n} was already heard`);
  const lines = event.data['lines'] as unknown as Record<string, Issued>; // Written by this flow's stock lanes.
  state.issued[from] = { n, lines };
  for (const [line, issued] of Object.entries(lines)) book(plan, state, { lane: event.lane, from, line }, issued);
}

function book(plan: Plan, state: WorkOrderState, at: { readonly lane: string; readonly from: string; readonly line: string }, issued: Issued): void {
  const key = `${at.from}|${at.line}`;
  const costCentre = state.told[at.from]?.lines[at.line]?.costCentre ?? '';
  const booked = (state.booked[key] ??= { minor: 0, currency: issued.currency ?? '', costCentre });
  if (issued.unvalued) plan.note(`line ${at.line}: finance did not say the value of what was issued; the cost of parts lacks it`, at.line);
  if (issued.currency === null) return;
  if (booked.currency !== '' && booked.currency !== issued.currency && booked.minor !== 0) {
    return plan.hold(
      `line ${at.line} was issued at a value in ${booked.currency} and now in ${issued.currency}: amounts of different currencies are never added`,
      { owner: 'controller', line: at.line },
    );
  }
  const difference = issued.minor - booked.minor;
  Object.assign(booked, { minor: issued.minor, currency: issued.currency });
  const amount = { minor: Math.abs(difference), currency: issued.currency };
  const [debit, credit] = difference > 0 ? (['settled', 'need'] as const) : (['need', 'settled'] as const);
  plan.book({
    workOrder: hubIdOf(at.lane),
    costCentre: booked.costCentre,
    debit,
    credit,
    amount,
    document: `${at.from}/${at.line}`,
    text: `parts ${difference > 0 ? 'issued' : 'returned'}: ${moneyText(amount)}`,
  });
  plan.note(
    `line ${at.line}: ${issued.quantity} ${issued.unit.code} issued for ${moneyText({ minor: issued.minor, currency: issued.currency })} in all`,
    at.line,
  );
}

function factsOf(order: WorkOrder, hubId: string, { sides }: StockInput): string[] {
  const keys = [factKey.identity('workOrder', hubId)];
  if (order.costCentre !== undefined) keys.push(factKey.record('costCentre', order.costCentre, sides.finance));
  if (order.asset !== undefined) keys.push(factKey.record('asset', order.asset, sides.finance), factKey.record('asset', order.asset, sides.maintenance));
  for (const { part, quantity } of order.issues) {
    keys.push(factKey.record('part', part, sides.finance));
    if (quantity.unit.system === 'part') keys.push(factKey.record('part', part, sides.maintenance));
  }
  return keys;
}
