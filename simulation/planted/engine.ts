import type { EventRow } from '#store/port';
import { ActiveLane } from '#engine/active-lane';
import { Governor } from '#engine/governor';
import { Hub } from '#hub/hub';
import type { PlantedBug } from './bugs.ts';

/** Puts another function in the place of a method, and takes it back. */
function replaced<T extends object, K extends keyof T>(target: T, name: K, make: (before: T[K]) => T[K]): () => void {
  const before = target[name];
  target[name] = make(before);
  return () => {
    target[name] = before;
  };
}

export const engineBugs: readonly PlantedBug[] = [
  {
    name: 'acknowledgeBeforeCommit',
    title: 'a webhook is acknowledged before its notice is kept',
    surgery: () => ({
      patch: () =>
        replaced(
          Hub.prototype,
          'hook',
          (before) =>
            function (this: Hub, connection, hook) {
              const stored = before.call(this, connection, hook);
              stored.catch(() => {});
              return Promise.resolve(1);
            },
        ),
    }),
  },
  {
    name: 'skipEventOfAnother',
    title: 'an event that another worker accepted is skipped when a later one arrives',
    variant: { workers: 2 },
    surgery: () => ({
      patch: () =>
        replaced(
          ActiveLane.prototype,
          'arrive',
          () =>
            function (this: ActiveLane, events: readonly EventRow[]) {
              for (const event of events) {
                if (event.seq <= this.lastSeq) continue;
                this.pending.push(event);
                this.lastSeq = event.seq;
              }
              return true;
            },
        ),
    }),
  },
  {
    name: 'readAgainWithoutPause',
    title: 'what could not be read is read again without a pause',
    surgery: () => ({ patch: () => replaced(ActiveLane.prototype, 'mayLook', () => () => true) }),
  },
  {
    name: 'ignorePlaces',
    title: 'the governor never says that a place is free again',
    surgery: () => ({ patch: () => replaced(Governor.prototype, 'done', () => () => {}) }),
  },
];
