import { Fault } from '#base/fault';
import { canonicalJson } from '#base/json';
import { documentKey, type NewEvent, type Step } from '#store/port';

/** What one call may carry. Texts that are part of an index are measured in UTF-8 bytes: PostgreSQL's B-tree takes entries up to 2,704 bytes. */
export const limits = {
  page: 10_000,
  batch: 10_000,
  leaseMs: 86_400_000,
  laneBytes: 512,
  keyBytes: 1_024,
  documentKeyBytes: 1_600,
  textBytes: 1_048_576,
  jsonBytes: 4_194_304,
  balances: 100_000,
  urgency: 2,
} as const;

/** Number of shards a lane may fall into. Fixed for ever: it is stored beside every row. */
export const buckets = 1_024;

/** The urgencies a claim looks through, most urgent first. */
export const urgencies = [2, 1, 0] as const;

/** Refuses a page or batch size outside 1 to 10,000. */
export function checkLimit(limit: number, what = 'limit'): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.page)
    throw new Fault('rejected', `${what} must be a whole number from 1 to ${limits.page}; it is ${limit}`);
  return limit;
}

/** Refuses a list longer than one call may carry. */
export function checkBatch(count: number, what: string): void {
  if (count > limits.batch) throw new Fault('rejected', `${count} ${what} in one call; at most ${limits.batch} are taken`);
}

/** Refuses a lease without a worker, or of no time, or of more than a day. */
export function checkLease(ask: { worker: string; leaseMs: number }): void {
  checkKey(ask.worker, 'the name of the worker');
  if (!Number.isInteger(ask.leaseMs) || ask.leaseMs < 1 || ask.leaseMs > limits.leaseMs)
    throw new Fault('rejected', `leaseMs must be a whole number from 1 to ${limits.leaseMs}; it is ${ask.leaseMs}`);
}

/** Refuses a time that is not whole milliseconds. */
export function checkTime(at: number, what = 'now'): void {
  if (!Number.isSafeInteger(at)) throw new Fault('rejected', `${what} must be whole milliseconds since 1970; it is ${at}`);
}

/** Refuses an event that could not be stored the same way in every database. */
export function checkEvent(event: NewEvent): void {
  checkLane(event.lane);
  checkKey(event.key, 'event key');
  checkKey(event.kind, 'event kind');
  checkIndexed(event.source, 'event source');
  checkIndexed(event.object, 'event object');
  checkIndexed(event.thread, 'event thread');
  checkIndexed(event.site, 'event site');
  checkText(event.version, 'event version');
  checkUrgency(event.urgency);
  checkTime(event.at, 'the time of an event');
}

/** Refuses a step with a row that could not be stored the same way in every database. */
export function checkStep(step: Step): void {
  checkLane(step.lane);
  for (const { event, reason } of step.append ?? []) {
    if (event.lane !== step.lane) throw new Fault('rejected', `a step of lane ${step.lane} appends an event to lane ${event.lane}: lanes talk by messages`);
    checkEvent(event);
    checkText(reason, 'reason');
  }
  for (const { reason } of step.settle ?? []) checkText(reason, 'reason');
  for (const row of step.decisions ?? []) {
    checkText(row.eventKey + row.flow + row.verdict + row.configuration + row.outputHash, 'decision');
    checkTime(row.at, 'the time of a decision');
  }
  checkOperations(step);
  checkBookings(step);
  checkKnowledge(step);
  for (const message of step.messages ?? []) {
    checkKey(message.id, 'message id');
    checkEvent(message.event);
  }
  for (const row of step.setExpectations ?? []) {
    checkKey(row.key, 'expectation key');
    checkText(row.what, 'expectation');
    checkTime(row.deadline, 'deadline');
  }
  for (const leaf of step.audit ?? []) checkLeaf(leaf);
  if (!step.release) return;
  checkUrgency(step.release.urgency);
  if (step.release.dueAt !== null) checkTime(step.release.dueAt, 'dueAt');
}

function checkOperations(step: Step): void {
  for (const row of step.insertOperations ?? []) {
    if (row.lane !== step.lane) throw new Fault('rejected', `a step of lane ${step.lane} inserts operation ${row.key} of lane ${row.lane}`);
    checkKey(row.key, 'operation key');
    for (const text of [
      row.chain,
      row.eventKey,
      row.flow,
      row.connection,
      row.record,
      row.verb,
      row.reference,
      row.thread,
      row.site,
      row.payloadHash,
      row.currency ?? '',
    ])
      checkIndexed(text, 'a name in an operation');
    checkText(row.reason, 'reason');
    checkUrgency(row.urgency);
    checkWhole(row.n, 'operation number');
    checkWhole(row.attempts, 'attempts');
    checkTime(row.createdAt, 'createdAt');
    checkTime(row.dueAt, 'dueAt');
    checkMinor(row.minor);
  }
  for (const row of step.updateOperations ?? []) {
    checkWhole(row.attempts, 'attempts');
    checkTime(row.dueAt, 'dueAt');
    if (row.urgency !== undefined) checkUrgency(row.urgency);
    if (row.reason !== undefined) checkText(row.reason, 'reason');
    const number = documentNumber(row.receipt);
    if (number !== null) checkIndexed(number, 'document number');
  }
}

function checkBookings(step: Step): void {
  for (const row of step.entries ?? []) {
    checkKey(row.eventKey, 'event key of an entry');
    for (const text of [row.workOrder, row.costCentre, row.debit, row.credit, row.currency, row.document]) checkIndexed(text, 'a name in an entry');
    checkText(row.text, 'entry text');
    checkWhole(row.n, 'entry number');
    checkMinor(row.minor);
    checkTime(row.at, 'the time of an entry');
  }
  for (const row of step.documents ?? []) {
    checkBytes(row.thread + row.kind + row.system + row.id + row.line, limits.documentKeyBytes, 'the key of a document');
    checkBytes(documentKey(row), limits.documentKeyBytes, 'the key of a document');
    checkText(row.parent, 'parent of a document');
    checkText(row.state, 'state of a document');
    checkText(row.text, 'text of a document');
    checkMinor(row.minor);
    checkTime(row.at, 'the time of a document');
  }
}

function checkKnowledge(step: Step): void {
  for (const fact of step.facts ?? []) {
    checkKey(fact.key, 'fact key');
    checkText(fact.version, 'fact version');
    checkTime(fact.at, 'the time of a fact');
  }
  for (const row of step.crosswalk ?? []) {
    checkBytes(row.kind + row.hubId + row.system + row.externalId, limits.documentKeyBytes, 'an identity');
    if (row.kind === '' || row.hubId === '' || row.system === '' || row.externalId === '')
      throw new Fault('rejected', `crosswalk: kind, hub id, system and external id must not be empty: ${canonicalJson(row)}`);
    checkText(row.reason, 'reason of an identity');
    checkTime(row.from, 'from');
    if (row.to === null) continue;
    checkTime(row.to, 'to');
    if (row.to < row.from) throw new Fault('rejected', `crosswalk: ${row.system} ${row.externalId} would end (${row.to}) before it begins (${row.from})`);
  }
}

/** Refuses an audit leaf that cannot be found again. */
export function checkLeaf(leaf: { actor: string; kind: string; subject: string; body: string; hash: string }): void {
  checkIndexed(leaf.actor, 'audit actor');
  checkKey(leaf.kind, 'audit kind');
  checkIndexed(leaf.subject, 'audit subject');
  checkKey(leaf.hash, 'audit hash');
  checkBytes(leaf.body, limits.jsonBytes, 'audit body');
}

/** Refuses a JSON text that is too long to keep. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw new Fault('rejected', `a value to store is ${typeof value}, which JSON cannot say`);
  if (text.length * 3 > limits.jsonBytes) checkBytes(text, limits.jsonBytes, 'a JSON value');
  return text;
}

/** The document number a receipt carries in `id`, or null. */
export function documentNumber(receipt: { readonly [key: string]: unknown } | null): string | null {
  const id = receipt?.['id'];
  return typeof id === 'string' && id !== '' ? id : typeof id === 'number' ? String(id) : null;
}

/** Refuses a lane that is not `kind/hubId`. */
export function checkLane(lane: string): void {
  checkBytes(lane, limits.laneBytes, 'a lane');
  const slash = lane.indexOf('/');
  if (slash < 1 || slash === lane.length - 1) throw new Fault('rejected', `a lane is "kind/hubId"; this one is "${lane}"`);
}

/** The kind of a lane: what stands before the slash. */
export function laneKind(lane: string): string {
  return lane.slice(0, lane.indexOf('/'));
}

/** Refuses an empty key, and one that an index could not hold. */
export function checkKey(key: string, what: string): void {
  if (key === '') throw new Fault('rejected', `${what} is empty`);
  checkIndexed(key, what);
}

function checkIndexed(text: string, what: string): void {
  checkBytes(text, limits.keyBytes, what);
}

function checkText(text: string, what: string): void {
  checkBytes(text, limits.textBytes, what);
}

function checkBytes(text: string, most: number, what: string): void {
  if (typeof text !== 'string') throw new Fault('rejected', `${what} must be text; it is ${text === null ? 'null' : typeof text}`);
  if (text.length * 3 > most && Buffer.byteLength(text) > most)
    throw new Fault('rejected', `${what} is ${Buffer.byteLength(text)} bytes long; at most ${most} are taken: "${text.slice(0, 60)}..."`);
  if (text.includes('\0') || !text.isWellFormed())
    throw new Fault('rejected', `${what} contains a NUL or half a character, which databases do not keep: ${JSON.stringify(text.slice(0, 60))}`);
}

function checkWhole(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new Fault('rejected', `${what} must be a whole number from 0; it is ${value}`);
}

function checkMinor(minor: number | null): void {
  if (minor !== null && !Number.isSafeInteger(minor)) throw new Fault('rejected', `an amount in minor units must be an exact integer; it is ${minor}`);
}

function checkUrgency(urgency: number): void {
  if (!Number.isInteger(urgency) || urgency < 0 || urgency > limits.urgency) throw new Fault('rejected', `urgency is 0, 1 or 2; it is ${urgency}`);
}
