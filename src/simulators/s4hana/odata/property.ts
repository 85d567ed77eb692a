/** Letters of the property tables: text, NUMC digits, date, time, instant, decimal, boolean, `X` flag, whole number. */
export type Kind = 'S' | 'N' | 'D' | 'T' | 'Z' | 'P' | 'B' | 'X' | 'I';

/** One property of an entity type, as the vendor's metadata describes it. */
export interface Property {
  readonly name: string;
  /** The field of the world's row behind it. */
  readonly field: string;
  readonly kind: Kind;
  /** Longest text, or digits before and after the point for a decimal. */
  readonly length: number | undefined;
  readonly scale: number;
  readonly key: boolean;
  readonly creatable: boolean;
  readonly updatable: boolean;
  /** How a unit is written: in the logon language, in English, or as ISO code. */
  readonly unit: 'language' | 'EN' | 'iso' | undefined;
  /** Numbers of this field are kept without leading zeros. */
  readonly alpha: boolean;
}
export type PropertyTable = readonly Property[];

const units = new Set([
  'BaseUnit',
  'EntryUnit',
  'MaterialBaseUnit',
  'PurchaseOrderQuantityUnit',
  'OrderPriceUnit',
  'AlternativeUnit',
  'QuantityUnit',
  'CostSourceUnit',
  'OrderQuantityUnit',
  'WeightUnit',
  'CostCtrActivityTypeQtyUnit',
  'Unit',
]);
const alphas = new Set([
  'Material',
  'Product',
  'SoldMaterial',
  'IssgOrRcvgMaterial',
  'PurchaseRequisition',
  'PurchasingDocument',
  'PurchaseOrder',
  'CostCenter',
  'SenderCostCenter',
  'PartnerCostCenter',
  'ResponsibleCostCenter',
  'GLAccount',
  'OffsettingAccount',
  'OrderID',
  'PartnerOrder',
  'ManufacturingOrder',
  'InternalOrder',
  'SettlementOrder',
  'Supplier',
  'FixedSupplier',
  'InvoicingParty',
  'MasterFixedAsset',
  'Equipment',
  'SuperordinateEquipment',
  'MaterialDocument',
  'ReversedMaterialDocument',
  'SupplierInvoice',
  'ReverseDocument',
  'BusinessPartner',
  'AccountingDocument',
  'PersonNumber',
]);

/** Reads a table of `Name:S40`, `Name:P13.3`, `Name:N5:k!c!u` (key, not creatable, not updatable). */
export function properties(text: string, fields: Readonly<Record<string, string>> = {}): PropertyTable {
  return text
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [name = '', type = '', flags = ''] = entry.split(':');
      const kind = type.charAt(0) as Kind; // The tables are ours and use only these letters; a test compares them with the vendor's metadata.
      const [length, scale] = type.slice(1).split('.');
      const coded = /^(.*?)(SAPCode|ISOCode)$/.exec(name);
      const base = coded?.[1] === 'PurchaseOrderQtyUnit' ? 'PurchaseOrderQuantityUnit' : coded?.[1];
      const field = fields[name] ?? base ?? name;
      return {
        name,
        field,
        kind,
        length: length ? Number(length) : undefined,
        scale: Number(scale ?? 0),
        key: flags.includes('k'),
        creatable: !flags.includes('!c'),
        updatable: !flags.includes('!u') && !flags.includes('k'),
        unit: coded ? (coded[2] === 'ISOCode' ? 'iso' : 'EN') : units.has(name) ? 'language' : undefined,
        alpha: alphas.has(name),
      };
    });
}

/** Text without leading zeros where it is all digits: `000000000000001234` and `1234` are one number. */
export function withoutZeros(text: string): string {
  if (text.charCodeAt(0) !== 48 || !/^\d+$/.test(text)) return text;
  return text.replace(/^0+(?=\d)/, '');
}

/** The same table where some names stand for another field of the world. */
export function standingFor(table: PropertyTable, fields: Readonly<Record<string, string>>): PropertyTable {
  return table.map((property) => (Object.hasOwn(fields, property.name) ? { ...property, field: fields[property.name] ?? property.field } : property));
}
