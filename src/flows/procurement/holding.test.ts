import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FlowEvent, Reason } from '#engine/flow';
import { procurement } from '#flows/procurement/flow';
import type { ProcurementState } from '#flows/procurement/state';
import { FlowDriver } from '#flows/testing';

const pc = { system: 'sap', code: 'PC' };
const lane = 'purchaseOrder/erp.4500';
type Row = readonly [line: string, quantity: string, minor?: number, currency?: string];

/** An order of two lines that nobody requested, with what the engine would have made of each event: held, or done. */
class Order {
  readonly driver = new FlowDriver({ flows: [{ flow: procurement }] });
  readonly open = new Map<string, { readonly event: FlowEvent; readonly reasons: readonly Reason[] }>();
  #n = 0;

  constructor(lines: readonly string[] = ['10', '20']) {
    this.order(lines);
  }

  stamp(): string {
    return new Date(Date.UTC(2026, 2, 3) + (this.#n += 1) * 1000).toISOString();
  }

  order(lines: readonly string[], more: object = {}, changedAt = this.stamp()): Reason[] {
    return this.#give('purchaseOrder', '4500', {
      number: '4500',
      lines: lines.map((line) => ({
        line,
        quantity: { value: '5', unit: pc },
        price: { minor: 1000, currency: 'EUR' },
        account: { costCentre: 'erp.4310' },
        ...more,
      })),
      changedAt,
    });
  }

  receipt(number: string, rows: readonly Row[], reverses?: string, changedAt = this.stamp()): Reason[] {
    return this.#give('goodsReceipt', number, {
      number,
      postedOn: '2026-03-05',
      ...(reverses === undefined ? {} : { reverses }),
      lines: rows.map(([line, value], at) => ({
        line: String(at + 1),
        purchaseOrder: '4500',
        purchaseOrderLine: line,
        quantity: { value, unit: pc },
        direction: reverses === undefined ? 'in' : 'out',
      })),
      changedAt,
    });
  }

  invoice(number: string, rows: readonly Row[], more: object = {}, changedAt = this.stamp()): Reason[] {
    return this.#give('supplierInvoice', number, {
      number,
      postedOn: '2026-03-06',
      lines: rows.map(([line, value, minor = 1000, currency = 'EUR'], at) => ({
        line: String(at + 1),
        purchaseOrder: '4500',
        purchaseOrderLine: line,
        quantity: { value, unit: pc },
        amount: { minor, currency },
      })),
      ...more,
      changedAt,
    });
  }

  /** What the engine does from time to time and when facts change: everything that is held is decided again. */
  recheck(): void {
    for (const { event } of [...this.open.values()]) this.#keep(event, this.driver.give(event, true));
  }

  /** Objects whose event is held. */
  get held(): string[] {
    return [...this.open.values()].map(({ event }) => event.object).sort();
  }

  get heldState(): object {
    return (this.driver.state('procurement', lane) as ProcurementState).order?.held ?? {};
  }

  stands(line: string): Record<string, number> {
    const out: Record<string, number> = {};
    for (const { debit, credit, amount } of this.driver.entries.filter(({ document }) => document === `purchaseOrder/4500/${line}`)) {
      out[debit] = (out[debit] ?? 0) + amount.minor;
      out[credit] = (out[credit] ?? 0) - amount.minor;
    }
    return Object.fromEntries(Object.entries(out).filter(([account, minor]) => minor !== 0 && account !== 'need'));
  }

  #give(kind: 'purchaseOrder' | 'goodsReceipt' | 'supplierInvoice', object: string, record: object): Reason[] {
    const before = this.driver.delivered.length;
    const reasons = this.driver.snapshot(kind, lane, record as never, { object });
    const event = this.driver.delivered[before];
    if (event) this.#keep(event, reasons);
    return reasons;
  }

  /** As the engine: a newer event of the same object takes the place of one that is held. */
  #keep(event: FlowEvent, reasons: readonly Reason[]): void {
    this.open.delete(`${event.kind}|${event.object}`);
    if (reasons.some(({ did }) => did === 'held')) this.open.set(`${event.kind}|${event.object}`, { event, reasons });
  }
}

const didHold = (reasons: readonly Reason[]): boolean => reasons.some(({ did }) => did === 'held');
const text = (reasons: readonly Reason[]): string => reasons.map((reason) => reason.text).join('; ');

describe('a line that cannot be carried forward is held alone (delivery contract 5, 6; 001-29, 002-44)', () => {
  const rows: readonly {
    readonly name: string;
    readonly trouble: (order: Order) => Reason[];
    readonly because: RegExp;
    readonly repair: (order: Order) => Reason[];
    /** Where line 10 stands when it has caught up. */
    readonly after: Record<string, number>;
  }[] = [
    {
      name: 'more taken back than came in',
      trouble: (order) => order.receipt('B1', [['10', '2']], 'G1'),
      because: /line 10: receipts come to -2 PC/,
      repair: (order) => order.receipt('G1', [['10', '2']]),
      after: { ordered: 5000 },
    },
    {
      name: 'more credited than invoiced',
      trouble: (order) => order.invoice('C1', [['10', '1', -1000]]),
      because: /line 10: invoices come to -1 PC/,
      repair: (order) => order.invoice('V1', [['10', '1', 1000]]),
      after: { ordered: 5000 },
    },
    {
      name: 'invoiced in another currency',
      trouble: (order) => order.invoice('V1', [['10', '1', 900, 'USD']]),
      because: /line 10: ordered in EUR and invoiced in USD/,
      repair: (order) => order.invoice('V1', [['10', '1', 900, 'USD']], { reversed: true }),
      after: { ordered: 5000 },
    },
    {
      name: 'a receipt in a unit that nothing converts',
      trouble: (order) => order.driver.snapshot('goodsReceipt', lane, unitReceipt('BOX', order.stamp()), { object: 'G9' }),
      because: /line 10: ordered in PC and received or invoiced in BOX/,
      repair: (order) => order.driver.snapshot('goodsReceipt', lane, unitReceipt('PC', order.stamp()), { object: 'G9' }),
      after: { ordered: 3000, received: 2000 },
    },
  ];
  for (const { name, trouble, because, repair, after } of rows) {
    test(`${name}: line 20 and later news go on, line 10 catches up by itself`, () => {
      const order = new Order();
      const first = trouble(order);
      assert.ok(didHold(first));
      assert.match(text(first.filter(({ did }) => did === 'held')), because);
      assert.equal(first.find(({ did }) => did === 'held')?.line, '10');
      assert.ok(!didHold(order.receipt('G20', [['20', '5']])), 'the other line');
      assert.ok(!didHold(order.invoice('V20', [['20', '5', 5000]])), 'the other line again');
      const same = order.order(['10', '20'], { promisedOn: '2026-04-01' });
      assert.ok(!didHold(same), 'a later version of the order');
      assert.match(text(same), /order 4500 line 10 stays held, and what this says of it waits/);
      assert.deepEqual(order.stands('20'), { settled: 5000 });
      const repaired = repair(order);
      assert.ok(!didHold(repaired));
      assert.match(text(repaired), /order 4500 line 10 is no longer held: everything that waited for it counts now/);
      assert.deepEqual(order.stands('10'), after);
      order.recheck();
      assert.deepEqual([order.held, order.heldState], [[], {}]);
    });
  }

  const unitReceipt = (code: string, changedAt: string) => ({
    number: 'G9',
    postedOn: '2026-03-05',
    lines: [{ line: '1', purchaseOrder: '4500', purchaseOrderLine: '10', quantity: { value: '2', unit: { system: 'sap', code } }, direction: 'in' as const }],
    changedAt,
  });

  test('a receipt for a line that the order does not have is held alone until the order has it', () => {
    const order = new Order(['10']);
    assert.match(text(order.receipt('G30', [['30', '1']])), /receipts or invoices for line 30, which it does not have/);
    assert.ok(!didHold(order.receipt('G10', [['10', '5']])));
    assert.ok(!didHold(order.order(['10', '30'])));
    assert.deepEqual(order.stands('30'), { ordered: 4000, received: 1000 });
    order.recheck();
    assert.deepEqual(order.held, []);
  });

  test('further documents of the held line are taken in and not held one by one; all of them count at once', () => {
    const order = new Order();
    order.receipt('B1', [['10', '2']], 'G1');
    for (const n of [1, 2, 3]) assert.ok(!didHold(order.invoice(`V${n}`, [['10', '1', 1000]])));
    assert.deepEqual(order.held, ['B1']);
    assert.deepEqual(order.stands('10'), { ordered: 5000 }, 'books stay as they were');
    order.receipt('G1', [['10', '2']]);
    assert.deepEqual(order.stands('10'), { ordered: 2000, invoiced: 3000 });
  });

  test('one receipt of two lines: the good line counts, the bad one is held with its own reason', () => {
    const order = new Order(['10']);
    const reasons = order.receipt('G1', [
      ['10', '5'],
      ['99', '1'],
    ]);
    assert.deepEqual(
      reasons.filter(({ did }) => did === 'held').map(({ line, owner }) => [line, owner]),
      [['99', 'buyer']],
    );
    assert.deepEqual(order.stands('10'), { received: 5000 });
  });

  test('another kind of trouble on a held line is held by the event that brings it', () => {
    const order = new Order();
    order.receipt('B1', [['10', '2']], 'G1');
    order.receipt('G1', [['10', '2']]);
    order.recheck();
    assert.ok(didHold(order.invoice('V1', [['10', '1', 900, 'USD']])));
    assert.deepEqual(order.held, ['V1']);
  });

  test('a newer version of the held document takes its place, an outdated one does not let it go', () => {
    const order = new Order();
    const early = order.stamp();
    order.invoice('C1', [['10', '1', -1000]]);
    assert.deepEqual(order.held, ['C1']);
    assert.ok(didHold(order.invoice('C1', [['10', '1', -1000]], { reference: 'blocked for payment' })), 'newer, still wrong');
    assert.ok(didHold(order.invoice('C1', [['10', '1', -1000]], { reference: 'older' }, early)), 'older');
    assert.deepEqual(order.held, ['C1']);
    assert.ok(!didHold(order.invoice('C1', [['10', '1', -1000]], { reversed: true })), 'newer, right');
    assert.deepEqual([order.held, order.heldState], [[], {}]);
  });

  test('repaired and broken again is held again', () => {
    const order = new Order();
    order.receipt('B1', [['10', '2']], 'G1');
    order.receipt('G1', [['10', '2']]);
    order.recheck();
    assert.ok(didHold(order.receipt('B2', [['10', '3']], 'G2')));
    assert.deepEqual(order.held, ['B2']);
  });

  test('property: whatever comes in whatever order, exactly what is wrong is held, line 20 stands as if alone, and repair releases all (I5, I8, I20)', () => {
    const steps = ['receive', 'back', 'invoice', 'credit', 'again'] as const;
    fc.assert(
      fc.property(fc.array(fc.record({ step: fc.constantFrom(...steps), line: fc.constantFrom('10', '20') }), { maxLength: 24 }), (plays) => {
        const order = new Order();
        const alone = new Order();
        const play = (to: Order, { step, line }: (typeof plays)[number], n: number): void => {
          if (step === 'receive') to.receipt(`G${n}`, [[line, '2']]);
          else if (step === 'back') to.receipt(`B${n}`, [[line, '2']], `X${n}`);
          else if (step === 'invoice') to.invoice(`V${n}`, [[line, '1', 1000]]);
          else if (step === 'credit') to.invoice(`C${n}`, [[line, '1', -1000]]);
          else to.order(['10', '20'], { promisedOn: '2026-04-01' });
        };
        for (const [n, one] of plays.entries()) {
          play(order, one, n);
          if (one.line === '20' || one.step === 'again') play(alone, one, n);
        }
        order.recheck();
        alone.recheck();
        assert.deepEqual(order.stands('20'), alone.stands('20'));
        assert.ok(order.held.length <= Object.keys(order.heldState).length, 'never more held events than troubles');
        assert.equal(order.held.length > 0, Object.keys(order.heldState).length > 0);
        // What was taken back turns up, and what was credited too much is invoiced.
        for (const [n, { step, line }] of plays.entries()) if (step === 'back') order.receipt(`X${n}`, [[line, '2']]);
        for (const [n, { step, line }] of plays.entries()) if (step === 'credit') order.invoice(`Y${n}`, [[line, '1', 1000]]);
        order.recheck();
        order.recheck();
        assert.deepEqual([order.held, order.heldState], [[], {}]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a request of a work order that cannot be carried forward is held by one event', () => {
  const work = (policy = {}) => {
    const driver = new FlowDriver({ flows: [{ flow: procurement, policy }] });
    let n = 0;
    const stamp = (): string => new Date(Date.UTC(2026, 2, 3) + (n += 1) * 1000).toISOString();
    driver.snapshot('workOrder', 'workOrder/cmms.7', {
      number: '7',
      title: 'Pump',
      status: 'released',
      priority: 'high',
      costCentre: 'erp.4310',
      plannedLines: ['1', '2'].map((line) => ({
        line,
        kind: 'service' as const,
        text: `Crane ${line}`,
        quantity: { value: '2', unit: pc },
        estimatedPrice: { minor: 8000, currency: 'EUR' },
        autoRequest: true,
      })),
      changedAt: stamp(),
    });
    driver.answer({}, 'applied', { id: '100' });
    driver.settle();
    const order = (currency: string, more: object = {}): Reason[] => {
      driver.snapshot('purchaseOrder', lane, {
        number: '4500',
        lines: ['10', '20'].map((line) => ({
          line,
          quantity: { value: line === '10' ? '1' : '2', unit: pc },
          price: { minor: 9000, currency: line === '10' ? currency : 'EUR' },
          requisition: '100',
          requisitionLine: line,
          ...more,
        })),
        changedAt: stamp(),
      });
      return driver.settle();
    };
    const requisition = (more: object = {}): Reason[] => {
      driver.snapshot('purchaseRequisition', 'purchaseRequisition/erp.100', {
        number: '100',
        lines: ['10', '20'].map((line) => ({
          line,
          quantity: { value: '2', unit: pc },
          price: { minor: 8000, currency: 'EUR' },
          state: 'ordered' as const,
          ...more,
        })),
        changedAt: stamp(),
      });
      return driver.settle();
    };
    return { driver, order, requisition };
  };

  test('an order in another currency: its line is held, the other line moves, news of the requisition goes on (section 7)', () => {
    const { driver, order, requisition } = work();
    const reasons = order('USD');
    assert.deepEqual(
      reasons.filter(({ did }) => did === 'held').map((reason) => reason.line),
      ['1'],
    );
    assert.ok(!didHold(requisition({ approver: 'B. Buyer' })), 'told by another lane');
    const stage = (account: string): number => driver.balances().get('cmms.7|erp.4310|EUR')?.get(account) ?? 0;
    assert.deepEqual([stage('requested'), stage('ordered')], [16000, 18000], 'line 1 as requested, line 2 on order');
    const after = order('EUR');
    assert.ok(!didHold(after));
    assert.match(text(after), /requisition 100 line 10 is no longer held/);
    assert.deepEqual([stage('requested'), stage('ordered')], [8000, 27000]);
  });

  const charged: readonly [name: string, policy: object, account: object, held: readonly (string | undefined)[], said: boolean][] = [
    ['the cost centre of the work', {}, { costCentre: 'erp.4310' }, [], false],
    ['no account that is known', {}, {}, [], false],
    ['an order', {}, { order: 'cmms.7', costCentre: 'erp.4999' }, [], false],
    ['a fixed asset', {}, { fixedAsset: 'F1' }, [], false],
    ['another cost centre', {}, { costCentre: 'erp.4999' }, ['1', '2'], true],
    ['another cost centre, only said by policy', { otherCostCentre: 'note' }, { costCentre: 'erp.4999' }, [], true],
  ];
  for (const [name, policy, account, held, said] of charged)
    test(`a contractor's order that charges ${name} (000-17, 000-47, 003-30)`, () => {
      const { driver, order } = work(policy);
      const reasons = order('EUR', { account });
      assert.deepEqual(
        reasons.filter(({ did }) => did === 'held').map(({ line }) => line),
        held,
      );
      assert.equal(/is charged to cost centre erp\.4999, and requisition 100 line 10 for the work order to erp\.4310/.test(text(reasons)), said);
      assert.equal(driver.balances().get('cmms.7|erp.4310|EUR')?.get('ordered'), 27000, 'booked either way');
      assert.ok(!didHold(order('EUR', { account: { costCentre: 'erp.4310' } })));
    });

  test('a need that lost its requisition is held once, and goes on when the requisition is taken up again', () => {
    const { requisition, order } = work();
    const lost = requisition({ state: 'deleted' });
    assert.deepEqual(
      lost.filter(({ did }) => did === 'held').map((reason) => reason.line),
      ['1', '2'],
    );
    assert.ok(!didHold(order('EUR', { deleted: true })), 'an order that is gone too says nothing new');
    const again = requisition({ state: 'approved' });
    assert.ok(!didHold(again));
    assert.match(text(again), /is no longer held/);
  });
});
