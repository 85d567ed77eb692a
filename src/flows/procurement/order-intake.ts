import { stampOf } from '#flows/cost-object';
import type { ProcurementInput } from '#flows/procurement/flow';
import type { Link, OrderState } from '#flows/procurement/state';
import type { RecordOf } from '#model/records';

/** Takes in what an event says; false where it is older than what is known, or says nothing of orders. */
export const takeIn = (input: ProcurementInput, state: OrderState): boolean => intake[input.event.kind]?.(input, state) ?? false;

const intake: { readonly [kind: string]: (input: ProcurementInput, state: OrderState) => boolean } = {
  'purchaseOrder.snapshot': orderSnapshot,
  'purchaseOrder.removed': ({ event, plan }, state) => {
    state.cancelled = true;
    plan.note(`order ${state.number} no longer exists in ${event.source}: its lines count as deleted`);
    return true;
  },
  'goodsReceipt.snapshot': receiptSnapshot,
  'supplierInvoice.snapshot': invoiceSnapshot,
  'order.linked': ({ event, plan }, state) => {
    const link = event.data['link'] as unknown as Link; // Written by this flow's requisition lanes.
    state.links[String(event.data['orderLine'])] = { ...link };
    plan.note(`order line ${String(event.data['orderLine'])} comes from requisition ${link.requisition} line ${link.requisitionLine} of ${link.lane}`);
    return true;
  },
};

function orderSnapshot({ event, plan }: ProcurementInput, state: OrderState): boolean {
  const record = event.data['record'] as unknown as RecordOf<'purchaseOrder'>; // Parsed by the model's schema when it came in.
  const stamp = stampOf(record.changedAt, event.at);
  if (stamp < state.seen) {
    plan.note(`superseded: order ${record.number ?? event.object} of ${stamp} is older than ${state.seen}`);
    return false;
  }
  state.seen = stamp;
  state.number = record.number ?? event.object;
  state.currency = record.currency ?? state.currency;
  state.cancelled = record.state === 'cancelled';
  const before = state.lines;
  state.lines = {};
  for (const line of record.lines) {
    state.lines[line.line] = {
      quantity: line.quantity.value,
      unit: { ...line.quantity.unit },
      price: line.price ? { ...line.price } : null,
      pricePer: line.pricePer ?? '1',
      promisedOn: line.promisedOn ?? null,
      deleted: line.deleted === true,
      complete: line.complete === true,
      final: line.finallyInvoiced === true,
      part: line.part ?? null,
      requisition: line.requisition ?? null,
      requisitionLine: line.requisitionLine ?? null,
      received: line.received ?? null,
      costCentre: line.account?.costCentre ?? '',
      chargedTo: line.account?.order === undefined && line.account?.fixedAsset === undefined ? (line.account?.costCentre ?? '') : '',
    };
  }
  for (const [number, line] of Object.entries(before)) if (!state.lines[number]) state.lines[number] = { ...line, deleted: true };
  plan.note(`order ${state.number}: ${record.lines.length} lines${record.state === undefined ? '' : `, ${record.state}`}`);
  return true;
}

function receiptSnapshot({ event, plan }: ProcurementInput, state: OrderState): boolean {
  const record = event.data['record'] as unknown as RecordOf<'goodsReceipt'>; // Parsed by the model's schema when it came in.
  const number = record.number ?? event.object;
  const stamp = stampOf(record.changedAt, event.at);
  if (stamp < (state.receipts[number]?.seen ?? '')) {
    plan.note(`superseded: goods receipt ${number} of ${stamp} is older than what is known`);
    return false;
  }
  state.receipts[number] = {
    seen: stamp,
    ...(record.reverses === undefined ? {} : { reverses: record.reverses }),
    lines: record.lines.map(({ purchaseOrderLine, quantity, direction, complete }) => ({
      orderLine: purchaseOrderLine ?? '',
      quantity: direction === 'in' ? quantity.value : negated(quantity.value),
      unit: { ...quantity.unit },
      complete: complete === true,
    })),
  };
  plan.note(
    `goods receipt ${number}${record.reverses === undefined ? '' : ` takes back ${record.reverses}`}: ${record.lines.map(({ quantity, direction, purchaseOrderLine }) => `${direction === 'in' ? '' : '-'}${quantity.value} ${quantity.unit.code} of line ${purchaseOrderLine ?? 'unknown'}`).join(', ')}`,
  );
  for (const [at, line] of record.lines.entries())
    documentRow({ event, plan }, state, {
      kind: 'goodsReceipt',
      number,
      line: line.line,
      orderLine: line.purchaseOrderLine ?? '',
      state: record.reverses === undefined && line.direction === 'in' ? 'posted' : 'reversal',
      text: `${line.quantity.value} ${line.quantity.unit.code}`,
      amount: line.value,
      at,
    });
  return true;
}

const negated = (value: string): string => (value.startsWith('-') ? value.slice(1) : /^\+?0*(\.0*)?$/.test(value) ? '0' : `-${value.replace(/^\+/, '')}`);

function invoiceSnapshot({ event, plan }: ProcurementInput, state: OrderState): boolean {
  const record = event.data['record'] as unknown as RecordOf<'supplierInvoice'>; // Parsed by the model's schema when it came in.
  const number = record.number ?? event.object;
  const stamp = stampOf(record.changedAt, event.at);
  if (stamp < (state.invoices[number]?.seen ?? '')) {
    plan.note(`superseded: supplier invoice ${number} of ${stamp} is older than what is known`);
    return false;
  }
  // A reversal that names its invoice cancels it; the pair counts for nothing, whichever came first.
  const reversed = record.reversed === true || record.reverses !== undefined || Object.hasOwn(reversalsOf(state), number);
  state.invoices[number] = {
    seen: stamp,
    reversed,
    lines: record.lines.map(({ purchaseOrderLine, quantity, amount, final }) => ({
      orderLine: purchaseOrderLine ?? '',
      quantity: quantity?.value ?? null,
      unit: quantity ? { ...quantity.unit } : null,
      amount: { ...amount },
      final: final === true,
    })),
    ...(record.reverses === undefined ? {} : { reverses: record.reverses }),
  };
  const taken = record.reverses === undefined ? undefined : state.invoices[record.reverses];
  if (taken) taken.reversed = true;
  plan.note(
    `supplier invoice ${number}${record.reverses === undefined ? '' : ` takes back ${record.reverses}`}${record.reversed === true ? ' is reversed' : ''}: ${record.lines.length} lines`,
  );
  for (const [at, line] of record.lines.entries())
    documentRow({ event, plan }, state, {
      kind: 'supplierInvoice',
      number,
      line: line.line,
      orderLine: line.purchaseOrderLine ?? '',
      state: reversed ? 'reversed' : 'posted',
      text: line.quantity ? `${line.quantity.value} ${line.quantity.unit.code}` : 'amount only',
      amount: line.amount,
      at,
    });
  return true;
}

const reversalsOf = (state: OrderState): { readonly [number: string]: true } =>
  Object.fromEntries(Object.values(state.invoices).flatMap(({ reverses }) => (reverses === undefined ? [] : [[reverses, true as const]])));

interface DocumentPart {
  readonly kind: 'goodsReceipt' | 'supplierInvoice';
  readonly number: string;
  readonly line: string;
  readonly orderLine: string;
  readonly state: string;
  readonly text: string;
  readonly amount: { readonly minor: number; readonly currency: string } | undefined;
  readonly at: number;
}

function documentRow(
  { event, plan }: Pick<ProcurementInput, 'event' | 'plan'>,
  state: OrderState,
  { kind, number, line, orderLine, state: word, text, amount }: DocumentPart,
): void {
  const link = state.links[orderLine];
  plan.document({
    kind,
    system: event.source,
    id: number,
    line,
    parent: event.lane,
    state: word,
    text,
    minor: amount?.minor ?? null,
    currency: amount?.currency ?? null,
    ...(link ? { thread: link.thread } : {}),
  });
}
