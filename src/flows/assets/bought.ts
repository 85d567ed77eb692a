import { add, compare, negate, sum } from '#base/decimal';
import type { Json } from '#base/json';
import { factKey } from '#engine/flow';
import { lane } from '#flows/lanes';
import { assetsKey, linkToFixedAsset } from '#flows/assets/value';
import { fixedAssetOf, viewOf, type AssetsInput, type OrderState } from '#flows/assets/state';
import { createOnce, hubIdIn } from '#flows/master-data';
import type { RecordOf } from '#model/records';

const orderOf = (input: AssetsInput): OrderState => (input.state.order ??= { seen: '', number: '', lines: {}, receipts: {} });

/** In the order's lane: lines that are assigned to a fixed asset buy an asset (003-31). */
export function decideOrder(input: AssetsInput): void {
  const { event } = input;
  const record = event.data['record'] as unknown as RecordOf<'purchaseOrder'>;
  const bought = record.lines.filter(({ account, deleted }) => account?.fixedAsset !== undefined && deleted !== true);
  // Most orders buy no asset: nothing is remembered of them.
  if (bought.length === 0 && (input.state.order?.seen ?? '') === '') {
    input.state.order = null;
    return;
  }
  const state = orderOf(input);
  const stamp = record.changedAt ?? new Date(event.at).toISOString();
  if (stamp < state.seen) return;
  const before = state.lines;
  Object.assign(state, { seen: stamp, number: record.number ?? event.object });
  const open = record.state !== 'cancelled';
  state.lines = Object.fromEntries(
    bought.flatMap(({ line, account, text, site }) =>
      account?.fixedAsset === undefined || !open
        ? []
        : [
            [
              line,
              {
                fixedAsset: account.fixedAsset,
                name: text ?? '',
                site: site ?? event.site,
                told: before[line]?.told === true && before[line].fixedAsset === account.fixedAsset,
              },
            ],
          ],
    ),
  );
  tellBought(input, state);
}

/** In the order's lane: what was received of each line, whatever is read first. */
export function decideReceipt(input: AssetsInput): void {
  const { event, facts } = input;
  if (!event.lane.startsWith('purchaseOrder/')) return;
  const order = facts.get(factKey.record('purchaseOrder', hubIdIn(event.lane), event.source)) as unknown as RecordOf<'purchaseOrder'> | undefined;
  if (!input.state.order && order?.lines.every(({ account }) => account?.fixedAsset === undefined)) return;
  const state = orderOf(input);
  const record = event.data['record'] as unknown as RecordOf<'goodsReceipt'>;
  const lines: { [line: string]: string } = {};
  for (const { purchaseOrderLine = '', quantity, direction } of record.lines)
    lines[purchaseOrderLine] = add(lines[purchaseOrderLine] ?? '0', direction === 'in' ? quantity.value : negate(quantity.value));
  state.receipts[record.number ?? event.object] = { on: record.postedOn, lines };
  tellBought(input, state);
}

/** The asset comes into being with the first goods receipt that stands. */
function tellBought({ event, plan }: AssetsInput, state: OrderState): void {
  for (const [line, bought] of Object.entries(state.lines)) {
    const receipts = Object.values(state.receipts).filter(({ lines }) => lines[line] !== undefined);
    const received = sum(receipts.map(({ lines }) => lines[line] ?? '0'));
    const name = `order ${state.number} line ${line}`;
    if (compare(received, '0') <= 0) {
      plan.didNot(
        bought.told
          ? `${name}: the receipt of fixed asset ${bought.fixedAsset} was taken back; an asset that it brought into being stays until it is set to disposed`
          : `${name} buys fixed asset ${bought.fixedAsset}: its asset is created with the first goods receipt`,
        line,
      );
      continue;
    }
    if (bought.told) continue;
    bought.told = true;
    const on = receipts.map((receipt) => receipt.on).sort()[0] ?? '';
    plan.tell({
      lane: lane('asset', bought.fixedAsset),
      kind: 'asset.bought',
      key: `bought/${event.lane}/${line}`,
      data: { fixedAsset: bought.fixedAsset, name: bought.name, order: state.number, line, on },
      site: bought.site,
    });
    plan.note(`${name} was received on ${on}: fixed asset ${bought.fixedAsset} may need an asset`, line);
  }
}

/** In the lane of the asset that a fixed asset gets: it carries the fixed asset's own hub id. */
export function decideBought(input: AssetsInput): void {
  const { facts, plan, policy, event } = input;
  const view = viewOf(input);
  const { state, hubId, sides, maintenance } = view;
  const { fixedAsset, name, order, line, on } = event.data as { fixedAsset: string; name: string; order: string; line: string; on: string }; // Written by tellBought.
  const what = `fixed asset ${fixedAsset}, bought with order ${order} line ${line}`;
  if (policy.createdBy !== 'order') return plan.didNot(`${what}: no asset is created from orders (policy createdBy is ${policy.createdBy})`);
  if (maintenance) return plan.didNot(`${what}: ${sides.maintenance} has the asset already`);
  const others = Object.entries((facts.get(assetsKey(fixedAsset))?.['assets'] ?? {}) as { [lane: string]: string }).filter(([key]) => key !== event.lane);
  if (others.length > 0) return plan.didNot(`${what}: asset ${others.map(([, code]) => code).join(', ')} stands for it already`);
  const record = fixedAssetOf(view, fixedAsset);
  if (!record)
    return plan.hold(`${what} was received, but ${sides.finance} has not shown it yet: its asset is created as soon as it is read`, { owner: 'controller' });
  if (!record.active || record.retiredOn !== undefined) return plan.didNot(`${what}: it is retired in ${sides.finance}, so no asset is created`);
  const draft: { [member: string]: Json } = {
    code: record.code,
    name: record.name,
    active: true,
    fixedAsset,
    description: `Bought with order ${order} line ${line}${name === '' ? '' : `: ${name}`}`,
    acquisitionDate: record.capitalisedOn ?? on,
    ...(event.site === '' ? {} : { site: event.site }),
  };
  for (const member of ['costCentre', 'serialNumber', 'acquisitionValue'] as const) if (record[member] !== undefined) draft[member] = record[member] as Json;
  createOnce(
    { kind: 'asset', to: sides.maintenance, draft, reason: `${what} and received on ${on}: asset "${record.name}" is created in ${sides.maintenance}` },
    state.master,
    [],
    { hubId, plan, facts, name: `asset of ${what}` },
  );
  if (state.master.created[sides.maintenance] === undefined) return;
  state.bought = fixedAsset;
  linkToFixedAsset({ ...view, code: record.code, fixedAsset });
}
