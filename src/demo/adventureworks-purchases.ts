import { compare, multiply, subtract, type Decimal } from '#base/decimal';
import { roundedMoney } from '#base/money';
import { currency, priceOf } from '#demo/adventureworks-codes';
import { amount, badRow, day, dayOf, figure, grouped, readTable, spread, text, type Row } from '#demo/adventureworks-table';
import type { PlantPart } from '#demo/plant-data';

const statuses = { 1: 'pending', 2: 'approved', 3: 'rejected', 4: 'complete' } as const;

/** A purchase order of the past with what came in, what was sent back and what went to the shelves. */
export interface PurchaseHistory {
  readonly number: string;
  readonly vendor: string;
  readonly buyer: string;
  readonly status: (typeof statuses)[keyof typeof statuses];
  readonly orderedOn: string;
  readonly shippedOn?: string;
  readonly subTotal: Decimal;
  readonly tax: Decimal;
  readonly freight: Decimal;
  readonly lines: readonly PurchaseLine[];
}

export interface PurchaseLine {
  readonly line: string;
  readonly part: string;
  readonly unit: string;
  readonly quantity: Decimal;
  /** Two places, for `pricePer` pieces. */
  readonly price: Decimal;
  readonly pricePer: Decimal;
  readonly dueOn: string;
  readonly received: Decimal;
  readonly rejected: Decimal;
  readonly stocked: Decimal;
  /** Received quantity x unit price, in minor units, rounded once. */
  readonly receivedMinor: number;
}

interface PurchaseGround {
  /** The part number of the product that a column names. */
  codeOf(row: Row, column: string): string;
  readonly details: readonly Row[];
  readonly parts: readonly PlantPart[];
  readonly limit: number | undefined;
}

/** Orders with their lines, in the order of the tables. Quantities are in the part's base unit: lines name no unit, and what is stocked goes to inventory as it is. */
export function readPurchases(folder: string, { codeOf, details, parts, limit }: PurchaseGround): PurchaseHistory[] {
  const lines = grouped(details, 'PurchaseOrderID');
  const units = new Map(parts.map(({ code, unit }) => [code, unit]));
  return spread(readTable(folder, 'PurchaseOrderHeader'), limit).map((row) => {
    const number = text(row, 'PurchaseOrderID');
    const shippedOn = day(row, 'ShipDate');
    const status = text(row, 'Status');
    if (!Object.hasOwn(statuses, status)) throw badRow(row, `Status ${status} is not one of ${Object.keys(statuses).join(', ')}`);
    return {
      number,
      vendor: text(row, 'VendorID'),
      buyer: text(row, 'EmployeeID'),
      status: statuses[status as unknown as keyof typeof statuses], // Just seen to be one of its keys.
      orderedOn: dayOf(row, 'OrderDate'),
      ...(shippedOn === undefined ? {} : { shippedOn }),
      subTotal: figure(row, 'SubTotal'),
      tax: figure(row, 'TaxAmt'),
      freight: figure(row, 'Freight'),
      lines: (lines.get(number) ?? []).map((line) => {
        const part = codeOf(line, 'ProductID');
        const unitPrice = amount(line, 'UnitPrice');
        const [received, rejected, stocked] = [amount(line, 'ReceivedQty'), amount(line, 'RejectedQty'), amount(line, 'StockedQty')];
        if (compare(stocked, subtract(received, rejected)) !== 0)
          throw badRow(line, `StockedQty is ${stocked}, but ${received} were received and ${rejected} of them rejected`);
        return {
          line: text(line, 'PurchaseOrderDetailID'),
          part,
          unit: units.get(part) ?? 'EA',
          quantity: amount(line, 'OrderQty'),
          ...priceOf(unitPrice),
          dueOn: dayOf(line, 'DueDate'),
          received,
          rejected,
          stocked,
          receivedMinor: roundedMoney(multiply(received, unitPrice), currency).minor,
        };
      }),
    };
  });
}
