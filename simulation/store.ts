import { Fault } from '#base/fault';
import type { AcceptResult, CommitResult, LaneWork, NewEvent, Step, Store } from '#store/port';
import type { Kernel } from './kernel.ts';

/** What is told of each write at the instant it is applied, before its caller knows. */
export interface StoreProbe {
  accepted(owner: string, events: readonly NewEvent[], options: Parameters<Store['accept']>[1], result: AcceptResult): void;
  claimed(owner: string, works: readonly LaneWork[], ask: { readonly worker: string; readonly now: number; readonly leaseMs: number }): void;
  committed(owner: string, steps: readonly Step[], options: Parameters<Store['commit']>[1], results: readonly CommitResult[]): void;
}

/** What a call to the store meets. `refused`: nothing is kept. `answerLost`: all is kept and the caller is told of a failure. */
export type StoreTrouble = 'refused' | 'full' | 'answerLost' | undefined;

/**
 * The store as one process sees it. A write is two tasks: it is applied, then answered, so that a kill may fall before, between or after.
 * What was applied stays whatever becomes of the process; what was not is gone.
 */
export function simulatedStore(
  base: Store,
  options: { readonly kernel: Kernel; readonly owner: string; readonly probe: StoreProbe; readonly trouble: (write: string) => StoreTrouble },
): Store {
  const { kernel, owner, probe, trouble } = options;
  const failed = (label: string, met: StoreTrouble): Fault =>
    new Fault('unreachable', met === 'full' ? `the store refused ${label}: no space left on the disk` : `the store did not answer ${label}`);

  const read = <T>(label: string, work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => kernel.ready(owner, `read ${label}`, () => void work().then(resolve, reject)));

  const write = <T>(label: string, work: () => Promise<T>, seen: (result: T) => void = () => {}): Promise<T> =>
    new Promise((resolve, reject) =>
      kernel.ready(owner, `write ${label}`, () => {
        const met = trouble(label);
        if (met === 'refused' || met === 'full') {
          kernel.ready(owner, `refused ${label}`, () => reject(failed(label, met)));
          return;
        }
        void work().then(
          (result) => {
            seen(result);
            kernel.ready(owner, `answer ${label}`, () => (met === 'answerLost' ? reject(failed(label, met)) : resolve(result)));
          },
          (error: unknown) => kernel.ready(owner, `answer ${label}`, () => reject(error as Error)),
        );
      }),
    );

  const reads = Object.fromEntries(
    Object.entries(base.read).map(([name, ask]) => [
      name,
      (...args: unknown[]) => read(name, () => (ask as (...given: unknown[]) => Promise<unknown>)(...args)),
    ]),
  ) as unknown as Store['read']; // Each read keeps its name, arguments and answer.

  return {
    name: 'memory',
    accept: (events, ask) =>
      write(
        'accept',
        () => base.accept(events, ask),
        (result) => {
          probe.accepted(owner, events, ask, result);
          if (ask.claim) probe.claimed(owner, result.work, { ...ask.claim, now: ask.now });
        },
      ),
    claim: (ask) =>
      write(
        'claim',
        () => base.claim(ask),
        (works) => probe.claimed(owner, works, ask),
      ),
    claimLane: (lane, ask) =>
      write(
        'claimLane',
        () => base.claimLane(lane, ask),
        (work) => probe.claimed(owner, work ? [work] : [], ask),
      ),
    renew: (worker, lanes, leaseUntil) => write('renew', () => base.renew(worker, lanes, leaseUntil)),
    abandon: (worker, now) => write('abandon', () => base.abandon(worker, now)),
    commit: (steps, ask) =>
      write(
        'commit',
        () => base.commit(steps, ask),
        (results) => probe.committed(owner, steps, ask, results),
      ),
    facts: (keys) => read('facts', () => base.facts(keys)),
    outbox: (limit) => read('outbox', () => base.outbox(limit)),
    getCursor: (name) => read('getCursor', () => base.getCursor(name)),
    setCursor: (name, value) => write('setCursor', () => base.setCursor(name, value)),
    record: (leaves, ask) => write('record', () => base.record(leaves, ask)),
    read: reads,
    close: () => Promise.resolve(),
  };
}
