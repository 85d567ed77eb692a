import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { decodeRows } from '#spi/decode';
import type { Row } from '#spi/odata-codec';
import type { Query, Verbs } from '#spi/connector';
import { placeOf } from '#connectors/s4hana/account';
import { documentWrites, getDocument, itemsOf, listDocuments } from '#connectors/s4hana/material-document';
import { both, finance, reads } from '#connectors/s4hana/row';
import { needed, textIn } from '#connectors/s4hana/document';
import type { S4Session } from '#connectors/s4hana/system';

const Item = z.looseObject({
  MaterialDocumentItem: z.string(),
  Material: z.string().optional(),
  EntryUnit: z.string(),
  QuantityInEntryUnit: z.string(),
  direction: z.enum(['in', 'out']),
  GoodsMovementType: z.string(),
  PurchaseOrder: z.string().optional(),
  PurchaseOrderItem: z.string().optional(),
});
export const GoodsReceiptShape = z.looseObject({
  number: z.string(),
  MaterialDocument: z.string(),
  MaterialDocumentYear: z.string(),
  PostingDate: z.string(),
  to_MaterialDocumentItem: z.array(Item),
});
type Native = z.output<typeof GoodsReceiptShape>;

const decode = (rows: readonly Row[]) => decodeRows(GoodsReceiptShape, rows, (row) => textIn(row as Row, 'number'));

/** A receipt (101) or a return to the vendor (122) against a purchase order. */
function document(draft: JsonObject, returnReason: string | undefined): Row {
  const lines = itemsOf(draft);
  if (lines.length === 0) throw new Fault('rejected', 'the goods receipt has no lines', { fields: { to_MaterialDocumentItem: 'has no lines' } });
  return {
    ...draft,
    GoodsMovementCode: '01',
    to_MaterialDocumentItem: lines.map((line) => {
      needed(line, 'PurchaseOrder', 'a line of the goods receipt');
      needed(line, 'PurchaseOrderItem', 'a line of the goods receipt');
      const { storeroom: _storeroom, direction, ...rest } = line;
      return {
        ...rest,
        ...placeOf(line),
        GoodsMovementType: direction === 'out' ? '122' : '101',
        GoodsMovementRefDocType: 'B',
        ...(direction === 'out' && returnReason !== undefined ? { GoodsMovementReasonCode: returnReason } : {}),
      };
    }),
  };
}

const verbs = {
  list: (session: S4Session, query: Query) => listDocuments<Native>(session, query, 'goodsReceipt', decode),
  get: async (session: S4Session, key: string) => GoodsReceiptShape.parse(await getDocument(session, key, 'goodsReceipt')),
  ...documentWrites((session, draft) => document(draft, session.config.returnReason)),
} satisfies Verbs<S4Session, Native>;

/** Goods receipts: material documents with movement types 101, 102, 122 and 123. */
export const goodsReceipt = {
  kind: 'goodsReceipt' as const,
  native: 'A_MaterialDocumentHeader (101, 102, 122, 123)',
  shape: GoodsReceiptShape,
  key: (record: Native) => record.number,
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('number', 'number'),
    reads('reference', 'ReferenceDocument'),
    both('postedOn', 'PostingDate', { required: true }),
    both('reverses', 'reverses'),
    reads('lines[].line', 'to_MaterialDocumentItem[].MaterialDocumentItem'),
    both('lines[].purchaseOrder', 'to_MaterialDocumentItem[].PurchaseOrder'),
    both('lines[].purchaseOrderLine', 'to_MaterialDocumentItem[].PurchaseOrderItem'),
    both('lines[].part', 'to_MaterialDocumentItem[].Material', { reference: 'part' }),
    both('lines[].storeroom', 'to_MaterialDocumentItem[].storeroom', { reference: 'storeroom' }),
    both('lines[].quantity.value', 'to_MaterialDocumentItem[].QuantityInEntryUnit', { required: true }),
    both('lines[].quantity.unit', 'to_MaterialDocumentItem[].EntryUnit', { via: 'unit(sap)', required: true }),
    both('lines[].direction', 'to_MaterialDocumentItem[].direction', { required: true }),
    reads('lines[].value', 'to_MaterialDocumentItem[].GdsMvtExtAmtInCoCodeCrcy', { via: 'amount(CompanyCodeCurrency)' }),
    finance('lines[].complete', 'to_MaterialDocumentItem[].IsCompletelyDelivered'),
    reads('changedAt', 'createdAt', { via: 'instant' }),
  ],
  example: {
    number: '5000004410/2026',
    MaterialDocument: '5000004410',
    MaterialDocumentYear: '2026',
    PostingDate: '2026-03-09',
    DocumentDate: '2026-03-09',
    ReferenceDocument: 'LP-GR-5531',
    MaterialDocumentHeaderText: 'LP WO 88123',
    createdAt: '2026-03-09T10:15:00.000Z',
    reverses: '5000004409/2026',
    to_MaterialDocumentItem: [
      {
        MaterialDocumentItem: '1',
        Material: 'BRG-6205-2RS',
        Plant: '2100',
        StorageLocation: '21A1',
        storeroom: '2100/21A1',
        direction: 'in' as const,
        GoodsMovementType: '101',
        GoodsMovementRefDocType: 'B',
        PurchaseOrder: '4500098231',
        PurchaseOrderItem: '10',
        QuantityInEntryUnit: '2',
        EntryUnit: 'PC',
        GdsMvtExtAmtInCoCodeCrcy: '31.5',
        CompanyCodeCurrency: 'EUR',
        IsCompletelyDelivered: false,
      },
    ],
  },
};
