import { sha256 } from '#base/json';

/** What a vendor says of its own contract: a hash to compare and the lines to explain a difference. */
export interface Fingerprint {
  readonly hash: string;
  /** `name: value`, sorted, each name once. */
  readonly lines: readonly string[];
}

/** Lines beyond this are counted in one closing line, so that a fingerprint stays small enough to keep for years. */
export const fingerprintLines = 5_000;

export function fingerprintOf(lines: readonly string[]): Fingerprint {
  const sorted = [...new Set(lines)].sort();
  const kept = sorted.slice(0, fingerprintLines);
  if (sorted.length > kept.length) kept.push(`~ ${sorted.length - kept.length} further lines: ${sha256(sorted.slice(fingerprintLines).join('\n'))}`);
  return { hash: sha256(kept.join('\n')), lines: kept };
}

/** What changed, one sentence per line, for the person who must decide whether a mapping still holds. Empty where nothing did. */
export function changesBetween(before: Fingerprint, after: Fingerprint): string[] {
  if (before.hash === after.hash) return [];
  const old = named(before.lines);
  const now = named(after.lines);
  const changes: string[] = [];
  for (const [name, value] of old) {
    const other = now.get(name);
    if (other === undefined) changes.push(`${name} is gone (it was ${value})`);
    else if (other !== value) changes.push(`${name} was ${value} and is ${other}`);
  }
  for (const [name, value] of now) if (!old.has(name)) changes.push(`${name} is new: ${value}`);
  return changes;
}

function named(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(': ');
      return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
}
