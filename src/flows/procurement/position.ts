import { moneyText } from '#base/money';
import { accounts, type Account, type Plan } from '#engine/flow';

/** Open amounts of one commitment, in minor units of one currency, by the stage they stand at. */
export type Position = { estimated: number; requested: number; ordered: number; received: number; invoiced: number; settled: number };

export const nothing = (): Position => ({ estimated: 0, requested: 0, ordered: 0, received: 0, invoiced: 0, settled: 0 });

export const stages = accounts.slice(1) as readonly (keyof Position)[];

/** Whether any stage would be owed less than nothing. */
export const negativeStage = (position: Position): keyof Position | undefined => stages.find((stage) => position[stage] < 0);

export interface Booking {
  readonly workOrder: string;
  readonly costCentre: string;
  readonly currency: string;
  readonly document: string;
  readonly text: string;
}

/**
 * Books the difference between two positions as transfers between neighbouring accounts: need -> estimated -> requested -> ordered -> received -> invoiced -> settled.
 * What goes back is an opposite entry. Backward transfers are booked from the last account down and before the forward ones, so that no account is ever below zero in between.
 */
export function move(plan: Plan, from: Position, to: Position, about: Booking): void {
  const across = new Array<number>(stages.length).fill(0);
  let behind = 0;
  for (let at = stages.length - 1; at >= 0; at--) {
    const stage = stages[at];
    if (stage === undefined) continue;
    behind += to[stage] - from[stage];
    across[at] = behind;
  }
  const book = (at: number, minor: number): void => {
    const lower: Account = accounts[at] ?? 'need';
    const upper: Account = accounts[at + 1] ?? 'settled';
    const amount = { minor: Math.abs(minor), currency: about.currency };
    const [debit, credit] = minor > 0 ? [upper, lower] : [lower, upper];
    plan.book({
      workOrder: about.workOrder,
      costCentre: about.costCentre,
      debit,
      credit,
      amount,
      document: about.document,
      text: `${about.text}: ${moneyText(amount)} from ${credit} to ${debit}`,
    });
  };
  for (let at = across.length - 1; at >= 0; at--) if ((across[at] ?? 0) < 0) book(at, across[at] ?? 0);
  for (let at = 0; at < across.length; at++) if ((across[at] ?? 0) > 0) book(at, across[at] ?? 0);
}

export const samePosition = (a: Position, b: Position): boolean => stages.every((stage) => a[stage] === b[stage]);

export function sumOf(positions: Iterable<Position>): Position {
  const total = nothing();
  for (const position of positions) for (const stage of stages) total[stage] += position[stage];
  return total;
}
