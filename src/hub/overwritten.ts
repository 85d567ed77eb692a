import type { Overwrite, Reason } from '#engine/flow';
import type { Store } from '#store/port';

const page = 1000;

/** A value that gave way to another: which, where, by which rule, and when that was decided (I13). */
export interface OverwrittenValue extends Overwrite {
  readonly lane: string;
  readonly at: number;
  readonly event: string;
  readonly configuration: string;
}

/** Every value that decisions of a lane overwrote, oldest first, from the reasons that were stored with them. */
export async function overwrittenIn(store: Pick<Store, 'read'>, lane: string): Promise<readonly OverwrittenValue[]> {
  const found: OverwrittenValue[] = [];
  for (let after = 0; ;) {
    const rows = await store.read.history({ lane, after, limit: page });
    for (const { at, eventKey, configuration, verdict, reasons, ordinal } of rows) {
      after = ordinal;
      // A flow in shadow overwrites nothing.
      if (verdict === 'shadow') continue;
      for (const { overwrites = [] } of reasons as unknown as readonly Reason[])
        for (const overwrite of overwrites) found.push({ ...overwrite, lane, at, event: eventKey, configuration });
    }
    if (rows.length < page) return found;
  }
}
