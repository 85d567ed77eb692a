import { add, compare, negate } from '#base/decimal';
import { sameUnit, type Unit } from '#base/quantity';
import type { RecordOf } from '#model/records';
import { inUnit, type Parts } from '#assurance/parts';

interface Amount {
  readonly minor: number;
  readonly currency: string;
}

export interface LineTerms {
  readonly quantity: string;
  readonly unit: Unit;
  readonly part: string | null;
  readonly price: Amount | null;
  readonly pricePer: string;
  readonly deleted: boolean;
  /** Cumulative, where the order itself says it. */
  readonly received: string | null;
}

export interface ReceiptPart {
  readonly orderLine: string;
  /** Signed: what comes back is negative. */
  readonly quantity: string;
  readonly unit: Unit;
}

export interface InvoicePart {
  readonly orderLine: string;
  readonly quantity: string | null;
  readonly unit: Unit | null;
  readonly amount: Amount;
}

/** Everything that one system, or the hub, says about one order: documents by number, so that a repeat counts once. */
export interface OrderDocuments {
  known: boolean;
  cancelled: boolean;
  readonly lines: Map<string, LineTerms>;
  readonly receipts: Map<string, readonly ReceiptPart[]>;
  readonly invoices: Map<string, { readonly reversed: boolean; readonly reverses: string | undefined; readonly lines: readonly InvoicePart[] }>;
}

export const noDocuments = (): OrderDocuments => ({ known: false, cancelled: false, lines: new Map(), receipts: new Map(), invoices: new Map() });

export function takeOrder(into: OrderDocuments, record: RecordOf<'purchaseOrder'>): void {
  into.known = true;
  into.cancelled = record.state === 'cancelled';
  into.lines.clear();
  for (const { line, quantity, part, price, pricePer, deleted, received } of record.lines)
    into.lines.set(line, {
      quantity: quantity.value,
      unit: quantity.unit,
      part: part ?? null,
      price: price ?? null,
      pricePer: pricePer ?? '1',
      deleted: deleted === true,
      received: received ?? null,
    });
}

export function takeReceipt(into: OrderDocuments, record: RecordOf<'goodsReceipt'>, number: string): void {
  into.receipts.set(
    number,
    record.lines.map(({ purchaseOrderLine, quantity, direction }) => ({
      orderLine: purchaseOrderLine ?? '',
      quantity: direction === 'in' ? quantity.value : negate(quantity.value),
      unit: quantity.unit,
    })),
  );
}

export function takeInvoice(into: OrderDocuments, record: RecordOf<'supplierInvoice'>, number: string): void {
  into.invoices.set(number, {
    reversed: record.reversed === true,
    reverses: record.reverses,
    lines: record.lines.map(({ purchaseOrderLine, quantity, amount }) => ({
      orderLine: purchaseOrderLine ?? '',
      quantity: quantity?.value ?? null,
      unit: quantity?.unit ?? null,
      amount,
    })),
  });
}

/** What stands of one order line after receipts, returns, invoices, credits and reversals. */
export interface LineFigures {
  readonly quantity: string;
  readonly unit: Unit;
  readonly price: Amount | null;
  readonly pricePer: string;
  readonly deleted: boolean;
  readonly received: string;
  readonly invoiced: string;
  readonly invoicedMinor: number;
  readonly currency: string | null;
  /** Units that no table joins, or currencies that differ. */
  readonly problem: string | undefined;
}

/** Adds a document's lines up, in the unit of the order line. */
export function figuresOf(documents: OrderDocuments, parts: Parts): ReadonlyMap<string, LineFigures> {
  const taken = new Set([...documents.invoices.values()].flatMap(({ reverses }) => (reverses === undefined ? [] : [reverses])));
  const figures = new Map<string, LineFigures>();
  for (const [number, line] of documents.lines) figures.set(number, lineFigures(documents, number, line, { taken, parts }));
  return figures;
}

function lineFigures(
  documents: OrderDocuments,
  number: string,
  line: LineTerms,
  { taken, parts }: { readonly taken: ReadonlySet<string>; readonly parts: Parts },
): LineFigures {
  let problem: string | undefined;
  const inLineUnit = (value: string, unit: Unit): string => {
    if (sameUnit(unit, line.unit)) return value;
    const same = inUnit({ value, unit }, line.unit, line.part === null ? undefined : parts.get(line.part));
    if (!same) problem = `${unit.code} does not convert to ${line.unit.code}`;
    return same?.value ?? '0';
  };
  let received: string | undefined;
  for (const receipt of documents.receipts.values())
    for (const row of receipt) if (row.orderLine === number) received = add(received ?? '0', inLineUnit(row.quantity, row.unit));
  let [invoiced, invoicedMinor] = ['0', 0];
  let currency: string | null = null;
  for (const [document, { reversed, reverses, lines }] of documents.invoices) {
    if (reversed || reverses !== undefined || taken.has(document)) continue;
    for (const { orderLine, quantity, unit, amount } of lines) {
      if (orderLine !== number) continue;
      if (currency !== null && currency !== amount.currency) problem = `invoiced in ${currency} and ${amount.currency}`;
      currency ??= amount.currency;
      invoicedMinor += amount.minor;
      if (quantity === null || unit === null) continue;
      const same = inLineUnit(quantity, unit);
      // A credit says its quantity without a sign, its amount has one.
      invoiced = add(invoiced, amount.minor < 0 && compare(same, '0') > 0 ? negate(same) : same);
    }
  }
  return {
    quantity: line.quantity,
    unit: line.unit,
    price: line.price,
    pricePer: line.pricePer,
    deleted: line.deleted || documents.cancelled,
    received: received ?? line.received ?? '0',
    invoiced,
    invoicedMinor,
    currency: currency ?? line.price?.currency ?? null,
    problem,
  };
}
