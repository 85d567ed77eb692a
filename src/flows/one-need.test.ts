import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { procurement } from '#flows/procurement/flow';
import { stock } from '#flows/stock/flow';
import { FlowDriver } from '#flows/testing';

const pc = { system: 'sap', code: 'PC' };
const stockLane = 'stock/erp.FILTER@erp.ST01';

/** A part of which ten or more should lie in the storeroom, wanted by work orders and by its reorder point. */
class Plant {
  readonly driver: FlowDriver;
  #n = 0;

  constructor(policy: { procurement?: JsonObject; stock?: JsonObject } = {}) {
    this.driver = new FlowDriver({
      flows: [
        { flow: procurement, policy: { autoRequestDefault: true, ...policy.procurement } },
        { flow: stock, policy: { settleSeconds: 0, ...policy.stock } },
      ],
    });
    this.driver.know('part', 'erp.FILTER', 'erp', { code: 'FILTER', name: 'Filter', baseUnit: pc, stocked: true });
  }

  stamp(): string {
    return new Date(Date.UTC(2026, 2, 3) + (this.#n += 1) * 1000).toISOString();
  }

  level(onHand: string, more: object = {}): Reason[] {
    const record = { part: 'erp.FILTER', storeroom: 'erp.ST01', onHand: { value: onHand, unit: pc }, reorderPoint: '10', changedAt: this.stamp(), ...more };
    return this.driver.snapshot('stockLevel', stockLane, record);
  }

  order(number: string, quantity: string, more: object = {}): Reason[] {
    return this.driver.snapshot('workOrder', `workOrder/cmms.${number}`, {
      number,
      title: 'Filter change',
      status: 'released',
      costCentre: 'erp.4310',
      plannedLines: [{ line: '1', part: 'erp.FILTER', storeroom: 'erp.ST01', quantity: { value: quantity, unit: pc } }],
      changedAt: this.stamp(),
      ...more,
    });
  }

  requisition(number: string, state: 'ordered' | 'rejected', quantity: string): void {
    this.driver.snapshot('purchaseRequisition', `purchaseRequisition/erp.${number}`, {
      number,
      lines: [{ line: '10', part: 'erp.FILTER', quantity: { value: quantity, unit: pc }, state }],
      changedAt: this.stamp(),
    });
    this.driver.settle();
  }

  purchase(requisition: string, quantity: string, received: string): void {
    this.driver.snapshot('purchaseOrder', `purchaseOrder/erp.4${requisition}`, {
      number: `4${requisition}`,
      lines: [{ line: '10', part: 'erp.FILTER', quantity: { value: quantity, unit: pc }, requisition, requisitionLine: '10', received }],
      changedAt: this.stamp(),
    });
    this.driver.settle();
  }

  /** Answers what is open with numbers 1, 2 ..., and delivers what follows from it. */
  settle(): void {
    this.driver.settle();
    for (let open = this.driver.open(); open[0]; open = this.driver.open()) {
      this.driver.answerTo(open[0], 'applied', { id: String(100 + this.driver.sent.indexOf(open[0])) });
      this.driver.settle();
    }
  }

  get raised(): string[] {
    return this.driver.sent.filter(({ operation }) => operation.record === 'purchaseRequisition' && operation.verb === 'create').map(({ flow }) => flow);
  }
}

const texts = (reasons: readonly Reason[]): string => reasons.map(({ text }) => text).join('; ');

describe('one need is bought once, by a work order or by the reorder point (001-20, 001-35, 002-30)', () => {
  const rows: readonly {
    readonly name: string;
    readonly play: (plant: Plant) => Reason[] | void;
    readonly raised: readonly string[];
    readonly text?: RegExp;
  }[] = [
    {
      name: 'what a work order has on its way covers the reorder point',
      play: (plant) => (plant.level('11'), plant.order('7', '4'), plant.settle(), plant.level('7')),
      raised: ['procurement'],
      text: /7 PC on hand at erp\.ST01 when all is posted, 4 on their way for work orders, reorder point 10/,
    },
    {
      name: 'also when the level is told before finance has answered',
      play: (plant) => (plant.level('11'), plant.order('7', '4'), plant.driver.settle(), plant.level('7')),
      raised: ['procurement'],
    },
    {
      name: 'what is further short is replenished, and only that',
      play: (plant) => (plant.level('11'), plant.order('7', '4'), plant.settle(), plant.level('3')),
      raised: ['procurement', 'stock'],
      text: /replenishment requisition of 3 PC/,
    },
    {
      name: 'a replenishment that is under way covers the work order',
      play: (plant) => (plant.level('9'), plant.settle(), plant.order('7', '4')),
      raised: ['stock'],
      text: /a replenishment|replenishment requisition 100 of 1 PC is under way/,
    },
    {
      name: 'a rejected requisition is on its way no more',
      play: (plant) => (plant.level('11'), plant.order('7', '4'), plant.settle(), plant.requisition('100', 'rejected', '4'), plant.level('7')),
      raised: ['procurement', 'stock'],
    },
    {
      name: 'a cancelled work order closes its requisition: the reorder point counts again',
      play: (plant) => (
        plant.level('11'),
        plant.order('7', '4'),
        plant.settle(),
        plant.order('7', '4', { status: 'cancelled' }),
        plant.settle(),
        plant.level('7')
      ),
      raised: ['procurement', 'stock'],
    },
    {
      name: 'half received: the other half is still on its way',
      play: (plant) => (
        plant.level('11'),
        plant.order('7', '4'),
        plant.settle(),
        plant.requisition('100', 'ordered', '4'),
        plant.purchase('100', '4', '2'),
        plant.level('8')
      ),
      raised: ['procurement'],
      text: /2 on their way for work orders/,
    },
    {
      name: 'received in full: the shelf alone counts',
      play: (plant) => (
        plant.level('11'),
        plant.order('7', '4'),
        plant.settle(),
        plant.requisition('100', 'ordered', '4'),
        plant.purchase('100', '4', '4'),
        plant.level('9')
      ),
      raised: ['procurement', 'stock'],
    },
    {
      name: 'raised by finance: neither work order nor reorder point raises',
      play: (plant) => {
        const erp = new Plant({ procurement: { raisedBy: 'erp', whenErpRaises: 'nothing' }, stock: { reorderBy: 'erp' } });
        erp.level('1');
        erp.order('7', '4');
        erp.settle();
        assert.deepEqual(erp.raised, []);
        assert.deepEqual(plant.raised, []);
      },
      raised: [],
    },
    {
      name: 'a part that finance replenishes itself is left to it by both',
      play: (plant) => (plant.level('1', { replenishedBySystem: true }), plant.order('7', '4')),
      raised: [],
      text: /erp replenishes this part itself/,
    },
  ];
  for (const { name, play, raised, text } of rows)
    test(name, () => {
      const plant = new Plant();
      const reasons = play(plant) ?? [];
      assert.deepEqual(plant.raised, raised, texts(reasons));
      if (text) assert.match(texts(reasons), text);
    });

  test('a message that was overtaken changes nothing, one in another unit is not counted', () => {
    const plant = new Plant();
    plant.level('11');
    const inbound = (n: number, quantity: string, code = 'PC'): string =>
      texts(
        plant.driver.give({
          lane: stockLane,
          kind: 'procurement.inbound',
          data: { from: 'workOrder/cmms.9', n, number: '9', quantity, unit: { system: 'sap', code } },
        }),
      );
    inbound(2, '0');
    assert.match(inbound(1, '5'), /superseded/);
    assert.match(inbound(3, '5', 'BOX'), /it is not counted/);
    plant.level('7');
    assert.deepEqual(plant.raised, ['stock']);
  });

  test('property: whatever the order of needs and figures, nothing is raised for what is already on its way', () => {
    const step = fc.oneof(
      fc.record({ level: fc.integer({ min: 0, max: 14 }) }),
      fc.record({ work: fc.constantFrom('1', '2', '3'), needs: fc.integer({ min: 0, max: 6 }) }),
      fc.constant({ answer: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 16 }), (steps) => {
        const plant = new Plant();
        for (const one of steps) {
          if ('level' in one) plant.level(String(one.level));
          else if ('work' in one) plant.order(one.work, String(one.needs));
          else plant.settle();
          plant.driver.settle();
        }
        plant.settle();
        const replenished = plant.driver.sent.filter(({ flow, operation }) => flow === 'stock' && operation.record === 'purchaseRequisition');
        assert.ok(replenished.length <= 1, 'one replenishment at a time, since none was received');
        const asked = replenished.map(({ operation }) => operation.reason);
        for (const reason of asked) {
          const [, onHand = '', , inbound = '0'] = /: (\d+) PC on hand at \S+ when all is posted, ((\d+) on their way for work orders, )?/.exec(reason) ?? [];
          assert.ok(Number(onHand) + Number(inbound) < 10, reason);
        }
      }),
      { numRuns: 300 },
    );
  });
});
