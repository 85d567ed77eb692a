import { properties } from '../odata/property.ts';

/** A cost centre in one period of validity, OData V2. */
export const costCentre = properties(`
  ControllingArea:S4:k CostCenter:S10:k ValidityEndDate:D:k ValidityStartDate:D CompanyCode:S4 BusinessArea:S4 CostCtrResponsiblePersonName:S20
  CostCtrResponsibleUser:S12 CostCenterCurrency:S5 ProfitCenter:S10 Department:S12 CostCenterStandardHierArea:S12 CostCenterCategory:S1
  IsBlkdForPrimaryCostsPosting:S1 IsBlkdForSecondaryCostsPosting:S1 Language:S2 CostCenterCreationDate:D
`);

/** Name of a cost centre in one language. */
export const costCentreText = properties(`
  CostCenter:S10:k ControllingArea:S4:k Language:S2:k ValidityEndDate:D:k ValidityStartDate:D CostCenterName:S20 CostCenterDescription:S40
`);
