import { isoDate } from '#base/clock';
import { compare, decimal } from '#base/decimal';
import { factKey } from '#engine/flow';
import { hubIdOf, payerOf, retiredBefore, stampOf, type Charged } from '#flows/cost-object';
import { financePart, financeQuantity, found, lacking, type Found } from '#flows/part-quantity';
import type { ScrapInput } from '#flows/scrap/flow';
import { settleLine } from '#flows/scrap/posting';
import type { Want } from '#flows/scrap/state';
import type { RecordOf } from '#model/records';

type ScrapLine = NonNullable<RecordOf<'inspection'>['scrap']>[number];

/** What inspections and work orders have in common as reports of scrap. */
interface Report extends Charged {
  /** `inspection Q1`, `work order 7`. */
  readonly name: string;
  readonly kind: 'inspection' | 'work order';
  /** Hub id of the work order whose books bear it; empty where there is none. */
  readonly workOrder: string;
  readonly on: string;
  readonly defect: string | undefined;
  readonly cancelled: boolean;
  readonly changedAt: string | undefined;
  readonly lines: readonly ScrapLine[];
}

/** What was scrapped in all, against what was posted: posts what is new, reverses what no longer holds, gives a reason for the rest. */
export function decideReport(input: ScrapInput): void {
  const { event, plan, state, policy, facts, sides } = input;
  if (event.data['connection'] === sides.finance) return plan.note(`${event.source}'s copy of the report is not what scrap goes by`);
  const report = reportOf(input);
  if (report.lines.length === 0 && Object.keys(state.lines).length === 0) return plan.didNot(`${report.name} reports no scrap`);
  const stamp = stampOf(report.changedAt, event.at);
  if (stamp < state.seen) return plan.note(`superseded: ${report.name} of ${stamp} is older than ${state.seen}`);
  state.seen = stamp;
  state.number = report.name;
  if (policy.post === 'off') return plan.didNot(`scrap of ${report.name} is not posted (policy post)`);
  facts.want(factsOf(report, input));
  const back = report.cancelled && policy.whenCancelled === 'reverse';
  const present = new Set(report.lines.map(({ line }) => line));
  const held = new Set<string>();
  for (const line of report.lines) {
    const known = (state.lines[line.line] ??= { want: null, count: 0, postings: [], declined: null });
    const want = back ? found(null) : wantOf(input, report, line);
    if (want.ok) known.want = want.value;
    else {
      held.add(line.line);
      plan.hold(want.problem, { owner: want.owner, line: line.line });
    }
  }
  for (const [number, line] of Object.entries(state.lines)) {
    if (held.has(number)) continue;
    if (!present.has(number)) line.want = null;
    settleLine(
      input,
      number,
      back ? `${report.name} was cancelled` : present.has(number) ? 'nothing was scrapped' : `line ${number} is no longer on ${report.name}`,
    );
  }
}

/** A report that was deleted reported by mistake: what stands for it is reversed. */
export function decideGone(input: ScrapInput): void {
  const { event, plan, state } = input;
  if (Object.keys(state.lines).length === 0) return plan.didNot('the report was deleted; no scrap had been posted for it');
  for (const [number, line] of Object.entries(state.lines)) {
    line.want = null;
    settleLine(input, number, `${state.number} was deleted in ${event.source}`);
  }
}

function reportOf({ event }: ScrapInput): Report {
  if (event.kind === 'workOrder.snapshot') {
    const { number, costCentre, asset, status, completedAt, changedAt, scrap } = event.data['record'] as unknown as RecordOf<'workOrder'>; // Parsed by the model's schema when it came in.
    return {
      ...only({ costCentre, asset }),
      number,
      name: `work order ${number}`,
      kind: 'work order',
      workOrder: hubIdOf(event.lane),
      on: (completedAt ?? isoDate(event.at)).slice(0, 10),
      defect: undefined,
      cancelled: status === 'cancelled',
      changedAt,
      lines: scrap ?? [],
    };
  }
  const { number, costCentre, asset, workOrder, at, defect, changedAt, scrap } = event.data['record'] as unknown as RecordOf<'inspection'>; // As above.
  return {
    ...only({ costCentre, asset }),
    number,
    name: `inspection ${number}`,
    kind: 'inspection',
    workOrder: workOrder ?? '',
    on: at.slice(0, 10),
    defect,
    cancelled: false,
    changedAt,
    lines: scrap ?? [],
  };
}

const only = ({ costCentre, asset }: { costCentre: string | undefined; asset: string | undefined }): Pick<Charged, 'costCentre' | 'asset'> => ({
  ...(costCentre === undefined ? {} : { costCentre }),
  ...(asset === undefined ? {} : { asset }),
});

function wantOf(input: ScrapInput, report: Report, line: ScrapLine): Found<Want | null> {
  const { facts, sides, policy, plan } = input;
  const what = `scrap line ${line.line} of ${report.name}`;
  if (compare(line.quantity.value, '0') < 0)
    return lacking(`${what} says ${line.quantity.value}: a scrapped quantity cannot be negative; lower the line instead`, 'quality-engineer');
  if (compare(line.quantity.value, '0') === 0) return found(null);
  const part = financePart(line.part, input);
  if (!part.ok) return lacking(`${what}: ${part.problem}`, part.owner);
  const { code } = part.value;
  const stocked = part.value.stocked ?? (policy.unknownStocking === 'hold' ? undefined : policy.unknownStocking === 'stock');
  if (stocked === undefined)
    return lacking(
      `${what}: whether part ${code} is a stock item is not known in ${sides.finance}: set field stocked of the part, or policy unknownStocking`,
      'master-data-owner',
    );
  if (!stocked) {
    plan.didNot(`no posting for ${what}: part ${code} is not a stock item, its cost was charged when it was received`, line.line);
    return found(null);
  }
  if (line.storeroom === undefined) return lacking(`${what}: part ${code} was scrapped but the line names no storeroom: set it`, 'quality-engineer');
  const quantity = financeQuantity(line.quantity, part.value, { part: line.part, connection: sides.maintenance }, facts);
  if (!quantity.ok) return lacking(`${what}: ${quantity.problem}`, quantity.owner);
  const day = line.scrappedOn ?? report.on;
  const retired = retiredBefore(report, day, input);
  if (retired !== undefined) return lacking(`${what}: ${retired}`, 'asset-owner');
  const payer = payerOf(report, day, input, report.kind);
  if (!payer.ok) return lacking(`${what}: ${payer.problem}`, payer.owner);
  const { value, unit } = quantity.value;
  return found({
    part: line.part,
    name: code,
    storeroom: line.storeroom,
    quantity: decimal(value),
    unit: { ...unit },
    reason: line.reason ?? report.defect ?? null,
    costCentre: payer.value.costCentre,
    workOrder: report.workOrder,
    day,
    text: `Scrap of ${report.name}`,
  });
}

function factsOf({ asset, costCentre, lines }: Report, { sides }: ScrapInput): string[] {
  const keys: string[] = [];
  if (costCentre !== undefined) keys.push(factKey.record('costCentre', costCentre, sides.finance));
  if (asset !== undefined) keys.push(factKey.record('asset', asset, sides.finance), factKey.record('asset', asset, sides.maintenance));
  for (const { part, storeroom } of lines) {
    keys.push(factKey.record('part', part, sides.finance), factKey.record('part', part, sides.maintenance));
    if (storeroom !== undefined) keys.push(factKey.record('stockLevel', `${part}@${storeroom}`, sides.finance));
  }
  return keys;
}
