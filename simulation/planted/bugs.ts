import { connectorBugs } from './connectors.ts';
import { engineBugs } from './engine.ts';
import { flowBugs } from './flows.ts';
import { storeBugs } from './stores.ts';
import type { Surgery } from '../simulation.ts';
import type { Variant } from '../plant.ts';

/** A bug that is put into a simulated installation, never into the product: each must be caught, or the checks have a hole. */
export interface PlantedBug {
  readonly name: string;
  readonly title: string;
  /** Where the bug needs a certain installation to show. */
  readonly variant?: Partial<Variant>;
  /** Made anew for each run: some count. */
  readonly surgery: () => Surgery;
}

export const plantedBugs: readonly PlantedBug[] = [...storeBugs, ...engineBugs, ...flowBugs, ...connectorBugs];
