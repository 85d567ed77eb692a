import type { Entry, History, TargetDocument } from './history.ts';

/** A clause of the delivery contract that a history breaks. */
export interface Finding {
  readonly clause: keyof typeof clauses;
  readonly text: string;
}

/** The delivery contract, clause by clause, as far as an observer can judge it. */
export const clauses = {
  1: 'accepted means durable',
  2: 'the same event is recognised for the life of the object',
  3: 'at most one business document per operation, exactly one where it is applied',
  4: 'a missing answer is resolved by looking, never by sending again blindly',
  5: 'order holds per object and chain',
  6: 'every accepted event ends, or waits for somebody who is named; only a person cancels',
  7: 'the same inputs give the same decision',
  8: 'posted documents are never changed and never vanish',
  9: 'no silent default for account, object, unit or currency',
  10: 'every change is in the log, and the log verifies',
} as const;

/** States in which an event or an operation is at its end. */
const ended: ReadonlySet<string> = new Set(['applied', 'noChange', 'superseded', 'refused', 'cancelled']);
/** States in which something may wait for a person. */
const waits: ReadonlySet<string> = new Set(['held', 'failed']);
/** Which kind of document shows that an operation was carried out. Others leave no document that carries a reference. */
const documentOf: Readonly<Record<string, string>> = {
  costPosting: 'journal',
  goodsIssue: 'movement',
  purchaseRequisition: 'requisition',
  reservation: 'reservation',
  workOrderCost: 'workOrderCost',
};

type Of<W extends Entry['what']> = Extract<Entry, { readonly what: W }>;
type Operation = Of<'operation'>;

/** Decides whether a recorded history kept the delivery contract. No finding: it did, as far as it was observed. */
export function check(history: History): Finding[] {
  const seen = observe(history);
  return [
    ...durable(history, seen),
    ...recognised(history),
    ...once(history, seen),
    ...looked(history, seen),
    ...ordered(history, seen),
    ...finished(history, seen),
    ...repeatable(history),
    ...immutable(history),
    ...explicit(history),
    ...logged(history),
  ];
}

interface Observed {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly byReference: ReadonlyMap<string, Operation>;
  readonly documents: ReadonlyMap<string, readonly TargetDocument[]>;
  readonly finalState: ReadonlyMap<string, string>;
}

const referencePattern = /LP[0-9A-HJKMNP-TV-Z]{14}/g;

function observe({ entries, documents, operations }: History): Observed {
  const made = entries.filter((entry): entry is Of<'operation'> & { at: number } => entry.what === 'operation');
  const carrying = new Map<string, TargetDocument[]>();
  for (const document of documents)
    for (const reference of new Set(document.text.match(referencePattern) ?? [])) carrying.set(reference, [...(carrying.get(reference) ?? []), document]);
  return {
    operations: new Map(made.map((operation) => [operation.key, operation])),
    byReference: new Map(made.map((operation) => [operation.reference, operation])),
    documents: carrying,
    finalState: new Map(operations.map(({ key, state }) => [key, state])),
  };
}

const name = ({ lane, key }: { readonly lane: string; readonly key: string }): string => `${lane} ${key}`;

function durable({ entries, events }: History, { operations, finalState }: Observed): Finding[] {
  const there = new Set(events.map(name));
  const lost = entries.filter((entry) => (entry.what === 'accepted' || entry.what === 'acknowledged') && !there.has(name(entry)));
  const gone = [...operations.keys()].filter((key) => !finalState.has(key));
  return [
    ...lost.map((entry): Finding => ({
      clause: 1,
      text: `event ${entry.what === 'accepted' || entry.what === 'acknowledged' ? name(entry) : ''} was ${entry.what} and is not in the store`,
    })),
    ...gone.map((key): Finding => ({ clause: 1, text: `operation ${key} was committed and is not in the store` })),
  ];
}

function recognised({ entries, events }: History): Finding[] {
  const twice = (all: readonly { readonly lane: string; readonly key: string }[]): string[] => {
    const seen = new Set<string>();
    return all.map(name).filter((one) => seen.size === seen.add(one).size);
  };
  const accepted = entries.filter((entry) => entry.what === 'accepted');
  return [...twice(accepted), ...twice(events)].map((one) => ({ clause: 2, text: `event ${one} was taken in twice` }));
}

function once({ entries }: History, { operations, byReference, documents, finalState }: Observed): Finding[] {
  const found: Finding[] = [];
  for (const [reference, carrying] of documents) {
    const operation = byReference.get(reference);
    if (!operation) {
      found.push({ clause: 3, text: `document ${carrying[0]?.id ?? ''} carries reference ${reference}, which no operation has` });
      continue;
    }
    const kind = operation.verb === 'update' ? undefined : documentOf[operation.record];
    const own = carrying.filter((document) => document.kind === kind);
    if (own.length > 1) found.push({ clause: 3, text: `operation ${operation.key} has ${own.length} documents: ${own.map(({ id }) => id).join(', ')}` });
    if (own.some(({ connection }) => connection !== operation.connection))
      found.push({ clause: 3, text: `operation ${operation.key} has its document in another system` });
  }
  for (const operation of operations.values()) {
    const kind = operation.verb === 'create' ? documentOf[operation.record] : undefined;
    if (kind === undefined || finalState.get(operation.key) !== 'applied') continue;
    if (!(documents.get(operation.reference) ?? []).some((document) => document.kind === kind))
      found.push({ clause: 3, text: `operation ${operation.key} is applied and has no document` });
  }
  const attempts = new Map<string, boolean>();
  for (const entry of entries) {
    if (entry.what === 'person') attempts.delete(entry.about);
    if (entry.what !== 'request' || !entry.write || entry.refused) continue;
    const operation = byReference.get(entry.reference);
    if (operation?.class !== 'M') continue;
    // One attempt by itself. A refusal that the hub was told of is no attempt that may have worked.
    if (attempts.get(operation.key))
      found.push({ clause: 3, text: `operation ${operation.key} of class M was sent again without a person, after an attempt whose end is unknown` });
    attempts.set(operation.key, !entry.answered || entry.executed);
  }
  return found;
}

/** After a write without an answer, class L asks before it writes again; class M does not write again by itself; class K may. */
function looked({ entries }: History, { byReference }: Observed): Finding[] {
  const found: Finding[] = [];
  /** Operations whose last write has no known end, with the number of reads of their connection since. */
  const open = new Map<string, { readonly connection: string; reads: number }>();
  for (const entry of entries) {
    if (entry.what === 'read') for (const doubt of open.values()) if (doubt.connection === entry.connection) doubt.reads += 1;
    if (entry.what === 'person') open.delete(entry.about);
    if (entry.what !== 'request' || !entry.write || entry.refused) continue;
    const operation = byReference.get(entry.reference);
    if (operation?.class !== 'L') continue;
    const doubt = open.get(operation.key);
    if (doubt?.reads === 0) found.push({ clause: 4, text: `operation ${operation.key} was sent again without a look at ${operation.connection}` });
    if (entry.answered) open.delete(operation.key);
    else open.set(operation.key, { connection: operation.connection, reads: 0 });
  }
  return found;
}

function ordered({ entries, events }: History, { operations, byReference }: Observed): Finding[] {
  const found: Finding[] = [];
  const seqOf = new Map(events.map((event) => [name(event), event.seq]));
  const decided = new Map<string, number>();
  const before = new Set<string>();
  const kinds = new Map<string, string>();
  for (const entry of entries) {
    if (entry.what === 'accepted') kinds.set(name(entry), entry.source);
    if (entry.what !== 'decided' || before.has(name(entry)) || kinds.get(name(entry)) === 'hub') continue;
    before.add(name(entry));
    const seq = seqOf.get(name(entry)) ?? 0;
    const last = decided.get(entry.lane) ?? 0;
    if (seq < last) found.push({ clause: 5, text: `event ${name(entry)} (${seq}) was decided after ${last}` });
    decided.set(entry.lane, Math.max(last, seq));
  }
  const state = new Map<string, string>();
  for (const entry of entries) {
    if (entry.what === 'state') state.set(entry.key, entry.state);
    if (entry.what !== 'request' || !entry.write) continue;
    const operation = byReference.get(entry.reference);
    if (!operation) continue;
    for (const other of operations.values())
      if (
        other.lane === operation.lane &&
        other.chain === operation.chain &&
        other.n < operation.n &&
        state.has(other.key) &&
        !ended.has(state.get(other.key) ?? '')
      )
        found.push({ clause: 5, text: `${operation.key} was sent while ${other.key}, which stands before it, was ${state.get(other.key) ?? ''}` });
  }
  const numbers = new Map<string, Set<number>>();
  for (const { lane, seq } of events) {
    const used = numbers.get(lane) ?? new Set();
    if (used.has(seq)) found.push({ clause: 5, text: `two events of ${lane} have the number ${seq}` });
    numbers.set(lane, used.add(seq));
  }
  return found;
}

function finished({ entries, events, operations }: History, { operations: made }: Observed): Finding[] {
  const found: Finding[] = [];
  const acted = new Set(entries.filter((entry): entry is Of<'person'> & { at: number } => entry.what === 'person').map(({ about }) => about));
  const open = operations.filter(({ state }) => !ended.has(state));
  const waiting = new Set(open.map(({ key }) => made.get(key)?.lane ?? ''));
  for (const event of events) {
    if (event.state === 'held' && event.reason === '') found.push({ clause: 6, text: `event ${name(event)} is held and nobody is told why` });
    if (ended.has(event.state) || event.state === 'held' || (event.state === 'waiting' && waiting.has(event.lane))) continue;
    found.push({ clause: 6, text: `event ${name(event)} is ${event.state} for ever` });
  }
  for (const { key, state, owner } of open) {
    const operation = made.get(key);
    const blocked =
      operation &&
      open.some(
        (other) =>
          waits.has(other.state) &&
          made.get(other.key)?.chain === operation.chain &&
          made.get(other.key)?.lane === operation.lane &&
          (made.get(other.key)?.n ?? 0) < operation.n,
      );
    if (!waits.has(state) && !blocked) found.push({ clause: 6, text: `operation ${key} is ${state} for ever` });
    if (waits.has(state) && owner === null) found.push({ clause: 6, text: `operation ${key} waits for nobody` });
  }
  for (const { key, state } of operations)
    if (state === 'cancelled' && !acted.has(key)) found.push({ clause: 6, text: `operation ${key} was cancelled by no person` });
  const cancelledOperation = new Set(operations.filter(({ state }) => state === 'cancelled').map(({ key }) => made.get(key)?.lane ?? ''));
  for (const event of events)
    if (event.state === 'cancelled' && !acted.has(event.key) && !cancelledOperation.has(event.lane))
      found.push({ clause: 6, text: `event ${name(event)} was cancelled by no person` });
  const last = new Map<string, string>();
  for (const entry of entries) {
    if (entry.what === 'settled') last.set(name(entry), entry.state);
    if (entry.what === 'state') last.set(entry.key, entry.state);
  }
  for (const event of events) {
    const settled = last.get(name(event));
    if (settled !== undefined && settled !== event.state)
      found.push({ clause: 1, text: `event ${name(event)} was committed as ${settled} and is ${event.state}` });
  }
  for (const { key, state } of operations) {
    const committed = last.get(key);
    if (committed !== undefined && committed !== state) found.push({ clause: 1, text: `operation ${key} was committed as ${committed} and is ${state}` });
  }
  const gone = new Map<string, string>();
  for (const entry of entries) {
    if (entry.what !== 'state') continue;
    const was = gone.get(entry.key);
    if (was !== undefined && was !== entry.state) found.push({ clause: 6, text: `operation ${entry.key} was ${was} and became ${entry.state}` });
    if (ended.has(entry.state)) gone.set(entry.key, entry.state);
  }
  return found;
}

function repeatable({ entries }: History): Finding[] {
  const first = new Map<string, string>();
  const found: Finding[] = [];
  for (const entry of entries) {
    if (entry.what !== 'replayed') continue;
    const key = `${entry.lane}|${entry.key}|${entry.flow}|${entry.inputs}`;
    const known = first.get(key);
    if (known !== undefined && known !== entry.outputs)
      found.push({ clause: 7, text: `${entry.flow} decided ${entry.key} of ${entry.lane} twice with the same inputs, and differently` });
    first.set(key, entry.outputs);
  }
  return found;
}

function immutable({ entries, documents }: History): Finding[] {
  const now = new Map(documents.map(({ connection, kind, id, frozen }) => [`${connection}|${kind} ${id}`, frozen]));
  const found: Finding[] = [];
  const reported = new Set<string>();
  for (const entry of entries) {
    if (entry.what !== 'document' || entry.frozen === '') continue;
    const id = `${entry.connection}|${entry.id}`;
    if (reported.has(id)) continue;
    const stands = now.get(id);
    if (stands === entry.frozen) continue;
    reported.add(id);
    found.push({
      clause: 8,
      text: stands === undefined ? `document ${entry.id} of ${entry.connection} has vanished` : `document ${entry.id} of ${entry.connection} was changed`,
    });
  }
  return found;
}

function explicit({ documents }: History): Finding[] {
  return documents.flatMap(({ id, charges }) =>
    charges.flatMap((charge) => {
      const missing = (['account', 'object', 'unit', 'currency'] as const).filter((part) => charge[part] === '');
      const odd = (['amount', 'quantity'] as const).filter((part) => !/^-?\d{1,15}(\.\d{1,6})?$/.test(charge[part]));
      return [...missing, ...odd].map((part): Finding => ({
        clause: 9,
        text: `document ${id} charges ${charge.amount} with ${part} ${JSON.stringify(charge[part])}`,
      }));
    }),
  );
}

function logged({ entries, audit }: History): Finding[] {
  const found: Finding[] = audit.findings.map((text) => ({ clause: 10, text }));
  let records = 0;
  for (const entry of entries) {
    if (entry.what !== 'commit') continue;
    records += entry.records;
    if (entry.changes > 0 && entry.records === 0)
      found.push({ clause: 10, text: `a step of ${entry.lane} changed ${entry.changes} things and left no record` });
  }
  if (audit.records < records) found.push({ clause: 10, text: `${records} records were written, ${audit.records} are in the log` });
  return found;
}
