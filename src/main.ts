import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineClock, type Clock } from '#base/clock';
import { Fault } from '#base/fault';
import { lineLog, type Level, type Log } from '#base/log';
import { machineRandom } from '#base/random';
import { auditLeaf } from '#audit/leaf';
import { openKey } from '#audit/key';
import { auditor, type Auditor } from '#audit/log';
import type { Flow } from '#engine/flow';
import { maintainx } from '#connectors/maintainx/connector';
import { s4hana } from '#connectors/s4hana/connector';
import { assets } from '#flows/assets/flow';
import { costs } from '#flows/costs/flow';
import { masters } from '#flows/masters/flow';
import { people } from '#flows/people/flow';
import { procurement } from '#flows/procurement/flow';
import { scrap } from '#flows/scrap/flow';
import { stock } from '#flows/stock/flow';
import { readPlant, type PlantConfiguration } from '#hub/configuration';
import { Hub } from '#hub/hub';
import { bindingsByVersion, keepConfiguration } from '#hub/kept-configurations';
import type { Bindings } from '#engine/bindings';
import type { Connector } from '#spi/connector';
import { memoryStore } from '#store/memory';
import { openSqliteForReading, readOnly } from '#store/reading';
import { openSqlite } from '#store/sqlite';
import type { Store } from '#store/port';
import { openVault, readMasterKey, referenceTo, type Vault } from '#store/vault';

/** Every connector by the name that `systems/*.yaml` uses. The only place that names them. */
export const connectors: ReadonlyMap<string, Connector> = new Map<string, Connector>(
  [maintainx, s4hana].map((connector) => [connector.name, connector as Connector]),
);

/** Every flow, in the order in which they see an event. Their states and policies differ; the engine treats both as JSON that each flow checks itself. */
export const flows = [masters, people, assets, procurement, stock, costs, scrap] as unknown as readonly Flow[];

export interface Installation {
  readonly hub: Hub;
  readonly store: Store;
  readonly plant: PlantConfiguration;
  readonly auditor: Auditor;
  readonly vault: Vault;
  readonly log: Log;
  /** The value of `secret://name`, where the plant folder names it. */
  secret(name: string): string;
  close(): Promise<void>;
}

export interface InstallationOptions {
  /** The plant folder. */
  readonly plant: string;
  /** Where database, vault and keys are kept. */
  readonly data: string;
  /** `postgres://...`; absent: SQLite in the data folder. */
  readonly database?: string;
  /** Name of this process among the workers of one database. */
  readonly worker?: string;
  readonly logLevel?: Level;
  /** Absent: the machine's. A story of the past brings its own. */
  readonly clock?: Clock;
}

/** Opens everything that one process needs. The only place that reads the environment. */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const clock = options.clock ?? machineClock;
  const log = lineLog({ clock, least: options.logLevel ?? 'info', write: (line) => process.stderr.write(line) });
  const plant = readPlant(options.plant, flows, connectors);
  const vault = openVaultIn(options.data);
  const store = await openStore(options);
  try {
    const key = await openKey(
      { load: () => vaultText(vault, 'audit-signing-key'), save: async (secret) => vault.set('audit-signing-key', secret) },
      'linchpin',
    );
    const secrets = await secretsOf(plant, vault);
    if (!(await keepConfiguration(store, options.plant, plant.version)))
      log('warning', 'the plant folder is too large to be kept beside its decisions; keep every version of it, for replay', { configuration: plant.version });
    const hub = new Hub({
      name: options.worker ?? 'hub',
      plant,
      connectors,
      flows,
      store,
      clock,
      random: machineRandom,
      log,
      leaf: auditLeaf,
      secret: (name) => secrets.get(name) ?? '',
      hookSecrets: { get: (name) => vaultText(vault, name), set: (name, value) => vault.set(name, value) },
    });
    return {
      hub,
      store,
      plant,
      auditor: auditor(store, key, clock),
      vault,
      log,
      secret: (name) => secrets.get(name) ?? '',
      close: async () => {
        await hub.stop();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A hub that is looked at and does not run: nothing is locked, claimed, sent or written, so that it may stand beside a running one. */
export interface Reading {
  readonly hub: Hub;
  readonly store: Store;
  readonly plant: PlantConfiguration;
  close(): Promise<void>;
}

/** Opens a data folder for reading. `signIn`: connections may be read from, so their secrets must be in the vault. */
export async function openReading(
  options: Pick<InstallationOptions, 'plant' | 'data' | 'database'> & { readonly signIn?: boolean; readonly withoutStore?: boolean },
): Promise<Reading> {
  const plant = readPlant(options.plant, flows, connectors);
  const secrets = options.signIn === true ? await secretsOf(plant, openVaultIn(options.data)) : undefined;
  const store = options.withoutStore === true ? readOnly(memoryStore()) : await openStoreForReading(options);
  // Without sign-in nothing is sent; the connector only wants to see that its fields are filled.
  const hub = readingHub(plant, store, (name) => (secrets === undefined ? 'not-used' : (secrets.get(name) ?? '')));
  return {
    hub,
    store,
    plant,
    close: async () => {
      for (const connection of hub.connections.values()) connection.open.close();
      await store.close();
    },
  };
}

/** A hub that decides nothing by itself: for rendering with another plant folder. */
export function readingHub(plant: PlantConfiguration, store: Store, secret: (name: string) => string = () => 'not-used'): Hub {
  return new Hub({
    name: 'reading',
    plant,
    connectors,
    flows,
    store,
    clock: machineClock,
    random: machineRandom,
    log: lineLog({ clock: machineClock, least: 'warning', write: (line) => process.stderr.write(line) }),
    leaf: auditLeaf,
    secret,
  });
}

/** Bindings of every configuration that decided: of plant folders that are given, and of those that the store kept. */
export const recordedBindings = (store: Store, given: readonly PlantConfiguration[]): ((version: string) => Promise<Bindings | undefined>) =>
  bindingsByVersion(store, given, (plant) => readingHub(plant, store).bindings, { flows, connectors });

async function openStoreForReading({ data, database }: Pick<InstallationOptions, 'data' | 'database'>): Promise<Store> {
  const url = database ?? process.env['LINCHPIN_DATABASE'];
  if (url === undefined || url === '') return openSqliteForReading({ file: join(data, 'linchpin.sqlite') });
  const { openPostgres } = await import('#store/postgres');
  return readOnly(await openPostgres({ url }));
}

async function secretsOf(plant: PlantConfiguration, vault: Vault): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  for (const { file, value } of references(plant)) {
    if (!value.startsWith('secret://')) continue;
    const name = value.slice('secret://'.length);
    const text = await vaultText(vault, name);
    if (text === undefined)
      throw new Fault('misconfigured', `${file} refers to ${value}, which the vault does not hold; set it with: linchpin secret set ${name}`);
    secrets.set(name, text);
  }
  return secrets;
}

/** Every place of a plant folder that may name a secret. */
function references({ systems, alerts }: PlantConfiguration): { readonly file: string; readonly value: string }[] {
  return [
    ...systems.flatMap(({ name, credential }) => Object.values(credential).map((value) => ({ file: `systems/${name}.yaml`, value }))),
    ...Object.values(alerts.channels).flatMap((channel) => {
      const value = channel.kind === 'webhook' ? channel.secret : channel.kind === 'email' ? channel.password : undefined;
      return value === undefined ? [] : [{ file: 'alerts.yaml', value }];
    }),
  ];
}

/** The vault of a data folder; folder and key are made at first use. */
export function openVaultIn(data: string): Vault {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  return openVault({ path: join(data, 'vault.json'), key: readMasterKey(masterKeyText(data)) });
}

async function openStore(options: InstallationOptions): Promise<Store> {
  const url = options.database ?? process.env['LINCHPIN_DATABASE'];
  if (url === undefined || url === '') return openSqlite({ file: join(options.data, 'linchpin.sqlite') });
  // Loaded on use: an embedded installation needs no PostgreSQL client.
  const { openPostgres } = await import('#store/postgres');
  return openPostgres({ url });
}

/** The vault's master key: from the environment, else from a key file that only its owner may read, made at first start. */
function masterKeyText(data: string): string {
  const given = process.env['LINCHPIN_KEY'];
  if (given !== undefined && given !== '') return given;
  const file = join(data, 'vault.key');
  if (!existsSync(file)) writeFileSync(file, machineRandom.hex(32), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

async function vaultText(vault: Vault, name: string): Promise<string | undefined> {
  const names = await vault.list();
  return names.includes(name) ? (await vault.get(referenceTo(name))).reveal() : undefined;
}
