import { invariants } from './invariants/all.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import { firstInstant } from './plant.ts';

/** The first breach of a run: which invariant, what was seen, and after which event of the script. */
export interface Failure {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Index of the event; `end` where it showed only at rest. */
  readonly event: number | 'end';
}

export interface RunResult {
  readonly seed: number;
  readonly failure?: Failure;
  readonly traceHash: string;
  readonly accepted: number;
  readonly requests: number;
  readonly tasks: number;
  readonly simulatedMs: number;
  readonly fired: ReadonlyMap<string, number>;
  readonly checks: ReadonlyMap<string, number>;
}

/** How many events of the script lie between two sweeps over everything. */
const sweepEvery = 50;

/** Plays one seed and checks the invariants after every event; stops at the first breach. */
export async function run(options: SimulationOptions, at: { readonly end?: (simulation: Simulation) => Promise<string[]> } = {}): Promise<RunResult> {
  const simulation = new Simulation(options);
  const checks = new Map<string, number>();
  let failure: Failure | undefined;
  try {
    await simulation.open();
    for (let event = 0; event < options.events && !failure; event++) {
      if (options.without?.has(event)) continue;
      await simulation.play(event);
      failure = crossed(simulation, event) ?? (await checked(simulation, 'step', event, checks));
      if (!failure && event % sweepEvery === sweepEvery - 1) failure = await checked(simulation, 'sweep', event, checks);
    }
    if (!failure) {
      await simulation.rest();
      failure = crossed(simulation, 'end') ?? (await checked(simulation, 'end', 'end', checks));
      if (!failure && at.end) {
        const [text] = await at.end(simulation);
        if (text !== undefined) failure = { id: 'checker', title: 'the independent checker agrees', text, event: 'end' };
      }
    }
    return {
      seed: options.seed,
      ...(failure ? { failure } : {}),
      traceHash: simulation.kernel.traceHash,
      accepted: simulation.recorder.events,
      requests: simulation.network.requests,
      tasks: simulation.kernel.tasks,
      simulatedMs: simulation.kernel.now() - firstInstant,
      fired: simulation.fired,
      checks,
    };
  } catch (error) {
    return {
      seed: options.seed,
      failure: {
        id: 'I20',
        title: 'the hub and its simulation go on',
        text: error instanceof Error ? (error.stack ?? error.message) : String(error),
        event: 'end',
      },
      traceHash: simulation.kernel.traceHash,
      accepted: simulation.recorder.events,
      requests: simulation.network.requests,
      tasks: simulation.kernel.tasks,
      simulatedMs: simulation.kernel.now() - firstInstant,
      fired: simulation.fired,
      checks,
    };
  } finally {
    await simulation.close();
  }
}

function crossed({ recorder }: Simulation, event: Failure['event']): Failure | undefined {
  const [first] = recorder.breaches;
  return first && { id: first.id, title: invariants.find(({ id }) => id === first.id)?.title ?? '', text: first.text, event };
}

async function checked(
  simulation: Simulation,
  when: 'step' | 'sweep' | 'end',
  event: Failure['event'],
  checks: Map<string, number>,
): Promise<Failure | undefined> {
  for (const { id, title, ...check } of invariants) {
    const run = check[when] ?? (when === 'end' ? check.step : undefined);
    if (!run) continue;
    checks.set(id, (checks.get(id) ?? 0) + 1);
    const [text] = await run(simulation);
    if (text !== undefined) return { id, title, text, event };
  }
  return undefined;
}
