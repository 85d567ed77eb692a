import { add, negate } from '#base/decimal';
import { operationStates, type DocumentRow, type EventRow, type OperationRow, type Store } from '#store/port';
import { documentKey } from '#store/port';
import type { Twins } from './twins.ts';

const page = 1000;

export async function everyEvent(store: Store): Promise<EventRow[]> {
  const found: EventRow[] = [];
  for (let after: { lane: string; seq: number } | undefined; ;) {
    const rows = await store.read.listEvents({ limit: page, ...(after ? { after } : {}) });
    found.push(...rows);
    const last = rows.at(-1);
    if (rows.length < page || !last) return found;
    after = { lane: last.lane, seq: last.seq };
  }
}

export async function everyOperation(store: Store): Promise<OperationRow[]> {
  const found: OperationRow[] = [];
  for (let after: string | undefined; ;) {
    const rows = await store.read.listOperations({ limit: page, ...(after === undefined ? {} : { after }) });
    found.push(...rows);
    after = rows.at(-1)?.key;
    if (rows.length < page) return found;
  }
}

export async function everyDocument(store: Store): Promise<DocumentRow[]> {
  const found: DocumentRow[] = [];
  for (let after: string | undefined; ;) {
    const rows = await store.read.listDocuments({ limit: page, ...(after === undefined ? {} : { after }) });
    found.push(...rows);
    const last = rows.at(-1);
    if (rows.length < page || !last) return found;
    after = documentKey(last);
  }
}

/** Lanes in which something waits for a person, or in which a person cancelled something: what they are about need not agree. */
export async function troubled(store: Store): Promise<Set<string>> {
  const lanes = new Set<string>();
  for (const event of await everyEvent(store))
    if (event.state === 'held' || event.state === 'cancelled' || event.state === 'refused') lanes.add(event.lane).add(event.thread);
  for (const { lane, state, thread } of await everyOperation(store)) if (state === 'cancelled' || !operationStates[state].terminal) lanes.add(lane).add(thread);
  return lanes;
}

/** Net quantity issued per work order and material, from the finance system's own movements. */
export function issuesOf(twins: Twins, workOrderOf: (reference: string) => string | undefined): Map<string, Map<string, string>> {
  const net = new Map<string, Map<string, string>>();
  const { movements } = twins.erp.world;
  for (const header of movements.headers.all()) {
    const items = movements.items.by('MaterialDocument', header.MaterialDocument);
    const reference = /LP[0-9A-HJKMNP-TV-Z]{14}/.exec(JSON.stringify([header, items]))?.[0];
    const workOrder = reference === undefined ? undefined : workOrderOf(reference);
    if (workOrder === undefined) continue;
    const per = net.get(workOrder) ?? new Map<string, string>();
    net.set(workOrder, per);
    for (const item of items) {
      if (item.GoodsMovementType !== '201' && item.GoodsMovementType !== '202') continue;
      const quantity = item.GoodsMovementType === '201' ? item.QuantityInBaseUnit : negate(item.QuantityInBaseUnit);
      per.set(item.Material, add(per.get(item.Material) ?? '0', quantity));
    }
  }
  return net;
}
