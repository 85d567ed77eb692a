import type { Clock } from '#base/clock';
import { Fault } from '#base/fault';
import { sha256, type JsonObject } from '#base/json';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Bindings } from '#engine/bindings';
import type { Flow } from '#engine/flow';
import { Worker } from '#engine/worker';
import { lane, provisionalHubId } from '#flows/lanes';
import { compileMapping, type CompiledMapping } from '#mapping/apply';
import { isRecordKind, type RecordKind } from '#model/records';
import type { Connector } from '#spi/connector';
import { openConnection, type ConnectionOptions } from '#spi/open';
import type { IncomingHook } from '#spi/webhook';
import type { AuditLeaf, NewEvent, Store } from '#store/port';
import type { PlantConfiguration, SystemConfiguration } from '#hub/configuration';
import { HubConnection } from '#hub/connection';
import { RecentIdentities, type IdentityRules } from '#hub/intake';
import { ownDocument } from '#hub/mapping-files';
import { Polls } from '#hub/polls';

export interface HubOptions {
  readonly name: string;
  readonly plant: PlantConfiguration;
  /** Connectors by name, as `systems/*.yaml` names them. */
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly flows: readonly Flow[];
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The value of `secret://name`. */
  secret(name: string): string;
  /** Where the secrets of webhook subscriptions are kept, so that a restart and other processes of the same hub know them. Absent: in memory only. */
  readonly hookSecrets?: HookSecrets;
  /** Replaces the network of a connection: for tests and simulation. */
  send?(connection: string): ConnectionOptions['send'];
  leaf(leaf: { actor: string; kind: string; subject: string; body: JsonObject }): AuditLeaf;
  readonly worker?: { readonly claimEveryMs?: number; readonly leaseMs?: number; readonly mostLanes?: number; readonly batch?: number };
}

/** Keeps the secrets of webhook subscriptions, encrypted, by name. */
export interface HookSecrets {
  get(name: string): Promise<string | undefined>;
  set(name: string, secret: string): Promise<void>;
}

/** How long a webhook secret that was looked for and not found is not looked for again, in milliseconds: strangers may call with any name. */
const secretAgainMs = 5_000;

/** Kinds whose records are one in two systems when they carry the same code. */
const matchedByCode: ReadonlySet<RecordKind> = new Set<RecordKind>(['part', 'vendor', 'employee', 'costCentre', 'asset', 'storeroom', 'location']);

/** How long a start waits for the backlog of an earlier run before it reads on, in milliseconds. */
const startPatienceMs = 10_000;

/** Records are read in this order, so that what others name is known first. */
const readingOrder: readonly RecordKind[] = [
  'site',
  'costCentre',
  'glAccount',
  'storeroom',
  'location',
  'vendor',
  'employee',
  'labourRate',
  'part',
  'fixedAsset',
  'asset',
  'maintenanceBom',
  'stockLevel',
  'purchaseRequisition',
  'purchaseOrder',
  'goodsReceipt',
  'supplierInvoice',
  'workOrder',
];

/** Everything bound together: connections, flows, engine, polls. It opens no port and reads no environment. */
export class Hub {
  readonly connections = new Map<string, HubConnection>();
  /** When a connection last told something new of a kind, by list or webhook, in this process: `connection/kind`. */
  readonly heard = new Map<string, number>();
  readonly worker: Worker;
  /** What decisions are made with: for rehearsal and replay. */
  readonly bindings: Bindings;
  readonly polls: Polls;
  readonly plant: PlantConfiguration;
  readonly store: Store;
  readonly #options: HubOptions;
  readonly #hookSecrets = new Map<string, string>();
  /** Names of webhook secrets that were looked for in vain, and when to look again. */
  readonly #noSecretUntil = new Map<string, number>();
  #stopListening: (() => Promise<void>) | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.plant = options.plant;
    this.store = options.store;
    const rules = identityRules(options.plant);
    for (const system of options.plant.systems) this.connections.set(system.name, this.#open(system, rules));
    const bindings = this.#bindings();
    this.bindings = bindings;
    this.worker = new Worker({
      name: options.name,
      store: options.store,
      clock: options.clock,
      random: options.random,
      log: options.log,
      bindings: () => bindings,
      leaf: options.leaf,
      ...options.worker,
    });
    this.polls = new Polls({
      plan: this.#pollPlan(),
      store: options.store,
      worker: this.worker,
      clock: options.clock,
      log: options.log,
      name: options.name,
      heard: (connection, kind) => this.heard.set(`${connection}/${kind}`, options.clock.now()),
    });
  }

  /** Puts fixed identities in place, then runs worker and polls. */
  async start(): Promise<void> {
    await this.prepare();
    // Where workers share a database, one of them may make work for another; a missed call costs one claim interval.
    this.#stopListening = await this.store.listen?.(() => this.worker.poke());
    this.worker.run();
    await this.#decided(startPatienceMs);
    this.polls.start();
  }

  /** Waits until what an earlier run accepted is decided: identities among it must be in the crosswalk before more is read. */
  async #decided(patienceMs: number): Promise<void> {
    const { clock } = this.#options;
    const until = clock.now() + patienceMs;
    while ((await this.store.read.countEvents()).pending > 0 && clock.now() < until) await new Promise<void>((resolve) => clock.after(20, resolve));
  }

  /** What must be there before the first record is read: identities that people fixed. */
  async prepare(): Promise<void> {
    const { plant, store, leaf, clock } = this.#options;
    const now = clock.now();
    const fixed: { kind: RecordKind; hubId: string; system: string; externalId: string }[] = [
      ...plant.identities.map(({ kind, hubId, connection, externalId }) => ({ kind, hubId, system: connection, externalId })),
      ...plant.sites.flatMap((site) =>
        Object.entries(site.ids).map(([system, ids]) => ({
          kind: 'site' as const,
          hubId: site.code,
          system,
          externalId: typeof ids === 'string' ? ids : (ids[0] ?? ''),
        })),
      ),
    ];
    const events = fixed.map(({ kind, hubId, system, externalId }): NewEvent => ({
      lane: lane(kind, hubId),
      kind: `${kind}.fixed`,
      key: `fixed/${system}/${externalId}`,
      source: 'hub',
      object: hubId,
      version: plant.version,
      urgency: 0,
      thread: lane(kind, hubId),
      site: '',
      at: now,
      data: { hubId, connection: system, identities: [{ system, externalId }] },
    }));
    for (let from = 0; from < events.length; from += 500) await this.worker.accept(events.slice(from, from + 500));
    await store.record(
      [
        leaf({
          actor: 'linchpin',
          kind: 'start',
          subject: this.#options.name,
          body: { configuration: plant.version, systems: plant.systems.map(({ name }) => name), at: now },
        }),
      ],
      { log: this.#options.name, now },
    );
  }

  /** Waits until nothing moves any more: no event undecided, no document on its way. What waits for a person does not count. False = not within `patienceMs`. */
  async quiet(patienceMs: number, progress?: (left: number) => void): Promise<boolean> {
    const { clock } = this.#options;
    const until = clock.now() + patienceMs;
    for (let still = 0; still < 3;) {
      if (clock.now() > until) return false;
      const [events, operations] = await Promise.all([this.store.read.countEvents(), this.store.read.countOperations()]);
      const left =
        events.pending +
        operations.filter(({ state }) => state === 'ready' || state === 'sending' || state === 'unknown').reduce((sum, { count }) => sum + count, 0);
      progress?.(left);
      still = left === 0 && this.worker.idle ? still + 1 : 0;
      await new Promise<void>((resolve) => clock.after(40, resolve));
    }
    return true;
  }

  async stop(): Promise<void> {
    this.polls.stop();
    await this.#stopListening?.();
    await this.worker.stop();
    for (const connection of this.connections.values()) connection.open.close();
  }

  /**
   * Registers a callback address per event type at every system that is configured for webhooks. Existing subscriptions that still live are kept;
   * where several processes share the hub, also those that call another of them.
   */
  async subscribe(baseUrl: string): Promise<void> {
    const shared = this.store.listen !== undefined;
    for (const system of this.plant.systems) {
      const connection = this.connections.get(system.name);
      const hooks = connection?.open.connector.webhooks;
      if (!system.webhooks || !connection || !hooks) continue;
      for (const type of Object.keys(hooks.types)) {
        const name = `webhook/${system.name}/${type}`;
        const url = `${baseUrl}/hooks/${system.name}/${type}`;
        const kept = await this.store.getCursor(name);
        if (
          kept &&
          (kept['url'] === url || shared) &&
          typeof kept['id'] === 'string' &&
          (await this.#hookSecret(name)) !== undefined &&
          (await connection.open.alive(kept['id']).catch(() => false))
        )
          continue;
        const made = await this.worker.dispatcher.within(system.name, 0, () => connection.open.subscribe(type, url));
        await this.#options.hookSecrets?.set(name, made.secret);
        this.#hookSecrets.set(name, made.secret);
        await this.store.setCursor(name, { id: made.id, url });
      }
    }
  }

  /** Fixes the secret of a subscription that was made elsewhere. */
  hookSecret(connection: string, type: string, secret: string): void {
    this.#hookSecrets.set(`webhook/${connection}/${type}`, secret);
  }

  async #hookSecret(name: string): Promise<string | undefined> {
    const { hookSecrets, clock } = this.#options;
    const known = this.#hookSecrets.get(name);
    if (known !== undefined || !hookSecrets || (this.#noSecretUntil.get(name) ?? 0) > clock.now()) return known;
    const kept = await hookSecrets.get(name);
    if (kept === undefined) this.#noSecretUntil.set(name, clock.now() + secretAgainMs);
    else this.#hookSecrets.set(name, kept);
    return kept;
  }

  /** A webhook came in. Resolved when its notices are durable; throws a Fault where it is not believed. */
  async hook(connectionName: string, hook: IncomingHook): Promise<number> {
    const connection = this.connections.get(connectionName);
    if (!connection) throw new Fault('missing', `there is no connection ${connectionName}`);
    const known = connection.open.connector.webhooks?.types;
    const secret = known && Object.hasOwn(known, hook.type) ? await this.#hookSecret(`webhook/${connectionName}/${hook.type}`) : undefined;
    if (secret === undefined) throw new Fault('unauthorised', `no subscription for ${hook.type} of ${connectionName}: the webhook is not believed`);
    connection.open.verifyHook(hook, secret);
    const notices = connection.open.notices(hook);
    for (const { kind } of notices) this.heard.set(`${connectionName}/${kind}`, this.#options.clock.now());
    const found = await this.store.read.resolve(notices.map(({ kind, key }) => ({ kind, system: connectionName, externalId: key })));
    const digest = sha256(`${hook.type}\n${hook.body}`).slice(0, 40);
    const events = notices.map(({ kind, key, urgency, at }): NewEvent => {
      const to = lane(kind, found.get(`${kind}/${connectionName}/${key}`) ?? provisionalHubId(connectionName, key));
      return {
        lane: to,
        kind: 'notice',
        key: `hook/${digest}/${key}`,
        source: connectionName,
        object: key,
        version: digest,
        urgency,
        thread: to,
        site: '',
        data: { kind, type: hook.type },
        at,
      };
    });
    if (events.length > 0) await this.worker.accept(events);
    return events.length;
  }

  /** Asks for a record to be read again, whatever is known of it. */
  async look(connectionName: string, kind: RecordKind, key: string): Promise<void> {
    const found = await this.store.read.resolve([{ kind, system: connectionName, externalId: key }]);
    const to = lane(kind, found.get(`${kind}/${connectionName}/${key}`) ?? provisionalHubId(connectionName, key));
    const now = this.#options.clock.now();
    await this.worker.accept([
      {
        lane: to,
        kind: 'notice',
        key: `look/${connectionName}/${key}/${now}`,
        source: connectionName,
        object: key,
        version: String(now),
        urgency: 1,
        thread: to,
        site: '',
        data: { kind, type: 'look' },
        at: now,
      },
    ]);
  }

  #open(system: SystemConfiguration, rules: IdentityRules): HubConnection {
    const { connectors, clock, store, secret, send } = this.#options;
    const connector = connectors.get(system.connector);
    if (!connector)
      throw new Fault(
        'misconfigured',
        `systems/${system.name}.yaml: there is no connector ${system.connector}; there are ${[...connectors.keys()].join(', ')}`,
      );
    const credential = Object.fromEntries(
      Object.entries(system.credential).map(([name, value]) => [name, value.startsWith('secret://') ? secret(value.slice('secret://'.length)) : value]),
    );
    const replaced = send?.(system.name);
    const { perMinute = connector.limits.perMinute, parallel = connector.limits.parallel } = system.limits;
    const open = openConnection(connector, {
      name: system.name,
      parallel,
      config: system.settings,
      credential,
      clock,
      rehearsal: false,
      scheme: system.signIn as NonNullable<ConnectionOptions['scheme']>,
      ...(replaced ? { send: replaced } : {}),
    });
    const mappings = new Map<RecordKind, CompiledMapping>();
    for (const def of Object.values(connector.records)) {
      const document = this.plant.mappings.documents.get(`${system.name}/${def.kind}`) ?? ownDocument(connector, def);
      mappings.set(def.kind, compileMapping(document, { settings: open.settings }));
    }
    return new HubConnection({
      open,
      limits: { perMinute, parallel, urgentShare: 0.2, queue: 256 },
      visibilityMs: system.visibilityMs,
      site: system.site ?? (this.plant.sites.length === 1 ? this.plant.sites[0]!.code : ''),
      mappings,
      store,
      rules,
      now: () => clock.now(),
    });
  }

  #bindings(): Bindings {
    const { plant, connections } = this;
    const { flows } = this.#options;
    return {
      configuration: plant.version,
      flows,
      policy: (flow, site) => plant.policy(flow, site),
      mode: (flow, site) => plant.mode(flow, site),
      sides: (site) => plant.sides(site),
      everywhere: [...new Map(plant.sites.map(({ maintenance, finance }) => [`${maintenance}|${finance}`, { maintenance, finance }])).values()],
      prepare(draft, facts) {
        const connection = connections.get(draft.to);
        return connection
          ? connection.prepare(draft, facts)
          : { ok: false, class: 'M', fault: { kind: 'misconfigured', message: `connection ${draft.to} is not configured: sites.yaml names it` } };
      },
      connection: (name) => connections.get(name),
    };
  }

  #pollPlan(): { connection: HubConnection; kind: RecordKind; every: string }[] {
    const plan = this.plant.systems.flatMap((system) => {
      const connection = this.connections.get(system.name);
      return connection
        ? Object.entries(system.polls).flatMap(([kind, every]) => (every !== 'off' && isRecordKind(kind) ? [{ connection, kind, every }] : []))
        : [];
    });
    const rank = (kind: RecordKind): number => readingOrder.indexOf(kind) + 1 || readingOrder.length + 1;
    // The finance side first: what both sides know gets the name that finance knows it by.
    const finance = new Set(this.plant.sites.map((site) => site.finance));
    const side = (connection: HubConnection): number => (finance.has(connection.name) ? 0 : 1);
    return plan.sort((a, b) => rank(a.kind) - rank(b.kind) || side(a.connection) - side(b.connection));
  }
}

function identityRules(plant: PlantConfiguration): IdentityRules {
  const fixed = new Map(plant.identities.map(({ kind, connection, externalId, hubId }) => [`${kind}/${connection}/${externalId}`, hubId]));
  return {
    fixed: (kind, connection, externalId) =>
      (kind === 'site' ? plant.siteOf(connection, externalId) : undefined) ?? fixed.get(`${kind}/${connection}/${externalId}`),
    matchByCode: (kind) => matchedByCode.has(kind),
    recent: new RecentIdentities(),
  };
}
