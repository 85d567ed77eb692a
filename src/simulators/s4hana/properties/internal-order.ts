import { properties } from '../odata/property.ts';

/** An order that collects costs. */
export const internalOrder = properties(`
  InternalOrder:S12:k InternalOrderDescription:S40 OrderCategory:S2 ControllingArea:S4 Plant:S4 Currency:S5 IsStatisticalOrder:B IsDeleted:B
  CreationDate:D CreatedByUser:S12 LastChangedByUser:S12 LastChangeTime:T CompanyCode:S4 ProfitCenter:S10 OrderType:S4 ResponsibleCostCenter:S10
`);
