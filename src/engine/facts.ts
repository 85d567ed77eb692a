import type { Json, JsonObject } from '#base/json';
import type { Facts } from '#engine/flow';
import type { Fact } from '#store/port';

/** Thrown inside a decision that read a fact which is not loaded yet; the engine loads it and decides again. */
export class FactsMissing extends Error {
  override readonly name = 'FactsMissing';
  readonly keys: readonly string[];
  constructor(keys: readonly string[]) {
    super(`facts to load: ${keys.join(', ')}`);
    this.keys = keys;
  }
}

/** What is loaded for a batch of decisions: null = looked for, not there. */
export type LoadedFacts = Map<string, Fact | null>;

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
    const absent = keys.filter((key) => !this.#own.has(key) && !this.#loaded.has(key));
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
