import type * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { MappingIssue } from '#mapping/issue';
import { parseRows, type ParsedRow, type RowProblem } from '#mapping/parsed-row';
import { Pass } from '#mapping/pass';
import { compileRemainder } from '#mapping/remainder';
import type { MappingDocument } from '#mapping/row';
import { SchemaIssues } from '#mapping/schema-issues';
import type { Transform } from '#mapping/transform';
import { transforms } from '#mapping/transforms';
import { placeRows, siblingText } from '#mapping/tree';
import { compileWalk, type Walk } from '#mapping/walk';
import { records, type RecordKind } from '#model/records';

export interface MappingTools {
  /** Values of the connection that expressions and transforms may read: `settings.currency`. */
  readonly settings?: JsonObject;
  /** Default: the catalogue. */
  readonly transforms?: ReadonlyMap<string, Transform>;
}

export interface InwardContext {
  /** The hub id of a number of this system; provisional where the crosswalk knows none. */
  hubId(kind: RecordKind, externalId: string): string;
}

export interface OutwardContext {
  /** The number of a hub id in this system; undefined where it has none. */
  externalId(kind: RecordKind, hubId: string): string | undefined;
  /** The record holds only members to change: required members of the record itself may be absent, and constants are left out. */
  readonly partial?: boolean;
}

export interface InwardResult {
  /** The canonical record, parsed where there is no issue; as far as it got where there is one. */
  readonly record: unknown;
  readonly issues: readonly MappingIssue[];
  /** Native members that no row read, as they came. */
  readonly remainder: JsonObject;
}

export interface OutwardResult {
  readonly payload: JsonObject;
  readonly issues: readonly MappingIssue[];
}

/** A mapping document as closures. Nothing here throws for what a record contains. */
export interface CompiledMapping {
  readonly document: MappingDocument;
  /** Other records that a native record names, to ask the crosswalk for before `inward`. Each once. */
  externalReferences(native: unknown): readonly { readonly kind: RecordKind; readonly externalId: string }[];
  inward(native: unknown, context: InwardContext): InwardResult;
  /** Other records that a canonical record names, to ask the crosswalk for before `outward`. Each once. */
  hubReferences(record: unknown): readonly { readonly kind: RecordKind; readonly hubId: string }[];
  outward(record: unknown, context: OutwardContext): OutwardResult;
}

/** Compiles once. Throws a `misconfigured` fault that names every wrong row; `validate` says more about a document. */
export function compileMapping(document: MappingDocument, tools: MappingTools = {}): CompiledMapping {
  const { rows, problems } = parseRows(document, tools.transforms ?? transforms);
  refuseIf(document, problems);
  const into = placeRows(rows, 'in');
  const out = placeRows(rows, 'out');
  refuseIf(document, [...into.problems, ...out.problems]);
  const settings = tools.settings ?? {};
  const inward = compileWalk(into.root, 'in', shared(rows, 'in'));
  const outward = compileWalk(out.root, 'out', shared(rows, 'out'));
  const references = rows.filter(({ row }) => row.reference !== undefined);
  const inwardReferences = compileWalk(placeRows(references, 'in').root, 'in', new Set());
  const outwardReferences = compileWalk(placeRows(references, 'out').root, 'out', new Set());
  const remainder = compileRemainder(rows);
  const schema: z.ZodType = records[document.record];
  const schemaIssues = new SchemaIssues(rows);
  return {
    document,
    externalReferences: (native) => collect(inwardReferences, native, { settings, scope: { native } }).map(({ kind, id }) => ({ kind, externalId: id })),
    hubReferences: (record) => collect(outwardReferences, record, { settings, scope: { record } }).map(({ kind, id }) => ({ kind, hubId: id })),
    inward(native, context) {
      const pass = new Pass({ settings, root: native, scope: { native }, translate: (kind, id) => context.hubId(kind, id) });
      const draft: Record<string, unknown> = {};
      inward(native, draft, pass);
      const parsed = schema.safeParse(draft);
      if (!parsed.success) schemaIssues.add(pass.issues, parsed.error, draft);
      return { record: parsed.success ? parsed.data : draft, issues: pass.issues.list, remainder: remainder(native) };
    },
    outward(record, context) {
      const payload: Record<string, unknown> = {};
      const pass = new Pass({
        settings,
        root: payload,
        scope: { record },
        translate: (kind, id) => context.externalId(kind, id),
        partial: context.partial ?? false,
      });
      outward(record, payload, pass);
      // Built here from texts, whole numbers, booleans and what transforms give: JSON by construction.
      return { payload: payload as JsonObject, issues: pass.issues.list };
    },
  };
}

function refuseIf(document: MappingDocument, problems: readonly RowProblem[]): void {
  if (problems.length === 0) return;
  const named = problems.slice(0, 10).map(({ row, message }) => (row === 0 ? message : `row ${row}: ${message}`));
  throw new Fault('misconfigured', `mapping ${document.id}: ${named.join('; ')}${problems.length > 10 ? `; and ${problems.length - 10} more` : ''}`, {
    where: document.id,
  });
}

/** Target paths that more than one row may write: with conditions, or as the currency or unit beside an amount. */
function shared(rows: readonly ParsedRow[], direction: 'in' | 'out'): ReadonlySet<string> {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const { row, theirs, via } of rows) {
    if (row.direction !== 'both' && row.direction !== direction) continue;
    const target = direction === 'in' ? row.ours : row.theirs;
    if (seen.has(target)) again.add(target);
    seen.add(target);
    if (direction === 'in' || !theirs) continue;
    for (const argument of via.flatMap(({ args }) => args)) {
      if (argument.kind !== 'reference' || argument.value.scope === 'settings') continue;
      again.add(argument.value.scope === 'native' ? argument.value.steps.join('.') : siblingText(theirs, argument.value.steps));
    }
  }
  return again;
}

function collect(
  walk: Walk,
  source: unknown,
  start: { settings: JsonObject; scope: { native?: unknown; record?: unknown } },
): { kind: RecordKind; id: string }[] {
  const found = new Map<string, { kind: RecordKind; id: string }>();
  const translate = (kind: RecordKind, id: string): string => {
    found.set(`${kind}/${id}`, { kind, id });
    return id;
  };
  walk(source, {}, new Pass({ ...start, root: source, translate }));
  return [...found.values()];
}
