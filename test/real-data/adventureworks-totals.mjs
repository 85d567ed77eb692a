// Totals of the AdventureWorks tables from the CSV files alone: a second opinion, which shares no code with the reader. `node adventureworks-totals.mjs <folder>` prints them.
// Money is counted in whole cents with BigInt; a product is rounded once, half away from zero. Rates and prices follow the rules that the reader documents.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Fields of one CSV line; quotes around a field, doubled quotes inside. */
const fields = (line) =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map((match) => match[1])
    .map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field).trim());

function table(folder, name) {
  const [head, ...lines] = gunzipSync(readFileSync(join(folder, `${name}.csv.gz`)))
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const columns = fields(head);
  return lines.map((line) => {
    const values = fields(line);
    return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']));
  });
}

/** Ten-thousandths: every figure of the tables has at most four places. */
function units(text) {
  const [whole, places = ''] = text.split('.');
  return BigInt(`${whole || '0'}${places.padEnd(4, '0').slice(0, 4)}`);
}

const halfUp = (value, by) => (value * 2n + by) / (by * 2n); // All figures are positive.
const cents = (text) => halfUp(units(text), 100n);
const shown = (value) => Number(value) / 10_000;

export function totals(folder) {
  const products = table(folder, 'Product');
  const numberOf = new Map(products.map((row) => [row.ProductID, row.ProductNumber]));
  return {
    products: products.length,
    stock: stock(folder, numberOf),
    received: received(folder),
    labour: labour(folder),
    scrap: scrap(folder, products),
    workOrders: table(folder, 'WorkOrder').length,
  };
}

function stock(folder, numberOf) {
  const out = {};
  for (const row of table(folder, 'ProductInventory')) {
    const key = `${numberOf.get(row.ProductID)}@${row.LocationID}`;
    out[key] = (out[key] ?? 0) + Number(row.Quantity);
  }
  return out;
}

/** Received quantity, and received quantity x unit price, per order. */
function received(folder) {
  const out = {};
  for (const row of table(folder, 'PurchaseOrderDetail')) {
    const order = (out[row.PurchaseOrderID] ??= { quantity: 0, cents: 0 });
    order.quantity += shown(units(row.ReceivedQty));
    order.cents += Number(halfUp(units(row.ReceivedQty) * units(row.UnitPrice), 1_000_000n));
  }
  return out;
}

/** Hours and cost per department: the person of a routing row is the (work order x 7 + operation)th, counted round, of those who are in Production on the day and have a rate. */
function labour(folder) {
  const workshops = new Set(['10', '20', '30', '40', '45', '50', '60']);
  const crew = table(folder, 'EmployeeDepartmentHistory')
    .filter((row) => row.DepartmentID === '7')
    .sort((a, b) => Number(a.BusinessEntityID) - Number(b.BusinessEntityID));
  const pay = new Map();
  for (const row of table(folder, 'EmployeePayHistory'))
    pay.set(row.BusinessEntityID, [...(pay.get(row.BusinessEntityID) ?? []), { from: row.RateChangeDate.slice(0, 10), cents: cents(row.Rate) }]);
  const present = new Map();
  const peopleOn = (day) => {
    if (!present.has(day)) {
      present.set(
        day,
        crew
          .filter((row) => row.StartDate.slice(0, 10) <= day && (row.EndDate === '' || row.EndDate.slice(0, 10) >= day))
          .flatMap((row) => {
            const held = (pay.get(row.BusinessEntityID) ?? []).filter(({ from }) => from <= day).sort((a, b) => (a.from < b.from ? 1 : -1))[0];
            return held ? [held.cents] : [];
          }),
      );
    }
    return present.get(day);
  };
  let [hours, cost] = [0n, 0n];
  for (const row of table(folder, 'WorkOrderRouting')) {
    if (!workshops.has(row.LocationID)) throw new Error(`location ${row.LocationID} has no department`);
    const rates = peopleOn(row.ActualStartDate.slice(0, 10));
    const rate = rates[(Number(row.WorkOrderID) * 7 + Number(row.OperationSequence)) % rates.length];
    hours += units(row.ActualResourceHrs);
    cost += halfUp(units(row.ActualResourceHrs) * rate, 10_000n);
  }
  return { AW07: { hours: shown(hours), cents: Number(cost) } };
}

/** Scrapped quantity x standard cost, rounded per work order. */
function scrap(folder, products) {
  const costOf = new Map(products.map((row) => [row.ProductID, units(row.StandardCost)]));
  let [quantity, value, orders] = [0, 0n, 0];
  for (const row of table(folder, 'WorkOrder')) {
    if (Number(row.ScrappedQty) === 0) continue;
    orders += 1;
    quantity += Number(row.ScrappedQty);
    value += halfUp(BigInt(row.ScrappedQty) * costOf.get(row.ProductID), 100n);
  }
  return { orders, quantity, cents: Number(value) };
}

if (process.argv[1]?.endsWith('adventureworks-totals.mjs')) console.log(JSON.stringify(totals(process.argv[2]), undefined, 1));
