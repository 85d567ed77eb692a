import { documentNumber, jsonText } from '#store/limits';
import { documentKey, eventStates, operationStates, type Step } from '#store/port';
import { eventRow, pair, type LaneRow } from '#store/postgres-lane';
import { columns, encode, type Column } from '#store/rows';

type Row = Record<string, unknown>;

const types = { text: 'text', whole: 'bigint', json: 'text' } as const;
const names = (table: readonly string[]): string => table.map((column) => column.split(' ')[0]).join(', ');
const typed = (table: readonly Column[]): string[] => table.map(([, column, form]) => `${column} ${types[form]}`);
const fromJson = (table: readonly string[]): string => `json_to_recordset(?::json) AS x(${table.join(', ')})`;
const insert = (table: string, shape: readonly string[]): string => `INSERT INTO ${table} (${names(shape)}) SELECT ${names(shape)} FROM ${fromJson(shape)}`;
const replace = (own: readonly string[]): string => own.map((column) => `${column} = excluded.${column}`).join(', ');

const laneShape = ['lane text', 'bucket smallint'];
const leaves = ['lane text', 'at bigint', 'actor text', 'kind text', 'subject text', 'body text', 'hash text'];

/** The parts a statement may have. Each takes one JSON array of rows (`notify` a channel), whatever the number of rows. */
const parts = {
  settle: `UPDATE event e SET state = x.state, reason = x.reason, settled_at = x.settled_at FROM ${fromJson(['lane text', 'key text', 'state text', 'reason text', 'settled_at bigint'])} WHERE e.lane = x.lane AND e.key = x.key`,
  events: insert('event', [...laneShape.slice(1), ...typed(columns.event)]),
  decisions: insert('decision', [...laneShape, 'ordinal bigint', ...typed(columns.decision)]),
  operations: insert('operation', ['bucket smallint', 'open smallint', 'document_id text', ...typed(columns.operation)]),
  updates: `UPDATE operation o SET state = x.state, attempts = x.attempts, due_at = x.due_at, receipt = x.receipt, fault = x.fault, settled_at = x.settled_at, open = x.open, document_id = x.document_id,
    draft = COALESCE(x.draft, o.draft), payload = COALESCE(x.payload, o.payload), payload_hash = COALESCE(x.payload_hash, o.payload_hash), reason = COALESCE(x.reason, o.reason), urgency = COALESCE(x.urgency, o.urgency)
    FROM ${fromJson(['lane text', 'key text', 'state text', 'attempts bigint', 'due_at bigint', 'receipt text', 'fault text', 'settled_at bigint', 'open smallint', 'document_id text', 'draft text', 'payload text', 'payload_hash text', 'reason text', 'urgency smallint'])}
    WHERE o.key = x.key AND o.lane = x.lane`,
  messages: `${insert('outbox', [...laneShape, 'id text', 'created_at bigint', 'event text'])} ON CONFLICT DO NOTHING`,
  entries: insert('entry', [...laneShape, ...typed(columns.entry)]),
  documents: `${insert('document', [...laneShape, 'key text', ...typed(columns.document)])} ON CONFLICT (key, lane, bucket) DO UPDATE SET ${replace(['parent', 'state', 'text', 'minor', 'currency', 'at', 'data'])}`,
  droppedFacts: `DELETE FROM fact f USING ${fromJson(['lane text', 'key text'])} WHERE f.key = x.key AND f.lane = x.lane`,
  facts: `${insert('fact', [...laneShape, ...typed(columns.fact)])} ON CONFLICT (key, lane, bucket) DO UPDATE SET ${replace(['version', 'data', 'at'])}`,
  clearedExpectations: `DELETE FROM expectation e USING ${fromJson(['lane text', 'key text'])} WHERE e.lane = x.lane AND e.key = x.key`,
  expectations: `${insert('expectation', [...laneShape, ...typed(columns.expectation)])} ON CONFLICT (lane, key, bucket) DO UPDATE SET ${replace(['what', 'deadline', 'data'])}`,
  crosswalk: `${insert('crosswalk', [...laneShape, 'ordinal bigint', 'recorded_at bigint', ...typed(columns.crosswalk)])} ON CONFLICT (kind, system, external_id, valid_from, hub_id, lane, bucket) DO UPDATE SET ${replace(['valid_to', 'change', 'reason', 'ordinal', 'recorded_at'])}`,
  audit: `INSERT INTO audit_leaf (log, n, ${names(leaves)}) SELECT x.log, l.size - l.added + x.i, ${names(leaves).replaceAll(/(\w+)/g, 'x.$1')} FROM ${fromJson(['log text', 'i bigint', ...leaves])} JOIN logs l ON l.log = x.log`,
  delivered: 'DELETE FROM outbox WHERE id IN (SELECT json_array_elements_text(?::json))',
  lanes: `UPDATE lane l SET epoch = x.epoch, owner = x.owner, interrupted = x.interrupted, due_at = x.due_at, urgency = x.urgency, seq = x.seq, seen = x.seen, ordinal = x.ordinal, state = COALESCE(x.state, l.state)
    FROM ${fromJson([...laneShape, 'epoch bigint', 'owner text', 'interrupted smallint', 'due_at bigint', 'urgency smallint', 'seq bigint', 'seen bigint', 'ordinal bigint', 'state text'])} WHERE l.lane = x.lane`,
  notify: "SELECT pg_notify(?::text, '')",
} as const;
export type Part = keyof typeof parts;

/** The sizes of the logs that leaves are added to, taken under a lock until the commit: indexes are consecutive. */
const logs = `logs AS (INSERT INTO audit_log AS a (log, size) SELECT log, COUNT(*) FROM json_to_recordset(?::json) AS x(log text) GROUP BY log ORDER BY log ON CONFLICT (log) DO UPDATE SET size = a.size + excluded.size RETURNING log, size, (SELECT COUNT(*) FROM json_to_recordset(?::json) AS y(log text) WHERE y.log = a.log) AS added)`;

/** One statement that writes all given parts and answers how many rows each touched. */
export function statementOf(wanted: readonly Part[]): string {
  const clauses = wanted.flatMap((part, i) => {
    const own = `${part} AS (${parts[part]}${part === 'notify' ? '' : ' RETURNING 1'})`;
    return (part === 'audit' ? [logs, own] : [own]).map((clause) => clause.replaceAll('?::', `$${i + 1}::`));
  });
  return `WITH ${clauses.join(', ')} SELECT ${wanted.map((part) => `(SELECT COUNT(*) FROM ${part}) AS "${part}"`).join(', ')}`;
}

/** The name under which a connection keeps the prepared statement: PostgreSQL cuts names at 63 characters, so it is the set of parts as a number. */
export function statementName(wanted: readonly Part[]): string {
  const all = Object.keys(parts);
  return `write ${wanted.reduce((set, part) => set + 2 ** all.indexOf(part), 0)}`;
}

/** The rows of many lanes' steps, per part of the statement. Within one statement a row may be written once: what a step writes twice is joined here. */
export class StepBatch {
  readonly rows: Record<Part, Row[]> = {
    settle: [],
    events: [],
    decisions: [],
    operations: [],
    updates: [],
    messages: [],
    entries: [],
    documents: [],
    droppedFacts: [],
    facts: [],
    clearedExpectations: [],
    expectations: [],
    crosswalk: [],
    audit: [],
    delivered: [],
    lanes: [],
    notify: [],
  };

  readonly #leaves = new Map<string, number>();

  /** The parts that have rows. */
  parts(): Part[] {
    return (Object.keys(this.rows) as Part[]).filter((part) => this.rows[part].length > 0); // The keys are those of the record.
  }

  /** Adds a step; the counters of its lane move on. */
  add(step: Step, lane: LaneRow, { now, log, known }: { now: number; log: string; known: Set<string> }): void {
    this.#addEvents(step, lane, { now, known });
    this.#addOperations(step, lane);
    this.#addBooks(step, lane, now);
    this.#addKnowledge(step, lane, now);
    for (const { actor, kind, subject, body, hash } of step.audit ?? []) this.#leaf(log, { lane: lane.lane, at: now, actor, kind, subject, body, hash });
  }

  /** Adds leaves that belong to no lane. */
  addLeaves(found: readonly Row[], { log, now }: { log: string; now: number }): void {
    for (const { actor, kind, subject, body, hash } of found) this.#leaf(log, { lane: '', at: now, actor, kind, subject, body, hash });
  }

  #leaf(log: string, row: Row): void {
    const i = this.#leaves.get(log) ?? 0;
    this.#leaves.set(log, i + 1);
    this.rows.audit.push({ log, i, ...row });
  }

  #addEvents(step: Step, lane: LaneRow, { now, known }: { now: number; known: Set<string> }): void {
    const born = new Map<string, Row>();
    for (const { event, state, reason } of step.append ?? []) {
      if (known.has(pair(lane.lane, event.key))) continue;
      known.add(pair(lane.lane, event.key));
      born.set(event.key, eventRow(event, lane, { now, state, reason }));
    }
    const settled = new Map<string, Row>();
    for (const { key, state, reason } of step.settle ?? []) {
      const change = { state, reason, settled_at: eventStates[state].terminal ? now : null };
      const own = born.get(key);
      if (own) Object.assign(own, change);
      else settled.set(key, { lane: lane.lane, key, ...change });
    }
    this.rows.events.push(...born.values());
    this.rows.settle.push(...settled.values());
    for (const decision of step.decisions ?? []) {
      lane.ordinal += 1;
      this.rows.decisions.push({ lane: lane.lane, bucket: lane.bucket, ordinal: lane.ordinal, ...rowOf(columns.decision, decision) });
    }
  }

  #addOperations(step: Step, lane: LaneRow): void {
    const created = new Map<string, Row>();
    for (const operation of step.insertOperations ?? []) {
      const row = {
        bucket: lane.bucket,
        open: isOpen(operation.state),
        document_id: documentNumber(operation.receipt),
        ...rowOf(columns.operation, operation),
      };
      this.rows.operations.push(row);
      created.set(operation.key, row);
    }
    const updated = new Map<string, Row>();
    for (const update of step.updateOperations ?? []) {
      const { key, state, attempts, dueAt, receipt, fault, settledAt, draft, payload, payloadHash, reason, urgency } = update;
      const change: Row = {
        state,
        attempts,
        due_at: dueAt,
        receipt: receipt && jsonText(receipt),
        fault: fault && jsonText(fault),
        settled_at: settledAt,
        open: isOpen(state),
        document_id: documentNumber(receipt),
      };
      const edits = {
        draft: draft === undefined ? undefined : jsonText(draft),
        payload: payload === undefined ? undefined : jsonText(payload),
        payload_hash: payloadHash,
        reason,
        urgency,
      };
      for (const [column, value] of Object.entries(edits)) if (value !== undefined) change[column] = value;
      const own = created.get(key) ?? updated.get(key);
      if (own) Object.assign(own, change);
      else updated.set(key, { lane: lane.lane, key, ...change });
    }
    this.rows.updates.push(...updated.values());
  }

  #addBooks(step: Step, lane: LaneRow, now: number): void {
    const own = { lane: lane.lane, bucket: lane.bucket };
    for (const { id, event } of step.messages ?? []) this.rows.messages.push({ ...own, id, created_at: now, event: jsonText(event) });
    for (const entry of step.entries ?? []) this.rows.entries.push({ ...own, ...rowOf(columns.entry, entry) });
    const documents = new Map((step.documents ?? []).map((document) => [documentKey(document), document]));
    for (const [key, document] of documents) this.rows.documents.push({ ...own, key, ...rowOf(columns.document, document) });
  }

  #addKnowledge(step: Step, lane: LaneRow, now: number): void {
    const own = { lane: lane.lane, bucket: lane.bucket };
    const facts = new Map((step.facts ?? []).map((fact) => [fact.key, fact]));
    for (const fact of facts.values()) this.rows.facts.push({ ...own, ...rowOf(columns.fact, fact) });
    for (const key of new Set(step.dropFacts)) if (!facts.has(key)) this.rows.droppedFacts.push({ lane: lane.lane, key });
    const expectations = new Map((step.setExpectations ?? []).map((row) => [row.key, row]));
    for (const row of expectations.values()) this.rows.expectations.push({ ...own, ...rowOf(columns.expectation, row) });
    for (const key of new Set(step.clearExpectations)) if (!expectations.has(key)) this.rows.clearedExpectations.push({ lane: lane.lane, key });
    const identities = new Map<string, Row>();
    for (const row of step.crosswalk ?? []) {
      lane.ordinal += 1;
      identities.set(JSON.stringify([row.kind, row.system, row.externalId, row.from, row.hubId]), {
        ...own,
        ordinal: lane.ordinal,
        recorded_at: now,
        ...rowOf(columns.crosswalk, row),
      });
    }
    this.rows.crosswalk.push(...identities.values());
  }
}

function rowOf(table: readonly Column[], row: object): Row {
  const cells = encode(table, row);
  return Object.fromEntries(table.map(([, column], i) => [column, cells[i]]));
}

function isOpen(state: keyof typeof operationStates): number {
  return operationStates[state].terminal ? 0 : 1;
}
