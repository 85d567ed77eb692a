import { performance } from 'node:perf_hooks';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decision, event, leaseMs, noon, operation } from '#store/conformance-rows';
import { openPostgres } from '#store/postgres';
import { startPostgres } from '#store/postgres-server';
import { eventsPerClaim, type LaneWork, type Step, type Store } from '#store/port';
import { openSqlite } from '#store/sqlite';

/** What one store did per second, and what one event or step costs in microseconds. */
export interface Speed {
  readonly store: Store['name'];
  readonly acceptedPerSecond: number;
  readonly acceptUs: number;
  readonly cyclesPerSecond: number;
  readonly claimUs: number;
  readonly commitUs: number;
}

/** Accepts events of as many lanes in batches of 64, then claims and commits them in batches of 64: per step one decision, two operations, one fact, one settled event, new state, release. */
export async function measure(store: Store, count: number): Promise<Speed> {
  const batches = Array.from({ length: Math.ceil(count / eventsPerClaim) }, (_, b) =>
    Array.from({ length: eventsPerClaim }, (_, i) => workOrder(b * eventsPerClaim + i)),
  );
  const accepting = performance.now();
  for (const batch of batches) await store.accept(batch, { now: noon });
  const acceptMs = performance.now() - accepting;
  let [claimMs, commitMs, steps] = [0, 0, 0];
  for (;;) {
    const claiming = performance.now();
    const work = await store.claim({ worker: 'w1', now: noon, leaseMs, limit: eventsPerClaim });
    claimMs += performance.now() - claiming;
    if (work.length === 0) break;
    const batch = work.map(stepOf);
    const committing = performance.now();
    const results = await store.commit(batch, { worker: 'w1', now: noon, log: 'lanes' });
    commitMs += performance.now() - committing;
    steps += results.filter(({ kept }) => kept).length;
  }
  const perSecond = (n: number, ms: number): number => Math.round((n / ms) * 1_000);
  const us = (ms: number): number => Number(((ms / steps) * 1_000).toFixed(1));
  return {
    store: store.name,
    acceptedPerSecond: perSecond(steps, acceptMs),
    acceptUs: us(acceptMs),
    cyclesPerSecond: perSecond(steps, claimMs + commitMs),
    claimUs: us(claimMs),
    commitUs: us(commitMs),
  };
}

function workOrder(n: number) {
  const data = {
    id: 880_000 + n,
    status: 'COMPLETED',
    parts: [
      { part: 'P1', quantity: '2' },
      { part: 'P2', quantity: '1' },
    ],
    hours: '1.5',
    title: 'Replace the bearing of the pump',
  };
  return event(`workOrder/cmms.${880_000 + n}`, `cmms:${880_000 + n}:v7`, { object: String(880_000 + n), thread: `T${880_000 + n}`, data });
}

function stepOf({ lane, epoch, events: [first] }: LaneWork): Step {
  const key = first?.key ?? '';
  const thread = first?.thread ?? '';
  return {
    lane,
    epoch,
    state: { stock: { issued: { P1: '2', P2: '1' } } },
    settle: [{ key, state: 'waiting', reason: '' }],
    decisions: [
      decision({ eventKey: key, reasons: ['two parts were used', 'both are kept in ST01'], facts: { 'part/P1': { version: '3', data: { onHand: '12' } } } }),
    ],
    insertOperations: [1, 2].map((n) =>
      operation(lane, `${lane}#${key}#${n}`, {
        n,
        eventKey: key,
        thread,
        draft: { part: `P${n}`, quantity: '2', unit: 'EA' },
        payload: { Material: `P${n}`, QuantityInEntryUnit: '2', CostCenter: '4711' },
      }),
    ),
    facts: [{ key: `fact of ${lane}`, version: '7', data: { status: 'COMPLETED' }, at: noon }],
    release: { dueAt: null, urgency: 0 },
  };
}

async function measureSqlite(count: number): Promise<Speed> {
  const file = join(tmpdir(), `linchpin-speed-${process.pid}.sqlite`);
  const store = openSqlite({ file });
  try {
    return await measure(store, count);
  } finally {
    await store.close();
    for (const end of ['', '-wal', '-shm', '.lock']) rmSync(file + end, { force: true });
  }
}

async function measurePostgres(count: number): Promise<Speed | { readonly reason: string }> {
  const server = await startPostgres({ path: process.env['PATH'] ?? '' });
  if ('reason' in server) return server;
  const store = await openPostgres({ url: server.url });
  try {
    return await measure(store, count);
  } finally {
    await store.close();
    await server.stop();
  }
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 20_000);
  console.log(JSON.stringify(await measureSqlite(count)));
  console.log(JSON.stringify(await measurePostgres(count)));
}
