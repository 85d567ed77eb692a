import type { JsonObject } from '#base/json';
import { servicePrice, type ErpInvoice, type ErpItem, type ErpReceipt } from './bpi-item.ts';
import type { LogLine } from './bpi-log.ts';

const piece = { system: 'sap', code: 'PC' };
const money = (minor: number, currency: string) => ({ minor, currency });

/** Lines of the order as it stands: the item, and its services where sheets are entered. */
export function orderLines(item: ErpItem): JsonObject[] {
  const common = {
    deleted: item.deleted,
    complete: item.complete,
    finallyInvoiced: item.final,
    ...(item.promisedOn === undefined ? {} : { promisedOn: item.promisedOn }),
  };
  // The order names the requisition where the log has one, and where our hub raised it.
  const named = item.hasRequisition || item.origin;
  const from = (line: string) => (named ? { requisition: item.requisition, requisitionLine: line } : {});
  const goods = {
    line: item.line,
    part: partOf(item),
    quantity: { value: String(item.quantity), unit: piece },
    price: money(item.price, item.currency),
    storeroom: item.storeroom,
    ...from('10'),
    ...common,
  };
  if (!item.services) return [goods];
  return [
    goods,
    {
      line: item.serviceLine,
      text: 'Service as entered by sheet',
      quantity: { value: String(item.servicesWanted), unit: piece },
      price: money(servicePrice, item.currency),
      ...from('20'),
      ...common,
    },
  ];
}

/** The part that an item buys. */
export const partOf = ({ stocked }: Pick<ErpItem, 'stocked'>): string => (stocked ? 'erp.STOCKED' : 'erp.DIRECT');

/** The requisition as it stands. */
export function requisitionRecord(item: ErpItem, stamp: string): JsonObject {
  const ordered = item.created ? (line: string) => ({ purchaseOrder: item.caseId.split('_')[0] ?? '', purchaseOrderLine: line }) : () => ({});
  const line = (number: string, quantity: number, price: number, orderLine: string, more: JsonObject): JsonObject => ({
    line: number,
    quantity: { value: String(quantity), unit: piece },
    price: money(price, 'EUR'),
    state: item.requisitionState,
    ...ordered(orderLine),
    ...more,
  });
  return {
    number: item.requisition,
    changedAt: stamp,
    lines: [
      line('10', item.wanted, item.listPrice, item.line, { part: partOf(item) }),
      ...(item.services ? [line('20', item.servicesWanted, servicePrice, item.serviceLine, { kind: 'service', text: 'Service as entered by sheet' })] : []),
    ],
  };
}

/** A receipt, or the opposite document of one. */
export function receiptRecord(order: string, item: ErpItem, { number, line, quantity, takesBack }: ErpReceipt, { at }: LogLine, stamp: string): JsonObject {
  return {
    number,
    postedOn: new Date(at).toISOString().slice(0, 10),
    ...(takesBack === undefined ? {} : { reverses: takesBack }),
    changedAt: stamp,
    lines: [
      {
        line: '1',
        purchaseOrder: order,
        purchaseOrderLine: line,
        ...(line === item.line ? { part: partOf(item) } : {}),
        quantity: { value: String(quantity), unit: piece },
        direction: takesBack === undefined ? 'in' : 'out',
      },
    ],
  };
}

/** An invoice as it stands. */
export function invoiceRecord(order: string, invoice: ErpInvoice, { at }: LogLine, stamp: string): JsonObject {
  return {
    number: invoice.number,
    postedOn: new Date(at).toISOString().slice(0, 10),
    ...(invoice.blocked ? { reference: 'blocked for payment' } : {}),
    ...(invoice.takesBack === undefined ? {} : { reverses: invoice.takesBack }),
    ...(invoice.reversed && invoice.reversedBy === 'mark' && invoice.takesBack === undefined ? { reversed: true } : {}),
    changedAt: stamp,
    lines: invoice.rows.map(({ line, pieces, minor }, index) => ({
      line: String(index + 1),
      purchaseOrder: order,
      purchaseOrderLine: line,
      ...(pieces === null ? {} : { quantity: { value: String(pieces), unit: piece } }),
      amount: money(minor, invoice.currency),
    })),
  };
}
