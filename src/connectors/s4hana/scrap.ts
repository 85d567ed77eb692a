import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { decodeRows } from '#spi/decode';
import type { Row } from '#spi/odata-codec';
import type { Query, Verbs } from '#spi/connector';
import { accountIn, payerOf, placeOf } from '#connectors/s4hana/account';
import { needed, textIn } from '#connectors/s4hana/document';
import { documentWrites, getDocument, itemsOf, listDocuments } from '#connectors/s4hana/material-document';
import { both, reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

const Shape = z.looseObject({
  number: z.string(),
  PostingDate: z.string(),
  Material: z.string(),
  QuantityInEntryUnit: z.string(),
  EntryUnit: z.string(),
  direction: z.enum(['in', 'out']),
});
type Native = z.output<typeof Shape>;

/** A scrap posting is one part: the document's header with its only line beside it. Lines beyond the first are other people's documents and are refused, not left out. */
function presented(document: Row): Row {
  const [line, ...more] = itemsOf(document);
  const { to_MaterialDocumentItem: _lines, ...header } = document;
  return more.length > 0 ? { number: header['number'] } : { ...header, ...line };
}

const decode = (rows: readonly Row[]) => decodeRows(Shape, rows.map(presented), (row) => textIn(row as Row, 'number'));

/** Movement type 551 to the cost centre, with the reason of movement. */
function document(draft: JsonObject, standardReason: string | undefined): Row {
  const account = accountIn(draft);
  if (payerOf(account) !== 'costCentre')
    throw new Fault('rejected', 'scrap is charged to a cost centre (movement type 551), and the scrap posting names none', {
      fields: { account: 'a cost centre is required' },
    });
  if (draft['direction'] === 'in')
    throw new Fault('rejected', 'scrap that was posted by mistake is taken back by reversing its document, not by a posting of its own', {
      fields: { direction: 'must be out' },
    });
  const reason = textIn(draft, 'GoodsMovementReasonCode') ?? standardReason;
  if (reason === undefined)
    throw new Fault('rejected', 'the scrap posting names no reason, and the settings of the connection have no scrapReason', {
      fields: { GoodsMovementReasonCode: 'a value is required' },
    });
  const text = textIn(draft, 'MaterialDocumentHeaderText');
  return {
    GoodsMovementCode: '03',
    PostingDate: needed(draft, 'PostingDate', 'the scrap posting'),
    ...(text === undefined ? {} : { MaterialDocumentHeaderText: text }),
    to_MaterialDocumentItem: [
      {
        GoodsMovementType: '551',
        Material: needed(draft, 'Material', 'the scrap posting'),
        ...placeOf(draft),
        QuantityInEntryUnit: needed(draft, 'QuantityInEntryUnit', 'the scrap posting'),
        EntryUnit: needed(draft, 'EntryUnit', 'the scrap posting'),
        GoodsMovementReasonCode: reason,
        CostCenter: account?.costCentre,
        ...(account?.glAccount === undefined ? {} : { GLAccount: account.glAccount }),
      },
    ],
  };
}

const verbs = {
  list: (session: S4Session, query: Query) => listDocuments<Native>(session, query, 'scrapPosting', decode),
  get: async (session: S4Session, key: string) => Shape.parse(presented(await getDocument(session, key, 'scrapPosting'))),
  ...documentWrites((session, draft) => document(draft, session.config.scrapReason)),
} satisfies Verbs<S4Session, Native>;

/** Scrap: movement type 551 with its reason, taken back by 552. */
export const scrapPosting = {
  kind: 'scrapPosting' as const,
  native: 'A_MaterialDocumentHeader (551, 552)',
  shape: Shape,
  key: (record: Native) => record.number,
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('number', 'number'),
    reads('reference', 'ReferenceDocument'),
    both('reverses', 'reverses'),
    both('postedOn', 'PostingDate', { required: true }),
    both('text', 'MaterialDocumentHeaderText', { via: 'truncate(25)' }),
    both('part', 'Material', { reference: 'part', required: true }),
    both('storeroom', 'storeroom', { reference: 'storeroom' }),
    both('quantity.value', 'QuantityInEntryUnit', { required: true }),
    both('quantity.unit', 'EntryUnit', { via: 'unit(sap)', required: true }),
    both('direction', 'direction'),
    both('reason', 'GoodsMovementReasonCode'),
    both('account.costCentre', 'account.costCentre', { reference: 'costCentre', required: true }),
    both('account.glAccount', 'account.glAccount'),
    reads('value', 'GdsMvtExtAmtInCoCodeCrcy', { via: 'amount(CompanyCodeCurrency)' }),
    reads('changedAt', 'createdAt', { via: 'instant' }),
  ],
  example: {
    number: '4900001300/2026',
    MaterialDocument: '4900001300',
    MaterialDocumentYear: '2026',
    MaterialDocumentItem: '1',
    PostingDate: '2026-03-04',
    DocumentDate: '2026-03-04',
    ReferenceDocument: 'LP7KQ2M4X9RT1Z0B',
    MaterialDocumentHeaderText: 'Scrap of line 3',
    createdAt: '2026-03-04T16:00:00.000Z',
    reverses: '4900001299/2026',
    GoodsMovementType: '551',
    GoodsMovementReasonCode: '1',
    Material: 'BRG-6205-2RS',
    Plant: '2100',
    StorageLocation: '21A1',
    storeroom: '2100/21A1',
    direction: 'out' as const,
    QuantityInEntryUnit: '2',
    EntryUnit: 'PC',
    account: { costCentre: '21004310', glAccount: '51700000' },
    GdsMvtExtAmtInCoCodeCrcy: '25',
    CompanyCodeCurrency: 'EUR',
  },
};
