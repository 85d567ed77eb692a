import { add, compare, type Decimal } from '#base/decimal';
import { amountText, roundedMoney } from '#base/money';
import {
  costCentreOf,
  currency,
  departmentOfLocation,
  employeeCode,
  openedOn,
  plantAsset,
  siteCode,
  storeroomOf,
  workCentreOf,
} from '#demo/adventureworks-codes';
import { amount, badRow, day, dayBefore, dayOf, figure, grouped, readTable, requireTables, text, type Row } from '#demo/adventureworks-table';
import { extraUnits, unitOf } from '#demo/adventureworks-units';
import { readPurchases, type PurchaseHistory } from '#demo/adventureworks-purchases';
import { readWork, type WorkHistory } from '#demo/adventureworks-work';
import type { PlantAsset, PlantData, PlantEmployee, PlantPart, PlantStock } from '#demo/plant-data';

/** How many orders are read, spread over the whole period; all where it is left out. */
export interface AdventureWorksLimit {
  readonly workOrders?: number;
  readonly purchaseOrders?: number;
}

/** The tables that are read. */
const tables = [
  'BillOfMaterials',
  'Department',
  'Employee',
  'EmployeeDepartmentHistory',
  'EmployeeName',
  'EmployeePayHistory',
  'Location',
  'Product',
  'ProductInventory',
  'ProductSubcategory',
  'ProductVendor',
  'PurchaseOrderDetail',
  'PurchaseOrderHeader',
  'ScrapReason',
  'UnitMeasure',
  'Vendor',
  'WorkOrder',
  'WorkOrderRouting',
] as const;

/** The bicycle maker as a plant with its history. Amounts are in USD; the tables name no currency, the company is in Bothell, Washington. */
export interface AdventureWorks {
  readonly plant: PlantData;
  readonly workOrders: readonly WorkHistory[];
  readonly purchaseOrders: readonly PurchaseHistory[];
  readonly units: readonly { readonly code: string; readonly name: string; readonly sap: string | null }[];
  /** Units of the tables for which our table has no code of that meaning. */
  readonly unknownUnits: readonly string[];
  /** Parts for which neither a standard cost nor a purchase is known: valued at nothing. */
  readonly unpriced: readonly string[];
}

/** Reads the folder of gzip CSV tables. What the tables leave open is decided here, in the comments of each function; nothing else is added. */
export function readAdventureWorks(folder: string, limit: AdventureWorksLimit = {}): AdventureWorks {
  requireTables(folder, tables);
  const products = readTable(folder, 'Product');
  const codes = new Map(products.map((row) => [text(row, 'ProductID'), text(row, 'ProductNumber')]));
  const codeOf = (row: Row, column: string): string => {
    const code = codes.get(text(row, column));
    if (code === undefined) throw badRow(row, `${column} ${text(row, column)} is no product of Product.csv.gz`);
    return code;
  };
  const bom = readTable(folder, 'BillOfMaterials');
  const details = readTable(folder, 'PurchaseOrderDetail');
  const stock = readStock(readTable(folder, 'ProductInventory'), products);
  const parts = readParts(folder, products, { bom, details, stocked: new Set(stock.map(({ part }) => part)) });
  const people = readPeople(folder);
  const units = readTable(folder, 'UnitMeasure').map((row) => ({
    code: text(row, 'UnitMeasureCode'),
    name: text(row, 'Name'),
    sap: unitOf(text(row, 'UnitMeasureCode')) ?? null,
  }));
  const locations = readTable(folder, 'Location');
  const plant: PlantData = {
    name: 'AdventureWorks',
    openedOn,
    sites: [
      {
        code: siteCode,
        name: 'Bothell',
        companyCode: siteCode,
        currency,
        storerooms: locations.map((row) => ({ code: storeroomOf(text(row, 'LocationID')), name: text(row, 'Name') })),
      },
    ],
    costCentres: readTable(folder, 'Department').map((row) => ({ code: costCentreOf(text(row, 'DepartmentID')), name: text(row, 'Name'), site: siteCode })),
    vendors: readTable(folder, 'Vendor').map((row) => ({ code: text(row, 'BusinessEntityID'), name: text(row, 'Name'), currency })),
    employees: people,
    parts,
    stock,
    assets: workCentres(locations),
    units: extraUnits.filter(({ code }) => units.some(({ sap }) => sap === code)),
  };
  return {
    plant,
    units,
    unknownUnits: units.filter(({ sap }) => sap === null).map(({ code }) => code),
    unpriced: parts.filter(({ price }) => compare(price, '0') === 0).map(({ code }) => code),
    workOrders: readWork(folder, { codeOf, bom, parts, stock, people, limit: limit.workOrders }),
    purchaseOrders: readPurchases(folder, { codeOf, details, parts, limit: limit.purchaseOrders }),
  };
}

interface PartGround {
  readonly bom: readonly Row[];
  readonly details: readonly Row[];
  readonly stocked: ReadonlySet<string>;
}

/**
 * All products as parts. The base unit is EA; a product that bills of materials only ever consume in another unit (paint in ounces, tubing in inches) has that
 * one, since inventory has no unit of its own and ounces cannot become pieces. Weight and size are left out. A part with an inventory row is a stock item.
 * Price: the standard cost; where that is zero the unit price of the newest purchase-order line, else nothing, and the part is listed as unpriced.
 * Both are rounded to cents, half away from zero; the exact standard cost stays beside it.
 */
function readParts(folder: string, products: readonly Row[], { bom, details, stocked }: PartGround): PlantPart[] {
  const consumedIn = unitsOfConsumption(bom);
  const subcategories = new Map(readTable(folder, 'ProductSubcategory').map((row) => [text(row, 'ProductSubcategoryID'), text(row, 'Name')]));
  const bought = new Map<string, Decimal>();
  for (const row of details) bought.set(text(row, 'ProductID'), figure(row, 'UnitPrice')); // In the order of the ids, which is the order of time.
  const vendors = preferredVendors(folder);
  return products.map((row) => {
    const id = text(row, 'ProductID');
    const unit = consumedIn.get(id) ?? 'EA';
    const standardCost = amount(row, 'StandardCost');
    const price = amountText(roundedMoney(compare(standardCost, '0') > 0 ? standardCost : (bought.get(id) ?? '0'), currency));
    const code = text(row, 'ProductNumber');
    const vendor = vendors.get(id);
    return {
      code,
      name: text(row, 'Name'),
      unit,
      group: subcategories.get(text(row, 'ProductSubcategoryID')) ?? 'Components',
      stocked: stocked.has(code),
      price,
      standardCost,
      ...(vendor === undefined ? {} : { vendor }),
    };
  });
}

/** The one unit in which bills of materials consume a product. Two of them, or one that our table does not have, cannot be made one by guess. */
function unitsOfConsumption(bom: readonly Row[]): Map<string, string> {
  const units = new Map<string, string>();
  for (const row of bom) {
    const [component, told] = [text(row, 'ComponentID'), text(row, 'UnitMeasureCode')];
    const unit = unitOf(told);
    if (unit === undefined || unit === null) throw badRow(row, `unit ${told} has no code in our table of units`);
    const before = units.get(component);
    if (before !== undefined && before !== unit) throw badRow(row, `product ${component} is consumed in ${unit}, elsewhere in ${before}`);
    units.set(component, unit);
  }
  return units;
}

/** Of a product's vendors the one with the shortest lead time, then the lowest number. */
function preferredVendors(folder: string): Map<string, string> {
  const best = new Map<string, { vendor: string; lead: number }>();
  for (const row of readTable(folder, 'ProductVendor')) {
    const [product, vendor, lead] = [text(row, 'ProductID'), text(row, 'BusinessEntityID'), Number(text(row, 'AverageLeadTime'))];
    const before = best.get(product);
    if (!before || lead < before.lead || (lead === before.lead && Number(vendor) < Number(before.vendor))) best.set(product, { vendor, lead });
  }
  return new Map([...best].map(([product, { vendor }]) => [product, vendor]));
}

/**
 * A location is a storeroom; the shelves and bins of a product in one location are added up. The tables have one reorder point per product, to be compared with
 * the sum over locations: it stands at the location with most of it (the lowest number where equal), the others have zero.
 */
function readStock(inventory: readonly Row[], products: readonly Row[]): PlantStock[] {
  const stock: PlantStock[] = [];
  const byProduct = grouped(inventory, 'ProductID');
  for (const product of products) {
    const here = new Map<string, Decimal>();
    for (const row of byProduct.get(text(product, 'ProductID')) ?? [])
      here.set(text(row, 'LocationID'), add(here.get(text(row, 'LocationID')) ?? '0', amount(row, 'Quantity')));
    const rows = [...here].sort(([a], [b]) => Number(a) - Number(b));
    const main = rows.reduce<readonly [string, Decimal] | undefined>((most, row) => (!most || compare(row[1], most[1]) > 0 ? row : most), undefined)?.[0];
    for (const [location, onHand] of rows)
      stock.push({
        part: text(product, 'ProductNumber'),
        site: siteCode,
        storeroom: storeroomOf(location),
        onHand,
        reorderPoint: location === main ? figure(product, 'ReorderPoint') : '0',
      });
  }
  return stock;
}

/**
 * Everybody is still employed in the tables. The department history gives the cost centres by date. A rate is per hour whatever PayFrequency says (1 and 2 are
 * how often people are paid); it holds until the day before the next, and is rounded to cents.
 */
function readPeople(folder: string): PlantEmployee[] {
  const names = new Map(readTable(folder, 'EmployeeName').map((row) => [text(row, 'BusinessEntityID'), row]));
  const departments = grouped(readTable(folder, 'EmployeeDepartmentHistory'), 'BusinessEntityID');
  const pay = grouped(readTable(folder, 'EmployeePayHistory'), 'BusinessEntityID');
  return readTable(folder, 'Employee').map((row) => {
    const id = text(row, 'BusinessEntityID');
    const name = names.get(id);
    const places = (departments.get(id) ?? [])
      .map((place) => ({ from: dayOf(place, 'StartDate'), to: day(place, 'EndDate'), costCentre: costCentreOf(text(place, 'DepartmentID')) }))
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    const rates = (pay.get(id) ?? [])
      .map((rate) => ({ from: dayOf(rate, 'RateChangeDate'), rate: amountText(roundedMoney(amount(rate, 'Rate'), currency)) }))
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    return {
      code: employeeCode(id),
      firstName: name ? text(name, 'FirstName') : '',
      lastName: name ? text(name, 'LastName') : '',
      site: siteCode,
      costCentre: places.at(-1)?.costCentre ?? '',
      activityType: 'MNT01',
      joinedOn: day(row, 'HireDate') ?? openedOn,
      costCentres: places.map(({ to, ...place }) => ({ ...place, ...(to === undefined ? {} : { to }) })),
      rates: rates.map(({ from, rate }, index) => ({ from, ...(rates[index + 1] ? { to: dayBefore(rates[index + 1]!.from) } : {}), rate, currency })), // The same index was just seen.
    };
  });
}

/** The tables have no machines: each location with routing rows is a work centre below the plant, and work orders are done there. */
function workCentres(locations: readonly Row[]): PlantAsset[] {
  const production = costCentreOf('7');
  const centres = locations.filter((row) => Object.hasOwn(departmentOfLocation, text(row, 'LocationID')));
  return [
    { code: plantAsset, name: 'Bothell plant', site: siteCode, costCentre: production, category: 'PLANT' },
    ...centres.map((row) => ({
      code: workCentreOf(text(row, 'LocationID')),
      name: text(row, 'Name'),
      parent: plantAsset,
      site: siteCode,
      costCentre: costCentreOf(departmentOfLocation[text(row, 'LocationID')] ?? ''),
      category: 'MACHINE',
    })),
  ];
}
