import { Fault } from '#base/fault';
import type { RecordKind, RecordOf } from '#model/records';
import type { OperationRow } from '#store/port';

/** One record as a system says it now, in the hub's words. */
export interface FreshRecord<K extends RecordKind = RecordKind> {
  /** The system's own number. */
  readonly key: string;
  readonly hubId: string;
  readonly record: RecordOf<K>;
  /** Every operation reference found anywhere in the system's own record, as often as it stands there. */
  readonly references: readonly string[];
}

/** A record that could not be read: it is reported, never left out. */
export interface Unreadable {
  readonly key: string;
  readonly problem: string;
}

export interface FreshPage<K extends RecordKind = RecordKind> {
  readonly records: readonly FreshRecord<K>[];
  readonly unreadable: readonly Unreadable[];
  readonly cursor?: string;
}

/** What a system has under an operation's reference. */
export interface Traced {
  readonly id: string;
  readonly value?: { readonly minor: number; readonly currency: string };
}

/** One system, read freshly for a reconciliation. Nothing here writes. Every failure is a Fault. */
export interface ReconcileSide {
  /** The connection's name. */
  readonly name: string;
  /** How many single reads may run at once. */
  readonly parallel: number;
  lists(kind: RecordKind): boolean;
  /** `postedFrom` leaves out documents posted before that day, where the system can say so. */
  page<K extends RecordKind>(kind: K, ask: { readonly cursor?: string; readonly postedFrom?: string }): Promise<FreshPage<K>>;
  /** Whether documents of a kind can be looked up by an operation's reference. */
  traces(operation: Pick<OperationRow, 'record' | 'verb'>): boolean;
  trace(operation: OperationRow): Promise<Traced | undefined>;
}

/** Most pages of one list: beyond that a system is not answering a list but a loop. */
export const mostPages = 20_000;

/** Called while a list is read, at each page. */
export type Reading = (connection: string, kind: RecordKind, read: number) => void;

/** All records of a kind, page by page. A record that a moving list repeats comes once per page at most; callers recognise repeats by key. */
export async function* freshly<K extends RecordKind>(
  side: ReconcileSide,
  kind: K,
  reading?: Reading,
  ask: { readonly postedFrom?: string } = {},
): AsyncGenerator<FreshPage<K>> {
  let cursor: string | undefined;
  let [pages, read] = [0, 0];
  do {
    if (++pages > mostPages) throw new Fault('drifted', `${side.name}: the list of ${kind} did not end after ${mostPages} pages`);
    const page: FreshPage<K> = await side.page(kind, { ...ask, ...(cursor === undefined ? {} : { cursor }) });
    read += page.records.length + page.unreadable.length;
    reading?.(side.name, kind, read);
    yield page;
    if (page.cursor !== undefined && page.cursor === cursor)
      throw new Fault('drifted', `${side.name}: the list of ${kind} answered the cursor it was asked with`);
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Runs at most `parallel` at once, in order of the list. */
export async function inParallel<T>(items: readonly T[], parallel: number, run: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await run(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(parallel, items.length)) }, lane));
}
