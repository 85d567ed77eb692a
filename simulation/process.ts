import { auditLeaf } from '#audit/leaf';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Flow } from '#engine/flow';
import type { PlantConfiguration } from '#hub/configuration';
import { Hub } from '#hub/hub';
import type { Connector } from '#spi/connector';
import type { Send } from '#spi/transport';
import type { Store } from '#store/port';
import type { Kernel } from './kernel.ts';

export interface ProcessOptions {
  readonly name: string;
  readonly kernel: Kernel;
  readonly random: Random;
  readonly plant: PlantConfiguration;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly flows: readonly Flow[];
  readonly secret: (name: string) => string;
  /** The store as this life of the process sees it. */
  readonly store: (owner: string) => Store;
  readonly send: (owner: string, connection: string) => Send;
  readonly log: Log;
  /** The embedded database frees all leases when it is opened; a shared one waits until they run out. */
  readonly embedded: boolean;
}

/** How long a supervisor waits before it starts a process again that could not start, in milliseconds. */
const againMs = 5_000;
/** How often a worker asks for due lanes: seldom, because every asking is a task of the simulation. */
const claimEveryMs = 15_000;

/** One process of the hub: it is started, killed in the middle of anything, and started again on the same store. */
export class HubProcess {
  readonly name: string;
  readonly #options: ProcessOptions;
  #life = 0;
  hub: Hub | undefined;
  /** The base address under which its webhooks come in. */
  readonly baseUrl: string;

  constructor(options: ProcessOptions) {
    this.name = options.name;
    this.#options = options;
    this.baseUrl = `https://${options.name}.example`;
  }

  /** The name of its present life; every life has tasks and timers of its own. */
  get owner(): string {
    return `${this.name}.${this.#life}`;
  }

  get alive(): boolean {
    return this.hub !== undefined;
  }

  start(): void {
    if (this.hub) return;
    this.#life += 1;
    const { owner } = this;
    const { kernel } = this.#options;
    kernel.setOffset(owner, kernel.offset(this.name));
    kernel.ready(owner, 'start', () => this.#open(owner));
  }

  #open(owner: string): void {
    const { kernel, random, plant, connectors, flows, log, secret, name, embedded } = this.#options;
    const store = this.#options.store(owner);
    const clock = kernel.clock(owner);
    const hub = new Hub({
      name,
      plant,
      connectors,
      flows,
      store,
      clock,
      random,
      log,
      leaf: auditLeaf,
      secret,
      send: (connection) => this.#options.send(owner, connection),
      worker: { claimEveryMs },
    });
    this.hub = hub;
    const run = async (): Promise<void> => {
      if (embedded) await store.abandon(name, clock.now());
      await hub.start();
      await hub.subscribe(this.baseUrl).catch((error: unknown) => log('warning', 'webhooks could not be subscribed', { error: String(error) }));
    };
    void run().catch((error: unknown) => {
      // A process that cannot start ends; its supervisor starts it again.
      log('error', 'the process could not start', { error: error instanceof Error ? error.message : String(error) });
      this.kill();
      kernel.later('world', `restart ${name}`, againMs, () => this.start());
    });
  }

  kill(): void {
    this.#options.kernel.kill(this.owner);
    this.hub = undefined;
  }
}
