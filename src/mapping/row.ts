import type { RecordKind } from '#model/records';

/** Which side wins a field. `hub`: neither system may change it. */
export const owners = ['maintenance', 'finance', 'hub'] as const;
export type Owner = (typeof owners)[number];

/** `in` reads the system, `out` writes it. */
export const directions = ['both', 'in', 'out'] as const;
export type Direction = (typeof directions)[number];

/**
 * One line of a mapping: plain data, the same in code, in the database, in the editor and in the spreadsheet.
 * Paths are dotted; `[]` steps into each line of a document: `lines[].quantity.value` and `to_PurchaseReqnItem.results[].RequestedQuantity`.
 * Exactly one of `theirs` with optional `via`/`values`/`reference`, or `expression`, says where the value comes from.
 */
export interface MappingRow {
  /** Path in the canonical record. */
  readonly ours: string;
  /** Path in the native record; empty where the value is computed by `expression`. */
  readonly theirs: string;
  readonly direction: Direction;
  readonly owner: Owner;
  /** Transforms in reading order (theirs to ours), separated by `|`, with arguments: `trimZeros | upper`, `unit(sap)`, `cents(currency)`. Inverted in the other direction. */
  readonly via?: string;
  /** A value map of the mapping document by name; unmapped values are issues, never passed through. */
  readonly values?: string;
  /** The value names another record: translated by the crosswalk. */
  readonly reference?: RecordKind;
  /** CEL over `native` (inward) or `record` (outward), `line` inside a line and `settings`: computes the value. */
  readonly expression?: string;
  /** CEL: the row applies only where this holds. */
  readonly when?: string;
  /** Missing means: the record is held with this row named. Never defaulted. */
  readonly required?: boolean;
  readonly note?: string;
}

/** A row by its two paths: how a plant names the connector's rows that it takes out. */
export interface RowName {
  readonly ours: string;
  readonly theirs: string;
}

/** A two-column table, ours to theirs. Both columns free of repeats, so that it reads in both directions; `inwardOnly` lists further theirs that mean an ours. */
export interface ValueMap {
  readonly name: string;
  readonly pairs: readonly { readonly ours: string; readonly theirs: string }[];
  readonly inwardOnly?: readonly { readonly ours: string; readonly theirs: string }[];
}

/** The mapping of one record kind for one connector or, where a plant changed it, one connection. */
export interface MappingDocument {
  /** `maintainx/workOrder`. */
  readonly id: string;
  readonly record: RecordKind;
  readonly rows: readonly MappingRow[];
  readonly values: readonly ValueMap[];
}
