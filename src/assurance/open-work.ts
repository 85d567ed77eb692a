import { Fault } from '#base/fault';
import type { EventRow, OperationRow, Store } from '#store/port';

/** Most operations and events that may be open while a reconciliation still can explain with them. */
export const mostOpen = 100_000;
const rowsPerPage = 1000;

/** An event that is not decided, or a message that has not arrived yet. */
export type OpenEvent = Pick<EventRow, 'lane' | 'kind' | 'key' | 'source' | 'data'> & { readonly state: 'pending' | 'held' | 'onItsWay' };

/** Everything that the hub has begun and not ended, by lane: what explains differences. */
export interface OpenWork {
  operations(lane: string): readonly OperationRow[];
  events(lane: string): readonly OpenEvent[];
  readonly allEvents: readonly OpenEvent[];
}

/** Reads what is open, once. */
export async function openWork(store: Store): Promise<OpenWork> {
  const { read } = store;
  const operations: OperationRow[] = [];
  for (let after: string | undefined; ;) {
    const rows = await read.listOperations({
      states: ['ready', 'sending', 'unknown', 'failed'],
      limit: rowsPerPage,
      ...(after === undefined ? {} : { after }),
    });
    operations.push(...rows);
    bounded(operations.length, 'operations');
    after = rows.at(-1)?.key;
    if (rows.length < rowsPerPage) break;
  }
  const events: OpenEvent[] = [];
  for (const state of ['pending', 'held'] as const) {
    for (let after: { lane: string; seq: number } | undefined; ;) {
      const rows = await read.listEvents({ state, limit: rowsPerPage, ...(after === undefined ? {} : { after }) });
      for (const { lane, kind, key, source, data } of rows) events.push({ lane, kind, key, source, data, state });
      bounded(events.length, 'events');
      const last = rows.at(-1);
      if (rows.length < rowsPerPage || !last) break;
      after = { lane: last.lane, seq: last.seq };
    }
  }
  for (const {
    event: { lane, kind, key, source, data },
  } of await store.outbox(rowsPerPage))
    events.push({ lane, kind, key, source, data, state: 'onItsWay' });
  const [byLane, eventsByLane] = [grouped(operations), grouped(events)];
  return { operations: (lane) => byLane.get(lane) ?? [], events: (lane) => eventsByLane.get(lane) ?? [], allEvents: events };
}

function bounded(count: number, what: string): void {
  if (count > mostOpen) throw new Fault('rejected', `more than ${mostOpen} ${what} are open: reconcile when the hub has caught up (linchpin status)`);
}

function grouped<T extends { readonly lane: string }>(rows: readonly T[]): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const row of rows) {
    const list = map.get(row.lane);
    if (list) list.push(row);
    else map.set(row.lane, [row]);
  }
  return map;
}

const words: Readonly<Record<OpenEvent['state'], string>> = { pending: 'not yet decided', held: 'held', onItsWay: 'on its way' };

/** `operation LP... (failed): reason`, for people and machines. */
export const operationText = ({ key, state, reason }: OperationRow): string => `operation ${key} (${state}): ${reason}`;
export const eventText = ({ kind, key, lane, state }: OpenEvent): string => `event ${kind} ${key} of ${lane} (${words[state]})`;
