import { heldAt, identityKey, periods, type Statement } from '#store/crosswalk';
import { checkBatch, checkLimit, limits } from '#store/limits';
import { checkBalances, emptyCounts, groupOperations, threadOfKey } from '#store/memory-reads';
import type {
  AuditLeaf,
  CrosswalkRow,
  DecisionRow,
  DocumentRow,
  EntryRow,
  EventRow,
  EventState,
  Fact,
  OperationRow,
  OperationState,
  OutboxRow,
  StoreReads,
} from '#store/port';
import { columns, decode, list, whole, type Cell, type Column } from '#store/rows';

/** What the two databases say differently. Parameters are `?` in the order of the text. */
export interface Dialect {
  query(sql: string, cells: readonly Cell[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A table of one column `value` from one JSON array of texts. */
  readonly textsTable: string;
  /** A table `kind, system, external_id` from one JSON array of arrays. */
  readonly identitiesTable: string;
}

const crosswalkColumns: readonly Column[] = [
  ...columns.crosswalk,
  ['lane', 'lane', 'text'],
  ['ordinal', 'ordinal', 'whole'],
  ['recordedAt', 'recorded_at', 'whole'],
];
const laneDecision: readonly Column[] = [['ordinal', 'ordinal', 'whole'], ...columns.decision];
const laneEntry: readonly Column[] = [['lane', 'lane', 'text'], ...columns.entry];

/** Only the newest row of a key, where several lanes wrote it. */
const newest = (table: string): string => `NOT EXISTS (SELECT 1 FROM ${table} o WHERE o.key = r.key AND (o.at, o.lane) > (r.at, r.lane))`;

/** The reads of both databases: one text for each question, bounded, and served by an index. */
export function sqlReads(dialect: Dialect): StoreReads {
  const rows = async <Row>(table: readonly Column[], sql: string, cells: readonly Cell[]): Promise<Row[]> =>
    (await dialect.query(sql, cells)).map((raw) => decode<Row>(table, raw));
  return {
    async countEvents() {
      const counts: Record<EventState, number> = emptyCounts();
      for (const { state, count } of await dialect.query('SELECT state, COUNT(*) AS count FROM event GROUP BY state', []))
        counts[state as EventState] = whole(count); // Only the port's states are written.
      return counts;
    },
    async countOperations() {
      const found = await dialect.query(
        'SELECT connection, state, currency, COUNT(*) AS count, COALESCE(SUM(minor), 0) AS minor, MIN(created_at) AS oldest FROM operation GROUP BY state, connection, currency',
        [],
      );
      return groupOperations(
        found.map((row) => ({
          connection: String(row['connection']),
          state: row['state'] as OperationState, // Only the port's states are written.
          currency: row['currency'] === null ? null : String(row['currency']),
          count: whole(row['count']),
          minor: whole(row['minor']),
          oldestAt: whole(row['oldest']),
        })),
      );
    },
    async lane(lane) {
      const [row] = await dialect.query('SELECT kind, state, due_at, owner, epoch FROM lane WHERE lane = ?', [lane]);
      return (
        row && {
          kind: String(row['kind']),
          state: JSON.parse(String(row['state'])),
          dueAt: timeOrNull(row['due_at']),
          owner: textOrNull(row['owner']),
          epoch: whole(row['epoch']),
        }
      );
    },
    async listLanes({ kind, after, limit }) {
      const where = new Where().add('kind = ?', kind).add('lane > ?', after);
      const found = await dialect.query(`SELECT lane, due_at, owner FROM lane ${where.sql} ORDER BY lane LIMIT ?`, [...where.cells, checkLimit(limit)]);
      return found.map((row) => ({ lane: String(row['lane']), dueAt: timeOrNull(row['due_at']), owner: textOrNull(row['owner']) }));
    },
    async listEvents({ lane, thread, state, after, limit }) {
      const where = new Where().add('lane = ?', lane).add('thread = ?', thread).add('state = ?', state);
      if (after) where.add('(lane, seq) > (?, ?)', after.lane, after.seq);
      return rows<EventRow>(columns.event, `SELECT ${list(columns.event)} FROM event ${where.sql} ORDER BY lane, seq LIMIT ?`, [
        ...where.cells,
        checkLimit(limit),
      ]);
    },
    async listDecisions({ lane, limit }) {
      return (
        await rows<DecisionRow>(columns.decision, `SELECT ${list(columns.decision)} FROM decision WHERE lane = ? ORDER BY ordinal DESC LIMIT ?`, [
          lane,
          checkLimit(limit),
        ])
      ).reverse();
    },
    async history({ lane, after = 0, limit }) {
      return rows<DecisionRow & { ordinal: number }>(
        laneDecision,
        `SELECT ${list(laneDecision)} FROM decision WHERE lane = ? AND ordinal > ? ORDER BY ordinal LIMIT ?`,
        [lane, after, checkLimit(limit)],
      );
    },
    async listOperations({ lane, thread, states, connection, after, limit }) {
      if (states?.length === 0) return [];
      const where = new Where().add('lane = ?', lane).add('thread = ?', thread).add('connection = ?', connection).add('key > ?', after);
      if (states) where.add(`state IN (${states.map(() => '?').join(', ')})`, ...states);
      return rows<OperationRow>(columns.operation, `SELECT ${list(columns.operation)} FROM operation ${where.sql} ORDER BY key LIMIT ?`, [
        ...where.cells,
        checkLimit(limit),
      ]);
    },
    async operation(key) {
      return (await rows<OperationRow>(columns.operation, `SELECT ${list(columns.operation)} FROM operation WHERE key = ?`, [key]))[0];
    },
    async listDocuments({ thread, kind, id, after, limit }) {
      const where = new Where().add(newest('document')).add('r.thread = ?', thread).add('r.kind = ?', kind).add('r.id = ?', id);
      if (after !== undefined) where.add('(r.thread, r.key) > (?, ?)', threadOfKey(after), after);
      return rows<DocumentRow>(columns.document, `SELECT ${list(columns.document, 'r.')} FROM document r ${where.sql} ORDER BY r.thread, r.key LIMIT ?`, [
        ...where.cells,
        checkLimit(limit),
      ]);
    },
    async findThreads(number, limit) {
      checkLimit(limit);
      if (number === '') return [];
      const found = await dialect.query(`SELECT thread FROM (${threadSources}) t WHERE thread <> '' ORDER BY thread LIMIT ?`, [
        number,
        number,
        number,
        number,
        limit,
      ]);
      return found.map((row) => String(row['thread']));
    },
    async listEntries({ workOrder, lane, after, limit }) {
      const where = new Where().add('work_order = ?', workOrder).add('lane = ?', lane);
      if (after) where.add('(lane, event_key, n) > (?, ?, ?)', after.lane, after.eventKey, after.n);
      return rows<EntryRow & { lane: string }>(laneEntry, `SELECT ${list(laneEntry)} FROM entry ${where.sql} ORDER BY lane, event_key, n LIMIT ?`, [
        ...where.cells,
        checkLimit(limit),
      ]);
    },
    async balances({ workOrder, costCentre }) {
      const where = new Where().add('work_order = ?', workOrder).add('cost_centre = ?', costCentre);
      const half = (account: string, sign: string): string =>
        `SELECT work_order, cost_centre, currency, ${account} AS account, ${sign}minor AS minor FROM entry ${where.sql}`;
      const found = await dialect.query(
        `SELECT work_order, cost_centre, currency, account, SUM(minor) AS minor FROM (${half('debit', '')} UNION ALL ${half('credit', '-')}) b GROUP BY work_order, cost_centre, currency, account LIMIT ${limits.balances + 1}`,
        [...where.cells, ...where.cells],
      );
      return checkBalances(
        found.map((row) => ({
          workOrder: String(row['work_order']),
          costCentre: String(row['cost_centre']),
          currency: String(row['currency']),
          account: String(row['account']),
          minor: whole(row['minor']),
        })),
      );
    },
    async listFacts({ prefix, after, limit }) {
      const where = new Where().add(newest('fact')).add('r.key > ?', after);
      if (prefix !== '')
        where
          .add('r.key >= ?', prefix)
          .add('r.key < ?', `${prefix}\u{10ffff}`)
          .add('substr(r.key, 1, ?) = ?', [...prefix].length, prefix);
      return rows<Fact>(columns.fact, `SELECT ${list(columns.fact, 'r.')} FROM fact r ${where.sql} ORDER BY r.key LIMIT ?`, [
        ...where.cells,
        checkLimit(limit),
      ]);
    },
    async crosswalk(ask) {
      return heldAt(periods(await statements(dialect, [ask])), ask);
    },
    async crosswalkOf({ kind, hubId }) {
      const own = await rows<Statement>(
        crosswalkColumns,
        `SELECT ${list(crosswalkColumns)} FROM crosswalk WHERE kind = ? AND hub_id = ? LIMIT ${limits.page}`,
        [kind, hubId],
      );
      return periods(await statements(dialect, own)).filter((row) => row.kind === kind && row.hubId === hubId);
    },
    async resolve(keys) {
      checkBatch(keys.length, 'identities');
      const open = new Map<string, CrosswalkRow>();
      for (const row of periods(await statements(dialect, keys))) if (row.to === null) open.set(JSON.stringify([row.kind, row.system, row.externalId]), row);
      const pairs = keys.map((key) => [identityKey(key), open.get(JSON.stringify([key.kind, key.system, key.externalId]))?.hubId] as const);
      return new Map(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
    },
    async auditLogs() {
      return (await dialect.query('SELECT log, size FROM audit_log ORDER BY log', [])).map((row) => ({ log: String(row['log']), size: whole(row['size']) }));
    },
    async auditLeaves({ log, from, limit }) {
      return rows<StoredLeaf>(columns.audit, `SELECT ${list(columns.audit)} FROM audit_leaf WHERE log = ? AND n >= ? ORDER BY n LIMIT ?`, [
        log,
        from,
        checkLimit(limit),
      ]);
    },
    async findAudit({ subject, kind, limit }) {
      const where = new Where().add('subject = ?', subject).add('kind = ?', kind);
      return rows<StoredLeaf>(columns.audit, `SELECT ${list(columns.audit)} FROM audit_leaf ${where.sql} ORDER BY at DESC, log DESC, n DESC LIMIT ?`, [
        ...where.cells,
        checkLimit(limit),
      ]);
    },
  };
}

type StoredLeaf = AuditLeaf & { readonly log: string; readonly index: number; readonly at: number; readonly lane: string };

const threadSources = [
  'SELECT thread FROM document WHERE id = ?',
  'SELECT thread FROM event WHERE object = ?',
  'SELECT thread FROM operation WHERE reference = ?',
  'SELECT thread FROM operation WHERE document_id = ?',
].join(' UNION ');

/** Current facts by key. */
export async function sqlFacts(dialect: Dialect, keys: readonly string[]): Promise<Map<string, Fact>> {
  checkBatch(keys.length, 'fact keys');
  if (keys.length === 0) return new Map();
  const found = await dialect.query(
    `SELECT ${list(columns.fact, 'r.')} FROM fact r WHERE r.key IN (SELECT value FROM ${dialect.textsTable}) AND ${newest('fact')}`,
    [JSON.stringify(keys)],
  );
  return new Map(found.map((raw) => decode<Fact>(columns.fact, raw)).map((fact) => [fact.key, fact]));
}

/** Messages on their way, oldest first. */
export async function sqlOutbox(dialect: Dialect, limit: number): Promise<OutboxRow[]> {
  const found = await dialect.query('SELECT id, event FROM outbox ORDER BY created_at, id LIMIT ?', [checkLimit(limit)]);
  return found.map((row) => ({ id: String(row['id']), event: JSON.parse(String(row['event'])) }));
}

/** Statements about these external ids, and about every hub id that those statements name. */
async function statements(dialect: Dialect, keys: readonly { kind: string; system: string; externalId: string }[]): Promise<Statement[]> {
  if (keys.length === 0) return [];
  const own = `SELECT c.* FROM ${dialect.identitiesTable} k JOIN crosswalk c ON c.kind = k.kind AND c.system = k.system AND c.external_id = k.external_id`;
  const found = await dialect.query(
    `WITH own AS (${own}) SELECT * FROM own UNION SELECT c.* FROM (SELECT DISTINCT kind, hub_id, system FROM own) h JOIN crosswalk c ON c.kind = h.kind AND c.hub_id = h.hub_id AND c.system = h.system`,
    [JSON.stringify(keys.map(({ kind, system, externalId }) => [kind, system, externalId]))],
  );
  return found.map((raw) => decode<Statement>(crosswalkColumns, raw));
}

/** Conditions that hold together; those without a value are left out. */
class Where {
  readonly cells: Cell[] = [];
  #terms: string[] = [];

  add(term: string, ...cells: readonly (Cell | undefined)[]): this {
    const known = cells.filter((cell) => cell !== undefined);
    if (known.length < cells.length) return this;
    this.#terms.push(term);
    this.cells.push(...known);
    return this;
  }

  get sql(): string {
    return this.#terms.length === 0 ? '' : `WHERE ${this.#terms.join(' AND ')}`;
  }
}

function timeOrNull(value: unknown): number | null {
  return value === null ? null : whole(value);
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
