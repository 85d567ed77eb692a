import { machineClock } from '#base/clock';
import { demoSize, generatedPlant } from '#demo/generated-plant';
import type { Scenario } from '#demo/scenario';
import { briskBusiness } from '#demo/stage';
import { playStory } from '#demo/story';

/** A working day of the generated plant. */
export function generatedScenario({ seed, small, orders }: { seed: number; small: boolean; orders: number }): Scenario {
  const plant = generatedPlant(seed, small ? { assets: 60, parts: 90, people: 12 } : demoSize);
  return {
    plant,
    clock: machineClock,
    automation: briskBusiness,
    decisions: {},
    async play({ stage, random, tell, poll, settle }) {
      poll();
      const played = await playStory({
        stage,
        plant,
        random,
        size: { orders },
        tell,
        pause: () => new Promise((resolve) => machineClock.after(150, resolve)),
      });
      await settle();
      return played;
    },
  };
}
