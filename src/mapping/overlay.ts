import { canonicalJson } from '#base/json';
import type { MappingDocument, MappingRow, RowName } from '#mapping/row';

/** What a plant changed of a connector's mapping: rows that take the place of others, rows that are taken out, and whole value maps. */
export interface Overlay extends MappingDocument {
  readonly without?: readonly RowName[];
}

export interface Overlaid {
  readonly document: MappingDocument;
  /** For each row of the document its index in the overlay; undefined where it is the connector's. */
  readonly from: readonly (number | undefined)[];
  /** Indexes in `without` that name no row. */
  readonly unmatched: readonly number[];
}

/** What a row writes, in each direction in which it is read. */
function targets({ direction, ours, theirs }: MappingRow): readonly string[] {
  return [...(direction === 'out' ? [] : [`in ${ours}`]), ...(direction === 'in' ? [] : [`out ${theirs}`])];
}

/**
 * Lays a plant's rows over a connector's. A row takes the place of every row that writes the same member in the same direction; a row for both
 * directions that loses one of them keeps the other. What the plant does not name stays the connector's, also what a later release adds.
 * Value maps of one name are replaced as a whole, since only a whole map can be checked to read and write one to one.
 */
export function overlay(base: MappingDocument, plant: Overlay): Overlaid {
  const without = plant.without ?? [];
  const matched = new Set<number>();
  const claimed = new Set(plant.rows.flatMap(targets));
  const placed: { readonly row: MappingRow; readonly from?: number }[] = [];
  const done = new Set<number>();
  for (const row of base.rows) {
    const taken = without.findIndex(({ ours, theirs }) => ours === row.ours && theirs === row.theirs);
    if (taken >= 0) matched.add(taken);
    plant.rows.forEach((own, index) => {
      if (done.has(index) || !targets(own).some((target) => targets(row).includes(target))) return;
      done.add(index);
      placed.push({ row: own, from: index });
    });
    if (taken >= 0) continue;
    const left = targets(row).filter((target) => !claimed.has(target));
    if (left.length === targets(row).length) placed.push({ row });
    else if (left[0] !== undefined) placed.push({ row: { ...row, direction: left[0].startsWith('in ') ? 'in' : 'out' } });
  }
  plant.rows.forEach((row, index) => {
    if (!done.has(index)) placed.push({ row, from: index });
  });
  const ownMaps = new Map(plant.values.map((map) => [map.name, map]));
  const values = [
    ...base.values.map((map) => ownMaps.get(map.name) ?? map),
    ...plant.values.filter(({ name }) => !base.values.some((map) => map.name === name)),
  ];
  return {
    document: { id: plant.id, record: plant.record, rows: placed.map(({ row }) => row), values },
    from: placed.map(({ from }) => from),
    unmatched: without.flatMap((_name, index) => (matched.has(index) ? [] : [index])),
  };
}

/** The overlay that makes `wanted` out of `base`; value maps can be changed and added, not taken away. */
export function overlayFor(base: MappingDocument, wanted: MappingDocument): Overlay {
  const known = new Set(base.rows.map(rowText));
  const kept = new Set(wanted.rows.map(rowText));
  const named = new Set(wanted.rows.filter((row) => !known.has(rowText(row))));
  let gone: readonly MappingRow[] = [];
  // Naming a row may reach rows that stay: those are named again, until nothing more is reached.
  for (let size = -1; size !== named.size;) {
    size = named.size;
    const claimed = new Set([...named].flatMap(targets));
    gone = base.rows.filter((row) => !kept.has(rowText(row)) && !targets(row).every((target) => claimed.has(target)));
    const goneNames = new Set(gone.map(nameText));
    for (const row of wanted.rows) if (goneNames.has(nameText(row)) || targets(row).some((target) => claimed.has(target))) named.add(row);
  }
  const values = wanted.values.filter((map) => canonicalJson(base.values.find(({ name }) => name === map.name) ?? null) !== canonicalJson(map));
  const without = [...new Map(gone.map(({ ours, theirs }) => [nameText({ ours, theirs }), { ours, theirs }])).values()];
  return { id: wanted.id, record: wanted.record, rows: wanted.rows.filter((row) => named.has(row)), values, ...(without.length > 0 ? { without } : {}) };
}

/** Whether an overlay changes nothing. */
export const isEmptyOverlay = ({ rows, values, without }: Overlay): boolean => rows.length === 0 && values.length === 0 && (without ?? []).length === 0;

/**
 * An edited sheet in the order of the sheet that it came from: spreadsheets get sorted, and the order of rows means nothing. Rows are found again by
 * being equal, then by what they write on our side, then on theirs; what is new stands at the end.
 */
export function inOrderOf(base: MappingDocument, edited: MappingDocument): MappingDocument {
  return {
    ...edited,
    rows: matchOrder(base.rows, edited.rows, [rowText, ({ ours, direction }) => `${direction} ${ours}`, ({ theirs, direction }) => `${direction} ${theirs}`]),
    values: matchOrder(base.values, edited.values, [({ name }) => name]).map((map) => {
      const before = base.values.find(({ name }) => name === map.name);
      if (!before) return map;
      const inwardOnly = map.inwardOnly && matchOrder(before.inwardOnly ?? [], map.inwardOnly, pairKeys);
      return { ...map, pairs: matchOrder(before.pairs, map.pairs, pairKeys), ...(inwardOnly ? { inwardOnly } : {}) };
    }),
  };
}

const pairKeys: readonly ((pair: { readonly ours: string; readonly theirs: string }) => string)[] = [
  ({ ours, theirs }) => JSON.stringify([ours, theirs]),
  ({ theirs }) => theirs,
  ({ ours }) => ours,
];

function matchOrder<T>(base: readonly T[], edited: readonly T[], keys: readonly ((item: T) => string)[]): T[] {
  const places = new Map<number, T>();
  const left = new Set(edited);
  for (const key of keys) {
    const byKey = new Map<string, T[]>();
    for (const item of left) byKey.set(key(item), [...(byKey.get(key(item)) ?? []), item]);
    base.forEach((item, index) => {
      if (places.has(index)) return;
      const found = byKey.get(key(item))?.shift();
      if (found === undefined) return;
      places.set(index, found);
      left.delete(found);
    });
  }
  // A row that was edited beyond recognition stays where it was, if its place is free.
  edited.forEach((item, index) => {
    if (!left.has(item) || index >= base.length || places.has(index)) return;
    places.set(index, item);
    left.delete(item);
  });
  return [...[...places].sort(([a], [b]) => a - b).map(([, item]) => item), ...edited.filter((item) => left.has(item))];
}

const members = ['ours', 'theirs', 'direction', 'owner', 'via', 'values', 'reference', 'expression', 'when', 'required', 'note'] as const;
const rowText = (row: MappingRow): string => JSON.stringify(members.map((member) => row[member] ?? null));
const nameText = ({ ours, theirs }: RowName): string => JSON.stringify([ours, theirs]);
