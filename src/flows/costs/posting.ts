import type { JsonObject } from '#base/json';
import { moneyText } from '#base/money';
import type { OutcomeData } from '#engine/flow';
import { hubIdOf } from '#flows/cost-object';
import type { CostsInput } from '#flows/costs/flow';
import type { Amount, CostsState, Line, Posting, Want } from '#flows/costs/state';
import { noteVariance } from '#flows/costs/summary';
import { asJson } from '#flows/part-quantity';

const textOf = (want: Want | null): string => JSON.stringify(want);

/** What finance has on a document: its own value where it said one. */
const standing = ({ booked, want }: Posting): Amount => booked ?? want.amount;

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
  if (active && textOf(active.want) === wanted && active.state !== 'reversing')
    return plan.note(
      `${key.replace('/', ' line ')}: ${moneyText(standing(active))} ${active.state === 'applied' ? `stands with posting ${active.number}` : active.state === 'failed' ? 'was refused by finance: a person retries, edits or cancels it' : 'is on its way'}`,
      number,
    );
  if (!active) return line.want ? post(input, state, key, line, line.want) : undefined;
  if (active.state === 'applied') return reverse(input, key, line, active, line.want ? `corrected to ${moneyText(line.want.amount)}: ${line.want.text}` : why);
  plan.note(
    `${key.replace('/', ' line ')}: ${active.state === 'reversing' ? `posting ${active.number} is being reversed` : 'the posting has no answer yet'}; the change follows`,
    number,
  );
}

function post({ plan, sides, event }: CostsInput, state: CostsState, key: string, line: Line, want: Want): void {
  const intent = `${key}/${(line.count += 1)}`;
  line.postings.push({ intent, want, state: 'sent', number: null, booked: null });
  line.declined = null;
  const { kind, text, day, account, amount, employee, hours, rate, rateFrom, activityType, sender } = want;
  plan.send({
    intent,
    to: sides.finance,
    record: 'costPosting',
    verb: 'create',
    chain: key,
    money: amount,
    draft: asJson({
      kind,
      workOrder: hubIdOf(event.lane),
      text,
      postedOn: day,
      account,
      amount,
      ...(employee === null ? {} : { employee }),
      ...(hours === null ? {} : { hours }),
      ...(rate === null ? {} : { rate }),
      ...(rateFrom === null ? {} : { rateValidFrom: rateFrom }),
      ...(activityType === null ? {} : { activityType }),
      ...(sender === null ? {} : { senderCostCentre: sender }),
    }),
    reason: `${kind} cost ${moneyText(amount)} of work order ${state.number} to cost centre ${want.costCentre}${rate === null ? '' : `: ${hours} h x ${moneyText(rate)} (rate valid from ${rateFrom}) on ${day}`}`,
  });
}

function reverse({ plan, sides, event }: CostsInput, key: string, line: Line, active: Posting, because: string): void {
  active.state = 'reversing';
  const { kind, account, text, hours, employee } = active.want;
  const amount = standing(active);
  plan.send({
    intent: `${key}/${(line.count += 1)}/reverse`,
    to: sides.finance,
    record: 'costPosting',
    verb: 'reverse',
    target: active.number ?? '',
    chain: key,
    money: amount,
    draft: asJson({
      kind,
      workOrder: hubIdOf(event.lane),
      text,
      postedOn: new Date(event.at).toISOString().slice(0, 10),
      reverses: active.number,
      account,
      amount,
      ...(hours === null ? {} : { hours }),
      ...(employee === null ? {} : { employee }),
    }),
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
  Object.assign(posting, { state: 'applied', number: String(data.receipt?.['id'] ?? ''), booked: valueIn(data.receipt) });
  bookPosting(input, state, posting, key);
  plan.document({
    kind: 'costPosting',
    system: sides.finance,
    id: posting.number ?? '',
    line: '',
    parent: event.lane,
    state: 'posted',
    text: posting.want.text,
    ...standing(posting),
  });
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
  bookReversal(input, state, posting, valueIn(data.receipt), key);
  plan.document({
    kind: 'costPosting',
    system: sides.finance,
    id: posting.number ?? '',
    line: '',
    parent: event.lane,
    state: 'reversed',
    text: `${posting.want.text}, reversed${typeof data.receipt?.['id'] === 'string' ? ` by ${data.receipt['id']}` : ''}`,
    ...standing(posting),
  });
}

/** What finance says it booked, which need not be what was asked for: systems value activities with rates of their own. */
function valueIn(receipt: JsonObject | null): Amount | null {
  const told = (receipt?.['data'] as JsonObject | undefined)?.['value'] as { minor?: unknown; currency?: unknown } | undefined;
  return typeof told?.minor === 'number' && typeof told.currency === 'string' ? { minor: told.minor, currency: told.currency } : null;
}

/** A posting moves its amount from need to settled. Where finance booked another one, the difference follows with its reason, so that the ledger is what finance has (I6). */
function bookPosting(input: CostsInput, state: CostsState, posting: Posting, key: string): void {
  const {
    want: { amount: asked },
    number,
  } = posting;
  const stands = standing(posting);
  const line = key.slice(key.indexOf('/') + 1);
  if (stands.currency === asked.currency) {
    book(input, state, posting, asked, '');
    book(input, state, posting, { minor: stands.minor - asked.minor, currency: asked.currency }, 'valued otherwise by finance: ');
  } else book(input, state, posting, stands, 'in the currency of finance: ');
  if (stands.currency !== asked.currency || stands.minor !== asked.minor) input.plan.note(differenceText(posting, stands), line);
  input.plan.note(`posting ${number} of ${moneyText(stands)} stands`, line);
}

function differenceText({ want: { amount, hours, rate, rateFrom } }: Posting, stands: Amount): string {
  const said = hours === null ? `finance booked ${moneyText(stands)}` : `finance valued ${hours} h at ${moneyText(stands)} with its own rate`;
  const expected =
    rate === null ? `${moneyText(amount)} was asked for` : `${moneyText(amount)} expected at the rate of ${moneyText(rate)} (valid from ${rateFrom})`;
  const difference =
    stands.currency === amount.currency
      ? `the difference of ${moneyText({ minor: stands.minor - amount.minor, currency: amount.currency })} is booked`
      : 'the ledger follows finance';
  return `${said}; ${expected}: ${difference}`;
}

/** A reversal moves back what stood (I8). Finance's own figure wins here too: what it did not take back stays in the books, and is said. */
function bookReversal(input: CostsInput, state: CostsState, posting: Posting, value: Amount | null, key: string): void {
  const stood = standing(posting);
  const told = value && { minor: Math.abs(value.minor), currency: value.currency };
  const back = told ?? stood;
  const line = key.slice(key.indexOf('/') + 1);
  book(input, state, posting, { minor: -back.minor, currency: back.currency }, 'reversal of ');
  if (back.currency !== stood.currency || back.minor !== stood.minor)
    input.plan.note(
      `finance took back ${moneyText(back)} of posting ${posting.number}, which stood at ${moneyText(stood)}: the rest stays in the books of both until it is corrected in finance`,
      line,
    );
  input.plan.note(`posting ${posting.number} of ${moneyText(stood)} is reversed`, line);
}

/** Moves an amount from need to settled; a negative one the other way. */
function book(
  { plan, event }: CostsInput,
  state: CostsState,
  { want: { costCentre, kind, text }, number }: Posting,
  { minor, currency }: Amount,
  about: string,
): void {
  const totals = state.actual[kind];
  totals[currency] = (totals[currency] ?? 0) + minor;
  const [debit, credit] = minor > 0 ? (['settled', 'need'] as const) : (['need', 'settled'] as const);
  plan.book({
    workOrder: hubIdOf(event.lane),
    costCentre,
    debit,
    credit,
    amount: { minor: Math.abs(minor), currency },
    document: `costPosting/${number}`,
    text: `${about}${text}`,
  });
}
