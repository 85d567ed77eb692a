import { add, compare, negate, subtract } from '#base/decimal';
import { extend } from '#base/money';
import { sameUnit } from '#base/quantity';
import type { OutcomeData } from '#engine/flow';
import type { Json, JsonObject } from '#base/json';
import { asJson } from '#flows/part-quantity';
import type { StockInput } from '#flows/stock/flow';
import { compareSides, resolveUnsure } from '#flows/stock/level';
import { reviewReorderPoint } from '#flows/stock/replenishment';
import { emptyStock, type Consumed, type Consumer, type Issued, type Movement, type StockState } from '#flows/stock/state';

/** A work order told what it has used in all: the difference to what was issued goes out, once. */
export function decideConsumed(input: StockInput): void {
  const { event, plan } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  const { data } = event;
  const workOrder = String(data['from']);
  const n = Number(data['n']);
  const consumer = (state.consumers[workOrder] ??= { n: 0, answered: 0, number: '', thread: '', site: '', count: 0, lines: {}, movements: [] });
  if (n < consumer.n) return plan.note(`superseded: message ${n} of ${workOrder}, ${consumer.n} was already heard`);
  // Written by this flow's work-order lanes.
  Object.assign(consumer, {
    n,
    number: String(data['number']),
    thread: String(data['thread']),
    site: String(data['site']),
    lines: data['lines'] as unknown as Consumer['lines'],
  });
  for (const [line, consumed] of Object.entries(consumer.lines)) issueDifference(input, state, { workOrder, consumer, line }, consumed);
  reviewReorderPoint(input, state);
}

interface At {
  readonly workOrder: string;
  readonly consumer: Consumer;
  readonly line: string;
}

/** What stands for a line: everything sent, less what was reversed. What a person cancelled counts as settled by hand. */
const issuedOf = (consumer: Consumer, line: string): string =>
  consumer.movements.filter((movement) => movement.line === line).reduce((total, { quantity }) => add(total, quantity), '0');

function issueDifference(input: StockInput, state: StockState, at: At, consumed: Consumed): void {
  const { plan, event, sides } = input;
  const { consumer, line, workOrder } = at;
  const known = state.finance?.unit;
  if (known && !sameUnit(known, consumed.unit))
    return plan.hold(
      `line ${line} of work order ${consumer.number} is in ${consumed.unit.code} and the stock of ${state.part} in ${known.code}: the unit of the part changed; correct the part`,
      { owner: 'master-data-owner', line },
    );
  const before = issuedOf(consumer, line);
  const difference = subtract(consumed.total, before);
  if (compare(difference, '0') === 0) return;
  const intent = `issue/${workOrder}/${line}/${(consumer.count += 1)}`;
  const text = `work order ${consumer.number} line ${line}`;
  const figures = `${consumed.total} ${consumed.unit.code} used in all, ${before} issued before`;
  if (compare(difference, '0') < 0) {
    const exact = reversible(consumer, line, negate(difference));
    if (exact) return sendReversal(input, state, at, { intent, exact, consumed, text, figures });
  }
  const out = compare(difference, '0') > 0;
  const quantity = out ? difference : negate(difference);
  consumer.movements.push({ intent, line, quantity: difference, state: 'sent', number: null, reversed: false, undoes: null, value: null });
  plan.send({
    intent,
    to: sides.finance,
    record: 'goodsIssue',
    verb: 'create',
    chain: 'movements',
    ...moneyOf(state, quantity),
    draft: asJson({
      postedOn: postedOn(input, consumed, out),
      workOrder: workOrder.slice(workOrder.indexOf('/') + 1),
      text,
      account: consumed.account,
      lines: [lineOf(state, consumer, consumed, quantity, out ? 'out' : 'in')],
    }),
    reason: `${out ? 'goods issue' : 'return'} of ${quantity} ${consumed.unit.code} ${state.part} at ${state.storeroom} for ${text}: ${figures}`,
    ...(event.urgency > 0 ? { urgency: event.urgency } : {}),
  });
}

/** An issue goes out under the day of use; what comes back is dated when it comes back. */
const postedOn = ({ event }: StockInput, consumed: Consumed, out: boolean): string => (out ? consumed.usedOn : new Date(event.at).toISOString().slice(0, 10));

const lineOf = (state: StockState, consumer: Consumer, consumed: Consumed, quantity: string, direction: 'in' | 'out'): JsonObject => ({
  line: '1',
  part: state.part,
  ...(consumer.site === '' ? {} : { site: consumer.site }),
  storeroom: state.storeroom,
  quantity: { value: quantity, unit: { ...consumed.unit } },
  direction,
});

function moneyOf(state: StockState, quantity: string): { money?: { minor: number; currency: string } } {
  const { price, pricePer } = state.terms;
  return price ? { money: extend(price, quantity, pricePer) } : {};
}

/** The newest posted document of the line whose whole quantity is to be taken back. */
const reversible = (consumer: Consumer, line: string, quantity: string): Movement | undefined =>
  consumer.movements.findLast(
    (movement) =>
      movement.line === line && movement.state === 'applied' && movement.number !== null && !movement.reversed && compare(movement.quantity, quantity) === 0,
  );

function sendReversal(
  input: StockInput,
  state: StockState,
  { workOrder, consumer, line }: At,
  { intent, exact, consumed, text, figures }: { intent: string; exact: Movement; consumed: Consumed; text: string; figures: string },
): void {
  const { plan, sides } = input;
  exact.reversed = true;
  consumer.movements.push({ intent, line, quantity: negate(exact.quantity), state: 'sent', number: null, reversed: true, undoes: exact.intent, value: null });
  plan.send({
    intent,
    to: sides.finance,
    record: 'goodsIssue',
    verb: 'reverse',
    target: exact.number ?? '',
    chain: 'movements',
    ...moneyOf(state, exact.quantity),
    draft: asJson({
      postedOn: postedOn(input, consumed, false),
      reverses: exact.number,
      workOrder: workOrder.slice(workOrder.indexOf('/') + 1),
      text,
      account: consumed.account,
      lines: [lineOf(state, consumer, consumed, exact.quantity, 'in')],
    }),
    reason: `goods issue ${exact.number ?? ''} of ${exact.quantity} ${consumed.unit.code} ${state.part} is reversed for ${text}: ${figures}`,
  });
}

/** What came of a goods issue: its document and value go to the work order. */
export function decideMovement(input: StockInput): void {
  const { event, plan, sides } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const [workOrder, consumer] = Object.entries(state.consumers).find(([, { movements }]) => movements.some(({ intent }) => intent === data.intent)) ?? [];
  const movement = consumer?.movements.find(({ intent }) => intent === data.intent);
  if (workOrder === undefined || !consumer || !movement) return plan.note(`the outcome of ${data.intent} concerns no movement that is known`);
  if (movement.state === 'applied' || movement.state === 'cancelled') return plan.note(`${data.intent} was already ${movement.state}`);
  if (data.outcome === 'failed') {
    movement.state = 'failed';
    return plan.note(
      `finance refused ${movement.quantity} ${state.part} at ${state.storeroom} for work order ${consumer.number} line ${movement.line}: a person retries, edits or cancels it; on-hand is not compared until then`,
      movement.line,
    );
  }
  if (data.outcome === 'cancelled') {
    movement.state = 'cancelled';
    state.postedAt = Math.max(state.postedAt, event.at);
    return plan.note(
      `${movement.quantity} ${state.part} for work order ${consumer.number} line ${movement.line} was cancelled by a person: it counts as settled by hand and is not sent again`,
      movement.line,
    );
  }
  Object.assign(movement, { state: 'applied', number: String(data.receipt?.['id'] ?? ''), value: valueOf(state, movement, data.receipt) });
  state.postedAt = Math.max(state.postedAt, event.at);
  state.book.issued = add(state.book.issued, movement.quantity);
  state.book.sinceRead = add(state.book.sinceRead, movement.quantity);
  plan.document({
    kind: 'goodsIssue',
    system: sides.finance,
    id: movement.number ?? '',
    line: '1',
    parent: workOrder,
    state: compare(movement.quantity, '0') > 0 ? 'posted' : 'returned',
    text: `${movement.quantity} ${consumer.lines[movement.line]?.unit.code ?? ''} ${state.part} at ${state.storeroom}`,
    minor: movement.value?.minor ?? null,
    currency: movement.value?.currency ?? null,
    thread: consumer.thread,
  });
  plan.note(
    `${data.draft['reverses'] === undefined ? 'goods issue' : 'reversal'} ${movement.number ?? ''} of ${movement.quantity} ${state.part} is posted`,
    movement.line,
  );
  answer(input, state, workOrder, consumer);
  resolveUnsure(state);
  compareSides(input, state);
  reviewReorderPoint(input, state);
}

/** The value that finance says, else quantity x valuation price; signed as the quantity is. A reversal takes back exactly what its document was worth (I8). */
function valueOf(state: StockState, movement: Movement, receipt: JsonObject | null): Movement['value'] {
  const sign = compare(movement.quantity, '0') < 0 ? -1 : 1;
  if (movement.undoes !== null) {
    const undone = Object.values(state.consumers)
      .flatMap(({ movements }) => movements)
      .find(({ intent }) => intent === movement.undoes);
    if (undone?.value) return { minor: undone.value.minor === 0 ? 0 : -undone.value.minor, currency: undone.value.currency };
  }
  const told = (receipt?.['data'] as JsonObject | undefined)?.['value'] as { minor?: Json; currency?: Json } | undefined;
  if (typeof told?.minor === 'number' && typeof told.currency === 'string') return { minor: sign * Math.abs(told.minor), currency: told.currency };
  const { price, pricePer } = state.terms;
  return price ? extend(price, movement.quantity, pricePer) : null;
}

/** Absolute and numbered, so that the newest answer is the whole truth. */
function answer(input: StockInput, state: StockState, workOrder: string, consumer: Consumer): void {
  const lines: Record<string, Issued> = {};
  for (const { line, quantity, state: stands, value } of consumer.movements) {
    if (stands !== 'applied') continue;
    const sum = (lines[line] ??= {
      quantity: '0',
      unit: { ...(consumer.lines[line]?.unit ?? { system: '', code: '' }) },
      minor: 0,
      currency: null,
      unvalued: false,
    });
    sum.quantity = add(sum.quantity, quantity);
    if (!value) sum.unvalued = true;
    else if (sum.currency !== null && sum.currency !== value.currency)
      input.plan.hold(`goods issues of line ${line} are valued in ${sum.currency} and ${value.currency}: amounts of different currencies are never added`, {
        owner: 'controller',
        line,
      });
    else Object.assign(sum, { minor: sum.minor + value.minor, currency: value.currency });
  }
  const n = (consumer.answered += 1);
  input.plan.tell({
    lane: workOrder,
    kind: 'stock.issued',
    key: `${input.event.lane}/${n}`,
    data: { from: input.event.lane, n, part: state.part, storeroom: state.storeroom, lines: lines as unknown as Json },
    thread: consumer.thread,
  });
}
