import type { TwinResponse } from '#simulators/twin';
import { OdataError } from './odata-error.ts';

/** One request inside a batch. */
export interface Part {
  readonly method: string;
  /** Relative to the service root. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly id: string;
}

/** What a batch holds, in order: single reads, and changesets that succeed or fail as one. */
export type Block = { readonly kind: 'single'; readonly part: Part } | { readonly kind: 'changeset'; readonly parts: readonly Part[]; readonly group: string };

/** Most parts that one batch may hold. */
export const batchLimit = 1_000;

/** Reads a multipart batch. */
export function readBatch(body: string, contentType: string): Block[] {
  const blocks = split(body, boundaryOf(contentType)).map((section): Block => {
    const { headers, rest } = headAndRest(section);
    const type = headers['content-type'] ?? '';
    if (!type.startsWith('multipart/mixed')) return { kind: 'single', part: readPart(rest, headers) };
    const parts = split(rest, boundaryOf(type)).map((inner) => {
      const head = headAndRest(inner);
      return readPart(head.rest, head.headers);
    });
    return { kind: 'changeset', parts, group: '' };
  });
  limit(blocks);
  for (const block of blocks) {
    if (block.kind === 'single' && block.part.method !== 'GET') throw bad('Writes of a batch belong into a changeset');
    if (block.kind === 'changeset' && block.parts.some(({ method }) => method === 'GET')) throw bad('A changeset must not hold GET requests');
  }
  return blocks;
}

/** Reads a V4 JSON batch: requests of one atomicity group form a changeset. */
export function readJsonBatch(body: unknown): Block[] {
  const requests =
    body !== null && typeof body === 'object' && 'requests' in body && Array.isArray(body.requests) ? (body.requests as readonly unknown[]) : undefined; // An array, as just checked.
  if (!requests) throw bad('A JSON batch has requests');
  const blocks: { kind: 'single' | 'changeset'; parts: Part[]; group: string }[] = [];
  for (const request of requests) {
    if (request === null || typeof request !== 'object') throw bad('A JSON batch has requests');
    const { id, method, url, headers, body: inner, atomicityGroup } = request as Record<string, unknown>; // An object, as just checked; each member is checked below.
    if (typeof method !== 'string' || typeof url !== 'string') throw bad('Each request of a JSON batch has a method and a url');
    const group = typeof atomicityGroup === 'string' ? atomicityGroup : '';
    const own =
      headers !== null && typeof headers === 'object'
        ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
        : {};
    const part: Part = { id: String(id ?? ''), method, url, headers: own, body: inner === undefined ? '' : JSON.stringify(inner) };
    const last = blocks.at(-1);
    if (group !== '' && last?.group === group) last.parts.push(part);
    else blocks.push({ kind: group === '' ? 'single' : 'changeset', parts: [part], group });
  }
  const result = blocks.flatMap(({ kind, parts, group }): Block[] => (kind === 'changeset' ? [{ kind, parts, group }] : parts.map((part) => ({ kind, part }))));
  limit(result);
  return result;
}

function limit(blocks: readonly Block[]): void {
  const count = blocks.reduce((total, block) => total + (block.kind === 'single' ? 1 : block.parts.length), 0);
  if (count === 0) throw bad('The batch is empty');
  if (count > batchLimit) throw bad(`A batch holds at most ${batchLimit} requests`);
}

/** Writes the answers of a batch; a failed changeset is one part. */
export function writeBatch(answers: readonly (readonly TwinResponse[] | TwinResponse)[], boundary: string): string {
  const part = (answer: TwinResponse): string =>
    `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 ${answer.status} ${answer.status < 400 ? 'OK' : 'Error'}\r\n${Object.entries(
      answer.headers,
    )
      .map(([name, value]) => `${name}: ${String(value)}\r\n`)
      .join('')}content-length: ${Buffer.byteLength(answer.body)}\r\n\r\n${answer.body}\r\n`;
  const sections = answers.map((one, at) => {
    if ('status' in one) return part(one);
    const inner = `${boundary}_cs${at}`;
    return `Content-Type: multipart/mixed; boundary=${inner}\r\n\r\n${one.map((answer) => `--${inner}\r\n${part(answer)}`).join('')}--${inner}--\r\n`;
  });
  return `${sections.map((section) => `--${boundary}\r\n${section}`).join('')}--${boundary}--\r\n`;
}

function boundaryOf(contentType: string): string {
  const boundary = /boundary="?([^";\s]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) throw bad('The batch names no boundary');
  return boundary;
}

function split(body: string, boundary: string): string[] {
  const pieces = body.split(new RegExp(`(?:^|\\r?\\n)--${boundary.replace(/[^\w]/g, '\\$&')}`));
  const end = pieces.findIndex((piece, at) => at > 0 && piece.startsWith('--'));
  if (end < 0) throw bad('The batch does not end with its boundary');
  return pieces.slice(1, end).map((piece) => piece.replace(/^[ \t]*\r?\n/, ''));
}

function headAndRest(section: string): { headers: Record<string, string>; rest: string } {
  const at = /\r?\n\r?\n/.exec(section);
  const head = at ? section.slice(0, at.index) : section;
  const headers: Record<string, string> = {};
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, rest: at ? section.slice(at.index + at[0].length) : '' };
}

function readPart(text: string, outer: Readonly<Record<string, string>>): Part {
  const line = /^([A-Z]+) (\S+)(?: HTTP\/1\.1)?\r?\n?/.exec(text);
  if (!line) throw bad('A part of the batch is no HTTP request');
  const { headers, rest } = headAndRest(
    text.slice(line[0].length).startsWith('\r\n') || text.slice(line[0].length).startsWith('\n')
      ? `\r\n${text.slice(line[0].length)}`
      : text.slice(line[0].length),
  );
  return { method: line[1] ?? '', url: line[2] ?? '', headers, body: rest.trim(), id: outer['content-id'] ?? '' };
}

const bad = (message: string): OdataError => new OdataError(400, '/IWBEP/CM_MGW_RT/037', message);
