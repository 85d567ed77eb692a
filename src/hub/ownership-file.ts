import { join } from 'node:path';
import { isOwnable, ownable, Ownership, type FieldOwnership, type OwnableKind } from '#flows/owned';
import { mayWrite, type Side } from '#mapping/ownership';
import type { MappingDocument } from '#mapping/row';
import { recordDef, type Connector } from '#spi/connector';
import type { SiteConfiguration, SystemConfiguration } from '#hub/configuration';
import { ownDocument } from '#hub/mapping-files';
import { readPlantFile, type FileProblem } from '#hub/plant-file';

interface Ground {
  readonly systems: readonly SystemConfiguration[];
  readonly sites: readonly Pick<SiteConfiguration, 'maintenance' | 'finance'>[];
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Mappings that a plant file changed, by `connection/kind`. */
  readonly mappings: ReadonlyMap<string, MappingDocument>;
}

const sides: readonly Side[] = ['maintenance', 'finance'];

/**
 * Reads `ownership.yaml`: record kind, field, owner. Beside kinds and fields that no flow carries it refuses what could not be done: a field that is to be
 * written where the mapping has no row for it, or compared where no row reads it.
 */
export function readOwnership(folder: string, ground: Ground, problems: FileProblem[]): Ownership {
  const file = 'ownership.yaml';
  const placed = readPlantFile(join(folder, file), file, Ownership, problems);
  if (!placed) return {};
  for (const [kind, fields] of Object.entries(placed.value)) {
    if (!isOwnable(kind)) {
      const message = `no flow keeps ${kind} in step; kinds with an owner per field are ${Object.keys(ownable).join(', ')}. Documents are owned by the side that raises them`;
      problems.push({ file, line: placed.lineOf(kind), message });
      continue;
    }
    for (const [field, rule] of Object.entries(fields))
      for (const message of new Set(fieldProblems(kind, field, rule, ground)))
        problems.push({ file, line: placed.lineOf(kind, field), message: `${kind}.${field}: ${message}` });
  }
  return placed.value;
}

function fieldProblems(kind: OwnableKind, field: string, rule: FieldOwnership, ground: Ground): string[] {
  const known: readonly string[] = ownable[kind].fields;
  if (!known.includes(field)) return [`no flow carries this field; those of a ${kind} are ${known.join(', ')}`];
  const problems: string[] = [];
  if (rule.owner === 'hub' && field === 'costCentre') problems.push('a cost centre is owned by finance or maintenance: transfers follow its owner');
  if (rule.owner !== 'hub' && rule.rule === 'owner-wins' && rule.direction === `to-${rule.owner}`)
    problems.push(`${rule.owner} owns the field and its value wins, so nothing is ever carried ${rule.direction}; write direction: none, or another rule`);
  if (rule.owner === 'hub' && rule.rule !== 'owner-wins') problems.push(`the hub owns the field, so rule ${rule.rule} never comes into play; leave it out`);
  const written = sides.filter((side) => mayWrite(rule, side) && (rule.owner !== side || rule.rule === 'latest-wins'));
  for (const side of sides)
    for (const connection of new Set(ground.sites.map((site) => site[side]))) {
      const found = keptBy(connection, kind, ground);
      if (!found) continue;
      const has = (direction: 'in' | 'out'): boolean =>
        found.rows.some((row) => row.ours === field && (row.direction === 'both' || row.direction === direction));
      const help = `add a row to mappings/${connection}.${kind}.csv (linchpin map export ${connection} ${kind})`;
      if (!has('in')) problems.push(`the mapping of ${connection} does not read it, so that nothing can be compared; ${help}`);
      if (!written.includes(side)) continue;
      if (!found.canUpdate)
        problems.push(`${connection} (${found.title}) lets nobody change a ${kind}, and ${rule.owner} owns the field; write direction: none, or another owner`);
      else if (!has('out')) problems.push(`the mapping of ${connection} does not write it, and ${rule.owner} owns it; ${help}, or write direction: none`);
    }
  return problems;
}

interface Kept {
  readonly title: string;
  readonly rows: MappingDocument['rows'];
  readonly canUpdate: boolean;
}

/** How a connection keeps records of a kind; undefined where its system keeps none. */
function keptBy(connection: string, kind: OwnableKind, { systems, connectors, mappings }: Ground): Kept | undefined {
  const connector = connectors.get(systems.find(({ name }) => name === connection)?.connector ?? '');
  const def = connector && recordDef(connector, kind);
  if (!connector || !def) return undefined;
  const { rows } = mappings.get(`${connection}/${kind}`) ?? ownDocument(connector, def);
  return { title: connector.title, rows, canUpdate: Object.hasOwn(def.verbs as object, 'update') };
}
