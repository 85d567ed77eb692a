import type { FlowEvent, Reason } from '#engine/flow';
import type { JsonObject } from '#base/json';
import { procurement } from '#flows/procurement/flow';
import { FlowDriver, type EventPart } from '#flows/testing';
import { records } from '#model/records';
import { hubOf, type Outcome } from './bpi-check.ts';
import type { News } from './bpi-erp.ts';
import type { ErpItem } from './bpi-item.ts';
import { partOf } from './bpi-snapshots.ts';

/** The policy of the run: every need is requested, also of stock items. */
export const policy: JsonObject = { autoRequestDefault: true, stockItems: 'always' };
const piece = { system: 'sap', code: 'PC' };

/** Master data that the work orders' lines need, as the ERP tells it. */
export const masterData = [
  { kind: 'part', hubId: 'erp.DIRECT', record: { code: 'DIRECT', name: 'Bought for each need', active: true, baseUnit: piece, stocked: false } },
  { kind: 'part', hubId: 'erp.STOCKED', record: { code: 'STOCKED', name: 'Stock item', active: true, baseUnit: piece, stocked: true } },
  { kind: 'stockLevel', hubId: 'erp.STOCKED@erp.ST01', record: { part: 'erp.STOCKED', storeroom: 'erp.ST01', onHand: { value: '0', unit: piece } } },
] as const;

/** The work order whose need the case covers. */
export function workOrderOf(item: ErpItem, at: number): JsonObject {
  return {
    number: item.caseId,
    title: `Work that needs item ${item.line}`,
    status: 'released',
    costCentre: 'erp.4310',
    changedAt: new Date(at).toISOString(),
    plannedLines: [
      {
        line: '1',
        part: partOf(item),
        storeroom: 'erp.ST01',
        quantity: { value: String(item.wanted), unit: piece },
        estimatedPrice: { minor: item.listPrice, currency: 'EUR' },
      },
      ...(item.services
        ? [
            {
              line: '2',
              kind: 'service',
              text: 'Service as entered by sheet',
              quantity: { value: String(item.servicesWanted), unit: piece },
              estimatedPrice: { minor: 4500, currency: 'EUR' },
            },
          ]
        : []),
    ],
  };
}

/** What became of one event. */
export type Verdict = 'held' | 'done' | 'superseded';

/** Plays one case through the flow with nothing in between: deliveries at once, answers at once, held events decided again as the engine does. */
export class CaseRun {
  readonly driver = new FlowDriver({ flows: [{ flow: procurement, policy }] });
  readonly verdicts = new Map<string, { verdict: Verdict; readonly event: FlowEvent; reasons: readonly Reason[] }>();
  readonly #item: ErpItem;

  constructor(item: ErpItem, startsAt: number) {
    this.#item = item;
    for (const { kind, hubId, record } of masterData) this.driver.know(kind, hubId, 'erp', record);
    if (!item.origin) return;
    const record = records.workOrder.parse(workOrderOf(item, startsAt)) as unknown as JsonObject;
    this.#give({
      lane: `workOrder/${hubOf(item.caseId)}`,
      kind: 'workOrder.snapshot',
      source: 'cmms',
      object: item.caseId,
      data: { record, connection: 'cmms', hubId: hubOf(item.caseId) },
    });
    this.settle();
  }

  /** One snapshot, everything it leads to, and the answers of both systems. */
  feed(news: News): void {
    const record = records[news.kind].parse(news.record) as unknown as JsonObject;
    this.#give({
      lane: news.lane,
      kind: `${news.kind}.snapshot`,
      source: 'erp',
      object: news.object,
      data: { record, connection: 'erp', hubId: `erp.${news.object}` },
      at: news.at,
    });
    this.settle();
  }

  /** The need is gone: what is not ordered is withdrawn. */
  cancelWorkOrder(): void {
    if (!this.#item.origin) return;
    const record = records.workOrder.parse({ ...workOrderOf(this.#item, this.driver.now), status: 'cancelled' }) as unknown as JsonObject;
    this.#give({
      lane: `workOrder/${hubOf(this.#item.caseId)}`,
      kind: 'workOrder.snapshot',
      source: 'cmms',
      object: this.#item.caseId,
      data: { record, connection: 'cmms', hubId: hubOf(this.#item.caseId) },
    });
    this.settle();
  }

  settle(): void {
    for (let limit = 10_000; limit > 0; limit--) {
      if (this.driver.waiting.length > 0) this.#keep(() => this.driver.deliver());
      else {
        const [open] = this.driver.open();
        if (!open) return;
        const id = open.operation.record === 'purchaseRequisition' ? this.#item.requisition : `${open.operation.record}/${open.operation.intent}`;
        this.#keep(() => this.driver.answerTo(open, 'applied', { id }));
      }
    }
    throw new Error(`case ${this.#item.caseId} does not come to rest`);
  }

  /** Decides what is held again, until that changes nothing. */
  recheck(): void {
    for (let round = 0; round < 4; round++) {
      const before = this.held.length;
      for (const slot of this.verdicts.values()) {
        if (slot.verdict !== 'held') continue;
        this.#give(slot.event, true);
        this.settle();
      }
      if (this.held.length === before) return;
    }
  }

  get held(): string[] {
    return [...this.verdicts.values()]
      .filter(({ verdict }) => verdict === 'held')
      .map(({ reasons }) =>
        reasons
          .filter(({ did }) => did === 'held')
          .map(({ text }) => text)
          .join('; '),
      );
  }

  get outcome(): Outcome {
    return {
      entries: this.driver.entries.map(({ amount, ...entry }) => ({ ...entry, minor: amount.minor, currency: amount.currency })),
      costs: this.driver.sent
        .filter(({ operation }) => operation.record === 'workOrderCost')
        .map(({ operation }) => operation.draft['amount'] as { minor: number; currency: string }),
      held: this.held,
    };
  }

  #give(part: EventPart, again = false): void {
    this.#keep(() => this.driver.give(part, again));
  }

  #keep(act: () => Reason[]): void {
    const before = this.driver.delivered.length;
    const reasons = act();
    const event = this.driver.delivered[before];
    if (!event) return; // A duplicate.
    const id = `${event.lane}|${event.key}`;
    // A newer snapshot of the same object takes the place of an older one that is held.
    const stem = event.kind.slice(0, event.kind.lastIndexOf('.'));
    for (const [key, slot] of this.verdicts) {
      if (
        key !== id &&
        slot.verdict === 'held' &&
        slot.event.lane === event.lane &&
        slot.event.object === event.object &&
        slot.event.source === event.source &&
        slot.event.kind.startsWith(`${stem}.`)
      )
        slot.verdict = 'superseded';
    }
    this.verdicts.set(id, { event, reasons, verdict: reasons.some(({ did }) => did === 'held') ? 'held' : 'done' });
  }
}
