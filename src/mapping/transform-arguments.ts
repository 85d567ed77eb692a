import { invariant } from '#base/fault';
import { at } from '#base/json';
import type { Argument, MemberReference, TransformContext } from '#mapping/transform';

/** The text of an argument that the parser has checked. */
export function textOf(args: readonly Argument[], index: number): string {
  const argument = args[index];
  invariant(argument?.kind === 'text', `argument ${index + 1} is a text`);
  return argument.value;
}

/** The whole number of an argument that the parser has checked. */
export function countOf(args: readonly Argument[], index: number): number {
  const argument = args[index];
  invariant(argument?.kind === 'number', `argument ${index + 1} is a number`);
  return argument.value;
}

/** The whole number of an optional argument. */
export const optionalCount = (args: readonly Argument[], index: number): number | undefined => (args[index] === undefined ? undefined : countOf(args, index));

/** Where a member reference leads on the native side, or in the settings. */
export function readMember({ scope, steps }: MemberReference, context: TransformContext): unknown {
  return at(scope === 'settings' ? context.settings : scope === 'native' ? context.root : context.holder, steps.join('.'));
}
