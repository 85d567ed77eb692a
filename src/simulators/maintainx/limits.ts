import type { Clock } from '#base/clock';
import type { Limit, RateLimits } from '#simulators/maintainx/config';
import type { Meter } from '#simulators/maintainx/records';
import { Refusal } from '#simulators/maintainx/refusal';

interface Window {
  since: number;
  used: number;
}

/** How much is left in the tightest window, as the three headers say it. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the window starts anew: not a time of day. */
  readonly resetSeconds: number;
  readonly refused: boolean;
}

const exhausted = (): Refusal => new Refusal(429, [{ error: 'Too many requests' }]);

/** Counts requests in fixed windows: a window starts with its first request, and everything is free again when it ends. */
export class RateGate {
  #clock: Clock;
  #limits: RateLimits;
  #windows = new Map<string, Window>();

  constructor(clock: Clock, limits: RateLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Takes one request out of the user's and the organisation's windows, or none where either is used up. */
  spend(userId: number, organizationId: number): Allowance | undefined {
    const { perUser, perOrganization } = this.#limits;
    const pairs: { limit: Limit; window: Window }[] = [];
    if (perUser) pairs.push({ limit: perUser, window: this.#window(`user ${userId}`, perUser) });
    if (perOrganization) pairs.push({ limit: perOrganization, window: this.#window(`organization ${organizationId}`, perOrganization) });
    if (pairs.length === 0) return undefined;
    const refused = pairs.some(({ limit, window }) => window.used >= limit.requests);
    if (!refused) for (const { window } of pairs) window.used++;
    const left = pairs.map(({ limit, window }) => ({
      limit: limit.requests,
      remaining: limit.requests - window.used,
      resetSeconds: this.#reset(window, limit),
      refused,
    }));
    return left.reduce((a, b) => (b.remaining < a.remaining ? b : a));
  }

  /** Takes one request for readings out of the windows of the meters' kinds; refuses with 429. */
  spendReadings(userId: number, meters: readonly Meter[], kind: 'bulk' | 'single'): void {
    const manual = meters.some(({ measurementType }) => measurementType === 'MANUAL');
    const automated = meters.some(({ measurementType }) => measurementType !== 'MANUAL');
    const { manualReadings, readings, singleReadings } = this.#limits;
    const asked: [string, Limit | undefined][] = [];
    if (manual) asked.push([`manual ${userId}`, manualReadings]);
    if (automated) asked.push(kind === 'bulk' ? [`readings ${userId}`, readings] : [`single ${userId}`, singleReadings]);
    const windows = asked.flatMap(([key, limit]) => (limit ? [{ limit, window: this.#window(key, limit) }] : []));
    if (windows.some(({ limit, window }) => window.used >= limit.requests)) throw exhausted();
    for (const { window } of windows) window.used++;
  }

  #window(key: string, limit: Limit): Window {
    const now = this.#clock.now();
    let window = this.#windows.get(key);
    if (!window || now - window.since >= limit.windowMs) this.#windows.set(key, (window = { since: now, used: 0 }));
    return window;
  }

  #reset = (window: Window, limit: Limit): number => Math.ceil((window.since + limit.windowMs - this.#clock.now()) / 1000);
}

/** The headers of every answer while limits are on. */
export const allowanceHeaders = ({ limit, remaining, resetSeconds }: Allowance): Record<string, string> => ({
  'x-rate-limit-limit': String(limit),
  'x-rate-limit-remaining': String(remaining),
  'x-rate-limit-reset': String(resetSeconds),
});
