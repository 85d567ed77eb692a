import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '#base/fault';
import { apiKey, basic, bearer, none, oauth2Client, signing, type Auth } from '#spi/auth';
import { NoAnswer, type HttpRequest, type HttpResponse, type Send } from '#spi/transport';

const request: HttpRequest = { method: 'GET', url: 'https://erp.example/v1/me', headers: { accept: 'application/json' } };
const answer = (status: number, body = ''): HttpResponse => ({ status, headers: {}, cookies: [], body });
const offline: Send = () => Promise.reject(new NoAnswer('offline', { sent: false }));
const open = (auth: Auth, credential: Record<string, string>, send = offline, now = () => 0) => auth.open({ credential, config: {}, send, now });

for (const [name, auth, credential, headers] of [
  ['none', none(), {}, {}],
  ['basic', basic(), { user: 'LINCHPIN', password: 'süß:1' }, { authorization: `Basic ${Buffer.from('LINCHPIN:süß:1').toString('base64')}` }],
  ['an API key', apiKey('X-Api-Key'), { key: 'k1' }, { 'x-api-key': 'k1' }],
  ['a bearer token', bearer(), { token: 't1' }, { authorization: 'Bearer t1' }],
] as const) {
  test(`${name} adds its headers and nothing else`, async () => {
    assert.deepEqual(await open(auth, credential).sign(request), { ...request, headers: { ...request.headers, ...headers } });
  });
}

for (const [name, auth, credential] of [
  ['an empty token', bearer(), { token: '' }],
  ['a missing key', apiKey('x-key'), {}],
  ['a user name with a colon', basic(), { user: 'a:canary', password: 'canary' }],
  ['a token of 9,000 characters', bearer(), { token: 'canary'.repeat(1500) }],
] as const) {
  test(`${name} is misconfigured, and the message does not repeat it`, () => {
    assert.throws(
      () => open(auth, credential),
      (error) => error instanceof Fault && error.kind === 'misconfigured' && !error.message.includes('canary'),
    );
  });
}

function tokenServer(answers: (asked: number) => HttpResponse | Error): { send: Send; asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    asked,
    send: async (sent) => {
      asked.push(sent);
      await Promise.resolve();
      const given = answers(asked.length);
      if (given instanceof Error) throw given;
      return given;
    },
  };
}
const oauth = oauth2Client({ tokenUrl: () => 'https://login.example/oauth/token', scope: () => 'API_1' });
const client = { clientId: 'id 1', clientSecret: 'canary-s3cret' };
const token = (asked: number, expires = 3600) => answer(200, JSON.stringify({ access_token: `token-${asked}`, token_type: 'Bearer', expires_in: expires }));

test('concurrent callers share one token request', async () => {
  const server = tokenServer((asked) => token(asked));
  const signer = open(oauth, client, server.send);
  const signed = await Promise.all(Array.from({ length: 20 }, () => signer.sign(request)));
  assert.equal(server.asked.length, 1);
  assert.ok(signed.every(({ headers }) => headers['authorization'] === 'Bearer token-1'));
  assert.equal(server.asked[0]?.body, 'grant_type=client_credentials&scope=API_1');
  assert.equal(server.asked[0]?.headers['authorization'], `Basic ${Buffer.from('id%201:canary-s3cret').toString('base64')}`);
});

test('a token is kept until a minute before its end, then renewed', async () => {
  let now = 0;
  const server = tokenServer((asked) => token(asked));
  const signer = open(oauth, client, server.send, () => now);
  await signer.sign(request);
  now = 3_539_999;
  await signer.sign(request);
  assert.equal(server.asked.length, 1);
  now = 3_540_000;
  assert.equal((await signer.sign(request)).headers['authorization'], 'Bearer token-2');
});

test('a failed token request is not remembered: the next caller asks again', async () => {
  const server = tokenServer((asked) => (asked === 1 ? answer(503) : token(asked)));
  const signer = open(oauth, client, server.send);
  await assert.rejects(
    async () => signer.sign(request),
    (error) => error instanceof Fault && error.kind === 'unreachable',
  );
  assert.equal((await signer.sign(request)).headers['authorization'], 'Bearer token-2');
});

test('after a 401 a write is signed anew and sent once more, and never a third time', async () => {
  const server = tokenServer((asked) => token(asked));
  const seen: (string | undefined)[] = [];
  const send = signing(async (sent) => (seen.push(sent.headers['authorization']), answer(401)), open(oauth, client, server.send));
  assert.equal((await send({ ...request, method: 'POST', body: '{}' })).status, 401);
  assert.deepEqual(seen, ['Bearer token-1', 'Bearer token-2']);
});

test('ten callers refused with one old token lead to one renewal', async () => {
  const server = tokenServer((asked) => token(asked));
  const send = signing(async (sent) => answer(sent.headers['authorization'] === 'Bearer token-1' ? 401 : 200), open(oauth, client, server.send));
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(request)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(server.asked.length, 2);
});

test('a scheme with a fixed secret does not repeat a refused request', async () => {
  let calls = 0;
  await signing(async () => (calls++, answer(401)), open(bearer(), { token: 't' }))(request);
  assert.equal(calls, 1);
});

for (const [name, given, kind] of [
  ['invalid_client', answer(401, '{"error":"invalid_client","error_description":"canary-s3cret"}'), 'unauthorised'],
  ['400', answer(400, '{"error":"invalid_scope"}'), 'unauthorised'],
  ['429', answer(429), 'throttled'],
  ['500', answer(500), 'unreachable'],
  ['302', answer(302), 'misconfigured'],
  ['a page of HTML', answer(200, '<html>'), 'drifted'],
  ['no token', answer(200, '{}'), 'drifted'],
  ['a token of another type', answer(200, '{"access_token":"a","token_type":"mac"}'), 'drifted'],
  ['no answer after sending', new NoAnswer('reset', { sent: true }), 'unreachable'],
] as const) {
  test(`a token endpoint that gives ${name} is ${kind}, without the secret`, async () => {
    const signer = open(oauth, client, tokenServer(() => given).send);
    await assert.rejects(
      async () => signer.sign(request),
      (error) => error instanceof Fault && error.kind === kind && !error.message.includes('canary'),
    );
  });
}
