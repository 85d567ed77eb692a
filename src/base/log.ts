import { redact } from '#base/redact';
import { isoTime, type Clock } from '#base/clock';

export const levels = ['debug', 'info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

/** One JSON object per line: time, level, what happened, facts. Secrets are taken out before anything is written. */
export interface Log {
  (level: Level, message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** A log that writes lines at or above `least`. */
export function lineLog(options: { clock: Clock; least: Level; write: (line: string) => void }): Log {
  return (level, message, facts = {}) => {
    if (levels.indexOf(level) < levels.indexOf(options.least)) return;
    options.write(`${JSON.stringify({ time: isoTime(options.clock.now()), level, message: redact(message), ...(redact(facts) as object) })}\n`);
  };
}

/** A log that keeps nothing. */
export const silentLog: Log = () => {};
