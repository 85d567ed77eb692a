import type { Random } from '#base/random';

/** Waiting times after the n-th failed attempt, in milliseconds: 1 s doubling to 15 minutes. */
const firstMs = 1000;
const mostMs = 15 * 60_000;

/** The n-th wait (n from 1) with up to a quarter of jitter, so that waiting lanes do not return in step. */
export function backoffMs(attempt: number, random: Random): number {
  const base = Math.min(mostMs, firstMs * 2 ** Math.min(20, attempt - 1));
  return Math.round(base * (1 + random.unit() / 4));
}

/** When an unknown outcome is looked up after the n-th look: soon, then after the target's writes must have become visible. */
export function lookupMs(attempt: number, visibilityMs: number): number {
  return attempt <= 1 ? Math.min(1000, visibilityMs) : visibilityMs;
}
