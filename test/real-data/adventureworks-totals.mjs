// Totals of the AdventureWorks tables from the CSV files alone: a second opinion, which shares no code with the reader or the demo.
// `node adventureworks-totals.mjs <folder>` prints those of all tables, `... <folder> <from> <orders>` what both systems must show when a window was played.
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
function labour(folder, numbers) {
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
    if (numbers && !numbers.has(row.WorkOrderID)) continue;
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

/**
 * What both systems must show when the first `orders` work orders that start on `from` or later were played. On hand is the inventory table plus what purchases
 * brought to the shelves in the window, since the table is what is left after the window's work.
 */
export function played(folder, from, orders) {
  const products = table(folder, 'Product');
  const product = new Map(products.map((row) => [row.ProductID, row]));
  const shelf = mainShelf(folder);
  const window = table(folder, 'WorkOrder')
    .filter((row) => row.StartDate.slice(0, 10) >= from)
    .sort((a, b) => (a.StartDate === b.StartDate ? Number(a.WorkOrderID) - Number(b.WorkOrderID) : a.StartDate < b.StartDate ? -1 : 1))
    .slice(0, orders);
  const numbers = new Set(window.map((row) => row.WorkOrderID));
  const routing = table(folder, 'WorkOrderRouting').filter((row) => numbers.has(row.WorkOrderID));
  const days = [...window.flatMap((row) => [row.StartDate, row.EndDate]), ...routing.map((row) => row.ActualStartDate)].map((date) => date.slice(0, 10));
  const until = days.sort().at(-1);
  const worked = labour(folder, numbers).AW07;
  return {
    until,
    orders: [...numbers],
    ...consumption(folder, { window, product, shelf }),
    labour: worked.hours === 0 ? {} : { AW07: worked },
    scrap: scrapOf({ window, product }),
    ...purchases(folder, { from, until, product, shelf }),
  };
}

/** Of each product the location with most of it, the lowest number where equal. */
function mainShelf(folder) {
  const sums = new Map();
  for (const row of table(folder, 'ProductInventory')) {
    const here = sums.get(row.ProductID) ?? new Map();
    here.set(row.LocationID, (here.get(row.LocationID) ?? 0) + Number(row.Quantity));
    sums.set(row.ProductID, here);
  }
  return new Map([...sums].map(([id, here]) => [id, [...here].sort(([a, most], [b, other]) => other - most || Number(a) - Number(b))[0][0]]));
}

/** Components of the orders by the bill of materials of their start day; what lies nowhere is bought. A product without standard cost has the price of its last purchase. */
function consumption(folder, { window, product, shelf }) {
  const bom = table(folder, 'BillOfMaterials');
  const lastPrice = new Map(table(folder, 'PurchaseOrderDetail').map((row) => [row.ProductID, row.UnitPrice]));
  const issued = {};
  let [value, lines, quantity] = [0n, 0, 0];
  for (const order of window) {
    const day = order.StartDate.slice(0, 10);
    const needs = new Map();
    for (const row of bom) {
      const valid = row.StartDate.slice(0, 10) <= day && (row.EndDate === '' || row.EndDate.slice(0, 10) >= day);
      if (row.ProductAssemblyID !== order.ProductID || !valid) continue;
      needs.set(row.ComponentID, (needs.get(row.ComponentID) ?? 0n) + (units(row.PerAssemblyQty) * BigInt(order.OrderQty)) / 10_000n);
    }
    for (const [id, count] of needs) {
      const place = shelf.get(id);
      if (place === undefined) {
        lines += 1;
        quantity += Number(count);
        continue;
      }
      const key = `${product.get(id).ProductNumber}@${place}`;
      issued[key] = (issued[key] ?? 0) + Number(count);
      const cost = units(product.get(id).StandardCost);
      // A price without standard cost is in cents from the start.
      value += cost > 0n ? halfUp(count * cost, 100n) : count * cents(lastPrice.get(id) ?? '0');
    }
  }
  return { issued, issuedCents: Number(value), bought: { lines, quantity } };
}

/** Scrap of the orders that is worth something: quantity x standard cost, and how often each reason. */
function scrapOf({ window, product }) {
  const out = { lines: 0, cents: 0, reasons: {} };
  for (const row of window) {
    const value = Number(halfUp(BigInt(row.ScrappedQty) * units(product.get(row.ProductID).StandardCost), 100n));
    if (value === 0) continue;
    out.lines += 1;
    out.cents += value;
    const text = `Scrap ${row.ScrappedQty} ${product.get(row.ProductID).ProductNumber} R${row.ScrapReasonID}`;
    out.reasons[text] = (out.reasons[text] ?? 0) + 1;
  }
  return out;
}

/** Per purchase order what was ordered until the end of the window and what was received by then; on hand with what came in from `from` on. */
function purchases(folder, { from, until, product, shelf }) {
  const details = new Map();
  for (const row of table(folder, 'PurchaseOrderDetail')) details.set(row.PurchaseOrderID, [...(details.get(row.PurchaseOrderID) ?? []), row]);
  const onHand = stock(folder, new Map([...product].map(([id, row]) => [id, row.ProductNumber])));
  const orders = {};
  for (const header of table(folder, 'PurchaseOrderHeader')) {
    const [ordered, shipped] = [header.OrderDate.slice(0, 10), header.ShipDate.slice(0, 10)];
    if (ordered > until) continue;
    const row = (orders[header.PurchaseOrderID] = { ordered: 0, kept: 0, cents: 0 });
    for (const line of details.get(header.PurchaseOrderID) ?? []) {
      row.ordered += Number(line.OrderQty);
      if (shipped === '' || shipped > until) continue;
      row.kept += shown(units(line.StockedQty));
      row.cents += Number(halfUp(units(line.StockedQty) * units(line.UnitPrice), 1_000_000n));
      const key = `${product.get(line.ProductID).ProductNumber}@${shelf.get(line.ProductID)}`;
      if (shipped >= from) onHand[key] = (onHand[key] ?? 0) + shown(units(line.StockedQty));
    }
  }
  return { onHand, purchases: orders };
}

if (process.argv[1]?.endsWith('adventureworks-totals.mjs')) {
  const [, , folder, from, orders] = process.argv;
  console.log(JSON.stringify(from === undefined ? totals(folder) : played(folder, from, Number(orders)), undefined, 1));
}
