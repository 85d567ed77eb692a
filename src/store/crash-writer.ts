import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { event, leaf, noon, operation } from '#store/conformance-rows';
import { migrationsOf } from '#store/migrations';
import { openSqlite } from '#store/sqlite';
import { migrate } from '#store/sqlite-file';

// The process that tests kill. `write <file> <round>`: accepts and commits for ever, and prints each key once it was acknowledged.
// `hold <file>`: opens the file, leases a lane with an operation that is being sent, says so and waits. `migrate <file>`: dies in the middle of a schema change.

const say = (line: string): number => writeSync(1, `${line}\n`);
const [mode = '', file = '', round = ''] = process.argv.slice(2);

const modes: Readonly<Record<string, () => Promise<void>>> = {
  async write() {
    const store = openSqlite({ file });
    for (let n = 0; ; n++) {
      const keys = Array.from({ length: 8 }, (_, i) => `${round}-${n}-${i}`);
      await Promise.all(
        keys.map(async (key, i) => {
          const lane = `workOrder/${i}`;
          const { work } = await store.accept([event(lane, key)], { now: noon, claim: { worker: 'w1', leaseMs: 1_000 } });
          say(`accepted ${key}`);
          const step = {
            lane,
            epoch: work[0]?.epoch ?? 0,
            settle: [{ key, state: 'applied' as const, reason: '' }],
            insertOperations: [operation(lane, `op ${key}`)],
            audit: [leaf(key)],
            release: { dueAt: null, urgency: 0 },
          };
          const [result] = await store.commit([step], { worker: 'w1', now: noon, log: 'lanes' });
          say(result?.kept ? `committed ${key}` : `refused ${key}`);
        }),
      );
    }
  },
  async hold() {
    const store = openSqlite({ file });
    await store.accept([event('workOrder/1', 'e1')], { now: noon, claim: { worker: 'w1', leaseMs: 86_400_000 } });
    await store.commit([{ lane: 'workOrder/1', epoch: 1, insertOperations: [operation('workOrder/1', 'op', { state: 'sending' })] }], {
      worker: 'w1',
      now: noon,
      log: 'lanes',
    });
    say('holding');
    setInterval(() => {}, 60_000);
  },
  async migrate() {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.function('die', () => {
      process.kill(process.pid, 'SIGKILL');
      return null;
    });
    const [first, second, ...rest] = migrationsOf('sqlite');
    if (!first || !second) throw new Error('two schema changes are needed');
    const statements = second.sql.split(';\n');
    const dying = { ...second, sql: [...statements.slice(0, 3), 'SELECT die()', ...statements.slice(3)].join(';\n') };
    migrate(db, [first, dying, ...rest], file);
    say('migrated');
  },
};

await modes[mode]?.();
