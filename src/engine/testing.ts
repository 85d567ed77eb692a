import { ManualClock } from '#base/clock';
import type { Fault } from '#base/fault';
import { canonicalJson, sha256, type Json, type JsonObject } from '#base/json';
import { silentLog } from '#base/log';
import { seededRandom } from '#base/random';
import type { Bindings, ConnectionPort, FlowMode, WriteOrder, WriteReceipt } from '#engine/bindings';
import type { Flow } from '#engine/flow';
import { Worker } from '#engine/worker';
import type { AuditLeaf, NewEvent, OperationClass, Store } from '#store/port';

/** A target that keeps documents and misbehaves on request: the smallest far side an engine test needs. */
export class TestTarget implements ConnectionPort {
  readonly name: string;
  readonly limits = { perMinute: 100_000, parallel: 8, urgentShare: 0.25, queue: 64 };
  readonly visibilityMs = 5000;
  /** Documents in the order they came to be: `reference` is the operation's. */
  readonly documents: { readonly reference: string; readonly body: JsonObject }[] = [];
  readonly writes: string[] = [];
  readonly traces: string[] = [];
  /** Asked before every write: a fault to answer with, and whether the document comes to be all the same. */
  mishap: (order: WriteOrder) => { fault: Fault; committed: boolean } | undefined = () => undefined;
  answer: (kind: string, key: string) => readonly NewEvent[] = () => [];
  /** Answers wait for this where a test wants them to hang. */
  gate: Promise<void> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async write(order: WriteOrder): Promise<WriteReceipt> {
    this.writes.push(order.operation.key);
    const mishap = this.mishap(order);
    if (!mishap || mishap.committed) this.documents.push({ reference: order.operation.reference, body: order.payload });
    if (this.gate) await this.gate;
    if (mishap) throw mishap.fault;
    return { id: `D${this.documents.length}` };
  }

  trace(order: WriteOrder): Promise<WriteReceipt | undefined> {
    this.traces.push(order.operation.key);
    const at = this.documents.findIndex(({ reference }) => reference === order.operation.reference);
    return Promise.resolve(at < 0 ? undefined : { id: `D${at + 1}` });
  }

  look(kind: string, key: string): Promise<readonly NewEvent[]> {
    return Promise.resolve(this.answer(kind, key));
  }
}

/** A worker over any store with a clock that is moved by hand. */
export function testHub(options: {
  store: Store;
  flows: readonly Flow[];
  target: TestTarget;
  class?: OperationClass;
  name?: string;
  clock?: ManualClock;
  policy?: unknown;
  mode?: FlowMode;
  unprepared?: () => string | undefined;
}) {
  const clock = options.clock ?? new ManualClock(Date.UTC(2026, 10, 2));
  const { target } = options;
  const bindings: Bindings = {
    configuration: 'test',
    flows: options.flows,
    policy: () => options.policy ?? {},
    mode: () => options.mode ?? 'live',
    sides: () => ({ maintenance: target.name, finance: target.name }),
    everywhere: [{ maintenance: target.name, finance: target.name }],
    prepare(draft) {
      const problem = options.unprepared?.();
      if (problem !== undefined) return { ok: false, class: options.class ?? 'L', fault: { kind: 'missing', message: problem } };
      return { ok: true, class: options.class ?? 'L', payload: draft.draft, target: draft.target ?? null };
    },
    connection: (name) => (name === target.name ? target : undefined),
  };
  const worker = new Worker({
    name: options.name ?? 'w1',
    store: options.store,
    clock,
    random: seededRandom(1),
    log: silentLog,
    bindings: () => bindings,
    leaf: testLeaf,
    claimEveryMs: 1,
  });
  return {
    worker,
    clock,
    /** Turns until nothing moves, letting answers come in between; then moves the clock by `byMs` and turns again. */
    async settle(byMs = 0): Promise<void> {
      await quiet(worker);
      if (byMs > 0) {
        clock.advance(byMs);
        await quiet(worker);
      }
    },
  };
}

async function quiet(worker: Worker): Promise<void> {
  for (let still = 0; still < 4;) {
    worker.poke();
    const moved = await worker.turn();
    await new Promise((resolve) => setImmediate(resolve));
    still = moved || !worker.idle ? (worker.idle ? 0 : still + 0.02) : still + 1;
  }
}

/** An audit leaf as the audit layer makes it, in small. */
export function testLeaf({ actor, kind, subject, body }: { actor: string; kind: string; subject: string; body: JsonObject }): AuditLeaf {
  const text = canonicalJson(body);
  return { actor, kind, subject, body: text, hash: sha256(text) };
}

/** An event of lane `thing/<id>` that says which documents are wanted. */
export function wanted(
  id: string,
  version: number,
  documents: readonly string[],
  more: Partial<Omit<NewEvent, 'data'>> & { readonly data?: JsonObject } = {},
): NewEvent {
  return {
    lane: `thing/${id}`,
    kind: 'thing.snapshot',
    key: `src:${id}@${version}`,
    source: 'src',
    object: id,
    version: `${version}.x`,
    urgency: 0,
    thread: `thing/${id}`,
    site: '',
    at: 0,
    ...more,
    data: { hubId: id, connection: 'src', record: { documents: documents as Json, ...more.data } },
  };
}

/** Sends each wanted document once and remembers it: the smallest level-triggered flow. */
export const sendingFlow: Flow<{ sent: string[]; failed: string[] }, unknown> = {
  name: 'sending',
  title: 'Sending',
  handles: ['thing.snapshot', 'operation.outcome'],
  initial: { sent: [], failed: [] },
  policy: { parse: (value) => value },
  decide({ event, state, plan, sides }) {
    if (event.kind === 'operation.outcome') {
      if (event.data['outcome'] === 'failed') state.failed.push(String(event.data['intent']));
      plan.note(`${String(event.data['intent'])} ${String(event.data['outcome'])}`);
      return;
    }
    const record = event.data['record'] as { documents: string[]; chain?: string; hold?: string; urgency?: number };
    if (record.hold !== undefined) {
      plan.hold(record.hold, { owner: 'planner' });
      return;
    }
    for (const document of record.documents) {
      if (state.sent.includes(document)) {
        plan.didNot(`${document} was sent before`);
        continue;
      }
      state.sent.push(document);
      plan.send({
        intent: document,
        to: sides.finance,
        record: 'paper',
        verb: 'create',
        draft: { document },
        reason: `document ${document} is wanted`,
        money: { minor: 100, currency: 'EUR' },
        ...(record.chain === undefined ? {} : { chain: record.chain }),
      });
    }
  },
};
