import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { ConnectionPort, Prepared, WriteOrder, WriteReceipt } from '#engine/bindings';
import { factKey, type Facts, type OperationDraft } from '#engine/flow';
import type { GovernorLimits } from '#engine/governor';
import { laneShares } from '#flows/lanes';
import type { CompiledMapping } from '#mapping/apply';
import { holds } from '#mapping/issue';
import { isRecordKind, type RecordKind, type RecordOf } from '#model/records';
import { recordDef, type AnyRecordDef, type WriteVerb } from '#spi/connector';
import type { Connection } from '#spi/open';
import type { NewEvent, Store } from '#store/port';
import { removal, takeIn, unreadable, type IdentityRules, type IntakePage, type IntakeSource } from '#hub/intake';

export interface HubConnectionOptions {
  readonly open: Connection;
  readonly limits: GovernorLimits;
  readonly visibilityMs: number;
  readonly site: string;
  /** Compiled mapping of each record kind the connector defines. */
  readonly mappings: ReadonlyMap<RecordKind, CompiledMapping>;
  readonly store: Store;
  readonly rules: IdentityRules;
  now(): number;
}

const writeVerbs: readonly WriteVerb[] = ['create', 'update', 'reverse'];

/** A configured system in the hub's words: the engine writes through it, polls and webhooks read through it. */
export class HubConnection implements ConnectionPort {
  readonly name: string;
  readonly limits: GovernorLimits;
  readonly visibilityMs: number;
  readonly open: Connection;
  readonly #options: HubConnectionOptions;

  constructor(options: HubConnectionOptions) {
    this.#options = options;
    this.open = options.open;
    this.name = options.open.name;
    this.limits = options.limits;
    this.visibilityMs = options.visibilityMs;
  }

  def(kind: string): AnyRecordDef | undefined {
    return isRecordKind(kind) ? recordDef(this.open.connector, kind) : undefined;
  }

  async write({ operation, target, payload }: WriteOrder): Promise<WriteReceipt> {
    const { seen } = operation.payload as { seen?: string };
    const receipt = await this.open.write(operation.record as RecordKind, operation.verb as WriteVerb, payload, {
      once: { key: operation.key, reference: operation.reference, since: operation.createdAt },
      ...(target === null ? {} : { key: target }),
      ...(seen === undefined ? {} : { seen }),
    });
    return receipt;
  }

  trace({ operation, payload }: WriteOrder): Promise<WriteReceipt | undefined> {
    return this.open.trace(
      operation.record as RecordKind,
      operation.verb as WriteVerb,
      { key: operation.key, reference: operation.reference, since: operation.createdAt },
      payload,
    );
  }

  async look(kind: string, key: string, _since: number): Promise<readonly NewEvent[]> {
    if (!isRecordKind(kind)) throw new Fault('misconfigured', `a notice names the record kind ${kind}, which does not exist`);
    const source = this.#source(kind);
    let native: unknown;
    try {
      native = await this.open.get(kind, key);
    } catch (error) {
      if (!(error instanceof Fault) || (error.kind !== 'missing' && error.kind !== 'drifted')) throw error;
      const resolved = await this.#options.store.read.resolve([{ kind, system: this.name, externalId: key }]);
      const hubId = this.#options.rules.fixed(kind, this.name, key) ?? resolved.get(`${kind}/${this.name}/${key}`) ?? `${this.name}.${key}`;
      return [error.kind === 'missing' ? removal(source, hubId, key) : unreadable(source, hubId, key, error)];
    }
    const { events } = await takeIn(source, [native], this.#options.store, this.#options.rules);
    return events;
  }

  /** One page of a list as events. */
  async page(
    kind: RecordKind,
    query: { since?: string; cursor?: string; limit: number },
  ): Promise<IntakePage & { readonly cursor?: string; readonly since?: string }> {
    const source = this.#source(kind);
    const page = await this.open.list(kind, query);
    const taken = await takeIn(source, page.records, this.#options.store, this.#options.rules);
    const drifted = (page.drifted ?? []).map(({ key = 'unknown', message }) => unreadable(source, `${this.name}.${key}`, key, new Fault('drifted', message)));
    return {
      ...taken,
      events: [...taken.events, ...drifted],
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
      ...(page.since === undefined ? {} : { since: page.since }),
    };
  }

  /** Removal events for every lane that holds a share of the record as it was last read. */
  removed(kind: RecordKind, hubId: string, externalId: string, record: JsonObject): readonly NewEvent[] {
    const event = removal(this.#source(kind), hubId, externalId);
    return laneShares(kind, record as unknown as RecordOf<RecordKind>, hubId, this.name).map((share) => ({ ...event, lane: share.lane, thread: share.lane }));
  }

  /** Renders a canonical draft in the vendor's words. Pure: identities come as facts. */
  prepare(draft: OperationDraft, facts: Facts): Prepared {
    const def = this.def(draft.record);
    const verb = writeVerbs.find((name) => name === draft.verb);
    const write = def && verb ? (def.verbs as Record<string, { class: 'K' | 'L' | 'M' } | undefined>)[verb] : undefined;
    const mapping = isRecordKind(draft.record) ? this.#options.mappings.get(draft.record) : undefined;
    if (!def || !write || !mapping)
      return {
        ok: false,
        class: 'M',
        fault: {
          kind: 'misconfigured',
          message: `${this.name} (${this.open.connector.title}) cannot ${draft.verb} a ${draft.record}; change the policy that asks for it, or the system that plays this side`,
        },
      };
    const references = mapping.hubReferences(draft.draft);
    const keys = references.map(({ kind, hubId }) => factKey.identity(kind, hubId));
    if (draft.targetOf) keys.push(factKey.identity(draft.targetOf.kind, draft.targetOf.hubId));
    facts.want(keys);
    const externalId = (kind: RecordKind, hubId: string): string | undefined => this.#externalId(kind, hubId, facts);
    const target = draft.target ?? (draft.targetOf ? externalId(draft.targetOf.kind as RecordKind, draft.targetOf.hubId) : undefined);
    if (draft.targetOf && target === undefined)
      return {
        ok: false,
        class: write.class,
        fault: {
          kind: 'missing',
          message: `${draft.targetOf.kind} ${draft.targetOf.hubId} has no number in ${this.name}; create it there or link it on the identity page`,
        },
      };
    const { payload, issues } = mapping.outward(draft.draft, { externalId, partial: draft.verb === 'update' });
    if (holds(issues)) return { ok: false, class: write.class, fault: { kind: 'missing', message: issues.map(({ message }) => message).join('; ') } };
    return { ok: true, class: write.class, payload: payload as JsonObject, target: target ?? null };
  }

  #externalId(kind: RecordKind, hubId: string, facts: Facts): string | undefined {
    const known = facts.get(factKey.identity(kind, hubId))?.[this.name];
    if (typeof known === 'string') return known;
    // A hub id that was born in this system carries its number.
    if (hubId.startsWith(`${this.name}.`)) return hubId.slice(this.name.length + 1);
    // A system that keeps no records of a kind refers to them by the code that people know.
    const code = this.def(kind) ? undefined : facts.get(factKey.identity(kind, hubId))?.['code'];
    return typeof code === 'string' ? code : undefined;
  }

  #source(kind: RecordKind): IntakeSource {
    const def = this.def(kind);
    const mapping = this.#options.mappings.get(kind);
    if (!def || !mapping) throw new Fault('misconfigured', `${this.name} (${this.open.connector.title}) has no records of kind ${kind}`);
    return { connection: this.name, def, mapping, site: this.#options.site, readAt: this.#options.now(), keeps: (other) => this.def(other) !== undefined };
  }
}
