import type { Json, JsonObject } from '#base/json';
import type { Facts } from '#engine/flow';
import type { Fact } from '#store/port';

/** Thrown inside a decision that read a fact which is not loaded yet; the engine loads it and decides again. No Error: it says nothing of where, and a stack costs as much as the decision. */
export class FactsMissing {
  readonly keys: readonly string[];
  constructor(keys: readonly string[]) {
    this.keys = keys;
  }
}

/** What is loaded for a batch of decisions: null = looked for, not there; undefined = to be loaded. One batch sees one value of a fact, whatever is written meanwhile. */
export class LoadedFacts {
  readonly #loaded = new Map<string, Fact | null>();
  readonly #recent: ((key: string) => Fact | null | undefined) | undefined;

  /** `recent`: what the store has at hand. */
  constructor(recent?: (key: string) => Fact | null | undefined) {
    this.#recent = recent;
  }

  get(key: string): Fact | null | undefined {
    const loaded = this.#loaded.get(key);
    if (loaded !== undefined || !this.#recent) return loaded;
    const recent = this.#recent(key);
    if (recent !== undefined) this.#loaded.set(key, recent);
    return recent;
  }

  set(key: string, fact: Fact | null): void {
    this.#loaded.set(key, fact);
  }
}

/** The facts of one decision: remembers every key that was read, so that exactly what was used is stored beside what was decided. */
export class ReadFacts implements Facts {
  readonly #loaded: LoadedFacts;
  readonly #own: ReadonlyMap<string, Fact | null>;
  readonly used = new Map<string, Fact | null>();

  /** `own`: facts that earlier events of the same step wrote, not yet in the store. */
  constructor(loaded: LoadedFacts, own: ReadonlyMap<string, Fact | null>) {
    this.#loaded = loaded;
    this.#own = own;
  }

  want(keys: readonly string[]): void {
    const absent = keys.filter((key) => !this.#own.has(key) && this.#loaded.get(key) === undefined);
    if (absent.length > 0) throw new FactsMissing(absent);
  }

  get(key: string): JsonObject | undefined {
    const fact = this.fact(key);
    return fact ? (fact.data as JsonObject) : undefined;
  }

  fact(key: string): Fact | null {
    const own = this.#own.get(key);
    const fact = own === undefined ? this.#loaded.get(key) : own;
    if (fact === undefined) throw new FactsMissing([key]);
    this.used.set(key, fact);
    return fact;
  }

  /** `{ key: { version, data } | null }`, for the decision's record. */
  toJson(): JsonObject {
    const out: Record<string, Json> = {};
    for (const key of [...this.used.keys()].sort()) {
      const fact = this.used.get(key) ?? null;
      out[key] = fact === null ? null : { version: fact.version, data: fact.data };
    }
    return out;
  }
}
