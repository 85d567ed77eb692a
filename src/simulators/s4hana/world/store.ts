import { Refusal } from './refusal.ts';

/** What a field of a business object holds: texts, decimals as text, dates as `2026-03-02`, times as `15:51:04`, instants as milliseconds. */
export type Value = string | number | boolean | null | undefined;
/** A business object under the vendor's own property names. */
export type Row = { [property: string]: Value };

/** Undo log and visibility of one world: what lets a changeset be atomic, and a commit be seen late. */
export class Store {
  #undo: (() => void)[] | undefined;
  /** When set, rows written now are seen as they were before until this instant (milliseconds). */
  hideUntil: number | undefined;
  readonly #hidden = new Map<Row, { until: number; before: Row | undefined }>();

  /** Runs `work`; when it throws, everything it wrote is taken back. Nested calls belong to the outermost. */
  transaction<R>(work: () => R): R {
    if (this.#undo) return work();
    const undo: (() => void)[] = [];
    this.#undo = undo;
    try {
      return work();
    } catch (error) {
      for (let i = undo.length - 1; i >= 0; i--) undo[i]?.();
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }

  /** Remembers how to take one change back, where a transaction is open. */
  onRollback(undo: () => void): void {
    this.#undo?.push(undo);
  }

  /** Hides a change from readers, if changes are being hidden. */
  hide(row: Row, before: Row | undefined): void {
    if (this.hideUntil === undefined || this.#hidden.has(row)) return;
    this.#hidden.set(row, { until: this.hideUntil, before });
  }

  /** The row as readers may see it at `now`; undefined when they may not see it at all. */
  seen<T extends Row>(row: T, now: number): T | undefined {
    if (this.#hidden.size === 0) return row;
    const entry = this.#hidden.get(row);
    if (!entry) return row;
    if (entry.until > now) return entry.before as T | undefined; // A copy of the same row, taken by `Table.update`.
    this.#hidden.delete(row);
    return row;
  }
}

const none: readonly never[] = [];

/** Rows of one kind in order of arrival, found by key and by indexed fields without scanning. */
export class Table<T extends Row> {
  readonly #store: Store;
  readonly keys: readonly string[];
  readonly #rows: T[] = [];
  readonly #byKey = new Map<string, T>();
  readonly #indexes = new Map<string, Map<Value, T[]>>();

  constructor(store: Store, keys: readonly string[], indexed: readonly string[] = []) {
    this.#store = store;
    this.keys = keys;
    for (const field of indexed) this.#indexes.set(field, new Map());
  }

  get size(): number {
    return this.#rows.length;
  }

  all(): readonly T[] {
    return this.#rows;
  }

  get(...key: readonly Value[]): T | undefined {
    return this.#byKey.get(key.length === 1 ? String(key[0]) : key.join('\n'));
  }

  hasIndex(field: string): boolean {
    return this.#indexes.has(field);
  }

  /** Rows whose indexed field has this value, in order of arrival. */
  by(field: string, value: Value): readonly T[] {
    return this.#indexes.get(field)?.get(value) ?? none;
  }

  insert(row: T): T {
    const key = this.#keyOf(row);
    if (this.#byKey.has(key)) throw new Refusal('alreadyThere', [this.keys.at(-1) ?? '', key.replaceAll('\n', '/')]);
    this.#byKey.set(key, row);
    this.#rows.push(row);
    for (const [field, index] of this.#indexes) enter(index, row[field], row);
    this.#store.hide(row, undefined);
    this.#store.onRollback(() => {
      this.#byKey.delete(key);
      this.#rows.splice(this.#rows.lastIndexOf(row), 1);
      for (const [field, index] of this.#indexes) leave(index, row[field], row);
    });
    return row;
  }

  update(row: T, changes: Partial<T>): T {
    const before: Row = { ...row };
    this.#store.hide(row, before);
    this.#write(row, changes);
    this.#store.onRollback(() => {
      const back: Row = {};
      for (const field of Object.keys(changes)) back[field] = before[field];
      this.#write(row, back as Partial<T>); // The same fields of the same row.
    });
    return row;
  }

  /** Takes a row away for good; a posted document is never removed, only what is planned. */
  remove(row: T): void {
    const key = this.#keyOf(row);
    const at = this.#rows.lastIndexOf(row);
    if (at < 0 || this.#byKey.get(key) !== row) return;
    this.#byKey.delete(key);
    this.#rows.splice(at, 1);
    for (const [field, index] of this.#indexes) leave(index, row[field], row);
    this.#store.onRollback(() => {
      this.#byKey.set(key, row);
      this.#rows.splice(at, 0, row);
      for (const [field, index] of this.#indexes) enter(index, row[field], row);
    });
  }

  #write(row: T, changes: Partial<T>): void {
    for (const [field, index] of this.#indexes) {
      if (!(field in changes) || changes[field] === row[field]) continue;
      leave(index, row[field], row);
      enter(index, changes[field], row);
    }
    Object.assign(row, changes);
  }

  #keyOf(row: T): string {
    if (this.keys.length === 1) return String(row[this.keys[0] ?? '']);
    return this.keys.map((field) => row[field]).join('\n');
  }
}

function enter<T>(index: Map<Value, T[]>, value: Value, row: T): void {
  if (value === undefined || value === null || value === '') return;
  const rows = index.get(value);
  if (rows) rows.push(row);
  else index.set(value, [row]);
}

function leave<T>(index: Map<Value, T[]>, value: Value, row: T): void {
  const rows = index.get(value);
  const at = rows?.lastIndexOf(row) ?? -1;
  if (rows && at >= 0) rows.splice(at, 1);
}
