import * as z from 'zod';

export const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a short lower-case name such as erp or cmms-north is expected');

/** `systems/<name>.yaml`: one installed system. Secrets by reference only. */
export const SystemFile = z.strictObject({
  connector: z.string().describe('what kind of system it is: the name of a connector'),
  settings: z.record(z.string(), z.unknown()).default({}).describe('settings of the connector, listed on its page; passed to mappings as `settings.<name>`'),
  signIn: z.string().describe('one of the ways to sign in on the page of the connector'),
  credential: z
    .record(z.string(), z.string().regex(/^(secret:\/\/|[^:]*$)/, 'write secrets as secret://name; plain values may not contain a colon'))
    .default({})
    .describe('fields of the sign-in; secrets as `secret://name`, their values in the vault'),
  limits: z
    .strictObject({ perMinute: z.int().min(1).max(100_000).optional(), parallel: z.int().min(1).max(256).optional() })
    .default({})
    .describe("requests per minute and at once, where the system takes other than the connector's"),
  visibilityMs: z.int().min(0).max(600_000).default(30_000).describe('how long a committed write may stay invisible to a look-up, in milliseconds'),
  polls: z
    .record(z.string(), z.string())
    .default({})
    .describe('record kind to interval (`30s`, `5m`), name (`hourly`, `nightly`, `weekly`, `monthly`), cron expression of five fields, or `off`'),
  site: z.string().optional().describe('site of records that name none; left out where the system serves several sites'),
  webhooks: z.boolean().default(false).describe('whether the hub asks the system to call it when something changes'),
});

/** `sites.yaml`. */
export const SitesFile = z
  .array(
    z.strictObject({
      code: z.string().min(1).max(40).describe('the code that people know'),
      name: z.string().describe('its name'),
      maintenance: Name.describe('the connection that plays the maintenance side'),
      finance: Name.describe('the connection that plays the finance side'),
      ids: z
        .record(z.string(), z.union([z.string(), z.array(z.string())]))
        .default({})
        .describe('connection to the number, or numbers, that stand for the site there'),
    }),
  )
  .min(1);

const Scope = z.enum(['off', 'shadow', 'live']);
/** `scope.yaml`. */
export const ScopeFile = z.strictObject({
  default: Scope.default('live').describe('what holds where nothing else is said'),
  flows: z.record(z.string(), Scope).default({}).describe('flow to mode, for every site'),
  sites: z
    .record(z.string(), z.union([Scope, z.record(z.string(), Scope)]))
    .default({})
    .describe('site to mode, or to flow and mode; stronger than `flows`'),
});

/** `policies.yaml`: flow to settings. */
export const PoliciesFile = z.record(
  z.string(),
  z.strictObject({
    default: z.record(z.string(), z.unknown()).default({}).describe("policies of the flow for every site; the flow's page lists them"),
    sites: z.record(z.string(), z.record(z.string(), z.unknown())).default({}).describe('site to policies that differ there'),
  }),
);

/** Columns of `identities.csv`. */
export const identityColumns = ['kind', 'hubId', 'connection', 'externalId'] as const;
