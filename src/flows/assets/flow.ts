import type { JsonObject } from '#base/json';
import type { Flow, OutcomeData } from '#engine/flow';
import { decideBought, decideOrder, decideReceipt } from '#flows/assets/bought';
import { decideDisposal, disposalAnswered } from '#flows/assets/disposal';
import { AssetsPolicy } from '#flows/assets/policy';
import { decideSchedule } from '#flows/assets/schedule';
import { viewOf, type AssetsInput, type AssetsState, type AssetView } from '#flows/assets/state';
import { decideTransfer } from '#flows/assets/transfer';
import { decideLinked, decideValue, decideValued, linkToFixedAsset, showValue } from '#flows/assets/value';
import { keepInStep, masterOutcome, type MasterRules } from '#flows/master-data';
import { ownable, owned, ownedPolicy, type Owned } from '#flows/owned';

const events: { readonly [kind: string]: (input: AssetsInput) => void } = {
  'asset.snapshot': assetSeen,
  'asset.removed': assetGone,
  'asset.valued': decideValued,
  'asset.bought': decideBought,
  'fixedAsset.snapshot': decideValue,
  'fixedAsset.linked': decideLinked,
  'depreciationSchedule.snapshot': decideSchedule,
  'purchaseOrder.snapshot': decideOrder,
  'goodsReceipt.snapshot': decideReceipt,
  'operation.outcome': answered,
};

/**
 * Assets: hierarchy, creation, disposals, transfers and values between both sides (000-37..39, 003-04, 003-05, 003-24, 003-27..33).
 * docs/flows/assets.md explains every policy and reason.
 */
export const assets: Flow<AssetsState & JsonObject, AssetsPolicy & Owned> = {
  name: 'assets',
  title: 'Assets',
  handles: Object.keys(events),
  initial: { asset: null, fixedAsset: null, order: null } as AssetsState & JsonObject,
  policy: ownedPolicy(AssetsPolicy),
  decide: (input) => events[input.event.kind]?.(input),
};

/** Fields that place an asset: they have one owner, whom the policy names. */
const structure: readonly string[] = ['name', 'parent', 'location', 'costCentre'];

const rulesOf = ({ createdBy, structureOwner, ...policy }: AssetsPolicy & Owned): MasterRules => ({
  kind: 'asset',
  createdBy: createdBy === 'order' ? 'nobody' : createdBy,
  ...(createdBy === 'order' ? { whyNobody: 'assets are created from orders (policy createdBy)' } : {}),
  fields: owned(
    'asset',
    ownable.asset.carried.map((field) => ({ field, owner: structure.includes(field) ? structureOwner : 'finance', rule: 'owner-wins' })),
    policy,
  ),
  onCreate: ['description', 'category', 'acquisitionValue', 'acquisitionDate', 'site'],
});

function assetSeen(input: AssetsInput): void {
  const view = viewOf(input);
  keepInStep(rulesOf(input.policy), view.state.master, input);
  linkToFixedAsset(view);
  if (input.event.source === view.sides.maintenance) decideDisposal(view);
  decideTransfer(view);
  showValue(view);
}

/** A record that vanished is not a disposal by itself: somebody must say so. Read from what is there now, so that a later answer settles it. */
function assetGone(input: AssetsInput): void {
  const { event, plan } = input;
  const { sides, maintenance, finance, state } = viewOf(input);
  const other = event.source === sides.maintenance ? finance : maintenance;
  const there = event.source === sides.maintenance ? sides.finance : sides.maintenance;
  if (!other) return plan.didNot(`asset ${event.object} was deleted in ${event.source}; ${there} does not have it, so there is nothing to retire`);
  if (state.disposal) return plan.didNot(`asset ${other.code} was deleted in ${event.source} after its disposal on ${state.disposal.on}`);
  if (!other.active || other.status === 'disposed')
    return plan.didNot(`asset ${other.code} was deleted in ${event.source} and is not in use in ${there} either: nothing was retired`);
  plan.hold(
    `asset ${other.code} was deleted in ${event.source}, which is no disposal: restore it there and set its status to disposed, or set it inactive in ${there}; nothing was retired`,
    { owner: 'asset-owner' },
  );
}

function answered(input: AssetsInput): void {
  const { event, plan } = input;
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const view = viewOf(input);
  if (masterOutcome(view.state.master, input)) return;
  if (data.record === 'assetDisposal') disposalAnswered(view, data);
  else if (data.record === 'assetTransfer' && data.outcome === 'applied') noteTransferred(view, data);
  plan.note(`${data.intent} in ${data.connection}: ${data.outcome}`);
}

const noteTransferred = ({ input: { event, plan }, sides }: AssetView, { draft, receipt }: OutcomeData): void =>
  plan.document({
    kind: 'assetTransfer',
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
