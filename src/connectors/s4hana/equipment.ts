import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { decodeRows } from '#spi/decode';
import type { Once, Query, Receipt, Verbs, WriteTarget } from '#spi/connector';
import { etagMember, type Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import type { WriteOptions } from '#spi/odata';
import { entity } from '#spi/odata-type';
import { assetIn, plantSettings, splitAsset } from '#connectors/s4hana/account';
import { entityIn, needed, onceOf, present, receiptOf, textIn, today } from '#connectors/s4hana/document';
import { both, finance, reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_EQUIPMENT that are sent or read (metadata of the service). Equipment has one row per period; the current one ends never. */
export const equipment = entity('Equipment', {
  Equipment: 'key id 18',
  ValidityEndDate: 'key day read',
  ValidityStartDate: 'day',
  EquipmentName: 'text 40',
  EquipmentCategory: 'text 1',
  TechnicalObjectType: 'text 10',
  InventoryNumber: 'text 25',
  AcquisitionValue: 'decimal 13.3',
  Currency: 'text 5',
  AcquisitionDate: 'day',
  AssetManufacturerName: 'text 30',
  ManufacturerPartTypeName: 'text 20',
  ManufacturerSerialNumber: 'text 30',
  MaintenancePlant: 'text 4',
  ABCIndicator: 'text 1',
  CompanyCode: 'text 4',
  MasterFixedAsset: 'id 12',
  FixedAsset: 'id 4',
  CostCenter: 'id 10',
  ControllingArea: 'text 4',
  MaintenancePlanningPlant: 'text 4',
  FunctionalLocation: 'text 30 read',
  SuperordinateEquipment: 'id 18',
  TechnicalObjectSortCode: 'text 25',
  LastChangeDateTime: 'instant read',
  EquipmentIsMarkedForDeletion: 'boolean read',
  EquipmentIsInstalled: 'boolean read',
  EquipmentIsInactive: 'boolean read',
});
const nothing = entity('DummyFunctionImportResult', {});

const forever = '9999-12-31';
const keyOf = (number: string): { readonly Equipment: string; readonly ValidityEndDate: string } => ({ Equipment: number, ValidityEndDate: forever });

const Shape = z.looseObject({
  Equipment: z.string().min(1),
  EquipmentName: z.string(),
  active: z.boolean(),
  EquipmentIsInactive: z.boolean().optional(),
  EquipmentIsInstalled: z.boolean().optional(),
  FunctionalLocation: z.string().optional(),
  SuperordinateEquipment: z.string().optional(),
  LastChangeDateTime: z.string().optional(),
  ValidityStartDate: z.string().optional(),
  CostCenter: z.string().optional(),
  CompanyCode: z.string().optional(),
  fixedAsset: z.string().optional(),
});
type Native = z.output<typeof Shape>;

function presented(row: Row): Row {
  const disposed = row['EquipmentIsMarkedForDeletion'] === true;
  const inactive = row['EquipmentIsInactive'] === true;
  // SAP shows zero where no value was entered, and then no currency either.
  const { AcquisitionValue: value, ...others } = row;
  const valued = value === undefined || (value === '0' && textIn(row, 'Currency') === undefined) ? {} : { AcquisitionValue: value };
  return {
    ...others,
    ...valued,
    ...present({ fixedAsset: assetIn(row, textIn(row, 'CompanyCode')) }),
    EquipmentName: textIn(row, 'EquipmentName') ?? textIn(row, 'Equipment') ?? '',
    active: !disposed && !inactive,
    status: disposed ? 'disposed' : inactive ? 'inactive' : 'operational',
  };
}

/** The current segment of equipment, or `missing`. */
export async function currentEquipment(session: S4Session, number: string): Promise<Native> {
  return Shape.parse(presented(await session.api.on('equipment').get(equipment, keyOf(number))));
}

export const versionOf = (record: Native): string | undefined => (typeof record[etagMember] === 'string' ? record[etagMember] : record.LastChangeDateTime);

/** What goes over the wire of a draft: organisation facts of its plant, and the fixed asset as SAP's two properties. */
function wire(session: S4Session, draft: JsonObject): Row {
  const { fixedAsset, active: _active, status: _status, FunctionalLocation: _place, ...rest } = draft;
  if (typeof fixedAsset !== 'string') return rest;
  const { companyCode, master, sub } = splitAsset(fixedAsset);
  const plant = textIn(draft, 'MaintenancePlant');
  if (plant !== undefined && plantSettings(session.config, plant).companyCode !== companyCode)
    throw new Fault('rejected', `fixed asset ${fixedAsset} is not in the company code of plant ${plant}`, {
      fields: { fixedAsset: 'belongs to another company code' },
    });
  return { ...rest, MasterFixedAsset: master, FixedAsset: sub };
}

async function create(session: S4Session, draft: JsonObject, { once }: WriteTarget): Promise<Receipt> {
  const plant = needed(draft, 'MaintenancePlant', 'the equipment');
  const { companyCode, planningPlant } = plantSettings(session.config, plant);
  const row = {
    ...wire(session, draft),
    EquipmentCategory: session.config.equipment.category,
    MaintenancePlanningPlant: planningPlant,
    CompanyCode: companyCode,
    ...(draft['CostCenter'] === undefined ? {} : { ControllingArea: session.config.controllingArea }),
    TechnicalObjectSortCode: once.reference,
  };
  const written = await session.api.on('equipment').create(equipment, row, onceOf(session, once));
  const number = needed(entityIn(written, 'the equipment'), 'Equipment', 'the answer to the creation');
  const installed = await settle(session, number, draft);
  return receiptOf(number, { ...written, warnings: [...written.warnings, ...installed] }, { number });
}

/** Installs new equipment where its draft says. A refusal leaves the equipment and becomes a warning: creating it again would make a second one. */
async function settle(session: S4Session, number: string, draft: JsonObject): Promise<readonly string[]> {
  const place = textIn(draft, 'FunctionalLocation');
  if (place === undefined || textIn(draft, 'SuperordinateEquipment') !== undefined) return [];
  try {
    await install(session, number, { place, day: today(session) });
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.kind === 'unreachable' || error.kind === 'uncertain' || error.kind === 'throttled' || error.kind === 'locked')
      throw new Fault('uncertain', `equipment ${number} was created, and its installation at ${place} was not answered: ${error.message}`, { cause: error });
    return [`not installed at ${place}: ${error.message}`];
  }
}

async function trace(session: S4Session, once: Once, draft: JsonObject): Promise<Receipt | undefined> {
  const { rows } = await session.api.on('equipment').list(equipment, {
    filter: [
      ['TechnicalObjectSortCode', 'eq', once.reference],
      ['ValidityEndDate', 'eq', forever],
    ],
    top: 1,
  });
  const number = textIn(rows[0], 'Equipment');
  if (number === undefined) return undefined;
  const warnings = rows[0]?.['EquipmentIsInstalled'] === true || session.rehearsal ? [] : await settle(session, number, draft);
  return receiptOf(number, { warnings, repeatable: false }, { number });
}

/** Installs at a functional location from a day on; leaves its present place first. */
async function install(session: S4Session, number: string, to: { readonly place: string; readonly day: string }, options?: WriteOptions): Promise<void> {
  await session.api.on('equipment').invoke(
    'InstallEquipment',
    [
      ['Equipment', 'text', number],
      ['ValidityEndDate', 'day', forever],
      ['SuperordinateEquipment', 'text', ''],
      ['EquipInstallationPositionNmbr', 'text', ''],
      ['FunctionalLocation', 'text', to.place],
      ['EquipmentInstallationDate', 'day', to.day],
      ['EquipmentInstallationTime', 'time', '00:00:00'],
    ],
    equipment,
    options,
  );
}

async function dismantle(session: S4Session, now: Native, day: string): Promise<void> {
  await session.api.on('equipment').invoke(
    'DismantleEquipment',
    [
      ['Equipment', 'text', now.Equipment],
      ['ValidityEndDate', 'day', forever],
      ['SuperordinateEquipment', 'text', now.SuperordinateEquipment ?? ''],
      ['EquipInstallationPositionNmbr', 'text', ''],
      ['FunctionalLocation', 'text', now.FunctionalLocation ?? ''],
      ['EquipmentInstallationDate', 'day', day],
      ['EquipmentInstallationTime', 'time', '00:00:00'],
    ],
    equipment,
  );
}

/** Moves equipment to a functional location or into superordinate equipment, if it is not there yet. */
export async function move(
  session: S4Session,
  now: Native,
  to: { readonly place?: string; readonly superordinate?: string; readonly day: string },
): Promise<boolean> {
  if (
    to.superordinate !== undefined
      ? now.SuperordinateEquipment === to.superordinate
      : to.place === undefined || (now.FunctionalLocation === to.place && now.SuperordinateEquipment === undefined)
  )
    return false;
  if (now.EquipmentIsInstalled === true) await dismantle(session, now, to.day);
  if (to.superordinate !== undefined) await session.api.on('equipment').update(equipment, keyOf(now.Equipment), { SuperordinateEquipment: to.superordinate });
  else if (to.place !== undefined) await install(session, now.Equipment, { place: to.place, day: to.day });
  return true;
}

async function update(session: S4Session, draft: JsonObject, { key = '', seen, once }: WriteTarget): Promise<Receipt> {
  const client = session.api.on('equipment');
  const now = await currentEquipment(session, key);
  if (seen !== undefined && versionOf(now) !== seen) throw new Fault('conflict', `equipment ${key} changed since it was read`);
  const { SuperordinateEquipment: superordinate, ...changes } = wire(session, draft);
  const etag = now[etagMember];
  if (Object.keys(changes).length > 0)
    await client.update(equipment, keyOf(key), changes, { ...onceOf(session, once), ...(typeof etag === 'string' ? { seen: etag } : {}) });
  const place = textIn(draft, 'FunctionalLocation');
  await move(session, now, { ...(place === undefined ? {} : { place }), ...(typeof superordinate === 'string' ? { superordinate } : {}), day: today(session) });
  const active = draft['active'];
  if (typeof active === 'boolean' && active === (now.EquipmentIsInactive === true))
    await client.invoke(
      active ? 'ResetEquipmentFromInactive' : 'SetEquipmentToInactive',
      [
        ['Equipment', 'text', key],
        ['ValidityEndDate', 'day', forever],
      ],
      nothing,
    );
  const after = versionOf(await currentEquipment(session, key));
  return { id: key, ...(after === undefined ? {} : { version: after }), data: { number: key } };
}

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('equipment'),
      { type: equipment, filter: [['ValidityEndDate', 'eq', forever]], orderBy: ['Equipment'], changedAt: 'LastChangeDateTime' },
      query,
    );
    return { ...decodeRows(Shape, rows.map(presented), (row) => textIn(row as Row, 'Equipment')), ...rest };
  },
  get: currentEquipment,
  create: {
    class: 'L',
    how: 'TechnicalObjectSortCode holds the 16 characters of the operation, and Equipment is searched by it before any repetition; the field must not be used for anything else. Installation is a second call: where an earlier attempt ended before it, the search completes it.',
    run: create,
    trace,
  },
  update: {
    class: 'K',
    how: 'Values are absolute: what equipment shall be, not what shall change by how much. Place and activity are compared with the present state before they are set, so that repeating changes nothing.',
    run: update,
  },
} satisfies Verbs<S4Session, Native>;

/** Equipment with its place, cost centre and fixed asset. */
export const asset = {
  kind: 'asset' as const,
  native: 'Equipment',
  shape: Shape,
  key: (record: Native) => record.Equipment,
  version: versionOf,
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('code', 'Equipment'),
    both('name', 'EquipmentName', { via: 'truncate(40)', required: true }),
    both('active', 'active'),
    reads('status', 'status'),
    both('parent', 'SuperordinateEquipment', { reference: 'asset' }),
    both('location', 'FunctionalLocation', { reference: 'location' }),
    both('site', 'MaintenancePlant', { reference: 'site', required: true }),
    finance('costCentre', 'CostCenter', { reference: 'costCentre' }),
    both('category', 'TechnicalObjectType'),
    both('criticality', 'ABCIndicator'),
    both('manufacturer', 'AssetManufacturerName', { via: 'truncate(30)' }),
    both('model', 'ManufacturerPartTypeName', { via: 'truncate(20)' }),
    both('serialNumber', 'ManufacturerSerialNumber'),
    finance('fixedAsset', 'fixedAsset', { reference: 'fixedAsset' }),
    finance('acquisitionValue', 'AcquisitionValue', { via: 'amount(Currency)' }),
    finance('acquisitionDate', 'AcquisitionDate'),
    reads('changedAt', 'LastChangeDateTime', { via: 'instant' }),
  ],
  example: {
    Equipment: '10004711',
    ValidityEndDate: '9999-12-31',
    ValidityStartDate: '2026-03-02',
    EquipmentName: 'Centrifugal pump P-204',
    EquipmentCategory: 'M',
    TechnicalObjectType: 'PUMP',
    MaintenancePlant: '2100',
    MaintenancePlanningPlant: '2100',
    CompanyCode: '2100',
    CostCenter: '21004310',
    ControllingArea: 'A000',
    MasterFixedAsset: '300417',
    FixedAsset: '0',
    fixedAsset: '2100/300417/0',
    FunctionalLocation: 'LC-P1-UTIL-CW',
    SuperordinateEquipment: '10004700',
    ManufacturerSerialNumber: 'KX-77-0193',
    AssetManufacturerName: 'Kestrel',
    ManufacturerPartTypeName: 'KX-77',
    ABCIndicator: 'A',
    AcquisitionValue: '18500.25',
    Currency: 'EUR',
    AcquisitionDate: '2026-03-02',
    TechnicalObjectSortCode: 'LP-A-000913',
    EquipmentIsMarkedForDeletion: false,
    EquipmentIsInstalled: true,
    EquipmentIsInactive: false,
    LastChangeDateTime: '2026-03-02T09:00:00.000Z',
    active: true,
    status: 'operational',
  },
};

/** A dated change of cost centre: a new validity segment from that day. */
export async function assignCostCentre(session: S4Session, now: Native, to: { readonly costCentre: string; readonly day: string }): Promise<boolean> {
  if (now.CostCenter === to.costCentre) return false;
  const later = now.ValidityStartDate === undefined || to.day > now.ValidityStartDate;
  const etag = now[etagMember];
  await session.api
    .on('equipment')
    .update(
      equipment,
      keyOf(now.Equipment),
      { CostCenter: to.costCentre, ControllingArea: session.config.controllingArea, ...(later ? { ValidityStartDate: to.day } : {}) },
      typeof etag === 'string' ? { seen: etag } : {},
    );
  return true;
}
