import { isoTime } from '#base/clock';
import { durationText } from '#base/duration';
import { faults, type FaultKind } from '#base/fault';
import { moneyText } from '#base/money';

/** When somebody is told. Which faults alert by themselves, how urgently and with which words, is in the fault table and nowhere else. */
export type AlertRule = {
  readonly name: string;
  /** Names of channels. */
  readonly to: readonly string[];
  /** How long until those who were told are told again that it still holds. */
  readonly againMs: number;
} & (
  | {
      readonly on: 'exception';
      readonly faults?: readonly FaultKind[];
      readonly owners?: readonly string[];
      readonly connections?: readonly string[];
      readonly sites?: readonly string[];
      /** Absent: as the fault table says. */
      readonly olderThanMs?: number;
    }
  | { readonly on: 'money'; readonly over: { readonly minor: number; readonly currency: string } }
  | { readonly on: 'silent'; readonly connection: string; readonly kind: string; readonly forMs: number }
);

/** One thing that is not as it should be: an operation with a fault, a held event, a poll that fails. */
export interface Trouble {
  readonly fault: FaultKind | 'held';
  readonly owner: string;
  readonly connection: string;
  readonly site: string;
  readonly since: number;
  readonly text: string;
  readonly minor: number | null;
  readonly currency: string | null;
}

/** How things stand at one moment. */
export interface Situation {
  readonly troubles: readonly Trouble[];
  readonly moneyAtRisk: Readonly<Record<string, number>>;
  /** When a connection was last heard to say something new of a kind, by `connection/kind`. */
  readonly heard: Readonly<Record<string, number>>;
  /** There is more than was looked at. */
  readonly more?: boolean;
}

/** What holds for one rule and group now. */
export interface Condition {
  readonly key: string;
  readonly rule: string;
  readonly to: readonly string[];
  readonly againMs: number;
  readonly since: number;
  readonly title: string;
  readonly text: string;
}

/** An alert that was raised and not resolved. */
export interface OpenAlert extends Condition {
  readonly raisedAt: number;
  readonly notifiedAt: number;
  /** Since when it does not hold any more; null while it does. */
  readonly clearSince: number | null;
}

export interface AlertMessage {
  readonly id: string;
  readonly channel: string;
  readonly what: 'raised' | 'again' | 'resolved';
  readonly key: string;
  readonly rule: string;
  readonly title: string;
  readonly text: string;
  readonly since: number;
  readonly at: number;
}

/** How long what waits by itself (unreachable, locked, uncertain) may last before somebody is told, in milliseconds. */
export const delayMs = 15 * 60_000;
/** How long a condition must be gone before it counts as resolved: what comes and goes is one alert. */
export const clearMs = 2 * 60_000;
/** Most alerts that are open at once; further ones are told as one. */
export const mostAlerts = 200;

const held = {
  alert: 'after-delay',
  title: 'Something is missing, so an event is held',
  advice: 'Correct what is named at its source; the event is decided again when it is there.',
} as const;
const rowOf = (fault: Trouble['fault']) => (fault === 'held' ? held : faults[fault]);

/** Everything that holds now, once per rule and group: a thousand documents that one refused credential stops are one alert. */
export function conditions(rules: readonly AlertRule[], situation: Situation, now: number): Condition[] {
  const found = rules.flatMap((rule) => {
    if (rule.on === 'money') return moneyCondition(rule, situation, now);
    if (rule.on === 'silent') return silentCondition(rule, situation, now);
    return troubleConditions(rule, situation, now);
  });
  if (found.length <= mostAlerts) return found;
  const [rest] = found.slice(mostAlerts - 1);
  return [
    ...found.slice(0, mostAlerts - 1),
    {
      ...rest!,
      key: 'more',
      rule: 'more',
      title: 'More alerts than are told one by one',
      text: `${found.length - mostAlerts + 1} further conditions hold; linchpin exceptions lists what waits.`,
    },
  ];
}

type RuleOn<On extends AlertRule['on']> = Extract<AlertRule, { readonly on: On }>;

const head = ({ name, to, againMs }: AlertRule) => ({ rule: name, to, againMs });

function moneyCondition(rule: RuleOn<'money'>, { moneyAtRisk, troubles }: Situation, now: number): Condition[] {
  const { minor, currency } = rule.over;
  const atRisk = moneyAtRisk[currency] ?? 0;
  if (atRisk <= minor) return [];
  const since = Math.min(now, ...troubles.filter((one) => one.currency === currency).map((one) => one.since));
  return [
    {
      ...head(rule),
      key: `${rule.name}/${currency}`,
      since,
      title: `${moneyText({ minor: atRisk, currency })} at risk`,
      text: `${moneyText({ minor: atRisk, currency })} waits, is in doubt or was refused; the limit is ${moneyText(rule.over)}. linchpin exceptions lists what waits for a person.`,
    },
  ];
}

function silentCondition(rule: RuleOn<'silent'>, { heard }: Situation, now: number): Condition[] {
  const at = heard[`${rule.connection}/${rule.kind}`];
  if (at === undefined || now - at < rule.forMs) return [];
  return [
    {
      ...head(rule),
      key: `${rule.name}/${rule.connection}/${rule.kind}`,
      since: at,
      title: `Nothing new of ${rule.kind} from ${rule.connection} for ${durationText(rule.forMs)}`,
      text: `The last news came at ${isoTime(at)}. Either nothing happens there, or the system does not tell: linchpin doctor ${rule.connection} says whether it answers.`,
    },
  ];
}

function troubleConditions(rule: RuleOn<'exception'>, { troubles, more = false }: Situation, now: number): Condition[] {
  const groups = new Map<string, Trouble[]>();
  for (const trouble of troubles) {
    if (!applies(rule, trouble, now)) continue;
    const key = `${rule.name}/${trouble.fault}/${trouble.connection}`;
    groups.set(key, [...(groups.get(key) ?? []), trouble]);
  }
  return [...groups].map(([key, group]) => troubleCondition(rule, key, group, more));
}

function applies(rule: RuleOn<'exception'>, trouble: Trouble, now: number): boolean {
  const among = (list: readonly string[] | undefined, value: string): boolean => list === undefined || list.includes(value);
  if (
    !among(rule.faults, trouble.fault) ||
    !among(rule.owners, trouble.owner) ||
    !among(rule.connections, trouble.connection) ||
    !among(rule.sites, trouble.site)
  )
    return false;
  const { alert } = rowOf(trouble.fault);
  if (rule.olderThanMs !== undefined) return now - trouble.since >= rule.olderThanMs;
  // What the table says never alerts does so only where a rule names it.
  if (alert === 'none' && rule.faults === undefined) return false;
  return now - trouble.since >= (alert === 'at-once' ? 0 : delayMs);
}

function troubleCondition(rule: RuleOn<'exception'>, key: string, group: readonly Trouble[], more: boolean): Condition {
  const oldest = group.reduce((first, one) => (one.since < first.since ? one : first));
  const row = rowOf(oldest.fault);
  const money = new Map<string, number>();
  for (const { minor, currency } of group) if (minor !== null && currency !== null) money.set(currency, (money.get(currency) ?? 0) + minor);
  const sums = [...money].filter(([, minor]) => minor !== 0).map(([currency, minor]) => moneyText({ minor, currency }));
  return {
    ...head(rule),
    key,
    since: oldest.since,
    title: `${oldest.connection}: ${row.title}`,
    text: `${group.length}${more ? ' or more' : ''} waiting${sums.length > 0 ? `, ${sums.join(' and ')} with them` : ''}. The oldest: ${oldest.text}\n${row.advice}`,
  };
}

/**
 * What is told now, and what stays open: a new condition is raised once, told again by its age while it holds, and resolved when it has been gone for a while.
 * Pure: state in, state out.
 */
export function advance(
  open: readonly OpenAlert[],
  holding: readonly Condition[],
  now: number,
): { readonly open: readonly OpenAlert[]; readonly messages: readonly AlertMessage[] } {
  const before = new Map(open.map((alert) => [alert.key, alert]));
  const messages: AlertMessage[] = [];
  const next: OpenAlert[] = [];
  for (const condition of holding) {
    const known = before.get(condition.key);
    before.delete(condition.key);
    const due = known === undefined || now - known.notifiedAt >= condition.againMs;
    if (due) messages.push(...messagesOf(condition, known === undefined ? 'raised' : 'again', now));
    next.push({
      ...condition,
      since: Math.min(condition.since, known?.since ?? condition.since),
      raisedAt: known?.raisedAt ?? now,
      notifiedAt: due ? now : known.notifiedAt,
      clearSince: null,
    });
  }
  for (const alert of before.values()) {
    const clearSince = alert.clearSince ?? now;
    if (now - clearSince >= clearMs) messages.push(...messagesOf(alert, 'resolved', now));
    else next.push({ ...alert, clearSince });
  }
  return { open: next, messages };
}

function messagesOf(condition: Condition, what: AlertMessage['what'], now: number): AlertMessage[] {
  const { key, rule, title, text, since } = condition;
  const lead = { raised: '', again: `Still so after ${durationText(now - since)}. `, resolved: `It lasted ${durationText(now - since)}. It was: ` }[what];
  return [...new Set(condition.to)].map((channel) => ({
    id: `${key}@${now}/${channel}`,
    channel,
    what,
    key,
    rule,
    title,
    text: `${lead}${text}`,
    since,
    at: now,
  }));
}
