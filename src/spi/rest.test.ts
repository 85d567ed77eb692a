import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { Fault, type FaultKind } from '#base/fault';
import { longestWaitMs, messageIn, safeText } from '#spi/answers';
import { parseExactly, path, rest, type Rest } from '#spi/rest';
import { NoAnswer, type HttpRequest, type HttpResponse } from '#spi/transport';

const answer = (status: number, body = '', headers: Record<string, string> = {}): HttpResponse => ({ status, headers, cookies: [], body });
function open(reply: (request: HttpRequest) => HttpResponse | Error, options: { rehearsal?: boolean; base?: string } = {}): { api: Rest; sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  const api = rest<object>({ base: () => options.base ?? 'https://erp.example/v1/', probe: '/me' }).open({
    config: {},
    rehearsal: options.rehearsal ?? false,
    signal: new AbortController().signal,
    now: () => 1_000_000,
    send: async (request) => {
      sent.push(request);
      const given = reply(request);
      if (given instanceof Error) throw given;
      return given;
    },
  });
  return { api, sent };
}
const faulty = async (kind: FaultKind, call: Promise<unknown>): Promise<Fault> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Fault, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
};

test('paths join the base, values and queries are encoded, absent members are left out', async () => {
  const { api, sent } = open(() => answer(200, '{"a":1}'));
  assert.deepEqual(
    await api.get(path`/orders/${'a/b ü'}/lines/${7}`, { 'updatedAt[gte]': '2026-01-01T00:00:00Z', none: undefined, expand: ['x', 'y'], quiet: true }),
    { a: 1 },
  );
  assert.equal(sent[0]?.url, 'https://erp.example/v1/orders/a%2Fb%20%C3%BC/lines/7?updatedAt%5Bgte%5D=2026-01-01T00%3A00%3A00Z&expand=x&expand=y&quiet=true');
  assert.deepEqual(sent[0]?.headers, { accept: 'application/json' });
});

for (const value of ['', '.', '..', 'x'.repeat(501)])
  test(`the value ${JSON.stringify(value.slice(0, 5))} cannot be a segment of a path`, () => assert.throws(() => path`/orders/${value}`, { kind: 'rejected' }));
for (const bad of ['orders', '//evil.example', '/a/../b', '/a?b=1', '/a#b', '/a\\b', '/a b', '/..'])
  test(`the path ${bad} is refused before anything is sent`, async () => {
    const { api, sent } = open(() => answer(200, '{}'));
    await faulty('misconfigured', api.get(bad));
    assert.equal(sent.length, 0);
  });

test('whatever a value is, it stays inside its segment', () =>
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.isWellFormed() && !['.', '..'].includes(text)),
      (value) => {
        const url = new URL(`https://erp.example${path`/orders/${value}/x`}`);
        assert.equal(url.pathname.split('/').length, 4);
        assert.equal(decodeURIComponent(url.pathname.split('/')[2] ?? ''), value);
      },
    ),
  ));

test('an empty answer to a write is undefined', async () => assert.equal(await open(() => answer(204)).api.delete('/a'), undefined));

for (const [status, reading, writing] of [
  [400, 'rejected', 'rejected'],
  [401, 'unauthorised', 'unauthorised'],
  [403, 'forbidden', 'forbidden'],
  [404, 'missing', 'missing'],
  [405, 'misconfigured', 'misconfigured'],
  [408, 'unreachable', 'uncertain'],
  [409, 'conflict', 'conflict'],
  [410, 'missing', 'missing'],
  [412, 'conflict', 'conflict'],
  [415, 'drifted', 'drifted'],
  [418, 'rejected', 'rejected'],
  [422, 'rejected', 'rejected'],
  [423, 'locked', 'locked'],
  [429, 'throttled', 'throttled'],
  [301, 'misconfigured', 'misconfigured'],
  [500, 'unreachable', 'uncertain'],
  [503, 'unreachable', 'uncertain'],
  [599, 'unreachable', 'uncertain'],
] as const) {
  test(`${status} is ${reading} to a read and ${writing} to a write`, async () => {
    const { api } = open(() => answer(status, '{"error":"no such thing"}'));
    const fault = await faulty(reading, api.get('/a'));
    assert.equal(fault.message, `GET /a answered ${status}: no such thing`);
    for (const write of [api.post('/a', {}), api.patch('/a', {}), api.put('/a', {}), api.delete('/a')]) await faulty(writing, write);
  });
}

test('no answer: a read is unreachable, a write is uncertain unless it surely was not sent', async () => {
  const { api } = open(() => new NoAnswer('reset', { sent: true }));
  await faulty('unreachable', api.get('/a'));
  await faulty('uncertain', api.post('/a', {}));
  await faulty('uncertain', open(() => new TypeError('fetch failed')).api.post('/a', {}));
  await faulty('unreachable', open(() => new NoAnswer('refused', { sent: false })).api.post('/a', {}));
});

test('an answer that is no JSON: a read has drifted, a write may have happened', async () => {
  const { api } = open(() => answer(200, '<html>'));
  await faulty('drifted', api.get('/a'));
  await faulty('uncertain', api.post('/a', {}));
});

test('a rehearsal refuses every write before it leaves, and reads', async () => {
  const { api, sent } = open(() => answer(200, '{}'), { rehearsal: true });
  for (const write of [api.post('/a', {}), api.patch('/a', {}), api.put('/a', {}), api.delete('/a'), api.call('MERGE', '/a', { body: {} })])
    await faulty('rejected', write);
  assert.equal(sent.length, 0);
  await api.get('/a');
  assert.equal(sent.length, 1);
});

for (const [text, wait] of [
  ['7', 7000],
  ['0', 0],
  [new Date(1_000_000 + 9000).toUTCString(), 9000],
  [new Date(0).toUTCString(), 0],
  ['999999999', longestWaitMs],
  ['soon', undefined],
  ['-1', undefined],
  ['1e3', undefined],
] as const) {
  test(`retry-after ${text} means ${String(wait)} ms`, async () => {
    const { detail } = await faulty('throttled', open(() => answer(429, '', { 'retry-after': text })).api.get('/a'));
    assert.equal(detail.retryAfterMs, wait);
  });
}

for (const [name, body, text] of [
  ['a text', 'locked by KING', 'locked by KING'],
  ['markup', '<html><title>Error</title>', ''],
  ['nested messages', { error: { message: { value: 'Period 02/2026 is closed' } } }, 'Period 02/2026 is closed'],
  ['a list', { errors: [{ error: 'a' }, 'b'] }, 'a; b'],
  ['nothing', { code: 7 }, ''],
  ['null', null, ''],
] as const)
  test(`the sentence in ${name}`, () => assert.equal(messageIn(body), text));

test('a foreign text is one short line without control characters, direction marks and credentials', () => {
  assert.equal(safeText('a\u0000b\nc\u202Ed\u001B[31m'), 'a b c d [31m');
  assert.ok(safeText('x'.repeat(5000)).length <= 301);
  assert.ok(!safeText('sent Authorization: Bearer abcdefghijklmnop').includes('abcdefghijklmnop'));
});

test('numbers that a binary float would change stay text, others are numbers', () => {
  assert.deepEqual(parseExactly('{"a":12.5,"b":123456789012345678,"c":0.1234567890123456789,"d":"1234567890123456789","e":[1234567890123456,1e21]}'), {
    a: 12.5,
    b: '123456789012345678',
    c: '0.1234567890123456789',
    d: '1234567890123456789',
    e: [1234567890123456, 1e21],
  });
});

test('every decimal of up to 15 digits survives parsing', () =>
  fc.assert(
    fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 5 }), (digits, scale) => {
      const text = (digits / 10 ** scale).toFixed(scale);
      assert.equal(Number(parseExactly(text)).toFixed(scale), text);
    }),
  ));
