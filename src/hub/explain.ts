import type { Reason } from '#engine/flow';
import type { DocumentRow, EntryRow, EventRow, OperationRow, Store } from '#store/port';

/** Most rows of each kind that one explanation shows. */
const mostRows = 1000;

/** Why something did or did not happen, in the words that were stored when it was decided. */
export interface Explained {
  readonly at: number;
  readonly lane: string;
  readonly event: string;
  readonly eventState: string;
  readonly flow: string;
  readonly configuration: string;
  readonly reasons: readonly Reason[];
}

/** One thread: from cause to posting. */
export interface Thread {
  readonly thread: string;
  readonly title: string;
  readonly events: readonly EventRow[];
  readonly why: readonly Explained[];
  readonly operations: readonly OperationRow[];
  readonly documents: readonly DocumentRow[];
  readonly entries: readonly EntryRow[];
  readonly balances: readonly { readonly costCentre: string; readonly currency: string; readonly account: string; readonly minor: number }[];
}

/** Threads in which a number appears, as anyone in the plant knows it: work order, requisition, order, receipt, part. */
export async function threadsOf(store: Store, number: string): Promise<readonly string[]> {
  const wanted = number.trim();
  if (wanted === '') return [];
  const exact = await store.read.listEvents({ thread: wanted, limit: 1 });
  return exact.length > 0 ? [wanted] : store.read.findThreads(wanted, 50);
}

/** Everything known of a thread; undefined where there is none. */
export async function explainThread(store: Store, thread: string): Promise<Thread | undefined> {
  const { read } = store;
  const [events, operations, documents] = await Promise.all([
    read.listEvents({ thread, limit: mostRows }),
    read.listOperations({ thread, limit: mostRows }),
    read.listDocuments({ thread, limit: mostRows }),
  ]);
  if (events.length === 0 && documents.length === 0) return undefined;
  const lanes = [...new Set([...events.map(({ lane }) => lane), ...operations.map(({ lane }) => lane)])];
  const why: Explained[] = [];
  for (const lane of lanes) {
    const states = new Map(events.filter((event) => event.lane === lane).map((event) => [event.key, event]));
    for (const decision of await read.listDecisions({ lane, limit: mostRows })) {
      const event = states.get(decision.eventKey);
      if (!event) continue;
      why.push({
        at: decision.at,
        lane,
        event: event.kind,
        eventState: event.state,
        flow: decision.flow,
        configuration: decision.configuration,
        reasons: decision.reasons as unknown as readonly Reason[],
      });
    }
  }
  const workOrder = thread.startsWith('workOrder/') ? thread.slice('workOrder/'.length) : '';
  const [entries, balances] = workOrder === '' ? [[], []] : await Promise.all([read.listEntries({ workOrder, limit: mostRows }), read.balances({ workOrder })]);
  const record = events
    .toReversed()
    .map(({ data }) => (data as { record?: { number?: string; title?: string; code?: string; name?: string } } | null)?.record)
    .find((found) => found?.title ?? found?.name);
  return {
    thread,
    title: record ? `${record.number ?? record.code ?? ''} ${record.title ?? record.name ?? ''}`.trim() : thread,
    events,
    why: why.sort((a, b) => a.at - b.at),
    operations,
    documents,
    entries,
    balances,
  };
}
