import { decimal, multiply, round, type Decimal } from '#base/decimal';

/** A price with up to four places as one of two places per so many pieces: 45.5805 is 4558.05 per 100. Refuses what that cannot say. */
export function pricePerOf(exact: Decimal): { readonly price: Decimal; readonly pricePer: Decimal } {
  for (const pricePer of ['1', '100']) {
    const price = multiply(exact, pricePer);
    if (round(price, 2) !== decimal(price)) continue;
    const [whole, places = ''] = price.split('.');
    return { price: `${whole}.${places.padEnd(2, '0')}`, pricePer };
  }
  throw new RangeError(`${exact} has more than four places: it cannot be told per 100 pieces`);
}
