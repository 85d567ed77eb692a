import type { Service } from '../odata/service.ts';
import * as activity from '../properties/activity.ts';
import { costCentre, costCentreText } from '../properties/cost-centre.ts';
import { glAccount, glAccountText } from '../properties/gl-account.ts';
import { internalOrder } from '../properties/internal-order.ts';
import { journalItem } from '../properties/journal-entry.ts';
import type { Row } from '../world/store.ts';
import type { World } from '../world/world.ts';

const v4 = (group: string, service: string): string => `/sap/opu/odata4/sap/${group}/srvd_a2x/sap/${service}/0001/`;

/** Cost centres, G/L accounts, orders, ledger lines, rates and activity allocations. */
export function financeServices(world: World): Service[] {
  const { organisation, ledger, internalOrders, activities } = world;
  const text = (row: Row, name: string): string => String(row[name] ?? '');
  return [
    {
      id: 'API_COSTCENTER_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_COSTCENTER_SRV/',
      namespace: 'API_COSTCENTER_SRV',
      component: 'CO-OM-CCA',
      sets: [
        {
          name: 'A_CostCenter',
          type: 'A_CostCenterType',
          properties: costCentre,
          table: organisation.costCentres,
          navigations: { to_Text: { to: 'A_CostCenterText', many: true, follow: (row) => [row] } },
        },
        { name: 'A_CostCenterText', type: 'A_CostCenterTextType', properties: costCentreText, table: organisation.costCentres },
      ],
    },
    {
      id: 'CE_COSTCENTER_0001',
      protocol: 'v4',
      root: v4('api_cost_center', 'costcenter'),
      namespace: 'com.sap.gateway.srvd_a2x.api_cost_center.v0001',
      component: 'CO-OM-CCA',
      sets: [{ name: 'A_CostCenter_2', type: 'A_CostCenter_2Type', properties: activity.costCentreV4, table: organisation.costCentres }],
    },
    {
      id: 'API_GLACCOUNTINCHARTOFACCOUNTS_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_GLACCOUNTINCHARTOFACCOUNTS_SRV/',
      namespace: 'API_GLACCOUNTINCHARTOFACCOUNTS_SRV',
      component: 'FI-GL-GL-A',
      sets: [
        {
          name: 'A_GLAccountInChartOfAccounts',
          type: 'A_GLAccountInChartOfAccountsType',
          properties: glAccount,
          table: organisation.glAccounts,
          navigations: { to_Text: { to: 'A_GLAccountText', many: true, follow: (row) => [row] } },
        },
        { name: 'A_GLAccountText', type: 'A_GLAccountTextType', properties: glAccountText, table: organisation.glAccounts },
      ],
    },
    {
      id: 'API_INTERNALORDER_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_INTERNALORDER_SRV/',
      namespace: 'API_INTERNALORDER_SRV',
      component: 'CO-OM-OPA',
      sets: [{ name: 'A_InternalOrder', type: 'A_InternalOrderType', properties: internalOrder, table: internalOrders.orders }],
    },
    {
      id: 'API_JOURNALENTRYITEMBASIC_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_JOURNALENTRYITEMBASIC_SRV/',
      namespace: 'API_JOURNALENTRYITEMBASIC_SRV',
      component: 'FI-GL-GL-A',
      sets: [{ name: 'A_JournalEntryItemBasic', type: 'A_JournalEntryItemBasicType', properties: journalItem, table: ledger.items }],
    },
    {
      id: 'API_OPLACCTGDOCITEMCUBE_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/',
      namespace: 'API_OPLACCTGDOCITEMCUBE_SRV',
      component: 'FI-GL-GL-A',
      sets: [{ name: 'A_OperationalAcctgDocItemCube', type: 'A_OperationalAcctgDocItemCubeType', properties: activity.accountingLine, table: ledger.items }],
    },
    {
      id: 'CE_COSTRATE_0001',
      protocol: 'v4',
      root: v4('api_cost_rate', 'costrate'),
      namespace: 'com.sap.gateway.srvd_a2x.api_cost_rate.v0001',
      component: 'CO-OM-CCA',
      sets: [
        { name: 'ActualCostRate', type: 'ActualCostRateType', properties: activity.costRate, table: activities.rates },
        { name: 'PlanCostRate', type: 'PlanCostRateType', properties: activity.costRate, table: activities.rates },
      ],
    },
    {
      id: 'CE_DIRECTACTIVITYALLOCATION_0001',
      protocol: 'v4',
      root: v4('api_drctactivityallocation', 'directactivityallocation'),
      namespace: 'com.sap.gateway.srvd_a2x.api_drctactivityallocation.v0001',
      component: 'CO-OM-CCA',
      sets: [
        {
          name: 'ActivityAllocation',
          type: 'ActivityAllocationType',
          properties: activity.allocation,
          table: activities.allocations,
          etag: 'optional',
          create: (input, { user }) =>
            activities.allocate(
              { ...input.values, PostingDate: text(input.values, 'PostingDate') || world.today() },
              (input.children['_Item'] ?? []).map(({ values }) => ({
                senderCostCentre: text(values, 'SenderCostCenter'),
                activityType: text(values, 'CostCtrActivityType'),
                quantity: text(values, 'Quantity') || '0',
                unit: text(values, 'BaseUnit') || 'H',
                receiverCostCentre: text(values, 'PartnerCostCenter'),
                receiverOrder: text(values, 'PartnerOrder'),
                personnelNumber: text(values, 'PersonnelNumber'),
                text: text(values, 'DocumentItemText'),
              })),
              user,
              world.now(),
            ).header,
          navigations: {
            _Item: {
              to: 'ActivityAllocationItem',
              many: true,
              follow: (row) => activities.items.by('ReferenceDocument', row['ReferenceDocument']).filter((one) => one['FiscalYear'] === row['FiscalYear']),
            },
          },
        },
        { name: 'ActivityAllocationItem', type: 'ActivityAllocationItemType', properties: activity.allocationItem, table: activities.items },
      ],
    },
  ];
}
