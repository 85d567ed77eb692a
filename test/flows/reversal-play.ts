import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import { costs } from '#flows/costs/flow';
import { procurement } from '#flows/procurement/flow';
import { stock } from '#flows/stock/flow';
import { projection } from '#flows/stock/projection';
import type { StockFlowState } from '#flows/stock/state';
import { FlowDriver } from '#flows/testing';

const pc = { system: 'sap', code: 'PC' };
const eur = (minor: number) => ({ minor, currency: 'EUR' });
const workLane = 'workOrder/cmms.7';
const stockLane = 'stock/erp.FILTER@erp.ST01';
const orderLane = 'purchaseOrder/erp.4500';
const opening = 100;

const statuses = ['inProgress', 'closed', 'inProgress', 'cancelled'] as const;
type Status = (typeof statuses)[number];

/** One thing that people, buyers or systems do. */
const stepOf = fc.oneof(
  fc.record({ do: fc.constant('use' as const), line: fc.constantFrom('1', '2'), quantity: fc.nat(4) }),
  fc.record({ do: fc.constant('work' as const), line: fc.constantFrom('1', '2'), hours: fc.constantFrom('0', '1', '2.25', '8') }),
  fc.record({ do: fc.constant('status' as const), status: fc.constantFrom(...statuses) }),
  fc.record({ do: fc.constant('order' as const), quantity: fc.integer({ min: 1, max: 4 }), price: fc.constantFrom(8000, 9000) }),
  fc.record({ do: fc.constantFrom('receive' as const, 'sendBack' as const), quantity: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('invoice' as const), quantity: fc.integer({ min: 1, max: 3 }), minor: fc.integer({ min: 1, max: 30_000 }) }),
  fc.record({ do: fc.constantFrom('takeBack' as const, 'reverseInvoice' as const, 'period' as const) }),
  fc.record({ do: fc.constant('answer' as const), outcome: fc.constantFrom('applied' as const, 'applied' as const, 'failed' as const) }),
  fc.record({ do: fc.constant('deliver' as const), at: fc.nat(9), keep: fc.boolean() }),
);
export type Step = typeof stepOf extends fc.Arbitrary<infer S> ? S : never;

export const caseOf = fc.record({
  moment: fc.constantFrom('perConfirmation', 'atClose', 'periodic'),
  steps: fc.array(stepOf, { maxLength: 30 }),
});

/** A work order with a contractor, parts and hours, its order in finance, and everything that was posted for it. */
class Play {
  readonly driver: FlowDriver;
  readonly #issues = new Map<string, number>();
  readonly #labour = new Map<string, string>();
  readonly #receipts: { number: string; quantity: number; out: boolean; takenBack: boolean }[] = [];
  readonly #invoices: { number: string; record: JsonObject; reversed: boolean }[] = [];
  #status: Status = 'inProgress';
  #order: { quantity: number; price: number; deleted: boolean } | undefined;
  #n = 0;
  #counted = 0;
  readonly #accounts = new Map<string, number>();

  constructor(moment: string) {
    this.driver = new FlowDriver({ flows: [{ flow: procurement }, { flow: stock, policy: { settleSeconds: 0 } }, { flow: costs, policy: { moment } }] });
    this.driver.know('part', 'erp.FILTER', 'erp', { code: 'FILTER', name: 'Filter', baseUnit: pc, stocked: true });
    this.driver.know('employee', 'erp.ANN', 'erp', { code: 'ANN', name: 'Ann' });
    this.driver.facts.set('rates/erp.ANN', { rates: [{ validFrom: '2026-01-01', rate: eur(4250) }] });
    this.driver.snapshot('stockLevel', stockLane, { part: 'erp.FILTER', storeroom: 'erp.ST01', onHand: { value: String(opening), unit: pc } });
    this.#tellWork();
  }

  step(step: Step): void {
    switch (step.do) {
      case 'use':
        this.#issues.set(step.line, step.quantity);
        return this.#tellWork();
      case 'work':
        this.#labour.set(step.line, step.hours);
        return this.#tellWork();
      case 'status':
        this.#status = step.status;
        return this.#tellWork();
      case 'order':
        this.#order = { quantity: step.quantity, price: step.price, deleted: false };
        return this.#tellOrder();
      case 'receive':
      case 'sendBack':
        return this.#receive(step.quantity, step.do === 'sendBack');
      case 'takeBack':
        return this.#takeBack();
      case 'invoice':
        return this.#invoice(step.quantity, step.minor);
      case 'reverseInvoice':
        return this.#reverseInvoice();
      case 'period':
        if (this.driver.expectations.has(`${workLane}|costs/period`)) this.driver.overdue('costs/period');
        return;
      case 'answer':
        return this.answer(step.outcome);
      case 'deliver':
        if (this.driver.waiting.length > 0) this.driver.deliver(step.at % this.driver.waiting.length, step.keep);
    }
  }

  /** Everything is taken back by opposite documents, and every answer and message arrives. */
  undo(): void {
    this.#quiet();
    for (const line of this.#issues.keys()) this.#issues.set(line, 0);
    for (const line of this.#labour.keys()) this.#labour.set(line, '0');
    this.#tellWork();
    while (this.#receipts.some(({ takenBack }) => !takenBack)) this.#takeBack();
    while (this.#invoices.some(({ reversed }) => !reversed)) this.#reverseInvoice();
    if (this.#order) {
      this.#order.deleted = true;
      this.#tellOrder();
    }
    this.#status = 'cancelled';
    this.#tellWork();
    this.#quiet();
  }

  /** Debits are credits by construction of an entry; here: no account but `need` ever falls below zero (I5). */
  checkBooks(): void {
    for (const { workOrder, costCentre, debit, credit, amount } of this.driver.entries.slice(this.#counted))
      for (const [account, sign] of [[debit, 1] as const, [credit, -1] as const]) {
        const key = `${workOrder}|${costCentre}|${amount.currency}|${account}`;
        const value = (this.#accounts.get(key) ?? 0) + sign * amount.minor;
        this.#accounts.set(key, value);
        assert.ok(value >= 0 || account === 'need', `I5: ${key} falls to ${value}`);
      }
    this.#counted = this.driver.entries.length;
  }

  checkNothingLeft(): void {
    for (const [key, minor] of this.#accounts) assert.equal(minor, 0, `I8: ${key} keeps ${minor}`);
    const noted = this.driver.sent
      .filter(({ operation }) => operation.record === 'workOrderCost')
      .reduce((total, { operation }) => total + (operation.draft['amount'] as { minor: number }).minor, 0);
    assert.equal(noted, 0, 'I6: the work order keeps actual cost');
    for (const record of ['goodsIssue', 'costPosting']) {
      const left = this.driver.sent.filter(({ operation }) => operation.record === record).reduce((total, { operation }) => total + signed(operation), 0);
      assert.equal(left, 0, `I8: ${record} keeps ${left}`);
    }
    const book = (this.driver.state('stock', stockLane) as StockFlowState).stock;
    assert.equal(book && projection(book), String(opening), 'I7: on hand is what it was');
    for (const { operation } of this.driver.sent.filter(({ operation: one }) => one.verb === 'create' && one.record === 'costPosting'))
      assert.ok(compareDocuments(this.driver, operation.chain ?? '') <= 1, 'at most one document of a line stands');
  }

  answer(outcome: 'applied' | 'failed'): void {
    const sent = this.driver.sent.find((one) => one.outcome === 'open' || one.outcome === 'failed');
    if (!sent) return;
    const { record, verb, draft } = sent.operation;
    const id = record === 'purchaseRequisition' && verb === 'create' ? '100' : `D${(this.#n += 1)}`;
    const quantity = Number((draft['lines'] as { quantity?: { value: string } }[] | undefined)?.[0]?.quantity?.value ?? '0');
    this.driver.answerTo(sent, outcome, record === 'goodsIssue' ? { id, data: { value: eur(1500 * quantity) } } : { id });
  }

  #quiet(): void {
    for (let limit = 1000; limit > 0; limit--) {
      this.driver.settle();
      if (this.driver.sent.some(({ outcome }) => outcome === 'open' || outcome === 'failed')) this.answer('applied');
      else if (this.driver.expectations.has(`${workLane}|costs/period`)) this.driver.overdue('costs/period');
      else return;
    }
    assert.fail('it does not come to rest');
  }

  #stamp(): string {
    return new Date(Date.UTC(2026, 2, 3) + (this.#n += 1) * 1000).toISOString();
  }

  #tellWork(): void {
    this.driver.snapshot('workOrder', workLane, {
      number: '7',
      title: 'Pump',
      status: this.#status === 'inProgress' ? 'inProgress' : this.#status,
      costCentre: 'erp.4310',
      plannedLines: [{ line: '9', kind: 'service', text: 'Crane', quantity: { value: '2', unit: pc }, estimatedPrice: eur(8000), autoRequest: true }],
      issues: [...this.#issues].map(([line, value]) => ({ line, part: 'erp.FILTER', storeroom: 'erp.ST01', quantity: { value: String(value), unit: pc } })),
      labour: [...this.#labour].map(([line, hours]) => ({ line, employee: 'erp.ANN', hours, workedOn: '2026-03-02' })),
      changedAt: this.#stamp(),
    });
  }

  #tellOrder(): void {
    if (!this.#order) return;
    const { quantity, price, deleted } = this.#order;
    this.driver.snapshot('purchaseOrder', orderLane, {
      number: '4500',
      lines: [{ line: '10', quantity: { value: String(quantity), unit: pc }, price: eur(price), requisition: '100', requisitionLine: '10', deleted }],
      changedAt: this.#stamp(),
    });
  }

  #receive(quantity: number, out: boolean, reverses?: string): void {
    const standing = this.#receipts.reduce((total, one) => total + (one.takenBack ? 0 : one.out ? -one.quantity : one.quantity), 0);
    if (out && reverses === undefined && standing < quantity) return;
    const number = `R${(this.#n += 1)}`;
    this.#receipts.push({ number, quantity, out, takenBack: reverses !== undefined });
    this.driver.snapshot(
      'goodsReceipt',
      orderLane,
      {
        number,
        postedOn: '2026-03-05',
        ...(reverses === undefined ? {} : { reverses }),
        lines: [{ line: '1', purchaseOrder: '4500', purchaseOrderLine: '10', quantity: { value: String(quantity), unit: pc }, direction: out ? 'out' : 'in' }],
        changedAt: this.#stamp(),
      },
      { object: number },
    );
  }

  /** The opposite of the newest receipt or return that stands. */
  #takeBack(): void {
    const last = this.#receipts.findLast(({ takenBack }) => !takenBack);
    if (!last) return;
    last.takenBack = true;
    this.#receive(last.quantity, !last.out, last.number);
  }

  #invoice(quantity: number, minor: number): void {
    const number = `V${(this.#n += 1)}`;
    const record = {
      number,
      postedOn: '2026-03-06',
      lines: [{ line: '1', purchaseOrder: '4500', purchaseOrderLine: '10', quantity: { value: String(quantity), unit: pc }, amount: eur(minor) }],
    };
    this.#invoices.push({ number, record, reversed: false });
    this.driver.snapshot('supplierInvoice', orderLane, { ...record, changedAt: this.#stamp() }, { object: number });
  }

  /** By a mark on the invoice, or by a document that takes it back. */
  #reverseInvoice(): void {
    const last = this.#invoices.findLast(({ reversed }) => !reversed);
    if (!last) return;
    last.reversed = true;
    const number = `${last.number}B`;
    if (this.#n % 2 === 0)
      this.driver.snapshot('supplierInvoice', orderLane, { ...(last.record as never as object), reversed: true, changedAt: this.#stamp() } as never, {
        object: last.number,
      });
    else
      this.driver.snapshot(
        'supplierInvoice',
        orderLane,
        { ...(last.record as never as object), number, reverses: last.number, changedAt: this.#stamp() } as never,
        { object: number },
      );
  }
}

/** Quantity of a movement, or amount of a posting, with its sign. */
function signed({ record, verb, draft, money }: FlowDriver['sent'][number]['operation']): number {
  if (record === 'costPosting') return (verb === 'reverse' ? -1 : 1) * (money?.minor ?? 0);
  const [line] = draft['lines'] as { quantity: { value: string }; direction: string }[];
  return (line?.direction === 'in' ? -1 : 1) * Number(line?.quantity.value ?? '0');
}

const compareDocuments = (driver: FlowDriver, chain: string): number =>
  driver.sent
    .filter(({ operation, outcome }) => operation.chain === chain && outcome === 'applied')
    .reduce((total, { operation }) => total + (operation.verb === 'create' ? 1 : -1), 0);

/** Plays one case: the books are looked at after every step, and after everything was taken back nothing may be left of it. */
export function playReversal({ moment, steps }: typeof caseOf extends fc.Arbitrary<infer C> ? C : never): void {
  const play = new Play(moment);
  for (const step of steps) {
    play.step(step);
    play.checkBooks();
  }
  play.undo();
  play.checkBooks();
  play.checkNothingLeft();
}
