import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import type { PlantData } from '#demo/plant-data';
import type { Decisions } from '#demo/plant-folder';
import type { Stage } from '#demo/stage';
import type { Automation } from '#simulators/s4hana/world/automation';

/** What a scenario has at hand while it plays. */
export interface ScenarioGround {
  readonly stage: Stage;
  readonly random: Random;
  tell(line: string): void;
  /** Lets the hub poll on its own schedule from now on. */
  poll(): void;
  /** Reads both systems and waits until the hub has nothing left to do; answers how many events that brought. */
  rest(): Promise<number>;
  /** Waits until nothing new has come for longer than the slowest step of the finance side. */
  settle(): Promise<void>;
}

/** What a scenario says of the systems when all is over, beside the statement. */
export interface ScenarioCheck {
  readonly lines: readonly string[];
  /** What is not as it should be. */
  readonly wrong: readonly string[];
  /** For machines. */
  readonly data: unknown;
}

/** A plant, and what happens in it. */
export interface Scenario {
  readonly plant: PlantData;
  readonly clock: Clock;
  readonly automation: Automation;
  readonly decisions: Decisions;
  /** What happened before the hub came. */
  before?(stage: Stage, tell: (line: string) => void): void;
  play(ground: ScenarioGround): Promise<unknown>;
  check?(stage: Stage): ScenarioCheck;
}
