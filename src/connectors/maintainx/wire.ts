import * as z from 'zod';
import type { Answer, Classify, Throttle } from '#spi/answers';
import { rest } from '#spi/rest';
import type { Settings } from './settings.ts';

/** The two error shapes: `{ error }` of reads, 404, 429 and 5xx, `{ errors: [...] }` of refused writes. A 401 has no body. */
const ErrorBody = z.union([
  z.object({ errors: z.array(z.union([z.string(), z.looseObject({ error: z.string(), fieldPath: z.string().nullish() })])).min(1) }),
  z.object({ error: z.string() }),
]);

const classify: Classify = ({ body }) => {
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success) return undefined;
  if ('error' in parsed.data) return { message: parsed.data.error };
  const list = parsed.data.errors.slice(0, 20).map((one) => (typeof one === 'string' ? { error: one, fieldPath: undefined } : one));
  const fields = Object.fromEntries(list.flatMap(({ error, fieldPath }) => (fieldPath === undefined || fieldPath === null ? [] : [[fieldPath, error]])));
  return {
    message: list.map(({ error, fieldPath }) => (fieldPath ? `${fieldPath}: ${error}` : error)).join('; '),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
};

/** The window of the vendor's limits; what is waited where the header is absent. */
const windowMs = 60_000;

/** `X-Rate-Limit-Reset` holds the seconds that are left, not a point in time. */
export const throttle: Throttle = ({ status, headers }: Answer) => {
  if (status !== 429) return undefined;
  const seconds = headers['x-rate-limit-reset'] ?? '';
  return { retryAfterMs: /^\d{1,6}(\.\d+)?$/.test(seconds) ? Math.ceil(Number(seconds) * 1000) : windowMs };
};

/** The vendor's REST API v1. The probe reads one user: the cheapest call that needs a valid key. */
export const wire = rest<Settings>({
  base: ({ address }) => address,
  headers: ({ organization }): Record<string, string> => (organization === undefined ? {} : { 'x-organization-id': String(organization) }),
  probe: '/users',
  probeQuery: { limit: 1 },
  classify,
  throttle,
});
