import { withoutLookup, Simulation } from './simulation.ts';
import { connectors as realConnectors } from '#main';
import { documentOf, documentsByReference } from './invariants/documents.ts';
import { documentsOf } from './documents.ts';
import { everyOperation } from './reading.ts';

/** What became of the writes of one class whose answer was lost after the target had committed them. */
export interface LostReport {
  readonly class: 'K' | 'L' | 'M';
  readonly lost: number;
  readonly duplicates: number;
  readonly parked: number;
  readonly retried: number;
  readonly resolved: number;
  readonly holds: boolean;
}

/** Which record stands for each class: a stock level that is set, a labour posting that is looked up, and the same as if nobody could look it up. */
const classes = ['K', 'L', 'M'] as const;
/** How many events of the plant one run plays before it rests. */
const eventsPerRun = 300;

/** Plays plants in which the first answer of every write of a class is lost, until so many answers were lost per class. */
export async function lostAnswers(options: { readonly writes: number; readonly progress: (text: string) => void }): Promise<readonly LostReport[]> {
  const reports: LostReport[] = [];
  for (const wanted of classes) {
    const total = { class: wanted, lost: 0, duplicates: 0, parked: 0, retried: 0, resolved: 0 };
    for (let seed = 1; total.lost < options.writes; seed++) {
      const found = await lostIn(seed, wanted);
      for (const name of ['lost', 'duplicates', 'parked', 'retried', 'resolved'] as const) total[name] += found[name];
      if (seed % 20 === 0) options.progress(`class ${wanted}: ${total.lost} answers lost after ${seed} plants`);
    }
    reports.push({ ...total, holds: total.duplicates === 0 && (wanted === 'M' ? total.parked === total.lost && total.retried === 0 : true) });
  }
  return reports;
}

type Counts = Omit<LostReport, 'class' | 'holds'>;

async function lostIn(seed: number, wanted: LostReport['class']): Promise<Counts> {
  /** Operations whose answer was lost, with the number of writes that reached the target. */
  const lost = new Map<string, number>();
  const simulation = new Simulation({
    seed,
    events: eventsPerRun,
    faults: [],
    operators: false,
    variant: { scope: 'live', workers: 1, postingClass: 'L' },
    surgery: wanted === 'M' ? { connectors: () => withoutLookup(withoutLookup(realConnectors, 's4hana', 'costPosting'), 's4hana', 'goodsIssue') } : {},
    lose: (operation) => {
      if (operation.class !== wanted) return false;
      const count = lost.get(operation.key) ?? 0;
      lost.set(operation.key, count + 1);
      return count === 0;
    },
  });
  try {
    await simulation.open();
    for (let event = 0; event < eventsPerRun; event++) await simulation.play(event);
    await simulation.rest();
    const documents = documentsByReference(documentsOf(simulation.twins));
    const counts = { lost: 0, duplicates: 0, parked: 0, retried: 0, resolved: 0 };
    for (const operation of await everyOperation(simulation.store)) {
      const writes = lost.get(operation.key);
      if (writes === undefined) continue;
      counts.lost += 1;
      if (operation.state === 'applied') counts.resolved += 1;
      if (operation.state === 'failed' && operation.fault?.['kind'] === 'uncertain') counts.parked += 1;
      if (writes > 1 && wanted !== 'K') counts.retried += 1;
      // A key makes the second write harmless; the other classes may leave one document.
      const kind = documentOf(operation);
      if (kind !== undefined && (documents.get(`${kind}|${operation.reference}`) ?? 0) > 1) counts.duplicates += 1;
    }
    return counts;
  } finally {
    await simulation.close();
  }
}
