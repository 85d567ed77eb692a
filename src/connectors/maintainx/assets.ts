import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { WriteTarget } from '#spi/connector';
import { decode } from '#spi/decode';
import { path } from '#spi/rest';
import { withLabels } from './custom-fields.ts';
import { amount, ExtraFields, Id, id, instant, Labelled, text } from './native.ts';
import { readRecords } from './paging.ts';
import type { MaintainxRecord, MaintainxSession, Settings } from './settings.ts';
import { changeOne, createOne, quietly, readOne, traceByReference, type Kind } from './writing.ts';

const kind: Kind = { path: '/assets', one: 'asset', many: 'assets' };
const expand = ['barcode', 'asset_types', 'extra_fields', 'vendor_ids', 'depreciation', 'status', 'manufacturer', 'model'];

const Status = z.looseObject({ status: z.enum(['ONLINE', 'OFFLINE', 'IGNORE']), customStatusId: id });
const Asset = z.looseObject({
  id: Id,
  name: z.string(),
  description: text,
  parentId: id,
  locationId: id,
  serialNumber: text,
  manufacturer: text,
  model: text,
  assetTypes: z.array(z.string()).nullish(),
  depreciation: z.looseObject({ purchasePrice: amount, purchaseDate: text, currentBookValue: amount, accumulatedDepreciation: amount }).nullish(),
  status: Status.nullish(),
  extraFields: ExtraFields.optional(),
  createdAt: instant,
  updatedAt: instant,
  deletedAt: instant,
  labelled: Labelled,
  code: z.string(),
  /** `status`, or DISPOSED where it is IGNORE with the custom status that the settings name. */
  state: z.string().optional(),
});

function prepare(row: unknown, settings: Settings): unknown {
  const labelled = withLabels(row, settings);
  if (labelled === null || typeof labelled !== 'object') return labelled;
  const status = Status.safeParse('status' in labelled ? labelled.status : undefined);
  if (!status.success) return labelled;
  const disposed = status.data.status === 'IGNORE' && settings.disposedStatusId !== undefined && status.data.customStatusId === settings.disposedStatusId;
  return { ...labelled, state: disposed ? 'DISPOSED' : status.data.status };
}

/** `state` is not a member of an asset: a status is a row of its own, posted only where it differs, so that repeating adds none. */
async function setState(session: MaintainxSession, key: string, before: unknown, state: string): Promise<void> {
  const now = Asset.pick({ state: true }).safeParse(prepare(before, session.config));
  if (now.success && now.data.state === state) return;
  const { disposedStatusId } = session.config;
  if (state === 'DISPOSED' && disposedStatusId === undefined)
    throw new Fault('misconfigured', `asset ${key} cannot be marked disposed: the setting disposedStatusId of the connection is empty`);
  const status = state === 'DISPOSED' ? { status: 'IGNORE', customStatusId: disposedStatusId ?? null } : { status: state };
  await session.api.post(path`/assets/${key}/status`, { ...status, startedAt: new Date(session.now()).toISOString() }, quietly);
}

async function update(session: MaintainxSession, draft: JsonObject, target: WriteTarget) {
  const { state, ...payload } = onTheWire(draft);
  return changeOne(session, kind, payload, target, typeof state === 'string' ? (before) => setState(session, String(target.key), before, state) : undefined);
}

/** Manufacturer and model are read as texts and written as `{ name }`. */
function onTheWire(draft: JsonObject): JsonObject {
  const body: Record<string, JsonObject[string]> = { ...draft };
  for (const name of ['manufacturer', 'model']) if (typeof body[name] === 'string') body[name] = { name: body[name] };
  return body;
}

/** Equipment with its hierarchy. */
export const asset = (record: MaintainxRecord) =>
  record({
    kind: 'asset',
    native: 'Asset',
    shape: Asset,
    key: (row) => String(row.id),
    version: (row) => row.updatedAt ?? undefined,
    changes: 'watermark',
    customFields: 'extraFields',
    values: [
      {
        name: 'assetStatus',
        pairs: [
          { ours: 'operational', theirs: 'ONLINE' },
          { ours: 'down', theirs: 'OFFLINE' },
          { ours: 'inactive', theirs: 'IGNORE' },
          { ours: 'disposed', theirs: 'DISPOSED' },
        ],
      },
    ],
    rows: [
      { ours: 'code', theirs: 'code', direction: 'both', owner: 'finance', required: true, note: 'The ERP number, or `MX-` and the number of the record.' },
      { ours: 'name', theirs: 'name', direction: 'both', owner: 'maintenance', required: true },
      { ours: 'description', theirs: 'description', direction: 'both', owner: 'maintenance' },
      { ours: 'parent', theirs: 'parentId', via: 'text', reference: 'asset', direction: 'both', owner: 'maintenance' },
      { ours: 'location', theirs: 'locationId', via: 'text', reference: 'location', direction: 'both', owner: 'maintenance' },
      { ours: 'costCentre', theirs: 'labelled.costCentre', reference: 'costCentre', direction: 'both', owner: 'finance' },
      { ours: 'category', theirs: 'assetTypes[0]', direction: 'in', owner: 'maintenance' },
      { ours: 'category', theirs: 'assetTypes', via: 'first', direction: 'out', owner: 'maintenance' },
      { ours: 'status', theirs: 'state', values: 'assetStatus', direction: 'both', owner: 'maintenance' },
      { ours: 'manufacturer', theirs: 'manufacturer', direction: 'both', owner: 'maintenance' },
      { ours: 'model', theirs: 'model', direction: 'both', owner: 'maintenance' },
      { ours: 'serialNumber', theirs: 'serialNumber', direction: 'both', owner: 'maintenance' },
      {
        ours: 'acquisitionValue',
        theirs: 'depreciation.purchasePrice',
        via: 'number | amount(settings.currency)',
        direction: 'both',
        owner: 'finance',
        note: 'Depreciation is the one place where MaintainX has decimals instead of cents.',
      },
      { ours: 'acquisitionDate', theirs: 'depreciation.purchaseDate', via: 'day', direction: 'both', owner: 'finance' },
      { ours: 'bookValue', theirs: 'depreciation.currentBookValue', via: 'number | amount(settings.currency)', direction: 'both', owner: 'finance' },
      {
        ours: 'accumulatedDepreciation',
        theirs: 'depreciation.accumulatedDepreciation',
        via: 'number | amount(settings.currency)',
        direction: 'both',
        owner: 'finance',
      },
      { ours: 'active', theirs: '', expression: '!has(native.deletedAt) || native.deletedAt == null', direction: 'in', owner: 'maintenance' },
      { ours: 'changedAt', theirs: 'updatedAt', via: 'instant', direction: 'in', owner: 'maintenance' },
    ],
    example: {
      id: 41001,
      name: 'Pump P-101',
      description: 'Feed pump, line 3',
      parentId: 41000,
      locationId: 300,
      serialNumber: 'SN-77-1042',
      manufacturer: 'KSB',
      model: 'Etanorm 50-160',
      assetTypes: ['Pump'],
      depreciation: { purchasePrice: 12500.5, purchaseDate: '2024-03-01T00:00:00.000Z', currentBookValue: 9375.25, accumulatedDepreciation: 3125.25 },
      status: { id: 9, status: 'ONLINE', startedAt: '2026-01-05T07:00:00.000Z' },
      extraFields: { 'ERP number': '10004711', 'Cost centre': '4100' },
      createdAt: '2026-01-05T07:00:00.000Z',
      updatedAt: '2026-02-03T10:11:12.000Z',
      labelled: { erpNumber: '10004711', costCentre: '4100' },
      code: '10004711',
      state: 'ONLINE',
    },
    verbs: {
      list: (session, query) =>
        readRecords(session, query, { ...kind, member: 'assets', expand, watermark: true, shape: Asset, prepare: (row) => prepare(row, session.config) }),
      get: async (session, key) => decode(Asset, prepare(await readOne(session, kind, key), session.config), `asset ${key}`),
      create: {
        class: 'L',
        how: 'The reference stands in a custom field, by which the list is filtered. A status other than ONLINE is written by an update afterwards.',
        async run(session, draft, { once }) {
          const { state, ...payload } = onTheWire(draft);
          if (state !== undefined && state !== 'ONLINE')
            throw new Fault('rejected', `POST /assets: MaintainX creates assets as ONLINE; write the status ${String(state)} afterwards`);
          return createOne(session, kind, payload, once);
        },
        trace: (session, once) => traceByReference(session, kind, once),
      },
      update: {
        class: 'K',
        how: 'Members are set to absolute values, a status is posted only where it differs. The version is compared by reading just before; a change in between is overwritten.',
        run: update,
      },
    },
  });
