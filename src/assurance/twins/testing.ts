import assert from 'node:assert/strict';
import { ManualClock } from '#base/clock';
import type { JsonObject } from '#base/json';
import { seededRandom } from '#base/random';
import { freshSide } from '#assurance/fresh-side';
import { reconcile } from '#assurance/reconcile';
import type { SectionName, Statement } from '#assurance/statement';
import { testNow, testPlant, type TestPlant } from '#assurance/testing';
import { maintainx } from '#connectors/maintainx/connector';
import { s4hana } from '#connectors/s4hana/connector';
import { credential, sendTo, settings } from '#connectors/s4hana/testing';
import type { Connector } from '#spi/connector';
import { openConnection, type Connection } from '#spi/open';
import type { Send } from '#spi/transport';
import { maintainxTwin } from '#simulators/maintainx/twin';
import { s4hanaTwin } from '#simulators/s4hana/twin';
import { seedPlant } from '#simulators/s4hana/world/seed';

const key = 'a-key-of-the-test-0123456789';
const parts = ['P-1', 'P-2', 'P-3', 'P-4', 'P-5'] as const;
const labels = {
  assets: ['ERP number', 'Cost centre', 'Linchpin reference'],
  locations: ['ERP number', 'Linchpin reference'],
  parts: ['ERP number', 'Unit of measure', 'Auto-request', 'Linchpin reference'],
  vendors: ['ERP number', 'Linchpin reference'],
  workOrders: ['Cost centre'],
  purchaseOrders: ['Linchpin reference'],
} as const;

/** Both systems behind their protocols, and the hub's store. */
export interface Twins {
  readonly plant: TestPlant;
  readonly erp: Connection;
  readonly cmms: Connection;
  readonly world: ReturnType<typeof s4hanaTwin>['world'];
  /** A request as a person's tool would send it to the maintenance twin. */
  post(path: string, body: JsonObject, method?: string): { readonly id: number };
  readonly partIds: ReadonlyMap<string, number>;
  readonly locationId: number;
  readonly clock: ManualClock;
  /** How many requests the finance twin will answer with: too many. */
  readonly busy: { left: number };
  statement(sections?: readonly SectionName[]): Promise<Statement>;
}

/** Both twins with five parts of ten pieces each and one pump, connected over their protocols. */
export async function twins(): Promise<Twins> {
  const clock = new ManualClock(Date.parse('2026-03-09T08:00:00Z'));
  const finance = s4hanaTwin({ clock, random: seededRandom(1), config: { pageSize: 2 } });
  const { world } = finance;
  seedPlant(world, {
    storageLocations: ['21A1'],
    materials: parts.map((material) => ({ material, price: '12.5', stock: '10' })),
    activityRates: { MNT01: '70' },
  });
  world.addEquipment({ Equipment: '10001', EquipmentName: 'Feed pump of line three', MaintenancePlant: '2100', CompanyCode: '2100' });
  const maintenance = maintainxTwin({ clock, random: seededRandom(2), config: { keys: [{ key, userId: 1, organizationIds: [1] }] } });
  const post = (path: string, body: JsonObject, method = 'POST'): { id: number } => {
    const answer = maintenance.handle({
      method,
      url: `/v1${path}`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body || '{}') as { id: number };
  };
  for (const [entity, names] of Object.entries(labels)) post(`/customfields/${entity}`, { fields: names.map((label) => ({ label, type: 'oneline' })) });
  const locationId = post('/locations', { name: 'Store', extraFields: { 'ERP number': '2100/21A1' } }).id;
  const partIds = new Map(
    parts.map((code) => [
      code as string,
      post('/parts', {
        name: code,
        unitCost: 1250,
        extraFields: { 'ERP number': code, 'Unit of measure': 'PC' },
        locations: [{ locationId, availableQuantity: 10, minimumQuantity: 0 }],
      }).id,
    ]),
  );
  const assetId = post('/assets', { name: 'Feed pump of line three', extraFields: { 'ERP number': '10001' } }).id;

  const plant = await testPlant(0);
  const toMaintenance: Send = ({ method, url, headers, body = '' }) => {
    const { pathname, search } = new URL(url);
    const answer = maintenance.handle({ method, url: pathname + search, headers, body });
    return Promise.resolve({
      status: answer.status,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
      cookies: [],
      body: answer.body,
    });
  };
  const busy = { left: 0 };
  const toFinance: Send = async (request) => {
    if (busy.left === 0) return sendTo(finance)(request);
    busy.left -= 1;
    const { status, headers, body } = finance.throttleAnswer();
    return { status, headers: headers as Record<string, string>, cookies: [], body };
  };
  const erp = openConnection(s4hana as Connector, { name: 'erp', config: settings, credential, send: toFinance, clock, rehearsal: false });
  const cmms = openConnection(maintainx as Connector, {
    name: 'cmms',
    config: { currency: 'EUR', unitSystem: 'sap' },
    credential: { token: key },
    send: toMaintenance,
    clock,
    rehearsal: false,
  });
  const linked = new Map<string, string>([
    [`asset/cmms/${assetId}`, 'erp.10001'],
    [`storeroom/cmms/${locationId}`, 'erp.2100/21A1'],
    ...[...partIds].map(([code, id]) => [`part/cmms/${id}`, `erp.${code}`] as const),
  ]);
  const fixed = (kind: string, connection: string, externalId: string): string | undefined =>
    kind === 'site' ? '2100' : kind === 'costCentre' ? `erp.${externalId}` : linked.get(`${kind}/${connection}/${externalId}`);
  const connections = [erp, cmms].map((open) => freshSide({ open, store: plant.store, clock, fixed }));
  return {
    plant,
    erp,
    cmms,
    world,
    post,
    partIds,
    locationId,
    clock,
    busy,
    statement: (sections) =>
      reconcile({
        store: plant.store,
        connections,
        sites: [{ code: '2100', maintenance: 'cmms', finance: 'erp' }],
        now: testNow,
        ...(sections ? { sections } : {}),
      }),
  };
}
