import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A table as a sheet: the first row is the head. */
type Sheet = readonly string[];

/**
 * A workshop of our own in the form of the AdventureWorks tables, small enough to be summed by hand: a cart of nuts, paint in ounces, a sticker without standard
 * cost and a frame that no storeroom keeps; purchases before, across and after the split at 2011-06-01; an order with scrap and hours after its end, one without
 * an end, and one that needs half a piece.
 */
const sheets: Readonly<Record<string, Sheet>> = {
  Product: [
    'ProductID,Name,ProductNumber,StandardCost,ReorderPoint,ProductSubcategoryID',
    '1,Nut,NU-1,.1255,10,1',
    '2,Paint,PA-2,2.50,5,',
    '3,Frame,FR-3,50.005,0,',
    '4,Cart,CA-4,100.00,0,',
    '5,Sticker,ST-5,.00,0,',
    '6,Half cart,CA-6,60.00,0,',
  ],
  ProductSubcategory: ['ProductSubcategoryID,Name', '1,Fasteners'],
  ProductVendor: ['ProductID,BusinessEntityID,AverageLeadTime', '1,900,5', '3,900,9'],
  BillOfMaterials: [
    'ProductAssemblyID,ComponentID,StartDate,EndDate,UnitMeasureCode,PerAssemblyQty',
    '4,1,2010-01-01 00:00:00,,EA ,3.00',
    '4,2,2010-01-01 00:00:00,,OZ ,2.00',
    '4,3,2010-01-01 00:00:00,,EA ,1.00',
    '4,5,2010-01-01 00:00:00,,EA ,1.00',
    '4,1,2010-01-01 00:00:00,2011-01-01 00:00:00,EA ,100.00',
    '6,1,2010-01-01 00:00:00,,EA ,.50',
  ],
  ProductInventory: ['ProductID,LocationID,Quantity', '1,6,100', '1,6,20', '1,50,40', '2,50,20', '4,50,2', '5,6,7', '6,50,1'],
  Location: ['LocationID,Name', '6,Miscellaneous Storage', '50,Subassembly'],
  Department: ['DepartmentID,Name', '1,Engineering', '7,Production'],
  Vendor: ['BusinessEntityID,Name', '900,Nuts and Frames'],
  Employee: ['BusinessEntityID,HireDate', '1,2009-01-14', '2,2009-02-01'],
  EmployeeName: ['BusinessEntityID,FirstName,LastName', '1,Ada,Wright', '2,Ben,Field'],
  EmployeeDepartmentHistory: ['BusinessEntityID,DepartmentID,StartDate,EndDate', '1,7,2009-01-14,', '2,1,2009-02-01,'],
  EmployeePayHistory: [
    'BusinessEntityID,RateChangeDate,Rate',
    '1,2009-01-14 00:00:00.000,20.00',
    '1,2011-06-05 00:00:00.000,25.00',
    '2,2009-02-01 00:00:00.000,40.00',
  ],
  PurchaseOrderHeader: [
    'PurchaseOrderID,Status,EmployeeID,VendorID,OrderDate,ShipDate,SubTotal,TaxAmt,Freight',
    '1,3,2,900,2011-05-01 00:00:00,2011-05-10 00:00:00,1.25,0,0',
    '2,4,2,900,2011-05-30 00:00:00,2011-06-04 00:00:00,12.55,0,0',
    '3,4,2,900,2011-06-02 00:00:00,2011-06-05 00:00:00,102.51,0,0',
    '4,2,2,900,2011-06-04 00:00:00,2011-07-01 00:00:00,0.30,0,0',
    '5,1,2,900,2011-07-04 00:00:00,2011-07-11 00:00:00,0.30,0,0',
  ],
  PurchaseOrderDetail: [
    'PurchaseOrderID,PurchaseOrderDetailID,DueDate,OrderQty,ProductID,UnitPrice,ReceivedQty,RejectedQty,StockedQty',
    '1,1,2011-05-15 00:00:00,10,1,.1250,8.00,1.00,7.00',
    '2,2,2011-06-15 00:00:00,100,1,.1255,100.00,.00,100.00',
    '3,3,2011-06-15 00:00:00,2,3,50.005,2.00,.00,2.00',
    '3,4,2011-06-15 00:00:00,20,1,.1250,20.00,20.00,.00',
    '4,5,2011-06-15 00:00:00,10,5,.0300,10.00,.00,10.00',
    '5,6,2011-07-15 00:00:00,10,5,.0300,10.00,.00,10.00',
  ],
  ScrapReason: ['ScrapReasonID,Name', '1,Brake assembly not as ordered'],
  UnitMeasure: ['UnitMeasureCode,Name', 'EA ,Each', 'OZ ,Ounces', 'CAN,Canister'],
  WorkOrder: [
    'WorkOrderID,ProductID,OrderQty,StockedQty,ScrappedQty,StartDate,EndDate,DueDate,ScrapReasonID',
    '1,4,5,5,0,2011-05-20,2011-05-22,2011-05-25,',
    '2,4,3,2,1,2011-06-01,2011-06-04,2011-06-07,1',
    '3,4,1,1,0,2011-06-02,,2011-06-07,',
    '4,6,1,1,0,2011-06-02,2011-06-03,2011-06-07,',
  ],
  WorkOrderRouting: [
    'WorkOrderID,OperationSequence,LocationID,ScheduledStartDate,ActualStartDate,ActualResourceHrs',
    '2,1,50,2011-06-01,2011-06-01,1.2500',
    '2,2,50,2011-06-05,2011-06-05,.1000',
    '3,1,50,2011-06-02,,1.0000',
    '4,1,50,2011-06-02,2011-06-02,1.0000',
  ],
};

/** How one table differs from the workshop's: its lines changed, or the table left out where undefined is answered. */
export interface Change {
  readonly table: string;
  with(lines: Sheet): Sheet | undefined;
}

/** Writes the tables into a new folder. */
export function writeTables(folder: string, change?: Change): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, lines] of Object.entries(sheets)) {
    const written = change?.table === name ? change.with(lines) : lines;
    if (written) writeFileSync(join(folder, `${name}.csv.gz`), gzipSync(`${written.join('\n')}\n`));
  }
  return folder;
}

/** A change of one field of one line; the head is line 1. */
export const field = (table: string, line: number, column: string, value: string): Change => ({
  table,
  with(lines) {
    const at = (lines[0] ?? '').split(',').indexOf(column);
    if (at < 0) throw new RangeError(`table ${table} has no column ${column}`);
    return lines.map((row, index) => (index === line - 1 ? row.split(',').with(at, value).join(',') : row));
  },
});
