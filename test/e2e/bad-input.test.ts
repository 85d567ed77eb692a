import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { bodyLimit, routes } from '#api/server';
import { silentLog } from '#base/log';
import type { Send } from '#spi/transport';
import { openSqlite } from '#store/sqlite';
import { broken } from './scenarios.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Section 7 of the plan: what bad input gets. Beside each bad order a good one runs, to show that nothing else stops. */
interface BadOrder {
  readonly name: string;
  readonly options?: StageOptions;
  /** Makes the bad work order, completed. */
  bad(stage: Stage): number;
  /** What a person reads. */
  readonly says: RegExp;
}

const completed = (stage: Stage, order: Parameters<Stage['workOrder']>[0], more: (id: number) => void = () => {}): number => {
  const id = stage.workOrder(order);
  more(id);
  stage.technician.complete(id);
  return id;
};

const orders: readonly BadOrder[] = [
  {
    name: 'an unknown part',
    bad(stage) {
      const room = stage.seeded.storerooms.get('MRO1')!;
      const part = stage.cmms.world.addPart({ name: 'Bought in town', locations: [{ locationId: room, availableQuantity: 5 }] });
      const id = stage.workOrder({ title: 'Odd part', asset: 'CLV-U-P7' });
      stage.technician.usePart(id, part, room, 1);
      stage.technician.complete(id);
      return id;
    },
    says: /part .* is not known in erp/,
  },
  {
    name: 'a missing cost centre',
    bad: (stage) => completed(stage, { title: 'Press', asset: 'CLV-X', parts: [['BRG-6205', 1]] }),
    says: /asset CLV-X .*has no cost centre/,
  },
  {
    name: 'a unit without conversion',
    options: { before: (stage) => stage.changePart('OIL-46', { extraFields: { 'Unit of measure': 'KG' } }) },
    bad: (stage) => completed(stage, { title: 'Oil by weight', asset: 'CLV-U-P7', parts: [['OIL-46', 3]] }),
    says: /cannot be converted from .*(KG|KGM).* to .*L/,
  },
  {
    name: 'a currency that is not that of the books',
    options: {
      before: ({ erp: { world } }) => {
        world.organisation.addCurrency('EUR');
        world.activities.addLabourRate({ personnelNumber: '10003', rate: '30', currency: 'EUR', from: '2026-01-01' });
      },
    },
    bad: (stage) => completed(stage, { title: 'Paid in euro', asset: 'CLV-U-P7' }, (id) => stage.technician.logTime(id, stage.user('10003'), 3600)),
    says: /EUR.*USD|USD.*EUR/,
  },
  {
    name: 'a rate that is missing on the day',
    bad: (stage) => completed(stage, { title: 'By a newcomer', asset: 'CLV-U-P7' }, (id) => stage.technician.logTime(id, stage.user('10003'), 3600)),
    says: /employee 10003 has no labour rate on 2026-03-02: add a rate that is valid on that day/,
  },
  {
    name: 'a negative quantity',
    options: { wire: changing('"quantityUsed":7', '"quantityUsed":-7') },
    bad: (stage) => completed(stage, { title: 'Seven less', asset: 'CLV-U-P7', parts: [['BRG-6205', 7]] }),
    says: /negative|less than|>=\s?0/i,
  },
];

/** Changes what the maintenance system answers. */
function changing(from: string, to: string): NonNullable<StageOptions['wire']> {
  return (connection, send) => async (request) => {
    const answer = await send(request);
    return connection === 'erp' ? answer : { ...answer, body: answer.body.replaceAll(from, to) };
  };
}

/** A good order is played to its end while something else is wrong. */
async function goodOrderWorks(stage: Stage): Promise<void> {
  const before = Number(stage.booked('61008000', '11004200'));
  const id = completed(stage, { title: 'In order', asset: 'CLV-U-P7' }, (order) => stage.technician.logTime(order, stage.user('10002'), 3600));
  await stage.settle();
  assert.equal(Number(stage.booked('61008000', '11004200')), before + 50, 'the good order is costed');
  assert.ok((await stage.events()).pending === 0);
  assert.ok(id > 0);
}

for (const row of orders) {
  test(`${row.name}: held with what, where and what to do, and nothing else stops`, async () => {
    const stage = await Stage.open(row.options);
    const id = row.bad(stage);
    await stage.settle();
    const found = await stage.exceptions();
    assert.ok(
      found.some(({ text, thread }) => row.says.test(text) && thread.includes(String(id))),
      `what is said: ${found.map(({ text }) => text).join(' | ')}`,
    );
    await goodOrderWorks(stage);
    assert.deepEqual(await broken(stage), []);
    await stage.close();
  });
}

const hook = async (
  stage: Stage,
  change: (hook: { url: string; type: string; headers: Readonly<Record<string, string>>; body: string }) => {
    url: string;
    type: string;
    headers: Readonly<Record<string, string>>;
    body: string;
  },
): Promise<Response> => {
  const genuine = stage.delivered.at(-1);
  assert.ok(genuine);
  const { url, headers, body } = change(genuine);
  return routes({ hub: stage.hub, log: silentLog, publicUrl: 'https://hub.example' }).request(url, { method: 'POST', headers, body });
};

const hooks: readonly {
  readonly name: string;
  readonly status: number;
  readonly says: RegExp;
  readonly change: Parameters<typeof hook>[1];
  readonly laterMs?: number;
}[] = [
  {
    name: 'a webhook with a bad signature',
    status: 401,
    says: /signature/,
    change: (one) => ({
      ...one,
      headers: {
        ...one.headers,
        'x-maintainx-webhook-body-signature': String(one.headers['x-maintainx-webhook-body-signature']).replace(/v1=.*/, `v1=${'0'.repeat(64)}`),
      },
    }),
  },
  {
    name: 'a webhook whose body was changed',
    status: 401,
    says: /signature/,
    change: (one) => ({ ...one, body: one.body.replace('workOrderId', 'workOrderID') }),
  },
  { name: 'a webhook replayed ten minutes later', status: 401, says: /old|minutes|older|tolerance/i, change: (one) => one, laterMs: 600_000 },
  {
    name: 'a webhook of 20 MB',
    status: 413,
    says: new RegExp(`larger than ${bodyLimit} bytes`),
    change: (one) => ({ ...one, body: 'x'.repeat(20 * 1024 * 1024) }),
  },
  {
    name: 'a webhook for a connection that does not exist',
    status: 404,
    says: /no connection nowhere/,
    change: (one) => ({ ...one, url: one.url.replace('cmms-1100', 'nowhere') }),
  },
];

for (const row of hooks) {
  test(`${row.name} is refused with a reason, and nothing is accepted`, async () => {
    const stage = await Stage.open();
    stage.workOrder({ title: 'Told by webhook', asset: 'CLV-U-P7' });
    await stage.settle();
    stage.clock.advance(row.laterMs ?? 0);
    const before = await stage.events();
    const answer = await hook(stage, row.change);
    const problem = (await answer.json()) as { status: number; detail: string; advice: string };
    assert.equal(answer.status, row.status);
    assert.match(problem.detail, row.says);
    assert.ok(problem.advice.length > 0);
    assert.deepEqual(await stage.events(), before);
    await goodOrderWorks(stage);
    await stage.close();
  });
}

test('a webhook that is replayed at once is taken and changes nothing', async () => {
  const stage = await Stage.open();
  stage.workOrder({ title: 'Told twice', asset: 'CLV-U-P7' });
  await stage.turn();
  const before = await stage.events();
  assert.equal((await hook(stage, (one) => one)).status, 200);
  await stage.turn();
  assert.deepEqual(await stage.events(), before);
  await stage.close();
});

/** Answers of one system that are no answers: for a while, on every request, then right again. */
const answers: readonly { readonly name: string; readonly wire: (send: Send) => Send; readonly says: RegExp }[] = [
  { name: 'malformed JSON', wire: (send) => async (request) => ({ ...(await send(request)), body: '{"d":{"results":[' }), says: /JSON/i },
  {
    name: 'a page of HTML where JSON belongs',
    wire: (send) => async (request) => ({ ...(await send(request)), headers: { 'content-type': 'text/html' }, body: '<html><body>Maintenance</body></html>' }),
    says: /JSON|html/i,
  },
];

for (const row of answers) {
  for (const side of ['erp', 'cmms-1100'] as const) {
    test(`${row.name} from ${side}: nothing is lost, and all is posted when the answers are right again`, async () => {
      let bad = false;
      const stage = await Stage.open({
        wire: (connection, send) => (request) => (bad && connection === side && request.method === 'GET' ? row.wire(send) : send)(request),
      });
      bad = true;
      completed(stage, { title: 'While answers are broken', asset: 'CLV-U-P7' }, (order) => stage.technician.logTime(order, stage.user('10002'), 3600));
      for (let round = 0; round < 3; round++) {
        await stage.turn();
        await stage.poll();
        stage.clock.advance(60_000);
      }
      assert.ok(
        stage.log.some(({ data }) => row.says.test(String(data['error']))),
        `what the log says: ${JSON.stringify(stage.log.slice(0, 3))}`,
      );
      bad = false;
      await stage.settle('all');
      assert.equal(stage.booked('61008000', '11004200'), '50');
      assert.deepEqual(await stage.exceptions(), []);
      assert.deepEqual(await broken(stage), []);
      await stage.close();
    });
  }
}

test('malformed XML in answer to a journal entry: its outcome is looked up, and it is booked exactly once', async () => {
  let cut = 0;
  const stage = await Stage.open({
    wire: (connection, send) => async (request) => {
      const answer = await send(request);
      if (connection !== 'erp' || !request.url.includes('/sap/bc/srt/') || cut > 0) return answer;
      cut += 1;
      return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
    },
  });
  completed(stage, { title: 'Answered in half', asset: 'CLV-U-P7' }, (order) => void stage.technician.logTime(order, stage.user('10002'), 3600));
  await stage.settle();
  assert.equal(cut, 1);
  assert.equal(stage.booked('61008000', '11004200'), '50');
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

const configurations: readonly { readonly name: string; readonly file: string; readonly change: (text: string) => string; readonly says: RegExp }[] = [
  {
    name: 'a misspelt setting',
    file: 'systems/erp.yaml',
    change: (text) => text.replace('visibilityMs', 'visibiltyMs'),
    says: /systems\/erp\.yaml:\d+: .*visibiltyMs/,
  },
  {
    name: 'a secret in clear text',
    file: 'systems/cmms-1100.yaml',
    change: (text) => text.replace(/token: .*/, 'token: "Bearer: abc"'),
    says: /systems\/cmms-1100\.yaml:\d+: .*secret:\/\//,
  },
  {
    name: 'a site of a connection that does not exist',
    file: 'sites.yaml',
    change: (text) => text.replace('finance: erp', 'finance: sap'),
    says: /sites\.yaml:\d+: .*systems\/sap\.yaml/,
  },
  {
    name: 'a policy that does not exist',
    file: 'policies.yaml',
    change: (text) => text.replace('settleSeconds', 'setleSeconds'),
    says: /policies\.yaml:\d+: .*setleSeconds/,
  },
  { name: 'no YAML at all', file: 'scope.yaml', change: () => 'default: [live', says: /scope\.yaml:\d+: / },
  {
    name: 'an unknown connector',
    file: 'systems/erp.yaml',
    change: (text) => text.replace('connector: s4hana', 'connector: s5hana'),
    says: /systems\/erp\.yaml.*no connector s5hana; there are maintainx, s4hana/,
  },
  {
    name: 'a poll of a kind that does not exist',
    file: 'systems/erp.yaml',
    change: (text) => text.replace('purchaseOrder:', 'purchaseOrders:'),
    says: /systems\/erp\.yaml:\d+: .*purchaseOrders/,
  },
];

for (const row of configurations) {
  test(`wrong configuration, ${row.name}: refused with file and line before anything is sent`, () => {
    let sent = 0;
    const folder = (path: string): void => writeFileSync(join(path, row.file), row.change(readFileSync(join(path, row.file), 'utf8')));
    const wire: StageOptions['wire'] = (_connection, send) => (request) => {
      sent += 1;
      return send(request);
    };
    assert.throws(
      () => new Stage({ folder, wire }),
      (error: Error) => row.says.test(error.message) || assert.fail(error.message),
    );
    assert.equal(sent, 0);
  });
}

test('wrong credentials: said at once with whose they are, the other system goes on, and all is posted once they are right', async () => {
  let wrong = false;
  const stage = await Stage.open({
    wire: (connection, send) => (request) =>
      send(
        wrong && connection === 'erp'
          ? { ...request, headers: { ...request.headers, authorization: `Basic ${Buffer.from('LINCHPIN:wrong').toString('base64')}` } }
          : request,
      ),
  });
  wrong = true;
  completed(stage, { title: 'While the password is wrong', asset: 'CLV-U-P7' }, (order) => stage.technician.logTime(order, stage.user('10002'), 3600));
  for (let round = 0; round < 3; round++) {
    await stage.turn();
    await stage.poll();
    stage.clock.advance(60_000);
  }
  const [waiting] = await stage.exceptions();
  assert.equal(waiting?.fault, 'unauthorised');
  assert.equal(waiting?.owner, 'administrator');
  assert.match(waiting?.title ?? '', /erp: The credential was refused/);
  assert.ok(!JSON.stringify([waiting, stage.log]).includes('erp-password'));
  wrong = false;
  const answer = stage.hub.worker.intervene(waiting!.lane, {
    actor: 'administrator',
    kind: 'retry',
    operation: waiting!.key,
    reason: 'the password was renewed',
  });
  await stage.turn();
  assert.deepEqual(await answer, { ok: true });
  await stage.settle();
  assert.equal(stage.booked('61008000', '11004200'), '50');
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('an unreachable system: named with the request that had no answer; what waits goes out by itself when it answers', async () => {
  const stage = await Stage.open();
  stage.erp.buttons.press({ fault: 'down' });
  completed(stage, { title: 'While the ERP is down', asset: 'CLV-U-P7' }, (order) => stage.technician.logTime(order, stage.user('10002'), 3600));
  await stage.turn();
  await stage.poll();
  assert.ok(
    stage.log.some(({ text, data }) => /erp/.test(text) && /GET \/sap\/.* got no answer/.test(String(data['error']))),
    JSON.stringify(stage.log.slice(-2)),
  );
  assert.equal((await stage.operations()).filter(({ state, fault }) => (state === 'ready' || state === 'unknown') && fault !== null).length, 1);
  stage.erp.buttons.release();
  await stage.settle();
  assert.equal(stage.booked('61008000', '11004200'), '50');
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('a full disk: what cannot be kept is not acknowledged; what was kept stays, and work goes on when there is room', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-full-'));
  const file = join(folder, 'linchpin.sqlite');
  const stage = await Stage.open({ store: openSqlite({ file }) });
  const before = await stage.events();
  await stage.store.close();
  const full = openSqlite({ file, maxPages: 1 });
  const event = {
    lane: 'workOrder/x',
    kind: 'workOrder.snapshot',
    key: 'k',
    source: 'cmms-1100',
    object: 'x',
    version: '1',
    urgency: 0,
    thread: 'workOrder/x',
    site: '',
    data: { text: 'x'.repeat(900_000) },
    at: stage.clock.now(),
  };
  await assert.rejects(
    full.accept([event], { now: stage.clock.now() }),
    (error: Error) => (/full|space/i.test(error.message) && error.message.includes('linchpin.sqlite')) || assert.fail(error.message),
  );
  await full.close();
  const again = openSqlite({ file });
  assert.deepEqual(await again.read.countEvents(), before);
  assert.deepEqual((await again.accept([{ ...event, data: { text: 'short' } }], { now: stage.clock.now() })).outcomes, ['accepted']);
  await again.close();
  rmSync(folder, { recursive: true, force: true });
});

test('two hubs on one SQLite file: the second is refused with the file and the process that holds it, and the first goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-two-'));
  const file = join(folder, 'linchpin.sqlite');
  const stage = await Stage.open({ store: openSqlite({ file }) });
  assert.throws(
    () => openSqlite({ file }),
    (error: Error) => (error.message.includes('linchpin.sqlite') && /process|hub/.test(error.message)) || assert.fail(error.message),
  );
  await goodOrderWorks(stage);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});
