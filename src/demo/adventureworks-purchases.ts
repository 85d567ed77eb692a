import { multiply, type Decimal } from '#base/decimal';
import { roundedMoney } from '#base/money';
import { currency, priceOf } from '#demo/adventureworks-codes';
import { day, figure, grouped, readTable, spread, text, type Row } from '#demo/adventureworks-table';
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
  readonly codes: ReadonlyMap<string, string>;
  readonly details: readonly Row[];
  readonly parts: readonly PlantPart[];
  readonly limit: number | undefined;
}

/** Orders with their lines, in the order of the tables. Quantities are in the part's base unit: lines name no unit, and what is stocked goes to inventory as it is. */
export function readPurchases(folder: string, { codes, details, parts, limit }: PurchaseGround): PurchaseHistory[] {
  const lines = grouped(details, 'PurchaseOrderID');
  const units = new Map(parts.map(({ code, unit }) => [code, unit]));
  return spread(readTable(folder, 'PurchaseOrderHeader'), limit).map((row) => {
    const number = text(row, 'PurchaseOrderID');
    const shippedOn = day(row, 'ShipDate');
    const status = Number(text(row, 'Status'));
    return {
      number,
      vendor: text(row, 'VendorID'),
      buyer: text(row, 'EmployeeID'),
      status: statuses[status as keyof typeof statuses], // The table has 1 to 4 only; a check in the test holds it.
      orderedOn: day(row, 'OrderDate') ?? '',
      ...(shippedOn === undefined ? {} : { shippedOn }),
      subTotal: figure(row, 'SubTotal'),
      tax: figure(row, 'TaxAmt'),
      freight: figure(row, 'Freight'),
      lines: (lines.get(number) ?? []).map((line) => {
        const part = codes.get(text(line, 'ProductID')) ?? '';
        const unitPrice = figure(line, 'UnitPrice');
        const received = figure(line, 'ReceivedQty');
        return {
          line: text(line, 'PurchaseOrderDetailID'),
          part,
          unit: units.get(part) ?? 'EA',
          quantity: figure(line, 'OrderQty'),
          ...priceOf(unitPrice),
          dueOn: day(line, 'DueDate') ?? '',
          received,
          rejected: figure(line, 'RejectedQty'),
          stocked: figure(line, 'StockedQty'),
          receivedMinor: roundedMoney(multiply(received, unitPrice), currency).minor,
        };
      }),
    };
  });
}
