import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, isMap, isSeq, type Document } from 'yaml';
import type * as z from 'zod';
import { Fault } from '#base/fault';

/** Largest configuration file that is read, in bytes. */
const mostBytes = 4 * 1024 * 1024;

/** One thing that is wrong in a configuration file. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export const problemText = ({ file, line, message }: FileProblem): string => `${file}:${line}: ${message}`;

/** What a file says, and on which line: for what only the whole folder can find wrong. */
export interface PlacedFile<T> {
  readonly value: T;
  /** Line of the deepest part of the path that is there. */
  lineOf(...path: readonly PropertyKey[]): number;
}

/** Reads a YAML file against a schema; every problem names file and line. A file that is not there is undefined. */
export function readPlantFile<T>(path: string, name: string, schema: z.ZodType<T>, problems: FileProblem[]): PlacedFile<T> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Fault('misconfigured', `${name}: cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (text.length > mostBytes) {
    problems.push({ file: name, line: 1, message: `the file is larger than ${mostBytes} bytes` });
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, maxAliasCount: 20 } as Parameters<typeof parseDocument>[1]);
  for (const error of document.errors)
    problems.push({
      file: name,
      line: error.linePos?.[0].line ?? 1,
      message: (error.message.split('\n')[0] ?? 'not YAML').replace(/ at line \d+, column \d+:?$/, ''),
    });
  if (document.errors.length > 0) return undefined;
  // A file of nothing but comments says nothing, which is not wrong.
  const value: unknown = document.contents === null ? undefined : document.toJS({ maxAliasCount: 20 });
  if (value === undefined || value === null) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, lineOf: (...steps) => lineOf(document, steps, lines) };
  for (const issue of result.error.issues) {
    const unknown = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    problems.push({
      file: name,
      line: lineOf(document, unknown, lines),
      message: `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`,
    });
  }
  return undefined;
}

/** The line of the deepest node on the path that exists. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String((key as { value?: unknown } | null)?.value ?? key) === String(step));
      if (!pair) break;
      offset = (pair.key as { range?: readonly number[] }).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as { range?: readonly number[] } | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}
