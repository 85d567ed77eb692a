import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { machineClock, ManualClock } from '#base/clock';
import { Fault, type FaultKind } from '#base/fault';
import { operationReference } from '#base/id';
import type { JsonObject } from '#base/json';
import { seededRandom } from '#base/random';
import { maintainx } from '#connectors/maintainx/connector';
import { s4hana } from '#connectors/s4hana/connector';
import { credential, drafts, plantSystem, settings } from '#connectors/s4hana/testing';
import type { RecordKind } from '#model/records';
import { maintainxTwin } from '#simulators/maintainx/twin';
import { serveTwin, type Twin, type TwinResponse } from '#simulators/twin';
import { wireFaults, type WireFault } from '#simulators/wire-faults';
import type { Connector, Once } from '#spi/connector';
import { openConnection, type Connection } from '#spi/open';

/** A twin on a real socket with its connector, and one kind that can be listed and written. */
interface Served {
  readonly twin: Twin;
  readonly url: string;
  readonly connection: Connection;
  readonly kind: RecordKind;
  readonly draft: JsonObject;
  count(): number;
  close(): Promise<void>;
}

async function served(name: 's4hana' | 'maintainx'): Promise<Served> {
  if (name === 's4hana') {
    const { twin, count } = plantSystem(2, { pageSize: 100 });
    const server = await serveTwin(twin, { port: 0, throttle: () => twin.throttleAnswer() });
    const connection = connected(s4hana as Connector, { ...settings, baseUrl: server.url }, credential);
    return made({ twin, server, connection, kind: 'goodsIssue', draft: drafts.goodsIssue ?? {}, count: () => count('goodsIssue') });
  }
  const key = 'a-key-of-the-test-0123456789';
  const clock = new ManualClock(Date.parse('2026-03-09T08:00:00Z'));
  const twin = maintainxTwin({ clock, random: seededRandom(2), config: { keys: [{ key, userId: 1, organizationIds: [1] }] } });
  const server = await serveTwin(twin, { port: 0, throttle: () => twin.throttleAnswer() });
  const connection = connected(maintainx as Connector, { address: `${server.url}/v1`, currency: 'EUR', unitSystem: 'sap' }, { token: key });
  for (const [path, body] of [
    ['customfields/locations', { fields: [{ label: 'Linchpin reference', type: 'oneline' }] }],
    ['locations', { name: 'Hall 1' }],
  ] as const)
    await fetch(`${server.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return made({ twin, server, connection, kind: 'location', draft: { name: 'Hall 2' }, count: () => twin.world.locations.size });
}

const connected = (connector: Connector, config: JsonObject, secret: Readonly<Record<string, string>>): Connection =>
  openConnection(connector, { name: 'twin', config, credential: secret, clock: machineClock, rehearsal: false });

function made(parts: Omit<Served, 'url' | 'close'> & { readonly server: { readonly url: string; close(): Promise<void> } }): Served {
  const { server, connection, ...rest } = parts;
  return {
    ...rest,
    connection,
    url: server.url,
    async close() {
      connection.close();
      await server.close();
    },
  };
}

const once: Once = { key: 'buttons', reference: operationReference('buttons') };

/** What a connector must make of each button of the wire: reading, writing, and whether the write was done. A read that is cut on a kept connection is asked once more by itself; a write never. */
const expected: Readonly<Record<WireFault, { readonly read: FaultKind | 'answered'; readonly write: FaultKind | 'answered'; readonly done: 0 | 1 }>> = {
  slow: { read: 'answered', write: 'answered', done: 1 },
  down: { read: 'unreachable', write: 'uncertain', done: 0 },
  hang: { read: 'unreachable', write: 'uncertain', done: 0 },
  throttled: { read: 'throttled', write: 'throttled', done: 0 },
  answerLost: { read: 'unreachable', write: 'uncertain', done: 1 },
  answerCut: { read: 'drifted', write: 'uncertain', done: 1 },
  serverError: { read: 'unreachable', write: 'uncertain', done: 0 },
  serverErrorAfterCommit: { read: 'unreachable', write: 'uncertain', done: 1 },
};

async function kindOf(call: Promise<unknown>): Promise<{ readonly kind: string; readonly fault?: Fault }> {
  try {
    await call;
    return { kind: 'answered' };
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return { kind: error.kind, fault: error };
  }
}

for (const name of ['s4hana', 'maintainx'] as const)
  for (const fault of Object.keys(wireFaults) as WireFault[])
    for (const side of ['read', 'write'] as const)
      test(`${name}: the button ${fault} on a ${side} over a socket is ${expected[fault][side]}`, async () => {
        const { twin, connection, kind, draft, count, close } = await served(name);
        try {
          // Sign-in and token come first, so that the button meets the call itself.
          await connection.probe();
          const before = count();
          const times = side === 'read' && (fault === 'down' || fault === 'answerLost') ? 2 : 1;
          twin.buttons.press({ fault, times, match: side === 'read' ? 'GET /' : 'POST /', ...(fault === 'slow' ? { delayMs: 30 } : {}) });
          const began = performance.now();
          const call = side === 'read' ? connection.list(kind, { limit: 50 }) : connection.write(kind, 'create', draft, { once });
          // A system that never answers is given up by closing: the time-out of the connection does the same later.
          if (fault === 'hang') setTimeout(() => connection.close(), 100);
          const { kind: met, fault: thrown } = await kindOf(call);
          assert.equal(met, expected[fault][side], thrown?.message);
          if (fault === 'slow') assert.ok(performance.now() - began >= 29, 'the answer was not slow');
          if (fault === 'throttled') assert.ok((thrown?.detail.retryAfterMs ?? 0) > 0, 'how long to wait is not said');
          assert.equal(twin.buttons.fired.get(fault), times);
          assert.deepEqual(twin.buttons.down, []);
          if (side === 'write') assert.equal(count() - before, expected[fault].done);
        } finally {
          await close();
        }
      });

const json = async (answer: TwinResponse | Response): Promise<Record<string, unknown>> =>
  JSON.parse(typeof answer.body === 'string' ? answer.body : await (answer as Response).text()) as Record<string, unknown>;

test('the guide to the twins names every button of both', async () => {
  const guide = await readFile(new URL('../../docs/guides/twins.md', import.meta.url), 'utf8');
  for (const name of ['s4hana', 'maintainx'] as const) {
    const { twin, close } = await served(name);
    await close();
    for (const fault of [...Object.keys(wireFaults), ...Object.keys(twin.buttons.worldFaults)])
      assert.ok(guide.includes(`\`${fault}\``), `${name}: ${fault} is not in the guide`);
  }
});

for (const name of ['s4hana', 'maintainx'] as const)
  test(`${name}: the page of the twin shows the world with its counts, filters its tables, and presses buttons`, async () => {
    const { twin, url, close } = await served(name);
    const press = (path: string, body: unknown, type = 'application/json'): Promise<Response> =>
      fetch(`${url}/_twin/${path}`, { method: 'POST', headers: { 'content-type': type }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    try {
      const page = await fetch(`${url}/_twin`, { headers: { accept: 'text/html' } });
      assert.match(page.headers.get('content-type') ?? '', /text\/html/);
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*script-src 'sha256-/);
      assert.match(await page.text(), new RegExp(`<title>${name} twin</title>`));
      const inside = await json(await fetch(`${url}/_twin`));
      const tables = inside['tables'] as { name: string; size: number }[];
      for (const table of tables) {
        const rows = await json(await fetch(`${url}/_twin/tables/${encodeURIComponent(table.name)}?limit=1`));
        assert.deepEqual([rows['size'], rows['matched'], (rows['rows'] as unknown[]).length], [table.size, table.size, Math.min(1, table.size)], table.name);
      }
      const filled = tables.find(({ size }) => size > 0) ?? assert.fail('the world is empty');
      const none = await json(await fetch(`${url}/_twin/tables/${encodeURIComponent(filled.name)}?filter=nobody-has-this`));
      assert.deepEqual([none['matched'], none['rows']], [0, []]);
      const answer = await press('press', { fault: 'down', times: 2, match: 'POST /' });
      assert.deepEqual((await json(answer))['pressed'], [{ press: { fault: 'down', times: 2, match: 'POST /' }, left: 2 }]);
      assert.equal(twin.buttons.pressed.length, 1);
      assert.equal((await press('release', {})).status, 200);
      assert.equal(twin.buttons.pressed.length, 0);
      for (const [path, body, type, status] of [
        ['press', { fault: 'explode' }, undefined, 400],
        ['press', { fault: 'down', times: 0 }, undefined, 400],
        ['press', { fault: 'down', often: 1 }, undefined, 400],
        ['press', '{', undefined, 400],
        ['press', { fault: 'down' }, 'text/plain', 415],
        ['shake', {}, undefined, 404],
      ] as const)
        assert.equal((await press(path, body, type)).status, status, JSON.stringify(body));
      assert.equal((await fetch(`${url}/_twin/tables/nothing`)).status, 404);
      assert.equal(twin.buttons.pressed.length, 0);
    } finally {
      await close();
    }
  });
