import { add, compare, negate, subtract } from '#base/decimal';
import type { JsonObject } from '#base/json';
import type { Quantity } from '#base/quantity';
import { stockLane } from '#flows/lanes';
import type { StockFlowState } from '#flows/stock/state';
import type { RecordOf } from '#model/records';
import type { OperationRow } from '#store/port';
import { eventText, operationText, type OpenEvent } from '#assurance/open-work';
import { inUnit, named, type Parts } from '#assurance/parts';
import type { Ground } from '#assurance/plan';

/** Consumption that was told and is in no operation yet, by stock lane. */
export interface OpenStock {
  readonly told: ReadonlyMap<string, readonly { readonly event: OpenEvent; readonly quantity: string }[]>;
  readonly parts: Parts;
}

/** Looks through work orders that are held or waiting: what they used and the hub has not passed on. */
export async function openStock(ground: Ground, parts: Parts): Promise<OpenStock> {
  const told = new Map<string, { event: OpenEvent; quantity: string }[]>();
  const newest = new Map<string, OpenEvent>();
  for (const event of ground.open.allEvents) if (event.kind === 'workOrder.snapshot') newest.set(`${event.lane}|${event.source}`, event);
  for (const event of newest.values()) {
    const side = ground.books.maintenance.find(({ name }) => name === event.source);
    if (!side) continue;
    const record = recordIn(event) as RecordOf<'workOrder'> | undefined;
    const state = await stockState(ground, event.lane);
    const own = await ground.parts(side);
    for (const { part, storeroom, quantity, line } of record?.issues ?? []) {
      const facts = parts.get(part);
      const shown = named(quantity, own.get(part));
      const same = facts && shown && inUnit(shown, facts.baseUnit, facts);
      if (!same || storeroom === undefined) continue;
      const lane = stockLane(part, storeroom);
      const left = subtract(same.value, state?.workOrder?.told[lane]?.lines[line]?.total ?? '0');
      if (compare(left, '0') === 0) continue;
      told.set(lane, [...(told.get(lane) ?? []), { event, quantity: left }]);
    }
  }
  return { told, parts };
}

const recordIn = ({ data }: OpenEvent): JsonObject | undefined => (data as { record?: JsonObject } | null)?.record;

/** The stock flow's state of a lane: written by that flow in this shape. */
async function stockState({ store }: Ground, lane: string): Promise<StockFlowState | undefined> {
  return (await store.read.lane(lane))?.state['stock'] as StockFlowState | undefined;
}

interface Asked {
  readonly place: string;
  readonly finance: Quantity;
  /** In finance's unit. */
  readonly maintenance: Quantity;
  readonly connection: string;
}

/** One open thing and what it will do to finance's on-hand. */
interface Effect {
  readonly quantity: string;
  readonly by: string;
  /** It may have happened already: its answer is not known. */
  readonly doubtful: boolean;
}

/** Whether what is open about a part and storeroom makes up for exactly what differs. */
export async function explainStock(ground: Ground, open: OpenStock, asked: Asked): Promise<{ readonly exactly: boolean; readonly by: readonly string[] }> {
  const lane = `stock/${asked.place}`;
  const operations = ground.open.operations(lane);
  const effects: Effect[] = [
    ...operations.flatMap((operation) => movementOf(operation)),
    ...(open.told.get(lane) ?? []).map(({ event, quantity }) => ({ quantity: negate(quantity), by: eventText(event), doubtful: false })),
    ...(await consumedOf(ground, lane)),
  ];
  const goal = subtract(asked.maintenance.value, asked.finance.value);
  for (const chosen of [effects, effects.filter(({ doubtful }) => !doubtful)]) {
    if (
      chosen.length > 0 &&
      compare(
        chosen.reduce((total, { quantity }) => add(total, quantity), '0'),
        goal,
      ) === 0
    )
      return { exactly: true, by: chosen.map(({ by }) => by).sort() };
  }
  const adjusting = operations.find((operation) => adjusts(operation, open.parts, asked));
  if (adjusting) return { exactly: true, by: [operationText(adjusting)] };
  return {
    exactly: false,
    by: [
      ...effects.map(({ by }) => by),
      ...operations.filter(({ record }) => record === 'stockLevel').map(operationText),
      ...ground.open
        .events(lane)
        .filter(({ kind }) => kind !== 'stock.consumed')
        .map(eventText),
    ].sort(),
  };
}

interface MovementDraft {
  readonly lines?: readonly { readonly quantity?: { readonly value?: string }; readonly direction?: string }[];
}

function movementOf(operation: OperationRow): Effect[] {
  if (operation.record !== 'goodsIssue') return [];
  // Written by the stock flow as a canonical goods issue.
  const { lines = [] } = operation.draft as MovementDraft;
  let quantity = '0';
  for (const line of lines) quantity = line.direction === 'in' ? add(quantity, line.quantity?.value ?? '0') : subtract(quantity, line.quantity?.value ?? '0');
  return [{ quantity, by: operationText(operation), doubtful: operation.state === 'sending' || operation.state === 'unknown' }];
}

/** Messages of work orders that the stock lane has not decided: what they add to what is sent already. Per work order the newest counts. */
async function consumedOf(ground: Ground, lane: string): Promise<Effect[]> {
  const newest = new Map<string, { event: OpenEvent; n: number }>();
  for (const event of ground.open.events(lane)) {
    if (event.kind !== 'stock.consumed') continue;
    const { from, n } = event.data as { from?: unknown; n?: unknown };
    if (Number(n) >= (newest.get(String(from))?.n ?? 0)) newest.set(String(from), { event, n: Number(n) });
  }
  if (newest.size === 0) return [];
  const consumers = (await stockState(ground, lane))?.stock?.consumers ?? {};
  return [...newest]
    .map(([from, { event }]) => {
      const movements = consumers[from]?.movements ?? [];
      let left = '0';
      for (const [line, { total }] of Object.entries((event.data as { lines?: Record<string, { total: string }> }).lines ?? {})) {
        left = add(left, total);
        for (const movement of movements) if (movement.line === line) left = subtract(left, movement.quantity);
      }
      return { quantity: negate(left), by: eventText(event), doubtful: false };
    })
    .filter(({ quantity }) => compare(quantity, '0') !== 0);
}

/** Whether an open adjustment sets one side to what the other has. */
function adjusts({ record, connection, draft }: OperationRow, parts: Parts, { place, finance, maintenance, connection: name }: Asked): boolean {
  const onHand = (draft as { onHand?: Quantity } | null)?.onHand;
  if (record !== 'stockLevel' || !onHand) return false;
  const part = parts.get(place.slice(0, place.lastIndexOf('@')));
  const same = named(onHand, part) && inUnit(onHand, finance.unit, part);
  return same !== undefined && compare(same.value, connection === name ? finance.value : maintenance.value) === 0;
}
