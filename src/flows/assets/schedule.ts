import { moneyText } from '#base/money';
import type { JsonObject } from '#base/json';
import { factKey } from '#engine/flow';
import { linksOf, tellSchedule, tellValue, valuedBy } from '#flows/assets/value';
import type { AssetsInput } from '#flows/assets/state';
import { hubIdIn, pairsOf } from '#flows/master-data';
import type { RecordOf } from '#model/records';

type Period = RecordOf<'depreciationSchedule'>['rows'][number];

/**
 * In the fixed asset's lane: depreciation by period. What was posted last gives book value and accumulated depreciation where the register itself does not
 * say them; what is still to come stands in the thread of every asset that it is the value of (003-29, 003-32, 003-47).
 */
export function decideSchedule(input: AssetsInput): void {
  const { event, plan, facts } = input;
  const fixedAsset = hubIdIn(event.lane);
  if (!pairsOf(input).some(({ finance }) => finance === event.source))
    return plan.didNot(`depreciation comes from the finance side only, not from ${event.source}`);
  const { rows, method } = event.data['record'] as unknown as RecordOf<'depreciationSchedule'>; // Parsed by the model's schema when it came in.
  const state = linksOf(input);
  const inOrder = [...rows].sort((a, b) => (a.period < b.period ? -1 : 1));
  const posted = inOrder.filter((row) => row.posted !== undefined);
  const last = posted.at(-1);
  const text = textOf(inOrder, posted, method);
  if (state.schedule?.text === text) return plan.didNot(`the depreciation of fixed asset ${fixedAsset} is known: ${text}`);
  state.schedule = { values: valuesOf(last), text };
  plan.note(`depreciation of fixed asset ${fixedAsset}: ${text}`);
  if (Object.keys(state.assets).length === 0) return plan.didNot(`fixed asset ${fixedAsset} is not linked to any asset yet: its depreciation is kept`);
  const record = facts.get(factKey.record('fixedAsset', fixedAsset, event.source)) ?? {};
  for (const [asset, about] of Object.entries(state.assets)) {
    tellSchedule(input, asset, about.code);
    tellValue(input, asset, about, valuedBy(record, state.schedule));
  }
}

const valuesOf = (last: Period | undefined): JsonObject => ({
  ...(last?.bookValue ? { bookValue: { ...last.bookValue } } : {}),
  ...(last?.accumulated ? { accumulatedDepreciation: { ...last.accumulated } } : {}),
});

function textOf(rows: readonly Period[], posted: readonly Period[], method: string | undefined): string {
  const coming = rows.filter((row) => row.posted === undefined);
  const [next] = coming;
  const last = posted.at(-1);
  const parts = [
    ...(method === undefined ? [] : [`method ${method}`]),
    last ? `posted up to ${last.period}${last.bookValue ? ` with book value ${moneyText(last.bookValue)}` : ''}` : 'nothing posted yet',
    next ? `${moneyText(next.amount)} planned for ${next.period}, ${coming.length} periods until ${coming.at(-1)?.period ?? ''}` : 'nothing to come',
  ];
  return parts.join(', ');
}
