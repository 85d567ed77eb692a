import { isoDate } from '#base/clock';
import { fixedAssetOf, type AssetView } from '#flows/assets/state';

/** A cost centre that differs from the one at first sight or at the last transfer moves the fixed asset too (003-33); never after its disposal (I17). */
export function decideTransfer(view: AssetView): void {
  const {
    input: { event, policy, plan },
    state,
    sides,
    maintenance,
    finance,
    hubId,
    code,
    fixedAsset,
  } = view;
  const owner = policy.ownership?.['asset']?.['costCentre']?.owner ?? policy.structureOwner;
  const to = (owner === 'finance' ? finance : maintenance)?.costCentre;
  const from = state.costCentre;
  if (to === undefined || to === from) return;
  state.costCentre = to;
  if (from === null) return;
  const moved = `asset ${code} moved from cost centre ${from} to ${to}`;
  const retiredOn = retirementOf(view);
  if (retiredOn !== undefined) return plan.refuse(`${moved} after it was disposed of on ${retiredOn}: nothing is transferred any more`, 'asset-owner');
  if (policy.transfers === 'off') return plan.didNot(`${moved}; policy transfers is off`);
  if (fixedAsset === undefined) return plan.didNot(`${moved}; it has no fixed asset, so finance has nothing to move`);
  if (!finance) return plan.didNot(`${moved}; ${sides.finance} has no such asset, only fixed asset ${fixedAsset}: move that by hand`);
  state.n += 1;
  // Behind the update of the equipment itself: two changes of one record at the same time would void one of them.
  plan.send({
    intent: `transfer/${state.n}`,
    chain: `asset/${sides.finance}`,
    to: sides.finance,
    record: 'assetTransfer',
    verb: 'create',
    draft: { asset: hubId, transferredOn: isoDate(event.at), fromCostCentre: from, toCostCentre: to, text: `Transfer of ${code}` },
    reason: `${moved}: fixed asset ${fixedAsset} follows`,
  });
}

/** The day of retirement, by the hub, by finance or by maintenance; undefined while the asset is in use. */
function retirementOf(view: AssetView): string | undefined {
  const { state, maintenance, finance, fixedAsset } = view;
  if (state.disposal && state.disposal.state !== 'declined') return state.disposal.on;
  const record = fixedAsset === undefined ? undefined : fixedAssetOf(view, fixedAsset);
  if (record?.retiredOn !== undefined) return record.retiredOn;
  const disposed = [finance, maintenance].find((one) => one?.status === 'disposed');
  return disposed && (disposed.disposedOn ?? 'an unknown day');
}
