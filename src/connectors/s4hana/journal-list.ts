import type { Query } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows, type ListedRows } from '#spi/odata-page';
import { valuesPerCondition } from '#spi/odata-query';
import { present, takenBack, textIn } from '#connectors/s4hana/document';
import { journalItem, payerIn } from '#connectors/s4hana/journal-item';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

/** Most lines that the entries of one page may have together. */
const mostLines = 50_000;
const keys = ['CompanyCode', 'FiscalYear', 'AccountingDocument', 'AccountingDocumentItem'];

/** One page of journal entries of the document type in the settings: the first line of each entry is listed, then all lines of these entries are read. */
export async function listEntries(session: S4Session, query: Query): Promise<ListedRows> {
  const client = session.api.on('journalItems');
  const { rows, ...rest } = await listRows(
    client,
    {
      type: journalItem,
      filter: [
        ['AccountingDocumentType', 'eq', session.config.journal?.documentType ?? ''],
        ['AccountingDocumentItem', 'eq', '1'],
        ...(query.postedFrom === undefined ? [] : [['PostingDate', 'ge', query.postedFrom] as const]),
      ],
      orderBy: keys,
    },
    query,
  );
  const lines = new Map<string, Row[]>();
  for (const group of groupsOf(rows))
    for (const line of await client.all(journalItem, { filter: group, orderBy: keys }, mostLines))
      lines.set(numberIn(line), [...(lines.get(numberIn(line)) ?? []), line]);
  return { rows: rows.map((row) => entryPosting(session.config, lines.get(numberIn(row)) ?? [row]) ?? { number: numberIn(row) }), ...rest };
}

/** Conditions that find all lines of the entries: one request per company code, year and as many numbers as an address holds. */
function groupsOf(rows: readonly Row[]): (readonly (readonly [string, 'eq', string | readonly string[]])[])[] {
  const numbers = new Map<string, string[]>();
  for (const row of rows) {
    const group = `${textIn(row, 'CompanyCode') ?? ''}/${textIn(row, 'FiscalYear') ?? ''}`;
    numbers.set(group, [...(numbers.get(group) ?? []), textIn(row, 'AccountingDocument') ?? '']);
  }
  return [...numbers].flatMap(([group, own]) => {
    const [companyCode = '', year = ''] = group.split('/');
    return Array.from({ length: Math.ceil(own.length / valuesPerCondition) }, (_, at) => [
      ['CompanyCode', 'eq', companyCode] as const,
      ['FiscalYear', 'eq', year] as const,
      ['AccountingDocument', 'eq', own.slice(at * valuesPerCondition, (at + 1) * valuesPerCondition)] as const,
    ]);
  });
}

/** `100000017/2026/2100`. */
const numberIn = (row: Row): string => `${textIn(row, 'AccountingDocument') ?? ''}/${textIn(row, 'FiscalYear') ?? ''}/${textIn(row, 'CompanyCode') ?? ''}`;

/** An entry in the words of a cost posting: its first line is the receiver's, as the connector writes it; an opposite entry has a negative amount. */
export function entryPosting(settings: Settings, lines: readonly Row[]): Row | undefined {
  const [first, second] = lines;
  if (first === undefined) return undefined;
  const companyCode = textIn(first, 'CompanyCode') ?? '';
  const text = textIn(first, 'DocumentItemText');
  const glAccount = textIn(first, 'GLAccount');
  const sender = second === undefined ? undefined : payerIn(second, companyCode)?.costCentre;
  return {
    kind: kindOf(settings, companyCode, textIn(second, 'GLAccount')),
    number: numberIn(first),
    account: present({ ...payerIn(first, companyCode), glAccount }),
    native: lines.map((line) => line),
    ...present({
      reference: textIn(first, 'DocumentReferenceID'),
      PostingDate: textIn(first, 'PostingDate'),
      text,
      reverses: takenBack(text),
      senderCostCentre: sender,
      amount: textIn(first, 'AmountInTransactionCurrency'),
      currency: textIn(first, 'TransactionCurrency'),
      user: textIn(first, 'AccountingDocCreatedByUser'),
    }),
  };
}

/** SAP keeps no kind: the account that is relieved says it, where the settings give each kind an account of its own. */
function kindOf({ companyCodes }: Settings, companyCode: string, relieved: string | undefined): 'labour' | 'service' | 'adjustment' {
  const own = Object.hasOwn(companyCodes, companyCode) ? companyCodes[companyCode] : undefined;
  if (relieved !== undefined && relieved === own?.labour?.credit) return 'labour';
  return relieved !== undefined && relieved === own?.service?.credit ? 'service' : 'adjustment';
}
