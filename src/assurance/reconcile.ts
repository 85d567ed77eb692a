import { Fault } from '#base/fault';
import type { RecordKind } from '#model/records';
import type { Store } from '#store/port';
import { compareAssets } from '#assurance/assets';
import { compareCosts } from '#assurance/costs';
import { openWork } from '#assurance/open-work';
import { referencesOf } from '#assurance/operations';
import { compareOrders } from '#assurance/orders';
import { partsOnce, type Books, type Ground, type ReconcileSite } from '#assurance/plan';
import type { ReconcileSide } from '#assurance/side';
import { compareStock } from '#assurance/stock';
import { Section, sectionNames, type SectionName, type Statement } from '#assurance/statement';

/** What is being read. */
export interface ReconcileProgress {
  readonly section: SectionName;
  readonly connection: string;
  readonly kind: RecordKind;
  readonly read: number;
}

export interface ReconcileInput {
  readonly store: Store;
  readonly connections: readonly ReconcileSide[];
  readonly sites: readonly ReconcileSite[];
  /** Absent: all. */
  readonly sections?: readonly SectionName[];
  /** The statement's time, in milliseconds: nothing else in it comes from a clock. */
  readonly now: number;
  progress?(progress: ReconcileProgress): void;
}

/**
 * Compares what both systems say now with each other and with the hub. Reads only, page by page; keeps one compact row per stock place, asset and
 * order line of the side that is read first. Run it when the hub is quiet: what moves between two pages shows as a difference that the next run does not have.
 */
export async function reconcile(input: ReconcileInput): Promise<Statement> {
  const { store, sites, now } = input;
  const wanted = sectionNames.filter((name) => input.sections === undefined || input.sections.includes(name));
  const books = booksOf(input.connections, sites);
  const open = await openWork(store);
  let current: SectionName = 'stock';
  const reading = (connection: string, kind: RecordKind, read: number): void => input.progress?.({ section: current, connection, kind, read });
  const parts = partsOnce(reading);
  const sections = new Map(sectionNames.map((name) => [name, new Section(name)]));
  for (const one of books) {
    const ground = (name: SectionName): Ground => {
      current = name;
      return { store, books: one, open, section: sections.get(name) ?? new Section(name), reading, parts };
    };
    if (wanted.includes('stock')) await compareStock(ground('stock'));
    if (wanted.includes('orders') || wanted.includes('costs')) {
      const references = await referencesOf(store, one.finance.name);
      const orders = await compareOrders(ground('orders'), references);
      if (wanted.includes('costs')) await compareCosts(ground('costs'), references, orders, books.length === 1);
    }
    if (wanted.includes('assets')) await compareAssets(ground('assets'));
  }
  const done = wanted.map((name) => (sections.get(name) ?? new Section(name)).done());
  return { at: now, sections: done, agrees: done.every(({ unexplained }) => unexplained === 0) };
}

/** One pair of books per finance system, in the order of their names. */
function booksOf(connections: readonly ReconcileSide[], sites: readonly ReconcileSite[]): readonly Books[] {
  const sideOf = (name: string, site: string): ReconcileSide => {
    const side = connections.find((one) => one.name === name);
    if (!side)
      throw new Fault(
        'misconfigured',
        `site ${site} names the connection ${name}, which is not there; there are ${connections.map((one) => one.name).join(', ') || 'none'}`,
      );
    return side;
  };
  if (sites.length === 0) throw new Fault('misconfigured', 'there is no site to reconcile: sites.yaml names them');
  return [...new Set(sites.map(({ finance }) => finance))].sort().map((name) => {
    const own = sites.filter(({ finance }) => finance === name);
    const maintenance = [...new Set(own.map((site) => site.maintenance))].sort();
    return {
      finance: sideOf(name, own[0]?.code ?? ''),
      maintenance: maintenance.map((one) => sideOf(one, own.find((site) => site.maintenance === one)?.code ?? '')),
      sites: own,
    };
  });
}
