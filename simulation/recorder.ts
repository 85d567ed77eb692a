import { operationStates, type AcceptResult, type CommitResult, type LaneWork, type NewEvent, type OperationRow, type Step, type Store } from '#store/port';
import type { Entry } from './checker/history.ts';
import type { Kernel } from './kernel.ts';
import type { Exchange } from './network.ts';
import type { StoreProbe } from './store.ts';

/** A breach of an invariant, found at the moment it happened. */
export interface Breach {
  readonly id: string;
  readonly text: string;
}

/** What is known of one lane from outside the engine. */
interface LaneBook {
  /** The highest epoch that any claim was given. */
  epoch: number;
  /** Until when the present lease surely holds, by the world's clock; the claimer's own clock may be wrong. */
  seqOf: Map<string, number>;
  /** The last first-time decision, by sequence number. */
  decided: number;
}

/** Accounts of what is still to come. A settled amount may fall below zero: a part that comes back is valued at the price of its day. */
const openAccounts: ReadonlySet<string> = new Set(['estimated', 'requested', 'ordered', 'received', 'invoiced']);

/** How far back the text of a request is searched for references. */
const referencePattern = /LP[0-9A-HJKMNP-TV-Z]{14}/g;

/** The first number in a value that is no whole number. */
function fraction(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? undefined : value;
  if (value === null || typeof value !== 'object') return undefined;
  for (const member of Object.values(value)) {
    const found = fraction(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Writes down everything that crosses the borders of the engine, and checks on the spot what can be checked by looking at one crossing. */
export class Recorder implements StoreProbe {
  readonly entries: Entry[] = [];
  readonly breaches: Breach[] = [];
  readonly operations = new Map<string, OperationRow>();
  readonly byReference = new Map<string, string>();
  readonly #kernel: Kernel;
  readonly #lanes = new Map<string, LaneBook>();
  /** Entries of the commitment ledger as committed. */
  readonly bookings: {
    readonly lane: string;
    readonly workOrder: string;
    readonly costCentre: string;
    readonly debit: string;
    readonly credit: string;
    readonly minor: number;
    readonly currency: string;
    readonly document: string;
  }[] = [];
  readonly identities: { readonly kind: string; readonly hubId: string; readonly system: string; readonly externalId: string }[] = [];
  readonly lanesTouched = new Set<string>();
  readonly #below = new Set<string>();
  readonly #executedOnce = new Map<string, number>();
  readonly #decidedBefore = new Set<string>();
  readonly #notices = new Map<string, { readonly lane: string; readonly key: string }[]>();
  /** Where each account of the commitment ledger stands, by work order, cost centre, currency and account. */
  readonly balances = new Map<string, number>();
  readonly #accepted: { readonly lane: string; readonly key: string }[] = [];
  events = 0;
  leaves = 0;
  commits = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get now(): number {
    return this.#kernel.now();
  }

  breach(id: string, text: string): void {
    if (this.breaches.length < 50) this.breaches.push({ id, text });
  }

  accepted(_owner: string, events: readonly NewEvent[], _options: Parameters<Store['accept']>[1], result: AcceptResult): void {
    const at = this.now;
    for (const [index, event] of events.entries()) {
      const seq = result.seqs[index];
      const book = this.#lane(event.lane);
      const known = book.seqOf.get(event.key);
      if (result.outcomes[index] === 'accepted' && seq !== undefined) {
        if (known !== undefined) this.breach('I1', `event ${event.key} of ${event.lane} was taken in twice, as ${known} and as ${seq}`);
        this.#take(event, seq);
        this.entries.push({ at, what: 'accepted', lane: event.lane, key: event.key, seq, kind: event.kind, source: event.source });
      } else if (known === undefined) this.breach('I1', `event ${event.key} of ${event.lane} was called a duplicate and was never taken in`);
    }
  }

  claimed(owner: string, works: readonly LaneWork[]): void {
    for (const work of works) {
      const book = this.#lane(work.lane);
      if (work.epoch <= book.epoch)
        this.breach('I10', `lane ${work.lane} was claimed by ${owner} with epoch ${work.epoch}, and epoch ${book.epoch} was given before`);
      book.epoch = Math.max(book.epoch, work.epoch);
    }
  }

  committed(owner: string, steps: readonly Step[], _options: Parameters<Store['commit']>[1], results: readonly CommitResult[]): void {
    this.commits += 1;
    for (const [index, step] of steps.entries()) if (results[index]?.kept) this.#step(owner, step);
  }

  #step(owner: string, step: Step): void {
    const at = this.now;
    const book = this.#lane(step.lane);
    this.lanesTouched.add(step.lane);
    if (step.epoch !== book.epoch)
      this.breach('I10', `a step of ${owner} with epoch ${step.epoch} was kept in lane ${step.lane}, whose holder has epoch ${book.epoch}`);
    let changes = 0;
    for (const { event, state } of step.append ?? []) {
      if (book.seqOf.has(event.key)) continue;
      this.#take(event, book.seqOf.size + 1);
      changes += 1;
      this.entries.push({ at, what: 'accepted', lane: event.lane, key: event.key, seq: book.seqOf.size, kind: event.kind, source: event.source });
      this.entries.push({ at, what: 'settled', lane: event.lane, key: event.key, state });
    }
    for (const { key, state } of step.settle ?? []) {
      changes += 1;
      this.entries.push({ at, what: 'settled', lane: step.lane, key, state });
    }
    for (const decision of step.decisions ?? []) {
      changes += 1;
      const inputs = String(Object.keys(decision.facts as object).length);
      this.entries.push({ at, what: 'decided', lane: step.lane, key: decision.eventKey, flow: decision.flow, inputs, outputs: decision.outputHash });
    }
    this.#order(step, book);
    for (const operation of step.insertOperations ?? []) {
      changes += 1;
      if (this.operations.has(operation.key)) this.breach('I2', `operation ${operation.key} was made twice`);
      this.operations.set(operation.key, operation);
      const inexact = fraction(operation.draft);
      if (inexact !== undefined) this.breach('I9', `the draft of ${operation.key} has the binary fraction ${inexact}`);
      if (operation.minor !== null && !Number.isSafeInteger(operation.minor))
        this.breach('I9', `${operation.key} is worth ${operation.minor} ${operation.currency}`);
      this.scope(operation);
      this.byReference.set(operation.reference, operation.key);
      const { key, lane, chain, n, reference, connection, record, verb } = operation;
      this.entries.push({ at, what: 'operation', key, lane, chain, n, class: operation.class, reference, connection, record, verb });
      this.entries.push({ at, what: 'state', key, state: operation.state });
    }
    for (const update of step.updateOperations ?? []) {
      changes += 1;
      const before = this.operations.get(update.key);
      if (before) this.operations.set(update.key, { ...before, ...update });
      this.entries.push({ at, what: 'state', key: update.key, state: update.state });
    }
    for (const { workOrder, costCentre, debit, credit, minor, currency, document } of step.entries ?? []) {
      changes += 1;
      this.bookings.push({ lane: step.lane, workOrder, costCentre, debit, credit, minor, currency, document });
      for (const [account, sign] of [
        [debit, 1],
        [credit, -1],
      ] as const) {
        const key = `${workOrder}|${costCentre}|${currency}|${account}`;
        const stands = (this.balances.get(key) ?? 0) + sign * minor;
        this.balances.set(key, stands);
        if (stands < 0 && openAccounts.has(account)) this.#below.add(key);
        else this.#below.delete(key);
      }
      if (!Number.isSafeInteger(minor)) this.breach('I9', `an entry of ${step.lane} books ${minor} ${currency}: not a whole number of minor units`);
    }
    for (const key of this.#below) this.breach('I5', `${key} falls to ${this.balances.get(key) ?? 0} with a step of lane ${step.lane}`);
    this.#below.clear();
    for (const { kind, hubId, system, externalId } of step.crosswalk ?? []) this.identities.push({ kind, hubId, system, externalId });
    this.leaves += step.audit?.length ?? 0;
    this.entries.push({ at, what: 'commit', lane: step.lane, changes, records: step.audit?.length ?? 0 });
    if (changes > 0 && (step.audit?.length ?? 0) === 0) this.breach('I14', `a step of lane ${step.lane} changes ${changes} things and leaves no audit record`);
  }

  /** Events are decided in their order; one that is decided again was held before. */
  #order(step: Step, book: LaneBook): void {
    const first = new Set((step.append ?? []).map(({ event }) => event.key));
    let last = 0;
    for (const { eventKey } of step.decisions ?? []) {
      const seq = book.seqOf.get(eventKey);
      if (seq === undefined || first.has(eventKey)) continue;
      if (this.#decidedBefore.has(`${step.lane}|${eventKey}`)) continue;
      if (seq < Math.max(last, book.decided))
        this.breach('I3', `lane ${step.lane} decided event ${eventKey} (${seq}) after event ${Math.max(last, book.decided)}`);
      last = Math.max(last, seq);
    }
    for (const { eventKey } of step.decisions ?? []) {
      this.#decidedBefore.add(`${step.lane}|${eventKey}`);
      if (!first.has(eventKey)) book.decided = Math.max(book.decided, Math.min(book.seqOf.get(eventKey) ?? 0, Number.MAX_SAFE_INTEGER));
    }
  }

  /** The operation whose reference stands in a text. */
  operationOf(text: string): OperationRow | undefined {
    const reference = text.match(referencePattern)?.[0];
    return reference === undefined ? undefined : this.operations.get(this.byReference.get(reference) ?? '');
  }

  /** A write that carries no reference belongs to the open operation of class K whose payload it holds. */
  sendingTo(connection: string, body: string): OperationRow | undefined {
    if (body === '') return undefined;
    for (const operation of this.operations.values())
      if (operation.connection === connection && operation.class === 'K' && !operationStates[operation.state].terminal && operation.state === 'ready')
        return operation;
    return undefined;
  }

  /** Told of each new operation: says whether its flow may act. */
  scope: (operation: OperationRow) => void = () => {};

  /** Operations of one chain go out one after the other. */
  #chain(operation: OperationRow): void {
    if (this.#executedOnce.has(operation.key)) return;
    for (const other of this.operations.values())
      if (other.lane === operation.lane && other.chain === operation.chain && other.n < operation.n && !operationStates[other.state].terminal)
        this.breach('I3', `${operation.key} was sent while ${other.key}, which stands before it, is ${other.state}`);
  }

  exchanged(exchange: Exchange): void {
    const { request, response, connection, answered } = exchange;
    const write = request.method !== 'GET' && request.method !== 'HEAD';
    const at = this.now;
    if (!write) this.entries.push({ at, what: 'read', connection });
    const executed = response !== undefined && response.status < 400;
    const refused = exchange.trouble === 'refused' || exchange.trouble === 'erpDown';
    if (!write) return;
    for (const reference of new Set(`${decodeURIComponent(request.url)} ${request.body}`.match(referencePattern) ?? [])) {
      const operation = this.operations.get(this.byReference.get(reference) ?? '');
      if (!operation) this.breach('I2', `a request to ${connection} carries reference ${reference}, which no committed operation has`);
      else {
        this.#chain(operation);
        if (executed && request.method === 'POST') this.#executedOnce.set(operation.key, (this.#executedOnce.get(operation.key) ?? 0) + 1);
      }
      this.entries.push({ at, what: 'request', reference, connection, write, executed, answered, refused, status: response?.status ?? 0 });
    }
  }

  #take(event: NewEvent, seq: number): void {
    this.events += 1;
    this.#accepted.push({ lane: event.lane, key: event.key });
    this.lanesTouched.add(event.lane);
    this.#lane(event.lane).seqOf.set(event.key, seq);
    if (!event.key.startsWith('hook/')) return;
    const digest = event.key.split('/')[1] ?? '';
    this.#notices.set(digest, [...(this.#notices.get(digest) ?? []), { lane: event.lane, key: event.key }]);
  }

  /** Everything that was ever taken in. */
  everAccepted(): readonly { readonly lane: string; readonly key: string }[] {
    return this.#accepted;
  }

  /** The notices that the store holds of one webhook, by the hash of its type and body. */
  noticesOf(digest: string): readonly { readonly lane: string; readonly key: string }[] {
    return this.#notices.get(digest) ?? [];
  }

  #lane(lane: string): LaneBook {
    const known = this.#lanes.get(lane);
    if (known) return known;
    const made: LaneBook = { epoch: 0, seqOf: new Map(), decided: 0 };
    this.#lanes.set(lane, made);
    return made;
  }

  knows(lane: string, key: string): boolean {
    return this.#lanes.get(lane)?.seqOf.has(key) ?? false;
  }
}
