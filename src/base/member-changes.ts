import { canonicalJson, type Json } from '#base/json';

/** One member of a value before and after. */
export interface MemberChange {
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** Every member that differs between two JSON values, by path; lists are compared place by place. */
export function memberChanges(before: unknown, after: unknown, path = ''): MemberChange[] {
  if (isHolder(before) && isHolder(after) && Array.isArray(before) === Array.isArray(after)) {
    const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) =>
      memberChanges(
        Object.hasOwn(a, name) ? a[name] : undefined,
        Object.hasOwn(b, name) ? b[name] : undefined,
        Array.isArray(before) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`,
      ),
    );
  }
  if (before === after || (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after))) return [];
  return [{ path, ...(before === undefined ? {} : { before: before as Json }), ...(after === undefined ? {} : { after: after as Json }) }];
}

const isHolder = (value: unknown): value is object => value !== null && typeof value === 'object';

/** `name: "Pump" -> "Pump 204"`. */
export const changeText = ({ path, before, after }: MemberChange): string => `${path}: ${shown(before)} -> ${shown(after)}`;

const shown = (value: Json | undefined): string => (value === undefined ? 'nothing' : JSON.stringify(value));
