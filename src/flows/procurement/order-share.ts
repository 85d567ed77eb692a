import { add, compare, subtract } from '#base/decimal';
import { extend, moneyText } from '#base/money';
import { sameUnit } from '#base/quantity';
import { converted, recordOf } from '#flows/part-quantity';
import type { ProcurementInput } from '#flows/procurement/flow';
import type { Trouble } from '#flows/procurement/holding';
import { nothing, type Position } from '#flows/procurement/position';
import type { Amount, OrderLine, OrderShare, OrderState, UnitOf } from '#flows/procurement/state';

/** What stands of one order line, and how it is called. */
export interface Share {
  readonly share: OrderShare;
  readonly position: Position;
  readonly currency: string | null;
  readonly word: 'ordered' | 'partly received' | 'received' | 'invoiced' | 'settled' | 'deleted';
}

/** A value, or why the line cannot be carried forward. */
export type Carried<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly trouble: Trouble };

const carried = <T>(value: T): Carried<T> => ({ ok: true, value });
const stuck = (kind: string, text: string, owner: string): Carried<never> => ({ ok: false, trouble: { kind, text, owner } });

/** The cumulative truth of an order line from everything that is known of it. */
export function shareOf(input: ProcurementInput, state: OrderState, number: string, line: OrderLine): Carried<Share> {
  if (line.price && line.price.minor < 0) return stuck('price', `a price of ${moneyText(line.price)} is below zero`, 'buyer');
  const received = receivedOf(input, state, number, line);
  if (!received.ok) return received;
  const invoiced = invoicedOf(input, state, number, line);
  if (!invoiced.ok) return invoiced;
  const negative = negativeOf(line, received.value.quantity, invoiced.value);
  if (negative) return { ok: false, trouble: negative };
  const currency = line.price?.currency ?? invoiced.value.currency ?? state.currency;
  if (line.price && invoiced.value.currency !== null && invoiced.value.currency !== line.price.currency) {
    return stuck(
      'currency',
      `ordered in ${line.price.currency} and invoiced in ${invoiced.value.currency}: amounts of different currencies are never added; post the invoice in the order's currency or correct the order`,
      'accounts-payable',
    );
  }
  return carried(assemble(state, number, line, { ...received.value, invoiced: invoiced.value, currency }));
}

interface Cumulative {
  readonly quantity: string;
  readonly complete: boolean;
  readonly invoiced: Invoiced;
  readonly currency: string | null;
}

interface Invoiced {
  readonly quantity: string;
  readonly minor: number;
  readonly currency: string | null;
  readonly final: boolean;
  /** True where no invoice line said a quantity: amounts then stand for it. */
  readonly byValue: boolean;
}

function negativeOf(line: OrderLine, received: string, invoiced: Invoiced): Trouble | undefined {
  const unit = line.unit.code;
  if (compare(line.quantity, '0') < 0) return { kind: 'quantity', owner: 'buyer', text: `a quantity of ${line.quantity} ${unit} cannot be ordered` };
  if (compare(received, '0') < 0)
    return {
      kind: 'takenBack',
      owner: 'buyer',
      text: `receipts come to ${received} ${unit}: more was taken back than came in, or the receipt that was taken back is not read yet`,
    };
  if (compare(invoiced.quantity, '0') < 0 || invoiced.minor < 0)
    return {
      kind: 'credited',
      owner: 'accounts-payable',
      text: `invoices come to ${invoiced.quantity} ${unit}: more was credited than invoiced, or the invoice that was credited is not read yet`,
    };
  return undefined;
}

function assemble(
  state: OrderState,
  number: string,
  line: OrderLine,
  { quantity: received, complete: receiptComplete, invoiced, currency }: Cumulative,
): Share {
  const deleted = line.deleted || state.cancelled;
  const complete = line.complete || receiptComplete;
  const done = compare(received, invoiced.quantity) > 0 ? received : invoiced.quantity;
  const quantity = deleted ? done : line.quantity;
  const final =
    line.final ||
    invoiced.final ||
    (!invoiced.byValue && compare(quantity, '0') > 0 && compare(invoiced.quantity, quantity) >= 0 && compare(invoiced.quantity, received) >= 0);
  const value = (amount: string): number => (line.price && compare(amount, '0') > 0 ? extend(line.price, amount, line.pricePer).minor : 0);
  const position = nothing();
  const closed = deleted || complete || final;
  if (invoiced.byValue) {
    position.received = final ? 0 : Math.max(0, value(received) - invoiced.minor);
    position.ordered = closed ? 0 : Math.max(0, value(quantity) - Math.max(value(received), invoiced.minor));
  } else {
    position.received = final ? 0 : value(subtract(received, invoiced.quantity));
    position.ordered = closed ? 0 : value(subtract(quantity, done));
  }
  position[final ? 'settled' : 'invoiced'] = invoiced.minor;
  const share: OrderShare = {
    order: state.number,
    orderLine: number,
    requisition: line.requisition ?? '',
    requisitionLine: line.requisitionLine ?? '',
    line: '',
    toStock: false,
    quantity,
    unit: { ...line.unit },
    received,
    invoiced: invoiced.quantity,
    complete,
    deleted,
    final,
    promisedOn: line.promisedOn,
    chargedTo: line.chargedTo,
    currency,
    position,
    receivedMinor: value(received),
    invoicedMinor: invoiced.minor,
  };
  return { share, position, currency, word: wordOf(share) };
}

function wordOf({ deleted, final, invoiced, received, quantity, complete, invoicedMinor }: OrderShare): Share['word'] {
  if (final) return 'settled';
  if (deleted) return 'deleted';
  if (complete || (compare(received, '0') > 0 && compare(received, quantity) >= 0))
    return compare(invoiced, '0') > 0 || invoicedMinor > 0 ? 'invoiced' : 'received';
  return compare(received, '0') > 0 ? 'partly received' : 'ordered';
}

function receivedOf(input: ProcurementInput, state: OrderState, number: string, line: OrderLine): Carried<{ quantity: string; complete: boolean }> {
  let quantity = '0';
  let complete = false;
  let any = false;
  for (const receipt of Object.values(state.receipts)) {
    for (const row of receipt.lines) {
      if (row.orderLine !== number) continue;
      const same = inOrderUnit(input, row.quantity, row.unit, line);
      if (!same.ok) return same;
      any = true;
      quantity = add(quantity, same.value);
      complete ||= row.complete && compare(row.quantity, '0') > 0;
    }
  }
  return carried({ quantity: any ? quantity : (line.received ?? '0'), complete: complete && compare(quantity, '0') > 0 });
}

function invoicedOf(input: ProcurementInput, state: OrderState, number: string, line: OrderLine): Carried<Invoiced> {
  let quantity = '0';
  let total: Amount | undefined;
  let final = false;
  let byValue = true;
  for (const invoice of Object.values(state.invoices)) {
    if (invoice.reversed) continue;
    for (const row of invoice.lines) {
      if (row.orderLine !== number) continue;
      if (total && total.currency !== row.amount.currency)
        return stuck(
          'currency',
          `invoiced in ${total.currency} and in ${row.amount.currency}: amounts of different currencies are never added; correct one of the invoices`,
          'accounts-payable',
        );
      total = { minor: (total?.minor ?? 0) + row.amount.minor, currency: row.amount.currency };
      final ||= row.final;
      if (row.quantity === null || row.unit === null) continue;
      const same = inOrderUnit(input, row.quantity, row.unit, line);
      if (!same.ok) return same;
      // A credit note says its quantity without a sign, as the paper does; its amount has one.
      const signed = row.amount.minor < 0 && compare(same.value, '0') > 0 ? subtract('0', same.value) : same.value;
      if (compare(signed, '0') !== 0) byValue = false;
      quantity = add(quantity, signed);
    }
  }
  return carried({ quantity, minor: total?.minor ?? 0, currency: total?.currency ?? null, final, byValue: byValue && total !== undefined });
}

function inOrderUnit({ facts, sides }: ProcurementInput, value: string, unit: UnitOf, line: OrderLine): Carried<string> {
  if (sameUnit(unit, line.unit)) return carried(value);
  const part = line.part === null ? undefined : recordOf(facts, 'part', line.part, sides.finance);
  if (!part)
    return stuck(
      'unit',
      `ordered in ${line.unit.code} and received or invoiced in ${unit.code}, with no part that could say how they convert`,
      'master-data-owner',
    );
  const result = converted({ value, unit }, line.unit, part);
  return result.ok ? carried(result.value.value) : stuck('unit', result.problem, result.owner);
}
