import type { Json, JsonObject } from '#base/json';
import { Fault } from '#base/fault';
import type { Settings } from './settings.ts';

/** Our fixed names for the custom fields whose labels are settings. */
const fields = {
  erpNumber: 'erpNumberLabel',
  costCentre: 'costCentreLabel',
  unit: 'unitLabel',
  autoRequest: 'autoRequestLabel',
  reference: 'referenceLabel',
} as const satisfies Record<string, keyof Settings>;

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The labelled custom fields of a native record under our names. Empty texts are left out. */
export function labelledOf(extraFields: unknown, settings: Settings): Record<string, string | boolean> {
  const labelled: Record<string, string | boolean> = {};
  if (!isObject(extraFields)) return labelled;
  for (const [name, setting] of Object.entries(fields)) {
    const label = settings[setting];
    const value = Object.hasOwn(extraFields, label) ? extraFields[label] : undefined;
    if (value === undefined || value === null || value === '') continue;
    labelled[name] = name === 'autoRequest' ? yesOrNo(value) : typeof value === 'string' ? value : String(value);
  }
  return labelled;
}

/** True or false for the words people write; any other text stays, so that the mapping reports it. */
function yesOrNo(value: unknown): boolean | string {
  if (typeof value === 'boolean') return value;
  const word = String(value).trim().toLowerCase();
  return ['yes', 'true', '1'].includes(word) ? true : ['no', 'false', '0'].includes(word) ? false : String(value);
}

/** Codes that this connector made for records without an ERP number; the prefix keeps them apart from numbers of an ERP. */
const ownCode = /^MX-\d+$/;

/** A native record with `labelled` and with `code`: the ERP number, or `MX-` and the record's own number. */
export function withLabels(row: unknown, settings: Settings): unknown {
  if (!isObject(row)) return row;
  const labelled = labelledOf(row['extraFields'], settings);
  return { ...row, labelled, code: typeof labelled['erpNumber'] === 'string' ? labelled['erpNumber'] : `MX-${String(row['id'])}` };
}

/** The body of a write: `code` and `labelled` become custom fields, laid over those that are there, because a PATCH sends the whole set. */
export function bodyOf(payload: JsonObject, settings: Settings, more: { readonly existing?: unknown; readonly reference?: string } = {}): Record<string, Json> {
  const { labelled, code, extraFields, ...body } = payload;
  const set: Record<string, Json> = {};
  if (typeof code === 'string' && !ownCode.test(code)) set[settings.erpNumberLabel] = code;
  for (const [name, value] of Object.entries(isObject(labelled) ? labelled : {})) {
    if (!Object.hasOwn(fields, name)) throw new Fault('misconfigured', `the mapping writes labelled.${name}; there are ${Object.keys(fields).join(', ')}`);
    // `hasOwn` above says that the name is one of the table's.
    set[settings[fields[name as keyof typeof fields]]] = typeof value === 'boolean' ? (value ? 'Yes' : 'No') : (value as Json);
  }
  if (more.reference !== undefined) set[settings.referenceLabel] = more.reference;
  const given = isObject(extraFields) ? (extraFields as JsonObject) : {};
  if (Object.keys(set).length === 0 && Object.keys(given).length === 0) return body;
  const before = isObject(more.existing) ? (more.existing as JsonObject) : {};
  return { ...body, extraFields: { ...before, ...given, ...set } };
}

/** Whether a write touches custom fields, so that those of the record must be read first. */
export const touchesLabels = (payload: JsonObject): boolean =>
  payload['labelled'] !== undefined || payload['extraFields'] !== undefined || (typeof payload['code'] === 'string' && !ownCode.test(payload['code']));
