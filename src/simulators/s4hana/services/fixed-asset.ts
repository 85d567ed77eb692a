import { decode, type Form } from '../odata/codec.ts';
import { OdataError } from '../odata/odata-error.ts';
import type { PropertyTable } from '../odata/property.ts';
import type { Service } from '../odata/service.ts';
import * as table from '../properties/fixed-asset.ts';
import type { Row } from '../world/store.ts';
import type { World } from '../world/world.ts';

const root = (name: string): string => `/sap/opu/odata4/sap/api_${name}/srvd_a2x/sap/${name}/0001/`;

/** Fixed assets: created, acquired and retired by actions, never by plain POST. */
export function assetServices(world: World): Service[] {
  const { assets } = world;
  const text = (row: Row, name: string): string => String(row[name] ?? '');
  const posting = { properties: table.assetPosting, table: assets.postings };
  return [
    {
      id: 'CE_FIXEDASSET_0001',
      protocol: 'v4',
      root: root('fixedasset'),
      namespace: 'com.sap.gateway.srvd_a2x.api_fixedasset.v0001',
      component: 'FI-FIO-AA',
      sets: [
        {
          name: 'FixedAsset',
          type: 'FixedAssetType',
          properties: table.fixedAsset,
          table: assets.assets,
          etag: 'optional',
          change: (row, changes) => changeAsset(world, row, changes),
        },
      ],
      operations: [
        {
          name: 'CreateMasterFixedAsset',
          method: 'POST',
          parameters: table.createAsset,
          bound: { set: 'FixedAsset', to: 'collection' },
          status: 201,
          run: (given, context, _row, body) => {
            const form: Form = { protocol: 'v4', language: 'EN', decimalText: true, units: world.units };
            const general = group(body['_General'], table.assetGeneral, form);
            const assignment = group(body['_AccountAssignment'], table.assetAssignment, form);
            const ledger = group(first(body['_Ledger']), table.assetLedger, form);
            const valuation = child(first(child(first(body['_Ledger']), '_Valuation')), '_TimeBasedValuation');
            const life = group(first(valuation), table.assetTimeBasedValuation, form);
            const row = assets.create({
              companyCode: text(given, 'CompanyCode'),
              assetClass: text(given, 'AssetClass'),
              description: text(general, 'FixedAssetDescription'),
              costCentre: text(assignment, 'CostCenter'),
              inventory: text(group(body['_Inventory'], table.assetInventory, form), 'Inventory'),
              capitalised: ledger['AssetCapitalizationDate'] ? text(ledger, 'AssetCapitalizationDate') : undefined,
              lifeYears: life['PlannedUsefulLifeInYears'] === undefined ? undefined : text(life, 'PlannedUsefulLifeInYears'),
              today: world.today(),
              more: {
                AssetAdditionalDescription: text(general, 'AssetAdditionalDescription'),
                AssetSerialNumber: text(general, 'AssetSerialNumber'),
                Plant: text(assignment, 'Plant'),
                AssetLocation: text(assignment, 'AssetLocation'),
                CreatedByUser: context.user,
              },
            });
            return { set: 'FixedAsset', row };
          },
        },
      ],
    },
    {
      id: 'CE_FIXEDASSETACQUISITION_0001',
      protocol: 'v4',
      root: root('fixedassetacquisition'),
      namespace: 'com.sap.gateway.srvd_a2x.api_fixedassetacquisition.v0001',
      component: 'FI-FIO-AA',
      sets: [{ name: 'FixedAssetAcquisition', type: 'FixedAssetAcquisitionType', ...posting }],
      operations: [
        {
          name: 'Post',
          method: 'POST',
          parameters: table.acquisition,
          bound: { set: 'FixedAssetAcquisition', to: 'collection' },
          run: (given, { user }) => ({
            set: 'FixedAssetAcquisition',
            row: assets.acquire({
              companyCode: text(given, 'CompanyCode'),
              asset: text(given, 'MasterFixedAsset'),
              subNumber: text(given, 'FixedAsset') || '0',
              date: text(given, 'PostingDate') || world.today(),
              amount: text(given, 'AcqnAmtInTransactionCurrency') || '0',
              currency: text(given, 'TransactionCurrency'),
              offsettingAccount: text(given, 'OffsettingAccount'),
              credit: given['DebitCreditCode'] === 'H',
              user,
              reference: given,
            }),
          }),
        },
      ],
    },
    {
      id: 'CE_FIXEDASSETRETIREMENT_0001',
      protocol: 'v4',
      root: root('fixedassetretirement'),
      namespace: 'com.sap.gateway.srvd_a2x.api_fixedassetretirement.v0001',
      component: 'FI-FIO-AA',
      sets: [{ name: 'FixedAssetRetirement', type: 'FixedAssetRetirementType', ...posting }],
      operations: [
        {
          name: 'Post',
          method: 'POST',
          parameters: table.retirement,
          bound: { set: 'FixedAssetRetirement', to: 'collection' },
          run: (given, { user }) => ({
            set: 'FixedAssetRetirement',
            row: assets.retire({
              companyCode: text(given, 'CompanyCode'),
              asset: text(given, 'MasterFixedAsset'),
              subNumber: text(given, 'FixedAsset') || '0',
              date: text(given, 'PostingDate') || world.today(),
              revenue: text(given, 'AstRevenueAmountInTransCrcy') || '0',
              percent: optional(given, 'FxdAstRetirementRatioInPercent'),
              amount: optional(given, 'AstRtrmtAmtInTransCrcy'),
              user,
              reference: given,
            }),
          }),
        },
      ],
    },
  ];
}

function changeAsset(world: World, row: Row, changes: Row): Row {
  const [companyCode, asset] = [String(row['CompanyCode']), String(row['MasterFixedAsset'])];
  if (changes['CostCenter']) world.assets.assign(companyCode, asset, String(changes['CostCenter']), world.today());
  return world.assets.assets.update(world.assets.active(companyCode, asset, String(row['FixedAsset'])), changes);
}

/** An amount or percentage that was given and is not zero. */
function optional(row: Row, name: string): string | undefined {
  const value = row[name];
  return value === undefined || Number(value) === 0 ? undefined : String(value);
}

/** A complex parameter, checked property by property. */
function group(value: unknown, properties: PropertyTable, form: Form): Row {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new OdataError(400, '/IWBEP/CM_MGW_RT/018', 'A parameter group is an object');
  const row: Row = {};
  for (const [name, one] of Object.entries(value)) {
    if (name.startsWith('_')) continue;
    const property = properties.find((candidate) => candidate.name === name);
    if (!property) throw new OdataError(400, '/IWBEP/CM_MGW_RT/020', `Property '${name}' is invalid`, name);
    row[property.field] = decode(one, property, form);
  }
  return row;
}

const first = (value: unknown): unknown => (Array.isArray(value) ? (value as readonly unknown[])[0] : undefined); // An array, as just checked.
const child = (value: unknown, name: string): unknown =>
  value !== null && typeof value === 'object' && name in value ? (value as Readonly<Record<string, unknown>>)[name] : undefined; // Has the member, as just checked.
