import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '#base/fault';
import { overlay, type Overlay } from '#mapping/overlay';
import type { MappingDocument } from '#mapping/row';
import { importOverlayCsv, sheetLength, type PlacedOverlay } from '#mapping/sheet';
import { validateMapping } from '#mapping/validate';
import { importOverlayYaml } from '#mapping/yaml';
import { isRecordKind } from '#model/records';
import { recordDef, type AnyRecordDef, type Connector } from '#spi/connector';
import type { SystemConfiguration } from '#hub/configuration';
import type { FileProblem } from '#hub/plant-file';

/** Most mapping files of one plant. */
export const mostMappingFiles = 500;

/** A plant's mappings: what it laid over its connectors, and what came of it. */
export interface PlantMappings {
  /** The overlays as they stand in the files, by `connection/kind`, in the order in which they are laid. */
  readonly overlays: ReadonlyMap<string, readonly Overlay[]>;
  /** Whole mappings in force by `connection/kind`, only where a file changed something. */
  readonly documents: ReadonlyMap<string, MappingDocument>;
  /** Which file holds which id. */
  readonly files: ReadonlyMap<string, string>;
}

/** The connector's own mapping of a record kind. */
export const ownDocument = (connector: Connector, def: AnyRecordDef): MappingDocument => ({
  id: `${connector.name}/${def.kind}`,
  record: def.kind,
  rows: def.rows,
  values: def.values ?? [],
});

interface Placed extends PlacedOverlay {
  readonly file: string;
  /** The part of the id before the stroke: a connection, or a connector for all its connections. */
  readonly about: string;
}

/** Reads `mappings/*.csv|yaml` and lays each file over the connector's rows. Everything that is wrong is added to `problems`, with file and line. */
export function readMappings(
  folder: string,
  { systems, connectors }: { readonly systems: readonly SystemConfiguration[]; readonly connectors: ReadonlyMap<string, Connector> },
  problems: FileProblem[],
): PlantMappings {
  const placed = readFiles(folder, problems).filter((one) => isAbout(one, { systems, connectors }, problems));
  const overlays = new Map<string, readonly Overlay[]>();
  const documents = new Map<string, MappingDocument>();
  for (const system of systems) {
    const connector = connectors.get(system.connector);
    if (!connector) continue;
    for (const def of Object.values(connector.records)) {
      // What a plant says of all connections of a connector comes first, so that one connection may differ.
      const mine = [connector.name, system.name].flatMap((about) => placed.filter((one) => one.about === about && one.overlay.record === def.kind));
      if (mine.length === 0) continue;
      let document = ownDocument(connector, def);
      for (const one of mine) document = lay(document, one, { def, system, problems });
      overlays.set(
        `${system.name}/${def.kind}`,
        mine.map((one) => one.overlay),
      );
      documents.set(`${system.name}/${def.kind}`, document);
    }
  }
  return { overlays, documents, files: new Map(placed.map(({ overlay: { id }, file }) => [id, file])) };
}

function readFiles(folder: string, problems: FileProblem[]): Placed[] {
  const home = join(folder, 'mappings');
  if (!existsSync(home)) return [];
  const files = readdirSync(home)
    .filter((file) => !file.startsWith('.'))
    .sort();
  if (files.length > mostMappingFiles) {
    problems.push({ file: 'mappings/', line: 1, message: `there are ${files.length} files; at most ${mostMappingFiles} are read` });
    return [];
  }
  const seen = new Map<string, string>();
  return files.flatMap((name): Placed[] => {
    const file = `mappings/${name}`;
    if (!/\.(csv|ya?ml)$/.test(name)) {
      problems.push({ file, line: 1, message: 'only .csv, .yaml and .yml are read here: export the sheet as CSV, or take the file out' });
      return [];
    }
    try {
      const read = readOverlay(join(home, name), file);
      const twin = seen.get(read.overlay.id);
      if (twin !== undefined) {
        problems.push({ file, line: read.lineOf('document'), message: `${twin} holds ${read.overlay.id} already: keep one of the two files` });
        return [];
      }
      seen.set(read.overlay.id, file);
      return [{ ...read, file, about: read.overlay.id.slice(0, Math.max(0, read.overlay.id.indexOf('/'))) }];
    } catch (error) {
      problems.push(problemOf(error, file));
      return [];
    }
  });
}

/** Reads one mapping file, whole or overlay. Throws a `misconfigured` fault that names `name:line`. */
export function readOverlay(path: string, name: string): PlacedOverlay {
  let text: string;
  try {
    if (statSync(path).size > sheetLength * 4) throw new Fault('misconfigured', `${name}:1:1: the file is larger than ${sheetLength * 4} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('misconfigured', `${name}:1:1: cannot be read: ${(cause as Error).message}`, { cause });
  }
  return /\.ya?ml$/.test(path) ? importOverlayYaml(text, name) : importOverlayCsv(text, name);
}

/** `mappings/x.csv:12:3: text` as a problem. */
function problemOf(error: unknown, file: string): FileProblem {
  if (!(error instanceof Fault)) throw error;
  const [, line = '1', message = error.message] = /^[^\n]*?:(\d+)(?::\d+)?: ([\s\S]*)$/.exec(error.message) ?? [];
  return { file, line: Number(line), message };
}

function isAbout(
  { overlay: { id, record }, about, file, lineOf }: Placed,
  { systems, connectors }: { readonly systems: readonly SystemConfiguration[]; readonly connectors: ReadonlyMap<string, Connector> },
  problems: FileProblem[],
): boolean {
  const say = (message: string): false => {
    problems.push({ file, line: lineOf('document'), message });
    return false;
  };
  const kind = id.slice(id.indexOf('/') + 1);
  const names = [...new Set([...systems.map(({ name }) => name), ...systems.map(({ connector }) => connector)])];
  const connector = connectors.get(systems.find(({ name }) => name === about)?.connector ?? (names.includes(about) ? about : ''));
  if (!id.includes('/') || !connector)
    return say(
      `the id ${JSON.stringify(id)} names no connection: write CONNECTION/KIND with one of ${names.join(', ')}, for example ${names[0] ?? 'erp'}/${record}`,
    );
  if (kind !== record || !isRecordKind(kind)) return say(`the id ${id} and the record kind ${record} differ: write ${about}/${record}`);
  if (!recordDef(connector, record))
    return say(
      `${connector.title} has no records of kind ${record}; it has ${Object.values(connector.records)
        .map((def) => def.kind)
        .join(', ')}`,
    );
  return true;
}

function lay(
  base: MappingDocument,
  { overlay: plant, file, lineOf }: Placed,
  { def, system, problems }: { readonly def: AnyRecordDef; readonly system: SystemConfiguration; readonly problems: FileProblem[] },
): MappingDocument {
  const { document, from, unmatched } = overlay(base, { ...plant, id: `${system.name}/${def.kind}` });
  const say = (line: number, message: string): void => {
    // A file for a connector with several connections is laid several times; each problem is said once.
    if (!problems.some((known) => known.file === file && known.line === line && known.message === message)) problems.push({ file, line, message });
  };
  for (const index of unmatched) {
    const { ours, theirs } = plant.without![index]!;
    say(
      lineOf({ without: index }),
      `there is no row ${ours || '(empty)'} from ${theirs || '(empty)'} to take out; see linchpin map export ${system.name} ${def.kind}`,
    );
  }
  const tools = { native: def.shape, ...(def.customFields === undefined ? {} : { customFields: def.customFields }) };
  const before = new Set(errorsOf(base, tools).map(({ message }) => message));
  for (const { row, message } of errorsOf(document, tools)) {
    if (before.has(message)) continue;
    const index = row === 0 ? undefined : from[row - 1];
    if (index !== undefined) say(lineOf({ row: index }), message);
    else
      say(lineOf('document'), row === 0 ? message : `the connector's row ${document.rows[row - 1]?.ours || document.rows[row - 1]?.theirs || row}: ${message}`);
  }
  return document;
}

function errorsOf(document: MappingDocument, tools: Parameters<typeof validateMapping>[1]) {
  return validateMapping(document, tools).filter(({ severity }) => severity === 'error');
}
