import { createHash } from 'node:crypto';
import type { Row } from '#simulators/s4hana/world/store';
import type { TargetDocument } from './checker/history.ts';
import { finance, maintenance } from './plant.ts';
import type { Twins } from './twins.ts';

/** Properties by which the world marks a document as taken back: the only ones of a posted document that may change. */
const marks = new Set([
  'GoodsMovementIsCancelled',
  'ReversedMaterialDocument',
  'ReversedMaterialDocumentYear',
  'ReversedMaterialDocumentItem',
  'IsReversed',
  'IsReversal',
  'ReverseDocument',
  'ReversalReason',
  'LastChangeDateTime',
]);

/** What no document of this run may change once it is posted. */
function frozen(rows: readonly Row[]): string {
  const hash = createHash('sha256');
  for (const row of rows)
    for (const name of Object.keys(row).sort())
      if (!marks.has(name) && !/revers|cancel|clearing|lstchg|lastchange/i.test(name)) hash.update(`${name}=${String(row[name])}\n`);
  return hash.digest('hex').slice(0, 16);
}

const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** Every business document of both systems. `posted`: only those that may never change, which is cheap enough for every step. */
export function documentsOf(twins: Twins, posted = false): TargetDocument[] {
  const { world } = twins.erp;
  const found: TargetDocument[] = [];
  const add = (connection: string, kind: string, id: string, rows: readonly Row[], more: Partial<TargetDocument> = {}): void => {
    found.push({ connection, kind, id, text: posted ? '' : JSON.stringify(rows), frozen: '', charges: [], ...more });
  };
  for (const header of world.movements.headers.all()) {
    const items = world.movements.items.by('MaterialDocument', header.MaterialDocument);
    // A document that takes another back carries the reference of the other.
    const takesBack = items.some((item) => text(item['ReversedMaterialDocument']) !== '');
    add(finance, takesBack ? 'takenBack' : 'movement', `${header.MaterialDocument}/${header.MaterialDocumentYear}`, [header, ...items], {
      frozen: frozen([header, ...items]),
      charges: items
        .filter((item) => ['201', '202', '261', '262', '241', '242'].includes(item.GoodsMovementType))
        .map((item) => ({
          account: item.GLAccount,
          object: item.CostCenter || item.ManufacturingOrder || item.MasterFixedAsset,
          quantity: item.QuantityInEntryUnit,
          unit: item.EntryUnit,
          amount: item.GdsMvtExtAmtInCoCodeCrcy,
          currency: item.CompanyCodeCurrency,
        })),
    });
  }
  const journal = new Map<string, Row[]>();
  for (const row of world.ledger.items.all()) {
    const id = `${text(row['CompanyCode'])}/${row.AccountingDocument}/${text(row['FiscalYear'])}`;
    const rows = journal.get(id);
    if (rows) rows.push(row);
    else journal.set(id, [row]);
  }
  for (const [id, rows] of journal)
    add(finance, 'journal', id, rows, {
      frozen: frozen(rows),
      charges: rows
        .filter((row) => text(row['AccountingDocCreatedByUser']) === 'LINCHPIN' && /^(51|61|94)/.test(text(row.GLAccount)))
        .map((row) => ({
          account: text(row.GLAccount),
          object: text(row['CostCenter']) || text(row['OrderID']) || text(row['MasterFixedAsset']),
          quantity: '1',
          unit: 'AU',
          amount: text(row['AmountInCompanyCodeCurrency']),
          currency: text(row['CompanyCodeCurrency'] ?? row['TransactionCurrency']),
        })),
    });
  for (const header of world.invoices.headers.all()) {
    const items = world.invoices.items.by('SupplierInvoice', header.SupplierInvoice);
    add(finance, 'invoice', header.SupplierInvoice, [header, ...items], { frozen: frozen([header, ...items]) });
  }
  for (const row of world.assets.postings.all())
    add(finance, 'assetPosting', text(row['FixedAssetPostingUUID'] ?? found.length), [row], { frozen: frozen([row]) });
  if (posted) return found;
  for (const header of world.requisitions.headers.all())
    add(finance, 'requisition', header.PurchaseRequisition, [header, ...world.requisitions.items.by('PurchaseRequisition', header.PurchaseRequisition)]);
  for (const header of world.reservations.headers.all()) add(finance, 'reservation', text(header['Reservation']), [header]);
  for (const row of world.technical.equipment.all()) add(finance, 'equipment', text(row['Equipment']), [row]);
  for (const row of world.activities.allocations.all()) add(finance, 'allocation', JSON.stringify(row).slice(0, 40), [row as unknown as Row]);
  for (const order of twins.cmms.world.workOrders.values())
    for (const row of order.costs)
      found.push({ connection: maintenance, kind: 'workOrderCost', id: `${order.id}/${row.id}`, text: JSON.stringify(row), frozen: '', charges: [] });
  for (const asset of twins.cmms.world.assets.values())
    found.push({ connection: maintenance, kind: 'asset', id: `${asset.id}`, text: JSON.stringify({ ...asset, childrenIds: [] }), frozen: '', charges: [] });
  for (const part of twins.cmms.world.parts.values())
    found.push({ connection: maintenance, kind: 'part', id: `${part.id}`, text: JSON.stringify({ ...part, stock: [] }), frozen: '', charges: [] });
  for (const vendor of twins.cmms.world.vendors.values())
    found.push({ connection: maintenance, kind: 'vendor', id: `${vendor.id}`, text: JSON.stringify(vendor), frozen: '', charges: [] });
  return found;
}
