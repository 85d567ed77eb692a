import { invoiced, received, servicePrice, standing, type ErpInvoice, type ErpItem, type ErpReceipt } from './bpi-item.ts';
import type { LogLine } from './bpi-log.ts';

/** What an activity may tell the world. */
export interface Tell {
  order(): void;
  requisition(): void;
  receipt(receipt: ErpReceipt): void;
  invoice(invoice: ErpInvoice): void;
  approval(state: 'approved' | 'inApproval', text?: string): void;
  promise(): void;
}

export type Activity = (item: ErpItem, tell: Tell, line: LogLine) => void;

const requisition =
  (state: string): Activity =>
  (item, tell) => {
    item.requisitionState = state;
    if (state === 'deleted' && item.created) item.odd.add('requisition deleted, its order stands');
    tell.requisition();
  };
/** Nothing of ours changes: a supplier's paper before it is posted. */
const silent: Activity = () => undefined;
const change =
  (act: (item: ErpItem) => void): Activity =>
  (item, tell) => {
    act(item);
    tell.order();
  };

/** What each activity of the log does to the documents. */
export const activities: { readonly [activity: string]: Activity } = {
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
  'Record Subsequent Invoice': (item, tell) =>
    post(item, tell, { rows: [{ line: item.line, pieces: null, minor: 100 + (item.hash % 400) }], subsequent: true }),
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
  const receipt: ErpReceipt = {
    number: `GR${item.caseId}.${(item.documents += 1)}`,
    line: item.line,
    quantity: of?.quantity ?? Math.max(1, Math.floor(item.wanted / item.receiptsToCome)),
    takesBack: of?.number ?? missing,
  };
  if (!of) {
    item.odd.add('receipt cancelled that was never recorded');
    item.orphans.push(missing);
  }
  item.receipts.push(receipt);
  tell.receipt(receipt);
}

/** An equal share of what was wanted, at the price of the order, in one case of five with a variance; the last invoice takes the rest. Sheets entered since are invoiced with it. */
function invoice(item: ErpItem, tell: Tell): void {
  if (item.deleted) item.odd.add('invoiced on a deleted item');
  const share = Math.max(1, Math.floor(item.wanted / item.invoicesToCome));
  const live = standing(item).filter(({ subsequent }) => !subsequent).length;
  const pieces = live + 1 === item.invoicesToCome ? Math.max(1, item.wanted - invoiced(item, item.line).pieces) : share;
  const sheets = item.services ? received(item, item.serviceLine) - invoiced(item, item.serviceLine).pieces : 0;
  if (received(item, item.line) <= 0) item.odd.add('invoiced before anything was received');
  post(item, tell, {
    rows: [
      { line: item.line, pieces, minor: pieces * (item.price + (item.hash % 5 === 0 ? 7 : 0)) },
      ...(sheets > 0 ? [{ line: item.serviceLine, pieces: sheets, minor: sheets * servicePrice }] : []),
    ],
    subsequent: false,
  });
}

function post(item: ErpItem, tell: Tell, part: Pick<ErpInvoice, 'rows' | 'subsequent'>): void {
  const one: ErpInvoice = {
    number: `IV${item.caseId}.${(item.documents += 1)}`,
    currency: item.currency,
    reversed: false,
    cleared: false,
    blocked: false,
    reversedBy: item.hash % 3 === 0 ? 'document' : 'mark',
    ...part,
  };
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
  const back: ErpInvoice = {
    number,
    rows: of?.rows ?? [{ line: item.line, pieces: share, minor: share * item.price }],
    currency: of?.currency ?? item.currency,
    reversed: false,
    cleared: false,
    blocked: false,
    subsequent,
    takesBack: of?.number ?? missing,
    reversedBy: 'document',
  };
  item.invoices.push(back);
  tell.invoice(back);
}

/** Payment shows on the invoice as a newer snapshot with the same lines. A clearing without an invoice has nothing to show on: an amount of nothing. */
function clear(item: ErpItem, tell: Tell): void {
  const of =
    item.invoices.find(({ cleared, reversed, takesBack }) => !cleared && !reversed && takesBack === undefined) ??
    item.invoices.find(({ cleared, takesBack }) => !cleared && takesBack === undefined);
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
  const of =
    item.invoices.findLast(({ takesBack, cleared }) => takesBack === undefined && !cleared) ??
    item.invoices.findLast(({ takesBack }) => takesBack === undefined);
  if (!of) return void item.odd.add('payment block without an invoice');
  of.blocked = blocked;
  tell.invoice(of);
}
