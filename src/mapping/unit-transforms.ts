import { decimal, isDecimal } from '#base/decimal';
import type { Unit } from '#base/quantity';
import { shown } from '#mapping/issue';
import { exactText } from '#mapping/number-transforms';
import { Refusal, refuse, type Argument, type Transform, type TransformContext } from '#mapping/transform';
import { readMember, textOf } from '#mapping/transform-arguments';
import { codeIn } from '#mapping/units';

const readable = (code: unknown): code is string => typeof code === 'string' && code.length >= 1 && code.length <= 20;

function isUnit(value: unknown): value is Unit {
  const { system, code } = (value ?? {}) as Partial<Unit>;
  return typeof system === 'string' && readable(code);
}

/** A unit of ours as a code of their system. There is no default: a unit without a code there is refused. */
function codeFor(unit: unknown, system: string): string | Refusal {
  if (!isUnit(unit)) return refuse(`a unit is expected, not ${shown(unit)}`);
  return (
    codeIn(system, unit) ?? refuse(`unit ${unit.code} of ${unit.system} has no row in the unit table that ${system} has a code for; add it or correct the part`)
  );
}

function unitCodeOf(argument: Argument | undefined, context: TransformContext): string | Refusal {
  if (argument?.kind === 'text') return argument.value;
  if (argument?.kind !== 'reference') return refuse('no unit is named');
  const found = readMember(argument.value, context);
  return readable(found)
    ? found
    : refuse(
        `the unit of the quantity is unknown: ${argument.value.text} is ${found === undefined || found === null || found === '' ? 'empty' : shown(found)}; a unit is never assumed`,
      );
}

function tellUnit(unit: unknown, argument: Argument | undefined, tools: { readonly system: string; readonly context: TransformContext }): Refusal | undefined {
  const { system, context } = tools;
  const code = codeFor(unit, system);
  if (code instanceof Refusal) return code;
  if (argument?.kind === 'reference' && argument.value.scope !== 'settings')
    return context.write(argument.value.scope === 'native' ? context.root : context.holder, argument.value, code);
  const expected = unitCodeOf(argument, context);
  if (expected instanceof Refusal || expected === code) return expected instanceof Refusal ? expected : undefined;
  // EA where PC is kept: the number is the same, so nothing is lost.
  return isUnit(unit) && codeIn(unit.system, { system, code: expected }) === unit.code
    ? undefined
    : refuse(`the quantity is in ${code} and the system keeps it in ${expected}; convert it first or correct the part`);
}

/** Transforms between unit codes and quantities of theirs and ours. */
export const unitTransforms: readonly Transform[] = [
  {
    name: 'unit',
    arguments: [{ name: 'system', kind: 'word' }],
    invertible: true,
    summary: 'A code of theirs in the named system of codes is a unit of ours. Outward a unit of another system is translated by the unit table, or refused.',
    examples: [
      { via: 'unit(sap)', theirs: 'PC', ours: { system: 'sap', code: 'PC' } },
      { via: 'unit(sap)', theirs: 'PC', ours: { system: 'rec20', code: 'H87' }, direction: 'out' },
      { via: 'unit(sap)', theirs: 'EA', ours: { system: 'common', code: 'Each' }, direction: 'out' },
      { via: 'unit(sap)', theirs: 'ZBX', ours: { system: 'sap', code: 'ZBX' } },
    ],
    refusals: [
      { via: 'unit(sap)', direction: 'in', value: 5, because: 'code' },
      { via: 'unit(sap)', direction: 'out', value: { system: 'acme', code: 'BOX' }, because: 'unit BOX of acme has no row' },
      { via: 'unit(sap)', direction: 'out', value: 'PC', because: 'a unit is expected' },
    ],
    bind(args) {
      const system = textOf(args, 0);
      return {
        in: (code) => (readable(code) ? { system, code } : refuse(`a unit code of 1 to 20 characters is expected, not ${shown(code)}`)),
        out: (unit) => codeFor(unit, system),
      };
    },
  },
  {
    name: 'quantity',
    arguments: [
      { name: 'unit', kind: 'textOrReference' },
      { name: 'system', kind: 'word' },
    ],
    invertible: true,
    summary:
      'A decimal of theirs with its unit code (a fixed text, a member beside it, or a setting) is a quantity of ours. Outward the number is text; put `number |` before it where the system wants a JSON number.',
    examples: [
      { via: 'quantity(BaseUnit, sap)', theirs: '2', ours: { value: '2', unit: { system: 'sap', code: 'PC' } }, beside: { BaseUnit: 'PC' } },
      { via: "number | quantity('each', common)", theirs: 2.5, ours: { value: '2.5', unit: { system: 'common', code: 'each' } } },
      { via: "decimal(3) | quantity('EA', sap)", theirs: '2.000', ours: { value: '2', unit: { system: 'sap', code: 'EA' } } },
      { via: 'quantity(Unit, sap)', theirs: '2', ours: { value: '2', unit: { system: 'common', code: 'pcs' } }, beside: { Unit: 'PC' }, direction: 'out' },
      { via: "quantity('EA', sap)", theirs: '2', ours: { value: '2', unit: { system: 'common', code: 'each' } }, direction: 'out' },
    ],
    refusals: [
      { via: 'quantity(BaseUnit, sap)', direction: 'in', value: '2', because: 'never assumed' },
      { via: "quantity('PC', sap)", direction: 'in', value: 'two', because: 'decimal' },
      { via: "quantity('PC', sap)", direction: 'in', value: Number.NaN, because: 'JSON number' },
      { via: "quantity('PC', sap)", direction: 'out', value: { value: '1', unit: { system: 'sap', code: 'BOX' } }, because: 'keeps it in PC' },
      { via: 'quantity(Unit, sap)', direction: 'out', value: { value: '1', unit: { system: 'acme', code: 'BOX' } }, because: 'unit BOX of acme' },
      { via: 'quantity(Unit, sap)', direction: 'out', value: '1', because: 'quantity is expected' },
    ],
    bind(args) {
      const [unit] = args;
      const system = textOf(args, 1);
      return {
        in(value, context) {
          const text = typeof value === 'number' ? exactText(value) : value;
          if (text instanceof Refusal) return text;
          if (typeof text !== 'string' || !isDecimal(text)) return refuse(`a decimal quantity such as 2.5 is expected, not ${shown(value)}`);
          const code = unitCodeOf(unit, context);
          return code instanceof Refusal ? code : { value: decimal(text), unit: { system, code } };
        },
        out(value, context) {
          const { value: text, unit: given } = (value ?? {}) as { value?: unknown; unit?: unknown };
          if (typeof text !== 'string' || !isDecimal(text)) return refuse(`a quantity is expected, not ${shown(value)}`);
          return tellUnit(given, unit, { system, context }) ?? text;
        },
      };
    },
  },
];
