import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Bindings } from '#engine/bindings';
import type { Flow } from '#engine/flow';
import type { Connector } from '#spi/connector';
import type { Store } from '#store/port';
import { readPlant, type PlantConfiguration } from '#hub/configuration';

/** Largest configuration that is kept beside the decisions it made, compressed, in characters. */
const mostKept = 3_000_000;
/** Largest configuration when unpacked, in bytes. */
const mostUnpacked = 256 * 1024 * 1024;

const folders = ['.', 'systems', 'mappings'] as const;
const isPlantFile = (name: string): boolean => /^[^.][^/\\]*\.(ya?ml|csv)$/.test(name);

/** Text of every file of a plant folder that a configuration is made of. Secrets are in none of them: files name them. */
export function plantFiles(folder: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const home of folders) {
    const path = join(folder, home);
    if (!existsSync(path)) continue;
    for (const name of readdirSync(path).sort()) if (isPlantFile(name)) files[home === '.' ? name : `${home}/${name}`] = readFileSync(join(path, name), 'utf8');
  }
  return files;
}

const cursorOf = (version: string): string => `configuration/${version}`;

/** Keeps a configuration in the store under its version, once, so that what it decided can be decided again. Answers false where it is too large. */
export async function keepConfiguration(store: Pick<Store, 'getCursor' | 'setCursor'>, folder: string, version: string): Promise<boolean> {
  if (await store.getCursor(cursorOf(version))) return true;
  const packed = gzipSync(JSON.stringify(plantFiles(folder))).toString('base64');
  if (packed.length > mostKept) return false;
  await store.setCursor(cursorOf(version), { packed });
  return true;
}

/** Reads a kept configuration anew; undefined where it is not there, or where this release reads something else out of it. */
export async function keptConfiguration(
  store: Pick<Store, 'getCursor'>,
  version: string,
  { flows, connectors }: { readonly flows: readonly Flow[]; readonly connectors: ReadonlyMap<string, Connector> },
): Promise<PlantConfiguration | undefined> {
  const packed = (await store.getCursor(cursorOf(version)))?.['packed'];
  if (typeof packed !== 'string') return undefined;
  const files = JSON.parse(gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: mostUnpacked }).toString('utf8')) as Record<string, string>;
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-configuration-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const [home = '', file = ''] = name.includes('/') ? name.split('/') : ['.', name];
      // Written by ourselves, and read all the same as if it were not.
      if (!folders.some((known) => known === home) || !isPlantFile(file)) continue;
      mkdirSync(dirname(join(folder, home, file)), { recursive: true });
      writeFileSync(join(folder, home, file), text);
    }
    const plant = readPlant(folder, flows, connectors);
    return plant.version === version ? plant : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bindings by version, each opened once: the plant folders that are given, then what the store kept. */
export function bindingsByVersion(
  store: Pick<Store, 'getCursor'>,
  given: readonly PlantConfiguration[],
  open: (plant: PlantConfiguration) => Bindings,
  parts: { readonly flows: readonly Flow[]; readonly connectors: ReadonlyMap<string, Connector> },
): (version: string) => Promise<Bindings | undefined> {
  const known = new Map<string, Promise<Bindings | undefined>>();
  return (version) => {
    let found = known.get(version);
    if (!found) {
      found = (async () => {
        const plant = given.find((one) => one.version === version) ?? (await keptConfiguration(store, version, parts));
        return plant && open(plant);
      })();
      known.set(version, found);
    }
    return found;
  };
}
