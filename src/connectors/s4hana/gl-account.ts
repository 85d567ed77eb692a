import * as z from 'zod';
import { Fault } from '#base/fault';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { entity } from '#spi/odata-type';
import { linesIn, textIn } from '#connectors/s4hana/document';
import { inLanguage } from '#connectors/s4hana/product';
import { reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_GLACCOUNTINCHARTOFACCOUNTS_SRV that are read (SAP's model of the service; the account itself is also published with the journal entries). */
const glAccountText = entity('A_GLAccountText', {
  ChartOfAccounts: 'key text 4',
  GLAccount: 'key id 10',
  Language: 'key text 2',
  GLAccountName: 'text 20',
  GLAccountLongName: 'text 50',
});
export const glAccounts = entity(
  'A_GLAccountInChartOfAccounts',
  {
    ChartOfAccounts: 'key text 4',
    GLAccount: 'key id 10',
    IsBalanceSheetAccount: 'boolean',
    AccountIsBlockedForPosting: 'boolean',
    AccountIsMarkedForDeletion: 'boolean',
    LastChangeDateTime: 'instant',
  },
  { to_Text: { type: glAccountText } },
);

const Shape = z.looseObject({
  GLAccount: z.string().min(1),
  ChartOfAccounts: z.string().min(1),
  name: z.string(),
  kind: z.enum(['expense', 'balance']),
  active: z.boolean(),
  AccountIsBlockedForPosting: z.boolean(),
});
type Native = z.output<typeof Shape>;

function presented(row: Row, language: string): Row {
  const text = inLanguage(linesIn(row, 'to_Text'), language);
  return {
    ...row,
    name: textIn(text, 'GLAccountLongName') ?? textIn(text, 'GLAccountName') ?? textIn(row, 'GLAccount') ?? '',
    kind: row['IsBalanceSheetAccount'] === true ? 'balance' : 'expense',
    active: row['AccountIsMarkedForDeletion'] !== true,
    AccountIsBlockedForPosting: row['AccountIsBlockedForPosting'] === true,
  };
}

/** One number means one account only within a chart. */
function chartOf({ config: { chartOfAccounts } }: S4Session): string {
  if (chartOfAccounts === undefined)
    throw new Fault('misconfigured', 'chartOfAccounts is not in the settings of the connection, so it is unknown which chart an account number belongs to');
  return chartOfAccounts;
}

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('glAccount'),
      { type: glAccounts, filter: [['ChartOfAccounts', 'eq', chartOf(session)]], expand: ['to_Text'], orderBy: ['GLAccount'] },
      query,
    );
    return {
      ...decodeRows(
        Shape,
        rows.map((row) => presented(row, session.config.language)),
        (row) => textIn(row as Row, 'GLAccount'),
      ),
      ...rest,
    };
  },
  async get(session: S4Session, key: string) {
    const row = await session.api.on('glAccount').get(glAccounts, { ChartOfAccounts: chartOf(session), GLAccount: key }, { expand: ['to_Text'] });
    return Shape.parse(presented(row, session.config.language));
  },
} satisfies Verbs<S4Session, Native>;

/** Accounts of the chart. `LastChangeDateTime` is empty on accounts that never changed, so that all are read and compared. */
export const glAccount = {
  kind: 'glAccount' as const,
  native: 'A_GLAccountInChartOfAccounts',
  shape: Shape,
  key: (record: Native) => record.GLAccount,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('code', 'GLAccount', { required: true }),
    reads('name', 'name'),
    reads('active', 'active'),
    reads('chart', 'ChartOfAccounts'),
    reads('kind', 'kind'),
    reads('locked', 'AccountIsBlockedForPosting'),
    reads('changedAt', 'LastChangeDateTime', { via: 'instant' }),
  ],
  example: {
    ChartOfAccounts: 'YCOA',
    GLAccount: '61008000',
    IsBalanceSheetAccount: false,
    AccountIsBlockedForPosting: false,
    AccountIsMarkedForDeletion: false,
    LastChangeDateTime: '2026-03-02T09:15:00.000Z',
    name: 'Purchased services',
    kind: 'expense' as const,
    active: true,
  },
};
