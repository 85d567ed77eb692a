import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { machineClock, ManualClock } from '#base/clock';
import { Fault } from '#base/fault';
import { refusedAddress } from '#spi/address';
import { checkedOrigin, openSender, type SenderOptions } from '#spi/http';
import { NoAnswer, type HttpRequest, type HttpResponse } from '#spi/transport';

/** Runs a server on loopback for one check, with a sender that may reach it. */
async function between(
  listener: RequestListener,
  run: (send: (path: string, more?: Partial<HttpRequest>) => Promise<HttpResponse>, base: string) => Promise<void>,
  options: Partial<SenderOptions> = {},
): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sender = openSender({ origins: [base], clock: machineClock, ...options });
  try {
    await run((path, more = {}) => sender.send({ method: 'GET', url: base + path, headers: {}, ...more }), base);
  } finally {
    sender.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
const noAnswer =
  (sent: boolean) =>
  (error: unknown): boolean =>
    error instanceof NoAnswer && error.sent === sent;

test('an answer comes back with status, headers, cookies and text, over one kept-alive socket', async () => {
  const sockets = new Set<unknown>();
  await between(
    (request, response) => {
      sockets.add(request.socket);
      response.writeHead(201, { 'x-one': 'a', 'set-cookie': ['a=1', 'b=2'] }).end(`${request.method} ${request.url}`);
    },
    async (send) => {
      for (let i = 0; i < 5; i++) {
        const { status, headers, cookies, body } = await send('/v1/x?y=ü', { method: 'POST', body: '{}' });
        assert.deepEqual([status, headers['x-one'], cookies, body], [201, 'a', ['a=1', 'b=2'], 'POST /v1/x?y=%C3%BC']);
      }
      assert.equal(sockets.size, 1);
    },
  );
});

test('a body is sent with its length in bytes', () =>
  between(
    (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8'))).on('end', () => response.end(`${request.headers['content-length']} ${body}`));
    },
    async (send) => assert.equal((await send('/', { method: 'POST', body: 'süß' })).body, '5 süß'),
  ));

test('a redirect is an answer, not a way', () =>
  between(
    (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    async (send) => assert.equal((await send('/')).status, 302),
  ));

test('an address that is not of the connection is refused before anything is resolved', () =>
  between(
    (_request, response) => response.end(),
    async (_send, base) => {
      const sender = openSender({ origins: [base], clock: machineClock });
      for (const url of ['http://127.0.0.1:9/', 'https://127.0.0.1/', 'http://localhost/', 'http://metadata.google.internal/'])
        await assert.rejects(sender.send({ method: 'GET', url, headers: {} }), (error) => error instanceof Fault && error.kind === 'misconfigured');
      sender.close();
    },
  ));

test('a refused connection was surely not executed', () =>
  between(
    (_request, response) => response.end(),
    async (_send, base) => {
      const closed = createServer();
      await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
      const url = base.replace(/\d+$/, String((closed.address() as AddressInfo).port));
      await new Promise((resolve) => closed.close(resolve));
      const sender = openSender({ origins: [url], clock: machineClock });
      await assert.rejects(sender.send({ method: 'POST', url, headers: {}, body: '{}' }), noAnswer(false));
      sender.close();
    },
  ));

test('a name that does not exist was surely not reached', async () => {
  const sender = openSender({ origins: ['https://no-such-host.invalid'], clock: machineClock });
  await assert.rejects(sender.send({ method: 'POST', url: 'https://no-such-host.invalid/', headers: {}, body: '{}' }), noAnswer(false));
  sender.close();
});

for (const [name, listener] of [
  ['closed without an answer', (request) => request.socket.destroy()],
  [
    'cut in the middle of the answer',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"id":');
      setImmediate(() => request.socket.destroy());
    },
  ],
  [
    'cut in the middle of a chunked answer',
    (request, response) => {
      response.writeHead(200);
      response.write('{"id":');
      setImmediate(() => request.socket.destroy());
    },
  ],
] as const satisfies readonly (readonly [string, RequestListener])[]) {
  test(`a connection that is ${name} may have been executed`, () =>
    between(listener, async (send) => assert.rejects(send('/', { method: 'POST', body: '{}' }), noAnswer(true))));
}

test('an answer that is too large is drifted and is not read on', () =>
  between(
    (_request, response) => {
      for (let i = 0; i < 100; i++) response.write('x'.repeat(1000));
      response.end();
    },
    async (send) => {
      await assert.rejects(send('/'), (error) => error instanceof Fault && error.kind === 'drifted' && error.message.includes('5000 bytes'));
    },
    { responseBytes: 5000 },
  ));

test('a request that is too large is refused before it leaves', () =>
  between(
    (_request, response) => response.end(),
    async (send) => {
      await assert.rejects(send('/', { method: 'POST', body: 'x'.repeat(17 * 1024 * 1024) }), (error) => error instanceof Fault && error.kind === 'rejected');
    },
  ));

test('no whole answer within the time is no answer', async () => {
  const clock = new ManualClock(0);
  await between(
    () => clock.advance(1000),
    async (send) => assert.rejects(send('/', { method: 'POST', body: '{}' }), noAnswer(true)),
    { clock, timeoutMs: 1000 },
  );
  assert.equal(clock.next(), undefined, 'a timer is left behind');
});

test('a stopped request ends at once, before or after it was sent', async () => {
  const stop = new AbortController();
  await between(
    () => stop.abort(),
    async (send) => {
      const began = performance.now();
      await assert.rejects(send('/', { signal: stop.signal }), noAnswer(true));
      assert.ok(performance.now() - began < 100);
      await assert.rejects(send('/', { signal: stop.signal }), noAnswer(false));
    },
  );
});

test('reading is repeated once on a socket that the server had closed, writing is not', async () => {
  let calls = 0;
  const seen: string[] = [];
  await between(
    (request, response) => {
      seen.push(request.method ?? '');
      calls++;
      if (calls % 2 === 0) request.socket.destroy();
      else response.end('ok');
    },
    async (send) => {
      assert.equal((await send('/')).body, 'ok');
      assert.equal((await send('/')).body, 'ok');
      await assert.rejects(send('/', { method: 'POST', body: '{}' }), noAnswer(true));
      assert.deepEqual(seen, ['GET', 'GET', 'GET', 'POST']);
    },
  );
});

for (const [address, allowed] of [
  ['https://erp.example', true],
  ['https://10.0.0.7:44300', true],
  ['http://127.0.0.1:8080', true],
  ['http://localhost:1', true],
  ['http://[::1]:1', true],
  ['http://erp.example', false],
  ['http://10.0.0.7', false],
  ['ftp://erp.example', false],
  ['file:///etc/passwd', false],
  ['gopher://x', false],
  ['https://user:secret@erp.example', false],
  ['erp.example', false],
  ['', false],
  ['https://169.254.169.254', false],
  ['https://[fe80::1]', false],
  ['https://0.0.0.0', false],
  ['https://[::]', false],
  ['https://224.0.0.1', false],
  ['https://255.255.255.255', false],
  ['https://2852039166', false],
  ['https://0xA9FEA9FE', false],
  ['https://[::ffff:169.254.169.254]', false],
] as const) {
  test(`the address ${JSON.stringify(address)} is ${allowed ? 'allowed' : 'refused, without repeating a password'}`, () => {
    if (allowed) assert.equal(checkedOrigin(address, false), new URL(address).origin);
    else
      assert.throws(
        () => checkedOrigin(address, false),
        (error) => error instanceof Fault && error.kind === 'misconfigured' && !error.message.includes('secret'),
      );
  });
}

test('plain http to another machine needs a waiver', () => assert.equal(checkedOrigin('http://erp.plant', true), 'http://erp.plant'));

test('a name may not lead to this machine unless it says so', () => {
  assert.ok(refusedAddress('127.0.0.1', 'erp.example'));
  assert.ok(refusedAddress('::1', 'erp.example'));
  assert.ok(refusedAddress('169.254.169.254', 'localhost'));
  assert.equal(refusedAddress('127.0.0.1', 'localhost'), undefined);
  assert.equal(refusedAddress('10.1.2.3', 'erp.example'), undefined);
});
