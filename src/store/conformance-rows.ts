import { operationReference } from '#base/id';
import type { AuditLeaf, CrosswalkRow, DecisionRow, DocumentRow, EntryRow, LaneWork, NewEvent, OperationRow, Step, Store } from '#store/port';

/** A sentence about behaviour, and the proof: runs on an empty store. */
export type Case = readonly [name: string, run: (store: Store) => Promise<void>];

/** Where the clock of every conformance test stands at first. */
export const noon = 1_800_000_000_000;
/** The lease of every conformance test. */
export const leaseMs = 30_000;
/** How steps of the worker `w1` are committed. */
export const byW1 = { worker: 'w1', now: noon, log: 'lanes' } as const;

/** A snapshot of a work order; give what matters to the test. */
export function event(lane: string, key: string, other: Partial<NewEvent> = {}): NewEvent {
  return {
    lane,
    kind: 'workOrder.snapshot',
    key,
    source: 'cmms',
    object: `object of ${lane}`,
    version: '1',
    urgency: 0,
    thread: `thread of ${lane}`,
    site: 'S1',
    data: { status: 'OPEN' },
    at: noon - 1_000,
    ...other,
  };
}

/** A goods issue that is ready to be sent. */
export function operation(lane: string, key: string, other: Partial<OperationRow> = {}): OperationRow {
  return {
    key,
    lane,
    chain: 'stock',
    n: 1,
    eventKey: 'e1',
    flow: 'stock',
    connection: 'erp',
    record: 'goodsIssue',
    verb: 'create',
    class: 'L',
    reference: operationReference(key),
    urgency: 0,
    thread: `thread of ${lane}`,
    site: 'S1',
    draft: { part: 'P1' },
    payload: { Material: 'P1' },
    payloadHash: 'hash',
    minor: 1_250,
    currency: 'EUR',
    reason: 'two were used',
    state: 'ready',
    attempts: 0,
    dueAt: noon,
    receipt: null,
    fault: null,
    createdAt: noon,
    settledAt: null,
    ...other,
  };
}

/** A booking of 12.50 EUR on work order W1. */
export function entry(n: number, other: Partial<EntryRow> = {}): EntryRow {
  return {
    eventKey: 'e1',
    n,
    workOrder: 'W1',
    costCentre: '4711',
    debit: 'requested',
    credit: 'estimated',
    minor: 1_250,
    currency: 'EUR',
    document: '10000001',
    text: 'bearing',
    at: noon,
    ...other,
  };
}

/** A purchase order line in thread T1. */
export function document(id: string, other: Partial<DocumentRow> = {}): DocumentRow {
  return {
    thread: 'T1',
    kind: 'purchaseOrder',
    system: 'erp',
    id,
    line: '10',
    parent: '',
    state: 'open',
    text: 'bearing',
    minor: null,
    currency: null,
    at: noon,
    data: { quantity: '2' },
    ...other,
  };
}

/** From `from` on, part `hubId` is `externalId` in the ERP. */
export function identity(hubId: string, externalId: string, from: number, other: Partial<CrosswalkRow> = {}): CrosswalkRow {
  return { kind: 'part', hubId, system: 'erp', externalId, from, to: null, change: 'created', reason: 'first load', ...other };
}

/** A decision about event `e1`. */
export function decision(other: Partial<DecisionRow> = {}): DecisionRow {
  return {
    eventKey: 'e1',
    flow: 'stock',
    verdict: 'operations',
    reasons: ['two were used'],
    facts: {},
    configuration: 'c1',
    outputHash: 'o1',
    at: noon,
    ...other,
  };
}

/** An audit leaf about `subject`. */
export function leaf(subject: string, other: Partial<AuditLeaf> = {}): AuditLeaf {
  return { actor: 'hub', kind: 'decision', subject, body: `{"subject":"${subject}"}`, hash: `hash of ${subject}`, ...other };
}

/** Accepts one event and leases its lane to `w1`. */
export async function lease(store: Store, lane: string, key = 'e1'): Promise<LaneWork> {
  const { work } = await store.accept([event(lane, key)], { now: noon, claim: { worker: 'w1', leaseMs } });
  const [claimed] = work;
  if (!claimed) throw new Error(`lane ${lane} was not leased`);
  return claimed;
}

/** Accepts an event, leases its lane and commits one step that also gives the lane back. */
export async function play(store: Store, lane: string, step: Omit<Step, 'lane' | 'epoch'>): Promise<void> {
  const taken = await store.claimLane(lane, { worker: 'w1', now: noon, leaseMs });
  const epoch = taken?.epoch ?? (await lease(store, lane)).epoch;
  const [result] = await store.commit([{ release: { dueAt: null, urgency: 0 }, ...step, lane, epoch }], byW1);
  if (!result?.kept) throw result?.fault ?? new Error(`the step of ${lane} was not kept`);
}
