import { isoDate } from '#base/clock';
import type { OutcomeData } from '#engine/flow';
import { fixedAssetOf, type AssetView } from '#flows/assets/state';
import { assetsKey } from '#flows/assets/value';

/** A disposal on the maintenance side retires the fixed asset the same day, once (003-05, 003-24). */
export function decideDisposal(view: AssetView): void {
  const {
    input: { event, policy, plan },
    state,
    sides,
    maintenance,
    finance,
    code,
    fixedAsset,
  } = view;
  const before = state.disposal;
  if (maintenance?.status !== 'disposed') {
    if (before?.state === 'declined') state.disposal = null;
    else if (before)
      plan.didNot(
        `asset ${code} is in use again in ${sides.maintenance}, but its fixed asset ${before.fixedAsset} was retired on ${before.on}: take the retirement back in ${sides.finance}`,
      );
    return;
  }
  if (before && before.state !== 'declined') return plan.didNot(`asset ${code} was retired before, on ${before.on}`);
  if (policy.disposals === 'off') return plan.didNot(`asset ${code} was disposed of; policy disposals is off, so nothing is retired`);
  if (!finance && fixedAsset === undefined)
    return plan.hold(`asset ${code} was disposed of, but ${sides.finance} has no such asset: link it, or retire it there by hand`, { owner: 'controller' });
  if (fixedAsset === undefined)
    return plan.hold(`asset ${code} was disposed of, but names no fixed asset in ${sides.finance}: set the fixed asset of ${code} there`, {
      owner: 'controller',
    });
  const on = maintenance.disposedOn ?? isoDate(event.at);
  if (before && before.fixedAsset === fixedAsset && before.on === on)
    return plan.didNot(`asset ${code}: a person decided against retiring fixed asset ${fixedAsset} on ${on}`);
  const record = fixedAssetOf(view, fixedAsset);
  if (record?.retiredOn !== undefined)
    return plan.didNot(`asset ${code} was disposed of; its fixed asset ${fixedAsset} was already retired in ${sides.finance} on ${record.retiredOn}`);
  const shared = othersOf(view, fixedAsset);
  if (shared.length > 0)
    return plan.hold(
      `asset ${code} was disposed of, but fixed asset ${fixedAsset} is the value of ${shared.join(', ')} too: retire the part of ${code} in ${sides.finance} by hand`,
      { owner: 'controller' },
    );
  state.n += 1;
  state.disposal = { fixedAsset, on, intent: before ? `disposal/${state.n}` : 'disposal', state: 'open' };
  const money = record?.bookValue ?? finance?.bookValue;
  plan.send({
    intent: state.disposal.intent,
    to: sides.finance,
    record: 'assetDisposal',
    verb: 'create',
    urgency: 2,
    chain: 'disposal',
    draft: { asset: view.hubId, fixedAsset, disposedOn: on, kind: 'scrapped', text: `Disposal of ${code}` },
    reason: `asset ${code} was disposed of on ${on}: its fixed asset ${fixedAsset} is retired the same day`,
    ...(money ? { money } : {}),
  });
  plan.document({
    kind: 'assetDisposal',
    system: sides.maintenance,
    id: event.object,
    line: '',
    parent: '',
    state: 'disposed',
    text: `${code} disposed of on ${on}`,
    minor: null,
    currency: null,
  });
}

/** Other assets that the fixed asset is the value of and that are still in use. */
function othersOf({ input: { facts, event } }: AssetView, fixedAsset: string): string[] {
  const linked = (facts.get(assetsKey(fixedAsset))?.['assets'] ?? {}) as { [lane: string]: string }; // Remembered by the fixed asset's lane in this shape.
  return Object.entries(linked)
    .flatMap(([lane, code]) => (lane === event.lane ? [] : [code]))
    .sort();
}

/** Retired: the asset is set inactive in finance. Cancelled: a person decided against it, until day or fixed asset change. */
export function disposalAnswered(
  { input: { event, plan }, state, sides, finance, hubId, code }: AssetView,
  { intent, outcome, receipt, draft }: OutcomeData,
): void {
  if (state.disposal?.intent !== intent || outcome === 'failed') return;
  state.disposal.state = outcome === 'applied' ? 'applied' : 'declined';
  if (outcome !== 'applied') return;
  plan.document({
    kind: 'assetDisposal',
    system: sides.finance,
    id: String(receipt?.['id'] ?? ''),
    line: '',
    parent: '',
    state: 'posted',
    text: String(draft['text'] ?? ''),
    minor: null,
    currency: null,
    thread: event.lane,
  });
  if (finance?.active === true)
    plan.send({
      intent: `inactive/${intent}`,
      chain: `asset/${sides.finance}`,
      to: sides.finance,
      record: 'asset',
      verb: 'update',
      targetOf: { kind: 'asset', hubId },
      draft: { active: false },
      urgency: 2,
      reason: `asset ${code} is retired: it is set inactive in ${sides.finance}`,
    });
}
