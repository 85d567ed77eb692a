import type { JsonObject } from '#base/json';
import type { LogLine } from './bpi-log.ts';

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
      requisition: () => this.#tell(item, 'purchaseRequisition', `purchaseRequisition/erp.${item.requisition}`, item.requisition, requisitionRecord(item, stamp), line),
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
      for (const one of item.receipts.filter(({ number, takesBack }) => takesBack === undefined && !taken.has(number))) receipt({ number: `${one.number}.back`, line: one.line, quantity: one.quantity, takesBack: one.number });
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
    this.#tell(item, 'purchaseOrder', this.lane, this.order, { number: this.order, currency: item.currency, ...(this.#approval ? { state: this.#approval } : {}), ...(this.#text ? { text: this.#text } : {}), lines, changedAt: stamp }, line);
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

export interface ErpReceipt {
  readonly number: string;
  readonly line: string;
  readonly quantity: number;
  readonly takesBack?: string;
}

export interface ErpInvoice {
  readonly number: string;
  readonly rows: readonly { readonly line: string; readonly pieces: number | null; readonly minor: number }[];
  readonly currency: string;
  reversed: boolean;
  cleared: boolean;
  blocked: boolean;
  readonly subsequent: boolean;
  readonly takesBack?: string;
  /** Its reversal says so on the same document, or comes as a document of its own. */
  readonly reversedBy: 'mark' | 'document';
}

/** One item of an order, with everything that follows from its case id. */
export interface ErpItem {
  readonly caseId: string;
  readonly line: string;
  readonly serviceLine: string;
  readonly hash: number;
  /** A work order stands behind it; else it was bought outside. */
  readonly origin: boolean;
  readonly stocked: boolean;
  readonly services: boolean;
  readonly hasRequisition: boolean;
  readonly requisition: string;
  readonly wanted: number;
  readonly servicesWanted: number;
  readonly listPrice: number;
  readonly receiptsToCome: number;
  readonly invoicesToCome: number;
  requisitionState: string;
  created: boolean;
  quantity: number;
  price: number;
  currency: string;
  /** The currency it was first ordered in. */
  orderedIn: string;
  deleted: boolean;
  complete: boolean;
  final: boolean;
  promisedOn: string | undefined;
  storeroom: string;
  changes: number;
  documents: number;
  readonly receipts: ErpReceipt[];
  readonly invoices: ErpInvoice[];
  /** What is contradictory about the case. */
  readonly odd: Set<string>;
  /** Documents that take back something which never was: they must be held. */
  readonly orphans: string[];
}

/** Small whole numbers from a text: the same on every machine (FNV-1a). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return (hash ^ (hash >>> 15)) >>> 0;
}

function newItem(caseId: string, lines: readonly LogLine[]): ErpItem {
  const hash = hashText(caseId);
  const count = (activity: string): number => lines.filter((line) => line.activity === activity).length;
  const receiptsToCome = Math.max(1, count('Record Goods Receipt') - count('Cancel Goods Receipt'));
  const invoicesToCome = Math.max(1, count('Record Invoice Receipt') - count('Cancel Invoice Receipt'));
  const price = 100 + (hash % 9900);
  const wanted = receiptsToCome * (1 + (hash % 12));
  const [, number = '1'] = caseId.split('_');
  return {
    caseId, line: number, serviceLine: `${number}S`, hash, origin: hash % 2 === 0, stocked: hash % 8 === 0, services: count('Record Service Entry Sheet') > 0,
    hasRequisition: lines.some(({ activity }) => activity === 'Create Purchase Requisition Item' || activity.startsWith('SRM:')), requisition: `R${caseId}`,
    wanted, servicesWanted: Math.max(1, count('Record Service Entry Sheet')), listPrice: price, receiptsToCome, invoicesToCome, requisitionState: '', created: false, quantity: wanted, price, currency: 'EUR', orderedIn: 'EUR', deleted: false, complete: false, final: false,
    promisedOn: undefined, storeroom: 'erp.ST01', changes: 0, documents: 0, receipts: [], invoices: [], odd: new Set(), orphans: [],
  };
}

const piece = { system: 'sap', code: 'PC' };
const servicePrice = 4500;
const money = (minor: number, currency: string) => ({ minor, currency });

function orderLines(item: ErpItem): JsonObject[] {
  const common = { deleted: item.deleted, complete: item.complete, finallyInvoiced: item.final, ...(item.promisedOn === undefined ? {} : { promisedOn: item.promisedOn }) };
  // The order names the requisition where the log has one, and where our hub raised it.
  const named = item.hasRequisition || item.origin;
  const from = (line: string) => (named ? { requisition: item.requisition, requisitionLine: line } : {});
  const goods = { line: item.line, part: partOf(item), quantity: { value: String(item.quantity), unit: piece }, price: money(item.price, item.currency), storeroom: item.storeroom, ...from('10'), ...common };
  if (!item.services) return [goods];
  return [goods, { line: item.serviceLine, text: 'Service as entered by sheet', quantity: { value: String(item.servicesWanted), unit: piece }, price: money(servicePrice, item.currency), ...from('20'), ...common }];
}

export const partOf = ({ stocked }: Pick<ErpItem, 'stocked'>): string => (stocked ? 'erp.STOCKED' : 'erp.DIRECT');

function requisitionRecord(item: ErpItem, stamp: string): JsonObject {
  const ordered = item.created ? (line: string) => ({ purchaseOrder: item.caseId.split('_')[0] ?? '', purchaseOrderLine: line }) : () => ({});
  const line = (number: string, quantity: number, price: number, orderLine: string, more: JsonObject): JsonObject => ({ line: number, quantity: { value: String(quantity), unit: piece }, price: money(price, 'EUR'), state: item.requisitionState, ...ordered(orderLine), ...more });
  return {
    number: item.requisition, changedAt: stamp,
    lines: [line('10', item.wanted, item.listPrice, item.line, { part: partOf(item) }), ...(item.services ? [line('20', item.servicesWanted, servicePrice, item.serviceLine, { kind: 'service', text: 'Service as entered by sheet' })] : [])],
  };
}

function receiptRecord(order: string, item: ErpItem, { number, line, quantity, takesBack }: ErpReceipt, { at }: LogLine, stamp: string): JsonObject {
  return {
    number, postedOn: new Date(at).toISOString().slice(0, 10), ...(takesBack === undefined ? {} : { reverses: takesBack }), changedAt: stamp,
    lines: [{ line: '1', purchaseOrder: order, purchaseOrderLine: line, ...(line === item.line ? { part: partOf(item) } : {}), quantity: { value: String(quantity), unit: piece }, direction: takesBack === undefined ? 'in' : 'out' }],
  };
}

function invoiceRecord(order: string, invoice: ErpInvoice, { at }: LogLine, stamp: string): JsonObject {
  return {
    number: invoice.number, postedOn: new Date(at).toISOString().slice(0, 10), ...(invoice.blocked ? { reference: 'blocked for payment' } : {}), ...(invoice.takesBack === undefined ? {} : { reverses: invoice.takesBack }),
    ...(invoice.reversed && invoice.reversedBy === 'mark' && invoice.takesBack === undefined ? { reversed: true } : {}), changedAt: stamp,
    lines: invoice.rows.map(({ line, pieces, minor }, index) => ({ line: String(index + 1), purchaseOrder: order, purchaseOrderLine: line, ...(pieces === null ? {} : { quantity: { value: String(pieces), unit: piece } }), amount: money(minor, invoice.currency) })),
  };
}

interface Tell {
  order(): void;
  requisition(): void;
  receipt(receipt: ErpReceipt): void;
  invoice(invoice: ErpInvoice): void;
  approval(state: 'approved' | 'inApproval', text?: string): void;
  promise(): void;
}

type Activity = (item: ErpItem, tell: Tell, line: LogLine) => void;

const requisition = (state: string): Activity => (item, tell) => {
  item.requisitionState = state;
  if (state === 'deleted' && item.created) item.odd.add('requisition deleted, its order stands');
  tell.requisition();
};
/** Nothing of ours changes: a supplier's paper before it is posted. */
const silent: Activity = () => undefined;
const change = (act: (item: ErpItem) => void): Activity => (item, tell) => {
  act(item);
  tell.order();
};

/** What each activity of the log does to the documents. */
const activities: { readonly [activity: string]: Activity } = {
  'Create Purchase Requisition Item': requisition('inApproval'),
  'Release Purchase Requisition': requisition('approved'),
  'SRM: Created': requisition('inApproval'),
  'SRM: Incomplete': requisition('inApproval'),
  'SRM: Held': requisition('inApproval'),
  'SRM: Complete': requisition('inApproval'),
  'SRM: Awaiting Approval': requisition('inApproval'),
  'SRM: Document Completed': requisition('approved'),
  'SRM: In Transfer to Execution Syst.': requisition('approved'),
  'SRM: Transfer Failed (E.Sys.)': requisition('approved'),
  'SRM: Ordered': requisition('ordered'),
  'SRM: Change was Transmitted': requisition('ordered'),
  'SRM: Transaction Completed': requisition('ordered'),
  'SRM: Deleted': requisition('deleted'),
  'Create Purchase Order Item': create,
  'Change Quantity': change(changeQuantity),
  'Change Price': change((item) => (item.price = Math.max(1, item.price + ((item.changes += 1) % 2 === 0 ? -1 : 1) * (1 + (item.hash % 97))))),
  'Change Delivery Indicator': change((item) => (item.complete = !item.complete)),
  'Change Final Invoice Indicator': change((item) => (item.final = !item.final)),
  'Change Storage Location': change((item) => (item.storeroom = item.storeroom === 'erp.ST01' ? 'erp.ST02' : 'erp.ST01')),
  'Change payment term': change(() => undefined),
  'Change Currency': change(changeCurrency),
  'Change Approval for Purchase Order': (_item, tell) => tell.approval('inApproval'),
  'Release Purchase Order': (_item, tell) => tell.approval('approved'),
  'Block Purchase Order Item': (_item, tell) => tell.approval('inApproval', 'item blocked'),
  'Delete Purchase Order Item': change(remove),
  'Reactivate Purchase Order Item': change(reactivate),
  'Receive Order Confirmation': (_item, tell) => tell.promise(),
  'Update Order Confirmation': (_item, tell) => tell.promise(),
  'Record Goods Receipt': (item, tell) => receive(item, tell, item.line, Math.max(1, Math.floor(item.wanted / item.receiptsToCome))),
  'Record Service Entry Sheet': (item, tell) => receive(item, tell, item.serviceLine, 1),
  'Cancel Goods Receipt': cancelReceipt,
  'Vendor creates invoice': silent,
  'Vendor creates debit memo': silent,
  'Record Invoice Receipt': invoice,
  'Record Subsequent Invoice': (item, tell) => post(item, tell, { rows: [{ line: item.line, pieces: null, minor: 100 + (item.hash % 400) }], subsequent: true }),
  'Cancel Invoice Receipt': (item, tell) => cancelInvoice(item, tell, false),
  'Cancel Subsequent Invoice': (item, tell) => cancelInvoice(item, tell, true),
  'Clear Invoice': clear,
  'Set Payment Block': (item, tell) => block(item, tell, true),
  'Remove Payment Block': (item, tell) => block(item, tell, false),
};

function create(item: ErpItem, tell: Tell): void {
  if (item.created) item.odd.add('created twice');
  item.created = true;
  item.orderedIn = item.currency;
  if (item.requisitionState === 'deleted') item.odd.add('ordered from a deleted requisition');
  if (item.receipts.length > 0) item.odd.add('received before it was ordered');
  tell.order();
}

/** Up and down in turn; never below one piece, but possibly below what has come in. */
function changeQuantity(item: ErpItem): void {
  item.quantity = Math.max(1, item.quantity + ((item.changes += 1) % 2 === 0 ? -(1 + (item.hash % 5)) : 1 + (item.hash % 3)));
  if (item.quantity < received(item, item.line)) item.odd.add('quantity reduced below what was received');
}

function changeCurrency(item: ErpItem): void {
  item.currency = item.currency === 'EUR' ? 'USD' : 'EUR';
  if (item.receipts.length + item.invoices.length > 0) item.odd.add('currency changed after receipt or invoice');
}

function remove(item: ErpItem): void {
  if (item.deleted) item.odd.add('deleted twice');
  if (item.receipts.length + item.invoices.length > 0) item.odd.add('deleted after receipt or invoice');
  item.deleted = true;
}

function reactivate(item: ErpItem): void {
  if (!item.deleted) item.odd.add('reactivated without deletion');
  item.deleted = false;
}

/** What came in less what went back, of one line. */
export const received = (item: ErpItem, line: string): number => item.receipts.filter((receipt) => receipt.line === line).reduce((total, { quantity, takesBack }) => total + (takesBack === undefined ? quantity : -quantity), 0);

function receive(item: ErpItem, tell: Tell, line: string, quantity: number): void {
  if (item.deleted) item.odd.add('received on a deleted item');
  if (item.complete) item.odd.add('received after delivery was complete');
  const receipt: ErpReceipt = { number: `GR${item.caseId}.${(item.documents += 1)}`, line, quantity };
  item.receipts.push(receipt);
  tell.receipt(receipt);
}

/** Takes the newest receipt back that still stands; one that never was where there is none. */
function cancelReceipt(item: ErpItem, tell: Tell): void {
  const taken = new Set(item.receipts.flatMap(({ takesBack }) => (takesBack === undefined ? [] : [takesBack])));
  const of = item.receipts.findLast(({ number, line, takesBack }) => line === item.line && takesBack === undefined && !taken.has(number));
  const missing = `GR${item.caseId}.missing${item.documents}`;
  const receipt: ErpReceipt = { number: `GR${item.caseId}.${(item.documents += 1)}`, line: item.line, quantity: of?.quantity ?? Math.max(1, Math.floor(item.wanted / item.receiptsToCome)), takesBack: of?.number ?? missing };
  if (!of) {
    item.odd.add('receipt cancelled that was never recorded');
    item.orphans.push(missing);
  }
  item.receipts.push(receipt);
  tell.receipt(receipt);
}

/** Invoices that still stand. */
export const standing = (item: ErpItem): ErpInvoice[] => item.invoices.filter(({ reversed, takesBack }) => !reversed && takesBack === undefined);

/** Pieces and cents invoiced of one line. */
export function invoiced(item: ErpItem, line: string): { pieces: number; minor: number; byPieces: boolean; rows: number } {
  const rows = standing(item).flatMap((one) => one.rows).filter((row) => row.line === line);
  return { pieces: rows.reduce((total, { pieces }) => total + (pieces ?? 0), 0), minor: rows.reduce((total, { minor }) => total + minor, 0), byPieces: rows.some(({ pieces }) => pieces !== null && pieces !== 0), rows: rows.length };
}

/** An equal share of what was wanted, at the price of the order, in one case of five with a variance; the last invoice takes the rest. Sheets entered since are invoiced with it. */
function invoice(item: ErpItem, tell: Tell): void {
  if (item.deleted) item.odd.add('invoiced on a deleted item');
  const share = Math.max(1, Math.floor(item.wanted / item.invoicesToCome));
  const live = standing(item).filter(({ subsequent }) => !subsequent).length;
  const pieces = live + 1 === item.invoicesToCome ? Math.max(1, item.wanted - invoiced(item, item.line).pieces) : share;
  const sheets = item.services ? received(item, item.serviceLine) - invoiced(item, item.serviceLine).pieces : 0;
  if (received(item, item.line) <= 0) item.odd.add('invoiced before anything was received');
  post(item, tell, { rows: [{ line: item.line, pieces, minor: pieces * (item.price + (item.hash % 5 === 0 ? 7 : 0)) }, ...(sheets > 0 ? [{ line: item.serviceLine, pieces: sheets, minor: sheets * servicePrice }] : [])], subsequent: false });
}

function post(item: ErpItem, tell: Tell, part: Pick<ErpInvoice, 'rows' | 'subsequent'>): void {
  const one: ErpInvoice = { number: `IV${item.caseId}.${(item.documents += 1)}`, currency: item.currency, reversed: false, cleared: false, blocked: false, reversedBy: item.hash % 3 === 0 ? 'document' : 'mark', ...part };
  item.invoices.push(one);
  tell.invoice(one);
}

/** Marks the newest standing invoice as reversed, or posts a document that takes it back; one that never was where there is none. */
function cancelInvoice(item: ErpItem, tell: Tell, subsequent: boolean): void {
  const of = standing(item).findLast((one) => one.subsequent === subsequent && one.rows.some(({ minor }) => minor !== 0));
  if (of?.reversedBy === 'mark') {
    of.reversed = true;
    tell.invoice(of);
    return;
  }
  const number = `IV${item.caseId}.${(item.documents += 1)}`;
  const missing = `IV${item.caseId}.missing${item.documents}`;
  if (of) of.reversed = true;
  else {
    item.odd.add('invoice cancelled that was never recorded');
    item.orphans.push(missing);
  }
  const share = Math.max(1, Math.floor(item.wanted / item.invoicesToCome));
  const back: ErpInvoice = { number, rows: of?.rows ?? [{ line: item.line, pieces: share, minor: share * item.price }], currency: of?.currency ?? item.currency, reversed: false, cleared: false, blocked: false, subsequent, takesBack: of?.number ?? missing, reversedBy: 'document' };
  item.invoices.push(back);
  tell.invoice(back);
}

/** Payment shows on the invoice as a newer snapshot with the same lines. A clearing without an invoice has nothing to show on: an amount of nothing. */
function clear(item: ErpItem, tell: Tell): void {
  const of = item.invoices.find(({ cleared, reversed, takesBack }) => !cleared && !reversed && takesBack === undefined) ?? item.invoices.find(({ cleared, takesBack }) => !cleared && takesBack === undefined);
  if (of) {
    of.cleared = true;
    tell.invoice(of);
    return;
  }
  item.odd.add('cleared without an invoice');
  post(item, tell, { rows: [{ line: item.line, pieces: null, minor: 0 }], subsequent: true });
  const last = item.invoices.at(-1);
  if (last) last.cleared = true;
}

function block(item: ErpItem, tell: Tell, blocked: boolean): void {
  const of = item.invoices.findLast(({ takesBack, cleared }) => takesBack === undefined && !cleared) ?? item.invoices.findLast(({ takesBack }) => takesBack === undefined);
  if (!of) return void item.odd.add('payment block without an invoice');
  of.blocked = blocked;
  tell.invoice(of);
}
