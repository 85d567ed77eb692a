/** What can be wrong with a log, in the words of the report. */
export const findings = {
  changed: { title: 'Changed' },
  deleted: { title: 'Deleted' },
  inserted: { title: 'Inserted' },
  reordered: { title: 'Put in another order' },
  truncated: { title: 'Cut off at the end' },
  rewritten: { title: 'Changed, deleted, inserted or reordered, with all hashes recomputed' },
  forged: { title: 'Checkpoint not signed by a trusted key' },
  damaged: { title: 'File damaged' },
} as const;

/** A row of the table. */
export type FindingKind = keyof typeof findings;

/** Something that is wrong, and where: records `from` to `to` of a log, both included. */
export interface Finding {
  readonly what: FindingKind;
  readonly log: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Findings listed in one report; the rest is counted. */
export const mostFindings = 1_000;

/** `record 7` or `records 7 to 9`. */
export function records(from: number, to: number): string {
  return from >= to ? `record ${from}` : `records ${from} to ${to}`;
}
