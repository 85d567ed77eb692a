import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { ManualClock } from '#base/clock';
import type { Json, JsonObject } from '#base/json';
import type { RecordKind } from '#model/records';
import type { Bench, BenchSystem } from '#spi/bench';
import { NoAnswer, type Send } from '#spi/transport';
import { webhooks } from './webhooks.ts';

/** What the bench needs of a twin: its protocol and nothing else, so that it is filled and looked at as a stranger would. */
export interface Protocol {
  handle(request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): { readonly status: number; readonly headers: Readonly<Record<string, string | readonly string[]>>; readonly body: string } | Promise<unknown>;
}

/** A twin with its key; `permit` leaves the key what some permissions of the connector allow. */
export type Make = (clock: ManualClock, limits?: 'vendor') => { readonly twin: Protocol; readonly key: string; permit(permissions: readonly string[]): void };

const labels = {
  assets: ['ERP number', 'Cost centre', 'Linchpin reference'],
  locations: ['ERP number', 'Linchpin reference'],
  parts: ['ERP number', 'Unit of measure', 'Auto-request', 'Linchpin reference'],
  vendors: ['ERP number', 'Linchpin reference'],
  workOrders: ['Cost centre'],
  purchaseOrders: ['Linchpin reference'],
} as const;
const Answered = z.looseObject({ status: z.number(), body: z.string() });
const Made = z.looseObject({ id: z.int() });

/** A MaintainX organisation with `count` records of each kind, made over the API itself. */
export function maintainxBench(make: Make): Bench {
  // Filled once, so that the numbers that drafts name are known; a twin gives the same numbers each time.
  const { first } = start(make, 3);
  return {
    config: { address: 'https://api.getmaintainx.com/v1', currency: 'EUR', unitSystem: 'sap' },
    credential: { token: make(new ManualClock(began)).key },
    badCredential: { token: 'canary-8d1f0c77ab' },
    start: (count) => start(make, count).system,
    // Filling it spends the window of its limits.
    limited(count) {
      const { system } = start((clock) => make(clock, 'vendor'), count);
      system.clock.advance(120_000);
      return system;
    },
    drafts: draftsOf(first),
    changes: changesOf(first),
    waivers: {
      'workOrderCost: a record without its members is held by itself, and the others of its page are given':
        'rows come with their work order: an order without its number is told once and takes its rows with it',
      'stockLevel: two operations make two records': 'a stock level is named by part and location: a second operation sets the same row',
      'measurement: two operations make two records': 'a reading is named by meter and time: a second operation sends the same one',
      'measurement: a lookup finds its own operation and no other': 'readings carry no reference; time and value are compared, which the exchange tests show',
      'storeroom: no record is lost that was there before, while others change between the pages': 'the same list as that of locations, which is tried',
    },
  };
}

const began = Date.parse('2026-02-03T08:00:00.000Z');
/** The first number of each kind in a filled system. */
type First = Readonly<Record<string, number>>;

const paths: Partial<Record<RecordKind, { readonly path: string; readonly member: string }>> = {
  location: { path: '/locations', member: 'locations' },
  storeroom: { path: '/locations', member: 'locations' },
  asset: { path: '/assets', member: 'assets' },
  part: { path: '/parts', member: 'parts' },
  vendor: { path: '/vendors', member: 'vendors' },
  employee: { path: '/users', member: 'users' },
  workOrder: { path: '/workorders', member: 'workOrders' },
  purchaseOrder: { path: '/purchaseorders', member: 'purchaseOrders' },
  measurement: { path: '/meters', member: 'meters' },
};

function start(make: Parameters<typeof maintainxBench>[0], count: number): { readonly system: BenchSystem; readonly first: First } {
  const first: Record<string, number> = {};
  const clock = new ManualClock(began);
  const { twin, key, permit } = make(clock);
  const raw = (method: string, path: string, body?: Json) => {
    const answer = Answered.parse(
      twin.handle({
        method,
        url: `/v1${path}`,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: body === undefined ? '' : JSON.stringify(body),
      }),
    );
    if (answer.status >= 300) throw new Error(`bench: ${method} ${path} answered ${answer.status}: ${answer.body}`);
    return answer.body === '' ? {} : (JSON.parse(answer.body) as unknown);
  };
  const post = (path: string, body: Json): number => Made.parse(raw('POST', path, body)).id;
  for (const [entity, names] of Object.entries(labels)) raw('POST', `/customfields/${entity}`, { fields: names.map((label) => ({ label, type: 'oneline' })) });
  const rows = (path: string, member: string): { id: number }[] => {
    const all: { id: number }[] = [];
    for (let cursor = ''; ;) {
      const page = z.looseObject({ [member]: z.array(Made), nextCursor: z.string().nullish() }).parse(raw('GET', `${path}?limit=200${cursor}`));
      all.push(...(page[member] as { id: number }[]));
      if (typeof page['nextCursor'] !== 'string') return all;
      cursor = `&cursor=${encodeURIComponent(page['nextCursor'])}`;
    }
  };
  let number = 0;
  const add: Partial<Record<RecordKind, () => number>> = {
    location: () => post('/locations', { name: `Place ${++number}` }),
    asset: () => post('/assets', { name: `Pump ${++number}`, extraFields: { 'Cost centre': '4100' } }),
    vendor: () => post('/vendors', { name: `Vendor ${++number}` }),
    employee: () =>
      post('/users', {
        firstName: 'Ann',
        lastName: `Berg ${++number}`,
        email: `ann${number}@plant.example`,
        hourlyRate: 4250,
        inviteType: 'NONE',
        externalData: { personnelNumber: String(10_000 + number) },
      }),
    part: () =>
      post('/parts', {
        name: `Seal ${++number}`,
        unitCost: 8450,
        extraFields: { 'Unit of measure': 'PC' },
        locations: [{ locationId: first['location'] ?? 0, availableQuantity: 12, minimumQuantity: 2 }],
      }),
    workOrder: () =>
      post('/workorders', {
        title: `Order ${++number}`,
        priority: 'HIGH',
        partsUsed: first['part'] === undefined ? [] : [{ partId: first['part'], quantityUsed: 1, locationId: first['location'] ?? 0 }],
      }),
    purchaseOrder: () =>
      post('/purchaseorders', { vendorId: first['vendor'] ?? 0, items: [{ partId: first['part'] ?? null, name: 'Seal', quantityOrdered: 4, unitCost: 8450 }] }),
    measurement: () => {
      const id = post('/meters', { name: `Hours ${++number}`, unit: 'h', measurementType: 'AUTOMATED_SENSOR', assetId: first['asset'] ?? 0 });
      raw('POST', '/meterreadings', [{ meterId: id, value: 10.5, readingDate: new Date(clock.now() - 3_600_000).toISOString() }]);
      return id;
    },
  };
  const kinds = ['location', 'asset', 'vendor', 'employee', 'part', 'workOrder', 'purchaseOrder', 'measurement'] as const;
  for (const kind of kinds) {
    const before = rows(paths[kind]?.path ?? '', paths[kind]?.member ?? '');
    if (before[0]) first[kind] = before[0].id;
    for (let i = before.length; i < count; i++) {
      const id = add[kind]?.() ?? 0;
      if (i === 0) first[kind] = id;
    }
  }
  // Hours that somebody logged and an expense, twice on every third order.
  for (const [index, { id }] of rows('/workorders', 'workOrders').entries())
    for (let n = 0; n < (index % 3 === 0 ? 2 : 1); n++) {
      raw('POST', `/workorders/${id}/costs`, { type: 'TIME', costType: 'WORK', durationTotal: 5400, hourlyRate: 4250, description: null });
      raw('POST', `/workorders/${id}/costs`, { type: 'EXPENSE', costType: 'OTHER', costPerUnit: 12_000, description: 'Crane hire' });
    }
  if (count > 0) {
    for (const status of ['PENDING', 'APPROVED']) {
      const now = z
        .looseObject({ purchaseOrder: z.looseObject({ status: z.string(), items: z.array(Made) }) })
        .parse(raw('GET', `/purchaseorders/${first['purchaseOrder'] ?? 0}`)).purchaseOrder;
      first['item'] = now.items[0]?.id ?? 0;
      if (now.status !== 'APPROVED' && now.status !== status) raw('PATCH', `/purchaseorders/${first['purchaseOrder'] ?? 0}/status`, { status });
    }
  }
  const all = (kind: RecordKind): { id: number }[] => rows(paths[kind]?.path ?? '', paths[kind]?.member ?? '');
  const names: Partial<Record<RecordKind, () => JsonObject>> = {
    location: () => ({ description: `changed ${++number}` }),
    asset: () => ({ description: `changed ${++number}` }),
    part: () => ({ description: `changed ${++number}` }),
    workOrder: () => ({ description: `changed ${++number}` }),
    purchaseOrder: () => ({ note: `changed ${++number}` }),
    vendor: () => ({ description: `changed ${++number}` }),
    employee: () => ({ phoneNumber: `+49${++number}` }),
  };
  const send: Send = async ({ method, url, headers, body = '', signal }) => {
    await Promise.resolve();
    if (signal?.aborted) throw new NoAnswer('stopped', { sent: false });
    const { pathname, search } = new URL(url);
    const answer = Answered.extend({ headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])) }).parse(
      await twin.handle({ method, url: pathname + search, headers, body }),
    );
    return {
      status: answer.status,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
      cookies: [],
      body: answer.body,
    };
  };
  const partOf = (kind: RecordKind): RecordKind => (kind === 'stockLevel' ? 'part' : kind === 'storeroom' ? 'location' : kind);
  const keyOf = (kind: RecordKind, id: number): string => (kind === 'stockLevel' ? `${id}@${first['location'] ?? 0}` : String(id));
  const costRows = (order: number): number =>
    z
      .looseObject({ costs: z.looseObject({ rows: z.array(z.looseObject({ type: z.string() })) }) })
      .parse(raw('GET', `/workorders/${order}/costs`))
      .costs.rows.filter(({ type }) => type !== 'PART').length;
  const system: BenchSystem = {
    send,
    clock,
    count: (kind) => {
      if (kind === 'stockLevel')
        return all('part').reduce(
          (sum, { id }) =>
            sum + z.looseObject({ part: z.looseObject({ locations: z.array(z.unknown()) }) }).parse(raw('GET', `/parts/${id}`)).part.locations.length,
          0,
        );
      if (kind === 'workOrderCost') return all('workOrder').reduce((sum, { id }) => sum + costRows(id), 0);
      if (kind === 'measurement') return all('measurement').length + readingsAfter(raw, first['measurement']);
      if (kind === 'goodsReceipt') return all('purchaseOrder').length;
      return all(kind).length;
    },
    touch(kind, index) {
      const of = kind === 'workOrderCost' ? 'workOrder' : partOf(kind);
      const row = all(of)[index % Math.max(1, all(of).length)];
      const id = row?.id ?? 0;
      raw('PATCH', `${paths[of]?.path ?? ''}/${id}`, names[of]?.() ?? {});
      return kind === 'workOrderCost' ? `${id}/time:nobody` : keyOf(kind, id);
    },
    add(kind) {
      if (kind !== 'workOrderCost') return keyOf(kind, add[partOf(kind)]?.() ?? 0);
      const reference = `LP${String(++number).padStart(14, '0')}`;
      raw('POST', `/workorders/${first['workOrder'] ?? 0}/costs`, {
        type: 'EXPENSE',
        costType: 'OTHER',
        costPerUnit: 100,
        description: `Parts [${reference}]`,
      });
      return `${first['workOrder'] ?? 0}/${reference}`;
    },
    hook: (type, secret) => hookOf(type, secret, clock.now()),
    restrict: permit,
  };
  return { system, first };
}

/** Meters with a reading of the time that the drafts use: a reading is not a row of a list. */
function readingsAfter(raw: (method: string, path: string) => unknown, meter: number | undefined): number {
  if (meter === undefined) return 0;
  const last = z
    .looseObject({ meter: z.looseObject({ lastReading: z.looseObject({ readingDate: z.string().nullish() }).nullish() }) })
    .safeParse(raw('GET', `/meters/${meter}?expand=last_reading`));
  return last.success && last.data.meter.lastReading?.readingDate === readingDate ? 1 : 0;
}
const readingDate = '2026-02-03T07:59:00.000Z';

function hookOf(type: string, secret: string, nowMs: number): ReturnType<NonNullable<BenchSystem['hook']>> {
  const kind = webhooks.types[type];
  const member =
    {
      workOrder: 'workOrderId',
      asset: 'assetId',
      part: 'partId',
      stockLevel: 'partId',
      location: 'locationId',
      vendor: 'vendorId',
      purchaseOrder: 'purchaseOrderId',
    }[String(kind)] ?? 'id';
  const body = JSON.stringify({
    [member]: 1234,
    orgId: 12,
    occurredAt: new Date(nowMs).toISOString(),
    ...(kind === 'stockLevel' ? { locations: [{ locationId: 301, quantityDiff: -1 }] } : {}),
  });
  const url = `https://hub.example/hooks/cmms/${type}`;
  const seconds = Math.floor(nowMs / 1000);
  const sign = (text: string): string => `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')}`;
  return { type, url, body, headers: { 'x-maintainx-webhook-body-signature': sign(body), 'x-maintainx-webhook-uri-signature': sign(url) } };
}

/** What the mapping writes for new records of the filled system. */
const draftsOf = (first: First): Bench['drafts'] => ({
  location: { name: 'New place', code: 'ST09' },
  asset: { name: 'New pump', code: '10009999', labelled: { costCentre: '4100' } },
  part: { name: 'New seal', code: '10999', labelled: { unit: 'PC' }, unitCost: 100 },
  vendor: { name: 'New vendor', code: '100999' },
  employee: { firstName: 'Bo', lastName: 'Lind', code: '00099999', hourlyRate: 3900 },
  workOrder: {
    title: 'New order',
    priority: 'HIGH',
    assetId: first['asset'] ?? 0,
    partsUsed: [{ partId: first['part'] ?? 0, quantityUsed: 2, locationId: first['location'] ?? 0 }],
    labelled: { costCentre: '4100' },
  },
  workOrderCost: { workOrderId: first['workOrder'] ?? 0, costType: 'OTHER', costPerUnit: 16900, description: 'Parts by ERP' },
  purchaseOrder: {
    vendorId: first['vendor'] ?? 0,
    overrideNumber: '4500009999',
    items: [{ line: '00010', partId: first['part'] ?? 0, name: 'Seal', quantityOrdered: 3, unitCost: 8450 }],
  },
  stockLevel: { partId: first['part'] ?? 0, locationId: (first['location'] ?? 0) + 1, availableQuantity: 5, minimumQuantity: 1 },
  measurement: { id: first['measurement'] ?? 0, lastReading: { value: 11.5 }, at: readingDate },
});

const changesOf = (first: First): Bench['changes'] => ({
  location: { payload: { name: 'Renamed' } },
  asset: { payload: { name: 'Renamed', depreciation: { currentBookValue: 9375.25 }, labelled: { costCentre: '4200' }, state: 'OFFLINE' } },
  part: { payload: { unitCost: 9000 } },
  vendor: { payload: { name: 'Renamed' } },
  employee: { payload: { hourlyRate: 4300 } },
  workOrder: { payload: { description: 'Bearing as well', status: 'IN_PROGRESS' } },
  purchaseOrder: { payload: { note: 'Urgent' } },
  stockLevel: { payload: { availableQuantity: 7 } },
  goodsReceipt: {
    key: String(first['purchaseOrder'] ?? 0),
    payload: { items: [{ id: String(first['item'] ?? 0), locationId: first['location'] ?? 0, quantityReceived: 2 }] },
  },
});
