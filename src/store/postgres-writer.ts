import { Fault } from '#base/fault';
import { bucketOf } from '#base/id';
import { buckets, checkEvent, checkStep, jsonText, laneKind } from '#store/limits';
import { eventsPerClaim, openRowsPerClaim } from '#store/port';
import type { AcceptResult, CommitResult, EventRow, ExpectationRow, LaneWork, NewEvent, OperationRow, Step, Store } from '#store/port';
import { eventRow, free, laneColumns, laneRow, laneUpdate, pair, wake, type LaneRow } from '#store/postgres-lane';
import type { Transaction } from '#store/postgres-connection';
import { StepBatch, statementName, statementOf, type Part } from '#store/postgres-statement';
import { outcomeOf, unknown } from '#store/refusals';
import { columns, decode, list, whole, type Column } from '#store/rows';

type Ask = { worker: string; now: number; leaseMs: number };
/** One `accept` call. */
export interface AcceptCall {
  readonly events: readonly NewEvent[];
  readonly options: Parameters<Store['accept']>[1];
}
/** One step of one `commit` call. */
export interface CommitCall {
  readonly step: Step;
  readonly options: { readonly worker: string; readonly now: number; readonly log: string };
}

/** At most `limit` due lanes, most urgent first, each urgency served by its own range of the index. Lanes that another worker is claiming are passed over. */
const dueLanes = (() => {
  const range = (urgency: number, before: readonly string[]): string =>
    `u${urgency} AS (SELECT ${laneColumns} FROM lane WHERE urgency = ${urgency} AND due_at <= $1 ORDER BY due_at LIMIT $2::bigint${before.map((name) => ` - (SELECT COUNT(*) FROM ${name})`).join('')} FOR UPDATE SKIP LOCKED)`;
  return `WITH ${range(2, [])}, ${range(1, ['u2'])}, ${range(0, ['u2', 'u1'])} SELECT * FROM (SELECT * FROM u2 UNION ALL SELECT * FROM u1 UNION ALL SELECT * FROM u0) d ORDER BY urgency DESC, due_at`;
})();

/** Everything a claim loads, as JSON rows: one question for any number of lanes. */
const laneWork = [
  `SELECT 'event' AS what, row_to_json(r) AS row FROM unnest($1::text[]) l(lane) CROSS JOIN LATERAL (SELECT ${list(columns.event)} FROM event WHERE state = 'pending' AND lane = l.lane ORDER BY seq LIMIT ${eventsPerClaim}) r`,
  `SELECT 'held', row_to_json(r) FROM unnest($1::text[]) l(lane) CROSS JOIN LATERAL (SELECT ${list(columns.event)} FROM event WHERE state = 'held' AND lane = l.lane ORDER BY seq LIMIT ${openRowsPerClaim}) r`,
  `SELECT 'operation', row_to_json(r) FROM unnest($1::text[]) l(lane) CROSS JOIN LATERAL (SELECT ${list(columns.operation)} FROM operation WHERE lane = l.lane AND open = 1 ORDER BY n LIMIT ${openRowsPerClaim}) r`,
  `SELECT 'expectation', row_to_json(r) FROM unnest($1::text[]) l(lane) CROSS JOIN LATERAL (SELECT lane, ${list(columns.expectation)} FROM expectation WHERE lane = l.lane ORDER BY deadline, key LIMIT ${openRowsPerClaim}) r`,
].join(' UNION ALL ');

/** Accepts many calls' events in one transaction: a fixed number of statements, whatever their number. */
export async function accept({ query }: Transaction, calls: readonly AcceptCall[]): Promise<AcceptResult[]> {
  for (const { events } of calls) for (const event of events) checkEvent(event);
  const all = calls.flatMap(({ events, options }) => events.map((event) => ({ event, now: options.now })));
  const lanes = await lockLanes({ query }, [...new Set(all.map(({ event }) => event.lane))].sort());
  const known = await knownKeys(
    { query },
    all.map(({ event }) => event),
  );
  const rows: object[] = [];
  const claimed = new Map<string, AcceptCall>();
  const grown = new Set<LaneRow>();
  const seqs = calls.map((call) =>
    call.events.map((event) => {
      const lane = laneOf(lanes, event.lane);
      if (known.has(pair(event.lane, event.key))) return undefined;
      known.add(pair(event.lane, event.key));
      rows.push(eventRow(event, lane, { now: call.options.now, state: 'pending', reason: '' }));
      wake(lane, event, call.options.now);
      grown.add(lane);
      if (call.options.claim && !claimed.has(lane.lane) && free(lane, call.options.now)) claimed.set(lane.lane, call);
      return lane.seq;
    }),
  );
  if (rows.length > 0) await writeParts({ query }, ['events'], [JSON.stringify(rows)]);
  const asks = [...claimed].map(([name, call]) => ({
    row: laneOf(lanes, name),
    ask: { worker: '', leaseMs: 1, ...call.options.claim, now: call.options.now },
  }));
  const work = new Map((await leaseAll({ query }, asks)).map((lane) => [lane.lane, lane]));
  const from = calls.flatMap(({ options }) => options.from ?? []);
  const others = [...grown].some((lane) => lane.owner === null);
  const parts = (['delivered', 'lanes', 'notify'] as const).filter((part) =>
    part === 'delivered' ? from.length > 0 : part === 'lanes' ? grown.size > 0 : others,
  );
  const values = { delivered: JSON.stringify(from), lanes: JSON.stringify([...grown].map(laneUpdate)), notify: 'linchpin' };
  if (parts.length > 0)
    await writeParts(
      { query },
      parts,
      parts.map((part) => values[part]),
    );
  return calls.map((call, i) => ({
    outcomes: (seqs[i] ?? []).map(outcomeOf),
    seqs: seqs[i] ?? [],
    work: [...claimed]
      .filter(([, claimer]) => claimer === call)
      .map(([name]) => work.get(name))
      .filter((lane) => lane !== undefined),
  }));
}

/** Leases due lanes. */
export async function claim({ query }: Transaction, ask: Ask & { limit: number }): Promise<LaneWork[]> {
  const rows = (await query('due lanes', dueLanes, [ask.now, ask.limit])).map(laneRow);
  return leaseAndKeep({ query }, rows, ask);
}

/** Leases one lane, if nobody holds it. */
export async function claimLane({ query }: Transaction, lane: string, ask: Ask): Promise<LaneWork | undefined> {
  const [row] = (await query('lock lane', `SELECT ${laneColumns} FROM lane WHERE lane = $1 FOR UPDATE`, [lane])).map(laneRow);
  return row && free(row, ask.now) ? (await leaseAndKeep({ query }, [row], ask))[0] : undefined;
}

/** Applies steps of different lanes: fixed number of statements. A step of a lost lane is answered; any other refusal throws and nothing of the batch is kept. */
export async function commit({ query }: Transaction, calls: readonly CommitCall[]): Promise<CommitResult[]> {
  const names = calls.map(({ step }) => step.lane).sort();
  const lanes = new Map(
    (await query('lock lanes', `SELECT ${laneColumns} FROM lane WHERE lane = ANY($1::text[]) ORDER BY lane FOR UPDATE`, [names]))
      .map(laneRow)
      .map((row) => [row.lane, row]),
  );
  const ours = calls.filter(({ step, options }) => {
    const row = lanes.get(step.lane);
    return row !== undefined && row.owner === options.worker && row.epoch === step.epoch;
  });
  for (const { step } of ours) checkStep(step);
  const known = await knownKeys(
    { query },
    ours.flatMap(({ step }) => (step.append ?? []).map(({ event }) => event)),
  );
  const before = new Map(ours.map(({ step }) => [step.lane, laneOf(lanes, step.lane).seq]));
  const batch = new StepBatch();
  for (const { step, options } of ours) batch.add(step, laneOf(lanes, step.lane), { ...options, known });
  await write({ query }, batch);
  const waiting = ours.filter(({ step }) => laneOf(lanes, step.lane).seq > laneOf(lanes, step.lane).seen);
  const undecided = await unseen(
    { query },
    waiting.map(({ step }) => laneOf(lanes, step.lane)),
  );
  const results = new Map(
    ours.map(({ step, options }) => [
      step,
      close(step, laneOf(lanes, step.lane), { now: options.now, before: before.get(step.lane) ?? 0, undecided: undecided.get(step.lane) ?? [] }),
    ]),
  );
  const updates = ours.map(({ step }) => ({ ...laneUpdate(laneOf(lanes, step.lane)), state: step.state ? jsonText(step.state) : null }));
  if (updates.length > 0) await writeParts({ query }, ['lanes'], [JSON.stringify(updates)]);
  return calls.map(({ step }) => results.get(step) ?? { lane: step.lane, kept: false, arrived: [] });
}

async function write({ query }: Transaction, batch: StepBatch): Promise<void> {
  const parts = batch.parts();
  if (parts.length === 0) return;
  const counts = await writeParts(
    { query },
    parts,
    parts.map((part) => JSON.stringify(batch.rows[part])),
  );
  for (const [part, what] of [
    ['settle', 'event'],
    ['updates', 'operation'],
  ] as const) {
    const rows = batch.rows[part];
    if (rows.length > 0 && whole(counts?.[part]) !== rows.length)
      throw unknown(
        what,
        rows
          .map((row) => String(row['key']))
          .slice(0, 3)
          .join(', '),
        String(rows[0]?.['lane']),
      );
  }
}

/** One statement for all parts; answers how many rows each touched. */
async function writeParts({ query }: Transaction, parts: readonly Part[], values: readonly string[]): Promise<Readonly<Record<string, unknown>> | undefined> {
  return (await query(statementName(parts), statementOf(parts), values))[0];
}

/** What the step leaves of the lease, and the events the holder has not seen. */
function close(step: Step, row: LaneRow, { now, before, undecided }: { now: number; before: number; undecided: readonly EventRow[] }): CommitResult {
  if (step.release) {
    row.owner = null;
    row.urgency = Math.max(step.release.urgency, ...undecided.map((event) => event.urgency));
    row.due_at = undecided.length === 0 ? step.release.dueAt : Math.min(step.release.dueAt ?? now, now);
    return { lane: step.lane, kept: true, arrived: [] };
  }
  const arrived = undecided.filter((event) => event.seq <= before).slice(0, eventsPerClaim);
  row.seen = arrived.length === eventsPerClaim ? (arrived.at(-1)?.seq ?? row.seq) : row.seq;
  return { lane: step.lane, kept: true, arrived };
}

async function unseen({ query }: Transaction, rows: readonly LaneRow[]): Promise<Map<string, EventRow[]>> {
  if (rows.length === 0) return new Map();
  const found = await query(
    'unseen events',
    `SELECT r.* FROM json_to_recordset($1::json) AS l(lane text, seen bigint) CROSS JOIN LATERAL (SELECT ${list(columns.event)} FROM event WHERE state = 'pending' AND lane = l.lane AND seq > l.seen ORDER BY seq LIMIT 1000) r`,
    [JSON.stringify(rows.map(({ lane, seen }) => ({ lane, seen })))],
  );
  return Map.groupBy(
    found.map((raw) => decode<EventRow>(columns.event, raw)),
    (event) => event.lane,
  );
}

async function leaseAndKeep({ query }: Transaction, rows: readonly LaneRow[], ask: Ask): Promise<LaneWork[]> {
  if (rows.length === 0) return [];
  const work = await leaseAll(
    { query },
    rows.map((row) => ({ row, ask })),
  );
  await writeParts({ query }, ['lanes'], [JSON.stringify(rows.map(laneUpdate))]);
  return work;
}

async function leaseAll({ query }: Transaction, asks: readonly { row: LaneRow; ask: Ask }[]): Promise<LaneWork[]> {
  if (asks.length === 0) return [];
  const found = Map.groupBy(await query('lane work', laneWork, [asks.map(({ row }) => row.lane)]), (row) => `${String(row['what'])} ${laneIn(row['row'])}`);
  const of = <Row>(what: string, lane: string, table: readonly Column[]): Row[] =>
    (found.get(`${what} ${lane}`) ?? []).map(({ row }) => decode<Row>(table, rawRow(row)));
  return asks.map(({ row, ask }) => {
    const events = of<EventRow>('event', row.lane, columns.event);
    const takenOver = row.owner !== null || row.interrupted === 1;
    row.epoch += 1;
    row.owner = ask.worker;
    row.interrupted = 0;
    row.due_at = ask.now + ask.leaseMs + 1;
    row.seen = events.length === eventsPerClaim ? (events.at(-1)?.seq ?? row.seq) : row.seq;
    return {
      lane: row.lane,
      kind: row.kind,
      epoch: row.epoch,
      takenOver,
      state: JSON.parse(row.state),
      events,
      held: of<EventRow>('held', row.lane, columns.event),
      operations: of<OperationRow>('operation', row.lane, columns.operation),
      expectations: of<ExpectationRow>('expectation', row.lane, columns.expectation),
    };
  });
}

/** The rows of lanes, locked in the order of their names so that transactions do not wait for each other in a circle; lanes that do not exist are made. */
async function lockLanes({ query }: Transaction, names: readonly string[]): Promise<Map<string, LaneRow>> {
  const lock = `SELECT ${laneColumns} FROM lane WHERE lane = ANY($1::text[]) ORDER BY lane FOR UPDATE`;
  const lanes = new Map((await query('lock lanes', lock, [names])).map(laneRow).map((row) => [row.lane, row]));
  const missing = names.filter((name) => !lanes.has(name));
  if (missing.length === 0) return lanes;
  const fresh = missing.map((lane) => ({ lane, bucket: bucketOf(lane, buckets), kind: laneKind(lane) }));
  const made = await query(
    'make lanes',
    `INSERT INTO lane (lane, bucket, kind, state, epoch, interrupted, urgency, seq, seen, ordinal) SELECT lane, bucket, kind, '{}', 0, 0, 0, 0, 0, 0 FROM json_to_recordset($1::json) AS x(lane text, bucket smallint, kind text) ON CONFLICT DO NOTHING RETURNING ${laneColumns}`,
    [JSON.stringify(fresh)],
  );
  for (const row of made.map(laneRow)) lanes.set(row.lane, row);
  const raced = missing.filter((name) => !lanes.has(name));
  if (raced.length > 0) for (const row of (await query('lock lanes', lock, [raced])).map(laneRow)) lanes.set(row.lane, row);
  return lanes;
}

/** Which of these keys their lanes know already. Their lanes are locked, so that the answer stays true. */
async function knownKeys({ query }: Transaction, events: readonly NewEvent[]): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const found = await query(
    'known keys',
    'SELECT e.lane, e.key FROM json_to_recordset($1::json) AS x(lane text, key text) JOIN event e ON e.lane = x.lane AND e.key = x.key',
    [JSON.stringify(events.map(({ lane, key }) => ({ lane, key })))],
  );
  return new Set(found.map((row) => pair(String(row['lane']), String(row['key']))));
}

function laneOf(lanes: ReadonlyMap<string, LaneRow>, name: string): LaneRow {
  const row = lanes.get(name);
  if (!row) throw new Fault('locked', `lane ${name} could not be locked`);
  return row;
}

function rawRow(value: unknown): Readonly<Record<string, unknown>> {
  return value as Readonly<Record<string, unknown>>; // row_to_json answers an object.
}

function laneIn(value: unknown): string {
  return String(rawRow(value)['lane']);
}
