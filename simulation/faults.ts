import type { Random } from '#base/random';
import type { TwinRequest, TwinResponse } from '#simulators/twin';
import type { WireTrouble } from './network.ts';
import { finance, maintenance } from './plant.ts';
import type { StoreTrouble } from './store.ts';

/** What a fault may do to a simulation; every method takes effect at once. */
export interface FaultHost {
  readonly random: Random;
  /** Ends a process for so long. */
  kill(downMs: number): void;
  /** Stops a process without ending it. */
  stall(forMs: number): void;
  jumpClock(byMs: number): void;
  press(
    twin: 'erp' | 'cmms',
    fault: string,
    more: { readonly with?: Readonly<Record<string, string>>; readonly delayMs?: number; readonly times?: number },
  ): void;
  release(twin: 'erp' | 'cmms', fault: string): void;
  /** Ends every session and token of the finance system. */
  forgetSessions(): void;
  /** Does something to the plant's records at once, without asking anybody. */
  mischief(name: 'massUpdate' | 'deleteWithoutEvent'): boolean;
  /** Closes or opens the posting period of now. */
  period(open: boolean): void;
  after(delayMs: number, run: () => void): void;
}

/** One way in which the world is unfair. `begin` for what happens at a moment or is pressed; `wire` and `store` ask about each request and write while it lasts. */
export interface Fault {
  readonly name: string;
  readonly title: string;
  /** Rows with a higher weight come more often. */
  readonly weight: number;
  /** Longest time that it lasts, in milliseconds. */
  readonly mostMs: number;
  readonly begin?: (host: FaultHost, lastsMs: number) => boolean | void;
  readonly end?: (host: FaultHost) => void;
  readonly wire?: (on: { readonly connection: string; readonly request: TwinRequest; readonly random: Random }) => Omit<WireTrouble, 'name'> | undefined;
  readonly store?: (write: string, random: Random) => StoreTrouble;
  /** Where the twin itself decides whether a fault has an effect: what shows in an answer that it did. */
  readonly shows?: (request: TwinRequest, response: TwinResponse) => boolean;
}

const minute = 60_000;
const hour = 60 * minute;
const writes = (request: TwinRequest): boolean => request.method !== 'GET' && request.method !== 'HEAD';

/** A wire fault of one connection, or of both, that hits so many of a hundred requests. */
const hit =
  (
    chance: number,
    where: 'erp' | 'cmms' | 'both' | 'writes',
    trouble: (random: Random, request: TwinRequest) => Omit<WireTrouble, 'name'>,
  ): NonNullable<Fault['wire']> =>
  ({ connection, request, random }) => {
    if (where === 'erp' && connection !== finance) return undefined;
    if (where === 'cmms' && connection !== maintenance) return undefined;
    if (where === 'writes' && !writes(request)) return undefined;
    return random.unit() * 100 < chance ? trouble(random, request) : undefined;
  };

const html = (status: number, title: string, headers: Readonly<Record<string, string>> = {}): TwinResponse => ({
  status,
  headers: { 'content-type': 'text/html;charset=utf-8', ...headers },
  body: `<html><head><title>${status} ${title}</title></head><body><h1>${status} ${title}</h1></body></html>`,
});
const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): TwinResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** SAP's note beside a success: the document was made, and somebody should look at it. */
const warned = (response: TwinResponse): TwinResponse =>
  response.status < 200 || response.status >= 300
    ? response
    : {
        ...response,
        headers: {
          ...response.headers,
          'sap-message': JSON.stringify({ code: 'M7/056', message: 'Delivery date is in the past', severity: 'warning', details: [] }),
        },
      };

/** The fault model: everything that may happen to a plant's systems, network, people and to the hub itself. */
export const faults: readonly Fault[] = [
  {
    name: 'kill',
    title: 'a hub process ends in the middle of anything and is started again',
    weight: 5,
    mostMs: 2 * minute,
    begin: (host, lasts) => host.kill(lasts),
  },
  {
    name: 'stall',
    title: 'a hub process stands still and wakes up after its leases ran out',
    weight: 2,
    mostMs: 3 * minute,
    begin: (host, lasts) => host.stall(31_000 + Math.floor(lasts / 2)),
  },
  {
    name: 'clockForward',
    title: 'the clock of a hub process jumps forward',
    weight: 1,
    mostMs: 1,
    begin: (host) => host.jumpClock(1000 * (1 + host.random.below(600))),
  },
  {
    name: 'clockBack',
    title: 'the clock of a hub process jumps back',
    weight: 1,
    mostMs: 1,
    begin: (host) => host.jumpClock(-1000 * (1 + host.random.below(600))),
  },

  {
    name: 'storeRefused',
    title: 'the store keeps nothing of a write and says so',
    weight: 1,
    mostMs: 2 * minute,
    store: (_write, random) => (random.unit() < 0.25 ? 'refused' : undefined),
  },
  {
    name: 'storeAnswerLost',
    title: 'the store keeps a write and its answer is lost',
    weight: 1,
    mostMs: minute,
    store: (_write, random) => (random.unit() < 0.15 ? 'answerLost' : undefined),
  },
  { name: 'diskFull', title: 'the disk is full: every write is refused until there is space', weight: 1, mostMs: 10 * minute, store: () => 'full' },

  { name: 'refused', title: 'nobody listens at the address', weight: 2, mostMs: hour, wire: hit(90, 'both', () => ({ refused: true })) },
  { name: 'erpDown', title: 'the finance system is down', weight: 2, mostMs: 4 * hour, wire: hit(100, 'erp', () => ({ refused: true })) },
  { name: 'hang', title: 'requests are taken and never answered', weight: 1, mostMs: 5 * minute, wire: hit(30, 'both', () => ({ hang: true })) },
  { name: 'slow', title: 'answers take up to a minute', weight: 2, mostMs: 20 * minute, wire: hit(50, 'both', (random) => ({ slowMs: random.below(60_000) })) },
  {
    name: 'late',
    title: 'requests arrive up to half a minute after they were sent',
    weight: 1,
    mostMs: 10 * minute,
    wire: hit(30, 'both', (random) => ({ lateMs: random.below(30_000) })),
  },
  {
    name: 'resetAfterSend',
    title: 'a request is executed and the connection ends without an answer',
    weight: 4,
    mostMs: hour,
    wire: hit(40, 'writes', () => ({ reset: true })),
  },
  {
    name: 'readTwice',
    title: 'the network delivers a read twice',
    weight: 1,
    mostMs: hour,
    wire: hit(30, 'both', (_random, request) => (writes(request) ? {} : { twice: true })),
  },
  {
    name: 'truncatedBody',
    title: 'half of an answer arrives',
    weight: 2,
    mostMs: 20 * minute,
    wire: hit(30, 'both', () => ({ answer: (response) => ({ ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) }) })),
  },
  {
    name: 'wrongContentType',
    title: 'a proxy answers with a page of its own and status 200',
    weight: 1,
    mostMs: 20 * minute,
    wire: hit(25, 'both', () => ({ answer: () => html(200, 'Please sign in') })),
  },

  {
    name: 'serverError',
    title: 'status 500, nothing executed',
    weight: 2,
    mostMs: hour,
    wire: hit(40, 'both', () => ({ instead: html(500, 'Internal Server Error') })),
  },
  {
    name: 'serverErrorAfterCommit',
    title: 'executed, then status 500',
    weight: 3,
    mostMs: hour,
    wire: hit(40, 'writes', () => ({ answer: () => html(500, 'Internal Server Error') })),
  },
  {
    name: 'maintenanceWindow',
    title: 'status 503 with a page, for a while',
    weight: 1,
    mostMs: 2 * hour,
    wire: hit(100, 'erp', () => ({ instead: html(503, 'Service Unavailable', { 'retry-after': '120' }) })),
  },
  {
    name: 'throttled',
    title: 'status 429 with Retry-After',
    weight: 2,
    mostMs: 30 * minute,
    wire: hit(50, 'erp', (random) => ({ instead: html(429, 'Too Many Requests', { 'retry-after': String(1 + random.below(60)) }) })),
  },
  {
    name: 'cmmsThrottled',
    title: "status 429 in the maintenance system's words",
    weight: 1,
    mostMs: 20 * minute,
    wire: hit(50, 'cmms', () => ({
      instead: json(429, { error: 'Too many requests' }, { 'x-rate-limit-limit': '100', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '20' }),
    })),
  },
  {
    name: 'forbiddenAsThrottle',
    title: 'status 403 where 429 is meant',
    weight: 1,
    mostMs: 5 * minute,
    wire: hit(30, 'erp', () => ({ instead: html(403, 'Forbidden', { 'retry-after': '30' }) })),
  },
  {
    name: 'successWithWarning',
    title: 'a success that carries a warning',
    weight: 1,
    mostMs: 2 * hour,
    wire: ({ connection, request }) => (connection === finance && writes(request) ? { answer: warned } : undefined),
  },

  {
    name: 'locked',
    title: 'a person has a material open',
    weight: 2,
    mostMs: hour,
    begin: (host) => host.press('erp', 'lockedObject', { with: { material: ['FILTER-25', 'OIL-46', 'BRG-6205'][host.random.below(3)] ?? '', user: 'WMEIER' } }),
    end: (host) => host.release('erp', 'lockedObject'),
    shows: (_request, response) => response.status >= 400 && /locked|WMEIER/i.test(response.body),
  },
  {
    name: 'closedPeriod',
    title: 'the posting period is closed',
    weight: 1,
    mostMs: 2 * hour,
    begin: (host) => host.period(false),
    end: (host) => host.period(true),
    shows: (_request, response) => response.status >= 200 && /period/i.test(response.body) && /not open|closed/i.test(response.body),
  },
  {
    name: 'delayedVisibility',
    title: 'a committed write becomes readable only after a while',
    weight: 2,
    mostMs: hour,
    begin: (host) => host.press('erp', 'delayedVisibility', { delayMs: 1000 + host.random.below(14_000) }),
    end: (host) => host.release('erp', 'delayedVisibility'),
    shows: (request, response) => writes(request) && response.status >= 200 && response.status < 300,
  },
  {
    name: 'partialBatch',
    title: 'the second half of a batch fails after the first was committed',
    weight: 1,
    mostMs: hour,
    begin: (host) => host.press('erp', 'partialBatch', {}),
    end: (host) => host.release('erp', 'partialBatch'),
    shows: (_request, response) => response.body.includes('/IWBEP/CM_MGW_RT/000'),
  },
  {
    name: 'schemaChange',
    title: 'a property of an answer has another name',
    weight: 0.7,
    mostMs: 30 * minute,
    begin: (host) => host.press('cmms', 'contractChanged', { with: { property: 'updatedAt', to: 'modifiedAt' } }),
    end: (host) => host.release('cmms', 'contractChanged'),
    shows: (_request, response) => response.body.includes('modifiedAt'),
  },
  { name: 'tokenRevoked', title: 'every session and token of the finance system ends', weight: 2, mostMs: 1, begin: (host) => host.forgetSessions() },
  {
    name: 'permissionLost',
    title: 'the key of the maintenance system may not write any more, for a while',
    weight: 0.7,
    mostMs: 10 * minute,
    begin: (host) => host.press('cmms', 'forbidden', {}),
    end: (host) => host.release('cmms', 'forbidden'),
    shows: (_request, response) => response.status === 403,
  },

  {
    name: 'lostWebhook',
    title: 'webhooks are lost',
    weight: 2,
    mostMs: 2 * hour,
    begin: (host) => host.press('cmms', 'lostWebhook', {}),
    end: (host) => host.release('cmms', 'lostWebhook'),
  },
  {
    name: 'duplicateWebhook',
    title: 'webhooks come three times',
    weight: 2,
    mostMs: 2 * hour,
    begin: (host) => host.press('cmms', 'duplicateWebhook', { with: { times: '3' } }),
    end: (host) => host.release('cmms', 'duplicateWebhook'),
  },
  {
    name: 'lateWebhook',
    title: 'webhooks come late and out of order',
    weight: 2,
    mostMs: hour,
    begin: (host) => host.press('cmms', 'lateWebhook', { delayMs: 1000 * (1 + host.random.below(900)) }),
    end: (host) => host.release('cmms', 'lateWebhook'),
  },
  {
    name: 'forgedWebhook',
    title: 'webhooks are signed with another secret',
    weight: 1,
    mostMs: 20 * minute,
    begin: (host) => host.press('cmms', 'wrongSignature', {}),
    end: (host) => host.release('cmms', 'wrongSignature'),
  },
  { name: 'massUpdate', title: 'somebody changes every part and asset at once', weight: 0.7, mostMs: 1, begin: (host) => host.mischief('massUpdate') },
  { name: 'deleteWithoutEvent', title: 'a record is deleted and nobody says so', weight: 1, mostMs: 1, begin: (host) => host.mischief('deleteWithoutEvent') },
];

/** Faults whose firing the twin counts under this name. */
export const buttonOf: Readonly<Record<string, { readonly twin: 'erp' | 'cmms'; readonly button: string }>> = {
  lostWebhook: { twin: 'cmms', button: 'lostWebhook' },
  duplicateWebhook: { twin: 'cmms', button: 'duplicateWebhook' },
  lateWebhook: { twin: 'cmms', button: 'lateWebhook' },
  forgedWebhook: { twin: 'cmms', button: 'wrongSignature' },
};
