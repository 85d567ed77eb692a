import type { Simulation } from '../simulation.ts';

/**
 * One invariant of the delivery contract. `crossing`: checked by the recorder at every store call and request, so that a breach is found in the
 * step that made it. `step`: after every event of the script. `sweep`: every so many events. `end`: when everything has come to rest.
 */
export interface Invariant {
  readonly id: string;
  readonly title: string;
  readonly when: readonly ('crossing' | 'step' | 'sweep' | 'end')[];
  readonly step?: (simulation: Simulation) => readonly string[] | Promise<readonly string[]>;
  readonly sweep?: (simulation: Simulation) => readonly string[] | Promise<readonly string[]>;
  readonly end?: (simulation: Simulation) => readonly string[] | Promise<readonly string[]>;
}
