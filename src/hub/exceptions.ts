import { faults, type FaultKind } from '#base/fault';
import type { Store } from '#store/port';

/** Something that waits for a person: a refused or doubtful operation, or a held event. */
export interface Exception {
  readonly kind: 'operation' | 'event';
  readonly key: string;
  readonly lane: string;
  readonly thread: string;
  readonly site: string;
  readonly title: string;
  readonly text: string;
  readonly owner: string;
  readonly fault: string | null;
  readonly minor: number | null;
  readonly currency: string | null;
  readonly since: number;
}

/** Most rows that one list gives; the oldest lanes first. */
export const mostExceptions = 5000;

export async function exceptionsOf(store: Store): Promise<readonly Exception[]> {
  const [operations, events] = await Promise.all([
    store.read.listOperations({ states: ['failed'], limit: mostExceptions }),
    store.read.listEvents({ state: 'held', limit: mostExceptions }),
  ]);
  return [
    ...operations.map((operation): Exception => {
      const fault = (operation.fault?.['kind'] ?? 'rejected') as FaultKind;
      return {
        kind: 'operation',
        key: operation.key,
        lane: operation.lane,
        thread: operation.thread,
        site: operation.site,
        title: `${operation.verb} ${operation.record} at ${operation.connection}: ${faults[fault].title}`,
        text: `${String(operation.fault?.['message'] ?? '')} (${operation.reason})`,
        owner: faults[fault].owner,
        fault,
        minor: operation.minor,
        currency: operation.currency,
        since: operation.createdAt,
      };
    }),
    ...events.map((event): Exception => ({
      kind: 'event',
      key: event.key,
      lane: event.lane,
      thread: event.thread,
      site: event.site,
      title: `${event.kind} of ${event.source} ${event.object}: held`,
      text: event.reason,
      owner: 'data-steward',
      fault: null,
      minor: null,
      currency: null,
      since: event.receivedAt,
    })),
  ];
}
