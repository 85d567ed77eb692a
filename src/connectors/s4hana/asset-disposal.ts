import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Verbs, WriteTarget } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { entity } from '#spi/odata-type';
import { splitAsset } from '#connectors/s4hana/account';
import { entityIn, needed, onceOf, present, receiptOf, textIn } from '#connectors/s4hana/document';
import { findPosting } from '#connectors/s4hana/journal-item';
import { both } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Parameters of the action Post of CE_FIXEDASSETRETIREMENT_0001, and what it answers (SAP's description of the service). */
const valuation = entity('_Valuation', { AssetDepreciationArea: 'text 2' });
const ledger = entity('_Ledger', { Ledger: 'text 2' }, { _Valuation: { type: valuation } });
const retirement = entity(
  'FixedAssetRetirement',
  {
    ReferenceDocumentItem: 'digits 6',
    BusinessTransactionType: 'text 4',
    CompanyCode: 'text 4',
    MasterFixedAsset: 'id 12',
    FixedAsset: 'id 4',
    DocumentDate: 'day',
    PostingDate: 'day',
    AssetValueDate: 'day',
    AstRevenueAmountInTransCrcy: 'decimal 23.variable',
    FxdAstRtrmtRevnTransCrcy: 'text 3',
    FixedAssetRetirementType: 'text 1',
    FxdAstRetirementRatioInPercent: 'decimal 5.2',
    DocumentReferenceID: 'text 16',
    AccountingDocumentHeaderText: 'text 25',
    AccountingDocumentType: 'text 2',
    AssignmentReference: 'text 18',
    DocumentItemText: 'text 50',
  },
  { _Ledger: { type: ledger } },
);
const posting = entity('FixedAssetRetirement', {
  FixedAssetPostingUUID: 'key text 36',
  ReferenceDocument: 'id 10',
  ReferenceDocumentType: 'text 5',
  FiscalYear: 'digits 4',
});

const Shape = z.looseObject({ fixedAsset: z.string(), PostingDate: z.string(), kind: z.enum(['scrapped', 'sold', 'lost']).optional() });
type Native = z.output<typeof Shape>;

function body(session: S4Session, draft: JsonObject, reference: string): Row {
  const { fixedAsset } = session.config;
  if (fixedAsset === undefined)
    throw new Fault('misconfigured', 'fixedAsset is not in the settings of the connection, so the transaction type of a retirement is unknown');
  const { companyCode, master, sub } = splitAsset(needed(draft, 'fixedAsset', 'the disposal'));
  const day = needed(draft, 'PostingDate', 'the disposal');
  const revenue = textIn(draft, 'AstRevenueAmountInTransCrcy');
  if (draft['kind'] === 'sold' && revenue === undefined)
    throw new Fault('rejected', 'the disposal is a sale without revenue', { fields: { AstRevenueAmountInTransCrcy: 'a value is required' } });
  return {
    ReferenceDocumentItem: '1',
    BusinessTransactionType: fixedAsset.retirement.transactionType,
    CompanyCode: companyCode,
    MasterFixedAsset: master,
    FixedAsset: sub,
    DocumentDate: day,
    PostingDate: day,
    AssetValueDate: day,
    FxdAstRetirementRatioInPercent: '100',
    FixedAssetRetirementType: revenue === undefined ? fixedAsset.retirement.scrapped : fixedAsset.retirement.sold,
    AccountingDocumentType: fixedAsset.retirement.documentType,
    DocumentReferenceID: reference,
    AssignmentReference: reference,
    ...present({
      AstRevenueAmountInTransCrcy: revenue,
      FxdAstRtrmtRevnTransCrcy: textIn(draft, 'FxdAstRtrmtRevnTransCrcy'),
      DocumentItemText: textIn(draft, 'DocumentItemText'),
      AccountingDocumentHeaderText: textIn(draft, 'DocumentItemText')?.slice(0, 25),
    }),
    _Ledger: [{ Ledger: fixedAsset.ledger, _Valuation: [{ AssetDepreciationArea: fixedAsset.depreciationArea }] }],
  };
}

const verbs = {
  create: {
    class: 'L',
    how: 'DocumentReferenceID and AssignmentReference hold the 16 characters of the operation. The retirement service lists nothing by them, so the accounting lines that it makes (A_OperationalAcctgDocItemCube) are searched by the first before any repetition; besides, SAP refuses to retire an asset that is retired already.',
    async run(session, draft, { once }: WriteTarget) {
      const written = await session.api
        .on('retirement')
        .act({ type: retirement }, 'Post', { takes: retirement, row: body(session, draft, once.reference) }, posting, onceOf(session, once));
      const number = needed(entityIn(written, 'the retirement'), 'ReferenceDocument', 'the answer to the retirement');
      return receiptOf(number, written, { number });
    },
    async trace(session, once, draft) {
      const asset = textIn(draft, 'fixedAsset');
      const found = await findPosting(session, once.reference, asset === undefined ? undefined : splitAsset(asset).companyCode);
      return found === undefined ? undefined : receiptOf(found.number, { warnings: [], repeatable: false }, { number: found.number });
    },
  },
} satisfies Verbs<S4Session, Native>;

/** Retirement of a whole fixed asset, with or without revenue. */
export const assetDisposal = {
  kind: 'assetDisposal' as const,
  native: 'FixedAssetRetirement',
  shape: Shape,
  key: (record: Native) => record.fixedAsset,
  changes: 'sweep' as const,
  verbs,
  rows: [
    both('fixedAsset', 'fixedAsset', { reference: 'fixedAsset', required: true }),
    both('disposedOn', 'PostingDate', { required: true }),
    both('kind', 'kind'),
    both('revenue', 'AstRevenueAmountInTransCrcy', { via: 'amount(FxdAstRtrmtRevnTransCrcy)' }),
    both('text', 'DocumentItemText', { via: 'truncate(50)' }),
  ],
  example: {
    fixedAsset: '2100/300417/0',
    PostingDate: '2026-06-30',
    kind: 'sold' as const,
    AstRevenueAmountInTransCrcy: '250.00',
    FxdAstRtrmtRevnTransCrcy: 'EUR',
    DocumentItemText: 'Pump P-204 sold',
  },
};
