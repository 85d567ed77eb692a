import { Fault } from '#base/fault';
import type { Row } from '#spi/odata-codec';
import type { ODataClient, Written } from '#spi/odata';

/** Properties that hold a unit in the logon language. ISO codes and the SAP codes of V4 services do not change with the language. */
const unitFields: ReadonlySet<string> = new Set(['BaseUnit', 'EntryUnit', 'MaterialBaseUnit', 'AlternativeUnit', 'PurchaseOrderQuantityUnit', 'Unit']);

/** Codes of the logon language to the English ones, and back: `ST` is `PC`, `STD` is `H` for a user who logs on in German. */
export interface UnitCodes {
  readonly toEnglish: ReadonlyMap<string, string>;
  readonly fromEnglish: ReadonlyMap<string, string>;
}

/** Reads the table of the settings. A code that stands for two is refused at start: what was written could not be read back. */
export function unitCodes(table: Readonly<Record<string, string>>): UnitCodes {
  const toEnglish = new Map(Object.entries(table));
  const fromEnglish = new Map(Object.entries(table).map(([theirs, english]) => [english, theirs]));
  if (fromEnglish.size !== toEnglish.size)
    throw new Fault('misconfigured', 'unitCodes of the connection has two codes for one English unit; each stands for one');
  return { toEnglish, fromEnglish };
}

/** The same rows with the units in other codes; rows without units are given as they are. */
function translated<R>(value: R, codes: ReadonlyMap<string, string>): R {
  if (Array.isArray(value)) return value.map((one: unknown) => translated(one, codes)) as R;
  if (value === null || typeof value !== 'object') return value;
  // An object of the same members: only texts of unit properties are replaced by texts.
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'string' ? (unitFields.has(name) ? (codes.get(member) ?? member) : member) : translated(member as unknown, codes),
    ]),
  ) as R;
}

/** A client whose rows have English unit codes, whatever the language of the logon. Keys with units are not used by this connector. */
export function inEnglishUnits(client: ODataClient, { toEnglish, fromEnglish }: UnitCodes): ODataClient {
  if (toEnglish.size === 0) return client;
  const inward = <R>(value: R): R => translated(value, toEnglish);
  const outward = (row: Readonly<Row>): Row => translated(row, fromEnglish);
  const answered = (written: Written): Written => ({ ...written, row: inward(written.row) });
  return {
    service: client.service,
    get: async (...ask) => inward(await client.get(...ask)),
    list: async (...ask) => inward(await client.list(...ask)),
    follow: async (...ask) => inward(await client.follow(...ask)),
    all: async (...ask) => inward(await client.all(...ask)),
    create: async (type, row, options) => answered(await client.create(type, outward(row), options)),
    update: async (type, key, row, options) => answered(await client.update(type, key, outward(row), options)),
    invoke: async (...ask) => answered(await client.invoke(...ask)),
    act: async (on, name, body, returns, options) => answered(await client.act(on, name, { ...body, row: outward(body.row) }, returns, options)),
    batch: (parts) => client.batch(parts),
    change: (method, path, row) => client.change(method, path, outward(row)),
    faultOf: (request, answer) => client.faultOf(request, answer),
    metadata: () => client.metadata(),
  };
}
