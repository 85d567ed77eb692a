import { run, type Failure } from './run.ts';
import { faults } from './faults.ts';
import type { SimulationOptions } from './simulation.ts';

/** How many runs making a failure smaller may take. */
const mostRuns = 60;

/** A smaller run that still breaks the same invariant: fewer kinds of faults, a shorter script, fewer events in it. */
export async function shrink(options: SimulationOptions, failure: Failure, progress: (text: string) => void = () => {}): Promise<SimulationOptions> {
  let best: SimulationOptions = typeof failure.event === 'number' ? { ...options, events: failure.event + 1 } : options;
  let left = mostRuns;
  const fails = async (candidate: SimulationOptions): Promise<boolean> => left-- > 0 && (await run(candidate)).failure?.id === failure.id;
  // Halves of the faults first, then each alone.
  let names = best.faults ?? faults.map(({ name }) => name);
  for (let size = Math.ceil(names.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < names.length && left > 0;) {
      const fewer = names.filter((_name, at) => at < from || at >= from + size);
      if (await fails({ ...best, faults: fewer })) {
        names = fewer;
        best = { ...best, faults: fewer };
        progress(`still fails with ${fewer.length} kinds of faults`);
      } else from += size;
    }
  }
  for (let size = Math.ceil(best.events / 4); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.events && left > 0; from += size) {
      const without = new Set(best.without);
      for (let at = from; at < Math.min(best.events, from + size); at++) without.add(at);
      if (without.size === (best.without?.size ?? 0) || without.size >= best.events) continue;
      if (!(await fails({ ...best, without }))) continue;
      best = { ...best, without };
      progress(`still fails with ${best.events - without.size} events`);
    }
  }
  return best;
}

/** The command that plays a run again. */
export function commandOf(options: SimulationOptions): string {
  const parts = [`npm run simulate -- --seed ${options.seed} --seeds 1 --events ${options.events}`];
  if (options.faults) parts.push(`--faults ${options.faults.length === 0 ? 'none' : options.faults.join(',')}`);
  if (options.without && options.without.size > 0) parts.push(`--without ${ranges(options.without)}`);
  return parts.join(' ');
}

/** `0-3,7` for a set of numbers. */
export function ranges(numbers: ReadonlySet<number>): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const found: string[] = [];
  for (let at = 0; at < sorted.length; at++) {
    const first = sorted[at]!;
    while (sorted[at + 1] === sorted[at]! + 1) at += 1;
    found.push(first === sorted[at] ? `${first}` : `${first}-${sorted[at]}`);
  }
  return found.join(',');
}

export function numbersIn(text: string): Set<number> {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    if (!Number.isInteger(first) || !Number.isInteger(last) || last < first || last - first > 100_000)
      throw new RangeError(`--without ${part}: a number or a range such as 3-17 is expected`);
    for (let number = first; number <= last; number++) found.add(number);
  }
  return found;
}
