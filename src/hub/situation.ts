import { faults, type FaultKind } from '#base/fault';
import type { Situation, Trouble } from '#assurance/alerts';
import { heldEventsOf } from '#hub/exceptions';
import type { Hub } from '#hub/hub';
import { statusOf } from '#hub/status';

/** Most operations, and most held events, that one look at the situation reads: it must not hold up what it looks at. */
const mostRows = 2000;

/** How a hub stands now: what has a fault, what is held, which polls fail, the money with it, and when each connection was last heard. */
export async function situationOf(hub: Hub): Promise<Situation> {
  const { read } = hub.store;
  const [status, moving, held] = await Promise.all([
    statusOf(hub),
    read.listOperations({ states: ['ready', 'unknown', 'sending', 'failed'], limit: mostRows }),
    heldEventsOf(hub.store, mostRows),
  ]);
  const troubles: Trouble[] = [];
  for (const operation of moving) {
    const kind = operation.fault?.['kind'];
    if (typeof kind !== 'string' || !Object.hasOwn(faults, kind)) continue;
    const fault = kind as FaultKind;
    troubles.push({
      fault,
      owner: faults[fault].owner,
      connection: operation.connection,
      site: operation.site,
      since: operation.createdAt,
      text: `${operation.verb} ${operation.record}: ${String(operation.fault?.['message'] ?? '')} (${operation.reason})`,
      minor: operation.minor,
      currency: operation.currency,
    });
  }
  for (const event of held)
    troubles.push({
      fault: 'held',
      owner: event.owner,
      connection: event.source,
      site: event.site,
      since: event.since,
      text: `${event.title}: ${event.text}`,
      minor: null,
      currency: null,
    });
  for (const { connection, kind, fault, message, since } of hub.polls.failing)
    troubles.push({ fault, owner: faults[fault].owner, connection, site: '', since, text: `reading ${kind}: ${message}`, minor: null, currency: null });
  return { troubles, moneyAtRisk: status.moneyAtRisk, heard: Object.fromEntries(hub.heard), more: moving.length === mostRows || held.length === mostRows };
}
