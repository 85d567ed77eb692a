import { Fault } from '#base/fault';
import { jsonText } from '#store/limits';

/** How a field is kept: text, a 64-bit whole number, or JSON as text (bytes stay as they were written). */
type Form = 'text' | 'whole' | 'json';
/** Field of the port, column of the table, form. */
export type Column = readonly [field: string, column: string, form: Form];

const lane: readonly Column[] = [['lane', 'lane', 'text']];

/** Which field of the port is kept in which column: both databases read and write by these tables. */
export const columns = {
  event: [
    ...lane,
    ['seq', 'seq', 'whole'],
    ['kind', 'kind', 'text'],
    ['key', 'key', 'text'],
    ['source', 'source', 'text'],
    ['object', 'object', 'text'],
    ['version', 'version', 'text'],
    ['urgency', 'urgency', 'whole'],
    ['thread', 'thread', 'text'],
    ['site', 'site', 'text'],
    ['data', 'data', 'json'],
    ['at', 'at', 'whole'],
    ['receivedAt', 'received_at', 'whole'],
    ['state', 'state', 'text'],
    ['reason', 'reason', 'text'],
    ['settledAt', 'settled_at', 'whole'],
  ],
  decision: [
    ['eventKey', 'event_key', 'text'],
    ['flow', 'flow', 'text'],
    ['verdict', 'verdict', 'text'],
    ['reasons', 'reasons', 'json'],
    ['facts', 'facts', 'json'],
    ['configuration', 'configuration', 'text'],
    ['outputHash', 'output_hash', 'text'],
    ['at', 'at', 'whole'],
  ],
  operation: [
    ...lane,
    ['key', 'key', 'text'],
    ['chain', 'chain', 'text'],
    ['n', 'n', 'whole'],
    ['eventKey', 'event_key', 'text'],
    ['flow', 'flow', 'text'],
    ['connection', 'connection', 'text'],
    ['record', 'record', 'text'],
    ['verb', 'verb', 'text'],
    ['class', 'class', 'text'],
    ['reference', 'reference', 'text'],
    ['urgency', 'urgency', 'whole'],
    ['thread', 'thread', 'text'],
    ['site', 'site', 'text'],
    ['draft', 'draft', 'json'],
    ['payload', 'payload', 'json'],
    ['payloadHash', 'payload_hash', 'text'],
    ['minor', 'minor', 'whole'],
    ['currency', 'currency', 'text'],
    ['reason', 'reason', 'text'],
    ['state', 'state', 'text'],
    ['attempts', 'attempts', 'whole'],
    ['dueAt', 'due_at', 'whole'],
    ['receipt', 'receipt', 'json'],
    ['fault', 'fault', 'json'],
    ['createdAt', 'created_at', 'whole'],
    ['settledAt', 'settled_at', 'whole'],
  ],
  expectation: [
    ['key', 'key', 'text'],
    ['what', 'what', 'text'],
    ['deadline', 'deadline', 'whole'],
    ['data', 'data', 'json'],
  ],
  entry: [
    ['eventKey', 'event_key', 'text'],
    ['n', 'n', 'whole'],
    ['workOrder', 'work_order', 'text'],
    ['costCentre', 'cost_centre', 'text'],
    ['debit', 'debit', 'text'],
    ['credit', 'credit', 'text'],
    ['minor', 'minor', 'whole'],
    ['currency', 'currency', 'text'],
    ['document', 'document', 'text'],
    ['text', 'text', 'text'],
    ['at', 'at', 'whole'],
  ],
  document: [
    ['thread', 'thread', 'text'],
    ['kind', 'kind', 'text'],
    ['system', 'system', 'text'],
    ['id', 'id', 'text'],
    ['line', 'line', 'text'],
    ['parent', 'parent', 'text'],
    ['state', 'state', 'text'],
    ['text', 'text', 'text'],
    ['minor', 'minor', 'whole'],
    ['currency', 'currency', 'text'],
    ['at', 'at', 'whole'],
    ['data', 'data', 'json'],
  ],
  fact: [
    ['key', 'key', 'text'],
    ['version', 'version', 'text'],
    ['data', 'data', 'json'],
    ['at', 'at', 'whole'],
  ],
  crosswalk: [
    ['kind', 'kind', 'text'],
    ['hubId', 'hub_id', 'text'],
    ['system', 'system', 'text'],
    ['externalId', 'external_id', 'text'],
    ['from', 'valid_from', 'whole'],
    ['to', 'valid_to', 'whole'],
    ['change', 'change', 'text'],
    ['reason', 'reason', 'text'],
  ],
  audit: [
    ['log', 'log', 'text'],
    ['index', 'n', 'whole'],
    ['lane', 'lane', 'text'],
    ['at', 'at', 'whole'],
    ['actor', 'actor', 'text'],
    ['kind', 'kind', 'text'],
    ['subject', 'subject', 'text'],
    ['body', 'body', 'text'],
    ['hash', 'hash', 'text'],
  ],
} as const satisfies Record<string, readonly Column[]>;

/** A value that both databases take. */
export type Cell = string | number | null;

/** The cells of a row, in the order of its columns. */
export function encode(table: readonly Column[], row: object): Cell[] {
  // The column tables name fields of the port's rows: `row` has each of them.
  const fields = row as Record<string, unknown>;
  const cells: Cell[] = [];
  for (const [field, , form] of table) {
    const value = fields[field];
    cells.push(form === 'json' ? (value === null && nullable.has(field) ? null : jsonText(value)) : (value as Cell));
  }
  return cells;
}

/** JSON columns in which null means "nothing", not the JSON value null. */
const nullable = new Set(['receipt', 'fault']);

/** The port's row from a database row. */
export function decode<Row>(table: readonly Column[], raw: Readonly<Record<string, unknown>>): Row {
  const row: Record<string, unknown> = {};
  for (const [field, column, form] of table) {
    const value = raw[column];
    row[field] = form === 'json' && value !== null ? JSON.parse(String(value)) : form === 'whole' && value !== null ? whole(value) : value;
  }
  return row as Row; // Rows are written by `encode` with the same table, from checked rows.
}

/** A number read from a 64-bit column or a sum; refused where JavaScript cannot hold it exactly. */
export function whole(value: unknown): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Fault('rejected', `the database answered ${String(value)}, which is not an exact whole number here`);
  return number;
}

/** `a, b, c` for SQL, each with an optional alias in front. */
export function list(table: readonly Column[], alias = ''): string {
  return table.map(([, column]) => `${alias}${column}`).join(', ');
}
