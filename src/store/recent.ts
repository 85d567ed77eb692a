import type { Json } from '#base/json';
import { identityKey } from '#store/crosswalk';
import type { Fact, Step } from '#store/port';

/** Entries of one generation; twice as many are kept at most. A fact takes about a kilobyte. */
const generation = 8_192;

/** Keeps what was used lately: two generations, the older of which is dropped when the younger is full. Undefined = not kept. */
class Recent<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}

type Identity = { readonly kind: string; readonly system: string; readonly externalId: string };

/**
 * Facts and identities as they were read lately, in front of a database that this process alone writes. Every write forgets what it touches, in the same turn as the
 * transaction, so that what is answered is always what the database holds. Facts are frozen: one object serves many decisions.
 */
export class RecentReads {
  readonly #facts = new Recent<Fact | null>();
  /** By kind and system: a statement about one number may change what others of its record mean. */
  readonly #identities = new Map<string, Recent<string | null>>();
  /** Counts writes: what was being read meanwhile is not kept. */
  #writes = 0;

  fact(key: string): Fact | null | undefined {
    return this.#facts.get(key);
  }

  async facts(keys: readonly string[], load: (absent: readonly string[]) => Promise<ReadonlyMap<string, Fact>>): Promise<Map<string, Fact>> {
    const found = new Map<string, Fact>();
    const absent: string[] = [];
    for (const key of keys) {
      const fact = this.#facts.get(key);
      if (fact === undefined) absent.push(key);
      else if (fact !== null) found.set(key, fact);
    }
    if (absent.length === 0) return found;
    const before = this.#writes;
    const loaded = await load(absent);
    for (const key of absent) {
      const fact = loaded.get(key);
      if (fact) found.set(key, frozen(fact));
      if (before === this.#writes) this.#facts.set(key, fact ?? null);
    }
    return found;
  }

  /** `kind/system/externalId` to hub id, as `StoreReads.resolve`. */
  async resolve(keys: readonly Identity[], load: (absent: readonly Identity[]) => Promise<ReadonlyMap<string, string>>): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const absent: Identity[] = [];
    for (const key of keys) {
      const hubId = this.#identities.get(`${key.kind}|${key.system}`)?.get(key.externalId);
      if (hubId === undefined) absent.push(key);
      else if (hubId !== null) found.set(identityKey(key), hubId);
    }
    if (absent.length === 0) return found;
    const before = this.#writes;
    const loaded = await load(absent);
    for (const key of absent) {
      const hubId = loaded.get(identityKey(key));
      if (hubId !== undefined) found.set(identityKey(key), hubId);
      if (before === this.#writes) this.#kept(key).set(key.externalId, hubId ?? null);
    }
    return found;
  }

  /** Steps are being written, whatever becomes of them. */
  written(steps: readonly Step[]): void {
    this.#writes += 1;
    for (const { facts, dropFacts, crosswalk } of steps) {
      for (const { key } of facts ?? []) this.#facts.delete(key);
      for (const key of dropFacts ?? []) this.#facts.delete(key);
      for (const { kind, system } of crosswalk ?? []) this.#identities.delete(`${kind}|${system}`);
    }
  }

  #kept({ kind, system }: Identity): Recent<string | null> {
    const name = `${kind}|${system}`;
    let kept = this.#identities.get(name);
    if (!kept) this.#identities.set(name, (kept = new Recent()));
    return kept;
  }
}

function frozen(fact: Fact): Fact {
  freeze(fact.data);
  return Object.freeze(fact);
}

function freeze(value: Json): void {
  if (value === null || typeof value !== 'object') return;
  for (const member of Object.values(value)) freeze(member as Json);
  Object.freeze(value);
}
