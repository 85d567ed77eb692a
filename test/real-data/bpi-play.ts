import { seededRandom } from '#base/random';
import { procurement } from '#flows/procurement/flow';
import type { ProcurementState } from '#flows/procurement/state';
import { balances, firstNegative, hubOf, mustHold, problemsOf } from './bpi-check.ts';
import { CaseRun } from './bpi-driver.ts';
import { EngineRun } from './bpi-engine.ts';
import { OrderErp, type News } from './bpi-erp.ts';
import type { ErpItem } from './bpi-item.ts';
import type { LogLine } from './bpi-log.ts';

/** What a run over many cases came to. */
export interface Report {
  cases: number;
  events: number;
  news: number;
  decisions: number;
  readonly ends: Record<string, number>;
  /** Contradictions in the log: how many cases have each, and how many of these end held. */
  readonly contradictions: Record<string, { cases: number; held: number }>;
  /** Why cases ended held. */
  readonly heldBecause: Record<string, number>;
  readonly problems: string[];
  ms: number;
  slowestMs: number;
  readonly verdicts: Record<string, number>;
  /** Events that end held, those of them that came into a lane behind another that is held, and those that came behind one and went on. */
  readonly standing: HeldEvents;
}

export interface HeldEvents {
  held: number;
  heldBehind: number;
  wentOn: number;
  lanes: number;
}

const emptyReport = (): Report => ({
  cases: 0,
  events: 0,
  news: 0,
  decisions: 0,
  ends: {},
  contradictions: {},
  heldBecause: {},
  problems: [],
  ms: 0,
  slowestMs: 0,
  verdicts: {},
  standing: { held: 0, heldBehind: 0, wentOn: 0, lanes: 0 },
});
const bump = (counts: Record<string, number>, key: string, by = 1): void => {
  counts[key] = (counts[key] ?? 0) + by;
};

/** News with each piece at most `window` places late, and every fourth given again some places later. */
export function disturbed(news: readonly News[], seed: number, window = 8): News[] {
  const random = seededRandom(seed);
  const waiting = [...news];
  const out: News[] = [];
  while (waiting.length > 0) {
    const [next] = waiting.splice(random.below(Math.min(window, waiting.length)), 1);
    if (!next) break;
    out.push(next);
    if (random.below(4) === 0) out.push(next);
    const earlier = out[random.below(out.length)];
    if (earlier && random.below(8) === 0) out.push(earlier);
  }
  return out;
}

/** Counts what one lane's events came to, in the order in which they arrived. */
export function noteStanding(standing: HeldEvents, states: readonly string[]): void {
  const first = states.indexOf('held');
  if (first < 0) return;
  const behind = states.slice(first + 1);
  const held = behind.filter((state) => state === 'held').length;
  standing.lanes += 1;
  standing.held += 1 + held;
  standing.heldBehind += held;
  standing.wentOn += behind.filter((state) => state !== 'held' && state !== 'superseded').length;
}

/** The state a case ended in, in the plant's words: from its documents. */
function endOf(item: ErpItem, held: boolean): string {
  if (held) return 'held';
  if (!item.created) return 'not ordered';
  if (item.deleted) return 'deleted';
  const got = item.receipts.reduce((total, { quantity, takesBack }) => total + (takesBack === undefined ? quantity : -quantity), 0);
  const bills = item.invoices.filter(({ reversed, takesBack }) => !reversed && takesBack === undefined);
  if (bills.length > 0) return bills.every(({ cleared }) => cleared) ? 'invoiced and cleared' : 'invoiced';
  if (got === 0) return item.receipts.length > 0 ? 'ordered, receipts taken back' : 'ordered';
  return 'received';
}

function note(report: Report, item: ErpItem, held: readonly string[]): void {
  report.cases += 1;
  bump(report.ends, endOf(item, held.length > 0));
  for (const odd of item.odd) {
    const row = (report.contradictions[odd] ??= { cases: 0, held: 0 });
    row.cases += 1;
    if (held.length > 0) row.held += 1;
  }
  if (held.length > 0) bump(report.heldBecause, mustHold(item) ?? 'no contradiction in the documents');
}

export interface DriverOptions {
  /** Out of order inside a window, and doubled. */
  readonly seed?: number;
  /** Afterwards every document is taken back: nothing may be left in the books. */
  readonly undo?: boolean;
}

/** Every case alone through the flow itself. */
export function playCases(cases: ReadonlyMap<string, readonly LogLine[]>, { seed, undo }: DriverOptions = {}): Report {
  const report = emptyReport();
  const begin = performance.now();
  for (const [caseId, lines] of cases) {
    const began = performance.now();
    const [first] = lines;
    if (!first) continue;
    const erp = new OrderErp(first.order, lines);
    const item = erp.items.get(caseId);
    if (!item) continue;
    report.events += lines.length;
    report.news += erp.news.length;
    try {
      playCase(report, erp, item, { first, ...(seed === undefined ? {} : { seed }), undo: undo === true });
    } catch (error) {
      report.problems.push(`${caseId}: exception: ${error instanceof Error ? error.message : String(error)}`);
    }
    report.slowestMs = Math.max(report.slowestMs, performance.now() - began);
  }
  report.ms = performance.now() - begin;
  return report;
}

function playCase(report: Report, erp: OrderErp, item: ErpItem, { first, seed, undo }: { first: LogLine; seed?: number; undo: boolean }): void {
  const run = new CaseRun(item, first.at - 1000);
  for (const news of seed === undefined ? erp.news : disturbed(erp.news, seed + item.hash)) run.feed(news);
  run.recheck();
  const { outcome } = run;
  const negative = firstNegative(outcome.entries);
  report.problems.push(
    ...[
      ...problemsOf(item, erp.order, outcome),
      ...(negative === undefined ? [] : [`I5: ${negative}`]),
      ...withoutReason(run),
      ...heldTogether(run, erp.lane),
    ].map((text) => `${item.caseId}: ${text}`),
  );
  note(report, item, outcome.held);
  for (const { verdict } of run.verdicts.values()) bump(report.verdicts, verdict);
  const lanes = Map.groupBy(run.verdicts.values(), ({ event }) => event.lane);
  for (const slots of lanes.values())
    noteStanding(
      report.standing,
      slots.map(({ verdict }) => verdict),
    );
  report.decisions += run.driver.delivered.length;
  if (!undo || item.odd.has('currency changed after receipt or invoice') || mustHold(item)?.includes('currency')) return;
  for (const news of erp.undo()) run.feed(news);
  run.cancelWorkOrder();
  run.recheck();
  const after = run.outcome;
  for (const [account, minor] of balances(after.entries))
    if (minor !== 0) report.problems.push(`${item.caseId}: I8: ${account} keeps ${minor} after everything was taken back`);
  const cost = after.costs.reduce((total, { minor }) => total + minor, 0);
  if (cost !== 0) report.problems.push(`${item.caseId}: I8: the work order keeps ${cost} of actual cost after everything was taken back`);
  if (after.held.length > 0) report.problems.push(`${item.caseId}: still held after everything was taken back: ${after.held[0]}`);
}

/** One held event for each thing that is held, and no other: what comes behind a held line goes on. */
function heldTogether(run: CaseRun, lane: string): string[] {
  const state = run.driver.state('procurement', lane) as ProcurementState | undefined;
  const events = [...run.verdicts.values()].filter(({ verdict, event }) => verdict === 'held' && event.lane === lane).length;
  const holds = Object.keys(state?.order?.held ?? {}).length;
  return events > holds ? [`${events} events of the order are held for ${holds} troubles`] : [];
}

/** Every event that procurement handles says why (an answer that changes nothing included). */
function withoutReason(run: CaseRun): string[] {
  return [...run.verdicts.values()]
    .filter(({ reasons, event }) => reasons.length === 0 && procurement.handles.includes(event.kind))
    .map(({ event }) => `${event.kind} of ${event.object} ended without a reason`);
}

export interface EngineOptions {
  readonly seed?: number;
  /** Orders that share one store. */
  readonly batch?: number;
  /** News of one order that arrive together. */
  readonly chunk?: number;
}

/** Every order, with all its items, through the real engine over the memory store. */
export async function playOrders(orders: ReadonlyMap<string, readonly LogLine[]>, { seed, batch = 150, chunk = 2 }: EngineOptions = {}): Promise<Report> {
  const report = emptyReport();
  const begin = performance.now();
  const all = [...orders];
  for (let from = 0; from < all.length; from += batch)
    await playBatch(report, all.slice(from, from + batch), { chunk, ...(seed === undefined ? {} : { seed }) });
  report.ms = performance.now() - begin;
  return report;
}

async function playBatch(
  report: Report,
  orders: readonly (readonly [string, readonly LogLine[]])[],
  { seed, chunk }: { seed?: number; chunk: number },
): Promise<void> {
  const began = performance.now();
  const erps = orders.map(([order, lines]) => new OrderErp(order, lines));
  const run = new EngineRun();
  await run.begin(erps.flatMap(({ items }) => [...items.values()]));
  const queues = erps.map((erp) => (seed === undefined ? erp.news : disturbed(erp.news, seed + Number(erp.order.slice(-6)))));
  for (let at = 0; queues.some((queue) => queue.length > at); at += chunk) await run.feed(queues.flatMap((queue) => queue.slice(at, at + chunk)));
  await run.recheck();
  for (const erp of erps) {
    const outcomes = await run.outcomes(erp);
    for (const lane of [erp.lane, ...[...erp.items.values()].filter(({ origin }) => origin).map(({ caseId }) => `workOrder/${hubOf(caseId)}`)])
      noteStanding(
        report.standing,
        (await run.events(lane)).map(({ state }) => state),
      );
    for (const item of erp.items.values()) {
      const outcome = outcomes.get(item.caseId);
      if (!outcome) continue;
      report.problems.push(...problemsOf(item, erp.order, outcome).map((text) => `${item.caseId}: ${text}`));
      note(report, item, outcome.held);
    }
  }
  for (const [state, count] of Object.entries(await run.store.read.countEvents())) bump(report.verdicts, state, count);
  const left = await run.store.outbox(10);
  if (left.length > 0) report.problems.push(`${left.length} messages were not delivered, the first to ${left[0]?.event.lane}`);
  report.events += orders.reduce((total, [, lines]) => total + lines.length, 0);
  report.news += queues.reduce((total, queue) => total + queue.length, 0);
  report.decisions += run.worker.counters.decisions;
  report.slowestMs = Math.max(report.slowestMs, performance.now() - began);
}
