import type { JsonObject } from '#base/json';
import { compareText, type Statement } from '#store/crosswalk';
import type { AuditLeaf, DecisionRow, DocumentRow, EntryRow, EventRow, ExpectationRow, Fact, OperationRow, OutboxRow } from '#store/port';

/** Everything one lane owns. */
export interface MemoryLane {
  readonly lane: string;
  readonly kind: string;
  state: JsonObject;
  epoch: number;
  owner: string | null;
  /** A holder was lost: the next claimer must know. */
  interrupted: boolean;
  /** When it may be claimed; for a held lane the end of its lease. */
  dueAt: number | null;
  urgency: number;
  /** Highest sequence number given; highest one the holder has seen; rows numbered so far. */
  seq: number;
  seen: number;
  ordinal: number;
  readonly events: EventRow[];
  readonly seqByKey: Map<string, number>;
  readonly undecided: Set<number>;
  readonly held: Set<number>;
  readonly decisions: DecisionRow[];
  readonly operations: Map<string, OperationRow>;
  readonly openOperations: Map<string, OperationRow>;
  readonly expectations: Map<string, ExpectationRow>;
  readonly entries: Map<string, EntryRow>;
  readonly documents: Map<string, DocumentRow>;
  readonly facts: Map<string, Fact>;
  readonly statements: Map<string, Statement>;
}

/** A stored audit leaf. */
export type MemoryLeaf = AuditLeaf & { readonly log: string; readonly index: number; readonly at: number; readonly lane: string };

/** The whole content of the store in memory. */
export interface MemoryTables {
  readonly lanes: Map<string, MemoryLane>;
  /** Lanes with a due time: the only ones a claim looks at. */
  readonly due: Set<MemoryLane>;
  readonly operations: Map<string, OperationRow>;
  /** Fact key to the lanes that wrote it. */
  readonly factLanes: Map<string, Set<MemoryLane>>;
  /** Identity (either side) to the lanes that made statements about it. */
  readonly statements: Map<string, Set<Statement>>;
  readonly outbox: Map<string, OutboxRow & { readonly createdAt: number }>;
  readonly cursors: Map<string, JsonObject>;
  readonly logs: Map<string, MemoryLeaf[]>;
}

/** The fact as read: the newest of those that lanes wrote. */
export function newestFact(tables: MemoryTables, key: string): Fact | undefined {
  let newest: { fact: Fact; lane: string } | undefined;
  for (const row of tables.factLanes.get(key) ?? []) {
    const fact = row.facts.get(key);
    if (fact && (!newest || fact.at > newest.fact.at || (fact.at === newest.fact.at && compareText(row.lane, newest.lane) > 0)))
      newest = { fact, lane: row.lane };
  }
  return newest?.fact;
}

/** Under which the statements about one hub id are found. */
export function hubSide({ kind, hubId }: { kind: string; hubId: string }): string {
  return `h${JSON.stringify([kind, hubId])}`;
}
