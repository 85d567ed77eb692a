import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Fault } from '#base/fault';
import { bucketOf } from '#base/id';
import { buckets, checkEvent, checkStep, documentNumber, jsonText, laneKind, urgencies } from '#store/limits';
import { documentKey, eventsPerClaim, eventStates, openRowsPerClaim, operationStates } from '#store/port';
import type {
  AcceptResult,
  AuditLeaf,
  CommitResult,
  EventRow,
  EventState,
  ExpectationRow,
  LaneWork,
  NewEvent,
  OperationRow,
  OperationUpdate,
  Step,
  Store,
} from '#store/port';
import { outcomeOf, unknown, usedTwice } from '#store/refusals';
import { columns, decode, encode, list, type Cell, type Column } from '#store/rows';

/** The columns of a lane that writes look at. */
interface LaneRow {
  readonly rowid: number;
  readonly lane: string;
  readonly bucket: number;
  readonly epoch: number;
  readonly owner: string | null;
  readonly interrupted: number;
  readonly due_at: number | null;
  readonly urgency: number;
  readonly seq: number;
  readonly seen: number;
  readonly ordinal: number;
}

/** A lane row while a step is applied to it. */
type Growing = { -readonly [Field in keyof LaneRow]: LaneRow[Field] };

type Ask = { worker: string; now: number; leaseMs: number };

const laneColumns = 'rowid, lane, bucket, epoch, owner, interrupted, due_at, urgency, seq, seen, ordinal';

const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
const insert = (table: string, own: string, rows: readonly Column[]): string =>
  `INSERT INTO ${table} (${own}, ${list(rows)}) VALUES (${marks(own.split(',').length + rows.length)})`;

const sql = {
  lane: `SELECT ${laneColumns} FROM lane WHERE lane = ?`,
  newLane:
    "INSERT INTO lane (lane, bucket, kind, state, epoch, owner, interrupted, due_at, urgency, seq, seen, ordinal) VALUES (?, ?, ?, '{}', 0, NULL, 0, NULL, 0, 0, 0, 0)",
  grown: 'UPDATE lane SET seq = ?, urgency = ?, due_at = ? WHERE rowid = ?',
  due: `SELECT ${laneColumns} FROM lane INDEXED BY lane_due WHERE urgency = ? AND due_at <= ? ORDER BY due_at LIMIT ?`,
  lease: 'UPDATE lane SET epoch = ?, owner = ?, interrupted = 0, due_at = ?, seen = ? WHERE rowid = ? RETURNING kind, state',
  renew: 'UPDATE lane SET due_at = ? WHERE lane = ? AND epoch = ? AND owner = ?',
  abandon: 'UPDATE lane SET owner = NULL, interrupted = 1, due_at = ? WHERE owner = ?',
  abandonAll:
    'UPDATE lane SET owner = NULL, interrupted = 1, due_at = 0 WHERE rowid IN (SELECT rowid FROM lane INDEXED BY lane_due WHERE owner IS NOT NULL AND urgency >= 0)',
  newEvent: `INSERT INTO event (bucket, ${list(columns.event)}) VALUES (${marks(columns.event.length + 1)}) ON CONFLICT (lane, key) DO NOTHING`,
  undecided: `SELECT ${list(columns.event)} FROM event WHERE state = 'pending' AND lane = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ${eventsPerClaim}`,
  held: `SELECT ${list(columns.event)} FROM event WHERE state = 'held' AND lane = ? ORDER BY seq LIMIT ${openRowsPerClaim}`,
  unseenUrgency: "SELECT MAX(urgency) AS urgency FROM event WHERE state = 'pending' AND lane = ? AND seq > ?",
  settle: 'UPDATE event SET state = ?, reason = ?, settled_at = ? WHERE lane = ? AND key = ?',
  decision: insert('decision', 'lane, bucket, ordinal', columns.decision),
  operation: insert('operation', 'bucket, open, document_id', columns.operation),
  openOperations: `SELECT ${list(columns.operation)} FROM operation WHERE lane = ? AND open = 1 ORDER BY n LIMIT ${openRowsPerClaim}`,
  updateOperation:
    'UPDATE operation SET state = ?, attempts = ?, due_at = ?, receipt = ?, fault = ?, settled_at = ?, open = ?, document_id = ? WHERE key = ? AND lane = ?',
  editOperation:
    'UPDATE operation SET draft = COALESCE(?, draft), payload = COALESCE(?, payload), payload_hash = COALESCE(?, payload_hash), reason = COALESCE(?, reason), urgency = COALESCE(?, urgency) WHERE key = ?',
  expectations: `SELECT ${list(columns.expectation)} FROM expectation WHERE lane = ? ORDER BY deadline, key LIMIT ${openRowsPerClaim}`,
  setExpectation: `${insert('expectation', 'lane, bucket', columns.expectation)} ON CONFLICT (lane, key) DO UPDATE SET what = excluded.what, deadline = excluded.deadline, data = excluded.data`,
  clearExpectation: 'DELETE FROM expectation WHERE lane = ? AND key = ?',
  message: 'INSERT INTO outbox (lane, bucket, id, created_at, event) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  delivered: 'DELETE FROM outbox WHERE id = ?',
  entry: insert('entry', 'lane, bucket', columns.entry),
  document: `${insert('document', 'lane, bucket, key', columns.document)} ON CONFLICT (key, lane) DO UPDATE SET parent = excluded.parent, state = excluded.state, text = excluded.text, minor = excluded.minor, currency = excluded.currency, at = excluded.at, data = excluded.data`,
  fact: `${insert('fact', 'lane, bucket', columns.fact)} ON CONFLICT (key, lane) DO UPDATE SET version = excluded.version, data = excluded.data, at = excluded.at`,
  dropFact: 'DELETE FROM fact WHERE key = ? AND lane = ?',
  crosswalk: `${insert('crosswalk', 'lane, bucket, ordinal, recorded_at', columns.crosswalk)} ON CONFLICT (kind, system, external_id, valid_from, hub_id, lane) DO UPDATE SET valid_to = excluded.valid_to, change = excluded.change, reason = excluded.reason, ordinal = excluded.ordinal, recorded_at = excluded.recorded_at`,
  logSize: 'INSERT INTO audit_log (log, size) VALUES (?, ?) ON CONFLICT (log) DO UPDATE SET size = size + excluded.size RETURNING size',
  leaf: insert('audit_leaf', '', columns.audit).replace('(, ', '(').replace('VALUES (?, ', 'VALUES ('),
  step: 'UPDATE lane SET state = COALESCE(?, state), owner = ?, due_at = ?, urgency = ?, seq = ?, seen = ?, ordinal = ? WHERE rowid = ?',
  cursor: 'INSERT INTO cursor (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
} as const;

/** The writes of a SQLite store. Every method runs inside a transaction that the caller has begun. */
export class SqliteWriter {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  accept(events: readonly NewEvent[], options: Parameters<Store['accept']>[1]): AcceptResult {
    for (const event of events) checkEvent(event);
    const lanes = new Map<string, Growing>();
    const grown = new Set<Growing>();
    const seqs = events.map((event) => {
      const row = lanes.get(event.lane) ?? this.#laneOrNew(event.lane);
      lanes.set(event.lane, row);
      if (!this.#append(row, event, { now: options.now, state: 'pending', reason: '' })) return undefined;
      row.urgency = row.due_at === null ? event.urgency : Math.max(row.urgency, event.urgency);
      if (row.owner === null) row.due_at = Math.min(row.due_at ?? options.now, options.now);
      grown.add(row);
      return row.seq;
    });
    for (const row of grown) this.#run('grown', row.seq, row.urgency, row.due_at, row.rowid);
    for (const id of options.from ?? []) this.#run('delivered', id);
    const ask = options.claim && { ...options.claim, now: options.now };
    return { outcomes: seqs.map(outcomeOf), seqs, work: ask ? [...grown].filter((row) => free(row, ask.now)).map((row) => this.#lease(row, ask)) : [] };
  }

  claim(ask: Ask & { limit: number }): LaneWork[] {
    const rows: LaneRow[] = [];
    for (const urgency of urgencies) {
      if (rows.length < ask.limit) rows.push(...this.#all<LaneRow>('due', urgency, ask.now, ask.limit - rows.length));
    }
    return rows.map((row) => this.#lease(row, ask));
  }

  claimLane(lane: string, ask: Ask): LaneWork | undefined {
    const row = this.#get<LaneRow>('lane', lane);
    return row && free(row, ask.now) ? this.#lease(row, ask) : undefined;
  }

  renew(worker: string, lanes: readonly { lane: string; epoch: number }[], leaseUntil: number): string[] {
    return [...new Set(lanes.filter(({ lane, epoch }) => this.#run('renew', leaseUntil + 1, lane, epoch, worker) > 0).map(({ lane }) => lane))];
  }

  abandon(worker: string, now: number): number {
    return this.#run('abandon', now, worker);
  }

  /** Nobody but the process that holds the file can be alive: every lease in it belongs to the dead. */
  abandonAll(): number {
    return this.#run('abandonAll');
  }

  setCursor(name: string, value: string): void {
    this.#run('cursor', name, value);
  }

  record(leaves: readonly AuditLeaf[], { log, now, lane }: { log: string; now: number; lane: string }): void {
    if (leaves.length === 0) return;
    const size = this.#get<{ size: number }>('logSize', log, leaves.length)?.size ?? leaves.length;
    leaves.forEach((leaf, i) => this.#run('leaf', log, size - leaves.length + i, lane, now, leaf.actor, leaf.kind, leaf.subject, leaf.body, leaf.hash));
  }

  /** Applies steps of different lanes whole, or throws; the caller then takes all of it back. Unknown lanes, other holders and old epochs are answered, not thrown. */
  commit(steps: readonly Step[], { worker, now, log }: { worker: string; now: number; log: string }): CommitResult[] {
    const held = steps
      .map((step) => ({ step, row: this.#get<Growing>('lane', step.lane) }))
      .map(({ step, row }) => ({ step, row: row && row.epoch === step.epoch && row.owner === worker ? { ...row, before: row.seq } : undefined }));
    const ours = held.flatMap(({ step, row }) => (row ? [{ step, row }] : []));
    // Table by table: one statement and one set of pages at a time is measurably faster than step by step.
    for (const { step } of ours) checkStep(step);
    for (const { step, row } of ours) this.#applyEvents(row, step, now);
    for (const { step, row } of ours) this.#applyDecisions(row, step);
    for (const { step, row } of ours) this.#applyOperations(row, step);
    for (const { step, row } of ours) this.#applyBooks(row, step, now);
    for (const { step, row } of ours) if (step.audit) this.record(step.audit, { log, now, lane: row.lane });
    return held.map(({ step, row }) => {
      if (!row) return { lane: step.lane, kept: false, arrived: [] };
      const arrived = step.release ? this.#release(row, step.release, now) : this.#arrived(row, row.before);
      this.#run('step', step.state ? jsonText(step.state) : null, row.owner, row.due_at, row.urgency, row.seq, row.seen, row.ordinal, row.rowid);
      return { lane: step.lane, kept: true, arrived };
    });
  }

  #laneOrNew(lane: string): Growing {
    const row = this.#get<Growing>('lane', lane);
    if (row) return row;
    const bucket = bucketOf(lane, buckets);
    const { lastInsertRowid } = this.#statement('newLane').run(lane, bucket, laneKind(lane));
    return { rowid: Number(lastInsertRowid), lane, bucket, epoch: 0, owner: null, interrupted: 0, due_at: null, urgency: 0, seq: 0, seen: 0, ordinal: 0 };
  }

  #append(row: Growing, event: NewEvent, { now, state, reason }: { now: number; state: EventState; reason: string }): boolean {
    const settledAt = eventStates[state].terminal ? now : null;
    const kept = this.#run(
      'newEvent',
      row.bucket,
      row.lane,
      row.seq + 1,
      event.kind,
      event.key,
      event.source,
      event.object,
      event.version,
      event.urgency,
      event.thread,
      event.site,
      jsonText(event.data),
      event.at,
      now,
      state,
      reason,
      settledAt,
    );
    row.seq += kept;
    return kept > 0;
  }

  #lease(row: LaneRow, ask: Ask): LaneWork {
    const events = this.#undecided(row, 0, row.seq);
    const seen = events.length === eventsPerClaim ? lastSeq(events) : row.seq;
    const lane = this.#get<{ kind: string; state: string }>('lease', row.epoch + 1, ask.worker, ask.now + ask.leaseMs + 1, seen, row.rowid);
    if (!lane) throw new Error(`invariant broken: lane ${row.lane} was there a moment ago`);
    return {
      lane: row.lane,
      kind: lane.kind,
      epoch: row.epoch + 1,
      takenOver: row.owner !== null || row.interrupted === 1,
      state: JSON.parse(lane.state),
      events,
      held: this.#rows<EventRow>('held', columns.event, row.lane),
      operations: this.#rows<OperationRow>('openOperations', columns.operation, row.lane),
      expectations: this.#rows<ExpectationRow>('expectations', columns.expectation, row.lane),
    };
  }

  #undecided(row: LaneRow, after: number, until: number): EventRow[] {
    return this.#rows<EventRow>('undecided', columns.event, row.lane, after, until);
  }

  #applyEvents(row: Growing, step: Step, now: number): void {
    for (const { event, state, reason } of step.append ?? []) this.#append(row, event, { now, state, reason });
    for (const { key, state, reason } of step.settle ?? []) {
      if (this.#run('settle', state, reason, eventStates[state].terminal ? now : null, row.lane, key) === 0) throw unknown('event', key, row.lane);
    }
  }

  #applyDecisions(row: Growing, step: Step): void {
    for (const decision of step.decisions ?? []) {
      row.ordinal += 1;
      this.#run('decision', row.lane, row.bucket, row.ordinal, ...encode(columns.decision, decision));
    }
  }

  #applyOperations(row: LaneRow, step: Step): void {
    for (const operation of step.insertOperations ?? []) {
      this.#once(
        'operation',
        ['operation', operation.key],
        row.bucket,
        isOpen(operation),
        documentNumber(operation.receipt),
        ...encode(columns.operation, operation),
      );
    }
    for (const update of step.updateOperations ?? []) this.#updateOperation(row, update);
  }

  #updateOperation(row: LaneRow, update: OperationUpdate): void {
    const changed = this.#run(
      'updateOperation',
      update.state,
      update.attempts,
      update.dueAt,
      update.receipt && jsonText(update.receipt),
      update.fault && jsonText(update.fault),
      update.settledAt,
      isOpen(update),
      documentNumber(update.receipt),
      update.key,
      row.lane,
    );
    if (changed === 0) throw unknown('operation', update.key, row.lane);
    const { draft, payload, payloadHash, reason, urgency } = update;
    if (draft === undefined && payload === undefined && payloadHash === undefined && reason === undefined && urgency === undefined) return;
    this.#run(
      'editOperation',
      draft === undefined ? null : jsonText(draft),
      payload === undefined ? null : jsonText(payload),
      payloadHash ?? null,
      reason ?? null,
      urgency ?? null,
      update.key,
    );
  }

  #applyBooks(row: Growing, step: Step, now: number): void {
    const { lane, bucket } = row;
    for (const { id, event } of step.messages ?? []) this.#run('message', lane, bucket, id, now, jsonText(event));
    for (const entry of step.entries ?? []) this.#once('entry', ['entry', `${entry.eventKey} ${entry.n}`], lane, bucket, ...encode(columns.entry, entry));
    for (const document of step.documents ?? []) this.#run('document', lane, bucket, documentKey(document), ...encode(columns.document, document));
    for (const key of step.dropFacts ?? []) this.#run('dropFact', key, lane);
    for (const fact of step.facts ?? []) this.#run('fact', lane, bucket, ...encode(columns.fact, fact));
    for (const key of step.clearExpectations ?? []) this.#run('clearExpectation', lane, key);
    for (const expectation of step.setExpectations ?? []) this.#run('setExpectation', lane, bucket, ...encode(columns.expectation, expectation));
    for (const identity of step.crosswalk ?? []) {
      row.ordinal += 1;
      this.#run('crosswalk', lane, bucket, row.ordinal, now, ...encode(columns.crosswalk, identity));
    }
  }

  #release(row: Growing, { dueAt, urgency }: NonNullable<Step['release']>, now: number): readonly EventRow[] {
    const unseen = row.seq > row.seen ? (this.#get<{ urgency: number | null }>('unseenUrgency', row.lane, row.seen)?.urgency ?? null) : null;
    row.owner = null;
    row.urgency = Math.max(urgency, unseen ?? 0);
    row.due_at = unseen === null ? dueAt : Math.min(dueAt ?? now, now);
    return [];
  }

  #arrived(row: Growing, before: number): readonly EventRow[] {
    const arrived = before > row.seen ? this.#undecided(row, row.seen, before) : [];
    row.seen = arrived.length === eventsPerClaim ? lastSeq(arrived) : row.seq;
    return arrived;
  }

  #once(name: keyof typeof sql, [what, key]: readonly [string, string], ...cells: Cell[]): void {
    try {
      this.#run(name, ...cells);
    } catch (error) {
      if (error instanceof Error && 'errcode' in error && error.errcode === uniqueBroken) throw usedTwice(what, key);
      throw error;
    }
  }

  #statement(name: keyof typeof sql): StatementSync {
    let statement = this.#prepared.get(name);
    if (!statement) this.#prepared.set(name, (statement = this.#db.prepare(sql[name])));
    return statement;
  }

  #run(name: keyof typeof sql, ...cells: Cell[]): number {
    return Number(this.#statement(name).run(...cells).changes);
  }

  #get<Row>(name: keyof typeof sql, ...cells: Cell[]): Row | undefined {
    return this.#statement(name).get(...cells) as Row | undefined; // The statement selects exactly the columns of Row.
  }

  #all<Row>(name: keyof typeof sql, ...cells: Cell[]): Row[] {
    return this.#statement(name).all(...cells) as unknown as Row[]; // As above.
  }

  #rows<Row>(name: keyof typeof sql, table: readonly Column[], ...cells: Cell[]): Row[] {
    return this.#statement(name)
      .all(...cells)
      .map((raw) => decode<Row>(table, raw));
  }
}

/** SQLITE_CONSTRAINT_UNIQUE (https://sqlite.org/rescode.html). */
const uniqueBroken = 2_067;

function free(row: LaneRow, now: number): boolean {
  return row.owner === null || (row.due_at !== null && row.due_at <= now);
}

function lastSeq(events: readonly EventRow[]): number {
  const last = events.at(-1);
  if (!last) throw new Fault('rejected', 'no event was read');
  return last.seq;
}

function isOpen(row: Pick<OperationRow, 'state'>): number {
  return operationStates[row.state].terminal ? 0 : 1;
}
