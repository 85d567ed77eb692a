import { judged } from '../judged.ts';
import type { PlantedBug } from './bugs.ts';

/** Plays seeds with a planted bug until a check catches it. Undefined: it survived them all. */
export async function huntBug(
  bug: PlantedBug,
  most: { readonly seeds: number; readonly events: number },
): Promise<{ readonly seeds: number; readonly id: string; readonly text: string } | undefined> {
  for (let seed = 1; seed <= most.seeds; seed++) {
    const { failure } = await judged({ seed, events: most.events, surgery: bug.surgery(), ...(bug.variant ? { variant: bug.variant } : {}) });
    if (failure) return { seeds: seed, id: failure.id, text: failure.text };
  }
  return undefined;
}
