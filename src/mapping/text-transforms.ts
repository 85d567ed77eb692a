import { shown } from '#mapping/issue';
import { refuse, type Bound, type Refusal, type Transform } from '#mapping/transform';
import { countOf, textOf } from '#mapping/transform-arguments';

const onText =
  (change: (text: string) => unknown) =>
  (value: unknown): unknown =>
    typeof value === 'string' ? change(value) : refuse(`text is expected, not ${shown(value)}`);
const same = onText((text) => text);
const bound = (into: (text: string) => unknown, out: (text: string) => unknown = (text) => text): Bound => ({ in: onText(into), out: onText(out) });

/** SAP's ALPHA conversion: only numbers made of digits alone carry leading zeros. */
const digits = /^\d+$/;
const withoutZeros = (text: string): string => (digits.test(text) ? text.replace(/^0+/, '') : text);

const wholeText = /^-?(?:0|[1-9]\d{0,15})$/;

function textToNumber(text: string): number | Refusal {
  const number = Number(text);
  return wholeText.test(text) && Number.isSafeInteger(number) && text !== '-0' ? number : refuse(`the system takes a whole number here, not ${shown(text)}`);
}

/** Cuts to at most `length` UTF-16 units without leaving half a pair. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

function listOf(separator: string): Bound {
  if (separator === '') throw new RangeError('the separator is empty');
  return {
    in: onText((text) =>
      text
        .split(separator)
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
    out(value) {
      if (!Array.isArray(value)) return refuse(`a list is expected, not ${shown(value)}`);
      const parts: unknown[] = value;
      const wrong = parts.find((part) => typeof part !== 'string' || part.includes(separator) || part === '');
      return wrong === undefined ? parts.join(separator) : refuse(`${shown(wrong)} cannot stand in a list that is separated by ${JSON.stringify(separator)}`);
    },
  };
}

/** Transforms of text, of lists of text, and the constant. */
export const textTransforms: readonly Transform[] = [
  {
    name: 'text',
    arguments: [],
    invertible: true,
    summary: 'A whole JSON number of theirs is text of ours: identifiers that a system keeps as numbers.',
    examples: [
      { via: 'text', theirs: 41001, ours: '41001' },
      { via: 'text', theirs: 0, ours: '0' },
      { via: 'text', theirs: -7, ours: '-7' },
    ],
    refusals: [
      { via: 'text', direction: 'in', value: 1.5, because: 'whole number' },
      { via: 'text', direction: 'in', value: '41001', because: 'whole number' },
      { via: 'text', direction: 'in', value: 2 ** 53, because: 'whole number' },
      { via: 'text', direction: 'out', value: 'A7', because: 'whole number' },
      { via: 'text', direction: 'out', value: '007', because: 'whole number' },
    ],
    bind: () => ({
      in: (value) => (Number.isSafeInteger(value) ? String(value) : refuse(`a whole number is expected, not ${shown(value)}`)),
      out: onText(textToNumber),
    }),
  },
  {
    name: 'trim',
    arguments: [],
    invertible: false,
    summary: 'Takes white space off both ends, in both directions.',
    examples: [
      { via: 'trim', theirs: '  BRG-6205 ', ours: 'BRG-6205', direction: 'in' },
      { via: 'trim', theirs: 'BRG-6205', ours: ' BRG-6205\t', direction: 'out' },
    ],
    refusals: [{ via: 'trim', direction: 'in', value: 5, because: 'text is expected' }],
    bind: () =>
      bound(
        (text) => text.trim(),
        (text) => text.trim(),
      ),
  },
  {
    name: 'upper',
    arguments: [],
    invertible: false,
    summary: 'Ours is upper case; outward the text goes as it is.',
    examples: [
      { via: 'upper', theirs: 'ea', ours: 'EA', direction: 'in' },
      { via: 'upper', theirs: 'EA', ours: 'EA' },
    ],
    refusals: [{ via: 'upper', direction: 'in', value: true, because: 'text is expected' }],
    bind: () => bound((text) => text.toUpperCase()),
  },
  {
    name: 'lower',
    arguments: [],
    invertible: false,
    summary: 'Ours is lower case; outward the text goes as it is.',
    examples: [{ via: 'lower', theirs: 'Ann@Plant.Example', ours: 'ann@plant.example', direction: 'in' }],
    refusals: [{ via: 'lower', direction: 'in', value: {}, because: 'text is expected' }],
    bind: () => bound((text) => text.toLowerCase()),
  },
  {
    name: 'trimZeros',
    arguments: [],
    invertible: false,
    summary:
      'Takes leading zeros off numbers made of digits alone (SAP ALPHA). Outward the number goes as it is; use padLeft where the system wants the zeros back.',
    examples: [
      { via: 'trimZeros', theirs: '000000000000010042', ours: '10042', direction: 'in' },
      { via: 'trimZeros', theirs: 'BRG-006', ours: 'BRG-006' },
      { via: 'trimZeros', theirs: '10042', ours: '10042' },
    ],
    refusals: [{ via: 'trimZeros', direction: 'in', value: 10042, because: 'text is expected' }],
    bind: () => bound(withoutZeros),
  },
  {
    name: 'padLeft',
    arguments: [{ name: 'length', kind: 'count' }],
    invertible: true,
    summary: 'Theirs has leading zeros up to the length where it is made of digits alone (SAP ALPHA); ours has none.',
    examples: [
      { via: 'padLeft(18)', theirs: '000000000000010042', ours: '10042' },
      { via: 'padLeft(18)', theirs: 'BRG-6205-2RS', ours: 'BRG-6205-2RS' },
    ],
    refusals: [{ via: 'padLeft(4)', direction: 'out', value: '10042', because: 'longer than 4' }],
    bind(args) {
      const length = countOf(args, 0);
      return bound(withoutZeros, (text) =>
        text.length > length ? refuse(`${shown(text)} is longer than ${length} characters`) : digits.test(text) ? text.padStart(length, '0') : text,
      );
    },
  },
  {
    name: 'truncate',
    arguments: [{ name: 'length', kind: 'count' }],
    invertible: false,
    summary: 'Outward a longer text is cut to the length, with a warning. For descriptive texts only: a cut number is another number.',
    examples: [
      { via: 'truncate(40)', theirs: 'Pump P-204 leaks', ours: 'Pump P-204 leaks' },
      { via: 'truncate(8)', theirs: 'Pump P-2', ours: 'Pump P-204 leaks', direction: 'out' },
      { via: 'truncate(2)', theirs: 'a', ours: 'a😀', direction: 'out' },
    ],
    refusals: [{ via: 'truncate(8)', direction: 'out', value: 12345678901, because: 'text is expected' }],
    bind(args) {
      const length = countOf(args, 0);
      if (length === 0) throw new RangeError('the length is 0');
      return {
        in: same,
        out(value, context) {
          if (typeof value !== 'string') return refuse(`text is expected, not ${shown(value)}`);
          if (value.length > length) context.warn(`the text has ${value.length} characters and the system takes ${length}; the end was left off`);
          return shortened(value, length);
        },
      };
    },
  },
  {
    name: 'prefix',
    arguments: [{ name: 'text', kind: 'text' }],
    invertible: true,
    summary: 'Theirs begins with the text, ours is without it.',
    examples: [{ via: "prefix('EQ-')", theirs: 'EQ-10004711', ours: '10004711' }],
    refusals: [{ via: "prefix('EQ-')", direction: 'in', value: '10004711', because: 'begins with' }],
    bind(args) {
      const lead = textOf(args, 0);
      return bound(
        (text) => (text.startsWith(lead) ? text.slice(lead.length) : refuse(`a text that begins with ${shown(lead)} is expected, not ${shown(text)}`)),
        (text) => lead + text,
      );
    },
  },
  {
    name: 'list',
    arguments: [{ name: 'separator', kind: 'text' }],
    invertible: true,
    summary: 'A separated text of theirs is a list of ours.',
    examples: [
      { via: "list(';')", theirs: 'ann;bob', ours: ['ann', 'bob'] },
      { via: "list(',')", theirs: 'ann, bob,', ours: ['ann', 'bob'], direction: 'in' },
    ],
    refusals: [
      { via: "list(';')", direction: 'in', value: ['ann'], because: 'text is expected' },
      { via: "list(';')", direction: 'out', value: ['a;b'], because: 'cannot stand in a list' },
      { via: "list(';')", direction: 'out', value: 'ann', because: 'a list is expected' },
    ],
    bind: (args) => listOf(textOf(args, 0)),
  },
  {
    name: 'first',
    arguments: [],
    invertible: false,
    summary: 'Ours is the first entry of their list; outward a list of one entry is written.',
    examples: [
      { via: 'first', theirs: ['ann'], ours: 'ann' },
      { via: 'first', theirs: ['ann', 'bob'], ours: 'ann', direction: 'in' },
      { via: 'first', theirs: [], ours: undefined, direction: 'in' },
    ],
    refusals: [{ via: 'first', direction: 'in', value: 'ann', because: 'a list is expected' }],
    bind: () => ({
      in: (value) => (Array.isArray(value) ? ((value as unknown[])[0] ?? undefined) : refuse(`a list is expected, not ${shown(value)}`)),
      out: (value) => [value],
    }),
  },
  {
    name: 'boolean',
    arguments: [
      { name: 'trueText', kind: 'text' },
      { name: 'falseText', kind: 'text' },
    ],
    invertible: true,
    readsEmpty: true,
    summary: 'Two texts of theirs are true and false of ours.',
    examples: [
      { via: "boolean('YES', 'NO')", theirs: 'YES', ours: true },
      { via: "boolean('YES', 'NO')", theirs: 'NO', ours: false },
      { via: "boolean('1', '')", theirs: '', ours: false },
    ],
    refusals: [
      { via: "boolean('YES', 'NO')", direction: 'in', value: 'yes', because: 'is expected' },
      { via: "boolean('YES', 'NO')", direction: 'in', value: true, because: 'is expected' },
      { via: "boolean('YES', 'NO')", direction: 'out', value: 'YES', because: 'true or false' },
    ],
    bind: (args) => flag(textOf(args, 0), textOf(args, 1)),
  },
  {
    name: 'sapFlag',
    arguments: [],
    invertible: true,
    readsEmpty: true,
    summary: "SAP's flag: X is true, empty is false.",
    examples: [
      { via: 'sapFlag', theirs: 'X', ours: true },
      { via: 'sapFlag', theirs: '', ours: false },
    ],
    refusals: [{ via: 'sapFlag', direction: 'in', value: 'Y', because: 'is expected' }],
    bind: () => flag('X', ''),
  },
  {
    name: 'not',
    arguments: [],
    invertible: true,
    summary: 'The opposite of a boolean: their "blocked" is our "active".',
    examples: [
      { via: 'not', theirs: true, ours: false },
      { via: 'sapFlag | not', theirs: 'X', ours: false },
    ],
    refusals: [{ via: 'not', direction: 'in', value: 'X', because: 'true or false' }],
    bind: () => ({ in: opposite, out: opposite }),
  },
  {
    name: 'constant',
    arguments: [{ name: 'value', kind: 'scalar' }],
    invertible: false,
    source: true,
    summary: 'Always this value, in the one direction of the row: a text, a whole number, true or false.',
    examples: [
      { via: "constant('03')", theirs: undefined, ours: '03', direction: 'in' },
      { via: "constant('03')", theirs: '03', ours: undefined, direction: 'out' },
      { via: 'constant(true)', theirs: true, ours: undefined, direction: 'out' },
      { via: 'constant(3)', theirs: 3, ours: undefined, direction: 'out' },
    ],
    refusals: [],
    bind(args) {
      const [argument] = args;
      const value = argument === undefined || argument.kind === 'reference' ? undefined : argument.value;
      return { in: () => value, out: () => value };
    },
  },
];

const opposite = (value: unknown): boolean | Refusal => (typeof value === 'boolean' ? !value : refuse(`true or false is expected, not ${shown(value)}`));

function flag(yes: string, no: string): Bound {
  if (yes === no) throw new RangeError('the two texts are the same');
  return {
    in: (value) => (value === yes ? true : value === no ? false : refuse(`${shown(yes)} or ${shown(no)} is expected, not ${shown(value)}`)),
    out: (value) => (typeof value === 'boolean' ? (value ? yes : no) : refuse(`true or false is expected, not ${shown(value)}`)),
  };
}
