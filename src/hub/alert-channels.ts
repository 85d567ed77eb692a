import { createHmac } from 'node:crypto';
import { isoTime } from '#base/clock';
import { canonicalJson } from '#base/json';
import type { AlertMessage } from '#assurance/alerts';
import { Fault } from '#base/fault';
import type { Log } from '#base/log';
import { redact } from '#base/redact';
import { isLoopback, type AlertChannel } from '#hub/alerts-file';

/** What a channel may use: secrets by name, the log, and time for signatures. */
export interface ChannelTools {
  readonly log: Log;
  now(): number;
  secret(name: string): string;
}

/** How long one delivery may take, in milliseconds. */
export const deliveryMs = 10_000;

/** Carries one message to the people of a channel. Throws a Fault where it did not arrive; it is tried again then. */
export async function deliver(channel: AlertChannel, message: AlertMessage, tools: ChannelTools): Promise<void> {
  if (channel.kind === 'log')
    tools.log(message.what === 'resolved' ? 'info' : 'warning', `alert ${message.what}: ${message.title}`, {
      rule: message.rule,
      key: message.key,
      text: message.text,
    });
  else if (channel.kind === 'webhook') await post(channel, message, tools);
  else await mail(channel, message, tools);
}

const nameOf = (reference: string): string => reference.slice('secret://'.length);

/** The body of a webhook, and the signature that its receiver checks: HMAC-SHA-256 over `time.body`, so that an old one cannot be sent again. */
export function signedBody(
  message: AlertMessage,
  secret: string,
  nowMs: number,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const { id, what, rule, key, title, text, since, at } = message;
  const body = canonicalJson(redact({ id, what, rule, key, title, text, since: isoTime(since), at: isoTime(at) }));
  const time = Math.floor(nowMs / 1000);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'linchpin-id': Buffer.from(id).toString('base64url'),
      'linchpin-signature': `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`,
    },
  };
}

async function post(channel: Extract<AlertChannel, { kind: 'webhook' }>, message: AlertMessage, tools: ChannelTools): Promise<void> {
  const { body, headers } = signedBody(message, tools.secret(nameOf(channel.secret)), tools.now());
  const { origin } = new URL(channel.url);
  let response: Response;
  try {
    response = await fetch(channel.url, { method: 'POST', body, headers, redirect: 'manual', signal: AbortSignal.timeout(deliveryMs) });
  } catch (cause) {
    throw new Fault('unreachable', `POST ${origin} did not answer: ${(cause as Error).message}`, { cause });
  }
  await response.body?.cancel();
  if (!response.ok) throw new Fault('rejected', `POST ${origin} answered ${response.status}`);
}

async function mail(channel: Extract<AlertChannel, { kind: 'email' }>, message: AlertMessage, tools: ChannelTools): Promise<void> {
  // Loaded on use: a plant without mail alerts needs no mail client.
  const { createTransport } = await import('nodemailer');
  const { host, port, encryption, user, password } = channel;
  const transport = createTransport({
    host,
    port,
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    // The certificate of a mail server on this machine is nobody's to check.
    ...(isLoopback(host) ? { tls: { rejectUnauthorized: false } } : {}),
    ...(user !== undefined && password !== undefined ? { auth: { user, pass: tools.secret(nameOf(password)) } } : {}),
    connectionTimeout: deliveryMs,
    greetingTimeout: deliveryMs,
    socketTimeout: deliveryMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const words = { raised: 'Alert', again: 'Still so', resolved: 'Resolved' }[message.what];
  try {
    await transport.sendMail({
      from: channel.from,
      to: [...channel.to],
      subject: oneLine(`[Linchpin] ${words}: ${message.title}`),
      text: String(redact(`${message.text}\n\nRule ${message.rule}, since ${isoTime(message.since)}.\n`)),
      // The same message twice is one in a mailbox.
      messageId: `<${Buffer.from(message.id).toString('base64url')}@linchpin>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  } catch (cause) {
    throw new Fault('unreachable', `mail by ${host}:${port} was not taken: ${String(redact((cause as Error).message))}`, { cause });
  } finally {
    transport.close();
  }
}

const oneLine = (text: string): string => String(redact(text.replace(/\s+/g, ' '))).slice(0, 200);
