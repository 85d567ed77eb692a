import * as z from 'zod';
import { isoDate } from '#base/clock';
import type { Json, JsonObject } from '#base/json';
import { factKey, type Flow, type FlowInput, type OutcomeData } from '#engine/flow';
import { keepInStep, masterOutcome, noMasterState, type MasterRules, type MasterState } from '#flows/master-data';
import { lane } from '#flows/lanes';
import type { RecordOf } from '#model/records';

/** Every choice where good practice disagrees; docs/flows/assets.md explains each. */
export const AssetsPolicy = z.strictObject({
  /** Who brings assets into being: the finance side (000-38) or the maintenance side (003-27). */
  createdBy: z.enum(['finance', 'maintenance', 'nobody']).default('finance'),
  /** Who owns the hierarchy and the cost centre (000-37, 000-39). */
  structureOwner: z.enum(['finance', 'maintenance']).default('finance'),
  /** Whether a disposal on the maintenance side retires the fixed asset the same day (003-24). */
  disposals: z.enum(['retire', 'off']).default('retire'),
  /** Whether a new cost centre of an asset moves the fixed asset too (003-33). */
  transfers: z.enum(['post', 'off']).default('post'),
  /** Whether book values are shown on the maintenance side (003-29, 003-32). */
  values: z.enum(['show', 'off']).default('show'),
});
export type AssetsPolicy = z.output<typeof AssetsPolicy>;

interface AssetsState {
  master: MasterState;
  /** Cost centre of the last transfer or of first sight; null before. */
  costCentre: string | null;
  disposed: { fixedAsset: string; on: string } | null;
  /** Book value last sent to the maintenance side. */
  shown: Json;
  n: number;
}

type Input = FlowInput<AssetsState & JsonObject, AssetsPolicy>;

/** Assets and hierarchy, disposals, transfers and values between both sides (000-37..39, 003-04, 003-05, 003-24, 003-27..33). */
export const assets: Flow<AssetsState & JsonObject, AssetsPolicy> = {
  name: 'assets',
  title: 'Assets',
  handles: ['asset.snapshot', 'asset.removed', 'asset.valued', 'fixedAsset.snapshot', 'operation.outcome'],
  initial: { master: noMasterState, costCentre: null, disposed: null, shown: null, n: 0 } as unknown as AssetsState & JsonObject,
  policy: AssetsPolicy,
  decide(input) {
    switch (input.event.kind) {
      case 'asset.snapshot': return assetSeen(input);
      case 'asset.removed': return assetGone(input);
      case 'asset.valued': return showValue(input, input.event.data as unknown as ValueMessage);
      case 'fixedAsset.snapshot': return valueSeen(input);
      default: return outcome(input);
    }
  },
};

const rulesOf = (policy: AssetsPolicy): MasterRules => ({
  kind: 'asset',
  createdBy: policy.createdBy,
  fields: [
    ...['name', 'parent', 'location', 'costCentre'].map((field) => ({ field, owner: policy.structureOwner, rule: 'owner-wins' as const })),
    ...['manufacturer', 'model', 'serialNumber'].map((field) => ({ field, owner: 'finance' as const, rule: 'owner-wins' as const })),
  ],
  onCreate: ['description', 'category', 'acquisitionValue', 'acquisitionDate', 'site'],
});

function assetSeen(input: Input): void {
  const { event, state, facts, policy, sides, plan } = input;
  const record = event.data['record'] as unknown as RecordOf<'asset'>;
  keepInStep(rulesOf(policy), state.master, input);
  if (event.source === sides.finance && record.fixedAsset !== undefined) {
    // The fixed asset's own lane learns here which asset it is the value of.
    plan.remember(`assetOf/${record.fixedAsset}`, { lane: event.lane, code: record.code });
    const value = facts.get(factKey.record('fixedAsset', record.fixedAsset, sides.finance));
    if (value) showValue(input, valueMessage(value));
  }
  if (event.source === sides.maintenance && record.status === 'disposed') dispose(input, record.disposedOn ?? isoDate(event.at));
  transfer(input);
}

/** A record that vanished on the maintenance side is not a disposal by itself: somebody must say so. */
function assetGone({ event, plan, sides }: Input): void {
  const from = event.source === sides.maintenance ? sides.maintenance : sides.finance;
  plan.hold(`asset ${event.object} was deleted in ${from}: say whether it was disposed of (set its status to disposed there) or restore it; nothing was retired`, { owner: 'asset-owner' });
}

function dispose({ event, state, facts, policy, sides, plan }: Input, day: string): void {
  const hubId = event.lane.slice(event.lane.indexOf('/') + 1);
  const finance = facts.get(factKey.record('asset', hubId, sides.finance)) as unknown as RecordOf<'asset'> | undefined;
  const code = finance?.code ?? event.object;
  if (state.disposed) return plan.didNot(`asset ${code} was retired before, on ${state.disposed.on}`);
  if (policy.disposals === 'off') return plan.didNot(`asset ${code} was disposed of; policy disposals is off, so nothing is retired`);
  if (!finance) return plan.hold(`asset ${code} was disposed of, but ${sides.finance} has no such asset: link it or retire it there by hand`, { owner: 'controller' });
  if (finance.fixedAsset === undefined) return plan.hold(`asset ${code} was disposed of, but names no fixed asset in ${sides.finance}: set the fixed asset of ${code}`, { owner: 'controller' });
  state.disposed = { fixedAsset: finance.fixedAsset, on: day };
  plan.send({
    intent: 'disposal', to: sides.finance, record: 'assetDisposal', verb: 'create', urgency: 2,
    draft: { asset: hubId, fixedAsset: finance.fixedAsset, disposedOn: day, kind: 'scrapped', text: `Disposal of ${code}` },
    reason: `asset ${code} was disposed of on ${day}: its fixed asset ${finance.fixedAsset} is retired the same day`,
    ...(finance.bookValue ? { money: finance.bookValue } : {}),
  });
  plan.send({ intent: 'inactive', to: sides.finance, record: 'asset', verb: 'update', targetOf: { kind: 'asset', hubId }, draft: { active: false }, urgency: 2, reason: `asset ${code} is disposed of: it is set inactive in ${sides.finance}` });
  plan.document({ kind: 'assetDisposal', system: sides.maintenance, id: event.object, line: '', parent: '', state: 'disposed', text: `${code} disposed of on ${day}`, minor: null, currency: null });
}

/** A cost centre that differs from the one at first sight or at the last transfer moves the fixed asset. */
function transfer({ event, state, facts, policy, sides, plan }: Input): void {
  const hubId = event.lane.slice(event.lane.indexOf('/') + 1);
  const owner = policy.structureOwner === 'finance' ? sides.finance : sides.maintenance;
  const record = facts.get(factKey.record('asset', hubId, owner)) as unknown as RecordOf<'asset'> | undefined;
  const costCentre = record?.costCentre;
  if (!record || costCentre === undefined || costCentre === state.costCentre) return;
  const before = state.costCentre;
  state.costCentre = costCentre;
  if (before === null) return;
  const fixedAsset = (facts.get(factKey.record('asset', hubId, sides.finance)) as unknown as RecordOf<'asset'> | undefined)?.fixedAsset;
  if (policy.transfers === 'off') return plan.didNot(`asset ${record.code} moved from cost centre ${before} to ${costCentre}; policy transfers is off`);
  if (state.disposed) return plan.didNot(`asset ${record.code} is disposed of: no transfer is posted`);
  if (fixedAsset === undefined) return plan.didNot(`asset ${record.code} moved to cost centre ${costCentre}; it has no fixed asset, so finance has nothing to move`);
  state.n += 1;
  plan.send({
    intent: `transfer/${state.n}`, chain: 'transfer', to: sides.finance, record: 'assetTransfer', verb: 'create', draft: { asset: hubId, transferredOn: isoDate(event.at), fromCostCentre: before, toCostCentre: costCentre, text: `Transfer of ${record.code}` },
    reason: `asset ${record.code} moved from cost centre ${before} to ${costCentre}: fixed asset ${fixedAsset} follows`,
  });
}

interface ValueMessage {
  readonly bookValue?: Json;
  readonly accumulatedDepreciation?: Json;
  readonly acquisitionValue?: Json;
  readonly valueAsOf?: Json;
  readonly acquisitionDate?: Json;
}

const valueMessage = (record: JsonObject): ValueMessage => ({
  ...(record['bookValue'] === undefined ? {} : { bookValue: record['bookValue'] }),
  ...(record['accumulatedDepreciation'] === undefined ? {} : { accumulatedDepreciation: record['accumulatedDepreciation'] }),
  ...(record['acquisitionValue'] === undefined ? {} : { acquisitionValue: record['acquisitionValue'] }),
  ...(record['valueAsOf'] === undefined ? {} : { valueAsOf: record['valueAsOf'] }),
  ...(record['capitalisedOn'] === undefined ? {} : { acquisitionDate: record['capitalisedOn'] }),
});

/** In the fixed asset's lane: the asset it belongs to is told. */
function valueSeen({ event, facts, plan, policy, sides }: Input): void {
  if (event.source !== sides.finance || policy.values === 'off') return;
  const fixedAsset = event.lane.slice(event.lane.indexOf('/') + 1);
  const asset = facts.get(`assetOf/${fixedAsset}`) as { lane: string; code: string } | undefined;
  if (!asset) return plan.didNot(`fixed asset ${fixedAsset} is not linked to any asset yet: its value is kept and shown once it is`);
  plan.tell({ lane: asset.lane, kind: 'asset.valued', key: `valued/${event.key}`, data: valueMessage(event.data['record'] as JsonObject) as JsonObject, thread: asset.lane });
  plan.note(`value of ${asset.code} passed on`);
}

/** In the asset's lane: the maintenance side shows what finance values it at. */
function showValue({ event, state, facts, plan, policy, sides }: Input, value: ValueMessage): void {
  if (policy.values === 'off' || Object.keys(value).length === 0) return;
  const hubId = event.lane.slice(event.lane.indexOf('/') + 1);
  if (JSON.stringify(state.shown) === JSON.stringify(value)) return;
  if (!facts.get(factKey.record('asset', hubId, sides.maintenance))) return plan.didNot(`the value of asset ${hubId} is shown once ${sides.maintenance} has the asset`);
  state.shown = value as unknown as Json;
  state.n += 1;
  plan.send({ intent: `value/${state.n}`, chain: `asset/${sides.maintenance}`, to: sides.maintenance, record: 'asset', verb: 'update', targetOf: { kind: 'asset', hubId }, draft: value as JsonObject, reason: `book value and depreciation of asset ${hubId} from ${sides.finance}` });
}

function outcome({ event, state, plan, sides }: Input): void {
  const data = event.data as unknown as OutcomeData;
  if (data.record === 'asset' && data.verb === 'create') {
    masterOutcome(state.master, { event, plan });
    return;
  }
  if (data.intent === 'disposal' && data.outcome === 'cancelled') state.disposed = null;
  if (data.outcome === 'applied' && (data.record === 'assetDisposal' || data.record === 'assetTransfer')) {
    plan.document({ kind: data.record, system: sides.finance, id: String(data.receipt?.['id'] ?? ''), line: '', parent: '', state: 'posted', text: String(data.draft['text'] ?? ''), minor: null, currency: null, thread: lane('asset', event.lane.slice(event.lane.indexOf('/') + 1)) });
  }
  plan.note(`${data.intent}: ${data.outcome}`);
}
