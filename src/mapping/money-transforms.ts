import { isDecimal } from '#base/decimal';
import { amountText, money, type Money } from '#base/money';
import { shown } from '#mapping/issue';
import { exactText } from '#mapping/number-transforms';
import { Refusal, refuse, type Argument, type Bound, type Transform, type TransformContext } from '#mapping/transform';
import { readMember } from '#mapping/transform-arguments';

const currencyPattern = /^[A-Z]{3}$/;

/** The currency that an argument names. There is no default: an amount without one is refused. */
function currencyOf(argument: Argument | undefined, context: TransformContext): string | Refusal {
  if (argument?.kind === 'text') return argument.value;
  if (argument?.kind !== 'reference') return refuse('no currency is named');
  const found = readMember(argument.value, context);
  return typeof found === 'string' && currencyPattern.test(found)
    ? found
    : refuse(
        `the currency of the amount is unknown: ${argument.value.text} is ${found === undefined || found === null || found === '' ? 'empty' : shown(found)}; a currency is never assumed`,
      );
}

function fixedCurrency(argument: Argument | undefined): void {
  if (argument?.kind === 'text' && !currencyPattern.test(argument.value))
    throw new RangeError(`'${argument.value}' is no ISO 4217 currency code such as 'EUR'`);
}

/** Says the currency on their side: written beside the amount, or compared where it is fixed. */
function tellCurrency({ currency }: Money, argument: Argument | undefined, context: TransformContext): Refusal | undefined {
  if (argument?.kind === 'reference' && argument.value.scope !== 'settings')
    return context.write(argument.value.scope === 'native' ? context.root : context.holder, argument.value, currency);
  const expected = currencyOf(argument, context);
  if (expected instanceof Refusal) return expected;
  return expected === currency
    ? undefined
    : refuse(`the amount is in ${currency} and the system keeps it in ${expected}; amounts are not converted, so correct the document or the setting`);
}

function isMoney(value: unknown): value is Money {
  const { minor, currency } = (value ?? {}) as Partial<Money>;
  return Number.isSafeInteger(minor) && typeof currency === 'string' && currencyPattern.test(currency);
}

function moneyTransform(argument: Argument | undefined, read: (value: unknown, currency: string) => Money | Refusal, write: (amount: Money) => unknown): Bound {
  fixedCurrency(argument);
  return {
    in(value, context) {
      const currency = currencyOf(argument, context);
      return currency instanceof Refusal ? currency : read(value, currency);
    },
    out(value, context) {
      if (!isMoney(value)) return refuse(`an amount of money is expected, not ${shown(value)}`);
      return tellCurrency(value, argument, context) ?? write(value);
    },
  };
}

function amountOf(value: unknown, currency: string): Money | Refusal {
  const text = typeof value === 'number' ? exactText(value) : value;
  if (text instanceof Refusal) return text;
  if (typeof text !== 'string' || !isDecimal(text)) return refuse(`a decimal amount such as 12.50 is expected, not ${shown(value)}`);
  try {
    return money(text, currency);
  } catch (error) {
    if (error instanceof RangeError) return refuse(error.message);
    throw error;
  }
}

const currencyArgument = [{ name: 'currency', kind: 'textOrReference' }] as const;

/** Transforms between amounts of theirs and money of ours. */
export const moneyTransforms: readonly Transform[] = [
  {
    name: 'cents',
    arguments: currencyArgument,
    invertible: true,
    summary:
      "A whole number of the currency's minor units is money. The currency is a fixed text, a member beside it, or a setting; outward a member beside it is written, a fixed one is compared.",
    examples: [
      { via: "cents('USD')", theirs: 1250, ours: { minor: 1250, currency: 'USD' } },
      { via: 'cents(currency)', theirs: -5, ours: { minor: -5, currency: 'EUR' }, beside: { currency: 'EUR' } },
      { via: 'cents(settings.currency)', theirs: 99, ours: { minor: 99, currency: 'JPY' }, settings: { currency: 'JPY' } },
    ],
    refusals: [
      { via: "cents('USD')", direction: 'in', value: 12.5, because: 'whole number' },
      { via: "cents('USD')", direction: 'in', value: '1250', because: 'whole number' },
      { via: 'cents(currency)', direction: 'in', value: 1250, because: 'never assumed' },
      { via: 'cents(settings.currency)', direction: 'in', value: 1250, because: 'never assumed' },
      { via: "cents('USD')", direction: 'out', value: { minor: 1, currency: 'EUR' }, because: 'not converted' },
      { via: "cents('USD')", direction: 'out', value: 1250, because: 'money is expected' },
    ],
    bind: (args) =>
      moneyTransform(
        args[0],
        (value, currency) =>
          typeof value === 'number' && Number.isSafeInteger(value)
            ? { minor: value === 0 ? 0 : value, currency }
            : refuse(`a whole number of minor units is expected, not ${shown(value)}`),
        ({ minor }) => minor,
      ),
  },
  {
    name: 'amount',
    arguments: currencyArgument,
    invertible: true,
    summary:
      'A decimal amount (text, or an exact JSON number inward) is money; outward it is text with all places of the currency. Put `number |` before it where the system wants a JSON number.',
    examples: [
      { via: 'amount(Currency)', theirs: '12.50', ours: { minor: 1250, currency: 'EUR' }, beside: { Currency: 'EUR' } },
      { via: "number | amount('USD')", theirs: 12.5, ours: { minor: 1250, currency: 'USD' } },
      { via: "amount('JPY')", theirs: '1250', ours: { minor: 1250, currency: 'JPY' } },
      { via: "amount('KWD')", theirs: '1.250', ours: { minor: 1250, currency: 'KWD' } },
      { via: "amount('USD')", theirs: 12.5, ours: { minor: 1250, currency: 'USD' }, direction: 'in' },
    ],
    refusals: [
      { via: "amount('EUR')", direction: 'in', value: '12.505', because: 'more than 2 decimal places' },
      { via: "amount('JPY')", direction: 'in', value: '1.5', because: 'more than 0 decimal places' },
      { via: "amount('EUR')", direction: 'in', value: '12,50', because: 'decimal amount' },
      { via: "amount('EUR')", direction: 'in', value: '99999999999999999999', because: 'beyond' },
      { via: 'amount(Currency)', direction: 'in', value: '12.50', beside: { Currency: '' }, because: 'never assumed' },
      { via: 'amount(Currency)', direction: 'in', value: '12.50', beside: { Currency: 'euro' }, because: 'never assumed' },
      { via: 'amount(settings.currency)', direction: 'out', value: { minor: 1, currency: 'EUR' }, settings: { currency: 'USD' }, because: 'not converted' },
    ],
    bind: (args) => moneyTransform(args[0], amountOf, amountText),
  },
];
