import { compare } from '#base/decimal';
import { moneyText, type Money } from '#base/money';
import type { CostsState, Posting } from '#flows/costs/state';
import { eventText } from '#assurance/open-work';
import type { References } from '#assurance/operations';
import type { Ground } from '#assurance/plan';
import type { ReconcileSide } from '#assurance/side';

/** Hours or an expense that stands on a work order of the maintenance system now, under the line by which the costs flow knows it. */
export interface WorkRow {
  /** `labour/time:55`, `service/expense`. */
  readonly line: string;
  readonly hours: string | undefined;
  readonly amount: Money;
}

/**
 * What people entered on work orders against what the hub posted for it: each standing posting has its row, with the same hours or amount, and each row is
 * one that the hub has heard of. What finance holds is compared with the hub's postings elsewhere, so that the three say one thing.
 */
export async function compareWorkRows(
  ground: Ground,
  side: ReconcileSide,
  { rows, references }: { readonly rows: ReadonlyMap<string, readonly WorkRow[]>; readonly references: References },
): Promise<void> {
  const posted = [...references.values()].flatMap(({ record, verb, workOrder }) =>
    record === 'costPosting' && verb === 'create' && workOrder.startsWith(`${side.name}.`) ? [workOrder] : [],
  );
  for (const workOrder of new Set([...rows.keys(), ...posted])) {
    // Written by the costs flow in this shape.
    const state = (await ground.store.read.lane(`workOrder/${workOrder}`))?.state['costs'] as CostsState | undefined;
    // A work order that the flow has never looked at is not its business: the flow is off there, or the order is new.
    if (state === undefined || state.seen === '') continue;
    compareOrder(ground, side, { workOrder, rows: rows.get(workOrder) ?? [], state });
  }
}

interface Order {
  readonly workOrder: string;
  readonly rows: readonly WorkRow[];
  readonly state: CostsState;
}

function compareOrder({ section, open }: Ground, side: ReconcileSide, { workOrder, rows, state }: Order): void {
  const events = open.events(`workOrder/${workOrder}`).map(eventText).sort();
  const explained = events.length === 0 ? {} : { explainedBy: events };
  const differ = (line: string, name: 'quantity' | 'amount' | 'missingInHub' | 'missingInMaintenance', left: string, right: string, text: string): void =>
    section.differ({
      key: `${workOrder} ${line}`,
      class: name,
      left,
      right,
      text: `${line.replace('/', ' line ')} of work order ${workOrder}: ${text}`,
      ...explained,
    });
  const met = new Set<string>();
  for (const { line, hours, amount } of rows) {
    met.add(line);
    const known = state.lines[line];
    const said = hours === undefined ? moneyText(amount) : `${hours} h`;
    if (known === undefined) {
      // A line of nothing is one that the flow may leave out.
      if (hours === undefined ? amount.minor !== 0 : compare(hours, '0') !== 0)
        differ(line, 'missingInHub', '', said, `${said} in ${side.name}, and the hub has not heard of it`);
      continue;
    }
    const posting = standing(known.postings);
    // Without a posting the flow has said why: not at close yet, held, or decided against.
    if (posting === undefined) continue;
    const { want } = posting;
    const same =
      line.startsWith('labour/') && hours !== undefined && want.hours !== null
        ? compare(hours, want.hours) === 0
        : amount.minor === want.amount.minor && amount.currency === want.amount.currency;
    const ours = want.hours === null ? moneyText(want.amount) : `${want.hours} h`;
    if (same) section.agree();
    else differ(line, want.hours === null ? 'amount' : 'quantity', ours, said, `${ours} were posted as ${posting.number ?? ''}, ${said} in ${side.name}`);
  }
  for (const [line, { postings }] of Object.entries(state.lines)) {
    const posting = met.has(line) ? undefined : standing(postings);
    if (posting)
      differ(
        line,
        'missingInMaintenance',
        posting.number ?? '',
        '',
        `${moneyText(posting.want.amount)} were posted as ${posting.number ?? ''}, and ${side.name} has no such row`,
      );
  }
}

/** The document that stands in finance for a line. */
const standing = (postings: readonly Posting[]): Posting | undefined => postings.findLast(({ state }) => state === 'applied');
