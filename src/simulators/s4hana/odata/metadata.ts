import type { Kind, Property } from './property.ts';
import type { PreparedService, PreparedSet } from './service.ts';

const types: Readonly<Record<'v2' | 'v4', Readonly<Record<Kind, string>>>> = {
  v2: {
    S: 'Edm.String',
    N: 'Edm.String',
    D: 'Edm.DateTime',
    T: 'Edm.Time',
    Z: 'Edm.DateTimeOffset',
    P: 'Edm.Decimal',
    B: 'Edm.Boolean',
    X: 'Edm.String',
    I: 'Edm.Int32',
  },
  v4: {
    S: 'Edm.String',
    N: 'Edm.String',
    D: 'Edm.Date',
    T: 'Edm.TimeOfDay',
    Z: 'Edm.DateTimeOffset',
    P: 'Edm.Decimal',
    B: 'Edm.Boolean',
    X: 'Edm.String',
    I: 'Edm.Int32',
  },
};

/** The service document: the names of the sets. */
export function serviceDocument(service: PreparedService, origin: string): string {
  const names = service.sets.map(({ name }) => name);
  return JSON.stringify(
    service.protocol === 'v2'
      ? { d: { EntitySets: names } }
      : { '@odata.context': `${origin}${service.root}$metadata`, value: names.map((name) => ({ name, url: name })) },
  );
}

/** The EDMX of a service, from the same tables that read and write its entities. */
export function metadata(service: PreparedService): string {
  const v2 = service.protocol === 'v2';
  const sets = [...service.setsByName.values()];
  const schema = `<Schema Namespace="${service.namespace}" ${v2 ? 'xmlns="http://schemas.microsoft.com/ado/2008/09/edm"' : 'xmlns="http://docs.oasis-open.org/odata/ns/edm" Alias="SAP__self"'}>${sets.map((set) => entityType(set, service)).join('')}${v2 ? associations(sets, service) : ''}${v2 ? '' : actions(service)}${container(sets, service)}</Schema>`;
  return v2
    ? `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData"><edmx:DataServices m:DataServiceVersion="2.0">${schema}</edmx:DataServices></edmx:Edmx>`
    : `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>${schema}</edmx:DataServices></edmx:Edmx>`;
}

function entityType(set: PreparedSet, service: PreparedService): string {
  const keys = set.keys.map(({ name }) => `<PropertyRef Name="${name}"/>`).join('');
  const navigations = Object.entries(set.navigations ?? {}).map(([name, navigation]) => {
    const target = service.setsByName.get(navigation.to);
    if (!target) return '';
    if (service.protocol === 'v4')
      return `<NavigationProperty Name="${name}" Type="${navigation.many ? `Collection(${service.namespace}.${target.type})` : `${service.namespace}.${target.type}`}"/>`;
    return `<NavigationProperty Name="${name}" Relationship="${service.namespace}.assoc_${set.name}_${name}" FromRole="From" ToRole="To"/>`;
  });
  return `<EntityType Name="${set.type}"><Key>${keys}</Key>${set.properties.map((property) => propertyElement(property, service.protocol)).join('')}${navigations.join('')}</EntityType>`;
}

function propertyElement(property: Property, protocol: 'v2' | 'v4'): string {
  const facets =
    property.kind === 'P'
      ? ` Precision="${property.length}" Scale="${property.scale}"`
      : property.kind === 'X'
        ? ' MaxLength="1"'
        : property.length === undefined
          ? ''
          : ` MaxLength="${property.length}"`;
  const flags =
    protocol === 'v2' ? `${property.creatable ? '' : ' sap:creatable="false"'}${property.updatable || property.key ? '' : ' sap:updatable="false"'}` : '';
  return `<Property Name="${property.name}" Type="${types[protocol][property.kind]}"${property.key ? ' Nullable="false"' : ''}${facets}${flags}/>`;
}

function associations(sets: readonly PreparedSet[], service: PreparedService): string {
  return sets
    .flatMap((set) =>
      Object.entries(set.navigations ?? {}).map(([name, navigation]) => {
        const target = service.setsByName.get(navigation.to);
        return target
          ? `<Association Name="assoc_${set.name}_${name}"><End Type="${service.namespace}.${set.type}" Multiplicity="1" Role="From"/><End Type="${service.namespace}.${target.type}" Multiplicity="${navigation.many ? '*' : '0..1'}" Role="To"/></Association>`
          : '';
      }),
    )
    .join('');
}

function actions(service: PreparedService): string {
  return (service.operations ?? [])
    .map((operation) => {
      const set = service.setsByName.get(operation.bound?.set ?? '');
      const type = `${service.namespace}.${set?.type ?? ''}`;
      return `<Action Name="${operation.name}" IsBound="true"><Parameter Name="_it" Type="${operation.bound?.to === 'collection' ? `Collection(${type})` : type}" Nullable="false"/>${operation.parameters.map((property) => `<Parameter Name="${property.name}" Type="${types.v4[property.kind]}"/>`).join('')}<ReturnType Type="${type}"/></Action>`;
    })
    .join('');
}

function container(sets: readonly PreparedSet[], service: PreparedService): string {
  const functions =
    service.protocol === 'v4'
      ? ''
      : (service.operations ?? [])
          .map(
            (operation) =>
              `<FunctionImport Name="${operation.name}" m:HttpMethod="${operation.method}">${operation.parameters.map((property) => `<Parameter Name="${property.name}" Type="${types.v2[property.kind]}" Mode="In"/>`).join('')}</FunctionImport>`,
          )
          .join('');
  const entries = sets.map((set) => {
    const flags =
      service.protocol === 'v2'
        ? ` sap:creatable="${set.create !== undefined}" sap:updatable="${set.change !== undefined}" sap:deletable="${set.remove !== undefined}"`
        : '';
    const bindings =
      service.protocol === 'v4'
        ? Object.entries(set.navigations ?? {})
            .map(([name, { to }]) => `<NavigationPropertyBinding Path="${name}" Target="${to}"/>`)
            .join('')
        : '';
    return `<EntitySet Name="${set.name}" EntityType="${service.namespace}.${set.type}"${flags}>${bindings}</EntitySet>`;
  });
  return `<EntityContainer Name="${service.protocol === 'v2' ? `${service.namespace}_Entities` : 'Container'}"${service.protocol === 'v2' ? ' m:IsDefaultEntityContainer="true"' : ''}>${entries.join('')}${functions}</EntityContainer>`;
}
