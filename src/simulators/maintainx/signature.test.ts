import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { bench, plant, settled, start } from '#simulators/maintainx/twin.fixture';
import { signature } from '#simulators/maintainx/delivery';
import { httpDeliver } from '#simulators/maintainx/twin';

/** Made with `printf '<t>.<payload>' | openssl dgst -sha256 -hmac <secret>`, not with this code. */
const vectors: readonly (readonly [secret: string, seconds: number, payload: string, hex: string])[] = [
  ['whsec-1', 1770113472, '{"workOrderId":880012}', 'f4eb2fdd7b4be4789d0b4965f05f5df99d44193f4faa2d62b6ba5c2940f4847a'],
  ['ffeeddccbbaa', 1772611200, 'https://hub.example/hooks/maintainx/NEW_PART?x=1&y=2', '202319f7e402dd83a8541c8a23b1430ca1f5b79b62e326026e313a35f1345f23'],
  ['k'.repeat(100), 0, '', '243c2f8200e1d4ee892e7a7ded377a65e2beb1c64b997c54b8b0f516216d4b0f'],
  ['Schlüssel', 1772611200, '{"name":"Ø 密"}', '831aa50ed98c60df2baf4d337a502ff633720e874bdcbfe6ddbae385d734d553'],
];

test('a signature is HMAC-SHA256 over time, full stop and payload, as an independent tool computes it', () => {
  for (const [secret, seconds, payload, hex] of vectors) assert.equal(signature(secret, seconds, payload), `t=${seconds},v1=${hex}`);
});

/** HMAC by its definition (RFC 2104), from plain SHA-256. */
function hmac(secret: string, text: string): string {
  const raw = Buffer.from(secret);
  const key = Buffer.alloc(64);
  (raw.length > 64 ? createHash('sha256').update(raw).digest() : raw).copy(key);
  const inner = createHash('sha256')
    .update(key.map((byte) => byte ^ 0x36))
    .update(text)
    .digest();
  return createHash('sha256')
    .update(key.map((byte) => byte ^ 0x5c))
    .update(inner)
    .digest('hex');
}

test('both headers sign the bytes and the address that are really sent, with the secret that was told', async () => {
  const at = bench();
  const secret = at.listen('NEW_PART');
  assert.equal(at.call('GET', `/subscriptions/${at.twin.world.subscriptions.keys().next().value}/secret`).body.secret, secret);
  at.call('POST', '/parts', { name: 'Dichtung "Ø 40" – 密封' });
  await at.arrived();
  const hook = at.hooks[0]!;
  const seconds = start / 1000;
  assert.equal(hook.headers['x-maintainx-webhook-body-signature'], `t=${seconds},v1=${hmac(secret, `${seconds}.${hook.body}`)}`);
  assert.equal(hook.headers['x-maintainx-webhook-uri-signature'], `t=${seconds},v1=${hmac(secret, `${seconds}.${hook.url}`)}`);
  assert.ok(!('x-maintainx-signature' in hook.headers));
});

test('a retry is signed anew with the time of the retry', async () => {
  const at = bench();
  const secret = at.listen('NEW_PART');
  at.receiver.answers = [503];
  at.call('POST', '/parts', { name: 'x' });
  await settled();
  at.clock.advance(10_000);
  await settled();
  assert.deepEqual(
    at.hooks.map(({ attempt }) => attempt),
    [1, 2],
  );
  const seconds = start / 1000 + 10;
  assert.equal(at.hooks[1]!.headers['x-maintainx-webhook-body-signature'], `t=${seconds},v1=${hmac(secret, `${seconds}.${at.hooks[1]!.body}`)}`);
});

test('the wrong-signature button signs with another secret, as often as it says', async () => {
  const at = bench();
  const secret = at.listen('NEW_PART');
  at.twin.buttons.press({ fault: 'wrongSignature', times: 1 });
  at.call('POST', '/parts', { name: 'x' });
  at.call('POST', '/parts', { name: 'y' });
  await at.arrived();
  const right = at.hooks.map(
    ({ headers, body }) => headers['x-maintainx-webhook-body-signature'] === `t=${start / 1000},v1=${hmac(secret, `${start / 1000}.${body}`)}`,
  );
  assert.deepEqual(right, [false, true]);
});

test('the body names neither its type nor an event id, and a WORK_ORDER_DELETE spells its record with a capital', async () => {
  const at = bench();
  at.listen('WORK_ORDER_DELETE', { options: { serializeEntity: true } });
  const { seal } = plant(at);
  const { id } = at.world.addWorkOrder({ title: 'x', partsUsed: [{ partId: seal.id, quantityUsed: 1 }] });
  at.call('DELETE', `/workorders/${id}`);
  const [body] = await at.arrived();
  assert.deepEqual(Object.keys(body ?? {}), ['workOrderId', 'orgId', 'occurredAt', 'WorkOrder']);
});

test('httpDeliver posts the signed bytes to a receiver and gives back its status; a refused connection rejects', async () => {
  const seen: { body: string; signed: string | undefined }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      const signed = request.headers['x-maintainx-webhook-body-signature'];
      seen.push({ body, signed: typeof signed === 'string' ? signed : undefined });
      response.writeHead(seen.length === 1 ? 204 : 302, { location: 'http://127.0.0.1:9/' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on a port
  const deliver = httpDeliver();
  const hook = {
    url: `http://127.0.0.1:${port}/hooks`,
    headers: { 'content-type': 'application/json', 'x-maintainx-webhook-body-signature': 't=1,v1=ab' },
    body: '{"partId":1}',
    type: 'NEW_PART',
    subscriptionId: 1,
    attempt: 1,
  };
  assert.equal(await deliver(hook), 204);
  assert.equal(await deliver(hook), 302);
  assert.deepEqual(seen[0], { body: '{"partId":1}', signed: 't=1,v1=ab' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(deliver(hook));
});
