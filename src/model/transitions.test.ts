import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assetStatuses } from '#model/master-data';
import { purchaseOrderStates, requisitionStates, workOrderStatuses } from '#model/documents';
import { mayFollow, transitions, type StateKind } from '#model/transitions';

const states: { readonly [K in StateKind]: readonly string[] } = {
  workOrder: workOrderStatuses,
  requisition: requisitionStates,
  purchaseOrder: purchaseOrderStates,
  asset: assetStatuses,
};
const follow = mayFollow as (kind: StateKind, from: string | undefined, to: string) => boolean;

test('the tables know exactly the states of the schemas, and no state follows itself', () => {
  for (const [kind, names] of Object.entries(states)) {
    const table: Readonly<Record<string, readonly string[]>> = transitions[kind as StateKind];
    assert.deepEqual(Object.keys(table).sort(), [...names].sort(), kind);
    for (const [from, following] of Object.entries(table)) {
      assert.equal(new Set(following).size, following.length);
      assert.ok(!following.includes(from));
    }
  }
});

for (const [kind, from, to, allowed] of [
  ['workOrder', 'open', 'released', true],
  ['workOrder', 'completed', 'inProgress', true],
  ['workOrder', 'closed', 'open', false],
  ['workOrder', 'cancelled', 'completed', false],
  ['requisition', 'rejected', 'ordered', false],
  ['requisition', 'ordered', 'approved', true],
  ['requisition', 'deleted', 'ordered', false],
  ['purchaseOrder', 'cancelled', 'sent', false],
  ['purchaseOrder', 'received', 'cancelled', false],
  ['purchaseOrder', 'received', 'sent', true],
  ['asset', 'disposed', 'operational', false],
  ['asset', 'down', 'down', true],
  ['asset', undefined, 'disposed', true],
  ['asset', 'operational', 'toString', false],
  ['asset', '__proto__', 'operational', false],
] as const) {
  test(`${kind}: ${to} ${allowed ? 'may' : 'may not'} follow ${from ?? 'first sight'}`, () => assert.equal(follow(kind, from, to), allowed));
}
