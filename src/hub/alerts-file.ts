import { join } from 'node:path';
import * as z from 'zod';
import type { AlertRule } from '#assurance/alerts';
import { durationMs } from '#base/duration';
import { faults, type FaultKind } from '#base/fault';
import { money } from '#base/money';
import { isRecordKind } from '#model/records';
import type { SystemConfiguration } from '#hub/configuration';
import { readPlantFile, type FileProblem } from '#hub/plant-file';

const kinds = Object.keys(faults) as [FaultKind, ...FaultKind[]];
const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a short lower-case name is expected');
const secret = z.string().regex(/^secret:\/\/[^\s]+$/, 'write secrets as secret://name and put the value into the vault');
const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is no length of time; write 30s, 15m, 4h or 2d` });
  return z.NEVER;
});
const some = z.array(z.string().min(1)).min(1);

export const Channel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('log').describe("a line of the hub's log") }),
  z.strictObject({
    kind: z.literal('webhook').describe('a signed POST of JSON'),
    url: z.url({ protocol: /^https?$/ }).describe('https, or http on this machine'),
    secret: secret.describe('what the signature is made with'),
  }),
  z.strictObject({
    kind: z.literal('email').describe('a mail by SMTP'),
    host: z.string().min(1).describe('the mail server'),
    port: z.int().min(1).max(65_535).default(587).describe('its port'),
    encryption: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('`starttls` refuses a server that does not offer it; `none` only on this machine'),
    user: z.string().optional().describe('who signs in'),
    password: secret.optional().describe('with what, from the vault'),
    from: z.email().describe('the sender'),
    to: z.array(z.email()).min(1).max(50).describe('who is told'),
  }),
]);
export type AlertChannel = z.output<typeof Channel>;

const common = {
  name: name.describe("the rule's own name"),
  to: z.array(name).min(1).describe('names of channels'),
  again: duration.optional().describe('how long until they are told again that it still holds; `24h` where nothing is said'),
};
export const Rule = z.discriminatedUnion('on', [
  z.strictObject({
    ...common,
    on: z.literal('exception').describe('an operation with a fault, a held event, or a list that cannot be read'),
    faults: z.array(z.enum(kinds)).min(1).optional().describe('only these kinds of the fault table'),
    owners: some.optional().describe('only what these people act on'),
    connections: some.optional().describe('only these connections'),
    sites: some.optional().describe('only these sites'),
    olderThan: duration.optional().describe('only what has waited this long; where nothing is said, at once or after 15 minutes, as the fault table has it'),
  }),
  z.strictObject({
    ...common,
    on: z.literal('money').describe('the money that waits, is in doubt or was refused'),
    over: z.strictObject({ amount: z.string(), currency: z.string().regex(/^[A-Z]{3}$/) }).describe('more than this `amount` of this `currency`'),
  }),
  z.strictObject({
    ...common,
    on: z.literal('silent').describe('nothing new from where something should come'),
    connection: z.string().describe('the connection'),
    kind: z.string().describe('the record kind, which it must poll'),
    for: duration.describe('for so long'),
  }),
]);

export const AlertsFile = z.strictObject({
  channels: z.record(name, Channel).default({}).describe('name to channel'),
  rules: z.array(Rule).max(200).default([]).describe('who is told when'),
});

/** Channels and rules of a plant; nothing is told where there are none. */
export interface AlertsConfiguration {
  readonly channels: Readonly<Record<string, AlertChannel>>;
  readonly rules: readonly AlertRule[];
}

/** Until those who were told are told again, where a rule does not say. */
const againMs = 24 * 3_600_000;

/** Reads `alerts.yaml`. Names of channels, connections and record kinds must be there. */
export function readAlerts(folder: string, systems: readonly SystemConfiguration[], problems: FileProblem[]): AlertsConfiguration {
  const file = 'alerts.yaml';
  const placed = readPlantFile(join(folder, file), file, AlertsFile, problems);
  if (!placed) return { channels: {}, rules: [] };
  const { channels, rules } = placed.value;
  const say = (path: readonly PropertyKey[], message: string): void => void problems.push({ file, line: placed.lineOf(...path), message });
  const names = systems.map((system) => system.name);
  const noConnection = (connection: string): string => `there is no connection ${connection}; there are ${names.join(', ')}`;
  for (const [channel, about] of Object.entries(channels)) {
    if (about.kind === 'webhook' && about.url.startsWith('http:') && !isLoopback(new URL(about.url).hostname))
      say(['channels', channel, 'url'], `${channel}: an alert goes out encrypted; write https://`);
    if (about.kind === 'email' && about.encryption === 'none' && !isLoopback(about.host))
      say(['channels', channel, 'encryption'], `${channel}: mail goes out encrypted to any machine but this one; write starttls or tls`);
    if (about.kind === 'email' && (about.user === undefined) !== (about.password === undefined))
      say(['channels', channel], `${channel}: user and password belong together`);
  }
  const checked = rules.flatMap((rule, index): AlertRule[] => {
    const at = (...path: readonly PropertyKey[]): readonly PropertyKey[] => ['rules', index, ...path];
    if (rules.findIndex((other) => other.name === rule.name) !== index) say(at('name'), `there are two rules ${rule.name}`);
    for (const channel of rule.to)
      if (!Object.hasOwn(channels, channel))
        say(at('to'), `${rule.name}: there is no channel ${channel}; there are ${Object.keys(channels).join(', ') || 'none'}`);
    const lead = { name: rule.name, to: rule.to, againMs: rule.again ?? againMs };
    if (rule.on === 'money') {
      try {
        return [{ ...lead, on: 'money', over: money(rule.over.amount, rule.over.currency) }];
      } catch (error) {
        say(at('over'), `${rule.name}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    }
    if (rule.on === 'silent') {
      if (!names.includes(rule.connection)) say(at('connection'), `${rule.name}: ${noConnection(rule.connection)}`);
      else if (!isRecordKind(rule.kind)) say(at('kind'), `${rule.name}: there is no record kind ${rule.kind}`);
      else if ((systems.find((system) => system.name === rule.connection)?.polls[rule.kind] ?? 'off') === 'off')
        say(at('kind'), `${rule.name}: ${rule.connection} does not poll ${rule.kind}, so it is always silent; add it to polls`);
      return [{ ...lead, on: 'silent', connection: rule.connection, kind: rule.kind, forMs: rule.for }];
    }
    for (const connection of rule.connections ?? []) if (!names.includes(connection)) say(at('connections'), `${rule.name}: ${noConnection(connection)}`);
    return [
      {
        ...lead,
        on: 'exception',
        ...(rule.faults ? { faults: rule.faults } : {}),
        ...(rule.owners ? { owners: rule.owners } : {}),
        ...(rule.connections ? { connections: rule.connections } : {}),
        ...(rule.sites ? { sites: rule.sites } : {}),
        ...(rule.olderThan === undefined ? {} : { olderThanMs: rule.olderThan }),
      },
    ];
  });
  return { channels, rules: checked };
}

/** Whether a host is this machine. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
