import type { CompactRange, Hash } from '#audit/tree';
import { records, type Finding } from '#audit/finding';

/** Longest stretch between two checkpoints in which one inserted record, or two exchanged neighbours, are searched for. */
export const insertionSearch = 512;
/** Longest stretch in which one record moved to another place, or any two exchanged, are searched for. */
export const orderSearch = 48;

/** A stretch of a log whose root is not the signed one, although every record has its own hash. */
export interface Stretch {
  readonly log: string;
  /** The tree before the stretch, as signed. */
  readonly base: CompactRange;
  /** Leaf hashes of the stretch, or undefined where it is too long to search. */
  readonly leaves: readonly Hash[] | undefined;
  readonly size: number;
  readonly root: Hash;
  /** The leaf that stands right behind the stretch: what an insertion pushed out of it. */
  readonly behind: Hash | undefined;
}

/** Says what happened to a stretch, by trying which single change would give the signed root; `rewritten` where none does. */
export function diagnose(stretch: Stretch): Finding {
  const { log, base, leaves, size } = stretch;
  const [from, to] = [base.size, size - 1];
  const fits = (kept: readonly Hash[]): boolean => {
    const range = base.copy();
    for (const leaf of kept) range.push(leaf);
    return range.root().equals(stretch.root);
  };
  if (leaves && leaves.length <= insertionSearch) {
    if (stretch.behind) {
      const shifted = [...leaves, stretch.behind];
      for (let at = 0; at < leaves.length; at++) {
        if (fits(shifted.toSpliced(at, 1)))
          return {
            what: 'inserted',
            log,
            from: from + at,
            to: from + at,
            text: `log "${log}": record ${from + at} was inserted; without it the records have the signed root`,
          };
      }
    }
    const moved = exchange(leaves, fits);
    if (moved)
      return {
        what: 'reordered',
        log,
        from: from + moved[0],
        to: from + moved[1],
        text: `log "${log}": ${records(from + moved[0], from + moved[1])} were put in another order; in the right order they have the signed root`,
      };
  }
  return rewritten(log, from, to);
}

/** The finding where no single change explains the difference. */
export function rewritten(log: string, from: number, to: number): Finding {
  return {
    what: 'rewritten',
    log,
    from,
    to,
    text: `log "${log}": ${records(from, to)} do not have the root that was signed: at least one of them was changed, deleted, inserted or moved, and its hash recomputed`,
  };
}

/** The two ends of an exchange or a move that gives the signed root. */
function exchange(leaves: readonly Hash[], fits: (kept: readonly Hash[]) => boolean): readonly [number, number] | undefined {
  const reach = leaves.length <= orderSearch ? leaves.length : 2;
  for (let left = 0; left < leaves.length; left++) {
    for (let right = left + 1; right < Math.min(leaves.length, left + reach); right++) {
      const [a, b] = [leaves[left]!, leaves[right]!];
      if (fits(leaves.with(left, b).with(right, a))) return [left, right];
      if (fits(leaves.toSpliced(left, 1).toSpliced(right, 0, a))) return [left, right];
      if (fits(leaves.toSpliced(right, 1).toSpliced(left, 0, b))) return [left, right];
    }
  }
  return undefined;
}
