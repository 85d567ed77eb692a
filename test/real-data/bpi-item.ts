import type { LogLine } from './bpi-log.ts';

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

/** What follows from a case's id and from how often each thing is done to it. */
export function newItem(caseId: string, lines: readonly LogLine[]): ErpItem {
  const hash = hashText(caseId);
  const count = (activity: string): number => lines.filter((line) => line.activity === activity).length;
  const receiptsToCome = Math.max(1, count('Record Goods Receipt') - count('Cancel Goods Receipt'));
  const invoicesToCome = Math.max(1, count('Record Invoice Receipt') - count('Cancel Invoice Receipt'));
  const price = 100 + (hash % 9900);
  const wanted = receiptsToCome * (1 + (hash % 12));
  const [, number = '1'] = caseId.split('_');
  return {
    caseId,
    line: number,
    serviceLine: `${number}S`,
    hash,
    origin: hash % 2 === 0,
    stocked: hash % 8 === 0,
    services: count('Record Service Entry Sheet') > 0,
    hasRequisition: lines.some(({ activity }) => activity === 'Create Purchase Requisition Item' || activity.startsWith('SRM:')),
    requisition: `R${caseId}`,
    wanted,
    servicesWanted: Math.max(1, count('Record Service Entry Sheet')),
    listPrice: price,
    receiptsToCome,
    invoicesToCome,
    requisitionState: '',
    created: false,
    quantity: wanted,
    price,
    currency: 'EUR',
    orderedIn: 'EUR',
    deleted: false,
    complete: false,
    final: false,
    promisedOn: undefined,
    storeroom: 'erp.ST01',
    changes: 0,
    documents: 0,
    receipts: [],
    invoices: [],
    odd: new Set(),
    orphans: [],
  };
}

/** Cents per service entry sheet. */
export const servicePrice = 4500;

/** What came in less what went back, of one line. */
export const received = (item: ErpItem, line: string): number =>
  item.receipts
    .filter((receipt) => receipt.line === line)
    .reduce((total, { quantity, takesBack }) => total + (takesBack === undefined ? quantity : -quantity), 0);

/** Invoices that still stand. */
export const standing = (item: ErpItem): ErpInvoice[] => item.invoices.filter(({ reversed, takesBack }) => !reversed && takesBack === undefined);

/** Pieces and cents invoiced of one line. */
export function invoiced(item: ErpItem, line: string): { pieces: number; minor: number; byPieces: boolean; rows: number } {
  const rows = standing(item)
    .flatMap((one) => one.rows)
    .filter((row) => row.line === line);
  return {
    pieces: rows.reduce((total, { pieces }) => total + (pieces ?? 0), 0),
    minor: rows.reduce((total, { minor }) => total + minor, 0),
    byPieces: rows.some(({ pieces }) => pieces !== null && pieces !== 0),
    rows: rows.length,
  };
}
