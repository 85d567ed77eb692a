import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { FaultKind } from '#base/fault';
import { benchConnection, changesSomething, type Bench } from '#spi/bench';
import type { Connector } from '#spi/connector';
import type { Check } from '#spi/contract';
import { definitions, faultOf, onceOf, type Defined } from '#spi/contract-assert';
import type { Connection } from '#spi/open';
import { NoAnswer, type HttpResponse, type Send } from '#spi/transport';

const answer = (status: number, body = '', headers: Readonly<Record<string, string>> = {}): HttpResponse => ({ status, headers, cookies: [], body });

/** Status to fault, for reading and for writing. */
const statuses: readonly (readonly [number, FaultKind, FaultKind])[] = [
  [400, 'rejected', 'rejected'],
  [401, 'unauthorised', 'unauthorised'],
  [403, 'forbidden', 'forbidden'],
  [404, 'missing', 'missing'],
  [429, 'throttled', 'throttled'],
  [500, 'unreachable', 'uncertain'],
  [502, 'unreachable', 'uncertain'],
  [503, 'unreachable', 'uncertain'],
  [504, 'unreachable', 'uncertain'],
];

/** What a system or a network that fails may do, and what must come of it. */
export function faultChecks(connector: Connector, bench: Bench): Check[] {
  const first = definitions(connector).find(({ verbs }) => verbs.list ?? verbs.get);
  return [
    { name: 'no secret reaches a fault, also where the system repeats it', run: () => secrets(connector, bench) },
    {
      name: 'a call under way ends within 100 ms when the connection is closed',
      run: async () => {
        if (!first) return;
        const connection = benchConnection(connector, bench, { system: bench.start(1), wrap: () => hanging });
        const call = faultOf('unreachable', anyRead(connection, first), 'the call');
        const began = performance.now();
        connection.close();
        await call;
        assert.ok(performance.now() - began < 100, 'the call goes on');
      },
    },
    ...definitions(connector).flatMap((defined) =>
      [...readFaults(connector, bench, defined), ...writeFaults(connector, bench, defined)].map(({ name, run }) => ({ name: `${defined.kind}: ${name}`, run })),
    ),
  ];
}

/** Ends only when it is stopped. */
const hanging: Send = (request) =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(new NoAnswer('stopped', { sent: true }));
    if (request.signal?.aborted) stop();
    else request.signal?.addEventListener('abort', stop, { once: true });
  });

function anyRead(connection: Connection, { kind, def, verbs }: Defined): Promise<unknown> {
  return verbs.list ? connection.list(kind, { limit: 2 }) : connection.get(kind, def.key(def.shape.parse(def.example)));
}

function readFaults(connector: Connector, bench: Bench, defined: Defined): Check[] {
  if (!defined.verbs.list && !defined.verbs.get) return [];
  const read = (send: Send): Promise<unknown> => anyRead(benchConnection(connector, bench, { system: bench.start(2), wrap: () => send }), defined);
  return [
    ...statuses.map(([status, kind]) => ({
      name: `reading: ${status} is ${kind}`,
      run: async () => {
        // The wait is said in both ways that are common; a connector with a way of its own has a test of its own.
        const fault = await faultOf(
          kind,
          read(async () => answer(status, '{"error":"no"}', { 'retry-after': '7', 'x-rate-limit-reset': '7' })),
        );
        if (status === 429)
          assert.ok((fault.detail.retryAfterMs ?? 0) >= 1000 && (fault.detail.retryAfterMs ?? Infinity) <= 15 * 60_000, 'how long to wait is not said');
        assert.match(fault.message, new RegExp(String(status)), 'the message does not say what was answered');
      },
    })),
    {
      name: 'reading: no answer is unreachable',
      run: async () => {
        await faultOf(
          'unreachable',
          read(async () => {
            throw new NoAnswer('reset', { sent: true });
          }),
        );
      },
    },
    {
      name: 'reading: an answer that is no JSON, cut, or of another form is drifted',
      run: async () => {
        for (const body of ['<html>Sign in</html>', '{"a":', '[]', '42', 'null', '{}'])
          await faultOf(
            'drifted',
            read(async () => answer(200, body)),
            body,
          );
      },
    },
    {
      name: 'reading: a redirect is not followed',
      run: async () => {
        let calls = 0;
        await faultOf(
          ['misconfigured'],
          read(async () => (calls++, answer(302, '', { location: 'http://169.254.169.254/latest' }))),
        );
        assert.ok(calls <= 2, 'the redirect was followed');
      },
    },
  ];
}

function writeFaults(connector: Connector, bench: Bench, { kind, verbs }: Defined): Check[] {
  const draft = bench.drafts[kind];
  if (!verbs.create || draft === undefined) return [];
  return statuses.map(([status, , expected]) => ({
    name: `create: ${status} is ${expected}`,
    run: async () => {
      let sent = 0;
      const connection = benchConnection(connector, bench, {
        system: bench.start(3),
        wrap: (send) => async (request) => {
          if (!changesSomething(request)) return send(request);
          sent++;
          return answer(status, '{"error":"no"}', { 'retry-after': '7', 'x-rate-limit-reset': '7' });
        },
      });
      await faultOf(expected, connection.write(kind, 'create', draft, { once: onceOf(1) }));
      assert.ok(sent <= (status === 401 ? 2 : 1), `the write was sent ${sent} times`);
    },
  }));
}

/** The system repeats whatever it was sent, in every error it has. */
async function secrets(connector: Connector, bench: Bench): Promise<void> {
  const canaries = Object.values(bench.badCredential).filter((text) => text.length >= 8);
  assert.ok(canaries.length > 0, 'the bad credential has no canary of 8 characters');
  for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
    const echo: Send = async (request) => {
      const text = `${JSON.stringify(request.headers)} ${request.body ?? ''} ${canaries.join(' ')}`;
      return answer(status, JSON.stringify({ error: text, errors: [{ error: text, fieldPath: text }], message: text }), { 'x-echo': text });
    };
    for (const body of [
      echo,
      async () => {
        throw new NoAnswer(`reset ${canaries.join(' ')}`, { sent: true, cause: new Error(canaries.join(' ')) });
      },
    ]) {
      const connection = benchConnection(connector, bench, { system: bench.start(1), credential: bench.badCredential, wrap: () => body });
      const calls = [
        connection.probe(),
        ...definitions(connector).flatMap((defined) => ((defined.verbs.list ?? defined.verbs.get) ? [anyRead(connection, defined)] : [])),
        ...definitions(connector).flatMap(({ kind, verbs }) =>
          verbs.create && bench.drafts[kind] ? [connection.write(kind, 'create', bench.drafts[kind], { once: onceOf(1) })] : [],
        ),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        assert.equal(outcome.status, 'rejected');
        const shown = inspect(outcome.status === 'rejected' ? outcome.reason : undefined, { depth: 10, showHidden: true });
        for (const canary of canaries)
          for (const text of [canary, Buffer.from(canary).toString('base64')])
            assert.ok(!shown.includes(text), `a fault shows the secret: ${shown.slice(0, 300)}`);
      }
    }
  }
}
