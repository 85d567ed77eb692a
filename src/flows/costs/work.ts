import { isoDate } from '#base/clock';
import { compare, decimal } from '#base/decimal';
import { extend, moneyText, type Money } from '#base/money';
import { factKey } from '#engine/flow';
import { accountOf, hubIdOf, payerOf, retiredBefore, stampOf, workOrderOf, type Payer, type WorkOrder } from '#flows/cost-object';
import type { CostsInput } from '#flows/costs/flow';
import { settleLine } from '#flows/costs/posting';
import type { CostsState, Want } from '#flows/costs/state';
import { noteEstimate, noteVariance } from '#flows/costs/summary';
import { found, lacking, recordOf, type Found } from '#flows/part-quantity';

type LabourLine = WorkOrder['labour'][number];
type ServiceLine = WorkOrder['services'][number];

/** What stands on the work order now, against what was posted: posts what is new, reverses what no longer holds, gives a reason for the rest. */
export function decideWork(input: CostsInput): void {
  const { event, plan, state } = input;
  if (event.kind === 'workOrder.removed') return removed(input, state);
  const order = workOrderOf(event, input.sides);
  if (!order) return plan.note(`${event.source}'s copy of the work order is not what costs go by`);
  const stamp = stampOf(order.changedAt, event.at);
  if (stamp < state.seen) return plan.note(`superseded: work order ${order.number} of ${stamp} is older than ${state.seen}`);
  state.seen = stamp;
  state.number = order.number;
  noteEstimate(state, order);
  const wants = wantsOf(input, order);
  if (input.policy.moment === 'periodic') gather(input, state, wants);
  else settleAll(input, state, order, wants);
  if (order.labour.length === 0 && order.services.length === 0 && Object.keys(state.lines).length === 0)
    plan.didNot(`work order ${order.number} has no hours and no services: nothing to post`);
  noteVariance(plan, state, input.policy);
}

/** What each line of the order wants now; a line that cannot be read is held and absent, so that it keeps what it wanted before. */
function wantsOf(input: CostsInput, order: WorkOrder): Map<string, Want | null> {
  const { event, state, facts } = input;
  facts.want(factsOf(order, hubIdOf(event.lane), input));
  const waiting = whyNotYet(input, order);
  const wants = new Map<string, Want | null>(Object.keys(state.lines).map((key) => [key, null]));
  for (const line of order.labour) wantLine(input, order, wants, `labour/${line.line}`, line.line, waiting, () => labourWant(input, order, line));
  for (const line of order.services) wantLine(input, order, wants, `service/${line.line}`, line.line, waiting, () => serviceWant(input, order, line));
  return wants;
}

function settleAll(input: CostsInput, state: CostsState, order: WorkOrder, wants: ReadonlyMap<string, Want | null>): void {
  const waiting = whyNotYet(input, order);
  const present = new Set([...order.labour.map(({ line }) => `labour/${line}`), ...order.services.map(({ line }) => `service/${line}`)]);
  for (const [key, line] of Object.entries(state.lines)) {
    line.want = wants.has(key) ? (wants.get(key) ?? null) : line.want;
    settleLine(input, state, key, present.has(key) ? (waiting ?? '') : `line ${key.slice(key.indexOf('/') + 1)} is no longer on work order ${order.number}`);
  }
}

const periodKey = 'costs/period';

/** Until the period ends nothing is posted: what is corrected before then leaves one document, or none. */
function gather({ event, plan, policy }: CostsInput, state: CostsState, wants: ReadonlyMap<string, Want | null>): void {
  const open = Object.entries(state.lines).filter(([key, line]) => wants.has(key) && JSON.stringify(wants.get(key) ?? null) !== JSON.stringify(line.want));
  if (open.length === 0) return plan.meet(periodKey);
  const end = endOfPeriod(event.receivedAt, policy.period);
  for (const [key] of open)
    plan.note(`${key.replace('/', ' line ')}: posted at the end of the ${policy.period}, on ${isoDate(end)} (policy moment)`, key.slice(key.indexOf('/') + 1));
  plan.expect(periodKey, `costs of work order ${state.number} are posted at the end of the ${policy.period}`, end, { site: event.site, thread: event.thread });
}

/** Midnight UTC after which the period that holds `at` is over. Weeks end on Sunday. */
export function endOfPeriod(at: number, period: CostsInput['policy']['period']): number {
  const day = new Date(at);
  const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
  if (period === 'month') return Date.UTC(year, month + 1, 1);
  return Date.UTC(year, month, date + (period === 'day' ? 1 : 7 - ((day.getUTCDay() + 6) % 7)));
}

/** The period is over: what the work order says by now is posted, what no longer holds is reversed. */
export function decidePeriod(input: CostsInput): void {
  const { event, state, facts, sides, plan } = input;
  if (event.data['expectation'] !== periodKey) return;
  const order = recordOf(facts, 'workOrder', hubIdOf(event.lane), sides.maintenance);
  if (!order) return removed(input, state);
  settleAll(input, state, order, wantsOf(input, order));
  noteVariance(plan, state, input.policy);
}

function removed(input: CostsInput, state: CostsState): void {
  if (input.policy.moment === 'periodic' && input.event.kind !== 'expectation.overdue')
    return gather(input, state, new Map(Object.keys(state.lines).map((key) => [key, null])));
  for (const [key, line] of Object.entries(state.lines)) {
    line.want = null;
    settleLine(input, state, key, `work order ${state.number} was deleted`);
  }
  if (Object.keys(state.lines).length === 0) input.plan.didNot('the work order was deleted; no costs had been posted for it');
}

/** Why nothing may stand in finance for this order yet, or any more. */
function whyNotYet({ policy }: CostsInput, order: WorkOrder): string | undefined {
  if (order.status === 'cancelled') return policy.whenCancelled === 'reverse' ? `work order ${order.number} was cancelled` : undefined;
  if (policy.moment === 'atClose' && !policy.closeStatuses.includes(order.status))
    return `costs are posted at close (policy moment) and status ${order.status} is not one of ${policy.closeStatuses.join(', ')}`;
  return undefined;
}

/** Finds what one line wants, or why it cannot be said. */
function wantLine(
  input: CostsInput,
  order: WorkOrder,
  wants: Map<string, Want | null>,
  key: string,
  number: string,
  waiting: string | undefined,
  read: () => Found<Want | null>,
): void {
  const { state, plan } = input;
  const line = (state.lines[key] ??= { want: null, count: 0, postings: [], declined: null });
  if (waiting !== undefined) {
    wants.set(key, null);
    if (line.postings.every((posting) => posting.state === 'reversed' || posting.state === 'cancelled'))
      plan.didNot(`no posting for ${key.replace('/', ' line ')} of work order ${order.number}: ${waiting}`, number);
    return;
  }
  const want = read();
  if (want.ok) {
    wants.set(key, want.value);
    return;
  }
  wants.delete(key);
  plan.hold(want.problem, { owner: want.owner, line: number });
}

function labourWant(input: CostsInput, order: WorkOrder, line: LabourLine): Found<Want | null> {
  const { facts, sides, plan, event } = input;
  const what = `labour line ${line.line} of work order ${order.number}`;
  if (compare(line.hours, '0') < 0) return lacking(`${what} says ${line.hours} hours: hours cannot be negative; lower the line instead`, 'technician');
  if (compare(line.hours, '0') === 0) {
    plan.didNot(`no posting for ${what}: no hours`, line.line);
    return found(null);
  }
  if (line.employee === undefined) return lacking(`${what} names no employee: hours without a person have no rate`, 'maintenance-supervisor');
  const day = labourDay(input, order, line);
  if (day === undefined)
    return lacking(
      `${what} names no day: set workedOn, since the rate depends on it, or let the day on which hours appear stand for it (policy undatedLabour)`,
      'maintenance-supervisor',
    );
  const person = recordOf(facts, 'employee', line.employee, sides.finance) ?? recordOf(facts, 'employee', line.employee, sides.maintenance);
  const name = person?.code ?? line.employee;
  if (person?.leftOn !== undefined && day > person.leftOn) return lacking(`${what}: employee ${name} left on ${person.leftOn}, before ${day}`, 'hr-data-owner');
  const rate = rateOn(input, line.employee, day);
  if (!rate) return lacking(`${what}: employee ${name} has no labour rate on ${day}: add a rate that is valid on that day`, 'hr-data-owner');
  const mismatch = currencyMismatch(input, order, rate.rate, line.rate);
  if (mismatch !== undefined) return lacking(`${what}: ${mismatch}`, 'controller');
  const payer = payerFor(input, order, day, what);
  if (!payer.ok) return payer;
  const hours = decimal(line.hours);
  return found({
    kind: 'labour',
    text: `Work order ${order.number}: ${hours} h ${name}${line.kind === undefined ? '' : `, ${line.kind}`}`,
    costCentre: payer.value.costCentre,
    account: accountOf(hubIdOf(event.lane), order, payer.value, input.policy.accountOrder, input),
    day,
    amount: extend(rate.rate, hours),
    employee: line.employee,
    hours,
    rate: { ...rate.rate },
    rateFrom: rate.validFrom,
    activityType: person?.activityType ?? null,
    sender: person?.costCentre ?? null,
  } satisfies WantOf);
}

/** The day of the hours; where they appeared without one and policy lets it count, the day on which they appeared, whatever completion says later. */
function labourDay({ state, policy, event }: CostsInput, order: WorkOrder, line: LabourLine): string | undefined {
  const key = `labour/${line.line}`;
  const day = state.firstSeen[key] ?? line.workedOn ?? order.completedAt?.slice(0, 10);
  return day ?? (policy.undatedLabour === 'firstSeen' ? (state.firstSeen[key] = isoDate(event.at)) : undefined);
}

/** As Want, with interfaces of base allowed where JSON is meant. */
type WantOf = Omit<Want, 'amount'> & { amount: Money };

interface Rate {
  readonly validFrom: string;
  readonly validTo?: string;
  readonly rate: Money;
}

/** The rate that holds on a day: of those valid then, the one that began last. */
function rateOn({ facts }: CostsInput, employee: string, day: string): Rate | undefined {
  const rates = (facts.get(factKey.rates(employee))?.['rates'] ?? []) as unknown as readonly Rate[]; // Remembered by the people flow in this shape.
  let best: Rate | undefined;
  for (const rate of rates) {
    if (rate.validFrom > day || (rate.validTo !== undefined && rate.validTo < day)) continue;
    if (!best || rate.validFrom > best.validFrom) best = rate;
  }
  return best;
}

function currencyMismatch({ facts, sides }: CostsInput, order: WorkOrder, rate: Money, told: Money | undefined): string | undefined {
  const site = order.site === undefined ? undefined : recordOf(facts, 'site', order.site, sides.finance);
  if (site?.currency !== undefined && site.currency !== rate.currency)
    return `the amount is in ${rate.currency} and site ${site.code} keeps its books in ${site.currency}: amounts of different currencies are never added; give a rate in ${site.currency}`;
  if (told && told.currency !== rate.currency)
    return `the work order shows a rate in ${told.currency}, the person's rate is in ${rate.currency}: correct one of them`;
  return undefined;
}

function payerFor(input: CostsInput, order: WorkOrder, day: string, what: string): Found<Payer> {
  const retired = retiredBefore(order, day, input);
  if (retired !== undefined) return lacking(`${what}: ${retired}`, 'maintenance-planner');
  const payer = payerOf(order, day, input);
  return payer.ok ? payer : lacking(`${what}: ${payer.problem}`, payer.owner);
}

function serviceWant(input: CostsInput, order: WorkOrder, line: ServiceLine): Found<Want | null> {
  const { plan, policy, state, event } = input;
  const what = `service line ${line.line} of work order ${order.number}`;
  if (policy.services === 'none') {
    plan.didNot(`no posting for ${what} (${moneyText(line.amount)}): a contractor's cost comes from the purchase order (policy services)`, line.line);
    return found(null);
  }
  if (line.amount.minor < 0)
    return lacking(`${what} says ${moneyText(line.amount)}: a cost cannot be negative; lower the line instead`, 'maintenance-supervisor');
  if (line.amount.minor === 0) {
    plan.didNot(`no posting for ${what}: no amount`, line.line);
    return found(null);
  }
  const mismatch = currencyMismatch(input, order, line.amount, undefined);
  if (mismatch !== undefined) return lacking(`${what}: ${mismatch}`, 'controller');
  const day = order.completedAt?.slice(0, 10) ?? (state.firstSeen[`service/${line.line}`] ??= isoDate(event.at));
  const payer = payerFor(input, order, day, what);
  if (!payer.ok) return payer;
  return found({
    kind: 'service',
    text: `Work order ${order.number}: ${line.text ?? 'service'}`.slice(0, 2000),
    costCentre: payer.value.costCentre,
    account: accountOf(hubIdOf(event.lane), order, payer.value, policy.accountOrder, input),
    day,
    amount: { ...line.amount },
    employee: null,
    hours: null,
    rate: null,
    rateFrom: null,
    activityType: null,
    sender: null,
  });
}

function factsOf(order: WorkOrder, hubId: string, { sides }: CostsInput): string[] {
  const keys = [factKey.identity('workOrder', hubId)];
  if (order.site !== undefined) keys.push(factKey.record('site', order.site, sides.finance));
  if (order.costCentre !== undefined) keys.push(factKey.record('costCentre', order.costCentre, sides.finance));
  if (order.asset !== undefined) keys.push(factKey.record('asset', order.asset, sides.finance), factKey.record('asset', order.asset, sides.maintenance));
  for (const { employee } of order.labour)
    if (employee !== undefined)
      keys.push(factKey.rates(employee), factKey.record('employee', employee, sides.finance), factKey.record('employee', employee, sides.maintenance));
  return keys;
}
