import { bearer } from '#spi/auth';
import { defineConnector } from '#spi/connector';
import { asset } from './assets.ts';
import { contractLines } from './contract-lines.ts';
import { employee } from './employees.ts';
import { goodsReceipt } from './goods-receipts.ts';
import { location, storeroom } from './locations.ts';
import { measurement } from './measurements.ts';
import { part } from './parts.ts';
import { purchaseOrder } from './purchase-orders.ts';
import { Settings } from './settings.ts';
import { stockLevel } from './stock-levels.ts';
import { vendor } from './vendors.ts';
import { webhooks } from './webhooks.ts';
import { wire } from './wire.ts';
import { workOrderCost } from './work-order-costs.ts';
import { workOrder } from './work-orders.ts';

/** MaintainX, by its REST API v1. */
export const maintainx = defineConnector({
  name: 'maintainx',
  title: 'MaintainX',
  kind: 'cmms',
  summary: 'Work orders with parts, time and expenses, assets, stock by location, people, vendors and mirrored purchase orders of MaintainX.',
  sources: ['https://api.getmaintainx.com/v1/docs', 'https://api.getmaintainx.com/v1/openapi.json (OpenAPI 3.0.0, 97 paths, read mid-2026)'],
  config: Settings,
  auth: [bearer('API key')],
  // 100 a minute for the user that the key acts as; a tenth is left to people and other tools.
  limits: { perMinute: 90, parallel: 4, page: 200 },
  permissions: [
    {
      name: 'A user of its own with an API key (Settings > Integrations)',
      why: 'The key acts as a user: its changes carry the name of that user, and its rate limit is not shared.',
    },
    { name: 'View and edit work orders and their costs', why: 'Orders and costs are read, mirrored costs are added.' },
    { name: 'View and edit assets, locations, meters', why: 'The hierarchy and book values are written, readings are added.' },
    { name: 'View and edit parts and their quantities', why: 'Stock is set to what the ERP says.' },
    { name: 'View, create, approve and receive purchase orders', why: 'Orders of the ERP are mirrored with their receipts.' },
    { name: 'View and edit vendors', why: 'Suppliers of the ERP are mirrored.' },
    { name: 'Manage users and see hourly rates', why: 'Only where people are kept in step: users are created, changed and removed.' },
    { name: 'Manage webhooks', why: 'Subscriptions are made and checked.' },
  ],
  knownLimits: [
    'Currency and units: MaintainX states neither. The currency is a setting; the unit of a part is a custom field; lines of orders have the unit `part/base`, which means the unit of the part in this system.',
    'Quantities of stock and of planned parts are whole numbers. A fraction is refused, never rounded.',
    "Cost rows have no number and no date when they are read: they are named by the hub's reference in their description, else by their place among the rows of their order. Labour is dated with the completion of the order; lines are numbered per person in the order of the answer.",
    'No call changes or deletes a cost row: a correction is a further row with the opposite sign. Whether negative amounts are taken has not been verified with the vendor.',
    'Locations, users, vendors and meters cannot be listed by change: all rows are read and compared.',
    'List rows of work orders have no `externalData`: the hub mark of an order comes with a single read.',
    'List rows of vendors and users are poor (no addresses, no external data): details come with a single read.',
    'Lists of assets, parts and orders move while they are read; a record deleted during a poll can hide another until the next full comparison.',
    'Priorities have no emergency, and work orders no released or closed: writing one is held with the value named.',
    'The vendor compares no versions. The connector reads just before it writes; a change within that moment is overwritten.',
    'Subscriptions cannot be listed, and the vendor deletes one whose address failed for long: each is checked by number, and polling with two minutes of overlap is what is relied on.',
  ],
  transport: wire,
  webhooks,
  fingerprint: contractLines,
}).records((record) => ({
  location: location(record),
  storeroom: storeroom(record),
  asset: asset(record),
  part: part(record),
  stockLevel: stockLevel(record),
  vendor: vendor(record),
  employee: employee(record),
  workOrder: workOrder(record),
  workOrderCost: workOrderCost(record),
  purchaseOrder: purchaseOrder(record),
  goodsReceipt: goodsReceipt(record),
  measurement: measurement(record),
}));
