import { factKey, type Facts, type FlowEvent, type Sides } from '#engine/flow';
import { found, lacking, recordOf, type Found, type Ground } from '#flows/part-quantity';
import type { RecordOf } from '#model/records';

/** How many parents are asked for a cost centre before the hierarchy is taken to be circular. */
export const hierarchyLimit = 20;

export type WorkOrder = RecordOf<'workOrder'>;
export type AssetRecord = RecordOf<'asset'>;

/** What bears cost: a work order, or an inspection. */
export type Charged = Pick<WorkOrder, 'number' | 'costCentre' | 'asset'>;

/** Who pays for a work order, and where that was found. */
export interface Payer {
  readonly costCentre: string;
  /** `the work order`, or the asset that names it. */
  readonly from: string;
}

/** A work order's snapshot as its lane sees it, or undefined where the event is another system's copy. */
export function workOrderOf(event: FlowEvent, sides: Sides): WorkOrder | undefined {
  if (event.data['connection'] !== sides.maintenance) return undefined;
  // Parsed by the model's schema when it came in.
  return event.data['record'] as unknown as WorkOrder;
}

/** The hub id inside a lane name `kind/hubId`. */
export const hubIdOf = (lane: string): string => lane.slice(lane.indexOf('/') + 1);

/** Orders snapshots of one object: the source's own time, else when it was told. */
export const stampOf = (changedAt: string | undefined, at: number): string => changedAt ?? new Date(at).toISOString();

/** The finance side's record of an asset with what only the maintenance side knows filled in. */
export function assetOf(asset: string, { facts, sides }: Ground): { readonly finance: AssetRecord | undefined; readonly maintenance: AssetRecord | undefined } {
  return { finance: recordOf(facts, 'asset', asset, sides.finance), maintenance: recordOf(facts, 'asset', asset, sides.maintenance) };
}

/** What is known of an asset, the finance side first. */
export function recordOfAsset(asset: string, ground: Ground): AssetRecord | undefined {
  const { finance, maintenance } = assetOf(asset, ground);
  return finance ?? maintenance;
}

/** The cost centre of a work order: its own, else its asset's, walking up the parents. Never defaulted. */
export function payerOf(order: Charged, day: string, ground: Ground, kind = 'work order'): Found<Payer> {
  if (order.costCentre !== undefined) return open({ costCentre: order.costCentre, from: `the ${kind}` }, day, ground);
  if (order.asset === undefined)
    return lacking(`${kind} ${order.number} has no cost centre: set costCentre on the ${kind} or give it an asset that has one`, 'maintenance-planner');
  let asset: string | undefined = order.asset;
  for (let level = 0; asset !== undefined && level < hierarchyLimit; level++) {
    const { finance, maintenance } = assetOf(asset, ground);
    const costCentre = finance?.costCentre ?? maintenance?.costCentre;
    if (costCentre !== undefined) return open({ costCentre, from: `asset ${(finance ?? maintenance)?.code ?? asset}` }, day, ground);
    asset = finance?.parent ?? maintenance?.parent;
  }
  const first = assetOf(order.asset, ground);
  const name = (first.finance ?? first.maintenance)?.code ?? order.asset;
  return lacking(`asset ${name} of ${kind} ${order.number} has no cost centre, nor has any parent: set field costCentre of asset ${name}`, 'asset-owner');
}

function open(payer: Payer, day: string, { facts, sides }: Ground): Found<Payer> {
  const record = recordOf(facts, 'costCentre', payer.costCentre, sides.finance);
  if (!record) return found(payer);
  const name = `cost centre ${record.code} (from ${payer.from})`;
  if (record.locked === true) return lacking(`${name} is locked for postings in ${sides.finance}`, 'controller');
  if (!record.active) return lacking(`${name} is closed in ${sides.finance}`, 'controller');
  if (record.validFrom !== undefined && day < record.validFrom) return lacking(`${name} is valid from ${record.validFrom}, not on ${day}`, 'controller');
  if (record.validTo !== undefined && day > record.validTo) return lacking(`${name} was valid until ${record.validTo}, not on ${day}`, 'controller');
  return found(payer);
}

/** Why nothing dated `day` may be posted to an asset: it was retired before. */
export function retiredBefore(order: Pick<Charged, 'asset'>, day: string, ground: Ground): string | undefined {
  if (order.asset === undefined) return undefined;
  const { finance, maintenance } = assetOf(order.asset, ground);
  for (const record of [finance, maintenance]) {
    if (!record) continue;
    if (record.disposedOn !== undefined && day > record.disposedOn)
      return `asset ${record.code} was disposed of on ${record.disposedOn}: nothing dated ${day} may be posted to it`;
    if (record.status === 'disposed' && record.disposedOn === undefined) return `asset ${record.code} is disposed of: nothing more may be posted to it`;
  }
  return undefined;
}

export const accountKinds = ['order', 'costCentre', 'asset'] as const;
export type AccountKind = (typeof accountKinds)[number];

/** Which account a document is assigned to: the first kind of the policy's list for which something is known. */
export function accountOf(
  hubId: string,
  order: WorkOrder,
  payer: Payer,
  kinds: readonly AccountKind[],
  ground: Ground,
): { order?: string; fixedAsset?: string; costCentre?: string } {
  for (const kind of kinds) {
    if (kind === 'order' && hasNumber('workOrder', hubId, ground.sides.finance, ground.facts)) return { order: hubId };
    if (kind === 'costCentre') return { costCentre: payer.costCentre };
    if (kind === 'asset' && order.asset !== undefined) {
      const { finance, maintenance } = assetOf(order.asset, ground);
      const fixedAsset = finance?.fixedAsset ?? maintenance?.fixedAsset;
      if (fixedAsset !== undefined) return { fixedAsset };
    }
  }
  return { costCentre: payer.costCentre };
}

const hasNumber = (kind: string, hubId: string, connection: string, facts: Facts): boolean =>
  typeof facts.get(factKey.identity(kind, hubId))?.[connection] === 'string';
