import { check } from './checker/check.ts';
import { historyOf } from './observed.ts';
import { run, type RunResult } from './run.ts';
import type { SimulationOptions } from './simulation.ts';

/** Plays one seed, checks the invariants on the way, and has the independent checker judge the history at the end. */
export function judged(options: SimulationOptions): Promise<RunResult> {
  return run(options, {
    end: async (simulation) => check(await historyOf(simulation)).map(({ clause, text }) => `clause ${clause}: ${text}`),
  });
}
