import { LineCounter, parseDocument, stringify } from 'yaml';
import { Fault } from '#base/fault';
import { overlayShape, plainDocument } from '#mapping/document';
import type { Overlay } from '#mapping/overlay';
import type { MappingDocument } from '#mapping/row';
import { sheetLength, whole, type PlacedOverlay } from '#mapping/sheet';

/** A document as YAML 1.2, members in the order of the row type. */
export function exportYaml({ id, record, rows, values, without }: Overlay): string {
  return stringify({ id, record, rows, ...(without ? { without } : {}), values }, { lineWidth: 0, blockQuote: false });
}

/** Reads a mapping document from YAML. Throws a `misconfigured` fault that names file:line:column. */
export function importYaml(text: string, file: string): MappingDocument {
  return whole(importOverlayYaml(text, file), file);
}

/** Reads a plant's overlay from YAML. Throws like `importYaml`. */
export function importOverlayYaml(text: string, file: string): PlacedOverlay {
  if (text.length > sheetLength)
    throw new Fault('misconfigured', `${file}:1:1: the file has ${text.length} characters, more than ${sheetLength}`, { where: `${file}:1:1` });
  const counter = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: counter, stringKeys: true, uniqueKeys: true, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = counter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const fail = (offset: number, message: string): Fault => new Fault('misconfigured', `${place(offset)}: ${message}`, { where: place(offset) });
  const [broken] = parsed.errors;
  if (broken) throw fail(broken.pos[0], broken.message);
  let value: unknown;
  try {
    value = parsed.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw fail(0, error instanceof Error ? error.message : 'the document cannot be read');
  }
  const checked = overlayShape.safeParse(value);
  if (checked.success)
    return {
      overlay: plainDocument(checked.data),
      lineOf: (part) => counter.linePos(offsetOf(parsed, part === 'document' ? [] : 'row' in part ? ['rows', part.row] : ['without', part.without])).line,
    };
  const first = checked.error.issues[0];
  throw fail(offsetOf(parsed, first?.path ?? []), `${(first?.path ?? []).join('.') || 'the document'}: ${first?.message ?? ''}`);
}

/** Where a member stands, or the nearest that holds it. */
function offsetOf(parsed: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = parsed.getIn(path.slice(0, length), true);
    const range = node !== null && typeof node === 'object' ? (node as { range?: readonly number[] | null }).range : undefined;
    if (range?.[0] !== undefined) return range[0];
  }
  return 0;
}
