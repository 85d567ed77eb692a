import assert from 'node:assert/strict';
import test from 'node:test';
import { NoAnswer, type Send } from '#spi/transport';
import { broken, cascade, figures, scenarios, type Scenario } from './scenarios.ts';
import { Stage, type StageOptions } from './stage.ts';

/** What goes wrong, and when it stops by itself. The story is the same; so must its end be. */
interface Trouble {
  readonly name: string;
  readonly options?: StageOptions;
  press?(stage: Stage): void;
}

const hour = 3_600_000;

const troubles: readonly Trouble[] = [
  { name: 'the ERP is down for two hours', press: (stage) => downFor(stage, 2 * hour) },
  { name: 'the ERP loses every third of its first 60 requests', options: { wire: dropping(3, 60) } },
  {
    name: 'the maintenance system is down for an hour',
    press(stage) {
      stage.cmms.buttons.press({ fault: 'down' });
      stage.clock.after(hour, () => stage.cmms.buttons.release('down'));
    },
  },
  { name: 'every webhook comes twice', press: (stage) => stage.cmms.buttons.press({ fault: 'duplicateWebhook' }) },
  { name: 'every webhook comes five minutes late', press: (stage) => stage.cmms.buttons.press({ fault: 'lateWebhook', delayMs: 300_000 }) },
  { name: 'every webhook is lost: polling alone', press: (stage) => stage.cmms.buttons.press({ fault: 'lostWebhook' }) },
  { name: 'the ERP answers that there were too many requests', press: (stage) => stage.erp.buttons.press({ fault: 'throttled', times: 12 }) },
  { name: 'the ERP shows what it committed only after a while', press: (stage) => stage.erp.buttons.press({ fault: 'delayedVisibility', delayMs: 1500 }) },
  {
    name: 'every first answer of a document is lost after it was committed',
    press: (stage) => stage.erp.buttons.press({ fault: 'answerLost', times: 6, match: 'POST' }),
  },
  {
    name: 'somebody has the materials open for half an hour',
    press(stage) {
      for (const material of ['FILTER-25', 'BRG-6205', 'OIL-46']) stage.erp.buttons.press({ fault: 'lockedObject', with: { material, user: 'WMEIER' } });
      stage.clock.after(hour / 2, () => stage.erp.buttons.release('lockedObject'));
    },
  },
];

function downFor(stage: Stage, ms: number): void {
  stage.erp.buttons.press({ fault: 'down' });
  stage.clock.after(ms, () => stage.erp.buttons.release('down'));
}

/** Every n-th of the first requests to the ERP is executed and its answer lost. */
function dropping(every: number, first: number): NonNullable<StageOptions['wire']> {
  let count = 0;
  return (connection, send) => async (request) => {
    if (connection !== 'erp' || ++count > first || count % every !== 0) return send(request);
    await send(request);
    throw new NoAnswer('the answer was lost', { sent: true });
  };
}

/** Counts writes to the ERP once `on` is set, and spoils one of them. */
function spoiler(nth: number, how: 'lost' | '500'): { wire: NonNullable<StageOptions['wire']>; counted: () => number; start: () => void } {
  let [count, on] = [0, false];
  const wire =
    (connection: string, send: Send): Send =>
    async (request) => {
      if (!on || connection !== 'erp' || request.method === 'GET' || request.method === 'HEAD') return send(request);
      const mine = ++count;
      const answer = await send(request);
      if (mine !== nth) return answer;
      if (how === 'lost') throw new NoAnswer('the answer was lost', { sent: true });
      return { status: 500, headers: { 'content-type': 'text/plain' }, cookies: [], body: 'Internal Server Error' };
    };
  return { wire, counted: () => count, start: () => (on = true) };
}

const merged = (scenario: Scenario, more: StageOptions = {}): StageOptions => ({ ...scenario.options, ...more });

const calm = new Map<string, Promise<unknown>>();
/** The end of a story without faults: what every other run of it is compared with. */
function calmFigures(scenario: Scenario): Promise<unknown> {
  const known =
    calm.get(scenario.name) ??
    (async () => {
      const stage = await Stage.open(scenario.options);
      const found = await figures(stage, await scenario.play(stage));
      await stage.close();
      return found;
    })();
  calm.set(scenario.name, known);
  return known;
}

for (const scenario of scenarios) {
  for (const trouble of troubles) {
    test(`${scenario.name}, while ${trouble.name}: the same end, one document each`, async () => {
      const expected = await calmFigures(scenario);
      const stage = await Stage.open(merged(scenario, trouble.options));
      trouble.press?.(stage);
      const workOrders = await scenario.play(stage);
      assert.deepEqual(await figures(stage, workOrders), expected);
      assert.deepEqual(await broken(stage), []);
      await stage.close();
    });
  }

  for (const how of ['lost', '500'] as const) {
    test(`${scenario.name}, with the answer of each write of the ERP in turn ${how === 'lost' ? 'lost after commit' : 'replaced by a 500 after commit'}: the same end, one document each`, async () => {
      const expected = await calmFigures(scenario);
      for (let nth = 1, writes = 1; nth <= writes; nth++) {
        const spoilt = spoiler(nth, how);
        const stage = await Stage.open(merged(scenario, { wire: spoilt.wire }));
        spoilt.start();
        const workOrders = await scenario.play(stage);
        writes = Math.max(writes, spoilt.counted());
        assert.deepEqual(await figures(stage, workOrders), expected, `write ${nth}`);
        assert.deepEqual(await broken(stage), [], `write ${nth}`);
        await stage.close();
      }
    });
  }
}

test('000-23 in a closed period: nothing is posted and a person is told; reopened and retried by a person, the end is the same', async () => {
  const expected = await calmFigures(cascade);
  const stage = await Stage.open();
  stage.erp.buttons.press({ fault: 'periodClosed', with: { companyCode: '1100', period: '2026/03' } });
  const workOrders = await cascade.play(stage);
  const waiting = await stage.exceptions();
  assert.equal(waiting.length, 3);
  for (const { title, text, fault, owner } of waiting) {
    assert.deepEqual([fault, owner], ['closed', 'controller']);
    assert.match(title, /The posting period is closed/);
    assert.match(text, /2026|period/i);
  }
  assert.equal([...stage.world.movements.items.all()].filter(({ GoodsMovementType }) => GoodsMovementType === '201').length, 0);
  stage.erp.buttons.release('periodClosed');
  for (const { key, lane } of waiting) {
    const answer = stage.hub.worker.intervene(lane, { actor: 'controller', kind: 'retry', operation: key, reason: 'the period is open again' });
    await stage.turn();
    assert.deepEqual(await answer, { ok: true });
  }
  await stage.settle();
  assert.deepEqual(await figures(stage, workOrders), expected);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});
