import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { procurement } from '#flows/procurement/flow';
import { FlowDriver } from '#flows/testing';

const pc = { system: 'sap', code: 'PC' };
const eur = (minor: number, currency = 'EUR') => ({ minor, currency });
const woLane = 'workOrder/cmms.7';
const prLane = 'purchaseRequisition/erp.100';
const poLane = 'purchaseOrder/erp.4500';
const book = 'cmms.7|erp.4310|EUR';

/** One chain of documents for two bearings at 80.00, with a finance side that can be moved by hand. */
class Chain {
  readonly driver: FlowDriver;
  #n = 0;
  quantity = '2';
  price = 8000;
  currency = 'EUR';
  orderPart: object = {};
  received: string[] = [];

  constructor(policy: JsonObject = {}, stocked = false) {
    this.driver = new FlowDriver({ flows: [{ flow: procurement, policy }] });
    this.driver.know('part', 'erp.BEARING', 'erp', { code: 'BEARING', name: 'Bearing', baseUnit: pc, stocked, price: eur(8000) });
    this.driver.know('stockLevel', 'erp.BEARING@erp.ST01', 'erp', { part: 'erp.BEARING', storeroom: 'erp.ST01', onHand: { value: '0', unit: pc } });
  }

  release(quantity = '2', more: object = {}): void {
    this.driver.snapshot('workOrder', woLane, {
      number: '7',
      title: 'Pump',
      status: 'released',
      priority: 'high',
      costCentre: 'erp.4310',
      plannedLines: [{ line: '1', part: 'erp.BEARING', storeroom: 'erp.ST01', quantity: { value: quantity, unit: pc }, autoRequest: true }],
      changedAt: this.stamp(),
      ...more,
    } as never);
  }

  stamp(): string {
    return new Date(Date.UTC(2026, 2, 3) + (this.#n += 1) * 1000).toISOString();
  }

  create(): void {
    if (this.driver.open().some(({ operation }) => operation.intent === 'requisition/1'))
      this.driver.answer({ intent: 'requisition/1' }, 'applied', { id: '100' });
  }

  requisition(state: string, more: object = {}, changedAt = this.stamp()): Reason[] {
    return this.driver.snapshot('purchaseRequisition', prLane, {
      number: '100',
      lines: [{ line: '10', part: 'erp.BEARING', quantity: { value: '2', unit: pc }, price: eur(8000), state, ...more } as never],
      changedAt,
    });
  }

  order(more: object = {}, changedAt = this.stamp()): void {
    this.orderPart = { ...this.orderPart, ...more };
    this.driver.snapshot('purchaseOrder', poLane, {
      number: '4500',
      currency: this.currency,
      lines: [
        {
          line: '10',
          part: 'erp.BEARING',
          quantity: { value: this.quantity, unit: pc },
          price: eur(this.price, this.currency),
          requisition: '100',
          requisitionLine: '10',
          ...this.orderPart,
        } as never,
      ],
      changedAt,
    });
  }

  receive(number: string, quantity: string, reverses?: string): void {
    this.driver.snapshot(
      'goodsReceipt',
      poLane,
      {
        number,
        postedOn: '2026-03-05',
        ...(reverses ? { reverses } : {}),
        lines: [{ line: '1', purchaseOrder: '4500', purchaseOrderLine: '10', quantity: { value: quantity, unit: pc }, direction: reverses ? 'out' : 'in' }],
        changedAt: this.stamp(),
      },
      { object: number },
    );
  }

  /** A return delivery: goods go out again, and no receipt is named. */
  sendBack(number: string, quantity: string): void {
    this.driver.snapshot(
      'goodsReceipt',
      poLane,
      {
        number,
        postedOn: '2026-03-06',
        lines: [{ line: '1', purchaseOrder: '4500', purchaseOrderLine: '10', quantity: { value: quantity, unit: pc }, direction: 'out' }],
        changedAt: this.stamp(),
      },
      { object: number },
    );
  }

  invoice(number: string, quantity: string | null, minor: number, more: object = {}, currency = this.currency): void {
    this.driver.snapshot(
      'supplierInvoice',
      poLane,
      {
        number,
        postedOn: '2026-03-06',
        lines: [
          {
            line: '1',
            purchaseOrder: '4500',
            purchaseOrderLine: '10',
            ...(quantity === null ? {} : { quantity: { value: quantity, unit: pc } }),
            amount: eur(minor, currency),
          },
        ],
        changedAt: this.stamp(),
        ...more,
      },
      { object: number },
    );
  }

  balance(): Record<string, number> {
    this.driver.settle();
    return Object.fromEntries([...(this.driver.balances().get(book) ?? [])].filter(([, minor]) => minor !== 0));
  }

  toOrder(): void {
    this.release();
    this.create();
    this.requisition('ordered', { purchaseOrder: '4500', purchaseOrderLine: '10' });
    this.order();
  }

  costs(): JsonObject[] {
    return this.driver.sent.filter(({ operation }) => operation.record === 'workOrderCost').map(({ operation }) => operation.draft['amount'] as JsonObject);
  }
}

describe('where the commitment stands after each step', () => {
  const rows: readonly { name: string; play: (chain: Chain) => void; balance: Record<string, number>; costs?: number[] }[] = [
    { name: 'nothing before the requisition exists', play: (chain) => chain.release(), balance: {} },
    { name: 'requested when finance has it (000-18)', play: (chain) => (chain.release(), chain.create()), balance: { need: -16000, requested: 16000 } },
    { name: 'rejected: all taken back', play: (chain) => (chain.release(), chain.create(), chain.requisition('rejected')), balance: {} },
    {
      name: 'rejected, then approved after all',
      play: (chain) => (chain.release(), chain.create(), chain.requisition('rejected'), chain.requisition('approved')),
      balance: { need: -16000, requested: 16000 },
    },
    { name: "ordered at the requisition's price", play: (chain) => chain.toOrder(), balance: { need: -16000, ordered: 16000 } },
    { name: 'ordered at a higher price', play: (chain) => (chain.toOrder(), (chain.price = 9000), chain.order()), balance: { need: -18000, ordered: 18000 } },
    { name: 'half of it ordered', play: (chain) => ((chain.quantity = '1'), chain.toOrder()), balance: { need: -16000, ordered: 8000, requested: 8000 } },
    { name: 'partly received', play: (chain) => (chain.toOrder(), chain.receive('5000', '1')), balance: { need: -16000, ordered: 8000, received: 8000 } },
    { name: 'over-received', play: (chain) => (chain.toOrder(), chain.receive('5000', '3')), balance: { need: -24000, received: 24000 } },
    {
      name: 'a receipt taken back',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '2'), chain.receive('5001', '2', '5000')),
      balance: { need: -16000, ordered: 16000 },
    },
    {
      name: 'returned to the vendor by a document of its own (000-47, contract 8)',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '2'), chain.sendBack('5001', '1')),
      balance: { need: -16000, ordered: 8000, received: 8000 },
    },
    {
      name: 'short delivery, declared complete',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '1'), chain.order({ complete: true })),
      balance: { need: -8000, received: 8000 },
    },
    {
      name: 'invoiced before anything is received',
      play: (chain) => (chain.toOrder(), chain.invoice('510', '1', 8000)),
      balance: { need: -16000, ordered: 8000, invoiced: 8000 },
      costs: [8000],
    },
    {
      name: 'invoiced in full at a higher price is settled with the variance (000-47, 001-11)',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '2'), chain.invoice('510', '2', 17000)),
      balance: { need: -17000, settled: 17000 },
      costs: [17000],
    },
    {
      name: 'several invoices add up',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '2'), chain.invoice('510', '1', 8000), chain.driver.settle(), chain.invoice('511', '1', 8100)),
      balance: { need: -16100, settled: 16100 },
      costs: [8000, 8100],
    },
    {
      name: 'a credit note takes part of it back',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '2'), chain.invoice('510', '2', 16000), chain.driver.settle(), chain.invoice('511', '1', -8000)),
      balance: { need: -16000, invoiced: 8000, received: 8000 },
      costs: [16000, -8000],
    },
    {
      name: 'an invoice reversed',
      play: (chain) => (
        chain.toOrder(),
        chain.receive('5000', '2'),
        chain.invoice('510', '2', 16000),
        chain.driver.settle(),
        chain.invoice('510', '2', 16000, { reversed: true })
      ),
      balance: { need: -16000, received: 16000 },
      costs: [16000, -16000],
    },
    {
      name: 'an invoice taken back by another, which came first',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '2'), chain.invoice('511', '2', 16000, { reverses: '510' }), chain.invoice('510', '2', 16000)),
      balance: { need: -16000, received: 16000 },
    },
    {
      name: 'a final invoice below the order releases the rest',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '1'), chain.invoice('510', '1', 7000), chain.order({ finallyInvoiced: true })),
      balance: { need: -7000, settled: 7000 },
    },
    {
      name: 'an amount without quantity stands for value',
      play: (chain) => (chain.toOrder(), chain.receive('5000', '2'), chain.invoice('510', null, 6000)),
      balance: { need: -16000, received: 10000, invoiced: 6000 },
    },
    {
      name: 'an order line deleted opens the requisition again',
      play: (chain) => (chain.toOrder(), chain.order({ deleted: true })),
      balance: { need: -16000, requested: 16000 },
    },
    { name: 'order and requisition both gone', play: (chain) => (chain.toOrder(), chain.order({ deleted: true }), chain.requisition('closed')), balance: {} },
  ];
  for (const { name, play, balance, costs } of rows) {
    test(name, () => {
      const chain = new Chain();
      play(chain);
      assert.deepEqual(chain.balance(), balance);
      if (costs)
        assert.deepEqual(
          chain.costs().map(({ minor }) => minor),
          costs,
        );
    });
  }
});

test("the order that is read before its requisition's answer still finds its work order", () => {
  const chain = new Chain();
  chain.release();
  chain.order();
  chain.driver.settle();
  assert.deepEqual(Object.fromEntries(chain.driver.balances().get('||EUR') ?? []), { need: -16000, estimated: 0, requested: 0, ordered: 16000 });
  chain.create();
  assert.deepEqual(chain.balance(), { need: -16000, ordered: 16000 });
  assert.ok(
    [...(chain.driver.balances().get('||EUR')?.values() ?? [])].every((minor) => minor === 0),
    'it left the books of orders without a work order',
  );
});

test('an order in another currency than its requisition is held with both named (section 7)', () => {
  const chain = new Chain();
  chain.release();
  chain.create();
  chain.currency = 'USD';
  chain.order();
  const reasons = chain.driver.settle();
  assert.match(reasons.find(({ did }) => did === 'held')?.text ?? '', /EUR and USD/);
  assert.deepEqual(chain.balance(), { need: -16000, requested: 16000 });
  chain.currency = 'EUR';
  chain.order();
  assert.deepEqual(chain.balance(), { need: -16000, ordered: 16000 });
});

test('an invoice in another currency than its order is held, and other lines go on', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.driver.settle();
  chain.invoice('510', '2', 16000, {}, 'USD');
  const held = chain.driver.delivered.at(-1);
  assert.ok(held);
  const reasons = chain.driver.give(held, true);
  assert.match(reasons.find(({ did }) => did === 'held')?.text ?? '', /ordered in EUR and invoiced in USD/);
  assert.deepEqual(chain.balance(), { need: -16000, ordered: 16000 });
});

test('more taken back than came in is held until the receipt is read', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.receive('5001', '2', '5000');
  const held = chain.driver.delivered.at(-1);
  assert.ok(held);
  assert.match(chain.driver.give(held, true).find(({ did }) => did === 'held')?.text ?? '', /more was taken back than came in/);
  chain.receive('5000', '2');
  assert.deepEqual(chain.balance(), { need: -16000, ordered: 16000 });
});

test('a receipt that takes back one which was never read is held, also where another one covers its quantity', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.receive('5000', '2');
  chain.receive('5002', '1', '4999');
  const held = chain.driver.delivered.findLast(({ kind }) => kind === 'goodsReceipt.snapshot') ?? assert.fail();
  assert.match(chain.driver.give(held, true).find(({ did }) => did === 'held')?.text ?? '', /5002 takes back 4999, which was never read/);
  chain.receive('4999', '1');
  assert.ok(!chain.driver.give(held, true).some(({ did }) => did === 'held'));
  assert.deepEqual(chain.balance(), { need: -16000, received: 16000 });
});

test('an invoice that takes back one which was never read is held, and counts for nothing', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.invoice('511', '2', 16000, { reverses: '510' });
  const held = chain.driver.delivered.at(-1) ?? assert.fail();
  assert.match(chain.driver.give(held, true).find(({ did }) => did === 'held')?.text ?? '', /511 takes back 510, which was never read/);
  assert.deepEqual(chain.balance(), { need: -16000, ordered: 16000 });
  chain.invoice('510', '2', 16000);
  assert.ok(!chain.driver.give(held, true).some(({ did }) => did === 'held'));
});

test('receipts in a unit that nothing converts are held with the units named', () => {
  const chain = new Chain();
  chain.toOrder();
  const reasons = chain.driver.snapshot('goodsReceipt', poLane, {
    number: '5000',
    postedOn: '2026-03-05',
    lines: [{ line: '1', purchaseOrder: '4500', purchaseOrderLine: '10', quantity: { value: '2', unit: { system: 'sap', code: 'KG' } }, direction: 'in' }],
  });
  assert.match(reasons.find(({ did }) => did === 'held')?.text ?? '', /sap\/KG to sap\/PC/);
});

test('an order bought outside stays in its own lane, balanced, with the reason', () => {
  const chain = new Chain();
  chain.orderPart = { requisition: undefined, requisitionLine: undefined };
  chain.order();
  const reasons = chain.driver.give(chain.driver.delivered[0] ?? assert.fail(), true);
  assert.match(reasons.find(({ did }) => did === 'didNot')?.text ?? '', /bought outside: no work order/);
  chain.receive('5000', '2');
  assert.deepEqual(Object.fromEntries([...(chain.driver.balances().get('||EUR') ?? [])].filter(([, minor]) => minor !== 0)), { need: -16000, received: 16000 });
});

test('a rejection is held for the planner by policy, or only noted', () => {
  for (const [policy, did] of [
    [{}, 'held'],
    [{ afterRejection: 'note' }, 'noted'],
  ] as const) {
    const chain = new Chain(policy);
    chain.release();
    chain.create();
    chain.requisition('rejected', { approver: 'M. Buyer' });
    const reason = chain.driver.settle().find(({ text }) => text.includes('the need of line 1 is not covered'));
    assert.equal(reason?.did, did);
    assert.match(reason?.text ?? '', /rejected by M\. Buyer/);
  }
});

test('an order deleted after its requisition leaves the need open, and the planner hears of it', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.requisition('deleted');
  assert.ok(!chain.driver.settle().some(({ did }) => did === 'held'), 'the order stands');
  chain.order({ deleted: true });
  assert.match(chain.driver.settle().find(({ did }) => did === 'held')?.text ?? '', /was deleted in finance: the need of line 1 is not covered/);
});

test('an approval that does not come is overdue with its dwell time; when it comes the dwell time is noted (001-39)', () => {
  const chain = new Chain();
  chain.release();
  chain.create();
  chain.driver.settle();
  assert.match(
    chain.driver
      .overdue('procurement/approval')
      .map(({ text }) => text)
      .join(),
    /waited 24\.0 h for approval/,
  );
  assert.match(
    chain
      .requisition('approved')
      .map(({ text }) => text)
      .join(),
    /was decided after 24\.0 h \(approved\)/,
  );
  assert.equal(chain.driver.expectations.size, 0);
});

test('a promised day is expected, a new promise moves it, the receipt meets it (002-33)', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.order({ promisedOn: '2026-03-10' });
  assert.equal(chain.driver.expectations.get(`${poLane}|procurement/delivery/10`)?.deadline, Date.UTC(2026, 2, 12));
  chain.order({ promisedOn: '2026-03-12' });
  assert.equal(chain.driver.expectations.get(`${poLane}|procurement/delivery/10`)?.deadline, Date.UTC(2026, 2, 14));
  chain.receive('5000', '2');
  assert.equal(chain.driver.expectations.size, 0);
  const late = new Chain();
  late.toOrder();
  late.driver.settle();
  late.order({ promisedOn: '2026-03-10' });
  assert.match(
    late.driver
      .overdue('procurement/delivery/10')
      .map(({ text }) => text)
      .join(),
    /workOrder\/cmms\.7 waits for it/,
  );
});

test('parts are ready when all is received, and no longer when a receipt is taken back (000-43)', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.receive('5000', '2');
  assert.match(
    chain.driver
      .settle()
      .map(({ text }) => text)
      .join(),
    /parts ready: everything/,
  );
  chain.receive('5001', '2', '5000');
  assert.match(
    chain.driver
      .settle()
      .map(({ text }) => text)
      .join(),
    /no longer complete/,
  );
});

test('what is already ordered is not taken back silently: the buyer is named, with a deadline; needed again, it stands', () => {
  const chain = new Chain();
  chain.toOrder();
  chain.driver.settle();
  chain.release('2', { status: 'cancelled' });
  assert.equal(chain.driver.sent.length, 1, 'no document is changed');
  assert.ok(chain.driver.expectations.has(`${woLane}|procurement/withdrawal/requisition/1/10`));
  chain.release('2');
  assert.equal(chain.driver.sent.length, 1, 'nothing is requested twice');
  assert.ok(!chain.driver.expectations.has(`${woLane}|procurement/withdrawal/requisition/1/10`));
  chain.release('2', { status: 'cancelled' });
  chain.order({ deleted: true });
  chain.driver.settle();
  assert.deepEqual(chain.driver.sent[1]?.operation.draft, { lines: [{ line: '10', state: 'closed' }] });
});

test("a stock item's commitment leaves the work order when it is received: its cost comes with the goods issue", () => {
  const chain = new Chain({}, true);
  chain.toOrder();
  assert.deepEqual(chain.balance(), { need: -16000, ordered: 16000 });
  chain.receive('5000', '2');
  chain.invoice('510', '2', 16000);
  assert.deepEqual(chain.balance(), {});
  assert.deepEqual(chain.costs(), []);
});

test('actual cost at receipt, at invoice or not at all is a policy', () => {
  for (const [actualCost, expected] of [
    ['receipt', [16000]],
    ['invoice', [17000]],
    ['none', []],
  ] as const) {
    const chain = new Chain({ actualCost });
    chain.toOrder();
    chain.receive('5000', '2');
    chain.invoice('510', '2', 17000);
    chain.driver.settle();
    assert.deepEqual(
      chain.costs().map(({ minor }) => minor),
      expected,
    );
  }
});

type Step = readonly [string, (chain: Chain) => void];
const steps: readonly Step[] = [
  ['create', (chain) => (chain.release(), chain.create())],
  ['approve', (chain) => chain.requisition('approved')],
  ['reject', (chain) => chain.requisition('rejected')],
  ['close', (chain) => chain.requisition('closed')],
  ['price', (chain) => ((chain.price = 9500), chain.order())],
  ['quantity', (chain) => ((chain.quantity = chain.quantity === '2' ? '3' : '2'), chain.order())],
  ['order', (chain) => chain.order()],
  ['part receipt', (chain) => chain.receive('5000', '1')],
  ['over receipt', (chain) => chain.receive('5002', '3')],
  ['cancel receipt', (chain) => chain.receive('5001', '1', '5000')],
  ['invoice', (chain) => chain.invoice('510', '1', 8200)],
  ['cancel invoice', (chain) => chain.invoice('510', '1', 8200, { reversed: true })],
  ['credit', (chain) => chain.invoice('512', '1', -8200)],
  ['final', (chain) => chain.order({ finallyInvoiced: true })],
  ['delete', (chain) => chain.order({ deleted: true })],
  ['restore', (chain) => chain.order({ deleted: false })],
  ['need more', (chain) => chain.release('4')],
  ['need less', (chain) => chain.release('1')],
  ['cancel', (chain) => chain.release('2', { status: 'cancelled' })],
  ['late order', (chain) => chain.order({}, '2026-03-01T00:00:00.000Z')],
];

/** Books are balanced and nothing is owed less than nothing, after every single entry (I5). */
function assertBooks(chain: Chain): void {
  const running = new Map<string, number>();
  for (const { workOrder, costCentre, debit, credit, amount } of chain.driver.entries) {
    assert.ok(amount.minor > 0);
    for (const [account, sign] of [
      [debit, 1],
      [credit, -1],
    ] as const) {
      const key = `${workOrder}|${costCentre}|${amount.currency}|${account}`;
      running.set(key, (running.get(key) ?? 0) + sign * amount.minor);
    }
    for (const [key, minor] of running) if (!key.endsWith('|need')) assert.ok(minor >= 0, `${key} stands at ${minor}`);
  }
  for (const accounts of chain.driver.balances().values())
    assert.equal(
      [...accounts.values()].reduce((a, b) => a + b, 0),
      0,
    );
}

const play = (chosen: readonly { step: number; deliver: number[]; again: boolean }[]): Chain => {
  const chain = new Chain();
  for (const { step, deliver, again } of chosen) {
    steps[step]?.[1](chain);
    const last = chain.driver.delivered.at(-1);
    if (again && last) assert.ok(chain.driver.give(last, true).length > 0, 'an event that changes nothing says so');
    for (const at of deliver) if (chain.driver.waiting.length > 0) chain.driver.deliver(at % chain.driver.waiting.length, again);
    for (const sent of chain.driver.open())
      if (step % 3 === 0) chain.driver.answerTo(sent, 'applied', { id: sent.operation.intent === 'requisition/1' ? '100' : `R-${sent.operation.intent}` });
    assertBooks(chain);
  }
  return chain;
};

const sequences = fc.array(fc.record({ step: fc.nat(steps.length - 1), deliver: fc.array(fc.nat(20), { maxLength: 4 }), again: fc.boolean() }), {
  minLength: 1,
  maxLength: 25,
});

test('any sequence of documents, messages in any order and doubled, keeps the books balanced and never negative (I4-I8)', () => {
  fc.assert(
    fc.property(sequences, (chosen) => {
      const chain = play(chosen);
      chain.driver.settle((n) => n - 1);
      assertBooks(chain);
      const noted = chain.costs().reduce((total, { minor }) => total + Number(minor), 0);
      assert.ok(noted >= 0, 'the actual cost on the work order is never below zero');
    }),
    { numRuns: 400 },
  );
});

test('the same sequence gives the same documents, entries and reasons, byte for byte', () => {
  fc.assert(
    fc.property(sequences, (chosen) => {
      const [one, two] = [play(chosen), play(chosen)];
      assert.equal(
        JSON.stringify([one.driver.sent, one.driver.entries, one.driver.waiting]),
        JSON.stringify([two.driver.sent, two.driver.entries, two.driver.waiting]),
      );
    }),
    { numRuns: 60 },
  );
});

test('whatever the order of the news, the end is the same', () => {
  const news: readonly ((chain: Chain) => void)[] = [
    (chain) => chain.create(),
    (chain) => chain.requisition('ordered', { purchaseOrder: '4500', purchaseOrderLine: '10' }),
    (chain) => chain.order(),
    (chain) => chain.receive('5000', '1'),
    (chain) => chain.receive('5002', '1'),
    (chain) => chain.receive('5001', '1', '5000'),
    (chain) => chain.invoice('510', '1', 8200),
  ];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        news.map((_, at) => at),
        { minLength: news.length },
      ),
      fc.infiniteStream(fc.nat(50)),
      (at, picks) => {
        const chain = new Chain();
        chain.release();
        for (const one of at) news[one]?.(chain);
        chain.driver.settle((n) => Number(picks.next().value) % n);
        assertBooks(chain);
        assert.deepEqual(chain.balance(), { need: -16200, ordered: 8000, invoiced: 8200 });
      },
    ),
    { numRuns: 200 },
  );
});
