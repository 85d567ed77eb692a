import * as z from 'zod';
import { Fault } from '#base/fault';
import { hashOf } from '#base/json';
import type { MaintainxSession } from './settings.ts';

const Document = z.looseObject({ info: z.looseObject({ version: z.unknown() }), paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** Collections whose first row shows the shape where the vendor's document cannot be had. */
const collections = {
  '/assets': 'assets',
  '/locations': 'locations',
  '/parts': 'parts',
  '/purchaseorders': 'purchaseOrders',
  '/users': 'users',
  '/vendors': 'vendors',
  '/workorders': 'workOrders',
} as const;

/** One line per operation of the vendor's own OpenAPI document, which is served live; else the member names of one row per collection. */
export async function contractLines({ api }: MaintainxSession): Promise<readonly string[]> {
  try {
    const document = Document.safeParse(await api.get('/openapi.json'));
    if (document.success)
      return [
        `version: ${String(document.data.info.version)}`,
        ...Object.entries(document.data.paths).flatMap(([path, operations]) =>
          Object.entries(operations).map(([method, operation]) => `${method.toUpperCase()} ${path}: ${hashOf(operation).slice(0, 16)}`),
        ),
      ];
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'missing') throw error;
  }
  const lines: string[] = [];
  for (const [path, member] of Object.entries(collections)) {
    const answer = z.looseObject({ [member]: z.array(z.unknown()) }).safeParse(await api.get(path, { limit: 1 }));
    const first = answer.success ? (answer.data[member] as readonly unknown[])[0] : undefined;
    if (first !== null && typeof first === 'object')
      for (const [name, value] of Object.entries(first))
        lines.push(`${member}.${name}: ${value === null ? 'empty' : Array.isArray(value) ? 'list' : typeof value}`);
  }
  return lines;
}
