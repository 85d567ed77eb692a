// `intake`: events accepted per second with a durable acknowledgement, by 64 senders at once. Baseline: the same calls on the store in memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '#store/memory';
import type { NewEvent, Store } from '#store/port';
import { openSqlite } from '#store/sqlite';

const [senders, each] = [64, 400] as const;

const event = (index: number): NewEvent => ({
  lane: `workOrder/cmms.${index}`,
  kind: 'notice',
  key: `hook/${index}`,
  source: 'cmms',
  object: String(index),
  version: '1',
  urgency: 0,
  thread: `workOrder/cmms.${index}`,
  site: '1100',
  data: { kind: 'workOrder', type: 'WORK_ORDER_STATUS_CHANGE' },
  at: 0,
});

async function accepted(store: Store): Promise<number> {
  const started = performance.now();
  await Promise.all(
    Array.from({ length: senders }, async (_, sender) => {
      for (let n = 0; n < each; n++) await store.accept([event(sender * each + n)], { now: n });
    }),
  );
  return (senders * each * 1000) / (performance.now() - started);
}

export async function runIntake(): Promise<Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-bench-'));
  const memory = memoryStore();
  const baseline = await accepted(memory);
  const store = openSqlite({ file: join(folder, 'intake.sqlite') });
  try {
    const perSecond = await accepted(store);
    return {
      bench: 'intake',
      store: 'sqlite',
      what: 'events accepted durably, 64 senders with one event each at a time',
      eventsPerSecond: Math.round(perSecond),
      ratio: Number((perSecond / baseline).toFixed(3)),
      baseline: 'memory',
      baselinePerSecond: Math.round(baseline),
    };
  } finally {
    await store.close();
    await memory.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
