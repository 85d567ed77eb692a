import type { Row } from '#spi/odata-codec';
import { entity } from '#spi/odata-type';
import { textIn } from '#connectors/s4hana/document';
import { assetIn, type Account } from '#connectors/s4hana/account';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of A_OperationalAcctgDocItemCube that are read: how a posting is found again by its reference (SAP's field list of the view). */
export const journalItem = entity('A_OperationalAcctgDocItemCube', {
  CompanyCode: 'key text 4',
  FiscalYear: 'key digits 4',
  AccountingDocument: 'key id 10',
  AccountingDocumentItem: 'key digits 6',
  DocumentReferenceID: 'text 16',
  AccountingDocumentType: 'text 2',
  AccountingDocCreatedByUser: 'text 12',
  PostingDate: 'day',
  GLAccount: 'id 10',
  CostCenter: 'id 10',
  OrderID: 'id 12',
  MasterFixedAsset: 'id 12',
  AmountInTransactionCurrency: 'decimal 23.3',
  TransactionCurrency: 'text 5',
  DocumentItemText: 'text 50',
  AssignmentReference: 'text 18',
});

/** Lines of the documents that carry a reference; the document number is the same in all lines of the first one. */
export async function findPosting(
  session: S4Session,
  reference: string,
  companyCode?: string,
): Promise<{ readonly number: string; readonly year: string; readonly companyCode: string; readonly lines: readonly Row[] } | undefined> {
  const rows = await session.api.on('journalItems').all(
    journalItem,
    {
      filter: [['DocumentReferenceID', 'eq', reference], ...(companyCode === undefined ? [] : [['CompanyCode', 'eq', companyCode] as const])],
      orderBy: ['CompanyCode', 'FiscalYear', 'AccountingDocument', 'AccountingDocumentItem'],
    },
    2000,
  );
  const number = textIn(rows[0], 'AccountingDocument');
  const year = textIn(rows[0], 'FiscalYear');
  const company = textIn(rows[0], 'CompanyCode');
  if (number === undefined || year === undefined || company === undefined) return undefined;
  return { number, year, companyCode: company, lines: rows.filter((row) => textIn(row, 'AccountingDocument') === number) };
}

/** Lines of one document. */
export function linesOfPosting(
  session: S4Session,
  document: { readonly number: string; readonly year: string; readonly companyCode: string },
): Promise<readonly Row[]> {
  return session.api.on('journalItems').all(
    journalItem,
    {
      filter: [
        ['CompanyCode', 'eq', document.companyCode],
        ['FiscalYear', 'eq', document.year],
        ['AccountingDocument', 'eq', document.number],
      ],
      orderBy: ['AccountingDocumentItem'],
    },
    2000,
  );
}

/** Who pays for a line, if it charges anybody. */
export function payerIn(row: Row, companyCode: string): Account | undefined {
  const order = textIn(row, 'OrderID');
  const costCentre = textIn(row, 'CostCenter');
  const fixedAsset = assetIn(row, companyCode);
  return order !== undefined ? { order } : costCentre !== undefined ? { costCentre } : fixedAsset !== undefined ? { fixedAsset } : undefined;
}
