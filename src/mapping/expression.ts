import { Environment, EvaluationError, type ASTNode } from '@marcbachmann/cel-js';
import { add, compare, isDecimal, multiply, subtract } from '#base/decimal';
import { mappingLimits } from '#mapping/limits';
import { getter } from '#mapping/path';
import { Refusal, refuse } from '#mapping/transform';

/**
 * Expressions are CEL (https://cel.dev): they always end and reach nothing but their four variables.
 * Decimals stay text: `decimal_add(a, b)`, `decimal_subtract`, `decimal_multiply` and `decimal_compare(a, b)` (-1, 0 or 1) calculate exactly.
 * JSON numbers are CEL doubles; a fraction that an expression computed is refused, so that no binary float gets into a record.
 * `matches` is left out: its patterns have no bound on time. Use `startsWith`, `endsWith`, `contains`, `split`.
 */
export const expressionVariables = ['native', 'record', 'line', 'settings'] as const;
export type ExpressionVariable = (typeof expressionVariables)[number];
export type ExpressionScope = { readonly [K in ExpressionVariable]?: unknown };

export interface Expression {
  /** The variables that it reads. */
  readonly uses: ReadonlySet<ExpressionVariable>;
  /** Member paths that it reads: `native.costCentre`; lists are not stepped into. */
  readonly reads: readonly string[];
  /** The value, undefined where it is null, or why there is none. */
  run(scope: ExpressionScope): unknown;
}

export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const decimalOf = (value: unknown): string => {
  const text = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)) ? String(value) : value;
  if (typeof text === 'string' && isDecimal(text)) return text;
  throw new Error('decimal functions take decimal text such as "12.5", or whole numbers');
};
const decimalFunctions = { decimal_add: add, decimal_subtract: subtract, decimal_multiply: multiply } as const;

function makeEnvironment(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: mappingLimits.expressionNodes, maxDepth: 40, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 },
  });
  for (const name of expressionVariables) environment.registerVariable(name, 'dyn');
  for (const [name, calculate] of Object.entries(decimalFunctions))
    environment.registerFunction(`${name}(dyn, dyn): string`, (a: unknown, b: unknown) => calculate(decimalOf(a), decimalOf(b)));
  environment.registerFunction('decimal_compare(dyn, dyn): int', (a: unknown, b: unknown) => BigInt(compare(decimalOf(a), decimalOf(b))));
  return environment;
}
const environment = makeEnvironment();

/** Compiles once. Throws ExpressionError with the position and what is wrong. */
export function compileExpression(text: string): Expression {
  if (text.length > mappingLimits.expressionLength)
    throw new ExpressionError(`the expression has ${text.length} characters, more than ${mappingLimits.expressionLength}`);
  try {
    const parsed = environment.parse(text);
    const found = inspect(parsed.ast);
    const checked = parsed.check();
    if (!checked.valid) throw checked.error ?? new ExpressionError('the expression does not type-check');
    const lists = found.walks ? found.reads.map((path) => path.split('.')).map(getter) : [];
    const { uses, reads } = found;
    return {
      uses,
      reads,
      run: (scope) =>
        lists.some((read) => tooLong(read(scope)))
          ? refuse(`a list that the expression walks has more than ${mappingLimits.linesPerList} entries`)
          : evaluate(parsed, scope),
    };
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(celSummary(error), { cause: error });
  }
}

const tooLong = (value: unknown): boolean => Array.isArray(value) && value.length > mappingLimits.linesPerList;

function celSummary(error: unknown): string {
  if (!(error instanceof Error)) return 'the expression failed';
  const { summary, range } = error as { summary?: unknown; range?: { start?: unknown } };
  const text = (typeof summary === 'string' ? summary : error.message).slice(0, 300);
  return typeof range?.start === 'number' ? `${text} (at character ${range.start + 1})` : text;
}

function evaluate(parsed: (context: Record<string, unknown>) => unknown, scope: ExpressionScope): unknown {
  try {
    return plainResult(parsed(scope as Record<string, unknown>), { members: mappingLimits.resultMembers }, 0);
  } catch (error) {
    const text = celSummary(error);
    return refuse(
      error instanceof EvaluationError && error.code === 'no_such_key' ? `${text}; where a member may be absent write has(x.y) ? x.y : null` : text,
    );
  }
}

/** CEL values as JSON: whole numbers as numbers, timestamps as text; anything else is refused. */
function plainResult(value: unknown, budget: { members: number }, depth: number): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : refuse(`${value} is beyond the whole numbers that JSON keeps exactly; use decimal text`);
  }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? (value === 0 ? 0 : value) : refuse(`${value} is a binary fraction; use decimal text and the decimal functions`);
  if (value instanceof Date) return value.toISOString();
  if (depth >= mappingLimits.resultDepth) return refuse(`the result is nested deeper than ${mappingLimits.resultDepth}`);
  if (Array.isArray(value)) return plainList(value, budget, depth);
  if (typeof value === 'object') return plainObject(value, budget, depth);
  return refuse(`the result is a ${typeof value}, which JSON cannot say`);
}

function plainList(value: readonly unknown[], budget: { members: number }, depth: number): unknown[] | Refusal {
  if ((budget.members -= value.length) < 0) return refuse(`the result has more than ${mappingLimits.resultMembers} members`);
  const list: unknown[] = [];
  for (const item of value) {
    const plain = plainResult(item, budget, depth + 1);
    if (isRefusal(plain)) return plain;
    if (plain !== undefined) list.push(plain);
  }
  return list;
}

function plainObject(value: object, budget: { members: number }, depth: number): Record<string, unknown> | Refusal {
  const prototype: unknown = Object.getPrototypeOf(value);
  const entries =
    value instanceof Map ? [...(value as Map<unknown, unknown>)] : prototype === Object.prototype || prototype === null ? Object.entries(value) : undefined;
  if (!entries) return refuse('the result is neither text, whole number, boolean, list nor map');
  if ((budget.members -= entries.length) < 0) return refuse(`the result has more than ${mappingLimits.resultMembers} members`);
  const result: Record<string, unknown> = {};
  for (const [name, member] of entries) {
    if (typeof name !== 'string' || name === '__proto__') return refuse(`the result has a member ${String(name).slice(0, 40)}, which is no data`);
    const plain = plainResult(member, budget, depth + 1);
    if (isRefusal(plain)) return plain;
    if (plain !== undefined) result[name] = plain;
  }
  return result;
}

const isRefusal = (value: unknown): value is Refusal => value instanceof Refusal;

const isNode = (value: unknown): value is ASTNode => value !== null && typeof value === 'object' && Object.hasOwn(value, 'op');
const comprehensions = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

/** Variables, member paths and forbidden calls of a syntax tree. An inner list must belong to the entry of the outer one, so that the time stays in proportion to the data. */
function inspect(ast: ASTNode): Pick<Expression, 'uses' | 'reads'> & { readonly walks: boolean } {
  const uses = new Set<ExpressionVariable>();
  const reads = new Set<string>();
  let walks = false;
  const visit = (node: unknown, inside: boolean): void => {
    if (Array.isArray(node)) return node.forEach((item) => visit(item, inside));
    if (!isNode(node)) return;
    const path = memberPath(node);
    if (path) {
      const variable = variableOf(path);
      if (variable) uses.add(variable);
      if (variable && path.length > 1) reads.add(path.join('.'));
      return;
    }
    const args: readonly unknown[] = Array.isArray(node.args) ? node.args : [node.args];
    const name = node.op === 'rcall' || node.op === 'call' ? String(args[0]) : '';
    if (name === 'matches')
      throw new ExpressionError('matches is not available, because a pattern has no bound on time; use startsWith, endsWith, contains or split');
    const walking = comprehensions.has(name);
    if (walking && inside && namesVariable(args[1]))
      throw new ExpressionError(
        'a list inside the walk over another must belong to the entry of the outer one, such as x.lines; walk the two one after the other',
      );
    walks ||= walking;
    args.forEach((item) => visit(item, inside || walking));
  };
  visit(ast, false);
  return { uses, reads: [...reads], walks };
}

const variableOf = ([root]: readonly string[]): ExpressionVariable | undefined => expressionVariables.find((name) => name === root);

function namesVariable(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(namesVariable);
  if (!isNode(node)) return false;
  const path = memberPath(node);
  return path ? variableOf(path) !== undefined : namesVariable(node.args);
}

/** `['native', 'a', 'b']` for `native.a.b`; undefined for anything else. */
function memberPath(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return typeof node.args === 'string' ? [node.args] : undefined;
  if (node.op !== '.') return undefined;
  const [object, member] = node.args as readonly unknown[];
  const lead = isNode(object) ? memberPath(object) : undefined;
  return lead && typeof member === 'string' ? [...lead, member] : undefined;
}
