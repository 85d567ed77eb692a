import { ManualClock } from '#base/clock';
import { seededRandom } from '#base/random';
import type { TwinResponse } from '#simulators/twin';
import type { S4Config } from './config.ts';
import { s4hanaTwin, type S4Twin } from './twin.ts';
import { seedPlant } from './world/seed.ts';

export const v2 = '/sap/opu/odata/sap/';
export const requisitionsV4 = '/sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/0001/';
export const ordersV4 = '/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/';
export const basic = `Basic ${Buffer.from('LINCHPIN:plant-floor-2026').toString('base64')}`;

/** An entity in an answer, with the nested members that tests look into. */
export interface Entity {
  readonly [property: string]: unknown;
  readonly PurchaseRequisition: string;
  readonly __metadata: { readonly type: string };
  readonly to_PurchaseReqnAcctAssgmt: { readonly __deferred: { readonly uri: string } };
  readonly _PurchaseRequisitionItem: readonly Entity[];
  readonly _PurchaseReqnAcctAssgmt: readonly Entity[];
  readonly _PurchaseReqnItemText: readonly Entity[];
}

/** The JSON of an answer of either protocol version; members of the other kind of answer are absent at run time. */
export interface JsonAnswer extends Entity {
  readonly d: Entity & { readonly results: readonly Entity[]; readonly __count: string; readonly __next: string | undefined };
  readonly value: readonly Entity[];
  readonly error: { readonly code: string; readonly message: { readonly value: string } };
}

/** A client that signs in and keeps its token per service, as a polite connector does. */
export interface Client {
  send(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): TwinResponse;
  json(
    method: string,
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): { status: number; body: JsonAnswer; headers: TwinResponse['headers'] };
}

/** A twin with one plant: a bearing, a seal in boxes, a supplier, two cost centres, an order, an asset. */
export function plant(config: Partial<S4Config> = {}): { twin: S4Twin; clock: ManualClock; client: Client } {
  const clock = new ManualClock(Date.parse('2026-03-09T08:00:00Z'));
  const twin = s4hanaTwin({ clock, random: seededRandom(7), config });
  const { world } = twin;
  seedPlant(world, {
    materials: [
      { material: 'BRG-6205-2RS', description: 'Deep groove ball bearing', price: '12.5', stock: '10', reorderPoint: '4' },
      { material: '1234', description: 'Seal', price: '3', procedure: 'S', stock: '100' },
    ],
    activityRates: { MNT01: '70' },
  });
  seedPlant(world, { companyCode: '1710', currency: 'USD', storageLocations: ['171A'], costCentres: ['17101301'], suppliers: ['2000001'] });
  world.organisation.setExchangeRate('USD', 'EUR', '0.9');
  world.addMaterial({
    material: 'OIL-46',
    description: 'Hydraulic oil',
    baseUnit: 'L',
    units: [{ unit: 'DR', numerator: '208', denominator: '1' }],
    plants: [
      { plant: '2100', storageLocations: ['21A1'], procedure: 'V', price: '4' },
      { plant: '1710', storageLocations: ['171A'], procedure: 'V', price: '5' },
    ],
  });
  world.addOrder({ order: '4000871', description: 'Replace bearing P-204', companyCode: '2100' });
  world.assets.create({ companyCode: '2100', assetClass: '3100', description: 'Pump', costCentre: '21004310', today: '2026-03-09', number: '300417' });
  return { twin, clock, client: clientOf(twin) };
}

/** A client with its own session. */
export function clientOf(twin: S4Twin, authorization = basic): Client {
  let session: Record<string, string> | undefined;
  const send: Client['send'] = (method, url, body, headers = {}) => {
    const reading = method === 'GET' || method === 'HEAD';
    if (!reading && !session) {
      const answer = twin.handle({ method: 'HEAD', url: `${v2}API_PRODUCT_SRV/`, headers: { authorization, 'x-csrf-token': 'Fetch' }, body: '' });
      const cookies = answer.headers['set-cookie'] ?? [];
      session = {
        'x-csrf-token': String(answer.headers['x-csrf-token']),
        cookie: (typeof cookies === 'string' ? [cookies] : cookies).map((cookie) => cookie.split(';')[0]).join('; '),
      };
    }
    return twin.handle({
      method,
      url,
      headers: { authorization, ...(reading ? {} : session), ...headers },
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    });
  };
  return {
    send,
    json(method, url, body, headers) {
      const answer = send(method, url, body, headers);
      return { status: answer.status, headers: answer.headers, body: (answer.body === '' ? null : JSON.parse(answer.body)) as JsonAnswer };
    },
  };
}

/** A requisition for the bearing on the order, as a V2 body. */
export function requisitionBody(
  item: Readonly<Record<string, unknown>> = {},
  account: Readonly<Record<string, unknown>> | null = { PurchaseReqnAcctAssgmtNumber: '01', OrderID: '4000871', Quantity: '2' },
): unknown {
  return {
    PurchaseRequisition: '',
    PurchaseRequisitionType: 'NB',
    PurReqnDescription: 'WO 88123',
    to_PurchaseReqnItem: {
      results: [
        {
          PurchaseRequisitionItem: '10',
          Material: 'BRG-6205-2RS',
          RequestedQuantity: '2',
          BaseUnit: 'PC',
          Plant: '2100',
          StorageLocation: '21A1',
          DeliveryDate: '2026-03-20T00:00:00',
          AccountAssignmentCategory: 'F',
          PurReqnExternalReference: 'LP-WO-88123',
          RequirementTracking: 'LP88123',
          ...item,
          ...(account === null ? {} : { to_PurchaseReqnAcctAssgmt: { results: [account] } }),
        },
      ],
    },
  };
}

/** A goods movement as a V2 body. */
export function movementBody(code: string, item: Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    GoodsMovementCode: code,
    PostingDate: '2026-03-09T00:00:00',
    DocumentDate: '2026-03-09T00:00:00',
    ReferenceDocument: 'LP-GI-1',
    MaterialDocumentHeaderText: 'LP WO 88123',
    ...header,
    to_MaterialDocumentItem: {
      results: [{ Material: 'BRG-6205-2RS', Plant: '2100', StorageLocation: '21A1', QuantityInEntryUnit: '2', EntryUnit: 'PC', ...item }],
    },
  };
}
