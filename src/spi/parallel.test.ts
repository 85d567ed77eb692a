import assert from 'node:assert/strict';
import test from 'node:test';
import { atMost } from '#spi/parallel';
import { NoAnswer, type HttpRequest, type HttpResponse } from '#spi/transport';

const request: HttpRequest = { method: 'GET', url: 'https://erp.example/x', headers: {} };
const answer: HttpResponse = { status: 200, headers: {}, cookies: [], body: '' };

test('never more requests at once than declared, all of them answered, in their order', async () => {
  const order: number[] = [];
  let [running, most] = [0, 0];
  const waiting: (() => void)[] = [];
  const send = atMost(3, () => {
    most = Math.max(most, (running += 1));
    return new Promise((resolve) => waiting.push(() => ((running -= 1), resolve(answer))));
  });
  const all = Array.from({ length: 10 }, async (_, n) => {
    await send(request);
    order.push(n);
  });
  for (let turns = 0; order.length < 10; turns++) {
    assert.ok(turns < 100, 'a request is never sent');
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  assert.equal(most, 3);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a failed request gives its place back, and one that was stopped while it waited is not sent', async () => {
  let sent = 0;
  const stop = new AbortController();
  const send = atMost(1, () => {
    sent += 1;
    return Promise.reject(new NoAnswer('reset', { sent: true }));
  });
  const first = assert.rejects(send(request), /reset/);
  const second = assert.rejects(send({ ...request, signal: stop.signal }), (error: unknown) => error instanceof NoAnswer && !error.sent);
  stop.abort();
  await first;
  await second;
  await assert.rejects(send(request), /reset/);
  assert.equal(sent, 2);
});
