import { documentInvariants } from './documents.ts';
import { eventInvariants } from './events.ts';
import type { Invariant } from './invariant.ts';
import { moneyInvariants } from './money.ts';
import { plantInvariants } from './plant.ts';

/** Every invariant, I1 to I22. */
export const invariants: readonly Invariant[] = [...eventInvariants, ...documentInvariants, ...moneyInvariants, ...plantInvariants].sort(
  (a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)),
);
