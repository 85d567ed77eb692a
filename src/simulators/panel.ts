import * as z from 'zod';
import type { Press, Twin, TwinRequest, TwinResponse } from '#simulators/twin';
import { twinPage } from '#simulators/twin-page';
import { wireFaults } from '#simulators/wire-faults';

/** Most rows of one answer, most characters of one cell, most writes shown. */
export const panelLimits = { rows: 200, cell: 400, writes: 100 } as const;

const PressBody = z.strictObject({
  fault: z.string().max(60),
  times: z.int({ error: 'a whole number is expected' }).min(1).max(1_000_000).optional(),
  match: z.string().max(300).optional(),
  delayMs: z.int({ error: 'a whole number is expected' }).min(0).max(3_600_000).optional(),
  with: z.record(z.string().max(60), z.string().max(200)).optional(),
});
const ReleaseBody = z.strictObject({ fault: z.string().max(60).optional() });

const json = (status: number, value: unknown): TwinResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(value, null, 2),
});

/** `GET /_twin` looks inside, as a page for a browser and as JSON for everything else; `GET /_twin/tables/NAME` lists records; `POST /_twin/press` and `/_twin/release` take the JSON of a press. */
export function panel(twin: Twin, request: TwinRequest): TwinResponse {
  const url = new URL(request.url, 'http://twin.example');
  const [, , action, name] = url.pathname.split('/');
  try {
    if (request.method === 'GET' && action === undefined) return (request.headers['accept'] ?? '').includes('text/html') ? page(twin) : json(200, inside(twin));
    if (request.method === 'GET' && action === 'tables' && name !== undefined) return table(twin, decodeURIComponent(name), url.searchParams);
    if (request.method === 'POST' && (action === 'press' || action === 'release')) {
      // A page of another origin can only send plain text without asking first.
      if (!(request.headers['content-type'] ?? '').startsWith('application/json')) return json(415, { error: 'send content-type: application/json' });
      const body: unknown = JSON.parse(request.body || '{}');
      if (action === 'press') twin.buttons.press(PressBody.parse(body) as Press);
      else twin.buttons.release(ReleaseBody.parse(body).fault);
      return json(200, { pressed: twin.buttons.down });
    }
    return json(404, {
      error:
        'GET /_twin, GET /_twin/tables/NAME?filter=TEXT&offset=N&limit=N, POST /_twin/press {fault, times?, match?, delayMs?, with?}, POST /_twin/release {fault?}',
    });
  } catch (error) {
    const said =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
        : String(error instanceof Error ? error.message : error);
    return json(400, { error: said });
  }
}

function page(twin: Twin): TwinResponse {
  const { html, policy } = twinPage(twin.name);
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
    },
    body: html,
  };
}

function inside(twin: Twin): unknown {
  const { buttons } = twin;
  return {
    name: twin.name,
    faults: { ...wireFaults, ...buttons.worldFaults },
    wireFaults: Object.keys(wireFaults),
    pressed: buttons.pressed,
    down: buttons.down,
    fired: Object.fromEntries(buttons.fired),
    tables: twin.tables().map((one) => ({ name: one.name, size: one.size })),
    writes: twin.writes.slice(-panelLimits.writes).toReversed(),
    writesSeen: twin.writes.length,
    world: twin.inspect(),
  };
}

/** Newest first: the last thing that happened is what one looks for. */
function table(twin: Twin, name: string, query: URLSearchParams): TwinResponse {
  const found = twin.tables().find((one) => one.name === name);
  if (!found)
    return json(404, {
      error: `no table ${name.slice(0, 60)}; there are ${twin
        .tables()
        .map((one) => one.name)
        .join(', ')}`,
    });
  const filter = (query.get('filter') ?? '').toLowerCase();
  const offset = wholeOf(query.get('offset'), 0);
  const limit = Math.min(wholeOf(query.get('limit'), 50), panelLimits.rows);
  const rows: Record<string, string>[] = [];
  let matched = 0;
  for (const row of [...found.rows()].toReversed()) {
    const cells = cellsOf(row);
    if (filter !== '' && !Object.values(cells).some((text) => text.toLowerCase().includes(filter))) continue;
    if (matched++ >= offset && rows.length < limit) rows.push(cells);
  }
  return json(200, { name, size: found.size, matched, offset, rows });
}

const wholeOf = (text: string | null, otherwise: number): number => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : otherwise);

function cellsOf(row: object): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value).slice(0, panelLimits.cell)]));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Map) return JSON.stringify(Object.fromEntries(value));
  if (value instanceof Set) return JSON.stringify([...value]);
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean | bigint);
}
