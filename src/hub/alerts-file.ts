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

const Channel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('log') }),
  z.strictObject({ kind: z.literal('webhook'), url: z.url({ protocol: /^https?$/ }), secret }),
  z.strictObject({
    kind: z.literal('email'),
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(587),
    /** `starttls` refuses a server that does not offer it. */
    encryption: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    user: z.string().optional(),
    password: secret.optional(),
    from: z.email(),
    to: z.array(z.email()).min(1).max(50),
  }),
]);
export type AlertChannel = z.output<typeof Channel>;

const common = { name, to: z.array(name).min(1), again: duration.optional() };
const Rule = z.discriminatedUnion('on', [
  z.strictObject({
    ...common,
    on: z.literal('exception'),
    faults: z.array(z.enum(kinds)).min(1).optional(),
    owners: some.optional(),
    connections: some.optional(),
    sites: some.optional(),
    olderThan: duration.optional(),
  }),
  z.strictObject({ ...common, on: z.literal('money'), over: z.strictObject({ amount: z.string(), currency: z.string().regex(/^[A-Z]{3}$/) }) }),
  z.strictObject({ ...common, on: z.literal('silent'), connection: z.string(), kind: z.string(), for: duration }),
]);

export const AlertsFile = z.strictObject({
  channels: z.record(name, Channel).default({}),
  rules: z.array(Rule).max(200).default([]),
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
