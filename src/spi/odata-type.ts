/** Whether a service speaks OData 2.0 (SAP Gateway) or OData 4.0. */
export type ODataVersion = 'v2' | 'v4';

/**
 * How a property is written on the wire.
 * text: as it is. id: text whose leading zeros mean nothing when it is all digits. digits: digits alone; zero means empty.
 * flag: `X` or empty, which is a boolean. The others are what their names say; decimals are exact text on our side.
 */
export type FieldKind = 'text' | 'id' | 'digits' | 'decimal' | 'day' | 'time' | 'instant' | 'boolean' | 'flag' | 'integer';

export interface Field {
  /** Name in native records: that of the newest version of the service. */
  readonly name: string;
  /** Name on this service's wire. */
  readonly wire: string;
  readonly kind: FieldKind;
  /** Characters of a text; digits before and after the point of a decimal together. Absent: no limit. */
  readonly length?: number;
  /** Places of a decimal; absent where they follow a currency. */
  readonly scale?: number;
  readonly key: boolean;
  /** Never sent: the service computes it. */
  readonly readOnly: boolean;
}

export interface Navigation {
  readonly name: string;
  readonly wire: string;
  readonly many: boolean;
  readonly type: EntityType;
}

/** The properties of an entity set that a connector uses, by wire name and by native name. */
export interface EntityType {
  readonly set: string;
  readonly keys: readonly Field[];
  readonly fields: ReadonlyMap<string, Field>;
  readonly byName: ReadonlyMap<string, Field>;
  readonly navigations: ReadonlyMap<string, Navigation>;
  readonly navigationsByName: ReadonlyMap<string, Navigation>;
}

export interface Related {
  readonly type: EntityType;
  /** Native name, where it differs from the wire's. */
  readonly as?: string;
  readonly one?: boolean;
}

const words = /^(key )?(text|id|digits|decimal|day|time|instant|boolean|flag|integer)(?: (\d+)(?:\.(\d+|variable))?)?( read)?(?: as ([A-Za-z_0-9]+))?$/;

/**
 * Describes an entity set. Each property is a short sentence: `key digits 4`, `decimal 13.3`, `text 40`, `instant read`, `text 2 as ProductTypeCode`.
 * Throws at start where a sentence cannot be read.
 */
export function entity(set: string, properties: Readonly<Record<string, string>>, related: Readonly<Record<string, Related>> = {}): EntityType {
  const fields = Object.entries(properties).map(([wire, text]) => fieldOf(set, wire, text));
  const navigations = Object.entries(related).map(([wire, { type, as, one }]): Navigation => ({ wire, name: as ?? wire, many: one !== true, type }));
  return {
    set,
    keys: fields.filter(({ key }) => key),
    fields: new Map(fields.map((field) => [field.wire, field])),
    byName: new Map(fields.map((field) => [field.name, field])),
    navigations: new Map(navigations.map((one) => [one.wire, one])),
    navigationsByName: new Map(navigations.map((one) => [one.name, one])),
  };
}

function fieldOf(set: string, wire: string, text: string): Field {
  const found = words.exec(text);
  if (!found) throw new TypeError(`${set}.${wire}: ${JSON.stringify(text)} does not describe a property`);
  const [, key, kind, length, scale, readOnly, name] = found;
  return {
    wire,
    name: name ?? wire,
    // The pattern admits the kinds of the table and nothing else.
    kind: kind as FieldKind,
    ...(length === undefined ? {} : { length: Number(length) }),
    ...(scale === undefined || scale === 'variable' ? {} : { scale: Number(scale) }),
    key: key !== undefined,
    readOnly: readOnly !== undefined,
  };
}

/** One service: its path below the host, without a slash at the end. Actions of V4 are named `<namespace>.<action>`. */
export interface ODataService {
  readonly name: string;
  readonly root: string;
  readonly version: ODataVersion;
  readonly namespace?: string;
}
