import { moneyText } from '#base/money';
import type { EventState, OperationState } from '#store/port';
import type { Hub } from '#hub/hub';

/** How the hub stands, for people and machines. Money at risk is what waits, is in doubt, or was refused. */
export interface HubStatus {
  readonly configuration: string;
  readonly events: Readonly<Record<EventState, number>>;
  readonly operations: readonly {
    readonly connection: string;
    readonly state: OperationState;
    readonly count: number;
    readonly minor: Readonly<Record<string, number>>;
    readonly oldestAt: number | null;
  }[];
  readonly moneyAtRisk: Readonly<Record<string, number>>;
  readonly connections: readonly {
    readonly name: string;
    readonly connector: string;
    readonly waiting: number;
    readonly running: number;
    readonly pausedUntil: number;
  }[];
}

const atRisk: ReadonlySet<OperationState> = new Set(['ready', 'sending', 'unknown', 'failed']);

export async function statusOf(hub: Hub): Promise<HubStatus> {
  const [events, operations] = await Promise.all([hub.store.read.countEvents(), hub.store.read.countOperations()]);
  const moneyAtRisk: Record<string, number> = {};
  for (const { state, minor } of operations)
    if (atRisk.has(state)) for (const [currency, amount] of Object.entries(minor)) moneyAtRisk[currency] = (moneyAtRisk[currency] ?? 0) + amount;
  return {
    configuration: hub.plant.version,
    events,
    operations,
    moneyAtRisk,
    connections: [...hub.connections.values()].map((connection) => {
      const governor = hub.worker.dispatcher.governor(connection.name);
      return {
        name: connection.name,
        connector: connection.open.connector.title,
        waiting: governor?.waiting ?? 0,
        running: governor?.running ?? 0,
        pausedUntil: governor?.pausedUntil ?? 0,
      };
    }),
  };
}

/** `1,200.00 EUR, 30.00 USD`, or `none`. */
export const moneyList = (minor: Readonly<Record<string, number>>): string =>
  Object.entries(minor)
    .filter(([, amount]) => amount !== 0)
    .map(([currency, amount]) => moneyText({ minor: amount, currency }))
    .join(', ') || 'none';
