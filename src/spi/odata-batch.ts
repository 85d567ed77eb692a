/** Parts of one `$batch`; more are refused before they are sent. */
export const batchParts = 50;

/** One request inside a batch, relative to the service's root. */
export interface BatchRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Relative and percent-encoded: `A_Product('BRG-6205')`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface BatchAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A read, or writes that succeed or fail together. */
export type BatchPart = { readonly read: BatchRequest } | { readonly changes: readonly BatchRequest[] };

const end = '\r\n';

/** The body of a batch: reads as parts of their own, writes inside changesets (OData 2.0, section 2.2.7.6; multipart/mixed). */
export function batchBody(parts: readonly BatchPart[], boundary: string): string {
  let text = '';
  parts.forEach((part, index) => {
    text += `--${boundary}${end}`;
    if ('read' in part) text += httpPart(part.read, undefined);
    else {
      // Not an extension of the outer one: servers look for the beginning of a delimiter line.
      const inner = `cs${index + 1}_${boundary}`;
      text += `Content-Type: multipart/mixed; boundary=${inner}${end}${end}`;
      part.changes.forEach((change, at) => (text += `--${inner}${end}${httpPart(change, String(at + 1))}`));
      text += `--${inner}--${end}`;
    }
  });
  return `${text}--${boundary}--${end}`;
}

function httpPart({ method, path, headers, body }: BatchRequest, id: string | undefined): string {
  const inner = { ...headers, ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }) };
  const lines = Object.entries(inner)
    .map(([name, value]) => `${name}: ${value}${end}`)
    .join('');
  return `Content-Type: application/http${end}Content-Transfer-Encoding: binary${end}${id === undefined ? '' : `Content-ID: ${id}${end}`}${end}${method} ${path} HTTP/1.1${end}${lines}${end}${body ?? ''}${end}`;
}

/** Answers part by part: one per read, one per write of a changeset, or the single error with which a changeset failed. Undefined where the text is no such answer. */
export function parseBatch(contentType: string, body: string): readonly (readonly BatchAnswer[])[] | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const parts = partsOf(body, boundary);
  const answers = parts?.map((part) => {
    const { headers, rest } = headersOf(part);
    const type = headers['content-type'] ?? '';
    if (!type.startsWith('multipart/mixed')) return [httpAnswer(rest)];
    const inner = boundaryOf(type);
    return inner === undefined ? [undefined] : (partsOf(rest, inner) ?? []).map((one) => httpAnswer(headersOf(one).rest));
  });
  return answers?.every((group): group is BatchAnswer[] => group.every((one) => one !== undefined)) ? answers : undefined;
}

function boundaryOf(contentType: string): string | undefined {
  return /boundary="?([^";,\s]{1,200})"?/i.exec(contentType)?.[1];
}

/** Cut at delimiter lines: a line that is the boundary and nothing more. The last one ends with two dashes. */
function partsOf(text: string, boundary: string): string[] | undefined {
  const parts: string[] = [];
  let part: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const mark = line.trimEnd();
    if (mark === `--${boundary}` || mark === `--${boundary}--`) {
      if (part) parts.push(part.join('\r\n'));
      if (mark.endsWith(`${boundary}--`)) return parts;
      part = [];
    } else part?.push(line);
  }
  return undefined;
}

function headersOf(text: string): { readonly headers: Record<string, string>; readonly rest: string } {
  const found = /\r?\n\r?\n/.exec(text);
  const head = found ? text.slice(0, found.index) : text;
  const headers: Record<string, string> = {};
  for (const line of head.split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at > 0) headers[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
  }
  return { headers, rest: found ? text.slice(found.index + found[0].length) : '' };
}

function httpAnswer(text: string): BatchAnswer | undefined {
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})[^\r\n]*(?:\r?\n|$)/.exec(text);
  if (!status) return undefined;
  const { headers, rest } = headersOf(text.slice(status[0].length));
  // An answer without headers has its empty line at once, where there is nothing before it to split at.
  const body = Object.keys(headers).length === 0 ? text.slice(status[0].length).replace(/^\r?\n/, '') : rest;
  return { status: Number(status[1]), headers, body: body.replace(/\r?\n$/, '') };
}
