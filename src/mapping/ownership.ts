import { canonicalJson, type Json } from '#base/json';
import { isoTime } from '#base/clock';
import { getter, parsePath, stepsText, type Path } from '#mapping/path';
import type { MappingRow, Owner } from '#mapping/row';

/** What happens where both sides changed a field, or the side that does not own it did. `ask`: nothing is written until a person decides. */
export const conflictRules = ['owner-wins', 'latest-wins', 'ask'] as const;
export type ConflictRule = (typeof conflictRules)[number];

export type Side = 'maintenance' | 'finance';
export const otherSide = (side: Side): Side => (side === 'maintenance' ? 'finance' : 'maintenance');

/** What one side says now. `at` is when it last changed, in milliseconds; undefined where the system does not tell. */
export interface SideRecord {
  /** The connection. */
  readonly system: string;
  readonly record: unknown;
  readonly at?: number;
}

export interface FieldRule {
  /** Canonical path; `lines[].quantity` is decided line by line, by the lines' `line`. */
  readonly field: string;
  readonly owner: Owner;
  readonly rule: ConflictRule;
  /** Where it may be written; absent: on both sides. */
  readonly direction?: 'both' | 'to-maintenance' | 'to-finance' | 'none';
}

/** Whether a rule lets a side be written. */
export const mayWrite = ({ direction = 'both' }: Pick<FieldRule, 'direction'>, side: Side): boolean => direction === 'both' || direction === `to-${side}`;

export interface Overwritten {
  readonly system: string;
  readonly side: Side;
  readonly value: Json | undefined;
  readonly at: number | undefined;
}

/** The outcome for one field. Kept with the decision, it says who overwrote what, by which rule, and what was there. */
export interface FieldDecision {
  /** `lines[10].quantity`: in brackets the code of the line. */
  readonly field: string;
  readonly value: Json | undefined;
  /** Whose value it is; `both` where they agree, `agreed` where an earlier agreement stands. */
  readonly from: Side | 'both' | 'agreed';
  readonly rule: 'equal' | 'changed-by-owner' | ConflictRule | 'hub-owned';
  /** Sides that must be told. */
  readonly write: readonly Side[];
  /** Values that this decision replaces. */
  readonly overwritten: readonly Overwritten[];
  /** A change that its side may not make by itself: for the owner, or for a person, to accept. */
  readonly proposal?: { readonly from: Side; readonly system: string; readonly value: Json | undefined; readonly at: number | undefined; readonly to: Owner };
  /** Nothing is written to this field until a person decides. */
  readonly held: boolean;
  /** One sentence for the timeline. */
  readonly explanation: string;
}

export interface Sides {
  /** The last record that both sides agreed on; undefined at first contact. */
  readonly agreed: unknown;
  readonly maintenance: SideRecord;
  readonly finance: SideRecord;
  readonly fields: readonly FieldRule[];
}

/** The fields of a mapping with their owners. Rules by field; the default is that the owner wins. */
export function fieldRules(rows: readonly MappingRow[], rules: ReadonlyMap<string, ConflictRule> = new Map()): FieldRule[] {
  const found = new Map<string, FieldRule>();
  for (const { ours, owner } of rows) {
    if (ours !== '' && !found.has(ours)) found.set(ours, { field: ours, owner, rule: rules.get(ours) ?? 'owner-wins' });
  }
  return [...found.values()];
}

/** Decides every field of two records. Pure; throws only where a field path cannot be read. */
export function decideFields(sides: Sides): readonly FieldDecision[] {
  return sides.fields.flatMap((rule) => {
    const path = parsePath(rule.field);
    return spots(path, [sides.agreed, sides.maintenance.record, sides.finance.record]).map(({ field, values }) =>
      decide({ field, rule, sides, agreed: values[0], maintenance: values[1], finance: values[2] }),
    );
  });
}

interface Spot {
  readonly field: string;
  readonly values: readonly (Json | undefined)[];
}

/** A field in several records; fields of lines once per line code. Lists of plain values are one field. */
function spots(path: Path, records: readonly unknown[]): Spot[] {
  const plain = path.levels.at(-1)?.length === 0;
  return walk(records, path.levels.slice(0, plain ? -1 : undefined), '');
}

function walk(holders: readonly unknown[], levels: Path['levels'], lead: string): Spot[] {
  const [steps = [], ...deeper] = levels;
  const read = getter(steps);
  const found = holders.map((holder) => read(holder));
  const field = lead === '' ? stepsText(steps) : `${lead}.${stepsText(steps)}`;
  // Canonical records are JSON by their schemas.
  if (deeper.length === 0) return [{ field, values: found.map((value) => (value === null ? undefined : (value as Json | undefined))) }];
  const keyed = found.map(byLine);
  const codes = new Set(keyed.flatMap((lines) => [...lines.keys()]));
  return [...codes].flatMap((code) =>
    walk(
      keyed.map((lines) => lines.get(code)),
      deeper,
      `${field}[${code}]`,
    ),
  );
}

const lineCode = getter(['line']);

function byLine(list: unknown): Map<string, unknown> {
  const lines: readonly unknown[] = Array.isArray(list) ? list : [];
  return new Map(
    lines.map((line, index) => {
      const code = lineCode(line);
      return [typeof code === 'string' ? code : `#${index}`, line];
    }),
  );
}

interface Question {
  readonly field: string;
  readonly rule: FieldRule;
  readonly sides: Sides;
  readonly agreed: Json | undefined;
  readonly maintenance: Json | undefined;
  readonly finance: Json | undefined;
}

const equal = (a: Json | undefined, b: Json | undefined): boolean => a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b));

function decide(question: Question): FieldDecision {
  const { rule, agreed, maintenance, finance } = question;
  if (rule.owner === 'hub') return decideForHub(question);
  if (equal(maintenance, finance))
    return {
      field: question.field,
      value: maintenance,
      from: 'both',
      rule: 'equal',
      write: [],
      overwritten: [],
      held: false,
      explanation: `${question.field}: both sides say the same`,
    };
  const owner = rule.owner;
  const other = otherSide(owner);
  const otherChanged = !equal(question[other], agreed);
  if (!otherChanged) return settled(question, owner, 'changed-by-owner');
  if (rule.rule === 'ask') return asked(question, owner);
  const winner = rule.rule === 'latest-wins' ? latest(question, owner) : owner;
  return settled(question, winner, rule.rule);
}

/** The side with the later change among those that changed. Where the times are equal or unknown the owner stays. */
function latest({ sides, agreed, ...values }: Question, owner: Side): Side {
  const other = otherSide(owner);
  if (equal(values[owner], agreed)) return other;
  const [ownerAt, otherAt] = [sides[owner].at, sides[other].at];
  return ownerAt !== undefined && otherAt !== undefined && otherAt > ownerAt ? other : owner;
}

const words = (value: Json | undefined): string => {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : canonicalJson(value);
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
};
const when = (at: number | undefined): string => (at === undefined ? 'at an unknown time' : `at ${isoTime(at)}`);

function settled(question: Question, winner: Side, rule: 'changed-by-owner' | ConflictRule): FieldDecision {
  const { field, sides, agreed } = question;
  const loser = otherSide(winner);
  const [value, lost] = [question[winner], question[loser]];
  const proposed = rule === 'owner-wins' && !equal(lost, agreed);
  // A side that never had a value does not say that there should be none: nothing is erased, the other's value is proposed.
  const silent = value === undefined && agreed === undefined;
  const overwritten: readonly Overwritten[] =
    silent || lost === undefined ? [] : [{ system: sides[loser].system, side: loser, value: lost, at: sides[loser].at }];
  return {
    field,
    value,
    from: winner,
    rule,
    write: silent ? [] : [loser],
    overwritten,
    ...(proposed && question.rule.owner !== 'hub'
      ? { proposal: { from: loser, system: sides[loser].system, value: lost, at: sides[loser].at, to: question.rule.owner } }
      : {}),
    held: false,
    explanation: explanationOf(question, { winner, rule, silent }),
  };
}

function explanationOf(question: Question, { winner, rule, silent }: { readonly winner: Side; readonly rule: string; readonly silent: boolean }): string {
  const { field, sides } = question;
  const loser = otherSide(winner);
  const lost = `${words(question[loser])} of ${sides[loser].system}, changed ${when(sides[loser].at)}`;
  if (silent) return `${field}: ${lost}, is proposed to ${question.rule.owner}, which owns the field and has no value`;
  if (rule === 'changed-by-owner')
    return `${field}: ${sides[winner].system} owns the field and says ${words(question[winner])}; ${words(question[loser])} of ${sides[loser].system} is brought up to date`;
  if (rule === 'latest-wins')
    return `${field}: the latest change wins: ${words(question[winner])} of ${sides[winner].system}, ${when(sides[winner].at)}, overwrites ${lost}`;
  return `${field}: ${question.rule.owner} owns the field, so ${words(question[winner])} of ${sides[winner].system} overwrites ${lost}; the change is proposed to the owner`;
}

function asked(question: Question, owner: Side): FieldDecision {
  const { field, sides } = question;
  const other = otherSide(owner);
  return {
    field,
    value: question.agreed,
    from: 'agreed',
    rule: 'ask',
    write: [],
    overwritten: [],
    proposal: { from: other, system: sides[other].system, value: question[other], at: sides[other].at, to: owner },
    held: true,
    explanation: `${field}: ${sides[owner].system} says ${words(question[owner])} and ${sides[other].system} says ${words(question[other])}, changed ${when(sides[other].at)}; a person decides, and neither is overwritten until then`,
  };
}

/** Neither side may change the field: the agreed value goes back to whoever did. Before there is one, nothing is written. */
function decideForHub(question: Question): FieldDecision {
  const { field, sides, maintenance, finance } = question;
  // What both sides say before anything was agreed is what the hub keeps from then on.
  const agreed = question.agreed ?? (equal(maintenance, finance) ? finance : undefined);
  const changed = (['maintenance', 'finance'] as const).filter((side) => !equal(question[side], agreed));
  const write = agreed === undefined ? [] : changed;
  return {
    field,
    value: agreed,
    from: changed.length === 0 ? 'both' : 'agreed',
    rule: changed.length === 0 ? 'equal' : 'hub-owned',
    write,
    overwritten: write
      .filter((side) => question[side] !== undefined)
      .map((side) => ({ system: sides[side].system, side, value: question[side], at: sides[side].at })),
    held: false,
    explanation:
      changed.length === 0
        ? `${field}: both sides say the same`
        : `${field}: the hub owns the field and says ${words(agreed)}; ${changed.map((side) => `${words(question[side])} of ${sides[side].system}`).join(' and ')} ${write.length > 0 ? 'is overwritten' : 'is left as it is'}`,
  };
}
