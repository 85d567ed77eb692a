import { properties } from '../odata/property.ts';

/** One line of the ledger, as the aggregate view shows it. */
export const journalItem = properties(`
  ID:S:k Ledger:S2 LedgerFiscalYear:N4 ControllingArea:S4 CompanyCode:S4 GLAccount:S10 GLAccountName:S30 CostCenter:S10 CostCenterName:S20
  ProfitCenter:S10 PartnerCostCenter:S10 TransactionCurrency:S5 AmountInTransactionCurrency:P24.3 CompanyCodeCurrency:S5
  AmountInCompanyCodeCurrency:P24.3 CostSourceUnit:S3 ValuationQuantity:P23.3 FiscalPeriod:N3 FiscalYearVariant:S2 FiscalYearPeriod:S8
  ChartOfAccounts:S4 Plant:S4 ControllingDebitCreditCode:S1 CostCtrActivityType:S6 OrderID:S12 PartnerOrder:S12 PartnerCostCtrActivityType:S6
  SoldMaterial:S40 MaterialGroup:S9
`);
