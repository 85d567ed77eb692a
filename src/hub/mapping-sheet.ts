import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { compileMapping } from '#mapping/apply';
import { inOrderOf, isEmptyOverlay, overlay, overlayFor, type Overlay } from '#mapping/overlay';
import type { MappingDocument } from '#mapping/row';
import { exportCsv, whole } from '#mapping/sheet';
import { diff, type SheetChange } from '#mapping/sheet-diff';
import { validateMapping } from '#mapping/validate';
import { exportYaml } from '#mapping/yaml';
import { isRecordKind, type RecordKind } from '#model/records';
import { recordDef, type AnyRecordDef, type Connector } from '#spi/connector';
import type { PlantConfiguration } from '#hub/configuration';
import { ownDocument, readOverlay } from '#hub/mapping-files';
import { problemText, type FileProblem } from '#hub/plant-file';

/** One mapping of a plant: what holds now, and what a plant file would be laid over. */
export interface MappingInForce {
  readonly connection: string;
  readonly def: AnyRecordDef;
  readonly document: MappingDocument;
  /** What the connection's own file is laid over: the connector's rows, changed by a file for all its connections. */
  readonly base: MappingDocument;
  /** The file of the connection's changes, whether it is there or not. */
  readonly file: string;
}

/** Finds a mapping; refuses names that are not there with those that are. */
export function mappingInForce(plant: PlantConfiguration, connectors: ReadonlyMap<string, Connector>, connection: string, kind: string): MappingInForce {
  const system = plant.systems.find(({ name }) => name === connection);
  const connector = system && connectors.get(system.connector);
  if (!system || !connector)
    throw new Fault('misconfigured', `there is no connection ${connection || '(none)'}; there are ${plant.systems.map(({ name }) => name).join(', ')}`);
  const def = isRecordKind(kind) ? recordDef(connector, kind) : undefined;
  if (!def)
    throw new Fault(
      'misconfigured',
      `${connection} (${connector.title}) has no records of kind ${kind || '(none)'}; it has ${Object.values(connector.records)
        .map((one) => one.kind)
        .join(', ')}`,
    );
  const id = `${connection}/${def.kind}`;
  const own = { ...ownDocument(connector, def), id };
  let base: MappingDocument = own;
  for (const laid of plant.mappings.overlays.get(id) ?? []) if (laid.id !== id) base = overlay(base, { ...laid, id }).document;
  return {
    connection,
    def,
    base,
    document: plant.mappings.documents.get(id) ?? own,
    file: plant.mappings.files.get(id) ?? `mappings/${connection}.${def.kind}.csv`,
  };
}

/** What an edited sheet would change. */
export interface SheetComparison {
  readonly edited: MappingDocument;
  readonly changes: readonly SheetChange[];
  /** What is wrong with the edited mapping, with the file's lines. */
  readonly problems: readonly FileProblem[];
}

/** Reads an edited sheet (CSV or YAML, whole) and compares it with what is in force. */
export function compareSheet({ document, def }: MappingInForce, path: string): SheetComparison {
  const read = readOverlay(path, path);
  const sheet = whole(read, path);
  if (sheet.record !== document.record || sheet.id !== document.id)
    throw new Fault(
      'misconfigured',
      `${path}:${read.lineOf('document')}: the sheet is ${sheet.id} (${sheet.record}) and the mapping ${document.id} (${document.record}): name the connection and record kind that the sheet was exported for`,
    );
  const problems = validateMapping(sheet, { native: def.shape, ...(def.customFields === undefined ? {} : { customFields: def.customFields }) })
    .filter(({ severity }) => severity === 'error')
    .map(({ row, message }): FileProblem => ({ file: path, line: row === 0 ? read.lineOf('document') : read.lineOf({ row: row - 1 }), message }));
  const edited = inOrderOf(document, sheet);
  return { edited, changes: diff(document, edited), problems };
}

/** The overlay that makes the edited sheet hold; undefined where the connector's own mapping is what is wanted. */
export function overlayOf({ base }: MappingInForce, { edited, problems }: SheetComparison): Overlay | undefined {
  if (problems.length > 0)
    throw new Fault('misconfigured', `the sheet has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map(problemText).join('\n')}`);
  const made = overlayFor(base, edited);
  if (isEmptyOverlay(made)) return undefined;
  const left = diff(edited, inOrderOf(edited, overlay(base, made).document));
  if (left.length > 0)
    throw new Fault(
      'misconfigured',
      `the sheet cannot be laid over the connector's mapping: ${left
        .slice(0, 5)
        .map(({ text }) => text)
        .join('; ')}. A value map of the connector cannot be taken out; leave it, unused`,
    );
  return made;
}

/** Writes the changes into the plant folder, or takes the file away where nothing is changed any more. Whole or not at all. */
export function writeOverlay(folder: string, { file }: MappingInForce, made: Overlay | undefined): void {
  const path = join(folder, file);
  if (!made) return rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, /\.ya?ml$/.test(file) ? exportYaml(made) : exportCsv(made));
  renameSync(`${path}.new`, path);
}

/** A real record through a mapping: as the hub would read it, and as the hub would write the same record. */
export interface Passed {
  readonly record: unknown;
  readonly payload: JsonObject;
  readonly issues: readonly string[];
}

/** Passes a native record through a mapping in both directions. Numbers of other records stay the system's own. */
export function passThrough(document: MappingDocument, native: unknown, settings: JsonObject): Passed {
  const mapping = compileMapping(document, { settings });
  const { record, issues } = mapping.inward(native, { hubId: (_kind: RecordKind, externalId) => externalId });
  const { payload, issues: outward } = mapping.outward(record, { externalId: (_kind, hubId) => hubId, partial: true });
  return { record, payload, issues: [...issues, ...outward].map(({ message }) => message) };
}

/**
 * Rows of a plant's mappings that a rehearsal cannot show: recorded events hold what was read through the rows of then, and what the system really said is not
 * kept. With the folder of before only rows that changed are named.
 */
export function unrehearsedRows(plant: PlantConfiguration, before: PlantConfiguration | undefined): readonly string[] {
  return [...plant.mappings.documents].flatMap(([id, document]) => {
    const [connection, kind] = id.split('/');
    const known = before?.mappings.documents.get(id);
    const same = new Set((known ?? { rows: [] }).rows.map((row) => JSON.stringify(row)));
    const named = (plant.mappings.overlays.get(id) ?? []).flatMap(({ rows }) => rows);
    const read = document.rows.filter((row) => row.direction !== 'out' && named.includes(row) && !same.has(JSON.stringify(row)));
    return read.map(({ ours }) => `${id}: ${ours} is read otherwise; linchpin map preview ${connection} ${kind} NUMBER shows it on a real record`);
  });
}
