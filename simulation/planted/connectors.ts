import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Connector, Once, Receipt, WriteTarget } from '#spi/connector';
import type { PlantedBug } from './bugs.ts';

interface Write {
  readonly class: string;
  readonly run: (session: unknown, payload: JsonObject, target: WriteTarget) => Promise<Receipt>;
  readonly trace?: (session: unknown, once: Once, payload: JsonObject) => Promise<Receipt | undefined>;
}
interface Def {
  readonly verbs: Readonly<Record<string, unknown>>;
}

const isWrite = (verb: unknown): verb is Write => verb !== null && typeof verb === 'object' && 'run' in verb;

/** Every connector with each write of class L (or of the named records) changed. */
const writes =
  (change: (write: Write) => Write, only: (record: string, write: Write) => boolean = (_record, write) => write.class === 'L') =>
  (): {
    connectors: (connectors: ReadonlyMap<string, Connector>) => ReadonlyMap<string, Connector>;
  } => ({
    connectors: (connectors) =>
      new Map(
        [...connectors].map(([name, connector]) => {
          const records = Object.fromEntries(
            Object.entries(connector.records as unknown as Readonly<Record<string, Def>>).map(([record, def]) => [
              record,
              {
                ...def,
                verbs: Object.fromEntries(Object.entries(def.verbs).map(([verb, row]) => [verb, isWrite(row) && only(record, row) ? change(row) : row])),
              },
            ]),
          );
          return [name, { ...connector, records } as unknown as Connector]; // The same members with the same shapes.
        }),
      ),
  });

export const connectorBugs: readonly PlantedBug[] = [
  {
    name: 'lookupFindsNothing',
    title: 'the lookup of an operation never finds it',
    surgery: writes((write) => ({ ...write, trace: () => Promise.resolve(undefined) })),
  },
  {
    name: 'lookupFindsAnything',
    title: 'the lookup of an operation takes any document for its own',
    surgery: writes((write) => ({ ...write, trace: () => Promise.resolve({ id: '4900000001/2026' }) })),
  },
  {
    name: 'blindRetry',
    title: 'a write without an answer is sent again at once',
    surgery: writes((write) => ({
      ...write,
      run: async (session, payload, target) => {
        try {
          return await write.run(session, payload, target);
        } catch {
          return write.run(session, payload, target);
        }
      },
    })),
  },
  {
    name: 'uncertainAsUnreachable',
    title: 'a write without an answer is taken as not sent',
    surgery: writes((write) => ({
      ...write,
      run: async (session, payload, target) => {
        try {
          return await write.run(session, payload, target);
        } catch (error) {
          throw new Fault('unreachable', error instanceof Error ? error.message : 'no answer');
        }
      },
    })),
  },
  {
    name: 'wrongClass',
    title: 'a verb that can be found again only by its reference is declared harmless to repeat',
    surgery: writes((write) => ({ ...write, class: 'K' })),
  },
  {
    name: 'swallowWrite',
    title: 'now and then a write is reported as done and was never sent',
    surgery: () => {
      let count = 0;
      return writes((write) => ({
        ...write,
        run: (session, payload, target) => (++count % 6 === 0 ? Promise.resolve({ id: `4900009${count}/2026` }) : write.run(session, payload, target)),
      }))();
    },
  },
  {
    name: 'forgetReference',
    title: 'documents carry a reference that is not their own',
    surgery: writes((write) => ({
      ...write,
      run: (session, payload, target) => write.run(session, payload, { ...target, once: { ...target.once, reference: 'LP0000000000000X' } }),
    })),
  },
  {
    name: 'writeTwice',
    title: 'every write is sent twice',
    surgery: writes((write) => ({
      ...write,
      run: async (session, payload, target) => {
        await write.run(session, payload, target).catch(() => {});
        return write.run(session, payload, target);
      },
    })),
  },
  {
    name: 'tenTimes',
    title: 'a quantity is sent in a unit of ten',
    variant: { scope: 'live' },
    surgery: writes(
      (write) => ({ ...write, run: (session, payload, target) => write.run(session, tenfold(payload), target) }),
      (record) => record === 'goodsIssue',
    ),
  },
];

function tenfold(payload: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(payload).replace(/("QuantityInEntryUnit":"\d+)/g, (digits) => `${digits}0`)) as JsonObject; // Text in, the same text with one digit more.
}
