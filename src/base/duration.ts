const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const form = /^(\d{1,5})(s|m|h|d)$/;

/** Milliseconds of `30s`, `15m`, `4h` or `2d`; undefined where the text is none of these. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = form.exec(text) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (unitMs[unit] ?? 0);
}

/** `3 days 4 hours`, `12 minutes`, `40 seconds`: the two largest parts. */
export function durationText(ms: number): string {
  const names = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  let left = Math.max(0, ms);
  const parts: string[] = [];
  for (const [name, size] of names) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(' ') || '0 seconds';
}
