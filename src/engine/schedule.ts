import { Cron } from 'croner';
import { Fault } from '#base/fault';

/** Named schedules as plants speak of them, in the hub's time zone. */
const named: Readonly<Record<string, string>> = { hourly: '0 * * * *', nightly: '30 2 * * *', weekly: '0 3 * * 0', monthly: '0 4 1 * *' };
const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const interval = /^(\d{1,5})(s|m|h|d)$/;

/** When something runs: an interval (`30s`, `5m`), a name (`hourly`, `nightly`, `weekly`, `monthly`) or a cron expression of five fields. */
export interface Schedule {
  readonly text: string;
  /** The next time after `afterMs`, in milliseconds; undefined = never again. */
  next(afterMs: number): number | undefined;
}

/** Parses a schedule; refuses what it does not understand, with the forms that it does. */
export function schedule(text: string, timeZone = 'UTC'): Schedule {
  const match = interval.exec(text);
  if (match) {
    const every = Number(match[1]) * unitMs[match[2]!]!;
    if (every < 1000) throw refusal(text, 'an interval is at least 1s');
    return { text, next: (afterMs) => (Math.floor(afterMs / every) + 1) * every };
  }
  const expression = Object.hasOwn(named, text) ? named[text]! : text;
  if (expression.trim().split(/\s+/).length !== 5) throw refusal(text, 'a cron expression has five fields');
  let cron: Cron;
  try {
    cron = new Cron(expression, { timezone: timeZone, paused: true });
  } catch (cause) {
    throw refusal(text, (cause as Error).message);
  }
  return { text, next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
}

const refusal = (text: string, why: string): Fault =>
  new Fault(
    'misconfigured',
    `schedule ${JSON.stringify(text)}: ${why}; write an interval such as 30s or 5m, one of ${Object.keys(named).join(', ')}, or a cron expression such as 0 6 * * 1-5`,
  );
