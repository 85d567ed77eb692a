import { isoDate } from '#base/clock';
import type { JsonObject } from '#base/json';
import { extend, moneyText } from '#base/money';
import type { OutcomeData } from '#engine/flow';
import { asJson, recordOf } from '#flows/part-quantity';
import type { ScrapInput } from '#flows/scrap/flow';
import type { Amount, Line, Posting, Want } from '#flows/scrap/state';

const textOf = (want: Want | null): string => JSON.stringify(want);

/** The document that stands, or is on its way to stand or to be reversed. */
const activeOf = (line: Line): Posting | undefined => line.postings.findLast(({ state }) => state !== 'reversed' && state !== 'cancelled');

/** Brings finance to what a line wants: at most one document stands, a changed one is reversed first, then posted anew. `why` says why nothing is wanted. */
export function settleLine(input: ScrapInput, number: string, why: string): void {
  const { plan, state } = input;
  const line = state.lines[number];
  if (!line) return;
  const what = `scrap line ${number} of ${state.number}`;
  const active = activeOf(line);
  const wanted = textOf(line.want);
  if (line.declined === wanted) {
    if (line.want || active) plan.didNot(`${what}: a person decided against the change; nothing is sent until the line changes`, number);
    return;
  }
  if (!active) return line.want ? post(input, number, line, line.want) : plan.didNot(`no posting for ${what}: ${why}`, number);
  if (active.state !== 'reversing' && textOf(active.want) === wanted) return plan.note(`${what}: ${standsAs(active)}`, number);
  if (active.state === 'applied') return reverse(input, number, line, active, line.want ? `corrected to ${line.want.quantity} ${line.want.unit.code}` : why);
  plan.note(
    `${what}: ${active.state === 'reversing' ? `posting ${active.number} is being reversed` : 'the posting has no answer yet'}; the change follows`,
    number,
  );
}

function standsAs({ state, want, number }: Posting): string {
  const quantity = `${want.quantity} ${want.unit.code} ${want.name}`;
  if (state === 'applied') return `${quantity} stands with posting ${number}`;
  return state === 'failed' ? `${quantity} was refused by finance: a person retries, edits or cancels it` : `${quantity} is on its way`;
}

const moneyOf = (value: Amount | null): { money?: Amount } => (value ? { money: value } : {});

const draftOf = ({ part, storeroom, quantity, unit, reason, costCentre, workOrder, day, text }: Want, value: Amount | null, more: object): JsonObject =>
  asJson({
    part,
    storeroom,
    quantity: { value: quantity, unit },
    ...(reason === null ? {} : { reason }),
    account: { costCentre },
    ...(workOrder === '' ? {} : { workOrder }),
    postedOn: day,
    text,
    ...(value ? { value } : {}),
    ...more,
  });

function post(input: ScrapInput, number: string, line: Line, want: Want): void {
  const { plan, sides, state } = input;
  const intent = `scrap/${number}/${(line.count += 1)}`;
  const price = priceOf(input, want);
  const value = price ? { ...extend(price.price, want.quantity, price.per) } : null;
  line.postings.push({ intent, want, state: 'sent', number: null, value });
  line.declined = null;
  plan.send({
    intent,
    to: sides.finance,
    record: 'scrapPosting',
    verb: 'create',
    chain: `scrap/${number}`,
    ...moneyOf(value),
    draft: draftOf(want, value, {}),
    reason: `scrap of ${want.quantity} ${want.unit.code} ${want.name} at ${want.storeroom} (line ${number} of ${state.number}${want.reason === null ? '' : `, ${want.reason}`}) to cost centre ${want.costCentre}${value ? `: ${moneyText(value)}` : ': finance values it'}`,
  });
}

/** What one unit costs: the valuation price at the storeroom, else the part's. */
function priceOf({ facts, sides }: ScrapInput, { part, storeroom }: Want): { price: { minor: number; currency: string }; per: string } | undefined {
  const level = recordOf(facts, 'stockLevel', `${part}@${storeroom}`, sides.finance);
  if (level?.valuationPrice) return { price: { ...level.valuationPrice }, per: level.pricePer ?? '1' };
  const record = recordOf(facts, 'part', part, sides.finance);
  return record?.price && { price: { ...record.price }, per: record.pricePer ?? '1' };
}

function reverse({ plan, sides, event }: ScrapInput, number: string, line: Line, active: Posting, because: string): void {
  active.state = 'reversing';
  plan.send({
    intent: `scrap/${number}/${(line.count += 1)}/reverse`,
    to: sides.finance,
    record: 'scrapPosting',
    verb: 'reverse',
    target: active.number ?? '',
    chain: `scrap/${number}`,
    ...moneyOf(active.value),
    draft: draftOf(active.want, active.value, { reverses: active.number, postedOn: isoDate(event.at) }),
    reason: `scrap posting ${active.number} of ${active.want.quantity} ${active.want.unit.code} ${active.want.name} is reversed: ${because}`,
  });
}

const intentPattern = /^scrap\/(.+)\/\d+(\/reverse)?$/;

/** What came of a posting or of its reversal: ledger, thread, and then what the line still wants. */
export function decideOutcome(input: ScrapInput): void {
  const { event, plan, state } = input;
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const [, number = '', reversal] = intentPattern.exec(data.intent) ?? [];
  const line = state.lines[number];
  if (!line) return plan.note(`the outcome of ${data.intent} concerns no scrap that is known`);
  if (reversal === undefined) posted(input, number, line, data);
  else reversed(input, number, line, data);
  settleLine(input, number, 'the line no longer wants it');
}

function posted(input: ScrapInput, number: string, line: Line, data: OutcomeData): void {
  const posting = line.postings.find(({ intent }) => intent === data.intent);
  if (!posting || (posting.state !== 'sent' && posting.state !== 'failed')) return input.plan.note(`${data.intent} was already answered`, number);
  if (data.outcome === 'failed') {
    posting.state = 'failed';
    return;
  }
  if (data.outcome === 'cancelled') {
    posting.state = 'cancelled';
    if (textOf(posting.want) === textOf(line.want)) line.declined = textOf(line.want);
    return;
  }
  Object.assign(posting, { state: 'applied', number: String(data.receipt?.['id'] ?? ''), value: valueIn(data.receipt) ?? posting.value });
  book(input, posting, 1);
  if (!posting.value) input.plan.note(`finance did not say what scrap posting ${posting.number} is worth: no cost is in the books for it`, number);
  document(input, posting, 'posted');
}

function reversed(input: ScrapInput, number: string, line: Line, data: OutcomeData): void {
  const posting = line.postings.findLast(({ state }) => state === 'reversing');
  if (!posting) return input.plan.note(`${data.intent} was already answered`, number);
  if (data.outcome === 'failed') return input.plan.note(`finance refused to reverse scrap posting ${posting.number}: a person retries or cancels it`, number);
  if (data.outcome === 'cancelled') {
    posting.state = 'applied';
    line.declined = textOf(line.want);
    return;
  }
  posting.state = 'reversed';
  book(input, posting, -1);
  document(input, posting, 'reversed');
}

/** What finance says it booked; systems give the sign of the movement. */
function valueIn(receipt: JsonObject | null): Amount | null {
  const told = (receipt?.['data'] as JsonObject | undefined)?.['value'] as { minor?: unknown; currency?: unknown } | undefined;
  return typeof told?.minor === 'number' && typeof told.currency === 'string' ? { minor: Math.abs(told.minor), currency: told.currency } : null;
}

/** Moves what a posting is worth from need to settled, and exactly the same back (I8). */
function book({ plan }: ScrapInput, { want: { costCentre, workOrder, text }, number, value }: Posting, sign: 1 | -1): void {
  if (!value) return;
  const [debit, credit] = sign > 0 ? (['settled', 'need'] as const) : (['need', 'settled'] as const);
  plan.book({ workOrder, costCentre, debit, credit, amount: value, document: `scrapPosting/${number}`, text: `${sign > 0 ? '' : 'reversal of '}${text}` });
}

function document({ plan, event, sides }: ScrapInput, { want, number, value }: Posting, state: string): void {
  plan.document({
    kind: 'scrapPosting',
    system: sides.finance,
    id: number ?? '',
    line: '1',
    parent: event.lane,
    state,
    text: `${want.quantity} ${want.unit.code} ${want.name}, ${want.text}`,
    minor: value?.minor ?? null,
    currency: value?.currency ?? null,
  });
}
