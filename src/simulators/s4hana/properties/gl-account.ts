import { properties } from '../odata/property.ts';

/** A G/L account in its chart of accounts, OData V2. */
export const glAccount = properties(`
  ChartOfAccounts:S4:k GLAccount:S10:k IsBalanceSheetAccount:B GLAccountGroup:S4 AccountIsMarkedForDeletion:B AccountIsBlockedForPosting:B CreationDate:D
  LastChangeDateTime:Z GLAccountType:S1 IsProfitLossAccount:B
`);

/** Name of an account in one language. */
export const glAccountText = properties('ChartOfAccounts:S4:k GLAccount:S10:k Language:S2:k GLAccountName:S20 GLAccountLongName:S50');
