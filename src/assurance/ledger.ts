import type { EntryRow, Store } from '#store/port';
import type { Books } from '#assurance/plan';

const entriesPerPage = 2000;

/** What an amount of the ledger is for. */
export const costSources = { part: 'parts', posting: 'labour and services', purchase: 'purchases' } as const;
export type CostSource = keyof typeof costSources;

/** One figure of the books: what a work order cost a cost centre, of one kind, in one currency. */
export interface CostGroup {
  readonly workOrder: string;
  readonly costCentre: string;
  readonly currency: string;
  readonly source: CostSource;
}

export const groupKey = ({ workOrder, costCentre, currency, source }: CostGroup): string => JSON.stringify([workOrder, costCentre, currency, source]);

/** Sums by group. */
export class CostSums {
  readonly #sums = new Map<string, { group: CostGroup; minor: number }>();

  add(group: CostGroup, minor: number): void {
    const key = groupKey(group);
    const found = this.#sums.get(key);
    if (found) found.minor += minor;
    else this.#sums.set(key, { group, minor });
  }

  minor(key: string): number {
    return this.#sums.get(key)?.minor ?? 0;
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, { readonly group: CostGroup; readonly minor: number }]> {
    yield* this.#sums;
  }
}

/** The hub's ledger, and under which cost centre each document was booked. */
export interface Ledger {
  readonly sums: CostSums;
  /** `work order|document` to the cost centre of its entries. */
  costCentreOf(workOrder: string, document: string): string | undefined;
}

/** Reads the commitment ledger: what is invoiced or settled. What is only ordered or received is a commitment, no cost. */
export async function ledgerOf({ read }: Store, books: Books, only: boolean): Promise<Ledger> {
  const sums = new CostSums();
  const centres = new Map<string, string>();
  for (let after: { lane: string; eventKey: string; n: number } | undefined; ;) {
    const rows = await read.listEntries({ limit: entriesPerPage, ...(after === undefined ? {} : { after }) });
    for (const entry of rows) {
      if (!only && !belongs(books, entry)) continue;
      const minor = (cost(entry.debit) ? entry.minor : 0) - (cost(entry.credit) ? entry.minor : 0);
      const { workOrder, costCentre, currency, document } = entry;
      const source = sourceOf(document);
      if (source !== 'purchase') centres.set(`${workOrder}|${document}`, costCentre);
      if (minor !== 0) sums.add({ workOrder, costCentre, currency, source }, minor);
    }
    const last = rows.at(-1);
    if (rows.length < entriesPerPage || !last) break;
    after = { lane: last.lane, eventKey: last.eventKey, n: last.n };
  }
  return { sums, costCentreOf: (workOrder, document) => centres.get(`${workOrder}|${document}`) };
}

const cost = (account: string): boolean => account === 'invoiced' || account === 'settled';
const sourceOf = (document: string): CostSource => (document.startsWith('stock/') ? 'part' : /^(cost|scrap)Posting\//.test(document) ? 'posting' : 'purchase');

/** Where several finance systems share a hub: an entry belongs to the books of its work order's system, or of its order's. */
function belongs({ finance, maintenance }: Books, { workOrder, lane }: EntryRow & { readonly lane: string }): boolean {
  if (workOrder !== '') return maintenance.some(({ name }) => workOrder.startsWith(`${name}.`));
  return lane.slice(lane.indexOf('/') + 1).startsWith(`${finance.name}.`);
}
