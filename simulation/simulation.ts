import { createHash } from 'node:crypto';
import { createKey, readKey, type SigningKey } from '#audit/key';
import { Fault } from '#base/fault';
import { seededRandom, type Random } from '#base/random';
import type { Flow } from '#engine/flow';
import { exceptionsOf } from '#hub/exceptions';
import { connectors as realConnectors, flows as realFlows } from '#main';
import type { OutgoingHook } from '#simulators/maintainx/twin';
import { Refusal as CmmsRefusal } from '#simulators/maintainx/refusal';
import { Refusal as ErpRefusal } from '#simulators/s4hana/world/refusal';
import type { Twin } from '#simulators/twin';
import type { Connector } from '#spi/connector';
import { memoryStore } from '#store/memory';
import type { OperationRow, Store } from '#store/port';
import { documentsOf } from './documents.ts';
import { buttonOf, faults as allFaults, type Fault as FaultRow, type FaultHost } from './faults.ts';
import { Kernel } from './kernel.ts';
import { Network, type Exchange, type WireTrouble } from './network.ts';
import { acts, mischief } from './people.ts';
import { configurationOf, clientSecret, finance, firstInstant, limits, maintenance, secrets, site, type Variant } from './plant.ts';
import { HubProcess } from './process.ts';
import { replayed } from './replay.ts';
import { Recorder } from './recorder.ts';
import { simulatedStore, type StoreTrouble } from './store.ts';
import { openTwins, type Twins } from './twins.ts';

/** What a planted bug may take the place of. The production code knows nothing of it. */
export interface Surgery {
  readonly store?: (store: Store) => Store;
  readonly flows?: (flows: readonly Flow[]) => readonly Flow[];
  readonly connectors?: (connectors: ReadonlyMap<string, Connector>) => ReadonlyMap<string, Connector>;
  /** Changes a class in place; the answer takes the change back. */
  readonly patch?: () => () => void;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly events: number;
  /** Names of the faults that may happen; absent: all. */
  readonly faults?: readonly string[];
  /** Events of the script that are left out: how a failure is made smaller. */
  readonly without?: ReadonlySet<number>;
  readonly variant?: Partial<Variant>;
  readonly surgery?: Surgery;
  /** False: nobody acts on what waits for a person. */
  readonly operators?: boolean;
  /** Asked for each write of an operation that is about to be executed: whether its answer is lost. */
  readonly lose?: (operation: OperationRow) => boolean;
}

/** Longest pause of one script event, and how often a run has long ones. */
const minute = 60_000;
/** How long everything may take to come to rest once the faults have ended. */
export const patienceMs = 12 * 60 * minute;

const key: SigningKey = readKey(createKey('simulation'));

interface Window {
  readonly fault: FaultRow;
  readonly until: number;
}

/** The whole of one simulated installation: both systems, their people, the hub's processes, and what is done to them. */
export class Simulation {
  readonly options: SimulationOptions;
  readonly kernel: Kernel;
  readonly random: Random;
  readonly variant: Variant;
  readonly twins: Twins;
  readonly store: Store;
  /** The store as the hub has it: the same, but for a planted bug. */
  readonly seenStore: Store;
  readonly recorder: Recorder;
  readonly network: Network;
  readonly processes: readonly HubProcess[];
  readonly auditKey = key;
  /** How often each fault had an effect. */
  readonly fired = new Map<string, number>();
  readonly done = new Map<string, number>();
  readonly texts: string[] = [];
  #windows: Window[] = [];
  #calm = true;
  calmSince = 0;
  /** Whether everything came to rest; known after `rest`. */
  rested = false;
  /** Highest number of requests at once and in a minute, by process and connection. */
  readonly load = new Map<string, { running: number; most: number; starts: number[]; perMinute: number }>();
  readonly undo: (() => void)[] = [];

  constructor(options: SimulationOptions) {
    this.options = options;
    this.random = seededRandom(hashSeed(`world ${options.seed}`));
    this.kernel = new Kernel({ random: seededRandom(hashSeed(`kernel ${options.seed}`)), start: firstInstant });
    this.kernel.install();
    this.variant = { ...variantOf(seededRandom(hashSeed(`variant ${options.seed}`))), ...options.variant };
    const surgery = options.surgery ?? {};
    if (surgery.patch) this.undo.push(surgery.patch());
    const { kernel, variant } = this;
    this.twins = openTwins({ clock: kernel.clock('world'), random: this.random, variant, deliver: (hook) => this.#deliver(hook) });
    this.recorder = new Recorder(kernel);
    const base = memoryStore();
    this.store = base;
    const seenByHub = surgery.store ? surgery.store(base) : base;
    this.seenStore = seenByHub;
    const twins = new Map<string, Twin>([
      [finance, this.twins.erp],
      [maintenance, this.twins.cmms],
    ]);
    this.network = new Network({
      kernel,
      twins,
      trouble: (connection, request) => this.#wire(connection, request),
      seen: (exchange) => {
        this.recorder.exchanged(exchange);
        this.#crossed(exchange);
        if (exchange.response) for (const { fault } of this.#windows) if (fault.shows?.(exchange.request, exchange.response)) this.#fire(fault.name);
      },
      left: (owner, connection) => this.#left(owner, connection),
      ended: (owner, connection) => this.#arrived(owner, connection),
    });
    this.recorder.scope = ({ flow, key: made }) => {
      const off = ({ live: '', shadow: flow, costsShadow: 'costs', stockOff: 'stock' } as const)[variant.scope] === flow;
      if (off) this.recorder.breach('I11', `operation ${made} was made by ${flow}, which is not live`);
    };
    const plant = configurationOf(variant, this.twins.seeded.disposedStatusId);
    const declared = variant.postingClass === 'M' ? withoutLookup(realConnectors, 's4hana', 'costPosting') : realConnectors;
    const connectors = surgery.connectors ? surgery.connectors(declared) : declared;
    const names = variant.workers === 1 ? ['hub'] : ['a', 'b'];
    this.processes = names.map(
      (name) =>
        new HubProcess({
          name,
          kernel,
          random: seededRandom(hashSeed(`process ${name} ${options.seed}`)),
          plant,
          connectors,
          flows: (surgery.flows ? surgery.flows(realFlows) : realFlows).map((flow) => replayed(flow, this.recorder)),
          secret: (secret) => (secret === 'erp/client' ? clientSecret : (secrets[secret] ?? '')),
          store: (owner) => simulatedStore(seenByHub, { kernel, owner, probe: this.recorder, trouble: (write) => this.#storeTrouble(write) }),
          send: (owner, connection) => this.network.send(owner, connection),
          log: (_level, text, data) => this.texts.push(`${text} ${JSON.stringify(data ?? {})}`),
          embedded: variant.workers === 1,
        }),
    );
  }

  /** What each executed request may not have done. */
  #crossed({ connection, request, response }: Exchange): void {
    if (!response || request.method === 'GET' || request.method === 'HEAD' || response.status >= 400) return;
    const signsIn = request.url.includes('/oauth2/token') || request.url.includes('/subscriptions');
    if (this.variant.scope === 'shadow' && !signsIn) this.recorder.breach('I12', `${request.method} ${request.url} reached ${connection} in shadow mode`);
    const { ledger, organisation } = this.twins.erp.world;
    const rows = ledger.items.all();
    for (; this.#booked < rows.length; this.#booked++) {
      const row = rows[this.#booked]!;
      if (row['AccountingDocCreatedByUser'] === 'LINCHPIN' && !organisation.isOpen(String(row['CompanyCode']), String(row['PostingDate'])))
        this.recorder.breach('I18', `${row.AccountingDocument} was posted on ${String(row['PostingDate'])} into a closed period`);
    }
  }
  #booked = 0;

  #left(owner: string, connection: string): void {
    const now = this.kernel.now();
    const key = `${owner} ${connection}`;
    const load = this.load.get(key) ?? { running: 0, most: 0, starts: [], perMinute: 0 };
    this.load.set(key, load);
    load.running += 1;
    load.most = Math.max(load.most, load.running);
    load.starts.push(now);
    while (load.starts[0]! <= now - 60_000) load.starts.shift();
    load.perMinute = Math.max(load.perMinute, load.starts.length);
    const declared = limits[connection];
    if (!declared) return;
    if (load.running > declared.parallel)
      this.recorder.breach('I19', `${load.running} requests of ${owner} to ${connection} at once; ${declared.parallel} are declared`);
    if (load.starts.length > declared.perMinute)
      this.recorder.breach('I19', `${load.starts.length} requests of ${owner} to ${connection} in a minute; ${declared.perMinute} are declared`);
  }

  #arrived(owner: string, connection: string): void {
    const load = this.load.get(`${owner} ${connection}`);
    if (load) load.running -= 1;
  }

  /** Starts the hub and lets it read both systems, without faults. */
  async open(): Promise<void> {
    for (const process of this.processes) process.start();
    await this.kernel.runUntil(this.kernel.now() + 5 * minute);
  }

  /** Plays one event of the script. */
  async play(index: number): Promise<void> {
    const random = seededRandom(hashSeed(`event ${this.options.seed} ${index}`));
    const gap = gapOf(random);
    await this.kernel.runUntil(this.kernel.now() + gap);
    this.twins.erp.world.tick();
    const what = await this.#event(random);
    if (index % 25 === 24) this.#photograph();
    this.kernel.note(`event ${index} ${what}`);
    this.done.set(what.split(' ')[0]!, (this.done.get(what.split(' ')[0]!) ?? 0) + 1);
    await this.kernel.settle();
  }

  /** Writes down what no posted document may change from now on. */
  #photograph(): void {
    const at = this.kernel.now();
    for (const { connection, kind, id, frozen } of documentsOf(this.twins, true)) {
      const name = `${kind} ${id}`;
      if (this.#photographed.has(name)) continue;
      this.#photographed.add(name);
      this.recorder.entries.push({ at, what: 'document', connection, id: name, frozen });
    }
  }
  readonly #photographed = new Set<string>();

  /** Ends all faults, and lets people put right what waits for them, until everything rests. False: it does not come to rest. */
  async rest(): Promise<boolean> {
    this.rested = await this.#comeToRest();
    return this.rested;
  }

  async #comeToRest(): Promise<boolean> {
    this.#endAll();
    this.#calm = true;
    for (const process of this.processes) {
      if (this.kernel.stalled(process.owner)) this.kernel.wake(process.owner);
      this.kernel.setOffset(process.owner, 0);
      process.start();
    }
    this.calmSince = this.kernel.now();
    // Longer than every lease, pause and backoff that faults may have left behind.
    await this.#letPass(40 * minute);
    for (let round = 0; round < 3; round++) {
      await this.#readAll();
      await this.#putRight();
      await this.#letPass(25 * minute);
    }
    // Finance goes on approving, ordering and delivering by itself: rest is when it has nothing left to do and both systems were read since.
    for (const end = this.calmSince + patienceMs; this.kernel.now() < end;) {
      const before = this.#moved();
      await this.#letPass(50 * minute);
      if (this.#moved() !== before) continue;
      await this.#readAll();
      await this.#letPass(12 * minute);
      await this.#readAll();
      await this.#letPass(6 * minute);
      if (this.#moved() === before && (await this.resting())) return true;
    }
    return this.resting();
  }

  /** Changes whenever a document is made in finance by anybody but the hub. */
  #moved(): number {
    const { requisitions, orders, movements, invoices } = this.twins.erp.world;
    return [requisitions.headers, orders.headers, movements.headers, invoices.headers].reduce((sum, table) => sum + table.size, 0);
  }

  /** Reads both systems whole, in the order of the plan, as the schedule does in the course of a day. */
  async #readAll(): Promise<void> {
    const [process] = this.processes;
    const hub = process?.hub;
    if (!process || !hub) return;
    let done = false;
    this.kernel.ready(
      process.owner,
      'read all',
      () =>
        void hub.polls.runAll().then(
          () => (done = true),
          () => (done = true),
        ),
    );
    for (let rounds = 0; !done && rounds < 30; rounds++) await this.kernel.runUntil(this.kernel.now() + minute);
  }

  async resting(): Promise<boolean> {
    if ((await this.store.read.countEvents()).pending > 0) return false;
    const open = await this.store.read.listOperations({ states: ['ready', 'sending', 'unknown', 'failed'], limit: 10_000 });
    // What stands behind an operation that waits for a person waits as well.
    const stuck = (one: OperationRow): boolean =>
      open.some(({ lane, chain, n, state }) => lane === one.lane && chain === one.chain && n < one.n && state === 'failed');
    return open.every((one) => one.state === 'failed' || stuck(one));
  }

  async close(): Promise<void> {
    for (const process of this.processes) process.kill();
    this.kernel.uninstall();
    for (const undo of this.undo) undo();
    await this.store.close();
  }

  /** Time passes, and finance does what has become due. */
  async #letPass(ms: number): Promise<void> {
    for (const end = this.kernel.now() + ms; this.kernel.now() < end;) {
      this.twins.erp.world.tick();
      await this.kernel.runUntil(Math.min(end, this.kernel.now() + 5 * minute));
    }
  }

  async #event(random: Random): Promise<string> {
    const { faults } = this.options;
    const rows = allFaults.filter(({ name }) => faults === undefined || faults.includes(name));
    const dice = random.unit();
    if (dice < 0.16 && rows.length > 0) return this.#begin(random, rows);
    if (dice < 0.21 && this.options.operators !== false) return this.#operator(random);
    if (dice < 0.25) return 'time';
    const act = weighted(random, acts);
    try {
      const about = act.act(this.twins, random);
      return about === undefined ? `${act.name}.none` : `${act.name} ${about}`;
    } catch (error) {
      // What the system itself does not let its people do.
      if (error instanceof ErpRefusal || error instanceof CmmsRefusal || error instanceof RangeError) return `${act.name}.refused`;
      throw error;
    }
  }

  #begin(random: Random, rows: readonly FaultRow[]): string {
    const fault = weighted(random, rows);
    if (this.#windows.some((window) => window.fault.name === fault.name)) return `fault.${fault.name}.already`;
    this.#calm = false;
    const lasts = 1000 + random.below(Math.max(1, random.unit() < 0.7 ? Math.min(fault.mostMs, 10 * minute) : fault.mostMs));
    const host = this.#host(random);
    const began = fault.begin?.(host, lasts);
    const longer = fault.wire !== undefined || fault.store !== undefined || fault.end !== undefined;
    if (!longer) {
      if (began !== false) this.#fire(fault.name);
      return `fault.${fault.name}`;
    }
    const window = { fault, until: this.kernel.now() + lasts };
    this.#windows.push(window);
    this.kernel.later('world', `end of ${fault.name}`, lasts, () => this.#end(window));
    return `fault.${fault.name} ${lasts}`;
  }

  #end(window: Window): void {
    if (!this.#windows.includes(window)) return;
    this.#windows = this.#windows.filter((other) => other !== window);
    window.fault.end?.(this.#host(this.random));
  }

  #endAll(): void {
    for (const window of this.#windows) this.#end(window);
    for (const [name, { twin, button }] of Object.entries(buttonOf)) {
      const count = this.twins[twin].buttons.fired.get(button) ?? 0;
      if (count > 0) this.fired.set(name, count);
    }
  }

  #host(random: Random): FaultHost {
    const { kernel, twins } = this;
    const alive = (): HubProcess[] => this.processes.filter((process) => process.alive && !kernel.stalled(process.owner));
    const one = (): HubProcess | undefined => {
      const left = alive();
      return left[random.below(Math.max(1, left.length))];
    };
    const twin = { erp: twins.erp, cmms: twins.cmms };
    return {
      random,
      kill: (downMs) => {
        const process = one();
        if (!process) return;
        process.kill();
        kernel.later('world', `restart ${process.name}`, downMs, () => process.start());
      },
      stall: (forMs) => {
        const process = one();
        if (!process) return;
        const { owner } = process;
        kernel.stall(owner);
        kernel.later('world', `wake ${owner}`, forMs, () => kernel.wake(owner));
      },
      jumpClock: (byMs) => {
        const process = one();
        if (process) kernel.jump(process.owner, byMs);
      },
      press: (name, fault, more) => twin[name].buttons.press({ fault, ...more }),
      release: (name, fault) => twin[name].buttons.release(fault),
      forgetSessions: () => twins.erp.forgetSessions(),
      mischief: (name) => {
        try {
          return mischief[name](twins, random) !== undefined;
        } catch (error) {
          if (error instanceof CmmsRefusal || error instanceof RangeError) return false;
          throw error;
        }
      },
      period: (open) => {
        const { organisation } = twins.erp.world;
        const period = new Date(kernel.now()).toISOString().slice(0, 7).replace('-', '/');
        if (open) for (const closed of organisation.closedPeriods()) organisation.openPeriod(site, closed.split(' ')[1] ?? '');
        else organisation.closePeriod(site, period);
      },
      after: (delayMs, run) => void kernel.later('world', 'fault', delayMs, run),
    };
  }

  #fire(name: string): void {
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
  }

  #wire(connection: string, request: Parameters<NonNullable<FaultRow['wire']>>[0]['request']): WireTrouble | undefined {
    const { lose } = this.options;
    if (lose && request.method !== 'GET' && request.method !== 'HEAD') {
      const operation = this.recorder.operationOf(`${request.url} ${request.body}`) ?? this.recorder.sendingTo(connection, request.body);
      if (operation && lose(operation)) return { name: 'lost', reset: true };
    }
    for (const { fault } of this.#windows) {
      const met = fault.wire?.({ connection, request, random: this.kernel.random });
      if (!met || Object.keys(met).length === 0) continue;
      this.#fire(fault.name);
      return { name: fault.name, ...met };
    }
    return undefined;
  }

  #storeTrouble(write: string): StoreTrouble {
    for (const { fault } of this.#windows) {
      const met = fault.store?.(write, this.kernel.random);
      if (met === undefined) continue;
      this.#fire(fault.name);
      return met;
    }
    return undefined;
  }

  /** A webhook goes to the process that its address names; it is acknowledged when the hub says so. */
  #deliver(hook: OutgoingHook): Promise<number> {
    const process = this.processes.find(({ baseUrl }) => hook.url.startsWith(`${baseUrl}/`));
    return new Promise((resolve) => {
      const hub = process?.hub;
      if (!process || !hub) {
        this.kernel.later('world', 'webhook refused', 5, () => resolve(0));
        return;
      }
      const { owner } = process;
      this.kernel.later(owner, `webhook ${hook.type}`, 5 + this.random.below(40), () => {
        const before = this.recorder.entries.length;
        hub.hook(maintenance, { url: hook.url, type: hook.type, headers: hook.headers, body: hook.body }).then(
          (count) => {
            this.#acknowledged(hook, count, before);
            resolve(200);
          },
          (error: unknown) => resolve(error instanceof Fault && error.kind === 'unauthorised' ? 401 : 503),
        );
      });
    });
  }

  /** Clause 1: what is acknowledged is in the store, as a notice of its own or as the duplicate of one. */
  #acknowledged(hook: OutgoingHook, count: number, _before: number): void {
    if (count === 0) return;
    const digest = createHash('sha256').update(`${hook.type}\n${hook.body}`).digest('hex').slice(0, 40);
    const known = this.recorder.noticesOf(digest);
    if (known.length < count)
      this.recorder.breach('I1', `a webhook ${hook.type} with ${count} notices was acknowledged, and ${known.length} of them are in the store`);
    for (const { lane, key } of known) this.recorder.entries.push({ at: this.kernel.now(), what: 'acknowledged', lane, key });
  }

  /** What an operator does at the list of exceptions; sometimes twice at once. */
  async #operator(random: Random): Promise<string> {
    const waiting = await exceptionsOf(this.store);
    const one = waiting[random.below(Math.max(1, waiting.length))];
    const process = this.processes[random.below(this.processes.length)];
    if (!one || !process?.alive) return 'operator.none';
    const dice = random.unit();
    const act = one.kind === 'event' ? (dice < 0.9 ? 'decideAgain' : 'cancel') : dice < 0.08 ? 'cancel' : 'retry';
    if (act === 'retry') {
      const operation = await this.store.read.operation(one.key);
      if (operation?.fault?.['kind'] === 'uncertain') return this.#resolve(process, operation);
    }
    const twice = random.unit() < 0.3;
    for (let times = twice ? 2 : 1; times > 0; times--) this.#intervene(process, one, act);
    return `operator.${act}${twice ? '.twice' : ''} ${one.key}`;
  }

  #intervene(
    process: HubProcess,
    about: { readonly kind: 'operation' | 'event'; readonly key: string; readonly lane: string },
    kind: 'retry' | 'cancel' | 'decideAgain',
    receipt?: { id: string },
  ): void {
    const { owner, hub } = process;
    if (!hub) return;
    this.kernel.ready(owner, 'operator', () => {
      void hub.worker
        .intervene(about.lane, {
          actor: 'operator',
          kind: receipt ? 'found' : kind,
          reason: 'simulated',
          ...(about.kind === 'operation' ? { operation: about.key } : { event: about.key }),
          ...(receipt ? { receipt } : {}),
        })
        .then((answer) => {
          if (answer.ok)
            this.recorder.entries.push({ at: this.kernel.now(), what: 'person', act: receipt ? 'found' : kind, about: about.key, actor: 'operator' });
        });
    });
  }

  /** A person looks into the target for what nobody can look up: records what is there, or sends it again where nothing is. */
  #resolve(process: HubProcess, operation: OperationRow): string {
    const found = documentOf(this.twins, operation);
    this.#intervene(process, { kind: 'operation', key: operation.key, lane: operation.lane }, 'retry', found === undefined ? undefined : { id: found });
    return `operator.${found === undefined ? 'notFound' : 'found'} ${operation.key}`;
  }

  /** Everything that waits for a person gets one, once. */
  async #putRight(): Promise<void> {
    if (this.options.operators === false) return;
    const process = this.processes[0];
    if (!process) return;
    for (const one of await exceptionsOf(this.store)) {
      if (one.kind === 'event') this.#intervene(process, one, 'decideAgain');
      else {
        const operation = await this.store.read.operation(one.key);
        if (operation?.fault?.['kind'] === 'uncertain') this.#resolve(process, operation);
        else this.#intervene(process, one, 'retry');
      }
    }
    await this.kernel.settle();
  }

  /** Whether no fault was ever begun: then nothing may wait for a person because of one. */
  get calm(): boolean {
    return this.#calm;
  }
}

/** The number of the document that carries an operation's reference, where the target has one. */
export function documentOf(twins: Twins, operation: OperationRow): string | undefined {
  const { reference } = operation;
  const { world } = twins.erp;
  const journal = world.ledger.items.all().find((row) => JSON.stringify(row).includes(reference));
  if (journal) return `${journal.AccountingDocument}/${String(journal['FiscalYear'])}/${String(journal['CompanyCode'])}`;
  for (const order of twins.cmms.world.workOrders.values())
    for (const row of order.costs) if (JSON.stringify(row).includes(reference)) return `${order.id}/${row.id}`;
  return undefined;
}

/** The same connector as if its target let nobody find a document of this kind again: class M. */
export function withoutLookup(connectors: ReadonlyMap<string, Connector>, name: string, kind: string): ReadonlyMap<string, Connector> {
  const connector = connectors.get(name);
  if (!connector) throw new Error(`there is no connector ${name}`);
  const records = connector.records as unknown as Record<string, { verbs: Record<string, unknown> }>;
  const def = records[kind];
  if (!def) throw new Error(`${name} has no ${kind}`);
  const verbs = Object.fromEntries(
    Object.entries(def.verbs).map(([verb, row]) =>
      row !== null && typeof row === 'object' && 'trace' in row ? [verb, { ...row, class: 'M', trace: undefined }] : [verb, row],
    ),
  );
  const changed = { ...connector, records: { ...records, [kind]: { ...def, verbs } } } as unknown as Connector; // The same members; only the class is another.
  return new Map([...connectors, [name, changed]]);
}

function variantOf(random: Random): Variant {
  const one = <T>(...from: readonly T[]): T => from[random.below(from.length)]!;
  return {
    workers: random.unit() < 0.6 ? 1 : 2,
    signIn: one('basic', 'oauth2-client'),
    scope: random.unit() < 0.85 ? 'live' : one('shadow', 'costsShadow', 'stockOff'),
    reorderBy: one('hub', 'erp'),
    stockItems: one('always', 'belowReorderPoint'),
    costMoment: one('perConfirmation', 'atClose'),
    actualCost: one('receipt', 'invoice'),
    postingClass: random.unit() < 0.8 ? 'L' : 'M',
    automation: random.unit() < 0.5,
  };
}

/** Bursts, minutes, and now and then hours. */
function gapOf(random: Random): number {
  const dice = random.unit();
  if (dice < 0.5) return random.below(3_000);
  if (dice < 0.98) return random.below(2 * minute);
  return random.below(90 * minute);
}

function weighted<T extends { readonly weight: number }>(random: Random, rows: readonly T[]): T {
  let left = random.unit() * rows.reduce((sum, { weight }) => sum + weight, 0);
  for (const row of rows) if ((left -= row.weight) < 0) return row;
  return rows.at(-1)!;
}

export const hashSeed = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0);
