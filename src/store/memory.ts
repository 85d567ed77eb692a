import { Fault } from '#base/fault';
import { compareText, identityKey, type Statement } from '#store/crosswalk';
import { checkBatch, checkEvent, checkKey, checkLane, checkLeaf, checkLease, checkLimit, checkStep, checkTime, jsonText, laneKind } from '#store/limits';
import { memoryReads } from '#store/memory-reads';
import { hubSide, newestFact, type MemoryLane, type MemoryTables } from '#store/memory-tables';
import { outcomeOf, unknown, usedTwice } from '#store/refusals';
import { documentKey, eventsPerClaim, eventStates, openRowsPerClaim, operationStates } from '#store/port';
import type {
  AcceptResult,
  AuditLeaf,
  CommitResult,
  EntryRow,
  EventRow,
  EventState,
  Fact,
  LaneWork,
  NewEvent,
  OperationRow,
  OutboxRow,
  Step,
  Store,
} from '#store/port';

/** A store that keeps nothing beyond the process: for simulation, and the model the databases are compared with. Values are copied when written. */
export function memoryStore(): Store {
  const tables: MemoryTables = {
    lanes: new Map(),
    due: new Set(),
    operations: new Map(),
    factLanes: new Map(),
    statements: new Map(),
    outbox: new Map(),
    cursors: new Map(),
    logs: new Map(),
  };
  let closed = false;
  /** Runs now, answers later: callers see the same order of turns as with a database. */
  const run = async <T>(work: () => T): Promise<T> => {
    if (closed) throw new Fault('unreachable', 'the store in memory was called after it was closed');
    return work();
  };
  return {
    name: 'memory',
    accept: (events, options) => run(() => accept(tables, events, options)),
    claim: (ask) => run(() => claim(tables, ask)),
    claimLane: (lane, ask) =>
      run(() => {
        checkLease(ask);
        const row = tables.lanes.get(lane);
        return row && free(row, ask.now) ? lease(tables, row, ask) : undefined;
      }),
    renew: (worker, lanes, leaseUntil) =>
      run(() => {
        checkBatch(lanes.length, 'leases');
        checkTime(leaseUntil, 'leaseUntil');
        const ours = lanes.map(({ lane, epoch }) => holder(tables, lane, epoch, worker)).filter((row) => row !== undefined);
        for (const row of ours) setDue(tables, row, leaseUntil + 1);
        return [...new Set(ours.map((row) => row.lane))];
      }),
    abandon: (worker, now) =>
      run(() => {
        const rows = [...tables.due].filter((row) => row.owner === worker);
        for (const row of rows) {
          row.owner = null;
          row.interrupted = true;
          setDue(tables, row, now);
        }
        return rows.length;
      }),
    commit: (steps, options) =>
      run(() => {
        checkBatch(steps.length, 'steps');
        checkTime(options.now);
        checkKey(options.log, 'the name of the audit log');
        return steps.map((step) => commit(tables, step, options));
      }),
    facts: (keys) =>
      run(() => {
        checkBatch(keys.length, 'fact keys');
        const found = new Map<string, Fact>();
        for (const key of keys) {
          const fact = newestFact(tables, key);
          if (fact) found.set(key, fact);
        }
        return found;
      }),
    outbox: (limit) =>
      run(() => {
        checkLimit(limit);
        return sortedOutbox(tables).slice(0, limit);
      }),
    getCursor: (name) => run(() => tables.cursors.get(name)),
    setCursor: (name, value) =>
      run(() => {
        checkKey(name, 'the name of a cursor');
        tables.cursors.set(name, copy(value));
      }),
    record: (leaves, { log, now }) =>
      run(() => {
        checkKey(log, 'the name of the audit log');
        checkTime(now);
        for (const leaf of leaves) checkLeaf(leaf);
        appendLeaves(tables, leaves, { log, now, lane: '' });
      }),
    read: memoryReads(tables, run),
    close: async () => {
      closed = true;
    },
  };
}

type AcceptOptions = Parameters<Store['accept']>[1];
type Ask = { worker: string; now: number; leaseMs: number };

function accept(tables: MemoryTables, events: readonly NewEvent[], options: AcceptOptions): AcceptResult {
  checkBatch(events.length, 'events');
  checkTime(options.now);
  if (options.claim) checkLease(options.claim);
  for (const event of events) checkEvent(event);
  const touched = new Set<MemoryLane>();
  const seqs = events.map((event) => {
    const row = tables.lanes.get(event.lane) ?? createLane(tables, event.lane);
    if (!append(row, event, { now: options.now, state: 'pending', reason: '' })) return undefined;
    row.urgency = row.dueAt === null ? event.urgency : Math.max(row.urgency, event.urgency);
    if (row.owner === null) setDue(tables, row, Math.min(row.dueAt ?? options.now, options.now));
    touched.add(row);
    return row.seq;
  });
  for (const id of options.from ?? []) tables.outbox.delete(id);
  const { claim: ask } = options;
  const work = ask ? [...touched].filter((row) => free(row, options.now)).map((row) => lease(tables, row, { ...ask, now: options.now })) : [];
  return { outcomes: seqs.map(outcomeOf), seqs, work };
}

function createLane(tables: MemoryTables, lane: string): MemoryLane {
  checkLane(lane);
  const row: MemoryLane = {
    lane,
    kind: laneKind(lane),
    state: {},
    epoch: 0,
    owner: null,
    interrupted: false,
    dueAt: null,
    urgency: 0,
    seq: 0,
    seen: 0,
    ordinal: 0,
    events: [],
    seqByKey: new Map(),
    undecided: new Set(),
    held: new Set(),
    decisions: [],
    operations: new Map(),
    openOperations: new Map(),
    expectations: new Map(),
    entries: new Map(),
    documents: new Map(),
    facts: new Map(),
    statements: new Map(),
  };
  tables.lanes.set(lane, row);
  return row;
}

function append(row: MemoryLane, event: NewEvent, { now, state, reason }: { now: number; state: EventState; reason: string }): boolean {
  if (row.seqByKey.has(event.key)) return false;
  row.seq += 1;
  row.seqByKey.set(event.key, row.seq);
  row.events.push({
    lane: event.lane,
    seq: row.seq,
    kind: event.kind,
    key: event.key,
    source: event.source,
    object: event.object,
    version: event.version,
    urgency: event.urgency,
    thread: event.thread,
    site: event.site,
    data: copy(event.data),
    at: event.at,
    receivedAt: now,
    state,
    reason,
    settledAt: eventStates[state].terminal ? now : null,
  });
  indexEvent(row, row.seq, state);
  return true;
}

function indexEvent(row: MemoryLane, seq: number, state: EventState): void {
  for (const [set, belongs] of [
    [row.undecided, state === 'pending'],
    [row.held, state === 'held'],
  ] as const) {
    if (belongs) set.add(seq);
    else set.delete(seq);
  }
}

function claim(tables: MemoryTables, ask: Ask & { limit: number }): LaneWork[] {
  checkLease(ask);
  checkTime(ask.now);
  checkLimit(ask.limit);
  return [...tables.due]
    .filter((row) => row.dueAt !== null && row.dueAt <= ask.now)
    .sort((a, b) => b.urgency - a.urgency || (a.dueAt ?? 0) - (b.dueAt ?? 0))
    .slice(0, ask.limit)
    .map((row) => lease(tables, row, ask));
}

/** Nobody holds it, or its lease ran out. */
function free(row: MemoryLane, now: number): boolean {
  return row.owner === null || (row.dueAt !== null && row.dueAt <= now);
}

function lease(tables: MemoryTables, row: MemoryLane, ask: Ask): LaneWork {
  const takenOver = row.owner !== null || row.interrupted;
  row.epoch += 1;
  row.owner = ask.worker;
  row.interrupted = false;
  setDue(tables, row, ask.now + ask.leaseMs + 1);
  const undecided = ordered(row.undecided);
  const events = eventsAt(row, undecided.slice(0, eventsPerClaim));
  row.seen = undecided.length > eventsPerClaim ? (events.at(-1)?.seq ?? row.seq) : row.seq;
  return {
    lane: row.lane,
    kind: row.kind,
    epoch: row.epoch,
    takenOver,
    state: row.state,
    events,
    held: eventsAt(row, ordered(row.held).slice(0, openRowsPerClaim)),
    operations: [...row.openOperations.values()].sort((a, b) => a.n - b.n).slice(0, openRowsPerClaim),
    expectations: [...row.expectations.values()].sort((a, b) => a.deadline - b.deadline || compareText(a.key, b.key)).slice(0, openRowsPerClaim),
  };
}

function ordered(seqs: ReadonlySet<number>): number[] {
  return [...seqs].sort((a, b) => a - b);
}

function eventsAt(row: MemoryLane, seqs: readonly number[]): EventRow[] {
  return seqs.map((seq) => row.events[seq - 1]).filter((event) => event !== undefined);
}

function setDue(tables: MemoryTables, row: MemoryLane, dueAt: number | null): void {
  row.dueAt = dueAt;
  if (dueAt === null) tables.due.delete(row);
  else tables.due.add(row);
}

function holder(tables: MemoryTables, lane: string, epoch: number, worker: string): MemoryLane | undefined {
  const row = tables.lanes.get(lane);
  return row && row.owner === worker && row.epoch === epoch ? row : undefined;
}

function commit(tables: MemoryTables, step: Step, options: { worker: string; now: number; log: string }): CommitResult {
  const row = holder(tables, step.lane, step.epoch, options.worker);
  if (!row) return { lane: step.lane, kept: false, arrived: [] };
  try {
    checkStep(step);
    refuse(tables, row, step);
  } catch (fault) {
    if (fault instanceof Fault) return { lane: step.lane, kept: false, arrived: [], fault };
    throw fault;
  }
  const before = row.seq;
  applyEvents(row, step, options.now);
  applyOperations(tables, row, step);
  applyBooks(tables, row, step, options.now);
  appendLeaves(tables, step.audit ?? [], { log: options.log, now: options.now, lane: step.lane });
  if (step.state) row.state = copy(step.state);
  const unseen = ordered(row.undecided).filter((seq) => seq > row.seen);
  if (step.release) {
    release(tables, row, step.release, { unseen, now: options.now });
    return { lane: step.lane, kept: true, arrived: [] };
  }
  const arrived = eventsAt(row, unseen.filter((seq) => seq <= before).slice(0, eventsPerClaim));
  row.seen = arrived.length === eventsPerClaim ? (arrived.at(-1)?.seq ?? before) : row.seq;
  return { lane: step.lane, kept: true, arrived };
}

/** Looks for everything that makes a step impossible before anything is changed. */
function refuse(tables: MemoryTables, row: MemoryLane, step: Step): void {
  const added = new Set<string>();
  for (const { key } of step.insertOperations ?? []) {
    if (added.has(key) || tables.operations.has(key)) throw usedTwice('operation', key);
    added.add(key);
  }
  for (const { key } of step.updateOperations ?? []) if (!added.has(key) && !row.operations.has(key)) throw unknown('operation', key, row.lane);
  const born = new Set(step.append?.map(({ event }) => event.key));
  for (const { key } of step.settle ?? []) if (!born.has(key) && !row.seqByKey.has(key)) throw unknown('event', key, row.lane);
  const booked = new Set<string>();
  for (const entry of step.entries ?? []) {
    const key = entryKey(entry);
    if (booked.has(key) || row.entries.has(key)) throw usedTwice('entry', key);
    booked.add(key);
  }
  for (const value of jsonValues(step)) jsonText(value);
}

function* jsonValues(step: Step): Generator<unknown> {
  if (step.state) yield step.state;
  for (const { event } of step.append ?? []) yield event.data;
  for (const { reasons, facts } of step.decisions ?? []) yield* [reasons, facts];
  for (const { draft, payload, receipt, fault } of step.insertOperations ?? []) yield* [draft, payload, receipt, fault];
  for (const { data } of [...(step.documents ?? []), ...(step.facts ?? []), ...(step.setExpectations ?? [])]) yield data;
}

function applyEvents(row: MemoryLane, step: Step, now: number): void {
  for (const { event, state, reason } of step.append ?? []) append(row, event, { now, state, reason });
  for (const { key, state, reason } of step.settle ?? []) {
    const seq = row.seqByKey.get(key) ?? 0;
    const event = row.events[seq - 1];
    if (!event) continue;
    row.events[seq - 1] = { ...event, state, reason, settledAt: eventStates[state].terminal ? now : null };
    indexEvent(row, seq, state);
  }
  for (const decision of step.decisions ?? []) {
    row.ordinal += 1;
    row.decisions.push(copy(decision));
  }
}

function applyOperations(tables: MemoryTables, row: MemoryLane, step: Step): void {
  for (const operation of step.insertOperations ?? []) keepOperation(tables, row, copy(operation));
  for (const update of step.updateOperations ?? []) {
    const operation = row.operations.get(update.key);
    if (operation) keepOperation(tables, row, { ...operation, ...copy(update) });
  }
}

function keepOperation(tables: MemoryTables, row: MemoryLane, operation: OperationRow): void {
  tables.operations.set(operation.key, operation);
  row.operations.set(operation.key, operation);
  if (operationStates[operation.state].terminal) row.openOperations.delete(operation.key);
  else row.openOperations.set(operation.key, operation);
}

function applyBooks(tables: MemoryTables, row: MemoryLane, step: Step, now: number): void {
  for (const message of step.messages ?? []) if (!tables.outbox.has(message.id)) tables.outbox.set(message.id, { ...copy(message), createdAt: now });
  for (const entry of step.entries ?? []) row.entries.set(entryKey(entry), { ...entry });
  for (const document of step.documents ?? []) row.documents.set(documentKey(document), copy(document));
  for (const key of step.dropFacts ?? []) {
    row.facts.delete(key);
    tables.factLanes.get(key)?.delete(row);
  }
  for (const fact of step.facts ?? []) {
    row.facts.set(fact.key, copy(fact));
    tables.factLanes.set(fact.key, (tables.factLanes.get(fact.key) ?? new Set()).add(row));
  }
  for (const key of step.clearExpectations ?? []) row.expectations.delete(key);
  for (const expectation of step.setExpectations ?? []) row.expectations.set(expectation.key, copy(expectation));
  for (const identity of step.crosswalk ?? []) {
    row.ordinal += 1;
    keepStatement(tables, row, { ...identity, lane: row.lane, ordinal: row.ordinal, recordedAt: now });
  }
}

function keepStatement(tables: MemoryTables, row: MemoryLane, statement: Statement): void {
  const key = JSON.stringify([statement.kind, statement.system, statement.externalId, statement.hubId, statement.from]);
  const former = row.statements.get(key);
  row.statements.set(key, statement);
  for (const side of [`x${identityKey(statement)}`, hubSide(statement)]) {
    const set = tables.statements.get(side) ?? new Set();
    if (former) set.delete(former);
    tables.statements.set(side, set.add(statement));
  }
}

function release(
  tables: MemoryTables,
  row: MemoryLane,
  { dueAt, urgency }: NonNullable<Step['release']>,
  { unseen, now }: { unseen: readonly number[]; now: number },
): void {
  row.owner = null;
  row.urgency = Math.max(urgency, ...eventsAt(row, unseen).map((event) => event.urgency));
  setDue(tables, row, unseen.length === 0 ? dueAt : Math.min(dueAt ?? now, now));
}

function appendLeaves(tables: MemoryTables, leaves: readonly AuditLeaf[], { log, now, lane }: { log: string; now: number; lane: string }): void {
  if (leaves.length === 0) return;
  const kept = tables.logs.get(log) ?? [];
  for (const { actor, kind, subject, body, hash } of leaves) kept.push({ log, index: kept.length, lane, at: now, actor, kind, subject, body, hash });
  tables.logs.set(log, kept);
}

function sortedOutbox(tables: MemoryTables): OutboxRow[] {
  return [...tables.outbox.values()].sort((a, b) => a.createdAt - b.createdAt || compareText(a.id, b.id)).map(({ id, event }) => ({ id, event }));
}

function entryKey(entry: EntryRow): string {
  return JSON.stringify([entry.eventKey, entry.n]);
}

/** What a database would give back: nothing shared with the caller, absent members gone. */
function copy<T>(value: T): T {
  return JSON.parse(jsonText(value)) as T; // JSON in, the same JSON out.
}
