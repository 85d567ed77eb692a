import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { adminRoutes } from '#api/admin';
import type { JsonObject } from '#base/json';
import { silentLog } from '#base/log';
import { actOn, type ActDone, type ActRequest, type Exception } from '#hub/exceptions';
import { broken } from './scenarios.ts';
import { Stage } from './stage.ts';

/** A plant whose period is closed: a goods issue and an hour of labour wait for the controller. */
async function closedPeriod(t: TestContext): Promise<{ stage: Stage; issue: Exception; labour: Exception }> {
  const stage = await Stage.open();
  t.after(() => stage.close());
  stage.erp.buttons.press({ fault: 'periodClosed', with: { companyCode: '1100', period: '2026/03' } });
  const order = stage.workOrder({ title: 'Bearing', asset: 'CLV-U-P7', parts: [['BRG-6205', 2]] });
  stage.technician.release(order);
  stage.technician.logTime(order, stage.user('10002'), 3600);
  stage.technician.complete(order);
  await stage.settle();
  const waiting = await stage.exceptions();
  const [issue, labour] = ['goodsIssue', 'costPosting'].map((record) => waiting.find(({ title }) => title.includes(record)));
  assert.ok(issue && labour, JSON.stringify(waiting));
  return { stage, issue, labour };
}

/** A held event: an asset without a cost centre, so that nothing says who pays. */
async function heldOrder(t: TestContext): Promise<{ stage: Stage; held: Exception }> {
  const stage = await Stage.open();
  t.after(() => stage.close());
  const order = stage.workOrder({ title: 'Press', asset: 'CLV-X', parts: [['BRG-6205', 1]] });
  stage.technician.logTime(order, stage.user('10002'), 3600);
  stage.technician.complete(order);
  await stage.settle();
  const held = (await stage.exceptions()).find(({ kind }) => kind === 'event');
  assert.ok(held, JSON.stringify(await stage.exceptions()));
  return { stage, held };
}

/** Acts while the stage's worker turns. */
async function act(stage: Stage, asked: Partial<Record<keyof ActRequest, unknown>>): Promise<ActDone> {
  let over = false;
  const answer = actOn(stage.hub, asked).finally(() => (over = true));
  answer.catch(() => {});
  while (!over) await stage.turn();
  return answer;
}

const controller = { actor: 'controller', reason: 'the period is open again' };

test('retry sends what was refused once its cause is gone, and both who and why are in the audit log', async (t) => {
  const { stage, issue, labour } = await closedPeriod(t);
  stage.erp.buttons.release('periodClosed');
  for (const { key } of [issue, labour]) assert.equal((await act(stage, { act: 'retry', key, ...controller })).text, 'goes out again');
  await stage.settle();
  assert.deepEqual(await stage.exceptions(), []);
  assert.equal(stage.booked('61008000', '11004200'), '50');
  const [leaf] = await stage.store.read.findAudit({ kind: 'human', subject: issue.key, limit: 1 });
  assert.equal(leaf?.actor, 'controller');
  assert.match(leaf?.body ?? '', /the period is open again/);
  assert.deepEqual(await broken(stage), []);
});

test('edit sends another posting date and tells which member changed', async (t) => {
  const { stage, labour } = await closedPeriod(t);
  const draft = (await stage.store.read.operation(labour.key))!.draft as JsonObject;
  const day = Object.entries(draft).find(([, value]) => typeof value === 'string' && value.startsWith('2026-03-'))![0];
  const done = await act(stage, { act: 'edit', key: labour.key, ...controller, draft: { ...draft, [day]: '2026-04-01' } });
  assert.deepEqual(
    done.changes.map(({ path, after }) => [path, after]),
    [[day, '2026-04-01']],
  );
  assert.equal(((await stage.store.read.operation(labour.key))!.draft as JsonObject)[day], '2026-04-01');
});

test('found records the number of a document that a person found, and nothing is sent again', async (t) => {
  const { stage, issue } = await closedPeriod(t);
  const before = stage.erp.writes.length;
  await act(stage, { act: 'found', key: issue.key, ...controller, id: '4900009999/2026' });
  await stage.turn();
  const operation = await stage.store.read.operation(issue.key);
  assert.equal(operation?.state, 'applied');
  assert.deepEqual(operation.receipt, { id: '4900009999/2026', recordedBy: 'controller' });
  assert.equal(stage.erp.writes.length, before);
});

test('cancel ends an operation and a held event, each by a named person', async (t) => {
  const { stage, issue } = await closedPeriod(t);
  await act(stage, { act: 'cancel', key: issue.key, ...controller });
  assert.equal((await stage.store.read.operation(issue.key))?.state, 'cancelled');
  const { stage: other, held } = await heldOrder(t);
  await act(other, { act: 'cancel', key: held.key, actor: 'planner', reason: 'the press is scrapped' });
  const [event] = (await other.store.read.listEvents({ lane: held.lane, limit: 100 })).filter(({ key }) => key === held.key);
  assert.equal(event?.state, 'cancelled');
  assert.match(event.reason, /cancelled by planner: the press is scrapped/);
});

test('retry of a held event decides it again; what is still missing is told as before', async (t) => {
  const { stage, held } = await heldOrder(t);
  assert.equal((await act(stage, { act: 'retry', key: held.key, actor: 'planner', reason: 'look again' })).text, 'decided again');
  assert.ok((await stage.exceptions()).some(({ key }) => key === held.key));
});

test('a held event names the owner that its flow named', async (t) => {
  const { held } = await heldOrder(t);
  assert.equal(held.owner, 'asset-owner');
});

const good = { act: 'retry', ...controller };
for (const [what, asked, kind, says] of [
  ['an unknown key', () => ({ ...good, key: 'workOrder/none#stock#x' }), 'missing', /nothing with the key "workOrder\/none#stock#x" waits for a person/],
  ['no key', () => good, 'misconfigured', /key: .*linchpin exceptions shows/],
  ['no reason', (issue: Exception) => ({ ...good, key: issue.key, reason: ' ' }), 'misconfigured', /reason: must not be empty \(say why: --reason TEXT\)/],
  [
    'nobody who acts',
    (issue: Exception) => ({ ...good, key: issue.key, actor: '' }),
    'misconfigured',
    /actor: must not be empty \(say who acts: --actor NAME\)/,
  ],
  [
    'an act that does not exist',
    (issue: Exception) => ({ ...good, key: issue.key, act: 'undo' }),
    'misconfigured',
    /act: .*list, retry, edit, cancel or found/,
  ],
  ['more than is asked for', (issue: Exception) => ({ ...good, key: issue.key, force: true }), 'misconfigured', /force/],
  ['found without a number', (issue: Exception) => ({ ...good, key: issue.key, act: 'found' }), 'misconfigured', /--id NUMBER/],
  ['found with an empty number', (issue: Exception) => ({ ...good, key: issue.key, act: 'found', id: '' }), 'misconfigured', /id: must not be empty/],
  ['edit without a draft', (issue: Exception) => ({ ...good, key: issue.key, act: 'edit' }), 'misconfigured', /--draft FILE/],
  ['a draft that is a list', (issue: Exception) => ({ ...good, key: issue.key, act: 'edit', draft: [] }), 'misconfigured', /draft/],
] as const)
  test(`${what} is refused, and nothing changes`, async (t) => {
    const { stage, issue } = await closedPeriod(t);
    const before = await stage.operations();
    await assert.rejects(act(stage, asked(issue)), { kind, message: says });
    assert.deepEqual(await stage.operations(), before);
  });

for (const [what, change, says] of [
  ['without a change', (draft: JsonObject) => draft, /the same as before/],
  [
    'with a member that does not exist',
    (draft: JsonObject) => ({ ...draft, colour: 'red' }),
    /colour: there is no such member; there are .*Changed were:\n {2}colour: nothing -> "red"/s,
  ],
  ['with a value of another type', (draft: JsonObject) => ({ ...draft, lines: 'two' }), /the draft is no goodsIssue: lines: .*Changed were:\n {2}lines: /s],
  ['without what it needs', (draft: JsonObject) => ({ text: draft['text'] ?? null }), /the draft is no goodsIssue: .*lines: .*Changed were:/s],
] as const)
  test(`a draft ${what} is refused with the difference (000-73)`, async (t) => {
    const { stage, issue } = await closedPeriod(t);
    const before = await stage.store.read.operation(issue.key);
    await assert.rejects(act(stage, { act: 'edit', key: issue.key, ...controller, draft: change(before!.draft as JsonObject) }), {
      kind: 'rejected',
      message: says,
    });
    assert.deepEqual(await stage.store.read.operation(issue.key), before);
  });

test('a draft that fits its kind and names a part that the target does not know is refused with that part', async (t) => {
  const { stage, issue } = await closedPeriod(t);
  const text = JSON.stringify((await stage.store.read.operation(issue.key))!.draft).replaceAll('erp.BRG-6205', 'cmms-1100.777');
  await assert.rejects(act(stage, { act: 'edit', key: issue.key, ...controller, draft: JSON.parse(text) }), { kind: 'conflict', message: /cmms-1100\.777/ });
  assert.equal((await stage.store.read.operation(issue.key))?.state, 'failed');
});

test('what has gone out meanwhile cannot be acted on any more, and a held event can be neither edited nor found', async (t) => {
  const { stage, issue } = await closedPeriod(t);
  await act(stage, { act: 'cancel', key: issue.key, ...controller });
  await assert.rejects(act(stage, { ...good, key: issue.key }), { kind: 'conflict', message: /its state is cancelled/ });
  const { stage: other, held } = await heldOrder(t);
  for (const asked of [
    { act: 'edit', draft: { a: 1 } },
    { act: 'found', id: '1' },
  ])
    await assert.rejects(act(other, { key: held.key, ...controller, ...asked }), { kind: 'misconfigured', message: /is a held event, which was never sent/ });
});

test('a lane that another worker holds is not acted on: the person is asked to try again', async (t) => {
  const { stage, issue } = await closedPeriod(t);
  assert.ok(await stage.store.claimLane(issue.lane, { worker: 'another', now: stage.clock.now(), leaseMs: 60_000 }));
  await assert.rejects(act(stage, { ...good, key: issue.key }), { kind: 'conflict', message: /another worker holds it; try again in a moment/ });
});

const address = '127.0.0.1:4601';
for (const [what, headers, status] of [
  ['without the token', { host: address }, 401],
  ['with another token', { host: address, authorization: `Bearer ${'0'.repeat(64)}` }, 401],
  ['under another name, as a rebound browser would', { host: 'evil.example', authorization: 'Bearer right' }, 403],
  ['from a web page', { host: address, origin: 'http://127.0.0.1:4600', authorization: 'Bearer right' }, 403],
  ['with the token', { host: address, authorization: 'Bearer right' }, 200],
] as const)
  test(`the address for commands, asked ${what}, answers ${status}`, async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    const app = adminRoutes({ hub: stage.hub, log: silentLog, token: 'right', host: () => address });
    const answer = await app.request('http://x/admin/v1/exceptions', { headers });
    assert.equal(answer.status, status);
    assert.ok(status === 200 || !(await answer.text()).includes('right'));
  });

for (const [what, body, type, status] of [
  ['broken JSON', '{', 'application/json', 400],
  ['a form', 'act=retry', 'application/x-www-form-urlencoded', 400],
  ['a body of 2 MB', JSON.stringify({ act: 'x'.repeat(2 * 1024 * 1024) }), 'application/json', 413],
  ['an unknown key', JSON.stringify({ act: 'retry', key: 'none', actor: 'a', reason: 'b' }), 'application/json', 404],
] as const)
  test(`${what} at the address for commands is answered with ${status} and words`, async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    const app = adminRoutes({ hub: stage.hub, log: silentLog, token: 'right', host: () => address });
    const answer = await app.request('http://x/admin/v1/exceptions', {
      method: 'POST',
      body,
      headers: { host: address, authorization: 'Bearer right', 'content-type': type },
    });
    assert.equal(answer.status, status);
    assert.ok(((await answer.json()) as { detail: string }).detail.length > 10);
  });
