import type { Decimal } from '#base/decimal';
import type { Json, JsonObject } from '#base/json';
import type { FlowInput, Sides } from '#engine/flow';
import { factKey } from '#engine/flow';
import type { AssetsPolicy } from '#flows/assets/policy';
import { hubIdIn, noMasterState, pairsOf, type MasterState } from '#flows/master-data';
import type { Owned } from '#flows/owned';
import type { RecordOf } from '#model/records';

export type Asset = RecordOf<'asset'>;
export type FixedAsset = RecordOf<'fixedAsset'>;

/** What an asset's lane remembers. */
export type AssetState = {
  master: MasterState;
  /** Cost centre at first sight or of the last transfer; null before. */
  costCentre: string | null;
  disposal: { fixedAsset: string; on: string; intent: string; state: 'open' | 'applied' | 'declined' } | null;
  /** The fixed asset that an order brought the asset into being with; null where records name it. */
  bought: string | null;
  /** The fixed asset whose lane knows of this asset. */
  linked: string | null;
  /** What finance last valued the asset at, and what was last sent of it. */
  value: JsonObject | null;
  shown: Json;
  n: number;
};

/** What a fixed asset's lane remembers: the assets it is the value of, by their lanes. */
export type FixedAssetState = {
  assets: { [lane: string]: { code: string; site: string } };
  /** Values of the last period whose depreciation was posted, and the schedule in words. Absent where no schedule was read. */
  schedule?: { values: JsonObject; text: string };
};

export type OrderLine = { fixedAsset: string; name: string; site: string; told: boolean };

/** What a purchase order's lane remembers: lines that buy a fixed asset, and what was received of each line, by receipt. */
export type OrderState = {
  seen: string;
  number: string;
  lines: { [line: string]: OrderLine };
  receipts: { [number: string]: { on: string; lines: { [line: string]: Decimal } } };
};

/** One of the three, by the kind of lane. */
export type AssetsState = { asset: AssetState | null; fixedAsset: FixedAssetState | null; order: OrderState | null };

export const noAsset = (): AssetState => ({
  master: noMasterState(),
  costCentre: null,
  disposal: null,
  bought: null,
  linked: null,
  value: null,
  shown: null,
  n: 0,
});

export type AssetsInput = FlowInput<AssetsState & JsonObject, AssetsPolicy & Owned>;

/** An asset's lane with what is known of the asset on both sides. */
export interface AssetView {
  readonly input: AssetsInput;
  readonly state: AssetState;
  readonly hubId: string;
  readonly sides: Sides;
  readonly maintenance: Asset | undefined;
  readonly finance: Asset | undefined;
  /** What people call it. */
  readonly code: string;
  /** The fixed asset that is its value: as finance says, else maintenance, else the order it came with. */
  readonly fixedAsset: string | undefined;
}

/** Both sides of an asset. An asset stands in one maintenance system: where the event names no site, the one that has it. */
export function viewOf(input: AssetsInput): AssetView {
  const { event, facts } = input;
  const state = (input.state.asset ??= noAsset());
  const hubId = hubIdIn(event.lane);
  const at = (connection: string): Asset | undefined => facts.get(factKey.record('asset', hubId, connection)) as unknown as Asset | undefined; // Parsed when it came in.
  const pairs = pairsOf(input);
  const sides = pairs.find(({ maintenance }) => at(maintenance)) ?? pairs[0] ?? input.sides;
  const [maintenance, finance] = [at(sides.maintenance), at(sides.finance)];
  const fixedAsset = finance?.fixedAsset ?? maintenance?.fixedAsset ?? state.bought ?? undefined;
  return { input, state, hubId, sides, maintenance, finance, code: finance?.code ?? maintenance?.code ?? event.object, fixedAsset };
}

export const fixedAssetOf = ({ input: { facts }, sides }: Pick<AssetView, 'input' | 'sides'>, hubId: string): FixedAsset | undefined =>
  facts.get(factKey.record('fixedAsset', hubId, sides.finance)) as unknown as FixedAsset | undefined;
