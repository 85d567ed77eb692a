import type { Clock } from '#base/clock';
import { Fault, faults } from '#base/fault';
import type { JsonObject } from '#base/json';
import { provisionalHubId } from '#flows/lanes';
import { compileMapping, type CompiledMapping } from '#mapping/apply';
import { holds } from '#mapping/issue';
import type { MappingDocument } from '#mapping/row';
import { isRecordKind, type RecordKind, type RecordOf } from '#model/records';
import { recordDef, type AnyRecordDef, type WriteVerb } from '#spi/connector';
import type { Connection } from '#spi/open';
import type { OperationRow, Store } from '#store/port';
import type { FreshPage, FreshRecord, ReconcileSide, Traced, Unreadable } from '#assurance/side';

export interface FreshSideOptions {
  readonly open: Connection;
  readonly store: Store;
  readonly clock: Clock;
  /** The hub id that a person or the site list fixed for a number, if any. */
  fixed(kind: RecordKind, connection: string, externalId: string): string | undefined;
  /** The plant's own mapping of a kind in place of the connector's. */
  mapping?(kind: RecordKind): MappingDocument | undefined;
}

/** Kinds whose records are one in two systems when they carry the same code: as the hub recognises them. */
const matchedByCode: ReadonlySet<RecordKind> = new Set<RecordKind>(['part', 'vendor', 'employee', 'costCentre', 'asset', 'storeroom', 'location']);
/** How often one read is tried again where the system is slow, busy or away. */
export const mostTries = 6;
const firstPauseMs = 1000;
/** Most references that are looked for in one record. */
const mostReferences = 10_000;
const referencePattern = /(?<![0-9A-Z])LP[0-9A-HJKMNP-TV-Z]{14}(?![0-9A-Z])/g;

/** Whether a text is an operation reference of a hub. */
export const isReference = (text: string): boolean => /^LP[0-9A-HJKMNP-TV-Z]{14}$/.test(text);

/** A connection, read freshly: decoded, recognised by crosswalk, fixed identities and codes, and mapped, as the hub takes records in; nothing of the hub's own snapshots is used. */
export function freshSide(options: FreshSideOptions): ReconcileSide {
  const { open, clock } = options;
  const { connector, name } = open;
  const mappings = new Map<RecordKind, CompiledMapping>();
  const defOf = (kind: RecordKind): AnyRecordDef | undefined => recordDef(connector, kind);
  const mappingOf = (def: AnyRecordDef): CompiledMapping => {
    const known = mappings.get(def.kind);
    if (known) return known;
    const document = options.mapping?.(def.kind) ?? { id: `${connector.name}/${def.kind}`, record: def.kind, rows: def.rows, values: def.values ?? [] };
    const made = compileMapping(document, { settings: open.settings });
    mappings.set(def.kind, made);
    return made;
  };
  const can = (kind: RecordKind, verb: string): boolean => Object.hasOwn((defOf(kind)?.verbs ?? {}) as object, verb);
  return {
    name,
    parallel: connector.limits.parallel,
    lists: (kind) => can(kind, 'list'),
    async page<K extends RecordKind>(kind: K, ask: { readonly cursor?: string; readonly postedFrom?: string }): Promise<FreshPage<K>> {
      const def = defOf(kind);
      if (!def) throw new Fault('misconfigured', `${name} (${connector.title}) has no records of kind ${kind}`);
      const page = await patiently(clock, () => open.list(kind, { limit: connector.limits.page, ...ask }));
      const drifted = (page.drifted ?? []).map(({ key = 'unknown', message }): Unreadable => ({ key, problem: message }));
      const mapped = await mapPage<K>({ ...options, def, compiled: mappingOf(def), keeps: (other) => defOf(other) !== undefined }, page.records);
      return { records: mapped.records, unreadable: [...mapped.unreadable, ...drifted], ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
    },
    traces: ({ record, verb }) =>
      isRecordKind(record) && (defOf(record)?.verbs as Record<string, { trace?: unknown } | undefined> | undefined)?.[verb]?.trace !== undefined,
    async trace(operation): Promise<Traced | undefined> {
      const { key, reference, createdAt, record, verb, payload } = operation;
      const receipt = await patiently(clock, () => open.trace(record as RecordKind, verb as WriteVerb, { key, reference, since: createdAt }, bodyOf(payload)));
      if (receipt === undefined) return undefined;
      const value = receipt.data?.['value'] as { minor?: unknown; currency?: unknown } | undefined;
      return {
        id: receipt.id,
        ...(typeof value?.minor === 'number' && typeof value.currency === 'string' ? { value: { minor: value.minor, currency: value.currency } } : {}),
      };
    },
  };
}

/** The vendor's payload of an operation as it was sent. */
function bodyOf(payload: OperationRow['payload']): JsonObject {
  const body = (payload as { body?: unknown } | null)?.body;
  return body !== null && typeof body === 'object' ? (body as JsonObject) : {};
}

/** Reads are free to repeat: what is slow, busy or away is asked again after a pause. */
async function patiently<T>(clock: Clock, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Fault) || tries >= mostTries || (faults[error.kind].retry !== 'backoff' && faults[error.kind].retry !== 'after')) throw error;
      const pauseMs = error.detail.retryAfterMs ?? firstPauseMs * 2 ** (tries - 1);
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  }
}

interface PageSource extends FreshSideOptions {
  readonly def: AnyRecordDef;
  readonly compiled: CompiledMapping;
  keeps(kind: RecordKind): boolean;
}

interface Read {
  readonly key: string;
  readonly native: JsonObject;
  readonly code?: string;
}

async function mapPage<K extends RecordKind>(
  source: PageSource,
  natives: readonly unknown[],
): Promise<{ records: FreshRecord<K>[]; unreadable: Unreadable[] }> {
  const {
    def,
    compiled: mapping,
    open: { name },
  } = source;
  const unreadable: Unreadable[] = [];
  const reads: Read[] = [];
  for (const native of natives) {
    const parsed = def.shape.safeParse(native) as
      | { success: true; data: JsonObject }
      | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
    if (!parsed.success) {
      unreadable.push({
        key: keyOf(def, native),
        problem: parsed.error.issues
          .slice(0, 5)
          .map(({ path, message }) => `${path.join('.')}: ${message}`)
          .join('; '),
      });
      continue;
    }
    const code = matchedByCode.has(def.kind)
      ? (mapping.inward(parsed.data, { hubId: (_kind, id) => id }).record as { code?: unknown } | undefined)?.code
      : undefined;
    reads.push({ key: def.key(parsed.data), native: parsed.data, ...(typeof code === 'string' ? { code } : {}) });
  }
  const resolved = await identities(source, reads);
  const systemOf = (kind: RecordKind): string => (source.keeps(kind) ? name : 'code');
  const hubIdOf = (kind: RecordKind, externalId: string): string =>
    source.fixed(kind, name, externalId) ?? resolved.get(`${kind}/${systemOf(kind)}/${externalId}`) ?? provisionalHubId(name, externalId);
  const records: FreshRecord<K>[] = [];
  for (const { key, native, code } of reads) {
    const { record, issues } = mapping.inward(native, { hubId: hubIdOf });
    if (holds(issues)) {
      unreadable.push({ key, problem: issues.map(({ message }) => message).join('; ') });
      continue;
    }
    const hubId =
      source.fixed(def.kind, name, key) ??
      resolved.get(`${def.kind}/${name}/${key}`) ??
      (code === undefined ? undefined : resolved.get(`${def.kind}/code/${code}`)) ??
      provisionalHubId(name, key);
    // Parsed by the model's schema: a mapping without issues gives the record of its kind.
    records.push({ key, hubId, record: record as RecordOf<K>, references: referencesIn(native) });
  }
  return { records, unreadable };
}

/** Hub ids of a page and of everything it names, in one look-up. */
async function identities(
  { def, compiled: mapping, open: { name }, store, ...source }: PageSource,
  reads: readonly Read[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<string, { kind: string; system: string; externalId: string }>();
  const want = (kind: string, system: string, externalId: string): void => void wanted.set(`${kind}/${system}/${externalId}`, { kind, system, externalId });
  for (const { key, native, code } of reads) {
    want(def.kind, name, key);
    if (code !== undefined) want(def.kind, 'code', code);
    for (const { kind, externalId } of mapping.externalReferences(native)) want(kind, source.keeps(kind) ? name : 'code', externalId);
  }
  return store.read.resolve([...wanted.values()]);
}

function keyOf(def: AnyRecordDef, native: unknown): string {
  try {
    return def.key(native) || 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Every reference in the texts of a native record, as often as some list of it has rows with that reference: members of one object, and one list shown twice, count once. */
export function referencesIn(value: unknown): readonly string[] {
  const found: string[] = [];
  for (const [reference, count] of countsIn(value, 0)) for (let n = 0; n < count && found.length < mostReferences; n++) found.push(reference);
  return found.sort();
}

type Counts = ReadonlyMap<string, number>;
const none: Counts = new Map();
/** How deep a record is looked through. */
const deepest = 12;

function countsIn(value: unknown, depth: number): Counts {
  if (typeof value === 'string') return value.length < 16 ? none : new Map((value.match(referencePattern) ?? []).map((reference) => [reference, 1]));
  if (value === null || typeof value !== 'object' || depth > deepest) return none;
  const list = Array.isArray(value);
  let counts: Map<string, number> | undefined;
  for (const inner of Object.values(value)) {
    for (const [reference, count] of countsIn(inner, depth + 1)) {
      counts ??= new Map();
      const before = counts.get(reference) ?? 0;
      counts.set(reference, list ? before + count : Math.max(before, count));
    }
  }
  return counts ?? none;
}
