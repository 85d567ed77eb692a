import { Fault } from '#base/fault';
import { compareText, heldAt, identityKey, periods, type Statement } from '#store/crosswalk';
import { checkBatch, checkLimit, documentNumber, limits } from '#store/limits';
import { hubSide, newestFact, type MemoryLane, type MemoryTables } from '#store/memory-tables';
import { eventStates } from '#store/port';
import type { DocumentRow, EntryRow, EventRow, EventState, OperationRow, OperationState, StoreReads } from '#store/port';

/** The reads of the store in memory, in the order and with the bounds of the databases. Every read looks at everything: meant for thousands of rows, not millions. */
export function memoryReads(tables: MemoryTables, run: <T>(work: () => T) => Promise<T>): StoreReads {
  const lanes = (lane?: string): MemoryLane[] =>
    lane === undefined ? [...tables.lanes.values()].sort((a, b) => compareText(a.lane, b.lane)) : [tables.lanes.get(lane)].filter((row) => row !== undefined);
  return {
    countEvents: () => run(() => countEvents(tables)),
    countOperations: () => run(() => countOperations(tables)),
    lane: (lane) =>
      run(() => {
        const row = tables.lanes.get(lane);
        return row && { kind: row.kind, state: row.state, dueAt: row.dueAt, owner: row.owner, epoch: row.epoch };
      }),
    listLanes: ({ kind, after, limit }) =>
      run(() =>
        page(
          lanes().filter((row) => (kind === undefined || row.kind === kind) && follows(row.lane, after)),
          limit,
        ).map(({ lane, dueAt, owner }) => ({ lane, dueAt, owner })),
      ),
    listEvents: ({ lane, thread, state, after, limit }) =>
      run(() => {
        const matches = (row: EventRow): boolean =>
          (thread === undefined || row.thread === thread) &&
          (state === undefined || row.state === state) &&
          (!after || compareText(row.lane, after.lane) > 0 || (row.lane === after.lane && row.seq > after.seq));
        return page(
          lanes(lane).flatMap((row) => row.events.filter(matches)),
          limit,
        );
      }),
    listDecisions: ({ lane, limit }) =>
      run(() =>
        lanes(lane)
          .flatMap((row) => row.decisions)
          .slice(-checkLimit(limit)),
      ),
    history: ({ lane, after = 0, limit }) =>
      run(() =>
        page(
          lanes(lane)
            .flatMap((row) => row.decisions)
            .map((decision, index) => ({ ...decision, ordinal: index + 1 }))
            .slice(after),
          limit,
        ),
      ),
    listOperations: ({ lane, thread, states, connection, after, limit }) =>
      run(() => {
        const matches = (row: OperationRow): boolean =>
          (lane === undefined || row.lane === lane) &&
          (thread === undefined || row.thread === thread) &&
          (!states || states.includes(row.state)) &&
          (connection === undefined || row.connection === connection) &&
          follows(row.key, after);
        return page(
          [...tables.operations.values()].filter(matches).sort((a, b) => compareText(a.key, b.key)),
          limit,
        );
      }),
    operation: (key) => run(() => tables.operations.get(key)),
    listDocuments: (ask) => run(() => listDocuments(tables, ask)),
    findThreads: (number, limit) => run(() => (number === '' ? [] : page(threadsOf(tables, number), limit))),
    listEntries: ({ workOrder, lane, after, limit }) =>
      run(() => {
        const rows = lanes(lane).flatMap((owner) => [...owner.entries.values()].sort(compareEntries).map((entry) => ({ ...entry, lane: owner.lane })));
        const later = (row: EntryRow & { lane: string }): boolean => !after || (compareText(row.lane, after.lane) || compareEntries(row, after)) > 0;
        return page(
          rows.filter((row) => (workOrder === undefined || row.workOrder === workOrder) && later(row)),
          limit,
        );
      }),
    balances: (ask) => run(() => balances(tables, ask)),
    listFacts: ({ prefix, after, limit }) =>
      run(() =>
        page(
          [...tables.factLanes.keys()]
            .filter((key) => key.startsWith(prefix) && follows(key, after))
            .sort(compareText)
            .map((key) => newestFact(tables, key))
            .filter((fact) => fact !== undefined),
          limit,
        ),
      ),
    crosswalk: (ask) => run(() => heldAt(periods(statementsAbout(tables, ask)), ask)),
    crosswalkOf: ({ kind, hubId }) =>
      run(() => {
        const own = tables.statements.get(hubSide({ kind, hubId })) ?? new Set();
        const all = new Set([...own].flatMap((statement) => statementsAbout(tables, statement)));
        return periods([...all]).filter((row) => row.kind === kind && row.hubId === hubId);
      }),
    resolve: (keys) =>
      run(() => {
        checkBatch(keys.length, 'identities');
        return new Map(
          keys
            .map((key) => [identityKey(key), heldAt(periods(statementsAbout(tables, key)), key)?.hubId] as const)
            .filter((pair): pair is readonly [string, string] => pair[1] !== undefined),
        );
      }),
    auditLogs: () => run(() => [...tables.logs].map(([log, kept]) => ({ log, size: kept.length })).sort((a, b) => compareText(a.log, b.log))),
    auditLeaves: ({ log, from, limit }) => run(() => (tables.logs.get(log) ?? []).slice(from, from + checkLimit(limit))),
    findAudit: ({ subject, kind, limit }) =>
      run(() => {
        const found = [...tables.logs.values()]
          .flat()
          .filter((leaf) => (subject === undefined || leaf.subject === subject) && (kind === undefined || leaf.kind === kind));
        return page(
          found.sort((a, b) => b.at - a.at || compareText(b.log, a.log) || b.index - a.index),
          limit,
        );
      }),
  };
}

function page<T>(rows: readonly T[], limit: number): readonly T[] {
  return rows.slice(0, checkLimit(limit));
}

function follows(key: string, after: string | undefined): boolean {
  return after === undefined || compareText(key, after) > 0;
}

function countEvents(tables: MemoryTables): Record<EventState, number> {
  const counts = emptyCounts();
  for (const row of tables.lanes.values()) for (const event of row.events) counts[event.state] += 1;
  return counts;
}

/** Nought for every state of the table. */
export function emptyCounts(): Record<EventState, number> {
  return Object.fromEntries(Object.keys(eventStates).map((state) => [state, 0])) as Record<EventState, number>; // The keys are those of the table.
}

type OperationCount = Awaited<ReturnType<StoreReads['countOperations']>>[number];

function countOperations(tables: MemoryTables): OperationCount[] {
  return groupOperations(
    [...tables.operations.values()].map((row) => ({
      connection: row.connection,
      state: row.state,
      currency: row.currency,
      count: 1,
      minor: row.minor ?? 0,
      oldestAt: row.createdAt,
    })),
  );
}

/** Joins counts per currency into one row per connection and state. */
export function groupOperations(
  rows: readonly { connection: string; state: OperationState; currency: string | null; count: number; minor: number; oldestAt: number }[],
): OperationCount[] {
  const groups = new Map<string, { connection: string; state: OperationState; count: number; minor: Record<string, number>; oldestAt: number }>();
  for (const row of rows) {
    const key = JSON.stringify([row.connection, row.state]);
    const group = groups.get(key) ?? { connection: row.connection, state: row.state, count: 0, minor: {}, oldestAt: row.oldestAt };
    group.count += row.count;
    group.oldestAt = Math.min(group.oldestAt, row.oldestAt);
    if (row.currency !== null) group.minor[row.currency] = (group.minor[row.currency] ?? 0) + row.minor;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => compareText(a.connection, b.connection) || compareText(a.state, b.state));
}

function listDocuments(tables: MemoryTables, ask: Parameters<StoreReads['listDocuments']>[0]): readonly DocumentRow[] {
  const newest = new Map<string, { row: DocumentRow; lane: string }>();
  for (const { lane, documents } of tables.lanes.values()) {
    for (const [key, row] of documents) {
      const other = newest.get(key);
      if (!other || row.at > other.row.at || (row.at === other.row.at && compareText(lane, other.lane) > 0)) newest.set(key, { row, lane });
    }
  }
  const last = ask.after === undefined ? undefined : { key: ask.after, thread: threadOfKey(ask.after) };
  const rows = [...newest].map(([key, { row }]) => ({ key, row })).sort((a, b) => compareText(a.row.thread, b.row.thread) || compareText(a.key, b.key));
  const matches = ({ key, row }: { key: string; row: DocumentRow }): boolean =>
    (ask.thread === undefined || row.thread === ask.thread) &&
    (ask.kind === undefined || row.kind === ask.kind) &&
    (ask.id === undefined || row.id === ask.id) &&
    (!last || (compareText(row.thread, last.thread) || compareText(key, last.key)) > 0);
  return page(rows.filter(matches), ask.limit).map(({ row }) => row);
}

/** The thread in a document's page key; refused where the key was not made by `documentKey`. */
export function threadOfKey(key: string): string {
  try {
    const parts: unknown = JSON.parse(key);
    if (Array.isArray(parts) && typeof parts[0] === 'string') return parts[0];
  } catch {
    // Answered below, like every other key of the wrong form.
  }
  throw new Fault('rejected', `listDocuments: after must be the key of a document (documentKey); it is "${key.slice(0, 100)}"`);
}

function threadsOf(tables: MemoryTables, number: string): string[] {
  const threads = new Set<string>();
  for (const row of tables.lanes.values()) {
    for (const event of row.events) if (event.object === number) threads.add(event.thread);
    for (const document of row.documents.values()) if (document.id === number) threads.add(document.thread);
    for (const operation of row.operations.values())
      if (operation.reference === number || documentNumber(operation.receipt) === number) threads.add(operation.thread);
  }
  threads.delete('');
  return [...threads].sort(compareText);
}

function compareEntries(a: { eventKey: string; n: number }, b: { eventKey: string; n: number }): number {
  return compareText(a.eventKey, b.eventKey) || a.n - b.n;
}

type Balance = Awaited<ReturnType<StoreReads['balances']>>[number];

function balances(tables: MemoryTables, ask: { workOrder?: string; costCentre?: string }): Balance[] {
  const sums = new Map<string, Balance & { minor: number }>();
  const book = ({ workOrder, costCentre, currency }: EntryRow, account: string, minor: number): void => {
    const key = JSON.stringify([workOrder, costCentre, currency, account]);
    const sum = sums.get(key) ?? { workOrder, costCentre, currency, account, minor: 0 };
    sums.set(key, { ...sum, minor: sum.minor + minor });
  };
  for (const row of tables.lanes.values()) {
    for (const entry of row.entries.values()) {
      if ((ask.workOrder !== undefined && entry.workOrder !== ask.workOrder) || (ask.costCentre !== undefined && entry.costCentre !== ask.costCentre)) continue;
      book(entry, entry.debit, entry.minor);
      book(entry, entry.credit, -entry.minor);
    }
  }
  return checkBalances([...sums.values()].map((sum) => ({ ...sum, minor: sum.minor + 0 })));
}

/** Sorted balances; refused where they are too many to answer at once or too large to be exact. */
export function checkBalances(rows: readonly Balance[]): Balance[] {
  if (rows.length > limits.balances) throw new Fault('rejected', `more than ${limits.balances} balances: ask per work order or cost centre`);
  const inexact = rows.find((row) => !Number.isSafeInteger(row.minor));
  if (inexact) throw new Fault('rejected', `the balance of ${inexact.account} on ${inexact.workOrder} is too large to be exact`);
  return rows.toSorted(
    (a, b) =>
      compareText(a.workOrder, b.workOrder) ||
      compareText(a.costCentre, b.costCentre) ||
      compareText(a.currency, b.currency) ||
      compareText(a.account, b.account),
  );
}

function statementsAbout(tables: MemoryTables, key: { kind: string; system: string; externalId: string }): Statement[] {
  const own = tables.statements.get(`x${identityKey(key)}`) ?? new Set<Statement>();
  const all = new Set(own);
  for (const statement of own) for (const other of tables.statements.get(hubSide(statement)) ?? []) all.add(other);
  return [...all];
}
