import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { Buttons, type Twin, type TwinRequest, type TwinResponse } from '#simulators/twin';
import { defaultConfig, type S4Config } from './config.ts';
import { Gateway } from './gateway.ts';
import { tablesOf } from './tables.ts';
import { World, type LockKind } from './world/world.ts';

/** Fault buttons that act inside the world. */
export const worldFaults = {
  lockedObject: 'a person has an object open: with {material | order | purchaseOrder | purchaseRequisition, user?}',
  periodClosed: 'the posting period is closed: with {companyCode, period} such as 2026/03',
  partialBatch: 'the second half of a batch fails after the first was committed',
  contractChanged: 'a property is renamed or gone: with {set, property, to?}',
  delayedVisibility: 'a committed write becomes readable only after delayMs',
} as const;

/** The S/4HANA twin with the world behind its protocol. */
export interface S4Twin extends Twin {
  readonly world: World;
  handle(request: TwinRequest): TwinResponse;
  /** The vendor's words for too many requests. */
  throttleAnswer(): TwinResponse;
  /** Ends all sessions and tokens, as a restart does. */
  forgetSessions(): void;
  /** From now on the user may call these services and no others. */
  permit(user: string, services: readonly string[]): void;
}

/** Most writes that are remembered. */
export const writesKept = 20_000;

/** A small S/4HANA: OData V2 and V4 and one SOAP endpoint over a consistent world. */
export function s4hanaTwin(options: { readonly clock: Clock; readonly random: Random; readonly config?: Partial<S4Config> }): S4Twin {
  const permitted = new Map<string, readonly string[]>();
  const given: S4Config = { ...defaultConfig, ...options.config };
  const config: S4Config = {
    ...given,
    users: given.users.map((user) => ({
      ...user,
      get services() {
        return permitted.get(user.user) ?? user.services;
      },
    })),
  };
  const buttons = new Buttons(worldFaults);
  const world = new World({
    clock: options.clock,
    automation: config.automation,
    releasedUpTo: config.releasedUpTo,
    overDeliveryPercent: config.overDeliveryPercent,
    lockedBy: (kind, id) => lockedBy(buttons, kind, id),
  });
  const gateway = new Gateway({ config, world, buttons, random: options.random });
  const writes: { method: string; url: string; status: number }[] = [];
  let closedByButton: { companyCode: string; period: string } | undefined;

  const applyButtons = (): void => {
    const press = buttons.pressed.length === 0 ? undefined : buttons.holds('periodClosed');
    const wanted = press?.with ? { companyCode: press.with['companyCode'] ?? '', period: press.with['period'] ?? '' } : undefined;
    if (closedByButton && (wanted?.companyCode !== closedByButton.companyCode || wanted.period !== closedByButton.period)) {
      world.organisation.openPeriod(closedByButton.companyCode, closedByButton.period);
      closedByButton = undefined;
    }
    if (wanted && !closedByButton) {
      world.organisation.closePeriod(wanted.companyCode, wanted.period);
      closedByButton = wanted;
    }
    const delayed = buttons.pressed.length === 0 ? undefined : buttons.holds('delayedVisibility');
    world.store.hideUntil = delayed ? options.clock.now() + (delayed.delayMs ?? 5000) : undefined;
  };

  return {
    name: 's4hana',
    world,
    buttons,
    writes,
    handle(request) {
      applyButtons();
      world.tick();
      const answer = answered(gateway, request);
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        writes.push({ method: request.method, url: request.url, status: answer.status });
        if (writes.length > writesKept * 2) writes.splice(0, writesKept);
      }
      return answer;
    },
    inspect: () => world.summary(),
    tables: () => tablesOf(world),
    throttleAnswer: () => ({
      status: 429,
      headers: { 'retry-after': '2', 'content-type': 'text/html;charset=utf-8' },
      body: '<html><head><title>429 Too Many Requests</title></head><body><h1>429 Too Many Requests</h1></body></html>',
    }),
    forgetSessions: () => gateway.sessions.clear(),
    permit: (user, services) => void permitted.set(user, services),
  };
}

/** The answer, or for a bug of the twin a 500 that says so. */
function answered(gateway: Gateway, request: TwinRequest): TwinResponse {
  try {
    return gateway.answer(request);
  } catch (error) {
    return {
      status: 500,
      headers: { 'content-type': 'text/plain;charset=utf-8' },
      body: `bug in the twin: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    };
  }
}

function lockedBy(buttons: Buttons, kind: LockKind, id: string): string | undefined {
  if (buttons.pressed.length === 0) return undefined;
  const press = buttons.pressed.find((one) => one.fault === 'lockedObject' && one.with?.[kind] === id);
  if (!press) return undefined;
  buttons.fire('lockedObject', press.match ?? '');
  return press.with?.['user'] ?? 'WMEIER';
}
