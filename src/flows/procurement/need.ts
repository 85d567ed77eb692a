import { add, compare, subtract } from '#base/decimal';
import { quantityText, type Quantity } from '#base/quantity';
import { factKey } from '#engine/flow';
import { financePart, financeQuantity, found, lacking, recordOf, type Found, type Ground } from '#flows/part-quantity';
import type { WorkOrder } from '#flows/cost-object';
import type { ProcurementPolicy } from '#flows/procurement/policy';
import type { RecordOf } from '#model/records';

export type PlannedLine = WorkOrder['plannedLines'][number];

/** A line's need in finance's terms. */
export interface Need {
  readonly quantity: Quantity;
  readonly part: RecordOf<'part'> | undefined;
  /** False: bought for the job and consumed at receipt. */
  readonly stocked: boolean;
}

/** What is to be done about a need, with the figures that led to it. */
export interface Verdict {
  readonly act: 'request' | 'reserve' | 'none';
  readonly because: string;
}

/** Reads a line: its part, quantity in finance's base unit, and whether it is a stock item. */
export function needOf(line: PlannedLine, policy: ProcurementPolicy, ground: Ground): Found<Need> {
  if (compare(line.quantity.value, '0') < 0)
    return lacking(`line ${line.line} needs ${quantityText(line.quantity)}: a planned quantity cannot be negative`, 'maintenance-planner');
  if (line.part === undefined) {
    if (line.text === undefined || line.text.trim() === '')
      return lacking(`line ${line.line} names neither a part nor a text: say what is needed`, 'maintenance-planner');
    if (line.quantity.unit.system === 'part')
      return lacking(`line ${line.line} (${line.text}) has no unit: a line without a part needs one`, 'maintenance-planner');
    return found({ quantity: { ...line.quantity }, part: undefined, stocked: false });
  }
  const part = financePart(line.part, ground);
  if (!part.ok) return part;
  const quantity = financeQuantity(line.quantity, part.value, { part: line.part, connection: ground.sides.maintenance }, ground.facts);
  if (!quantity.ok) return quantity;
  const stocked =
    line.kind === 'service' ? false : (part.value.stocked ?? (policy.unknownStocking === 'hold' ? undefined : policy.unknownStocking === 'stock'));
  if (stocked === undefined)
    return lacking(
      `whether part ${part.value.code} is a stock item is not known in ${ground.sides.finance}: set field stocked of the part, or policy unknownStocking`,
      'master-data-owner',
    );
  return found({ quantity: quantity.value, part: part.value, stocked });
}

/** Auto-request material of a line, and where the value came from. */
export function autoRequestOf(line: PlannedLine, order: WorkOrder, policy: ProcurementPolicy, { facts, sides }: Ground): { on: boolean; from: string } {
  if (line.autoRequest !== undefined) return { on: line.autoRequest, from: 'set on the work-order line' };
  if (order.asset !== undefined) {
    const bom = recordOf(facts, 'maintenanceBom', order.asset, sides.maintenance) ?? recordOf(facts, 'maintenanceBom', order.asset, sides.finance);
    const row = bom?.lines.find((one) => (line.part === undefined ? one.text === line.text : one.part === line.part));
    if (row?.autoRequest !== undefined) return { on: row.autoRequest, from: `inherited from BOM${bom?.revision === undefined ? '' : ` rev ${bom.revision}`}` };
  }
  return { on: policy.autoRequestDefault, from: 'by policy default, neither line nor BOM says' };
}

/** Whether a need of `short` (what is not yet requested) becomes a requisition. */
export function verdictOf(line: PlannedLine, need: Need, order: WorkOrder, reserved: string, policy: ProcurementPolicy, ground: Ground): Found<Verdict> {
  const auto = autoRequestOf(line, order, policy, ground);
  const autoText = `auto-request ${auto.on ? 'on' : 'off'}, ${auto.from}`;
  const figures = need.stocked && need.part ? stockFigures(line, need, reserved, ground) : undefined;
  if (figures && !figures.ok)
    return auto.on && policy.stockItems === 'belowReorderPoint' ? figures : found({ act: 'none', because: `${figures.problem}; ${autoText}` });
  const shown = figures?.ok ? `${figures.value.text}; ${autoText}` : autoText;
  if (!auto.on) return found({ act: 'none', because: shown });
  if (policy.raisedBy === 'erp')
    return found(
      policy.whenErpRaises === 'reserve' && need.stocked
        ? { act: 'reserve', because: `${ground.sides.finance} raises requisitions itself by policy raisedBy; ${shown}` }
        : { act: 'none', because: `${ground.sides.finance} raises requisitions itself by policy raisedBy, so that never both do; ${shown}` },
    );
  if (!need.stocked)
    return found({ act: 'request', because: `${need.part ? 'not a stock item' : line.kind === 'service' ? 'a service' : 'free text'}; ${shown}` });
  if (policy.stockItems === 'never') return found({ act: 'none', because: `stock items are not requested by work orders (policy stockItems); ${shown}` });
  if (policy.stockItems === 'always') return found({ act: 'request', because: `stock items are always requested (policy stockItems); ${shown}` });
  if (!figures?.ok) return found({ act: 'none', because: shown });
  if (!figures.value.below) return found({ act: 'none', because: shown });
  if (figures.value.replenished) return found({ act: 'none', because: `${figures.value.replenished}; ${shown}` });
  return found({ act: 'request', because: shown });
}

interface StockFigures {
  readonly text: string;
  readonly below: boolean;
  /** Who already replenishes, in words. */
  readonly replenished: string | undefined;
}

function stockFigures(line: PlannedLine, need: Need, reserved: string, { facts, sides }: Ground): Found<StockFigures> {
  const code = need.part?.code ?? '';
  if (line.storeroom === undefined)
    return lacking(`line ${line.line} needs stock item ${code} but names no storeroom: set the storeroom of the line`, 'maintenance-planner');
  const room = recordOf(facts, 'storeroom', line.storeroom, sides.finance)?.code ?? line.storeroom;
  const place = `${line.part}@${line.storeroom}`;
  const level = recordOf(facts, 'stockLevel', place, sides.finance);
  if (!level)
    return lacking(`no stock figure of ${code} at ${room} from ${sides.finance}: load the stock level, or create the part in that storeroom`, 'storekeeper');
  const unit = level.onHand.unit.code;
  const free = subtract(level.onHand.value, reserved);
  const after = subtract(free, need.quantity.value);
  const point = level.reorderPoint ?? '0';
  const text = `${level.onHand.value} ${unit} on hand at ${room}${compare(reserved, '0') > 0 ? `, ${reserved} reserved` : ''}, ${need.quantity.value} needed, ${level.reorderPoint === undefined ? 'no reorder point' : `reorder point ${point}`}`;
  const running = facts.get(replenishmentKey(line.part ?? '', line.storeroom));
  const replenished =
    level.replenishedBySystem === true ? `${sides.finance} replenishes this part itself` : typeof running?.['text'] === 'string' ? running['text'] : undefined;
  return found({ text, below: compare(after, point) < 0, replenished });
}

/** Fact of the stock lane: a replenishment that is under way. */
export const replenishmentKey = (part: string, storeroom: string): string => `stock/replenishment/${part}@${storeroom}`;

/** Every fact a line's decision may read: so that they load together. */
export function factsOf(order: WorkOrder, hubId: string, { sides }: Ground): string[] {
  const keys = [factKey.identity('workOrder', hubId)];
  if (order.costCentre !== undefined) keys.push(factKey.record('costCentre', order.costCentre, sides.finance));
  if (order.asset !== undefined) {
    keys.push(factKey.record('asset', order.asset, sides.finance), factKey.record('asset', order.asset, sides.maintenance));
    keys.push(factKey.record('maintenanceBom', order.asset, sides.maintenance), factKey.record('maintenanceBom', order.asset, sides.finance));
  }
  for (const { part, storeroom } of order.plannedLines) {
    if (part !== undefined) keys.push(factKey.record('part', part, sides.finance), factKey.record('part', part, sides.maintenance));
    if (storeroom !== undefined) keys.push(factKey.record('storeroom', storeroom, sides.finance));
    if (part !== undefined && storeroom !== undefined)
      keys.push(factKey.record('stockLevel', `${part}@${storeroom}`, sides.finance), replenishmentKey(part, storeroom));
  }
  return keys;
}

/** Total of quantities that share a unit. */
export const totalOf = (values: readonly string[]): string => values.reduce((a, b) => add(a, b), '0');
