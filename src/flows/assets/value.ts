import type { Json, JsonObject } from '#base/json';
import { factKey } from '#engine/flow';
import { viewOf, type AssetsInput, type AssetView, type FixedAssetState } from '#flows/assets/state';
import { hubIdIn, pairsOf } from '#flows/master-data';
import { same } from '#flows/told';
import { lane } from '#flows/lanes';

/** Fact: which assets a fixed asset is the value of, `{ assets: { lane: code } }`. */
export const assetsKey = (fixedAsset: string): string => `fixedAsset/${fixedAsset}/assets`;

/** Most assets that one fixed asset is the value of; more are not told its value. */
export const linkLimit = 500;

/** Members of a fixed asset that the maintenance side shows, and their names there. */
const members = {
  bookValue: 'bookValue',
  accumulatedDepreciation: 'accumulatedDepreciation',
  acquisitionValue: 'acquisitionValue',
  valueAsOf: 'valueAsOf',
  capitalisedOn: 'acquisitionDate',
} as const;

/** In the asset's lane: its fixed asset's lane learns of it by a message, so that neither can miss the other. */
export function linkToFixedAsset({ input: { event, plan }, state, code, fixedAsset }: AssetView): void {
  if (fixedAsset === (state.linked ?? undefined)) return;
  state.n += 1;
  const tell = (to: string, linked: boolean): void =>
    plan.tell({
      lane: lane('fixedAsset', to),
      kind: 'fixedAsset.linked',
      key: `linked/${event.lane}/${state.n}`,
      data: { asset: event.lane, code, site: event.site, linked },
      thread: event.lane,
    });
  if (state.linked !== null) tell(state.linked, false);
  if (fixedAsset !== undefined) tell(fixedAsset, true);
  state.linked = fixedAsset ?? null;
  state.value = null;
}

export const linksOf = (input: AssetsInput): FixedAssetState => (input.state.fixedAsset ??= { assets: {} });

/** In the fixed asset's lane: an asset says that it is its value, or no longer. */
export function decideLinked(input: AssetsInput): void {
  const { event, facts, plan, sides, everywhere } = input;
  const state = linksOf(input);
  const { asset, code, site, linked } = event.data as { asset: string; code: string; site: string; linked: boolean }; // Written by linkToFixedAsset.
  const fixedAsset = hubIdIn(event.lane);
  if (linked && Object.keys(state.assets).length >= linkLimit)
    return plan.didNot(`fixed asset ${fixedAsset} is the value of ${linkLimit} assets already: ${code} is not told its value`);
  if (linked) state.assets[asset] = { code, site };
  else delete state.assets[asset];
  plan.remember(assetsKey(fixedAsset), { assets: Object.fromEntries(Object.entries(state.assets).map(([key, one]) => [key, one.code])) });
  plan.note(`fixed asset ${fixedAsset} is ${linked ? '' : 'no longer '}the value of asset ${code}`);
  if (!linked) return;
  for (const { finance } of [sides, ...everywhere]) {
    const record = facts.get(factKey.record('fixedAsset', fixedAsset, finance));
    if (record) {
      tellSchedule(input, asset, code);
      return tellValue(input, asset, { code, site }, valuedBy(record, state.schedule));
    }
  }
}

/** In the fixed asset's lane: the assets it is the value of are told. */
export function decideValue(input: AssetsInput): void {
  const { event, plan } = input;
  const fixedAsset = hubIdIn(event.lane);
  const { assets, schedule } = linksOf(input);
  if (!pairsOf(input).some(({ finance }) => finance === event.source)) return plan.didNot(`values come from the finance side only, not from ${event.source}`);
  if (Object.keys(assets).length === 0) return plan.didNot(`fixed asset ${fixedAsset} is not linked to any asset yet: its value is kept and shown once it is`);
  for (const [asset, about] of Object.entries(assets)) tellValue(input, asset, about, valuedBy(event.data['record'] as JsonObject, schedule));
}

/** What the register says, else what was posted last: the two are never mixed. */
export const valuedBy = (record: JsonObject, schedule: FixedAssetState['schedule']): JsonObject =>
  record['bookValue'] === undefined && record['accumulatedDepreciation'] === undefined ? { ...schedule?.values, ...record } : record;

/** The schedule stands in the asset's thread, since few maintenance systems have a place for it (003-29, 003-47). */
export function tellSchedule(input: AssetsInput, asset: string, code: string): void {
  const { schedule } = linksOf(input);
  if (!schedule) return;
  const { event, plan } = input;
  plan.document({
    kind: 'depreciationSchedule',
    system: event.source,
    id: hubIdIn(event.lane),
    line: code,
    parent: asset,
    state: 'planned',
    text: schedule.text,
    minor: null,
    currency: null,
    thread: asset,
  });
}

export function tellValue(
  { event, plan }: AssetsInput,
  asset: string,
  { code, site }: { readonly code: string; readonly site: string },
  record: JsonObject,
): void {
  const value: { [member: string]: Json } = {};
  for (const [theirs, ours] of Object.entries(members)) if (record[theirs] !== undefined) value[ours] = record[theirs];
  if (Object.keys(value).length === 0) return plan.didNot(`fixed asset ${hubIdIn(event.lane)} has no values yet: asset ${code} shows none`);
  plan.tell({
    lane: asset,
    kind: 'asset.valued',
    key: `valued/${event.lane}/${event.key}`,
    data: { fixedAsset: hubIdIn(event.lane), value },
    thread: asset,
    site,
  });
  plan.note(`the value of asset ${code} is passed on`);
}

/** In the asset's lane: finance values it at something. */
export function decideValued(input: AssetsInput): void {
  const view = viewOf(input);
  const { fixedAsset, value } = input.event.data as { fixedAsset: string; value: JsonObject }; // Written by tellValue.
  if (fixedAsset !== view.state.linked) return input.plan.didNot(`superseded: fixed asset ${fixedAsset} is no longer the value of asset ${view.code}`);
  view.state.value = value;
  if (input.policy.values === 'off') return input.plan.didNot(`the value of asset ${view.code} is not shown: policy values is off`);
  if (same(view.state.shown, value)) return input.plan.didNot(`the value of asset ${view.code} is shown already`);
  if (!view.maintenance) return input.plan.didNot(`the value of asset ${view.code} is shown once ${view.sides.maintenance} has the asset`);
  showValue(view);
}

/** The maintenance side shows what finance values the asset at, once per change (003-29, 003-32). */
export function showValue({ input: { policy, plan }, state, hubId, sides, maintenance, code }: AssetView): void {
  if (policy.values === 'off' || state.value === null || !maintenance || same(state.shown, state.value)) return;
  state.shown = state.value;
  state.n += 1;
  plan.send({
    intent: `value/${state.n}`,
    chain: `asset/${sides.maintenance}`,
    to: sides.maintenance,
    record: 'asset',
    verb: 'update',
    targetOf: { kind: 'asset', hubId },
    draft: state.value,
    reason: `${sides.maintenance} shows book value and depreciation of asset ${code} as ${sides.finance} says${typeof state.value['valueAsOf'] === 'string' ? `, as of ${state.value['valueAsOf']}` : ''}`,
  });
}
