import type { CrosswalkRow } from '#store/port';

/** One written statement "from then on this external id is this hub id", with what orders statements about the same instant. */
export interface Statement extends CrosswalkRow {
  readonly lane: string;
  readonly ordinal: number;
  readonly recordedAt: number;
}

/**
 * The periods in which identities held. A statement holds until the next one about the same external id, or about the same hub id in that system, or until its own `to`.
 * So at any instant an external id has at most one hub id and a hub id at most one external id per system, in whatever order statements arrive.
 * Statements that were overruled at their own instant hold for no time and are left out.
 */
export function periods(statements: readonly Statement[]): CrosswalkRow[] {
  const sorted = statements.toSorted(compareStatements);
  const nextFrom = new Map<string, number>();
  const rows: CrosswalkRow[] = [];
  for (const statement of sorted.toReversed()) {
    const external = sideKey('external', statement, statement.externalId);
    const hub = sideKey('hub', statement, statement.hubId);
    const end = Math.min(statement.to ?? Infinity, nextFrom.get(external) ?? Infinity, nextFrom.get(hub) ?? Infinity);
    nextFrom.set(external, statement.from);
    nextFrom.set(hub, statement.from);
    if (end <= statement.from) continue;
    const { kind, hubId, system, externalId, from, change, reason } = statement;
    rows.push({ kind, hubId, system, externalId, from, to: end === Infinity ? null : end, change, reason });
  }
  return rows.reverse();
}

/** The row of one external id that held at `at`; without `at`, the one whose end is open. */
export function heldAt(rows: readonly CrosswalkRow[], ask: { kind: string; system: string; externalId: string; at?: number }): CrosswalkRow | undefined {
  return rows.find(
    (row) =>
      row.externalId === ask.externalId &&
      row.system === ask.system &&
      row.kind === ask.kind &&
      (ask.at === undefined ? row.to === null : row.from <= ask.at && (row.to === null || ask.at < row.to)),
  );
}

/** The key by which `resolve` answers. */
export function identityKey(key: { kind: string; system: string; externalId: string }): string {
  return `${key.kind}/${key.system}/${key.externalId}`;
}

/** Order of texts as both databases keep it: by code point, which is the order of UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogateX = x >= 0xd800 && x <= 0xdfff;
    return surrogateX !== (y >= 0xd800 && y <= 0xdfff) ? (surrogateX ? 1 : -1) : x - y;
  }
  return a.length - b.length;
}

function compareStatements(a: Statement, b: Statement): number {
  return a.from - b.from || a.recordedAt - b.recordedAt || compareText(a.lane, b.lane) || a.ordinal - b.ordinal;
}

function sideKey(side: string, { kind, system }: Statement, id: string): string {
  return JSON.stringify([side, kind, system, id]);
}
