import assert from 'node:assert/strict';
import test from 'node:test';
import { operationReference } from '#base/id';
import type { JsonObject } from '#base/json';
import type { CostsState, Want } from '#flows/costs/state';
import { emptyCosts } from '#flows/costs/state';
import type { Statement } from '#assurance/statement';
import { statementText } from '#assurance/statement-text';
import { testNow, testOperation } from '#assurance/testing';
import { twins, type Twins } from '#assurance/twins/testing';
import type { Receipt } from '#spi/connector';

const found = (statement: Statement): readonly string[] =>
  statement.sections.flatMap(({ differences }) => differences.map(({ key, class: name, explainedBy }) => `${key} ${name}${explainedBy ? ' (explained)' : ''}`));

const labour = (hours: string): JsonObject => ({
  kind: 'labour',
  PostingDate: '2026-03-09',
  text: 'Labour',
  PersonnelNumber: '10042',
  senderCostCentre: '21004310',
  hours,
  amount: '245.00',
  currency: 'EUR',
  account: { costCentre: '21004310' },
});

interface Work {
  readonly order: number;
  readonly lane: string;
  readonly operation: string;
  readonly receipt: Receipt;
}

/** A work order with 3.5 hours of one person, which the hub posted as `posted` hours at 70 an hour. */
async function worked({ erp, plant, post }: Twins, hours: { readonly logged?: string; readonly posted?: string } = {}): Promise<Work> {
  const { logged = '3.5', posted = '3.5' } = hours;
  const order = post('/workorders', { title: 'Replace the seal' }).id;
  if (logged !== '0') post(`/workorders/${order}/costs`, { type: 'TIME', costType: 'WORK', durationTotal: Number(logged) * 3600, hourlyRate: 7000 });
  const lane = `workOrder/cmms.${order}`;
  const operation = `${lane}#costs#labour/time:nobody/1`;
  const receipt = await erp.write('costPosting', 'create', labour(posted), { once: { key: operation, reference: operationReference(operation) } });
  const value = receipt.data?.['value'] as { minor: number; currency: string };
  const want: Want = {
    kind: 'labour',
    text: 'Labour',
    costCentre: 'erp.21004310',
    account: { costCentre: 'erp.21004310' },
    day: '2026-03-09',
    amount: value,
    employee: 'cmms.1',
    hours: posted,
    rate: { minor: 7000, currency: 'EUR' },
    rateFrom: '2026-01-01',
    activityType: null,
    sender: null,
  };
  const costs: CostsState = {
    ...emptyCosts(),
    seen: 'x',
    lines: {
      'labour/time:nobody': {
        want,
        count: 1,
        postings: [{ intent: 'labour/time:nobody/1', want, state: 'applied', number: receipt.id, booked: value }],
        declined: null,
      },
    },
  };
  await plant.lane(lane, {
    state: { costs } as unknown as JsonObject,
    insertOperations: [
      testOperation(operation, 'erp', 'costPosting', {
        draft: { kind: 'labour', workOrder: `cmms.${order}`, postedOn: '2026-03-09', account: { costCentre: 'erp.21004310' }, amount: value, hours: posted },
        receipt: receipt as unknown as JsonObject,
      }),
    ],
    entries: [
      {
        eventKey: 'begin',
        n: 1,
        workOrder: `cmms.${order}`,
        costCentre: 'erp.21004310',
        debit: 'settled',
        credit: 'need',
        ...value,
        document: `costPosting/${receipt.id}`,
        text: '',
        at: testNow,
      },
    ],
  });
  return { order, lane, operation, receipt };
}

test('hours on the work order, the posting of the hub and the allocation in finance are one, by the lists of both systems, 000-27', async () => {
  const both = await twins();
  await worked(both);
  const said = await both.statement(['costs']);
  assert.deepEqual(found(said), [], statementText(said));
  const [costs] = said.sections;
  assert.equal(costs?.agreed, 3, 'the posting, the row of hours, the figure of the books');
  assert.deepEqual(costs?.notCompared, [], 'nothing is only looked up');
});

test('a cost posting of a person in finance is flagged with its author and payer, and does not break the agreement', async () => {
  const both = await twins();
  await worked(both);
  both.world.store.transaction(() =>
    both.world.activities.allocate(
      { PostingDate: '2026-03-10' },
      [{ senderCostCentre: '21004310', activityType: 'MNT01', quantity: '2', unit: 'H', receiverCostCentre: '21004310' }],
      'WMEIER',
      both.clock.now(),
    ),
  );
  const said = await both.statement(['costs']);
  assert.deepEqual(found(said), ['erp.21004310 WMEIER EUR notOfTheHub (explained)'], statementText(said));
  assert.equal(said.agrees, true);
  assert.match(statementText(said), /posted in finance without the hub: 1 cost posting in erp by WMEIER to erp\.21004310/);
});

test('what was posted before the first day of the hub is not its business', async () => {
  const both = await twins();
  await worked(both);
  both.world.store.transaction(() =>
    both.world.activities.allocate(
      { PostingDate: '2026-03-08' },
      [{ senderCostCentre: '21004310', activityType: 'MNT01', quantity: '2', unit: 'H', receiverCostCentre: '21004310' }],
      'WMEIER',
      both.clock.now(),
    ),
  );
  assert.deepEqual(found(await both.statement(['costs'])), []);
});

test('an allocation that carries a reference of another hub, or ours twice, breaks the agreement', async () => {
  const both = await twins();
  const { operation } = await worked(both);
  const foreign = operationReference('of another hub');
  await both.erp.write('costPosting', 'create', labour('1'), { once: { key: 'x', reference: foreign } });
  await both.erp.write('costPosting', 'create', labour('3.5'), { once: { key: 'y', reference: operationReference(operation) } });
  const said = await both.statement(['costs']);
  assert.deepEqual(found(said), [`${operationReference(operation)} duplicateDocument`, `${foreign} foreignDocument`], statementText(said));
  assert.equal(said.agrees, false);
});

test('a posting of the hub that somebody took back in finance is found', async () => {
  const both = await twins();
  const { operation, receipt } = await worked(both);
  both.world.store.transaction(() =>
    both.world.activities.allocate(
      { PostingDate: '2026-03-10' },
      [
        {
          senderCostCentre: '21004310',
          activityType: 'MNT01',
          quantity: '-3.5',
          unit: 'H',
          receiverCostCentre: '21004310',
          text: `Reversal of ${receipt.id}`,
        },
      ],
      'WMEIER',
      both.clock.now(),
    ),
  );
  const said = await both.statement(['costs']);
  assert.ok(found(said).includes(`${operationReference(operation)} reversedByHand`), statementText(said));
});

for (const { title, hours, says } of [
  { title: 'other hours on the work order than were posted', hours: { logged: '4' }, says: 'quantity' },
  { title: 'no row on the work order for what was posted', hours: { logged: '0' }, says: 'missingInMaintenance' },
] as const)
  test(`${title} are found, and explained while news of the order is still open`, async () => {
    const both = await twins();
    const { order, lane } = await worked(both, hours);
    const line = `cmms.${order} labour/time:nobody ${says}`;
    assert.deepEqual(found(await both.statement(['costs'])), [line]);
    await both.plant.waiting({ lane, kind: 'workOrder.snapshot', key: 'news', data: {} });
    assert.deepEqual(found(await both.statement(['costs'])), [`${line} (explained)`]);
  });

test('hours that the hub has never heard of are found, and hours of an order that no flow looks at are not its business', async () => {
  const both = await twins();
  const { order } = await worked(both);
  both.post(`/workorders/${order}/costs`, { type: 'TIME', costType: 'WORK', durationTotal: 1800 });
  both.post(`/workorders/${order}/costs`, { type: 'TIME', costType: 'WORK', durationTotal: 0 });
  const other = both.post('/workorders', { title: 'Not for the hub' }).id;
  both.post(`/workorders/${other}/costs`, { type: 'TIME', costType: 'WORK', durationTotal: 1800 });
  assert.deepEqual(found(await both.statement(['costs'])), [`cmms.${order} labour/time:nobody#2 missingInHub`]);
});

test('hours that were changed inside finance are found', async () => {
  const both = await twins();
  const { operation } = await worked(both);
  const [item] = both.world.activities.items.all();
  assert.ok(item);
  both.world.activities.items.update(item, { Quantity: '3' });
  const said = await both.statement(['costs']);
  assert.deepEqual(found(said), [`${operationReference(operation)} quantity`], statementText(said));
});
