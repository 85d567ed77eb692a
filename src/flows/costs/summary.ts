import { extend, moneyText } from '#base/money';
import type { Plan } from '#engine/flow';
import type { WorkOrder } from '#flows/cost-object';
import type { CostsInput } from '#flows/costs/flow';
import type { CostsPolicy } from '#flows/costs/policy';
import type { CostsState } from '#flows/costs/state';

type ByCurrency = { [currency: string]: number };

/** What the planned lines were estimated at, by currency. */
export function noteEstimate(state: CostsState, order: WorkOrder): void {
  const estimate: ByCurrency = {};
  for (const { estimatedPrice, quantity } of order.plannedLines) {
    if (!estimatedPrice) continue;
    estimate[estimatedPrice.currency] = (estimate[estimatedPrice.currency] ?? 0) + extend(estimatedPrice, quantity.value).minor;
  }
  state.estimate = estimate;
}

/** Parts issued and purchases invoiced, as stock and order lanes tell them: absolute, so that the newest message of each lane counts. */
export function decideTold({ event, plan, state, policy }: CostsInput): void {
  const from = String(event.data['from']);
  const n = Number(event.data['n']);
  const before = state.heard[from];
  if (before && n < before.n) return plan.note(`superseded: message ${n} of ${from}, ${before.n} was already heard`);
  const kind = event.kind === 'stock.issued' ? 'part' : 'purchase';
  const amounts = kind === 'part' ? issued(event.data['lines']) : invoiced(event.data['lines']);
  state.heard[from] = { n, kind, amounts };
  const totals: ByCurrency = {};
  for (const told of Object.values(state.heard))
    if (told.kind === kind) for (const [currency, minor] of Object.entries(told.amounts)) totals[currency] = (totals[currency] ?? 0) + minor;
  state.actual[kind] = totals;
  plan.note(`actual cost of ${kind === 'part' ? 'parts' : 'purchases'}: ${amountsText(totals)}`);
  noteVariance(plan, state, policy);
}

function issued(lines: unknown): ByCurrency {
  const totals: ByCurrency = {};
  // Written by stock lanes.
  for (const { minor, currency } of Object.values(lines as Record<string, { minor: number; currency: string | null }>))
    if (currency !== null) totals[currency] = (totals[currency] ?? 0) + minor;
  return totals;
}

/** What is bought into stock costs the work order when it is issued, not when it is invoiced. */
function invoiced(lines: unknown): ByCurrency {
  const totals: ByCurrency = {};
  // Written by order lanes.
  for (const { invoicedMinor, currency, toStock } of lines as readonly { invoicedMinor: number; currency: string | null; toStock: boolean }[])
    if (currency !== null && !toStock) totals[currency] = (totals[currency] ?? 0) + invoicedMinor;
  return totals;
}

const amountsText = (totals: ByCurrency): string =>
  Object.entries(totals)
    .map(([currency, minor]) => moneyText({ minor, currency }))
    .join(' and ') || 'nothing';

/** What the work order has cost so far, of every kind, by currency. */
export function actualTotals({ actual }: CostsState): ByCurrency {
  const totals: ByCurrency = {};
  for (const kind of Object.values(actual)) for (const [currency, minor] of Object.entries(kind)) totals[currency] = (totals[currency] ?? 0) + minor;
  return totals;
}

/** Says once that the cost went beyond the estimate by more than the policy allows, and once that it came back (001-37). */
export function noteVariance(plan: Plan, state: CostsState, { variancePercent }: CostsPolicy): void {
  const totals = actualTotals(state);
  for (const [currency, estimate] of Object.entries(state.estimate)) {
    const actual = totals[currency] ?? 0;
    if (estimate <= 0) continue;
    const over = actual * 100 > estimate * (100 + variancePercent);
    if (over === (state.over[currency] ?? false)) continue;
    state.over[currency] = over;
    const figures = `${moneyText({ minor: actual, currency })} so far against an estimate of ${moneyText({ minor: estimate, currency })}`;
    plan.note(
      over
        ? `variance: work order ${state.number} has cost ${figures}, more than ${variancePercent} % over`
        : `work order ${state.number} is within its estimate again: ${figures}`,
    );
  }
}
