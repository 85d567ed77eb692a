import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { auditLeaf } from '#audit/leaf';
import { createKey, readKey } from '#audit/key';
import { auditor } from '#audit/log';
import { ManualClock } from '#base/clock';
import { sum, type Decimal } from '#base/decimal';
import type { Log } from '#base/log';
import { seededRandom } from '#base/random';
import type { PlantData } from '#demo/plant-data';
import { maintenanceOf, writePlantFolder } from '#demo/plant-folder';
import { defaultVendor, seedFinance } from '#demo/seed-finance';
import { labels, seedMaintenance, type Seeded } from '#demo/seed-maintenance';
import type { Reason } from '#engine/flow';
import { readPlant } from '#hub/configuration';
import { exceptionsOf, type Exception } from '#hub/exceptions';
import { explainThread, type Thread } from '#hub/explain';
import { Hub } from '#hub/hub';
import { connectors, flows } from '#main';
import type { RecordKind } from '#model/records';
import { changeAsset } from '#simulators/maintainx/assets';
import { changePart } from '#simulators/maintainx/parts';
import type { Asset, WorkOrder } from '#simulators/maintainx/records';
import { maintainxTwin, type MaintainXTwin } from '#simulators/maintainx/twin';
import type { Automation } from '#simulators/s4hana/world/automation';
import type { S4Config } from '#simulators/s4hana/config';
import { s4hanaTwin, type S4Twin } from '#simulators/s4hana/twin';
import { twinFetch } from '#simulators/twin';
import { sendOver } from '#spi/fetch-send';
import type { Send } from '#spi/transport';
import type { IncomingHook } from '#spi/webhook';
import { memoryStore } from '#store/memory';
import type { EventState, OperationRow, Store } from '#store/port';
import { firstDay, plant as smallPlant } from './plant.ts';

export interface StageOptions {
  readonly plant?: PlantData;
  /** Laid over the demo's policies: flow to settings. */
  readonly policies?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What people of the finance side do by themselves; nothing when absent. */
  readonly automation?: Automation;
  readonly finance?: Partial<S4Config>;
  readonly store?: Store;
  /** Without webhooks polling alone brings news. */
  readonly webhooks?: boolean;
  readonly start?: number;
  /** Changes the finance world before the hub sees it. */
  readonly before?: (stage: Stage) => void;
  /** Takes the place of a connection's network. */
  readonly wire?: (connection: string, send: Send) => Send;
  readonly credentials?: Readonly<Record<string, string>>;
  /** Changes the plant folder before it is read. */
  readonly folder?: (folder: string) => void;
}

/** Longest time on the stage's clock that `settle` waits for the last document: backoff, breaker and look-ups included. */
const patienceMs = 3 * 3600_000;
/** Kinds that change while a plant works; the others are read once a day. */
const busy: readonly RecordKind[] = ['part', 'asset', 'stockLevel', 'purchaseRequisition', 'purchaseOrder', 'goodsReceipt', 'supplierInvoice', 'workOrder'];

/** The one organisation of the maintenance twin. */
const organization = 100;
const actor = { organizationId: organization, userId: 55, quiet: false };

/** Both twins and a hub in one process, on one clock that only `settle` and `days` move. */
export class Stage {
  readonly clock: ManualClock;
  readonly erp: S4Twin;
  readonly cmms: MaintainXTwin;
  readonly seeded: Seeded;
  readonly store: Store;
  readonly hub: Hub;
  readonly connection: string;
  /** Warnings and errors of the hub's log. */
  readonly log: { level: string; text: string; data: Readonly<Record<string, unknown>> }[] = [];
  readonly delivered: IncomingHook[] = [];
  readonly folder: string;
  readonly #key = readKey(createKey('stage'));
  #hooks = 0;
  /** Lists that were not answered in the last round. */
  #failed = 0;

  constructor(options: StageOptions = {}) {
    const plant = options.plant ?? smallPlant;
    const random = seededRandom(5);
    this.clock = new ManualClock(options.start ?? firstDay);
    const { clock } = this;
    this.erp = s4hanaTwin({
      clock,
      random,
      config: {
        users: [{ user: 'LINCHPIN', password: 'erp-password', services: ['*'] }],
        ...options.finance,
        automation: { ...options.automation, supplier: defaultVendor(plant) },
      },
    });
    seedFinance(this.erp.world, plant);
    const site = plant.sites[0]!.code;
    this.connection = maintenanceOf(site);
    this.cmms = maintainxTwin({
      clock,
      random,
      config: {
        keys: [{ key: 'cmms-token', userId: 55, organizationIds: [organization] }],
        organizations: [{ id: organization, name: 'Plant', timeZone: 'Etc/UTC', currency: plant.sites[0]!.currency }],
      },
      deliver: (hook) => this.#deliver(hook),
    });
    this.seeded = seedMaintenance(this.cmms.world, plant, site, organization);
    options.before?.(this);
    this.folder = mkdtempSync(join(tmpdir(), 'linchpin-e2e-'));
    writePlantFolder(this.folder, plant, { finance: 'https://erp.example', maintenance: new Map([[site, 'https://cmms.example']]) });
    const cmmsFile = join(this.folder, 'systems', `${this.connection}.yaml`);
    const cmmsSettings = parse(readFileSync(cmmsFile, 'utf8')) as { settings: Record<string, unknown> };
    writeFileSync(cmmsFile, stringify({ ...cmmsSettings, settings: { ...cmmsSettings.settings, disposedStatusId: this.disposedStatus } }));
    if (options.policies) overlay(join(this.folder, 'policies.yaml'), options.policies);
    options.folder?.(this.folder);
    const wire = { wait: () => Promise.resolve() };
    const sends = new Map<string, Send>([
      ['erp', sendOver(twinFetch(this.erp, { ...wire, throttle: () => this.erp.throttleAnswer() }))],
      [this.connection, sendOver(twinFetch(this.cmms, { ...wire, throttle: () => this.cmms.throttleAnswer() }))],
    ]);
    const secrets = { 'erp/password': 'erp-password', [`${this.connection}/token`]: 'cmms-token', ...options.credentials };
    this.store = options.store ?? memoryStore();
    const log: Log = (level, text, data = {}) => {
      if (level === 'warning' || level === 'error') this.log.push({ level, text, data });
    };
    this.hub = new Hub({
      name: 'hub',
      plant: readPlant(this.folder, flows, connectors),
      connectors,
      flows,
      store: this.store,
      clock,
      random,
      log,
      leaf: auditLeaf,
      secret: (name) => secrets[name] ?? '',
      send: (name) => (options.wire && sends.has(name) ? options.wire(name, sends.get(name)!) : sends.get(name)!),
      worker: { claimEveryMs: 1 },
    });
  }

  /** Reads both systems until they agree, then listens for webhooks. */
  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(options);
    await stage.hub.prepare();
    await stage.settle('all');
    if (options.webhooks !== false) await stage.hub.subscribe('https://hub.example');
    return stage;
  }

  get world(): S4Twin['world'] {
    return this.erp.world;
  }

  async #deliver(hook: { url: string; type: string; headers: Readonly<Record<string, string>>; body: string }): Promise<number> {
    this.#hooks += 1;
    const incoming = { url: hook.url, type: hook.type, headers: hook.headers, body: hook.body };
    this.delivered.push(incoming);
    try {
      await this.hub.hook(this.connection, incoming);
      return 200;
    } catch {
      return 401;
    } finally {
      this.#hooks -= 1;
    }
  }

  /** Turns the worker until nothing of what is due now is left. */
  async turn(): Promise<void> {
    for (let still = 0, turns = 0; still < 3; turns++) {
      if (turns > 50_000) throw new Error('the hub does not come to rest');
      const moved = await this.hub.worker.turn();
      await new Promise<void>((resolve) => setImmediate(resolve));
      still = moved || this.#hooks > 0 || this.hub.worker.dispatcher.running > 0 ? 0 : still + 1;
      // Someone waits at a governor for time to pass.
      if (still === 0 && turns % 100 === 99) this.clock.advance(Math.min(60_000, Math.max(1000, (this.clock.next() ?? 0) - this.clock.now())));
    }
  }

  /** Polls, turns and moves the clock until no event is undecided and no document on its way. What waits for a person stays. */
  async settle(kinds: readonly RecordKind[] | 'all' = busy, until?: () => boolean): Promise<void> {
    const end = this.clock.now() + patienceMs;
    let step = 1000;
    for (let quiet = 0; quiet < 4;) {
      if (this.clock.now() > end) throw new Error(`not settled: ${JSON.stringify(await this.open())}`);
      await this.turn();
      const changed = await this.poll(kinds);
      await this.turn();
      const { pending, moving } = await this.#left();
      if (until?.()) return;
      const rest = changed === 0 && this.#failed === 0 && pending === 0 && moving === 0;
      quiet = rest ? quiet + 1 : 0;
      // At rest the clock goes on far enough for differences of stock that are watched for a while.
      step = rest ? 5000 : changed > 0 ? 1000 : Math.min(step * 2, 10 * 60_000);
      this.clock.advance(step);
    }
  }

  /** Reads what changed; a system that does not answer is read later. */
  async poll(kinds: readonly RecordKind[] | 'all' = busy): Promise<number> {
    let changed = 0;
    this.#failed = 0;
    for (const { connection, kind } of this.hub.polls.plan) {
      if (kinds !== 'all' && !kinds.includes(kind)) continue;
      try {
        const report = await this.hub.polls.run(connection, kind);
        changed += report.changed + report.removed;
        if (report.changed + report.removed > 0) await this.turn();
      } catch (error) {
        this.log.push({ level: 'warning', text: `poll of ${connection.name} ${kind}`, data: { error: (error as Error).message } });
        this.#failed += 1;
      }
    }
    return changed;
  }

  /** Lets days pass; each ends with a full reading of both systems. */
  async days(count: number, each: (day: number) => void | Promise<void> = () => {}): Promise<void> {
    for (let day = 0; day < count; day++) {
      const next = Math.floor(this.clock.now() / 86_400_000) * 86_400_000 + 86_400_000 + 8 * 3600_000;
      this.clock.advance(next - this.clock.now());
      this.world.tick();
      await each(day);
      await this.settle('all');
    }
  }

  /** Moves to 08:00 of a day without playing what lies between. */
  goTo(day: string): void {
    this.clock.advance(Math.max(0, Date.parse(`${day}T08:00:00Z`) - this.clock.now()));
    this.world.tick();
  }

  async #left(): Promise<{ pending: number; moving: number }> {
    const [events, operations] = await Promise.all([this.store.read.countEvents(), this.store.read.countOperations()]);
    return {
      pending: events.pending,
      moving: operations.filter(({ state }) => state === 'ready' || state === 'sending' || state === 'unknown').reduce((total, { count }) => total + count, 0),
    };
  }

  /** What is not finished, for the message of a failed test. */
  async open(): Promise<unknown> {
    const operations = await this.store.read.listOperations({ states: ['ready', 'sending', 'unknown', 'failed'], limit: 20 });
    const events = await this.store.read.listEvents({ state: 'pending', limit: 20 });
    return {
      operations: operations.map(({ key, state, fault, dueAt }) => ({ key, state, fault, inMs: dueAt - this.clock.now() })),
      events: events.map(({ lane, kind, key }) => ({ lane, kind, key })),
    };
  }

  /** The asset in the maintenance system. */
  assetOf(code: string): Asset {
    const found = [...this.cmms.world.assets.values()].find(({ extraFields }) => extraFields[labels.erpNumber] === code);
    if (!found) throw new Error(`the maintenance system has no asset ${code}`);
    return found;
  }

  /** Its number there. */
  asset(code: string): number {
    return this.assetOf(code).id;
  }

  /** What people do in the maintenance system's app. */
  get technician(): MaintainXTwin['world']['technician'] {
    return this.cmms.world.technician;
  }

  /** The custom status that means disposed. */
  get disposedStatus(): number {
    return [...this.cmms.world.customStatuses.values()].find(({ label }) => label === 'Disposed')!.id;
  }

  changeAsset(code: string, changes: Parameters<typeof changeAsset>[3]): void {
    changeAsset(this.cmms.world, actor, this.assetOf(code), changes);
  }

  changePart(code: string, changes: Parameters<typeof changePart>[3]): void {
    changePart(this.cmms.world, actor, this.cmms.world.parts.get(this.seeded.parts.get(code)!)!, changes);
  }

  orderOf(workOrder: number): WorkOrder {
    return this.cmms.world.workOrders.get(workOrder)!;
  }

  /** Writes a work order as a planner does; parts as `[code, quantity, storeroom?]`. */
  workOrder(order: {
    title: string;
    asset?: string;
    priority?: 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH';
    type?: 'PREVENTIVE' | 'REACTIVE' | 'OTHER';
    parts?: readonly (readonly [string, number, string?])[];
  }): number {
    const { seeded } = this;
    const partsUsed = (order.parts ?? []).map(([code, quantityUsed, storeroom = 'MRO1']) => ({
      partId: seeded.parts.get(code)!,
      quantityUsed,
      locationId: seeded.storerooms.get(storeroom)!,
    }));
    return this.technician.open(
      {
        title: order.title,
        priority: order.priority ?? 'MEDIUM',
        type: order.type ?? 'REACTIVE',
        ...(order.asset === undefined ? {} : { assetId: this.asset(order.asset) }),
        partsUsed,
      },
      55,
    ).id;
  }

  user(code: string): number {
    return this.seeded.users.get(code)!;
  }

  thread(workOrder: number): string {
    return `workOrder/${this.connection}.${workOrder}`;
  }

  async explain(workOrder: number): Promise<Thread> {
    const found = await explainThread(this.store, this.thread(workOrder));
    if (!found) throw new Error(`no thread of work order ${workOrder}`);
    return found;
  }

  /** Every reason of a thread as text. */
  async reasons(workOrder: number): Promise<string[]> {
    return (await this.explain(workOrder)).why.flatMap(({ reasons }) => reasons.map((reason: Reason) => reason.text));
  }

  exceptions(): Promise<readonly Exception[]> {
    return exceptionsOf(this.store);
  }

  operations(): Promise<readonly OperationRow[]> {
    return this.store.read.listOperations({ limit: 5000 });
  }

  events(): Promise<Readonly<Record<EventState, number>>> {
    return this.store.read.countEvents();
  }

  /** Where a work order's money stands: account to minor units, zero left out. */
  async balances(workOrder: number): Promise<Readonly<Record<string, number>>> {
    const rows = await this.store.read.balances({ workOrder: `${this.connection}.${workOrder}` });
    const found: Record<string, number> = {};
    for (const { account, minor } of rows) found[account] = (found[account] ?? 0) + minor;
    return Object.fromEntries(Object.entries(found).filter(([, minor]) => minor !== 0));
  }

  /** Quantity on hand on both sides: finance, maintenance. */
  onHand(part: string, storeroom = 'MRO1'): { finance: Decimal; maintenance: Decimal } {
    return {
      finance: this.world.materials.onHand(part, '1100', storeroom),
      maintenance: String(this.cmms.world.parts.get(this.seeded.parts.get(part)!)?.stock.get(this.seeded.storerooms.get(storeroom)!)?.availableQuantity),
    };
  }

  /** Sum of an account's journal items in the company code's currency, of one cost centre where named. */
  booked(account: string, costCentre?: string): Decimal {
    return sum(
      [...this.world.ledger.items.all()]
        .filter((row) => row.GLAccount === account && (costCentre === undefined || row['CostCenter'] === costCentre))
        .map((row) => String(row['AmountInCompanyCodeCurrency'])),
    );
  }

  /** Cost rows that the hub wrote onto a work order, in cents. */
  costRows(workOrder: number): readonly { readonly text: string; readonly cents: number }[] {
    return this.orderOf(workOrder)
      .costs.filter(({ type }) => type === 'EXPENSE')
      .map(({ description, rowTotal }) => ({ text: description ?? '', cents: rowTotal }));
  }

  /** The audit log read from its first record, with signatures. */
  async audit(): Promise<readonly string[]> {
    const log = auditor(this.store, this.#key, this.clock);
    await log.checkpoint();
    const report = await log.verify();
    return report.findings.map((finding) => JSON.stringify(finding));
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function overlay(file: string, policies: Readonly<Record<string, Readonly<Record<string, unknown>>>>): void {
  const known = parse(readFileSync(file, 'utf8')) as Record<string, { default: Record<string, unknown> }>;
  for (const [flow, settings] of Object.entries(policies)) known[flow] = { default: { ...known[flow]?.default, ...settings } };
  writeFileSync(file, stringify(known));
}
