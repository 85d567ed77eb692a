import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineClock } from '#base/clock';
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
import type { Connector } from '#spi/connector';
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
}

/** Opens everything that one process needs. The only place that reads the environment. */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const log = lineLog({ clock: machineClock, least: options.logLevel ?? 'info', write: (line) => process.stderr.write(line) });
  const plant = readPlant(options.plant, flows);
  const vault = openVaultIn(options.data);
  const store = await openStore(options);
  try {
    const key = await openKey(
      { load: () => vaultText(vault, 'audit-signing-key'), save: async (secret) => vault.set('audit-signing-key', secret) },
      'linchpin',
    );
    const secrets = new Map<string, string>();
    for (const system of plant.systems) {
      for (const value of Object.values(system.credential)) {
        if (!value.startsWith('secret://')) continue;
        const name = value.slice('secret://'.length);
        const text = await vaultText(vault, name);
        if (text === undefined)
          throw new Fault(
            'misconfigured',
            `systems/${system.name}.yaml refers to ${value}, which the vault does not hold; set it with: linchpin secret set ${name}`,
          );
        secrets.set(name, text);
      }
    }
    const hub = new Hub({
      name: options.worker ?? 'hub',
      plant,
      connectors,
      flows,
      store,
      clock: machineClock,
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
      auditor: auditor(store, key, machineClock),
      vault,
      log,
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
