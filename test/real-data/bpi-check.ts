import { invoiced, received, standing, type ErpItem } from './bpi-item.ts';

/** One booking of the commitment ledger, as driver and store both give it. */
export interface Booking {
  readonly workOrder: string;
  readonly costCentre: string;
  readonly debit: string;
  readonly credit: string;
  readonly minor: number;
  readonly currency: string;
  readonly document: string;
}

/** What a flow's run left behind for one case. */
export interface Outcome {
  readonly entries: readonly Booking[];
  /** Actual costs noted on the work order, in cents. */
  readonly costs: readonly { readonly minor: number; readonly currency: string }[];
  readonly held: readonly string[];
}

export const hubOf = (caseId: string): string => `cmms.${caseId}`;

/** Why a case has to end held, judged from its documents alone; undefined where it is consistent in the end. */
export function mustHold(item: ErpItem): string | undefined {
  if (received(item, item.line) < 0) return 'more taken back than received';
  if (
    item.created &&
    item.currency !== (item.origin ? 'EUR' : item.orderedIn) &&
    !(item.deleted && received(item, item.line) === 0 && standing(item).length === 0)
  )
    return 'ordered in one currency, now in another';
  if (item.invoices.some(({ currency, reversed, takesBack }) => !reversed && takesBack === undefined && currency !== item.currency))
    return 'ordered in one currency, invoiced in another';
  if (item.origin && item.requisitionState === 'deleted' && (!item.created || (item.deleted && received(item, item.line) <= 0)))
    return 'requisition deleted, need not covered';
  if (item.orphans.some((number) => number.startsWith('IV'))) return 'invoice taken back that was never recorded';
  if (item.orphans.length > 0) return 'receipt taken back that was never recorded';
  return undefined;
}

type Stages = { requested: number; ordered: number; received: number; invoiced: number; settled: number };

/** Where one order line's commitment has to stand, in cents: from pieces and prices of the documents, not from the flow's words. */
export function expectedLine(item: ErpItem, line: string): Stages {
  const goods = line === item.line;
  const price = goods ? item.price : 4500;
  const ordered = goods ? item.quantity : item.servicesWanted;
  const got = received(item, line);
  const bill = invoiced(item, line);
  const done = Math.max(got, bill.pieces);
  const quantity = item.deleted ? done : ordered;
  const byValue = bill.rows > 0 && !bill.byPieces;
  const final = item.final || (!byValue && quantity > 0 && bill.pieces >= quantity && bill.pieces >= got);
  const closed = item.deleted || item.complete || final;
  return {
    requested: 0,
    ordered: closed ? 0 : byValue ? Math.max(0, quantity * price - Math.max(got * price, bill.minor)) : Math.max(0, quantity - done) * price,
    received: final ? 0 : byValue ? Math.max(0, got * price - bill.minor) : Math.max(0, got - bill.pieces) * price,
    invoiced: final ? 0 : bill.minor,
    settled: final ? bill.minor : 0,
  };
}

/** The whole of a case: its lines, what is still requested, less what went into stock and out of the work order's books. */
export function expectedCase(item: ErpItem): Stages {
  const total: Stages = { requested: 0, ordered: 0, received: 0, invoiced: 0, settled: 0 };
  const ended = ['deleted', 'rejected', 'closed'].includes(item.requisitionState);
  for (const line of item.services ? [item.line, item.serviceLine] : [item.line]) {
    const goods = line === item.line;
    const toStock = item.origin && item.stocked && goods;
    const stages = item.created ? expectedLine(item, line) : { requested: 0, ordered: 0, received: 0, invoiced: 0, settled: 0 };
    total.ordered += stages.ordered;
    if (!toStock) for (const stage of ['received', 'invoiced', 'settled'] as const) total[stage] += stages[stage];
    if (!item.origin || ended) continue;
    const onOrder = !item.created
      ? 0
      : item.deleted
        ? Math.max(received(item, line), invoiced(item, line).pieces)
        : goods
          ? item.quantity
          : item.servicesWanted;
    total.requested += Math.max(0, (goods ? item.wanted : item.servicesWanted) - onOrder) * (goods ? item.listPrice : 4500);
  }
  return total;
}

/** Every broken invariant of a case, in words: none is the answer that is wanted. */
export function problemsOf(item: ErpItem, order: string, outcome: Outcome): string[] {
  const problems: string[] = [];
  const own = outcome.entries.filter(({ workOrder, document }) =>
    item.origin
      ? workOrder === hubOf(item.caseId)
      : workOrder === '' && [item.line, item.serviceLine].some((line) => document === `purchaseOrder/${order}/${line}`),
  );
  const balance = balances(own);
  for (const [key, minor] of balance) if (!key.endsWith('|need') && minor < 0) problems.push(`I5: ${key} stands at ${minor}`);
  if ([...balance.values()].reduce((a, b) => a + b, 0) !== 0) problems.push('I5: debits and credits differ');
  const must = mustHold(item);
  if (must !== undefined && outcome.held.length === 0) problems.push(`contradiction not held: ${must}`);
  if (must === undefined && outcome.held.length > 0) problems.push(`held without a contradiction in the documents: ${outcome.held[0]}`);
  const comparable =
    received(item, item.line) >= 0 &&
    item.currency === item.orderedIn &&
    item.invoices.every(({ currency }) => currency === item.orderedIn) &&
    (!item.origin || item.orderedIn === 'EUR');
  if (!comparable) return problems;
  const expected = expectedCase(item);
  const stands = (stage: string): number => [...balance].filter(([key]) => key.endsWith(`|${stage}`)).reduce((total, [, minor]) => total + minor, 0);
  for (const stage of ['requested', 'ordered', 'received', 'invoiced', 'settled'] as const)
    if (stands(stage) !== expected[stage]) problems.push(`I8: ${stage} is ${stands(stage)}, the documents come to ${expected[stage]}`);
  if (item.origin) {
    const bill = (item.stocked ? 0 : invoiced(item, item.line).minor) + (item.services ? invoiced(item, item.serviceLine).minor : 0);
    const noted = outcome.costs.reduce((total, { minor }) => total + minor, 0);
    if (noted !== bill) problems.push(`I6: the work order shows ${noted}, its invoices come to ${bill}`);
  }
  return problems;
}

/** Balance per work order, cost centre, currency and account. */
export function balances(entries: readonly Booking[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const { workOrder, costCentre, currency, debit, credit, minor } of entries) {
    for (const [account, sign] of [
      [debit, 1],
      [credit, -1],
    ] as const) {
      const key = `${workOrder}|${costCentre}|${currency}|${account}`;
      out.set(key, (out.get(key) ?? 0) + sign * minor);
    }
  }
  return out;
}

/** The first account that falls below zero on the way, in the order of booking (I5). */
export function firstNegative(entries: readonly Booking[]): string | undefined {
  const running = new Map<string, number>();
  for (const { workOrder, costCentre, currency, debit, credit, minor, document } of entries) {
    for (const [account, sign] of [
      [debit, 1],
      [credit, -1],
    ] as const) {
      const key = `${workOrder}|${costCentre}|${currency}|${account}`;
      const value = (running.get(key) ?? 0) + sign * minor;
      running.set(key, value);
      if (value < 0 && account !== 'need') return `${key} falls to ${value} with ${document}`;
    }
  }
  return undefined;
}
