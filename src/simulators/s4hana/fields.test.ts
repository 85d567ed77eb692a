import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Kind } from './odata/property.ts';
import { defaultConfig } from './config.ts';
import { plant } from './plant.fixture.ts';
import { catalogue } from './services/catalogue.ts';

const sheet = fileURLToPath(new URL('../../../../shared/specs/sap/fields.tsv', import.meta.url));
const kinds: Readonly<Record<Kind, readonly string[]>> = {
  S: ['String'],
  N: ['String'],
  X: ['String'],
  D: ['DateTime', 'Date'],
  T: ['Time', 'TimeOfDay'],
  Z: ['DateTimeOffset'],
  P: ['Decimal'],
  B: ['Boolean'],
  I: ['Int32', 'Int16'],
};

test(
  "every property of a published service has the vendor's type, length, places, key and creatable flags",
  { skip: existsSync(sheet) ? false : 'shared/ is not beside the repository' },
  () => {
    const published = new Map<string, string[]>();
    for (const line of readFileSync(sheet, 'utf8').split('\n').slice(1)) {
      const cells = line.split('\t');
      published.set(`${cells[0]} ${cells[1]} ${cells[3]}`, cells);
    }
    const services = new Set([...published.keys()].map((key) => key.split(' ')[0]));
    const wrong: string[] = [];
    let compared = 0;
    for (const service of catalogue(plant().twin.world, defaultConfig).values()) {
      if (!services.has(service.id)) continue;
      for (const set of service.sets) {
        for (const navigation of Object.keys(set.navigations ?? {}))
          if (published.get(`${service.id} ${set.name} ${navigation}`)?.[4] !== 'NAV') wrong.push(`${service.id} ${set.name} navigates to ${navigation}`);
        for (const property of set.properties) {
          const cells = published.get(`${service.id} ${set.name} ${property.name}`);
          if (!cells) {
            wrong.push(`${service.id} ${set.name} has no ${property.name}`);
            continue;
          }
          compared += 1;
          const [, , type, , edm = '', length = '', precision = '', scale = '', key, creatable, updatable] = cells;
          const same =
            type === set.type &&
            kinds[property.kind].includes(edm) &&
            (edm !== 'String' || property.kind === 'X' || length === String(property.length ?? '')) &&
            (edm !== 'Decimal' ||
              precision === '' ||
              (precision === String(property.length) && (scale === 'variable' || (scale || '0') === String(property.scale)))) &&
            (key === 'K') === property.key &&
            (creatable !== 'N') === property.creatable &&
            (updatable !== 'N' && key !== 'K') === property.updatable;
          if (!same) wrong.push(`${service.id} ${set.name}.${property.name}: ${cells.slice(2).join(' ')}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(compared > 700, `compared ${compared} properties`);
  },
);
