import * as z from 'zod';
import { Fault, faults, type FaultKind } from '#base/fault';
import type { JsonObject } from '#base/json';
import { changeText, memberChanges, type MemberChange } from '#base/member-changes';
import type { Reason } from '#engine/flow';
import { isRecordKind, records } from '#model/records';
import type { EventRow, OperationRow, Store } from '#store/port';
import type { Hub } from '#hub/hub';

/** Something that waits for a person: a refused or doubtful operation, or a held event. */
export interface Exception {
  readonly kind: 'operation' | 'event';
  readonly key: string;
  readonly lane: string;
  readonly thread: string;
  readonly site: string;
  /** The connection that refused it, or that it came from. */
  readonly source: string;
  readonly title: string;
  readonly text: string;
  readonly advice: string;
  readonly owner: string;
  readonly fault: string | null;
  readonly minor: number | null;
  readonly currency: string | null;
  readonly since: number;
}

/** Most rows that one list gives; the oldest lanes first. */
export const mostExceptions = 5000;
/** Most lanes whose decisions are read for the owner of a held event; further ones go to the data steward. */
const mostOwners = 500;

export async function exceptionsOf(store: Store): Promise<readonly Exception[]> {
  const [operations, events] = await Promise.all([
    store.read.listOperations({ states: ['failed'], limit: mostExceptions }),
    heldEventsOf(store, mostExceptions),
  ]);
  return [...operations.map(ofOperation), ...events];
}

/** Held events, each with the owner that its decision named. */
export async function heldEventsOf(store: Store, limit: number): Promise<readonly Exception[]> {
  const events = await store.read.listEvents({ state: 'held', limit });
  const owners = await ownersOf(store, events);
  return events.map((event) => ofEvent(event, owners.get(`${event.lane}|${event.key}`) ?? 'data-steward'));
}

function ofOperation(operation: OperationRow): Exception {
  const fault = (operation.fault?.['kind'] ?? 'rejected') as FaultKind;
  return {
    kind: 'operation',
    key: operation.key,
    lane: operation.lane,
    thread: operation.thread,
    site: operation.site,
    source: operation.connection,
    title: `${operation.verb} ${operation.record} at ${operation.connection}: ${faults[fault].title}`,
    text: `${String(operation.fault?.['message'] ?? '')} (${operation.reason})`,
    advice: faults[fault].advice,
    owner: faults[fault].owner,
    fault,
    minor: operation.minor,
    currency: operation.currency,
    since: operation.createdAt,
  };
}

const ofEvent = (event: EventRow, owner: string): Exception => ({
  kind: 'event',
  key: event.key,
  lane: event.lane,
  thread: event.thread,
  site: event.site,
  source: event.source,
  title: `${event.kind} of ${event.source} ${event.object}: held`,
  text: event.reason,
  advice: 'Correct what is missing at its source; the event is decided again when it is there.',
  owner,
  fault: null,
  minor: null,
  currency: null,
  since: event.receivedAt,
});

/** Who can change what a held event waits for, as its decision said. */
async function ownersOf(store: Store, events: readonly EventRow[]): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  for (const lane of [...new Set(events.map((event) => event.lane))].slice(0, mostOwners))
    for (const { eventKey, reasons } of await store.read.listDecisions({ lane, limit: 50 })) {
      const held = (reasons as unknown as readonly Reason[]).find(({ did }) => did === 'held');
      if (held?.owner !== undefined) owners.set(`${lane}|${eventKey}`, held.owner);
    }
  return owners;
}

const text = (most: number) => z.string().trim().min(1, 'must not be empty').max(most);

/** What a person does about an exception. Checked here, whoever asks: the command, or the running hub on its behalf. */
export const ActRequest = z.strictObject({
  act: z.enum(['retry', 'edit', 'cancel', 'found']),
  /** As the list shows it. */
  key: text(1024),
  actor: text(200),
  reason: text(2000),
  /** `found`: the number of the document that the person found in the target. */
  id: text(200).optional(),
  /** `edit`: the whole canonical record, or for an update the members to change. */
  draft: z.record(z.string(), z.unknown()).optional(),
});
export type ActRequest = z.output<typeof ActRequest>;

/** What was done, in words. */
export interface ActDone {
  readonly key: string;
  readonly text: string;
  /** The draft member by member, where it was edited. */
  readonly changes: readonly MemberChange[];
}

/** Does what a person asks about one exception. Resolved when it is durable; throws a Fault that says why it was not done. */
export async function actOn(hub: Hub, asked: unknown): Promise<ActDone> {
  const parsed = ActRequest.safeParse(asked);
  if (!parsed.success)
    throw new Fault(
      'misconfigured',
      parsed.error.issues
        .map(
          ({ path, message }) =>
            `${path.join('.') || 'the request'}: ${message}${wanted[String(path[0])] === undefined ? '' : ` (${wanted[String(path[0])]})`}`,
        )
        .join('; '),
    );
  const { act, key, actor, reason, id, draft } = parsed.data;
  const item = (await findException(hub.store, key)) ?? notThere(key);
  if (item.kind === 'event' && (act === 'edit' || act === 'found'))
    throw new Fault('misconfigured', `${key} is a held event, which was never sent: correct it at its source and retry, or cancel it`);
  if (act === 'found' && id === undefined) throw new Fault('misconfigured', 'found needs the number of the document in the target: --id NUMBER');
  if (act === 'edit' && draft === undefined) throw new Fault('misconfigured', 'edit needs the draft to send instead: --draft FILE');
  const operation = item.kind === 'operation' ? await hub.store.read.operation(key) : undefined;
  const changes = act === 'edit' && operation && draft ? checkDraft(operation, draft as JsonObject) : [];
  const answer = await hub.worker.intervene(item.lane, {
    actor,
    reason,
    kind: item.kind === 'event' && act === 'retry' ? 'decideAgain' : act,
    ...(item.kind === 'event' ? { event: item.key } : { operation: item.key }),
    ...(act === 'found' && id !== undefined ? { receipt: { id } } : {}),
    ...(act === 'edit' && draft ? { draft: draft as JsonObject } : {}),
  });
  if (!answer.ok) throw new Fault('conflict', answer.problem);
  return { key, text: done[act](item), changes };
}

const wanted: Readonly<Record<string, string>> = {
  actor: 'say who acts: --actor NAME',
  reason: 'say why: --reason TEXT',
  key: 'the key that linchpin exceptions shows',
  act: 'list, retry, edit, cancel or found',
};

const done: Readonly<Record<ActRequest['act'], (item: Exception) => string>> = {
  retry: (item) => (item.kind === 'event' ? 'decided again' : 'goes out again'),
  edit: () => 'goes out as edited',
  cancel: () => 'cancelled',
  found: () => 'recorded as found in the target',
};

async function findException(store: Store, key: string): Promise<Exception | undefined> {
  const operation = await store.read.operation(key);
  if (operation) {
    if (operation.state === 'failed') return ofOperation(operation);
    throw new Fault('conflict', `${key} does not wait for a person: its state is ${operation.state}`);
  }
  const found = (await exceptionsOf(store)).filter((item) => item.key === key || `${item.lane}|${item.key}` === key);
  if (found.length > 1)
    throw new Fault(
      'misconfigured',
      `${found.length} lanes hold an event with the key ${key}: name one as ${found
        .map((item) => `'${item.lane}|${item.key}'`)
        .slice(0, 5)
        .join(' or ')}`,
    );
  return found[0];
}

function notThere(key: string): never {
  throw new Fault('missing', `nothing with the key ${JSON.stringify(key)} waits for a person; linchpin exceptions lists what does`);
}

/** Checks an edited draft against its record kind; where it does not fit, the Fault shows what is wrong and what was changed. */
function checkDraft(operation: OperationRow, draft: JsonObject): ActDone['changes'] {
  const changes = memberChanges(operation.draft, draft);
  if (changes.length === 0)
    throw new Fault('rejected', `the draft is the same as before, so nothing would be different; correct it, or retry ${operation.key}`);
  if (!isRecordKind(operation.record)) return changes;
  const known = draftProblems(operation, operation.draft as JsonObject);
  const problems = draftProblems(operation, draft).filter((problem) => !known.includes(problem));
  if (problems.length === 0) return changes;
  throw new Fault(
    'rejected',
    `the draft is no ${operation.record}: ${problems.join('; ')}. Changed were:\n${changes.map((change) => `  ${changeText(change)}`).join('\n')}`,
  );
}

/** What a draft has that its record kind does not allow; members that a flow adds beside the record are as they were. */
function draftProblems({ record, verb, draft: before }: OperationRow, draft: JsonObject): string[] {
  if (!isRecordKind(record)) return [];
  const whole: z.ZodObject = records[record];
  const parsed = (verb === 'update' ? whole.partial() : whole).safeParse(draft);
  const members = Object.keys(whole.shape);
  return [
    ...(parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'draft'}: ${message}`)),
    ...Object.keys(draft)
      .filter((member) => !members.includes(member) && !Object.hasOwn(before as JsonObject, member))
      .map((member) => `${member}: there is no such member; there are ${members.join(', ')}`),
  ];
}
