import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { decodeRows } from '#spi/decode';
import type { Row } from '#spi/odata-codec';
import type { Query, Verbs } from '#spi/connector';
import { accountIn, categories, payerOf, placeOf, splitAsset, type Account, type Payer } from '#connectors/s4hana/account';
import { documentWrites, getDocument, itemsOf, listDocuments } from '#connectors/s4hana/material-document';
import { accountRows, both, reads } from '#connectors/s4hana/row';
import { textIn } from '#connectors/s4hana/document';
import type { S4Session } from '#connectors/s4hana/system';

const Item = z.looseObject({
  MaterialDocumentItem: z.string(),
  Material: z.string(),
  EntryUnit: z.string(),
  QuantityInEntryUnit: z.string(),
  direction: z.enum(['in', 'out']),
  GoodsMovementType: z.string(),
});
export const GoodsIssueShape = z.looseObject({
  number: z.string(),
  MaterialDocument: z.string(),
  MaterialDocumentYear: z.string(),
  PostingDate: z.string(),
  ReferenceDocument: z.string().optional(),
  to_MaterialDocumentItem: z.array(Item),
});
type Native = z.output<typeof GoodsIssueShape>;

const decode = (rows: readonly Row[]) => decodeRows(GoodsIssueShape, rows, (row) => textIn(row as Row, 'number'));

/** Movement type and payer of each line: SAP knows from them which account is debited. */
function document(draft: JsonObject): Row {
  const row: Row = { ...draft };
  const lines = itemsOf(row);
  if (lines.length === 0) throw new Fault('rejected', 'the goods issue has no lines', { fields: { to_MaterialDocumentItem: 'has no lines' } });
  const account = accountIn(row);
  return { ...row, GoodsMovementCode: '03', to_MaterialDocumentItem: lines.map((line) => issueLine(line, account)) };
}

function issueLine(line: Row, account: Account | undefined): Row {
  const payer = payerOf(account);
  if (payer === undefined)
    throw new Fault('rejected', 'the goods issue names no order, asset or cost centre to charge', { fields: { account: 'a value is required' } });
  const category = categories[payer];
  const { storeroom: _storeroom, direction, ...rest } = line;
  return {
    ...rest,
    ...placeOf(line),
    GoodsMovementType: direction === 'in' ? category.back : category.issue,
    ...payment(payer, account ?? {}),
    ...(account?.glAccount === undefined ? {} : { GLAccount: account.glAccount }),
  };
}

function payment(payer: Payer, account: Account): Row {
  if (payer === 'order') return { ManufacturingOrder: account.order };
  if (payer === 'costCentre') return { CostCenter: account.costCentre };
  const { master, sub } = splitAsset(account.fixedAsset ?? '');
  return { MasterFixedAsset: master, FixedAsset: sub };
}

const verbs = {
  list: (session: S4Session, query: Query) => listDocuments<Native>(session, query, 'goodsIssue', decode),
  get: async (session: S4Session, key: string) => GoodsIssueShape.parse(await getDocument(session, key, 'goodsIssue')),
  ...documentWrites((_session, draft) => document(draft)),
} satisfies Verbs<S4Session, Native>;

/** Goods issues: material documents with movement types 201, 241 and 261 and their returns. */
export const goodsIssue = {
  kind: 'goodsIssue' as const,
  native: 'A_MaterialDocumentHeader (201, 241, 261, 202, 242, 262)',
  shape: GoodsIssueShape,
  key: (record: Native) => record.number,
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('number', 'number'),
    reads('reference', 'ReferenceDocument'),
    both('postedOn', 'PostingDate', { required: true }),
    both('text', 'MaterialDocumentHeaderText', { via: 'truncate(25)' }),
    both('reverses', 'reverses'),
    ...accountRows('account', 'account'),
    reads('lines[].line', 'to_MaterialDocumentItem[].MaterialDocumentItem'),
    both('lines[].part', 'to_MaterialDocumentItem[].Material', { reference: 'part', required: true }),
    both('lines[].site', 'to_MaterialDocumentItem[].Plant', { reference: 'site' }),
    both('lines[].storeroom', 'to_MaterialDocumentItem[].storeroom', { reference: 'storeroom' }),
    both('lines[].quantity.value', 'to_MaterialDocumentItem[].QuantityInEntryUnit', { required: true }),
    both('lines[].quantity.unit', 'to_MaterialDocumentItem[].EntryUnit', { via: 'unit(sap)', required: true }),
    both('lines[].direction', 'to_MaterialDocumentItem[].direction'),
    reads('lines[].value', 'to_MaterialDocumentItem[].GdsMvtExtAmtInCoCodeCrcy', { via: 'amount(CompanyCodeCurrency)' }),
    both('lines[].reservation', 'to_MaterialDocumentItem[].Reservation'),
    both('lines[].reservationLine', 'to_MaterialDocumentItem[].ReservationItem'),
    reads('changedAt', 'createdAt', { via: 'instant' }),
  ],
  example: {
    number: '4900001201/2026',
    MaterialDocument: '4900001201',
    MaterialDocumentYear: '2026',
    PostingDate: '2026-03-04',
    DocumentDate: '2026-03-04',
    ReferenceDocument: 'LP7KQ2M4X9RT1Z0A',
    MaterialDocumentHeaderText: 'WO 88123',
    createdAt: '2026-03-04T16:00:00.000Z',
    reverses: '4900001200/2026',
    account: { order: '4000871', costCentre: '21004310', fixedAsset: '2100/300417/0', glAccount: '51100000' },
    to_MaterialDocumentItem: [
      {
        MaterialDocumentItem: '1',
        Material: 'BRG-6205-2RS',
        Plant: '2100',
        StorageLocation: '21A1',
        storeroom: '2100/21A1',
        direction: 'out' as const,
        GoodsMovementType: '261',
        ManufacturingOrder: '4000871',
        QuantityInEntryUnit: '2',
        EntryUnit: 'PC',
        GdsMvtExtAmtInCoCodeCrcy: '31.5',
        CompanyCodeCurrency: 'EUR',
        Reservation: '2724',
        ReservationItem: '1',
      },
    ],
  },
};
