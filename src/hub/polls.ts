import type { Clock } from '#base/clock';
import { Fault, type FaultKind } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Log } from '#base/log';
import { schedule, type Schedule } from '#engine/schedule';
import type { Worker } from '#engine/worker';
import type { RecordKind } from '#model/records';
import type { NewEvent, Store } from '#store/port';
import type { HubConnection } from '#hub/connection';

/** What one poll found. */
export interface PollReport {
  readonly connection: string;
  readonly kind: RecordKind;
  readonly read: number;
  readonly changed: number;
  readonly removed: number;
  readonly pages: number;
}

interface Poll {
  readonly connection: HubConnection;
  readonly kind: RecordKind;
  readonly schedule: Schedule;
  dueAt: number;
  failures: number;
  /** Since when it fails, and how; undefined while it does not. */
  failing: { readonly since: number; readonly fault: FaultKind; readonly message: string } | undefined;
  running: boolean;
}

/** Most pages of one poll: beyond that a system is not answering a list but a loop. */
const mostPages = 20_000;
const keysPerPage = 5000;
/** How long a list stays leased after a page came in, in milliseconds: longer than a page may take. */
const pollLeaseMs = 120_000;

/** When to look again whether another process has finished a list, in milliseconds. */
const othersAgainMs = 1000;

const cursorName = (connection: string, kind: RecordKind): string => `poll/${connection}/${kind}`;
const readingLane = (connection: string, kind: RecordKind): string => `reading/${kind}@${connection}`;
/** Longest sleep between two looks at the schedule: a clock that is set while the hub runs costs no more than this. */
const longestSleepMs = 60_000;

/** Reads changes on a schedule, with overlap, and compares; finds what is gone where the system tells of no deletion. */
export class Polls {
  readonly #polls: Poll[];
  readonly #store: Store;
  /** Under which name this process leases what it reads. */
  readonly #lessee: string;
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #heard: (connection: string, kind: RecordKind) => void;
  #cancel: (() => void) | undefined;

  constructor(options: {
    plan: readonly { connection: HubConnection; kind: RecordKind; every: string }[];
    store: Store;
    worker: Worker;
    clock: Clock;
    log: Log;
    /** Name of this process among those that share the store. */
    name: string;
    /** Told whenever a list brings something new. */
    heard?: (connection: string, kind: RecordKind) => void;
  }) {
    this.#heard = options.heard ?? (() => {});
    this.#store = options.store;
    this.#lessee = `${options.name}/polls`;
    this.#worker = options.worker;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#polls = options.plan.map(({ connection, kind, every }) => ({
      connection,
      kind,
      schedule: schedule(every),
      dueAt: 0,
      failures: 0,
      failing: undefined,
      running: false,
    }));
  }

  /** Starts polling: everything once at start, then as scheduled. */
  start(): void {
    this.#tick();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Polls that failed when they last ran. */
  get failing(): readonly {
    readonly connection: string;
    readonly kind: RecordKind;
    readonly since: number;
    readonly fault: FaultKind;
    readonly message: string;
  }[] {
    return this.#polls.flatMap(({ connection, kind, failing }) => (failing ? [{ connection: connection.name, kind, ...failing }] : []));
  }

  /** What is polled, in reading order. */
  get plan(): readonly { readonly connection: HubConnection; readonly kind: RecordKind }[] {
    return this.#polls;
  }

  /** Runs all polls of some kinds now, in the order of the plan. */
  async runAll(kinds?: readonly RecordKind[]): Promise<PollReport[]> {
    const reports: PollReport[] = [];
    for (const poll of this.#polls) if (!kinds || kinds.includes(poll.kind)) reports.push(await this.run(poll.connection, poll.kind));
    return reports;
  }

  /** One poll, now. Where processes share the store, another's reading of the same list ends this one before it begins: refused as a conflict. */
  async run(connection: HubConnection, kind: RecordKind, progress?: (read: number) => void): Promise<PollReport> {
    const report = await this.#once(connection, kind, progress);
    if (report === undefined) throw new Fault('conflict', `${connection.name}: another process of the hub is reading ${kind} at this moment`);
    return report;
  }

  get #shared(): boolean {
    return this.#store.listen !== undefined;
  }

  /** Undefined: another process is reading the list. */
  #once(connection: HubConnection, kind: RecordKind, progress?: (read: number) => void): Promise<PollReport | undefined> {
    return this.#shared ? this.#leased(connection, kind, (held) => this.#read(connection, kind, progress, held)) : this.#read(connection, kind, progress);
  }

  /** Holds the lane of a list while it is read, so that of many processes one reads it. Undefined: another holds it. */
  async #leased<T>(connection: HubConnection, kind: RecordKind, read: (held: () => Promise<void>) => Promise<T>): Promise<T | undefined> {
    const lane = readingLane(connection.name, kind);
    await this.#planned(connection.name, kind);
    const work = await this.#store.claimLane(lane, { worker: this.#lessee, leaseMs: pollLeaseMs, now: this.#clock.now() });
    if (!work) return undefined;
    const { epoch } = work;
    try {
      return await read(async () => {
        const [ours] = await this.#store.renew(this.#lessee, [{ lane, epoch }], this.#clock.now() + pollLeaseMs);
        if (ours === undefined) throw new Fault('conflict', `${connection.name}: another process of the hub took over the reading of ${kind}`);
      });
    } finally {
      const now = this.#clock.now();
      // What was told to the lane meanwhile, or not yet decided in it, is due at once.
      await this.#store.commit([{ lane, epoch, release: { dueAt: work.events.length > 0 ? now : null, urgency: 0 } }], {
        worker: this.#lessee,
        now,
        log: this.#lessee,
      });
    }
  }

  /** The lane of a list exists once something was told to it. */
  async #planned(connection: string, kind: RecordKind): Promise<void> {
    const lane = readingLane(connection, kind);
    if (await this.#store.read.lane(lane)) return;
    const now = this.#clock.now();
    const planned: NewEvent = {
      lane,
      kind: 'reading.planned',
      key: `${connection}:planned:${kind}`,
      source: connection,
      object: kind,
      version: '1',
      urgency: 0,
      thread: lane,
      site: '',
      data: { connection },
      at: now,
    };
    await this.#store.accept([planned], { now });
  }

  /** Page by page, each page durable before the next is asked for; the cursor moves only when all are in. */
  async #read(connection: HubConnection, kind: RecordKind, progress?: (read: number) => void, held?: () => Promise<void>): Promise<PollReport> {
    const def = connection.def(kind);
    if (!def) throw new Fault('misconfigured', `${connection.name} has no records of kind ${kind}`);
    const name = cursorName(connection.name, kind);
    const kept = def.changes === 'watermark' ? ((await this.#store.getCursor(name))?.['since'] as string | undefined) : undefined;
    const seen = new Set<string>();
    let [read, changed, pages] = [0, 0, 0];
    let cursor: string | undefined;
    let since: string | undefined;
    do {
      if (++pages > mostPages) throw new Fault('drifted', `${connection.name}: the list of ${kind} did not end after ${mostPages} pages`);
      const ask = {
        limit: connection.open.connector.limits.page,
        ...(cursor === undefined ? {} : { cursor }),
        ...(kept === undefined ? {} : { since: kept }),
      };
      const page = await this.#worker.dispatcher.within(connection.name, 0, () => connection.page(kind, ask));
      read += page.hubIds.length;
      // What cannot be read comes with every list; only what was not known counts as a change.
      if (page.events.length > 0) changed += (await this.#worker.accept(page.events)).filter((outcome) => outcome === 'accepted').length;
      if (kept === undefined) for (const hubId of page.hubIds) seen.add(hubId);
      await held?.();
      cursor = page.cursor;
      since = page.since ?? since;
      progress?.(read);
    } while (cursor !== undefined);
    const removed = kept === undefined ? await this.#removeGone(connection, kind, seen) : 0;
    if (kept === undefined) await this.#wholeRead(connection.name, kind);
    await this.#store.setCursor(name, { ...(since === undefined ? {} : { since }), at: this.#clock.now(), read });
    if (changed > 0 || removed > 0) this.#heard(connection.name, kind);
    return { connection: connection.name, kind, read, changed, removed, pages };
  }

  /** Says once that everything of a kind was read: until then nobody may conclude that a record is missing there. */
  async #wholeRead(connection: string, kind: RecordKind): Promise<void> {
    const now = this.#clock.now();
    const to = readingLane(connection, kind);
    await this.#worker.accept([
      {
        lane: to,
        kind: 'reading.snapshot',
        key: `${connection}:reading:${kind}`,
        source: connection,
        object: kind,
        version: '1',
        urgency: 0,
        thread: to,
        site: '',
        data: { record: { kind, at: now }, hubId: kind, connection },
        at: now,
      },
    ]);
  }

  /** A full read shows what is no longer there: each such record becomes a removal event, once. */
  async #removeGone(connection: HubConnection, kind: RecordKind, seen: ReadonlySet<string>): Promise<number> {
    const prefix = `record/${kind}/`;
    const suffix = `@${connection.name}`;
    let removed = 0;
    let after: string | undefined;
    for (;;) {
      const facts = await this.#store.read.listFacts({ prefix, limit: keysPerPage, ...(after === undefined ? {} : { after }) });
      // What a flow noted under such a key has no count in its version and is not a record of the list.
      const gone = facts.filter(({ key, version }) => version.includes('.') && key.endsWith(suffix) && !seen.has(key.slice(prefix.length, -suffix.length)));
      const events = (
        await Promise.all(
          gone.map(async ({ key, data }) => {
            const hubId = key.slice(prefix.length, -suffix.length);
            const known = await this.#store.read.crosswalkOf({ kind, hubId });
            const external =
              known.find(({ system, to }) => system === connection.name && to === null)?.externalId ??
              (hubId.startsWith(`${connection.name}.`) ? hubId.slice(connection.name.length + 1) : hubId);
            return connection.removed(kind, hubId, external, data as JsonObject);
          }),
        )
      ).flat();
      if (events.length > 0) await this.#worker.accept(events);
      removed += events.length;
      if (facts.length < keysPerPage) return removed;
      after = facts.at(-1)!.key;
    }
  }

  /** Starts what is due and sleeps until the next is; a poll that ends ticks again, because its next time is known only then. */
  #tick(): void {
    const now = this.#clock.now();
    for (const poll of this.#polls) if (poll.dueAt <= now && !poll.running) void this.#runScheduled(poll);
    const next = Math.min(...this.#polls.filter(({ running }) => !running).map(({ dueAt }) => dueAt), now + longestSleepMs);
    this.#cancel?.();
    this.#cancel = this.#clock.after(Math.max(50, next - now), () => this.#tick());
  }

  async #runScheduled(poll: Poll): Promise<void> {
    poll.running = true;
    let next: number | undefined;
    try {
      next = this.#shared ? await this.#readByOthers(poll) : undefined;
      if (next !== undefined) return;
      const report = await this.#once(poll.connection, poll.kind);
      poll.failures = 0;
      poll.failing = undefined;
      if (!report) next = this.#clock.now() + othersAgainMs;
      else if (report.changed > 0 || report.removed > 0) this.#log('info', 'poll found changes', report as unknown as JsonObject);
    } catch (error) {
      poll.failures += 1;
      const kind = error instanceof Fault ? error.kind : 'drifted';
      poll.failing = { since: poll.failing?.since ?? this.#clock.now(), fault: kind, message: error instanceof Error ? error.message : String(error) };
      this.#log('warning', 'poll failed; it is tried again as scheduled', {
        connection: poll.connection.name,
        kind: poll.kind,
        fault: kind,
        error: error instanceof Error ? error.message : String(error),
        failures: poll.failures,
      });
    } finally {
      poll.running = false;
      poll.dueAt = next ?? poll.schedule.next(this.#clock.now()) ?? Number.MAX_SAFE_INTEGER;
      if (this.#cancel) this.#tick();
    }
  }

  /** When the list is due again if another process read it less than an interval ago. */
  async #readByOthers(poll: Poll): Promise<number | undefined> {
    const at = (await this.#store.getCursor(cursorName(poll.connection.name, poll.kind)))?.['at'];
    const next = typeof at === 'number' ? poll.schedule.next(at) : undefined;
    return next !== undefined && next > this.#clock.now() ? next : undefined;
  }
}
