import type { Decimal } from '#base/decimal';
import type { Automation } from './world/automation.ts';

/** A technical user and what it may use. */
export interface S4User {
  readonly user: string;
  readonly password: string;
  /** OAuth client of the same user, where there is one. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Service names as in the catalogue; `*` is everything. */
  readonly services: readonly string[];
}

/** What differs from one installation to the next, or is not verified. */
export interface S4Config {
  readonly systemId: string;
  readonly client: string;
  readonly users: readonly S4User[];
  /** Rows per answer before the server cuts it short. */
  readonly pageSize: number;
  readonly tokenLifetimeMs: number;
  readonly sessionLifetimeMs: number;
  /** Services that are not activated here: a probe of `$metadata` finds them missing. */
  readonly inactiveServices: readonly string[];
  /** Answer to `RequestID` headers: `accepted` repeats the first answer for the same id. */
  readonly repeatability: 'unsupported' | 'accepted';
  readonly releasedUpTo: Decimal | undefined;
  readonly overDeliveryPercent: Decimal;
  readonly automation: Automation;
  /** Entities of the customer's own data services; they exist only where the customer built them. */
  readonly customServices: { readonly assetValues: boolean; readonly assetDepreciation: boolean; readonly labourRates: boolean };
}

export const defaultConfig: S4Config = {
  systemId: 'S4H',
  client: '100',
  users: [{ user: 'LINCHPIN', password: 'plant-floor-2026', clientId: 'linchpin-client', clientSecret: 'linchpin-secret', services: ['*'] }],
  pageSize: 1_000,
  tokenLifetimeMs: 12 * 3600 * 1000,
  sessionLifetimeMs: 30 * 60 * 1000,
  inactiveServices: [],
  repeatability: 'unsupported',
  releasedUpTo: undefined,
  overDeliveryPercent: '0',
  automation: {},
  customServices: { assetValues: true, assetDepreciation: true, labourRates: true },
};
