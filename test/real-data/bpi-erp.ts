import type { JsonObject } from '#base/json';
import { activities, type Tell } from './bpi-activities.ts';
import { newItem, standing, type ErpItem, type ErpReceipt } from './bpi-item.ts';
import type { LogLine } from './bpi-log.ts';
import { invoiceRecord, orderLines, receiptRecord, requisitionRecord } from './bpi-snapshots.ts';

/**
 * An ERP in small that lives through the log: each activity changes its documents, and each change is told as the snapshot that our lanes would see.
 * It keeps, in whole pieces and cents, what the documents come to (`truth`), so that the flow's books can be compared with sums that the flow did not make.
 * The log has no amounts: quantity, price and origin follow from the case id alone.
 */
export class OrderErp {
  readonly order: string;
  readonly items = new Map<string, ErpItem>();
  readonly news: News[] = [];
  #stamp = 0;
  #confirmations = 0;
  #approval: 'approved' | 'inApproval' | undefined;
  #text = '';

  constructor(order: string, lines: readonly LogLine[]) {
    this.order = order;
    const byCase = new Map<string, LogLine[]>();
    for (const line of lines) byCase.set(line.caseId, [...(byCase.get(line.caseId) ?? []), line]);
    for (const [caseId, own] of byCase) this.items.set(caseId, newItem(caseId, own));
    for (const line of lines) this.#live(line);
  }

  #live(line: LogLine): void {
    const item = this.items.get(line.caseId);
    const act = activities[line.activity];
    if (!item || !act) throw new Error(`the log has an activity that nothing translates: ${line.activity}`);
    if (new Date(line.at).getUTCFullYear() < 2018) item.odd.add('dated before 2018');
    if (new Date(line.at).getUTCFullYear() > 2019) item.odd.add('dated after 2019');
    // Minutes only in the log: the count inside the order keeps one snapshot newer than the one before.
    const stamp = new Date(line.at + (this.#stamp += 1)).toISOString();
    const tell: Tell = {
      order: () => this.#tellOrder(line, stamp),
      requisition: () =>
        this.#tell(item, 'purchaseRequisition', `purchaseRequisition/erp.${item.requisition}`, item.requisition, requisitionRecord(item, stamp), line),
      receipt: (receipt) => this.#tell(item, 'goodsReceipt', this.lane, receipt.number, receiptRecord(this.order, item, receipt, line, stamp), line),
      invoice: (invoice) => this.#tell(item, 'supplierInvoice', this.lane, invoice.number, invoiceRecord(this.order, invoice, line, stamp), line),
      approval: (state, text) => {
        this.#approval = state;
        this.#text = text ?? this.#text;
        this.#tellOrder(line, stamp);
      },
      promise: () => {
        item.promisedOn = new Date(line.at + (7 + (this.#confirmations += 1)) * 86_400_000).toISOString().slice(0, 10);
        this.#tellOrder(line, stamp);
      },
    };
    act(item, tell, line);
  }

  get lane(): string {
    return `purchaseOrder/erp.${this.order}`;
  }

  /** Opposite documents for everything that stands, after what was missing has turned up; then every item is deleted. Answers the news of it. */
  undo(): News[] {
    const from = this.news.length;
    const last = this.news.at(-1)?.at ?? 0;
    for (const item of this.items.values()) {
      const line: LogLine = { caseId: item.caseId, order: this.order, item: item.line, seq: 0, activity: 'undo', at: last + 86_400_000 };
      const stamp = (): string => new Date(line.at + (this.#stamp += 1)).toISOString();
      const receipt = (one: ErpReceipt): void => {
        item.receipts.push(one);
        this.#tell(item, 'goodsReceipt', this.lane, one.number, receiptRecord(this.order, item, one, line, stamp()), line);
      };
      for (const number of item.orphans) {
        const back = item.receipts.find(({ takesBack }) => takesBack === number);
        if (back) receipt({ number, line: back.line, quantity: back.quantity });
        const credit = item.invoices.find(({ takesBack }) => takesBack === number);
        if (!credit) continue;
        const { takesBack: _takesBack, ...found } = { ...credit, number, reversed: true };
        item.invoices.push(found);
        this.#tell(item, 'supplierInvoice', this.lane, number, invoiceRecord(this.order, found, line, stamp()), line);
      }
      const taken = new Set(item.receipts.flatMap(({ takesBack }) => (takesBack === undefined ? [] : [takesBack])));
      for (const one of item.receipts.filter(({ number, takesBack }) => takesBack === undefined && !taken.has(number)))
        receipt({ number: `${one.number}.back`, line: one.line, quantity: one.quantity, takesBack: one.number });
      for (const one of standing(item)) {
        one.reversed = true;
        const told = one.reversedBy === 'mark' ? one : { ...one, number: `${one.number}.back`, takesBack: one.number };
        this.#tell(item, 'supplierInvoice', this.lane, told.number, invoiceRecord(this.order, told, line, stamp()), line);
      }
      item.deleted = true;
      this.#tellOrder(line, stamp());
    }
    return this.news.slice(from);
  }

  #tellOrder(line: LogLine, stamp: string): void {
    const item = this.items.get(line.caseId);
    if (!item?.created) return;
    const lines = [...this.items.values()].filter(({ created }) => created).flatMap(orderLines);
    this.#tell(
      item,
      'purchaseOrder',
      this.lane,
      this.order,
      {
        number: this.order,
        currency: item.currency,
        ...(this.#approval ? { state: this.#approval } : {}),
        ...(this.#text ? { text: this.#text } : {}),
        lines,
        changedAt: stamp,
      },
      line,
    );
  }

  #tell(item: ErpItem, kind: NewsKind, lane: string, object: string, record: JsonObject, { seq, activity, at }: LogLine): void {
    this.news.push({ kind, lane, object, record, caseId: item.caseId, seq, activity, at });
  }
}

export type NewsKind = 'purchaseRequisition' | 'purchaseOrder' | 'goodsReceipt' | 'supplierInvoice';

/** A snapshot that the ERP gives, and the line of the log that it comes from. */
export interface News {
  readonly kind: NewsKind;
  readonly lane: string;
  readonly object: string;
  readonly record: JsonObject;
  readonly caseId: string;
  readonly seq: number;
  readonly activity: string;
  readonly at: number;
}
