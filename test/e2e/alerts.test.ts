import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { faults } from '#base/fault';
import { AlertWatch } from '#hub/alert-watch';
import { clearMs } from '#assurance/alerts';
import { signedBody } from '#hub/alert-channels';
import { Stage } from './stage.ts';

const hour = 3_600_000;

/** A mail server of one machine: takes what it is given, or refuses as it is told. RFC 5321 in small. */
async function mailServer(t: TestContext): Promise<{ port: number; mails: { from: string; to: string[]; text: string; user: string }[]; refuse: boolean }> {
  const state = { port: 0, mails: [] as { from: string; to: string[]; text: string; user: string }[], refuse: false };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let mail = { from: '', to: [] as string[], text: '', user: '' };
    let [buffer, data, user] = ['', false, ''];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    say('220 plant.example ESMTP');
    socket.on('data', (chunk: Buffer) => {
      buffer += chunk.toString('utf8');
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (data) {
          if (line !== '.') {
            mail.text += `${line}\n`;
            continue;
          }
          data = false;
          state.mails.push({ ...mail, user });
          say('250 taken');
        } else if (/^EHLO/i.test(line)) socket.write('250-plant.example\r\n250 AUTH PLAIN\r\n');
        else if (/^AUTH PLAIN /i.test(line)) {
          user = Buffer.from(line.slice('AUTH PLAIN '.length), 'base64').toString('utf8').split('\0').slice(1).join(':');
          say('235 welcome');
        } else if (/^MAIL FROM:/i.test(line)) {
          mail = { from: /<(.*?)>/.exec(line)?.[1] ?? '', to: [], text: '', user };
          say(state.refuse ? '451 try again later' : '250 ok');
        } else if (/^RCPT TO:/i.test(line)) {
          mail.to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
          say('250 ok');
        } else if (/^DATA/i.test(line)) {
          data = true;
          say('354 go on');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else say('250 ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  state.port = (server.address() as AddressInfo).port;
  return state;
}

interface Hook {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver of webhooks that answers what it is told. */
async function hookServer(t: TestContext): Promise<{ url: string; hooks: Hook[]; status: number }> {
  const state = { url: '', hooks: [] as Hook[], status: 204 };
  const server = createHttpServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      if (state.status < 300) state.hooks.push({ headers: request.headers, body });
      response.writeHead(state.status, state.status === 302 ? { location: 'http://127.0.0.1:1/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
  return state;
}

const secret = (name: string): string => `value of ${name}`;

async function alerted(t: TestContext, rules: string, more: { readonly encryption?: string } = {}) {
  const [mail, hooks] = [await mailServer(t), await hookServer(t)];
  const stage = await Stage.open({
    folder: (folder) =>
      writeFileSync(
        join(folder, 'alerts.yaml'),
        `channels:\n  log: { kind: log }\n  desk: { kind: webhook, url: '${hooks.url}', secret: secret://desk }\n  night: { kind: email, host: 127.0.0.1, port: ${mail.port}, encryption: ${more.encryption ?? 'none'}, user: hub, password: secret://smtp, from: hub@plant.example, to: [a@plant.example, b@plant.example] }\nrules:\n${rules}`,
      ),
  });
  t.after(() => stage.close());
  const lines: { level: string; text: string; data: Readonly<Record<string, unknown>> }[] = [];
  const tools = { log: (level: string, text: string, data = {}) => void lines.push({ level, text, data }), now: () => stage.clock.now(), secret };
  return { stage, mail, hooks, lines, tools, watch: new AlertWatch(stage.hub, tools) };
}

/** A goods issue and an hour of labour are refused: the period is closed. */
async function closePeriod(stage: Stage): Promise<void> {
  stage.erp.buttons.press({ fault: 'periodClosed', with: { companyCode: '1100', period: '2026/03' } });
  const order = stage.workOrder({ title: 'Bearing', asset: 'CLV-U-P7', parts: [['BRG-6205', 2]] });
  stage.technician.logTime(order, stage.user('10002'), 3600);
  stage.technician.complete(order);
  await stage.settle();
}

const told = ({ hooks }: { hooks: Hook[] }): string[] => hooks.map(({ body }) => (JSON.parse(body) as { what: string }).what);

test('a refused posting is told to log, webhook and mail once, in the words of the fault table (000-55, 003-19)', async (t) => {
  const { stage, mail, hooks, lines, watch } = await alerted(t, '  - { name: refused, on: exception, to: [log, desk, night] }\n');
  await watch.look();
  assert.equal(hooks.hooks.length + mail.mails.length + lines.length, 0);
  await closePeriod(stage);
  for (let again = 0; again < 3; again++) await watch.look();
  assert.equal(hooks.hooks.length, 1);
  const alert = JSON.parse(hooks.hooks[0]!.body) as { what: string; title: string; text: string };
  assert.equal(alert.title, `erp: ${faults.closed.title}`);
  assert.match(alert.text, /^2 waiting, .*USD with them\. The oldest: .*\n/);
  assert.ok(alert.text.endsWith(faults.closed.advice));
  assert.equal(mail.mails.length, 1);
  const [{ from, to, text, user }] = mail.mails as [(typeof mail.mails)[number]];
  assert.deepEqual([from, to, user], ['hub@plant.example', ['a@plant.example', 'b@plant.example'], 'hub:value of smtp']);
  assert.match(text, /^Subject: \[Linchpin\] Alert: erp: The posting period is closed$/m);
  assert.equal(lines.filter(({ text: line }) => line === `alert raised: erp: ${faults.closed.title}`).length, 1);
  assert.ok(!JSON.stringify([lines, text, hooks.hooks.map(({ body }) => body)]).includes('value of'));
});

test('it is told again by its age, resolved when it is over, and told anew when it comes back', async (t) => {
  const { stage, hooks, watch } = await alerted(t, '  - { name: refused, on: exception, to: [desk], again: 4h }\n');
  await closePeriod(stage);
  await watch.look();
  stage.clock.advance(3 * hour);
  await watch.look();
  assert.deepEqual(told(hooks), ['raised']);
  stage.clock.advance(hour);
  await watch.look();
  assert.deepEqual(told(hooks), ['raised', 'again']);
  assert.match((JSON.parse(hooks.hooks[1]!.body) as { text: string }).text, /^Still so after 4 hours/);
  stage.erp.buttons.release('periodClosed');
  for (const { key, lane } of await stage.exceptions()) {
    const answer = stage.hub.worker.intervene(lane, { actor: 'ada', kind: 'retry', operation: key, reason: 'open' });
    await stage.turn();
    await answer;
  }
  await stage.settle();
  await watch.look();
  assert.deepEqual(told(hooks), ['raised', 'again'], 'gone for a moment is not over');
  stage.clock.advance(clearMs);
  await watch.look();
  assert.deepEqual(told(hooks), ['raised', 'again', 'resolved']);
  await closePeriod(stage);
  await watch.look();
  assert.deepEqual(told(hooks).at(-1), 'raised');
});

test('a hub that starts again neither repeats what was told nor forgets it', async (t) => {
  const { stage, hooks, watch, tools } = await alerted(t, '  - { name: refused, on: exception, to: [desk] }\n');
  await closePeriod(stage);
  await watch.look();
  await new AlertWatch(stage.hub, tools).look();
  assert.deepEqual(told(hooks), ['raised']);
});

test('a channel that does not take an alert is tried again until it does, and the others are not told twice', async (t) => {
  const { stage, hooks, mail, lines, watch } = await alerted(t, '  - { name: refused, on: exception, to: [log, desk, night] }\n');
  await closePeriod(stage);
  hooks.status = 503;
  mail.refuse = true;
  await watch.look();
  assert.deepEqual([hooks.hooks.length, mail.mails.length], [0, 0]);
  assert.match(JSON.stringify(lines), /an alert could not be told; it is tried again.*answered 503/);
  hooks.status = 302;
  stage.clock.advance(hour);
  await watch.look();
  assert.match(JSON.stringify(lines), /answered 302/, 'nobody is led elsewhere');
  hooks.status = 204;
  mail.refuse = false;
  stage.clock.advance(hour);
  await watch.look();
  assert.deepEqual([told(hooks), mail.mails.length, lines.filter(({ text }) => text.startsWith('alert raised')).length], [['raised'], 1, 1]);
});

test('mail is not sent to a server that does not encrypt, where the plant asks for it', async (t) => {
  const { stage, mail, lines, watch } = await alerted(t, '  - { name: refused, on: exception, to: [night] }\n', { encryption: 'starttls' });
  await closePeriod(stage);
  await watch.look();
  assert.equal(mail.mails.length, 0);
  assert.match(JSON.stringify(lines), /mail by 127\.0\.0\.1:\d+ was not taken/);
});

test('the signature of a webhook is over time and body, so that neither can be changed', async (t) => {
  const { stage, hooks, watch } = await alerted(t, '  - { name: refused, on: exception, to: [desk] }\n');
  await closePeriod(stage);
  await watch.look();
  const [{ headers, body }] = hooks.hooks as [Hook];
  const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['linchpin-signature'])) ?? [];
  assert.equal(Number(time), Math.floor(stage.clock.now() / 1000));
  assert.equal(signature, createHmac('sha256', secret('desk')).update(`${time}.${body}`).digest('hex'));
  const message = { id: 'x', channel: 'desk', what: 'raised', key: 'k', rule: 'r', title: 't', text: 'u', since: 0, at: 0 } as const;
  const headersOf = (change: object, key = 'a', now = 0) => signedBody({ ...message, ...change }, key, now).headers['linchpin-signature'];
  assert.equal(new Set([headersOf({}), headersOf({ text: 'v' }), headersOf({}, 'b'), headersOf({}, 'a', 1000)]).size, 4);
});

test('money at risk beyond its limit is told with both figures, and below it nothing is', async (t) => {
  const { stage, hooks, watch } = await alerted(
    t,
    "  - { name: much, on: money, to: [desk], over: { amount: '10.00', currency: USD } }\n  - { name: more, on: money, to: [desk], over: { amount: '100000.00', currency: USD } }\n  - { name: other, on: money, to: [desk], over: { amount: '0.00', currency: EUR } }\n",
  );
  await closePeriod(stage);
  await watch.look();
  assert.deepEqual(told(hooks), ['raised']);
  const { rule, text } = JSON.parse(hooks.hooks[0]!.body) as { rule: string; text: string };
  assert.equal(rule, 'much');
  assert.match(text, /^[\d.]+ USD waits, is in doubt or was refused; the limit is 10\.00 USD/);
});

test('a flow that has gone silent is told, and news end it (003-37)', async (t) => {
  const { stage, hooks, watch } = await alerted(t, '  - { name: quiet, on: silent, to: [desk], connection: cmms-1100, kind: workOrder, for: 2h }\n');
  await watch.look();
  stage.clock.advance(2 * hour - 1000);
  await watch.look();
  assert.deepEqual(told(hooks), []);
  stage.clock.advance(1000);
  await watch.look();
  assert.deepEqual(told(hooks), ['raised']);
  assert.match((JSON.parse(hooks.hooks[0]!.body) as { title: string }).title, /Nothing new of workOrder from cmms-1100 for 2 hours/);
  stage.workOrder({ title: 'News', asset: 'CLV-U-P7' });
  await stage.settle();
  await watch.look();
  stage.clock.advance(clearMs);
  await watch.look();
  assert.deepEqual(told(hooks), ['raised', 'resolved']);
});

test('a rule by owner, connection, site or age tells its own people and nobody else', async (t) => {
  const { stage, hooks, watch } = await alerted(
    t,
    '  - { name: controller, on: exception, to: [desk], owners: [controller] }\n  - { name: administrator, on: exception, to: [desk], owners: [administrator] }\n  - { name: elsewhere, on: exception, to: [desk], connections: [cmms-1100] }\n  - { name: old, on: exception, to: [desk], faults: [closed], olderThan: 8h }\n  - { name: site, on: exception, to: [desk], sites: ["9999"] }\n',
  );
  await closePeriod(stage);
  await watch.look();
  const rules = (): string[] => hooks.hooks.map(({ body }) => (JSON.parse(body) as { rule: string }).rule);
  assert.deepEqual(rules(), ['controller']);
  stage.clock.advance(8 * hour);
  await watch.look();
  assert.deepEqual(rules(), ['controller', 'old']);
});
