import type { MappingRow } from '#mapping/row';

type More = Pick<MappingRow, 'via' | 'values' | 'reference' | 'required' | 'note' | 'when'>;

/** A row that finance owns and that is only read. */
export const reads = (ours: string, theirs: string, more: More = {}): MappingRow => ({ ours, theirs, direction: 'in', owner: 'finance', ...more });

/** A row that is read and written; the maintenance side owns the value. */
export const both = (ours: string, theirs: string, more: More = {}): MappingRow => ({ ours, theirs, direction: 'both', owner: 'maintenance', ...more });

/** A row that is read and written; finance owns the value. */
export const finance = (ours: string, theirs: string, more: More = {}): MappingRow => ({ ours, theirs, direction: 'both', owner: 'finance', ...more });

/** A row that is only written. */
export const sends = (ours: string, theirs: string, more: More = {}): MappingRow => ({ ours, theirs, direction: 'out', owner: 'maintenance', ...more });

/** Rows of the account assignment `account` of a document or of its lines. */
export const accountRows = (ours: string, theirs: string): readonly MappingRow[] => [
  both(`${ours}.costCentre`, `${theirs}.costCentre`, { reference: 'costCentre' }),
  both(`${ours}.order`, `${theirs}.order`, {
    reference: 'workOrder',
    note: 'The number of the order in SAP; a work order that lives elsewhere has none and is charged to its cost centre.',
  }),
  both(`${ours}.fixedAsset`, `${theirs}.fixedAsset`, { reference: 'fixedAsset' }),
  both(`${ours}.glAccount`, `${theirs}.glAccount`),
];
