import { ManualClock } from '#base/clock';
import { hashOf, type JsonObject } from '#base/json';
import { silentLog } from '#base/log';
import { seededRandom } from '#base/random';
import type { Bindings, ConnectionPort, WriteOrder, WriteReceipt } from '#engine/bindings';
import { testLeaf } from '#engine/testing';
import { Worker } from '#engine/worker';
import { procurement } from '#flows/procurement/flow';
import { records, type RecordKind } from '#model/records';
import { memoryStore } from '#store/memory';
import type { EventRow, NewEvent, Store } from '#store/port';
import { hubOf, type Booking, type Outcome } from './bpi-check.ts';
import { masterData, policy, workOrderOf } from './bpi-driver.ts';
import type { News, OrderErp } from './bpi-erp.ts';
import type { ErpItem } from './bpi-item.ts';

const heldAgainMs = 10 * 60_000;

/** Numbers every document by what caused it, so that a run is the same whatever the order of the answers. */
class NumberingPort implements ConnectionPort {
  readonly name: string;
  readonly limits = { perMinute: 10_000_000, parallel: 64, urgentShare: 0.25, queue: 4096 };
  readonly visibilityMs = 1000;

  constructor(name: string) {
    this.name = name;
  }

  write({ operation }: WriteOrder): Promise<WriteReceipt> {
    return Promise.resolve({ id: operation.record === 'purchaseRequisition' ? `R${operation.lane.slice('workOrder/cmms.'.length)}` : operation.key });
  }

  trace(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  look(): Promise<readonly NewEvent[]> {
    return Promise.resolve([]);
  }
}

/** The real engine over the memory store, with both sides as ports that accept everything. */
export class EngineRun {
  readonly store: Store = memoryStore();
  readonly clock = new ManualClock(Date.UTC(2019, 0, 2));
  readonly worker: Worker;

  constructor() {
    const ports = new Map(['cmms', 'erp'].map((name) => [name, new NumberingPort(name)]));
    const sides = { maintenance: 'cmms', finance: 'erp' };
    const parsed = procurement.policy.parse(policy);
    const bindings: Bindings = {
      configuration: 'bpi',
      flows: [procurement],
      policy: () => parsed,
      mode: () => 'live',
      sides: () => sides,
      everywhere: [sides],
      prepare: (draft) => ({ ok: true, class: 'K', payload: draft.draft, target: draft.target ?? null }),
      connection: (name) => ports.get(name),
    };
    this.worker = new Worker({
      name: 'w1',
      store: this.store,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      bindings: () => bindings,
      leaf: testLeaf,
      claimEveryMs: 1,
    });
  }

  /** Master data, then the work orders whose needs come before every document. */
  async begin(items: readonly ErpItem[]): Promise<void> {
    await this.worker.accept(
      masterData.map(({ kind, hubId, record }) =>
        snapshot({
          kind,
          lane: `${kind}/${hubId}`,
          object: hubId,
          hubId,
          record: records[kind].parse(record) as unknown as JsonObject,
          connection: 'erp',
          at: 0,
        }),
      ),
    );
    await this.settle();
    const orders = items
      .filter(({ origin }) => origin)
      .map((item) =>
        snapshot({
          kind: 'workOrder',
          lane: `workOrder/${hubOf(item.caseId)}`,
          object: item.caseId,
          hubId: hubOf(item.caseId),
          record: records.workOrder.parse(workOrderOf(item, Date.UTC(2000, 0, 1))) as unknown as JsonObject,
          connection: 'cmms',
          at: 0,
        }),
      );
    if (orders.length > 0) await this.worker.accept(orders);
    await this.settle();
  }

  /** Takes news in and works until nothing moves. */
  async feed(news: readonly News[]): Promise<void> {
    if (news.length > 0) await this.worker.accept(news.map(eventOf));
    await this.settle();
  }

  /** Lets the time pass after which held events are decided again. */
  async recheck(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      this.clock.advance(heldAgainMs + 1000);
      this.worker.poke();
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let still = 0; still < 3;) {
      this.worker.poke();
      const moved = await this.worker.turn();
      await new Promise((resolve) => setImmediate(resolve));
      still = moved || !this.worker.idle ? 0 : still + 1;
    }
  }

  async events(lane: string): Promise<EventRow[]> {
    const out: EventRow[] = [];
    for (let after: { lane: string; seq: number } | undefined; ;) {
      const page = await this.store.read.listEvents({ lane, limit: 1000, ...(after ? { after } : {}) });
      out.push(...page);
      const last = page.at(-1);
      if (page.length < 1000 || !last) return out;
      after = { lane: last.lane, seq: last.seq };
    }
  }

  async entries(lane: string): Promise<Booking[]> {
    const out: Booking[] = [];
    for (let after: { lane: string; eventKey: string; n: number } | undefined; ;) {
      const page = await this.store.read.listEntries({ lane, limit: 1000, ...(after ? { after } : {}) });
      out.push(...page);
      const last = page.at(-1);
      if (page.length < 1000 || !last) return out;
      after = { lane: last.lane, eventKey: last.eventKey, n: last.n };
    }
  }

  /** What the run left behind for each item of an order. Held events of the order's lane name the line; others are the work order's own. */
  async outcomes(erp: OrderErp): Promise<Map<string, Outcome>> {
    const ofOrder = await this.entries(erp.lane);
    const heldOfOrder = (await this.events(erp.lane)).filter(({ state }) => state === 'held');
    const out = new Map<string, Outcome>();
    for (const item of erp.items.values()) {
      const lane = `workOrder/${hubOf(item.caseId)}`;
      const entries = item.origin ? await this.entries(lane) : ofOrder;
      const costs = item.origin
        ? (await this.store.read.listOperations({ lane, limit: 1000 }))
            .filter(({ record, state }) => record === 'workOrderCost' && state === 'applied')
            .map(({ draft }) => (draft as JsonObject)['amount'] as { minor: number; currency: string })
        : [];
      const own = item.origin ? (await this.events(lane)).filter(({ state }) => state === 'held').map(({ reason }) => reason) : [];
      const names = [
        ...[item.line, item.serviceLine].flatMap((line) => [` line ${line}:`, ` line ${line} `]),
        `supplier invoice IV${item.caseId}.`,
        `goods receipt GR${item.caseId}.`,
      ];
      out.set(item.caseId, {
        entries,
        costs,
        held: [...own, ...heldOfOrder.map(({ reason }) => reason).filter((reason) => names.some((name) => reason.includes(name)))],
      });
    }
    return out;
  }
}

interface SnapshotPart {
  readonly kind: RecordKind;
  readonly lane: string;
  readonly object: string;
  readonly hubId: string;
  readonly record: JsonObject;
  readonly connection: string;
  readonly at: number;
}

function snapshot({ kind, lane, object, hubId, record, connection, at }: SnapshotPart): NewEvent {
  const hash = hashOf(record).slice(0, 20);
  return {
    lane,
    kind: `${kind}.snapshot`,
    key: `${connection}:${kind}:${object}@${hash}`,
    source: connection,
    object,
    version: `1.${hash}`,
    urgency: 0,
    thread: lane,
    site: 'S1',
    data: { record, connection, hubId },
    at,
  };
}

/** A snapshot as intake makes it. */
export function eventOf({ kind, lane, object, record, at }: News): NewEvent {
  return snapshot({ kind, lane, object, hubId: `erp.${object}`, record: records[kind].parse(record) as unknown as JsonObject, connection: 'erp', at });
}
