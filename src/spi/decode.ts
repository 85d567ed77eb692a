import type * as z from 'zod';
import { Fault } from '#base/fault';
import type { Drifted } from '#spi/connector';

const shownIssues = 5;

/** A native record as its shape says, or a `drifted` fault that names the members. Values are not repeated: they may be personal or secret. */
export function decode<Shape extends z.ZodType>(shape: Shape, value: unknown, where: string): z.output<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Fault('drifted', `${where} has another shape than expected: ${issuesText(parsed.error)}`, { where, cause: parsed.error });
}

/** One schema for each member name, made at first use: making a schema costs far more than using one. `make` must be called with few names, all of our own. */
export function shapePer<Shape extends z.ZodType>(make: (member: string) => Shape): (member: string) => Shape {
  const made = new Map<string, Shape>();
  return (member) => {
    let shape = made.get(member);
    if (shape === undefined) made.set(member, (shape = make(member)));
    return shape;
  };
}

/** `workOrder.status: Invalid option`; the first five. */
export function issuesText(error: z.ZodError): string {
  const texts = error.issues.slice(0, shownIssues).map(({ path, message }) => `${path.length === 0 ? 'the record' : path.join('.')}: ${message}`);
  return texts.join('; ') + (error.issues.length > shownIssues ? `; and ${error.issues.length - shownIssues} more` : '');
}

/** The rows of one page: those that decode, and beside them those that do not. */
export function decodeRows<Shape extends z.ZodType>(
  shape: Shape,
  rows: readonly unknown[],
  keyOf: (row: unknown) => string | undefined,
): { records: z.output<Shape>[]; drifted: Drifted[] } {
  const records: z.output<Shape>[] = [];
  const drifted: Drifted[] = [];
  for (const row of rows) {
    const parsed = shape.safeParse(row);
    if (parsed.success) records.push(parsed.data);
    else {
      const key = keyOf(row);
      drifted.push({ message: issuesText(parsed.error), ...(key === undefined ? {} : { key }) });
    }
  }
  return { records, drifted };
}
