import { shown } from '#mapping/issue';
import type { ParsedRow } from '#mapping/parsed-row';
import { failed, type Pass } from '#mapping/pass';
import { getter, type Getter, type Step } from '#mapping/path';
import { Refusal } from '#mapping/transform';

/** Computes a row's value from a line of the source; undefined where there is none, `failed` where an issue was noted. */
export type ValueOf = (source: unknown, pass: Pass) => unknown;

/** Whether the arguments of a row name other members. */
export const namesMembers = ({ via }: ParsedRow): boolean => via.some(({ args }) => args.some(({ kind }) => kind === 'reference'));

/** Theirs to ours: read, `via` in reading order, value map, crosswalk. */
export function inwardValue(parsed: ParsedRow, source: readonly Step[] | undefined): ValueOf {
  const { via, values, row } = parsed;
  const read = reading(parsed, source);
  const holder: Getter | undefined = source && namesMembers(parsed) ? getter(source.slice(0, -1)) : undefined;
  const keepsEmpty = via[0]?.transform.readsEmpty === true || (via.length === 0 && values?.inward.has('') === true);
  const constant = via[0]?.transform.source === true;
  return (line, pass) => {
    if (!applies(parsed, pass)) return undefined;
    let value = read(line, pass);
    if (value === failed) return failed;
    if (value === null || (value === '' && !keepsEmpty)) value = undefined;
    if (value === undefined && !constant) return absent(parsed, pass, 'the system gave no value');
    if (via.length > 0) {
      if (holder) pass.holder = holder(line);
      pass.row = parsed;
      for (const { bound } of via) {
        value = bound.in(value, pass);
        if (value === undefined || value instanceof Refusal) break;
      }
      if (value instanceof Refusal) return pass.issue(parsed, 'bad-value', value.message);
    }
    if (values && value !== undefined) {
      const mapped = typeof value === 'string' ? values.inward.get(value) : undefined;
      if (mapped === undefined)
        return pass.issue(
          parsed,
          'unmapped-value',
          `${shown(value)} has no line in the value map ${values.name}; ${typeof value === 'string' ? 'add it' : 'make it text first with a transform'}`,
        );
      value = mapped;
    }
    if (value === undefined || value === '') return absent(parsed, pass, 'the system gave no value');
    if (row.reference !== undefined) {
      if (typeof value !== 'string')
        return pass.issue(parsed, 'bad-value', `the number of a ${row.reference} is text here, not ${shown(value)}; add the transform text`);
      value = pass.translate(row.reference, value);
      if (value === undefined) return undefined;
    }
    return typeof value === 'string' && unfit(value)
      ? pass.issue(parsed, 'bad-value', 'the text has half a surrogate pair or a NUL character, which no database keeps; correct it in the system')
      : value;
  };
}

/** Ours to theirs: read, crosswalk, value map, `via` from last to first. */
export function outwardValue(parsed: ParsedRow, source: readonly Step[] | undefined): ValueOf {
  const { values, row } = parsed;
  const via = parsed.via.toReversed();
  const read = reading(parsed, source);
  const single = source?.includes(0) ? onlyEntry(source) : undefined;
  return (line, pass) => {
    if (!applies(parsed, pass)) return undefined;
    let value = read(line, pass);
    if (value === failed) return failed;
    if (single && !single(line))
      return pass.issue(parsed, 'bad-value', 'the list has more than one entry and this system holds one; split the record or correct the mapping');
    if (value === null) value = undefined;
    if (value === undefined && via[0]?.transform.source !== true) return absent(parsed, pass, 'the record has no value for it');
    if (row.reference !== undefined) {
      if (typeof value !== 'string') return pass.issue(parsed, 'bad-value', `a hub id is text, not ${shown(value)}`);
      const hubId = value;
      value = pass.translate(row.reference, hubId);
      if (value === undefined)
        return pass.issue(parsed, 'unknown-reference', `${row.reference} ${hubId} has no number in this system; create it there or link the two records`);
    }
    if (values) {
      const mapped = typeof value === 'string' ? values.outward.get(value) : undefined;
      if (mapped === undefined) return pass.issue(parsed, 'unmapped-value', `${shown(value)} has no line in the value map ${values.name}; add it`);
      value = mapped;
    }
    pass.row = parsed;
    for (const { bound } of via) {
      value = bound.out(value, pass);
      if (value === undefined || value instanceof Refusal) break;
    }
    if (value instanceof Refusal) return pass.issue(parsed, 'bad-value', value.message);
    return value === undefined ? absent(parsed, pass, 'the record has no value for it') : value;
  };
}

function reading(parsed: ParsedRow, source: readonly Step[] | undefined): ValueOf {
  const { expression } = parsed;
  if (!expression) return source ? plainReading(source) : () => undefined;
  return (_line, pass) => {
    const value = expression.run(pass.scope);
    return value instanceof Refusal ? pass.issue(parsed, 'bad-expression', `the expression ${shown(parsed.row.expression)} failed: ${value.message}`) : value;
  };
}

function plainReading(source: readonly Step[]): ValueOf {
  return getter(source);
}

function applies(parsed: ParsedRow, pass: Pass): boolean {
  if (!parsed.when) return true;
  const holds = parsed.when.run(pass.scope);
  if (typeof holds === 'boolean') return holds;
  pass.issue(
    parsed,
    'bad-expression',
    `the condition ${shown(parsed.row.when)} ${holds instanceof Refusal ? `failed: ${holds.message}` : `gave ${shown(holds)}, not true or false`}`,
  );
  return false;
}

function absent(parsed: ParsedRow, pass: Pass, why: string): typeof failed | undefined {
  if (parsed.row.required !== true || pass.partial) return undefined;
  return pass.issue(parsed, 'missing', `${why}, and the mapping requires one; enter it at its source`);
}

/** Half a surrogate pair, or NUL: refused by UTF-8 and by PostgreSQL. */
const unfit = (text: string): boolean => !text.isWellFormed() || text.includes('\0');

/** Whether the list before `[0]` has at most one entry. */
function onlyEntry(source: readonly Step[]): (line: unknown) => boolean {
  const list = getter(source.slice(0, source.indexOf(0)));
  return (line) => {
    const found = list(line);
    return !Array.isArray(found) || found.length <= 1;
  };
}
