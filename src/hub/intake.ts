import type { Fault } from '#base/fault';
import { hashOf, type JsonObject } from '#base/json';
import { factKey } from '#engine/flow';
import { lane, laneShares, provisionalHubId } from '#flows/lanes';
import type { CompiledMapping } from '#mapping/apply';
import { holds } from '#mapping/issue';
import type { RecordKind, RecordOf } from '#model/records';
import type { AnyRecordDef } from '#spi/connector';
import type { Fact, NewEvent, Store } from '#store/port';

/** Which identities a plant fixed, and how site codes are found. */
export interface IdentityRules {
  /** The hub id that a person or the site list fixed for a number, if any. */
  fixed(kind: RecordKind, connection: string, externalId: string): string | undefined;
  /** Whether records of this kind with the same code in two systems are one. */
  matchByCode(kind: RecordKind): boolean;
  /** Identities that were recognised and are on their way into the crosswalk: the next page must already see them. */
  readonly recent: RecentIdentities;
}

/** Most identities remembered beside the crosswalk; the oldest half goes first, long after it was written. */
const mostRecent = 400_000;

/** What intake recognised in this process, by `kind/system/externalId`. */
export class RecentIdentities {
  #hubIds = new Map<string, string>();

  get(key: string): string | undefined {
    return this.#hubIds.get(key);
  }

  add(kind: string, system: string, externalId: string, hubId: string): void {
    if (this.#hubIds.size >= mostRecent) this.#hubIds = new Map([...this.#hubIds].slice(mostRecent / 2));
    this.#hubIds.set(identityText(kind, system, externalId), hubId);
  }
}

export interface IntakeSource {
  readonly connection: string;
  readonly def: AnyRecordDef;
  readonly mapping: CompiledMapping;
  /** Site of records that name none. */
  readonly site: string;
  /** When reading began: what the snapshot surely contains. */
  readonly readAt: number;
  /** Whether the system keeps records of a kind: of others it knows only the code. */
  keeps(kind: RecordKind): boolean;
}

/** A page of native records as events, and how many were as already known. */
export interface IntakePage {
  readonly events: readonly NewEvent[];
  readonly unchanged: number;
  /** Hub ids of all records on the page, changed or not: a sweep finds by them what is gone. */
  readonly hubIds: readonly string[];
}

interface Read {
  readonly key: string;
  readonly version: string | undefined;
  readonly native: JsonObject;
  readonly problem?: string;
}

const identityText = (kind: string, system: string, externalId: string): string => `${kind}/${system}/${externalId}`;

/**
 * Turns native records into events: decode, recognise (crosswalk, fixed identities, code), map, compare with the last snapshot, split by lane.
 * A record that cannot be read becomes an event too, held with its reasons: nothing is dropped.
 */
export async function takeIn(source: IntakeSource, natives: readonly unknown[], store: Store, rules: IdentityRules): Promise<IntakePage> {
  const reads = natives.map((native) => decode(source, native));
  const hubIds = await recognise(source, reads, store, rules);
  const known = await store.facts(reads.map(({ key }) => factKey.record(source.def.kind, hubIds.self(key), source.connection)));
  const events: NewEvent[] = [];
  let unchanged = 0;
  const seen: string[] = [];
  for (const read of reads) {
    const self = hubIds.self(read.key);
    seen.push(self);
    for (const { system, externalId } of hubIds.learnt(read.key)) rules.recent.add(source.def.kind, system, externalId, self);
    const made = toEvents(source, read, hubIds, known.get(factKey.record(source.def.kind, self, source.connection)));
    if (made.length === 0) unchanged += 1;
    events.push(...made);
  }
  return { events, unchanged, hubIds: seen };
}

/** The event of a record that the system no longer has. */
export function removal(source: Pick<IntakeSource, 'connection' | 'def' | 'readAt' | 'site'>, hubId: string, externalId: string): NewEvent {
  const { kind } = source.def;
  return {
    lane: lane(kind, hubId),
    kind: `${kind}.removed`,
    key: `${source.connection}:${kind}:${externalId}@removed.${source.readAt}`,
    source: source.connection,
    object: externalId,
    version: `removed.${source.readAt}`,
    urgency: 0,
    thread: lane(kind, hubId),
    site: source.site,
    data: { hubId, connection: source.connection },
    at: source.readAt,
  };
}

/** The event of a record that could not be read for a reason of the system's side: held in its own lane. */
export function unreadable(source: Pick<IntakeSource, 'connection' | 'def' | 'readAt' | 'site'>, hubId: string, externalId: string, fault: Fault): NewEvent {
  const { kind } = source.def;
  const text = `${kind} ${externalId} of ${source.connection}: ${fault.message}`;
  return {
    lane: lane(kind, hubId),
    kind: `${kind}.unreadable`,
    key: `${source.connection}:${kind}:${externalId}@unreadable.${hashOf(text).slice(0, 16)}`,
    source: source.connection,
    object: externalId,
    version: 'unreadable',
    urgency: 0,
    thread: lane(kind, hubId),
    site: source.site,
    data: { hubId, connection: source.connection, problem: text },
    at: source.readAt,
  };
}

function decode(source: IntakeSource, native: unknown): Read {
  const parsed = (
    source.def.shape as { safeParse(value: unknown): { success: boolean; data?: unknown; error?: { issues: { path: PropertyKey[]; message: string }[] } } }
  ).safeParse(native);
  if (parsed.success) {
    const record = parsed.data as JsonObject;
    return { key: source.def.key(record), version: source.def.version?.(record), native: record };
  }
  const issues = (parsed.error?.issues ?? [])
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('; ');
  let key = 'unknown';
  try {
    key = source.def.key(native as JsonObject) || 'unknown';
  } catch {
    // Even the key is not where it should be; the event says so.
  }
  return { key, version: undefined, native: (native ?? {}) as JsonObject, problem: `the record does not have the shape of ${source.def.native}: ${issues}` };
}

/** Hub ids of the page's records and of everything they name, in one look-up. */
async function recognise(source: IntakeSource, reads: readonly Read[], store: Store, rules: IdentityRules): Promise<Recognised> {
  const { connection, def, mapping } = source;
  const wanted = new Map<string, { kind: string; system: string; externalId: string }>();
  const want = (kind: string, system: string, externalId: string): void => {
    wanted.set(identityText(kind, system, externalId), { kind, system, externalId });
  };
  const codes = new Map<string, string>();
  for (const read of reads) {
    want(def.kind, connection, read.key);
    if (read.problem !== undefined) continue;
    for (const { kind, externalId } of mapping.externalReferences(read.native)) want(kind, source.keeps(kind) ? connection : 'code', externalId);
    if (!rules.matchByCode(def.kind)) continue;
    const { record } = mapping.inward(read.native, { hubId: (_kind, externalId) => externalId });
    const code = (record as { code?: unknown } | undefined)?.code;
    if (typeof code !== 'string') continue;
    codes.set(read.key, code);
    want(def.kind, 'code', code);
  }
  const found = new Map(await store.read.resolve([...wanted.values()]));
  for (const key of wanted.keys()) {
    const recent = rules.recent.get(key);
    if (recent !== undefined) found.set(key, recent);
  }
  const of = (kind: RecordKind, externalId: string): string =>
    rules.fixed(kind, connection, externalId) ??
    found.get(identityText(kind, source.keeps(kind) ? connection : 'code', externalId)) ??
    provisionalHubId(connection, externalId);
  const self = (key: string): string => {
    const direct = rules.fixed(def.kind, connection, key) ?? found.get(identityText(def.kind, connection, key));
    if (direct !== undefined) return direct;
    const code = codes.get(key);
    return (code === undefined ? undefined : found.get(identityText(def.kind, 'code', code))) ?? provisionalHubId(connection, key);
  };
  return {
    of,
    self,
    learnt(key) {
      const hubId = self(key);
      const code = codes.get(key);
      return [
        // A provisional hub id carries its number itself; only what cannot be derived is written down.
        ...(hubId !== provisionalHubId(connection, key) && !found.has(identityText(def.kind, connection, key))
          ? [{ system: connection, externalId: key }]
          : []),
        ...(code !== undefined && !found.has(identityText(def.kind, 'code', code)) ? [{ system: 'code', externalId: code }] : []),
      ];
    },
  };
}

interface Recognised {
  self(key: string): string;
  of(kind: RecordKind, externalId: string): string;
  /** Identities of the record that the crosswalk does not know yet. */
  learnt(key: string): readonly { readonly system: string; readonly externalId: string }[];
}

function toEvents(source: IntakeSource, read: Read, recognised: Recognised, known: Fact | undefined): NewEvent[] {
  const { connection, def, readAt } = source;
  const self = recognised.self(read.key);
  const hold = (problem: string): NewEvent[] => [
    {
      lane: lane(def.kind, self),
      kind: `${def.kind}.unreadable`,
      key: `${connection}:${def.kind}:${read.key}@unreadable.${hashOf({ problem, native: read.native }).slice(0, 20)}`,
      source: connection,
      object: read.key,
      version: read.version ?? 'unreadable',
      urgency: 0,
      thread: lane(def.kind, self),
      site: source.site,
      data: { hubId: self, connection, problem: `${def.kind} ${read.key} of ${connection}: ${problem}`, native: read.native },
      at: readAt,
    },
  ];
  if (read.problem !== undefined) return hold(read.problem);
  const { record, issues, remainder } = source.mapping.inward(read.native, { hubId: recognised.of });
  if (holds(issues)) return hold(issues.map(({ message }) => message).join('; '));
  const { changedAt: _changedAt, ...content } = record as JsonObject;
  const hash = hashOf(content).slice(0, 20);
  const [count = '0', knownHash] = (known?.version ?? '0.').split('.');
  if (knownHash === hash) return [];
  const version = `${Number(count) + 1}.${hash}`;
  const site = siteOf(record as JsonObject, source.site);
  const learnt = recognised.learnt(read.key);
  const shares = laneShares(def.kind, record as RecordOf<RecordKind>, self, connection);
  return shares.map((share) => ({
    lane: share.lane,
    kind: `${def.kind}.snapshot`,
    key: `${connection}:${def.kind}:${read.key}@${read.version ?? count}.${hash}`,
    source: connection,
    object: read.key,
    version,
    urgency: urgencyOf(def.kind, record as JsonObject),
    thread: share.lane,
    site,
    data: {
      record: share.record,
      hubId: self,
      connection,
      ...(learnt.length > 0 ? { identities: learnt } : {}),
      ...(Object.keys(remainder).length > 0 ? { remainder } : {}),
    },
    at: readAt,
  }));
}

function siteOf(record: JsonObject, fallback: string): string {
  if (typeof record['site'] === 'string') return record['site'];
  const lines = record['lines'];
  const first = Array.isArray(lines) ? (lines as readonly JsonObject[]).find((line) => typeof line['site'] === 'string') : undefined;
  return typeof first?.['site'] === 'string' ? first['site'] : fallback;
}

/** Disposals and emergencies overtake. */
function urgencyOf(kind: RecordKind, record: JsonObject): number {
  if (kind === 'asset' && record['status'] === 'disposed') return 2;
  if (record['priority'] === 'emergency') return 2;
  return record['priority'] === 'high' ? 1 : 0;
}
