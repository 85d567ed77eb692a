import { moneyText } from '#base/money';
import type { OutcomeData } from '#engine/flow';
import { hubIdOf } from '#flows/cost-object';
import type { CostsInput } from '#flows/costs/flow';
import type { CostsState, Line, Posting, Want } from '#flows/costs/state';
import { noteVariance } from '#flows/costs/summary';
import { asJson } from '#flows/part-quantity';

const textOf = (want: Want | null): string => JSON.stringify(want);

/** The document that stands, or is on its way to stand or to be reversed. */
const activeOf = (line: Line): Posting | undefined => line.postings.findLast(({ state }) => state !== 'reversed' && state !== 'cancelled');

/** Brings finance to what a line wants: at most one document stands, a changed one is reversed first, then posted anew. `why` says why nothing is wanted. */
export function settleLine(input: CostsInput, state: CostsState, key: string, why: string): void {
  const { plan } = input;
  const line = state.lines[key];
  if (!line) return;
  const number = key.slice(key.indexOf('/') + 1);
  const active = activeOf(line);
  const wanted = textOf(line.want);
  if (line.declined === wanted) {
    if (line.want || active) plan.didNot(`${key.replace('/', ' line ')}: a person decided against the change; nothing is sent until the line changes`, number);
    return;
  }
  if (active && textOf(active.want) === wanted && active.state !== 'reversing') return plan.note(`${key.replace('/', ' line ')}: ${moneyText(active.want.amount)} ${active.state === 'applied' ? `stands with posting ${active.number}` : active.state === 'failed' ? 'was refused by finance: a person retries, edits or cancels it' : 'is on its way'}`, number);
  if (!active) return line.want ? post(input, state, key, line, line.want) : undefined;
  if (active.state === 'applied') return reverse(input, key, line, active, line.want ? `corrected to ${moneyText(line.want.amount)}: ${line.want.text}` : why);
  plan.note(`${key.replace('/', ' line ')}: ${active.state === 'reversing' ? `posting ${active.number} is being reversed` : 'the posting has no answer yet'}; the change follows`, number);
}

function post({ plan, sides, event }: CostsInput, state: CostsState, key: string, line: Line, want: Want): void {
  const intent = `${key}/${(line.count += 1)}`;
  line.postings.push({ intent, want, state: 'sent', number: null });
  line.declined = null;
  const { kind, text, day, account, amount, employee, hours, rate, rateFrom, activityType, sender } = want;
  plan.send({
    intent, to: sides.finance, record: 'costPosting', verb: 'create', chain: key, money: amount,
    draft: asJson({
      kind, workOrder: hubIdOf(event.lane), text, postedOn: day, account, amount,
      ...(employee === null ? {} : { employee }), ...(hours === null ? {} : { hours }), ...(rate === null ? {} : { rate }), ...(rateFrom === null ? {} : { rateValidFrom: rateFrom }), ...(activityType === null ? {} : { activityType }), ...(sender === null ? {} : { senderCostCentre: sender }),
    }),
    reason: `${kind} cost ${moneyText(amount)} of work order ${state.number} to cost centre ${want.costCentre}${rate === null ? '' : `: ${hours} h x ${moneyText(rate)} (rate valid from ${rateFrom}) on ${day}`}`,
  });
}

function reverse({ plan, sides, event }: CostsInput, key: string, line: Line, active: Posting, because: string): void {
  active.state = 'reversing';
  const { kind, account, amount, text, hours, employee } = active.want;
  plan.send({
    intent: `${key}/${(line.count += 1)}/reverse`, to: sides.finance, record: 'costPosting', verb: 'reverse', target: active.number ?? '', chain: key, money: amount,
    draft: asJson({ kind, workOrder: hubIdOf(event.lane), text, postedOn: new Date(event.at).toISOString().slice(0, 10), reverses: active.number, account, amount, ...(hours === null ? {} : { hours }), ...(employee === null ? {} : { employee }) }),
    reason: `posting ${active.number} of ${moneyText(amount)} is reversed: ${because}`,
  });
}

const keyPattern = /^((?:labour|service)\/.+)\/\d+(\/reverse)?$/;

/** What came of a posting or of its reversal: ledger, thread, totals, and then what the line still wants. */
export function decideOutcome(input: CostsInput): void {
  const { event, plan, state } = input;
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const [, key = '', reversal] = keyPattern.exec(data.intent) ?? [];
  const line = state.lines[key];
  if (!line) return plan.note(`the outcome of ${data.intent} concerns no posting that is known`);
  if (reversal === undefined) posted(input, state, key, line, data);
  else reversed(input, state, key, line, data);
  settleLine(input, state, key, `line ${key.slice(key.indexOf('/') + 1)} no longer wants it`);
  noteVariance(plan, state, input.policy);
}

function posted(input: CostsInput, state: CostsState, key: string, line: Line, data: OutcomeData): void {
  const { plan, sides, event } = input;
  const posting = line.postings.find(({ intent }) => intent === data.intent);
  if (!posting || (posting.state !== 'sent' && posting.state !== 'failed')) return plan.note(`${data.intent} was already answered`);
  if (data.outcome === 'failed') {
    posting.state = 'failed';
    return;
  }
  if (data.outcome === 'cancelled') {
    posting.state = 'cancelled';
    if (textOf(posting.want) === textOf(line.want)) line.declined = textOf(line.want);
    return;
  }
  Object.assign(posting, { state: 'applied', number: String(data.receipt?.['id'] ?? '') });
  book(input, state, posting, 1, key);
  plan.document({ kind: 'costPosting', system: sides.finance, id: posting.number ?? '', line: '', parent: event.lane, state: 'posted', text: posting.want.text, minor: posting.want.amount.minor, currency: posting.want.amount.currency });
}

function reversed(input: CostsInput, state: CostsState, key: string, line: Line, data: OutcomeData): void {
  const { plan, sides, event } = input;
  const posting = line.postings.findLast((one) => one.state === 'reversing');
  if (!posting) return plan.note(`${data.intent} was already answered`);
  if (data.outcome === 'failed') return plan.note(`finance refused to reverse posting ${posting.number}: a person retries or cancels it`);
  if (data.outcome === 'cancelled') {
    posting.state = 'applied';
    line.declined = textOf(line.want);
    return;
  }
  posting.state = 'reversed';
  book(input, state, posting, -1, key);
  plan.document({ kind: 'costPosting', system: sides.finance, id: posting.number ?? '', line: '', parent: event.lane, state: 'reversed', text: `${posting.want.text}, reversed${typeof data.receipt?.['id'] === 'string' ? ` by ${data.receipt['id']}` : ''}`, minor: posting.want.amount.minor, currency: posting.want.amount.currency });
}

/** A posting moves its amount from need to settled, its reversal exactly back (I8). */
function book({ plan, event }: CostsInput, state: CostsState, { want, number }: Posting, sign: 1 | -1, key: string): void {
  const { amount, costCentre, kind, text } = want;
  const totals = state.actual[kind];
  totals[amount.currency] = (totals[amount.currency] ?? 0) + sign * amount.minor;
  const [debit, credit] = sign > 0 ? (['settled', 'need'] as const) : (['need', 'settled'] as const);
  plan.book({ workOrder: hubIdOf(event.lane), costCentre, debit, credit, amount, document: `costPosting/${number}`, text: `${sign > 0 ? '' : 'reversal of '}${text}` });
  plan.note(`posting ${number} of ${moneyText(amount)} ${sign > 0 ? 'stands' : 'is reversed'}`, key.slice(key.indexOf('/') + 1));
}
