import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { currencyScale } from '#base/money';
import type { Once, Query, Receipt, Verbs, WriteTarget } from '#spi/connector';
import { decodeRows } from '#spi/decode';
import type { Row } from '#spi/odata-codec';
import { beginning } from '#spi/odata-page';
import { accountIn, payerOf, splitAsset, type Account } from '#connectors/s4hana/account';
import { allocate, allocateBack, findAllocation, getAllocation, listAllocations } from '#connectors/s4hana/activity';
import { costCentres } from '#connectors/s4hana/cost-centre';
import { needed, takesBack, textIn, today } from '#connectors/s4hana/document';
import { findJournal, opposite, postJournal, type JournalLine } from '#connectors/s4hana/journal';
import { entryPosting, listEntries } from '#connectors/s4hana/journal-list';
import { linesOfPosting, payerIn } from '#connectors/s4hana/journal-item';
import { accountRows, both, reads } from '#connectors/s4hana/row';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

const Shape = z.looseObject({
  kind: z.enum(['labour', 'service', 'adjustment']),
  number: z.string().optional(),
  PostingDate: z.string(),
  amount: z.string(),
  currency: z.string(),
});
type Native = z.output<typeof Shape>;

/** Most cost centres whose company code is remembered. */
const remembered = 20_000;

/** The company code that bears a cost: of the asset, of the one in the settings, or of the cost centre (read once). */
async function companyCodeOf(session: S4Session, account: Account, costCentre: string | undefined): Promise<string> {
  if (account.fixedAsset !== undefined) return splitAsset(account.fixedAsset).companyCode;
  const codes = Object.keys(session.config.companyCodes);
  if (codes.length === 1 && codes[0] !== undefined) return codes[0];
  const centre = account.costCentre ?? costCentre;
  if (centre === undefined)
    throw new Fault(
      'rejected',
      'the company code is unknown: the posting names an order without a sending cost centre, and the settings have several company codes',
      { fields: { senderCostCentre: 'a value is required' } },
    );
  const { companyCodes } = session.api;
  const known = companyCodes.get(centre);
  if (known !== undefined) return known;
  const day = today(session);
  const { rows } = await session.api.on('costCentre').list(costCentres, {
    filter: [
      ['ControllingArea', 'eq', session.config.controllingArea],
      ['CostCenter', 'eq', centre],
      ['ValidityStartDate', 'le', day],
      ['ValidityEndDate', 'ge', day],
    ],
    top: 1,
  });
  const found = textIn(rows[0], 'CompanyCode');
  if (found === undefined)
    throw new Fault('rejected', `cost centre ${centre} has no company code today`, { fields: { account: 'names an unknown cost centre' } });
  if (companyCodes.size >= remembered) companyCodes.clear();
  companyCodes.set(centre, found);
  return found;
}

function settingsOf(settings: Settings, companyCode: string): Settings['companyCodes'][string] {
  const found = Object.hasOwn(settings.companyCodes, companyCode) ? settings.companyCodes[companyCode] : undefined;
  if (!found) throw new Fault('misconfigured', `companyCodes.${companyCode} is not in the settings of the connection`);
  return found;
}

async function create(session: S4Session, draft: JsonObject, { once }: WriteTarget): Promise<Receipt> {
  const account = accountIn(draft) ?? {};
  if (payerOf(account) === undefined)
    throw new Fault('rejected', 'the cost posting names no order, asset or cost centre to charge', { fields: { account: 'a value is required' } });
  const kind = needed(draft, 'kind', 'the cost posting');
  if (kind !== 'labour' && kind !== 'service' && kind !== 'adjustment')
    throw new Fault('rejected', `${kind} is no kind of cost posting`, { fields: { kind: 'is unknown' } });
  const companyCode = await companyCodeOf(session, account, textIn(draft, 'senderCostCentre'));
  const settings = settingsOf(session.config, companyCode);
  if (kind === 'labour')
    return settings.labour?.by === 'journal'
      ? entry(session, draft, { companyCode, account, accounts: labourAccounts(settings.labour) }, once)
      : labour(session, draft, { companyCode, account }, once);
  const accounts = settings[kind];
  if (accounts === undefined)
    throw new Fault('misconfigured', `companyCodes.${companyCode}.${kind} is not in the settings of the connection, so the accounts are unknown`);
  return entry(session, draft, { companyCode, account, accounts }, once);
}

interface Charge {
  readonly companyCode: string;
  readonly account: Account;
}

/** Hours as direct activity allocation: SAP values them. */
async function labour(session: S4Session, draft: JsonObject, { companyCode, account }: Charge, once: Once): Promise<Receipt> {
  const standard = settingsOf(session.config, companyCode).labour;
  const sender = textIn(draft, 'senderCostCentre') ?? standard?.costCentre;
  const activityType = textIn(draft, 'activityType') ?? standard?.activityType;
  if (sender === undefined || activityType === undefined)
    throw new Fault(
      'misconfigured',
      `the posting names no ${sender === undefined ? 'sending cost centre' : 'activity type'}, and companyCodes.${companyCode}.labour has none`,
    );
  const personnelNumber = textIn(draft, 'PersonnelNumber');
  const text = textIn(draft, 'text');
  return allocate(
    session,
    {
      day: needed(draft, 'PostingDate', 'the labour posting'),
      companyCode,
      sender,
      activityType,
      hours: needed(draft, 'hours', 'the labour posting'),
      account,
      ...(personnelNumber === undefined ? {} : { personnelNumber }),
      ...(text === undefined ? {} : { text }),
    },
    once,
  );
}

/** Which accounts an entry moves an amount between. */
interface Accounts {
  readonly debit: string;
  readonly credit: string;
  readonly creditCostCentre?: string | undefined;
}

type LabourSettings = NonNullable<Settings['companyCodes'][string]['labour']>;

function labourAccounts({ debit, credit, costCentre }: LabourSettings): Accounts {
  // The schema of the settings refuses labour by journal without accounts.
  if (debit === undefined || credit === undefined)
    throw new Fault('misconfigured', 'labour by journal needs the accounts debit and credit in the settings of the connection');
  return { debit, credit, creditCostCentre: costCentre };
}

/** The given amount as a balanced entry: the receiver bears it, the supplying cost centre is relieved. */
async function entry(
  session: S4Session,
  draft: JsonObject,
  { companyCode, account, accounts }: Charge & { readonly accounts: Accounts },
  once: Once,
): Promise<Receipt> {
  const amount = needed(draft, 'amount', 'the cost posting');
  const text = textIn(draft, 'text');
  const more = text === undefined ? {} : { text };
  const creditCentre = textIn(draft, 'senderCostCentre') ?? accounts.creditCostCentre;
  const lines: JournalLine[] = [
    { glAccount: account.glAccount ?? accounts.debit, amount, account, ...more },
    { glAccount: accounts.credit, amount: negated(amount), ...(creditCentre === undefined ? {} : { account: { costCentre: creditCentre } }), ...more },
  ];
  return postJournal(
    session,
    { companyCode, day: needed(draft, 'PostingDate', 'the cost posting'), currency: needed(draft, 'currency', 'the cost posting'), lines, ...more },
    once,
  );
}

/** The opposite amount with the same places: `245.00` becomes `-245.00`. */
const negated = (amount: string): string => (amount.startsWith('-') ? amount.slice(1) : `-${amount}`);

/** Labour is looked for wherever the settings of a company code put it, so that no system needs a service which it does not use. */
async function trace(session: S4Session, once: Once, draft: JsonObject): Promise<Receipt | undefined> {
  // A reversal may carry no kind of its own; both places are searched then.
  const kind = textIn(draft, 'kind');
  const by = new Set(Object.values(session.config.companyCodes).map(({ labour: own }) => own?.by ?? 'allocation'));
  const mayBeLabour = kind === undefined || kind === 'labour';
  const allocation = mayBeLabour && by.has('allocation') ? await findAllocation(session, once) : undefined;
  return allocation ?? (kind === 'labour' && !by.has('journal') ? undefined : findJournal(session, once));
}

/** Allocations have the key `200000001/2026`, journal entries `100000017/2026/2100`. */
async function reverse(session: S4Session, draft: JsonObject, { key = '', once }: WriteTarget): Promise<Receipt> {
  const day = needed(draft, 'PostingDate', 'the reversal');
  const [number, year, companyCode, more] = key.split('/');
  if (!number || !year || more !== undefined) throw new Fault('missing', `no cost posting has the number ${JSON.stringify(key.slice(0, 40))}`);
  if (companyCode === undefined) {
    const account = accountIn(draft);
    const company = account === undefined ? undefined : await companyCodeOf(session, account, textIn(draft, 'senderCostCentre'));
    return allocateBack(session, { number, day, ...(company === undefined ? {} : { companyCode: company }) }, once);
  }
  const rows = await linesOfPosting(session, { number, year, companyCode });
  const currency = textIn(rows[0], 'TransactionCurrency');
  if (currency === undefined) throw new Fault('missing', `there is no journal entry ${key}`);
  const lines = rows.map((row): JournalLine => {
    const account = payerIn(row, companyCode);
    return {
      glAccount: needed(row, 'GLAccount', 'a line of the entry'),
      amount: withPlaces(textIn(row, 'AmountInTransactionCurrency') ?? '0', currency),
      ...(account === undefined ? {} : { account }),
      text: takesBack(key),
    };
  });
  return postJournal(session, { companyCode, day, currency, lines: opposite(lines), text: `Reversal of ${number}` }, once);
}

/** Amounts are written with all places of their currency. */
function withPlaces(amount: string, currency: string): string {
  const [whole = '0', places = ''] = amount.split('.');
  const scale = currencyScale(currency);
  return scale === 0 ? whole : `${whole}.${places.padEnd(scale, '0')}`;
}

/** Where cost postings stand: allocations, then entries. A connection that makes none of a sort does not need its service. */
const sources = ['allocations', 'entries'] as const;
type Source = (typeof sources)[number];
const Cursor = z.object({ of: z.enum(sources), at: z.string().max(10_000).optional() });

function sourcesOf({ config }: S4Session): readonly Source[] {
  const allocates = Object.values(config.companyCodes).some(({ labour: own }) => (own?.by ?? 'allocation') === 'allocation');
  return sources.filter((source) => (source === 'allocations' ? allocates : config.journal !== undefined));
}

/** One page of one source; the cursor says where the next begins. */
async function list(session: S4Session, { cursor, ...query }: Query) {
  const own = sourcesOf(session);
  const from = cursor === undefined ? undefined : cursorOf(cursor);
  const source = from?.of ?? own[0];
  if (source === undefined)
    throw new Fault(
      'misconfigured',
      'the settings of the connection say neither how labour is posted nor which service takes journal entries: nothing can be listed',
    );
  const asked = { ...query, ...(from?.at === undefined ? {} : { cursor: from.at }) };
  const { rows, cursor: at, since } = source === 'allocations' ? await listAllocations(session, asked) : await listEntries(session, asked);
  const following = own[own.indexOf(source) + 1];
  const next = at !== undefined ? { of: source, at } : following === undefined ? undefined : { of: following };
  return {
    ...decodeRows(Shape, rows, (row) => textIn(row as Row, 'number')),
    ...(next === undefined ? { since: since ?? beginning } : { cursor: JSON.stringify(next) }),
  };
}

function cursorOf(text: string): z.output<typeof Cursor> {
  try {
    return Cursor.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault('misconfigured', 'the place to continue a list from cannot be read; start the list again', { cause });
  }
}

async function get(session: S4Session, key: string): Promise<Native> {
  const [, number = '', year = '', companyCode] = /^(\d{1,10})\/(\d{4})(?:\/(\w{1,4}))?$/.exec(key) ?? [];
  if (number === '')
    throw new Fault('missing', `no cost posting has the number ${JSON.stringify(key.slice(0, 40))}; 200000001/2026 and 100000017/2026/2100 are the forms`);
  if (companyCode === undefined) return Shape.parse(await getAllocation(session, { number, year }));
  const found = entryPosting(session.config, await linesOfPosting(session, { number, year, companyCode }));
  if (found === undefined) throw new Fault('missing', `there is no journal entry ${key}`);
  return Shape.parse(found);
}

const how =
  'The 16 characters of the operation stand in AccountingDocumentHeaderText of an activity allocation and in DocumentReferenceID of a journal entry; ActivityAllocation, or the accounting lines, are searched by them before any repetition. A document that SAP shows late (seconds) is waited for by the engine.';

const verbs = {
  list,
  get,
  create: { class: 'L', how, run: create, trace },
  reverse: { class: 'L', how: `The opposite document is made from the lines of the original. ${how}`, run: reverse, trace },
} satisfies Verbs<S4Session, Native>;

/** Labour as direct activity allocation or, by setting, as a balanced journal entry; services and adjustments always as entries. */
export const costPosting = {
  kind: 'costPosting' as const,
  native: 'ActivityAllocation, or JournalEntryCreateRequestConfirmation_In',
  shape: Shape,
  key: (record: Native) => record.number ?? `${record.kind}@${record.PostingDate}`,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('number', 'number'),
    reads('reference', 'reference'),
    reads('postedBy', 'user'),
    both('kind', 'kind', { required: true }),
    both('postedOn', 'PostingDate', { required: true }),
    both('text', 'text', { via: 'truncate(50)' }),
    both('employee', 'PersonnelNumber', { reference: 'employee' }),
    both('activityType', 'activityType'),
    both('senderCostCentre', 'senderCostCentre', { reference: 'costCentre' }),
    ...accountRows('account', 'account'),
    both('hours', 'hours'),
    both('amount', 'amount', { via: 'amount(currency)', required: true }),
    both('reverses', 'reverses'),
  ],
  example: {
    kind: 'labour' as const,
    number: '200000002/2026',
    reference: 'LP7KQ2M4X9RT1Z0C',
    user: 'LINCHPIN',
    PostingDate: '2026-03-04',
    text: 'Labour WO 88123',
    PersonnelNumber: '10042',
    activityType: 'MNT01',
    senderCostCentre: '21009000',
    account: { order: '4000871', costCentre: '21004310', fixedAsset: '2100/300417/0', glAccount: '61008000' },
    hours: '3.5',
    amount: '245.00',
    currency: 'EUR',
    reverses: '200000001/2026',
  },
};
