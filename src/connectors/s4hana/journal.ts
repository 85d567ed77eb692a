import { add, compare, negate } from '#base/decimal';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { roundedMoney } from '#base/money';
import type { Once, Receipt } from '#spi/connector';
import { safeText } from '#spi/answers';
import { member, textOf, type XmlElement, type XmlValue } from '#spi/soap';
import { withoutZeros } from '#spi/odata-codec';
import { splitAsset, type Account } from '#connectors/s4hana/account';
import { moneyJson, receiptOf, textIn } from '#connectors/s4hana/document';
import { sapRules } from '#connectors/s4hana/faults';
import { findPosting } from '#connectors/s4hana/journal-item';
import type { S4Session } from '#connectors/s4hana/system';

/** One line of an entry: a debit is positive, a credit negative. */
export interface JournalLine {
  readonly glAccount: string;
  readonly amount: string;
  readonly account?: Account;
  readonly text?: string;
}

export interface Journal {
  readonly companyCode: string;
  readonly day: string;
  readonly currency: string;
  readonly text?: string;
  readonly lines: readonly JournalLine[];
}

const action = 'http://sap.com/xi/SAPSCORE/SFIN/JournalEntryCreateRequestConfirmation_In/JournalEntryCreateRequestConfirmation_InRequest';
const namespace = 'http://sap.com/xi/SAPSCORE/SFIN';

/** SAP's services for messages do not pad numbers: accounts and cost centres go with all their leading zeros. */
const padded = (text: string, length: number): string => (/^\d+$/.test(text) ? text.padStart(length, '0') : text);

/** Posts an entry. The answer is 200 also where SAP refused it: its log decides. */
export async function postJournal(session: S4Session, journal: Journal, once: Once): Promise<Receipt> {
  const { journal: settings } = session.config;
  if (settings === undefined)
    throw new Fault('misconfigured', 'journal is not in the settings of the connection, so the service for journal entries is unknown');
  const at = new Date(session.now()).toISOString();
  const header = (id: string): XmlElement => ({
    children: [
      ['ID', id],
      ['CreationDateTime', at],
    ],
  });
  const entry: XmlElement = {
    children: [
      ['OriginalReferenceDocumentType', 'BKPFF'],
      ['OriginalReferenceDocument', ''],
      ['OriginalReferenceDocumentLogicalSystem', ''],
      ['BusinessTransactionType', 'RFBU'],
      ['AccountingDocumentType', settings.documentType],
      ['DocumentReferenceID', once.reference],
      ['DocumentHeaderText', journal.text?.slice(0, 25)],
      ['CreatedByUser', settings.user],
      ['CompanyCode', journal.companyCode],
      ['DocumentDate', journal.day],
      ['PostingDate', journal.day],
      ['Item', journal.lines.map((line, index) => lineXml(line, journal, index + 1))],
    ],
  };
  const answer = await session.api.soap.call({
    path: settings.path,
    action,
    namespaces: { sfin: namespace },
    name: 'sfin:JournalEntryBulkCreateRequest',
    body: {
      children: [
        ['MessageHeader', header(once.reference)],
        [
          'JournalEntryCreateRequest',
          {
            children: [
              ['MessageHeader', header(`${once.reference}-1`)],
              ['JournalEntry', entry],
            ],
          },
        ],
      ],
    },
  });
  return receipt(
    answer,
    `POST ${settings.path}`,
    bornBy(
      journal.lines.map(({ amount }) => amount),
      journal.currency,
    ),
  );
}

function lineXml(line: JournalLine, { companyCode, currency }: Journal, number: number): XmlElement {
  const credit = compare(line.amount, '0') < 0;
  const children: (readonly [string, XmlValue | undefined])[] = [
    ['ReferenceDocumentItem', String(number)],
    ['CompanyCode', companyCode],
    ['GLAccount', padded(line.glAccount, 10)],
    ['AmountInTransactionCurrency', { attributes: { currencyCode: currency }, text: line.amount }],
    ['DebitCreditCode', credit ? 'H' : 'S'],
    ['DocumentItemText', line.text?.slice(0, 50)],
    ['AccountAssignment', assignmentXml(line.account)],
  ];
  return { children };
}

function assignmentXml(account: Account | undefined): XmlElement | undefined {
  if (account?.order !== undefined) return { children: [['OrderID', padded(account.order, 12)]] };
  if (account?.costCentre !== undefined) return { children: [['CostCenter', padded(account.costCentre, 10)]] };
  if (account?.fixedAsset === undefined) return undefined;
  const { master, sub } = splitAsset(account.fixedAsset);
  return {
    children: [
      ['MasterFixedAsset', padded(master, 12)],
      ['FixedAsset', padded(sub, 4)],
    ],
  };
}

/** Severities of SAP's log from which on nothing was posted. */
const errorFrom = 3;

/** Reads number and log wherever they are nested: the exact nesting differs between releases. */
function receipt(answer: unknown, where: string, value: JsonObject): Receipt {
  const number = withoutZeros(textOf(find(answer, 'AccountingDocument')) ?? '');
  const log = find(answer, 'Log');
  const items = listOf(member(log, 'Item')).map((item) => ({
    type: textOf(member(item, 'TypeID')) ?? '',
    severity: Number(textOf(member(item, 'SeverityCode')) ?? '0'),
    note: textOf(member(item, 'Note')) ?? '',
  }));
  const severity = Math.max(Number(textOf(member(log, 'MaximumLogItemSeverityCode')) ?? '0'), ...items.map((item) => item.severity));
  if (severity >= errorFrom || number === '0')
    throw refused(
      items.filter((item) => item.severity >= errorFrom),
      where,
    );
  const year = textOf(find(answer, 'FiscalYear'));
  const companyCode = textOf(find(answer, 'CompanyCode'));
  if (!/^\d{1,10}$/.test(number) || year === undefined || companyCode === undefined)
    throw new Fault('uncertain', `${where} was answered, but neither a document nor an error is in the answer`, { where });
  const id = `${number}/${year}/${companyCode}`;
  return receiptOf(id, { warnings: items.filter((item) => item.severity === 2).map((item) => item.note), repeatable: false }, { number: id, value });
}

/** What an entry moves: the sum of its debits. */
const bornBy = (amounts: readonly string[], currency: string): JsonObject =>
  moneyJson(
    roundedMoney(
      amounts.filter((amount) => compare(amount, '0') > 0).reduce((sum, amount) => add(sum, amount), '0'),
      currency,
    ),
  );

/** `605(RW)` is message 605 of class RW. */
function refused(items: readonly { readonly type: string; readonly note: string }[], where: string): Fault {
  const codes = items.map((item) => ({ code: item.type.replace(/^(\d+)\((.+)\)$/, '$2/$1'), note: item.note }));
  const kind = codes.map(({ code, note }) => sapRules.kindOf(code, note)).find((found) => found !== undefined) ?? 'rejected';
  const [first] = codes;
  return new Fault(kind, `${where} answered 200, but posted nothing: ${safeText(codes.map(({ note }) => note).join('; ') || 'no reason was given')}`, {
    where,
    ...(first === undefined ? {} : { code: first.code }),
  });
}

function find(value: unknown, name: string, depth = 0): unknown {
  if (value === null || typeof value !== 'object' || depth > 10) return undefined;
  const own = member(value, name);
  if (own !== undefined) return own;
  for (const inner of Object.values(value)) {
    const found = find(inner, name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

const listOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** Finds an entry by its reference among the accounting lines. */
export async function findJournal(session: S4Session, once: Once, companyCode?: string): Promise<Receipt | undefined> {
  const found = await findPosting(session, once.reference, companyCode);
  if (found === undefined) return undefined;
  const id = `${found.number}/${found.year}/${found.companyCode}`;
  const currency = textIn(found.lines[0], 'TransactionCurrency');
  const value =
    currency === undefined
      ? {}
      : {
          value: bornBy(
            found.lines.map((line) => textIn(line, 'AmountInTransactionCurrency') ?? '0'),
            currency,
          ),
        };
  return receiptOf(id, { warnings: [], repeatable: false }, { number: id, ...value });
}

/** The same lines with opposite signs. */
export const opposite = (lines: readonly JournalLine[]): readonly JournalLine[] => lines.map((line) => ({ ...line, amount: negate(line.amount) }));
