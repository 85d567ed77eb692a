import type { Row, Table } from '../world/store.ts';
import type { World } from '../world/world.ts';
import type { Property, PropertyTable } from './property.ts';

/** Who asks, and what the answer should also say. */
export interface Context {
  readonly world: World;
  readonly user: string;
  /** Warnings that travel beside a success. */
  readonly warnings: { readonly code: string; readonly message: string }[];
}

/** A decoded request body: own properties under the world's field names, children per navigation. */
export interface Input {
  readonly values: Row;
  readonly children: Readonly<Record<string, readonly Input[]>>;
}

export interface Navigation {
  /** Name of the target set. */
  readonly to: string;
  readonly many: boolean;
  readonly follow: (row: Row) => readonly Row[];
}

export interface EntitySet {
  readonly name: string;
  readonly type: string;
  readonly properties: PropertyTable;
  readonly table: Table<Row>;
  readonly navigations?: Readonly<Record<string, Navigation>>;
  readonly create?: (input: Input, context: Context) => Row;
  readonly change?: (row: Row, changes: Row, context: Context) => Row;
  readonly remove?: (row: Row, context: Context) => void;
  /** `required`: changes without If-Match are refused with 428. */
  readonly etag?: 'required' | 'optional';
  /** A row as a single read or a list shows it, where they differ. */
  readonly view?: (row: Row, single: boolean) => Row;
}

/** A V2 function import (parameters in the query) or a V4 bound action (parameters in the body). */
export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly parameters: PropertyTable;
  /** V4: the set it is bound to, and whether to one entity or to the collection. */
  readonly bound?: { readonly set: string; readonly to: 'entity' | 'collection'; readonly etag?: boolean };
  readonly status?: number;
  /** Deep parameters of a V4 action are passed as they came. */
  readonly run: (
    parameters: Row,
    context: Context,
    row: Row | undefined,
    body: Readonly<Record<string, unknown>>,
  ) => { readonly set: string; readonly row: Row } | { readonly plain: unknown } | undefined;
}

export interface Service {
  /** The name by which users are authorised. */
  readonly id: string;
  readonly protocol: 'v2' | 'v4';
  /** Path with a slash at its end. */
  readonly root: string;
  readonly namespace: string;
  /** Application component of its errors. */
  readonly component: string;
  readonly sets: readonly EntitySet[];
  readonly operations?: readonly Operation[];
}

/** A set with its properties by name: built once. */
export interface PreparedSet extends EntitySet {
  readonly byName: ReadonlyMap<string, Property>;
  readonly keys: readonly Property[];
}

export interface PreparedService extends Service {
  readonly setsByName: ReadonlyMap<string, PreparedSet>;
  readonly operationsByName: ReadonlyMap<string, Operation>;
}

export function prepare(service: Service): PreparedService {
  const setsByName = new Map(service.sets.map((set) => [set.name, prepareSet(set)]));
  return {
    ...service,
    setsByName,
    operationsByName: new Map(
      (service.operations ?? []).map((operation) => [operation.bound ? `${operation.bound.set}/${operation.name}` : operation.name, operation]),
    ),
  };
}

export function prepareSet(set: EntitySet): PreparedSet {
  return { ...set, byName: new Map(set.properties.map((property) => [property.name, property])), keys: set.properties.filter(({ key }) => key) };
}
