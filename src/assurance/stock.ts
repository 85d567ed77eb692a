import { compare, subtract } from '#base/decimal';
import { extend, type Money } from '#base/money';
import { quantityText, sameUnit, type Quantity } from '#base/quantity';
import type { Ground } from '#assurance/plan';
import { maintenanceOf } from '#assurance/plan';
import { inUnit, named, type Parts } from '#assurance/parts';
import { freshly, type ReconcileSide } from '#assurance/side';
import type { Difference, DifferenceClass } from '#assurance/statement';
import { explainStock, type OpenStock, openStock } from '#assurance/stock-open';

/** One stock row of finance, compact: what is kept while the maintenance side streams by. */
interface Row {
  readonly key: string;
  readonly onHand: Quantity;
  readonly site: string | undefined;
  readonly price: Money | undefined;
  readonly pricePer: string;
  matched: boolean;
}

/** On-hand of finance and maintenance, per part and storeroom, in finance's unit. */
export async function compareStock(ground: Ground): Promise<void> {
  const { books, section } = ground;
  const readable = books.maintenance.filter((side) => listed(ground, side, 'stock levels'));
  if (!listed(ground, books.finance, 'stock levels') || readable.length === 0) return;
  const parts = await ground.parts(books.finance);
  const { rows, storerooms } = await financeRows(ground);
  const open = await openStock(ground, parts);
  const seen = new Set<string>();
  for (const side of readable) {
    const own = await ground.parts(side);
    for await (const { records, unreadable } of freshly(side, 'stockLevel', ground.reading)) {
      for (const { key, problem } of unreadable)
        section.differ({ key: `${side.name} ${key}`, class: 'unreadable', left: '', right: key, text: `stock level ${key} of ${side.name}: ${problem}` });
      for (const { key, record } of records) {
        const place = `${record.part}@${record.storeroom}`;
        const once = `${side.name}|${key}`;
        if (seen.has(once)) continue;
        seen.add(once);
        await compareRow(
          ground,
          { open, parts, own, rows, storerooms, side },
          { place, key, onHand: record.onHand, part: record.part, storeroom: record.storeroom },
        );
      }
    }
  }
  for (const [place, row] of rows) if (!row.matched) await onlyInFinance(ground, { open, parts, readable }, place, row);
}

function listed({ section }: Ground, side: ReconcileSide, what: string): boolean {
  if (side.lists('stockLevel')) return true;
  section.notCompared(`${side.name} cannot list ${what}`);
  return false;
}

async function financeRows({ books: { finance }, section, reading }: Ground): Promise<{ rows: Map<string, Row>; storerooms: ReadonlySet<string> }> {
  const rows = new Map<string, Row>();
  const storerooms = new Set<string>();
  for await (const { records, unreadable } of freshly(finance, 'stockLevel', reading)) {
    for (const { key, problem } of unreadable)
      section.differ({ key: `${finance.name} ${key}`, class: 'unreadable', left: key, right: '', text: `stock level ${key} of ${finance.name}: ${problem}` });
    for (const { key, record } of records) {
      const place = `${record.part}@${record.storeroom}`;
      storerooms.add(record.storeroom);
      const before = rows.get(place);
      if (before && before.key !== key)
        section.differ({
          key: place,
          class: 'twoAsOne',
          left: `${before.key} and ${key}`,
          right: '',
          text: `${before.key} and ${key} of ${finance.name} are both ${place} in the hub`,
        });
      if (!before)
        rows.set(place, { key, onHand: record.onHand, site: record.site, price: record.valuationPrice, pricePer: record.pricePer ?? '1', matched: false });
    }
  }
  return { rows, storerooms };
}

interface Around {
  readonly open: OpenStock;
  readonly parts: Parts;
  readonly own: Parts;
  readonly rows: ReadonlyMap<string, Row>;
  readonly storerooms: ReadonlySet<string>;
  readonly side: ReconcileSide;
}

interface Told {
  readonly place: string;
  readonly key: string;
  readonly onHand: Quantity;
  readonly part: string;
  readonly storeroom: string;
}

const zero = ({ value }: Quantity): boolean => compare(value, '0') === 0;
const below = ({ value }: Quantity): boolean => compare(value, '0') < 0;

async function compareRow(ground: Ground, around: Around, told: Told): Promise<void> {
  const {
    section,
    books: { finance },
  } = ground;
  const { rows, parts, own, side } = around;
  const row = rows.get(told.place);
  const shown = named(told.onHand, own.get(told.part));
  if (!row) return onlyInMaintenance(ground, around, told, shown ?? told.onHand);
  const differ = (name: DifferenceClass, text: string, more: Partial<Difference> = {}): void =>
    section.differ({
      key: told.place,
      class: name,
      left: quantityText(row.onHand),
      right: quantityText(shown ?? told.onHand),
      text: `${labelOf(parts, told.place)}: ${text}`,
      ...more,
    });
  if (row.matched) return differ('twoAsOne', `a second row of ${side.name}, ${told.key}, is the same part and storeroom in the hub`);
  row.matched = true;
  section.total('on hand', row.onHand.unit.code, { left: row.onHand.value });
  const same = shown && inUnit(shown, row.onHand.unit, parts.get(told.part));
  if (!same)
    return differ(
      'unit',
      `${finance.name} keeps it in ${row.onHand.unit.code}, ${side.name} in ${shown ? shown.unit.code : 'a unit that nobody named'}; no table converts them`,
    );
  section.total('on hand', row.onHand.unit.code, { right: same.value });
  const equal = compare(same.value, row.onHand.value) === 0;
  if (below(row.onHand) || below(same))
    return differ('negative', `${below(row.onHand) ? finance.name : side.name} shows less than nothing on the shelf`, moneyOf(row, same.value));
  if (equal) return section.agree();
  if (shown && !sameUnit(shown.unit, row.onHand.unit) && compare(shown.value, row.onHand.value) === 0)
    return differ(
      'unit',
      `the same figure ${shown.value} in two units: ${row.onHand.unit.code} in ${finance.name}, ${shown.unit.code} in ${side.name}`,
      moneyOf(row, same.value),
    );
  const explained = await explainStock(ground, around.open, { place: told.place, finance: row.onHand, maintenance: same, connection: side.name });
  const by = `${finance.name} has ${quantityText(row.onHand)}, ${side.name} ${quantityText(same)}: ${subtract(same.value, row.onHand.value)}`;
  if (explained.exactly) return differ('quantity', by, { ...moneyOf(row, same.value), explainedBy: explained.by });
  differ(
    explained.by.length > 0 ? 'waiting' : 'quantity',
    `${by}${explained.by.length > 0 ? `; open: ${explained.by.join('; ')}` : ''}`,
    moneyOf(row, same.value),
  );
}

/** The value of what differs, at finance's price. */
function moneyOf({ price, pricePer, onHand }: Row, shown: string): { money?: Money } {
  const difference = subtract(shown, onHand.value);
  return price === undefined || compare(difference, '0') === 0 ? {} : { money: extend(price, difference, pricePer) };
}

const labelOf = (parts: Parts, place: string): string => {
  const at = place.lastIndexOf('@');
  const code = parts.get(place.slice(0, at))?.code;
  return `part ${code ?? place.slice(0, at)} at ${place.slice(at + 1)}`;
};

function onlyInMaintenance(
  { section, books: { finance } }: Ground,
  { parts, storerooms, side }: Around,
  { place, part, storeroom }: Told,
  onHand: Quantity,
): void {
  if (parts.get(part)?.stocked !== false) section.total('on hand', onHand.unit.code, { right: onHand.value });
  const differ = (name: DifferenceClass, text: string, more: Partial<Difference> = {}): void =>
    section.differ({ key: place, class: name, left: '', right: quantityText(onHand), text: `${labelOf(parts, place)}: ${text}`, ...more });
  if (parts.get(part)?.stocked === false && !zero(onHand))
    return differ(below(onHand) ? 'negative' : 'missingInFinance', `${side.name} counts ${quantityText(onHand)}`, {
      explainedBy: [`the part is no stock item in ${finance.name}: it is consumed when it is received, and no on-hand of it is kept there`],
    });
  if (parts.size > 0 && !parts.has(part))
    return differ('notMapped', `the part is linked to no part of ${finance.name}; ${side.name} has ${quantityText(onHand)} of it`);
  if (!storerooms.has(storeroom))
    return differ('notMapped', `the storeroom is linked to none of ${finance.name}; ${side.name} has ${quantityText(onHand)} there`);
  // Nothing on the shelf and no row for it say the same.
  if (zero(onHand)) return section.agree();
  if (below(onHand)) return differ('negative', `${side.name} shows less than nothing on the shelf, ${finance.name} does not keep it there`);
  differ('missingInFinance', `${side.name} has ${quantityText(onHand)}, ${finance.name} does not keep the part there`);
}

async function onlyInFinance(
  ground: Ground,
  { open, parts, readable }: { readonly open: OpenStock; readonly parts: Parts; readonly readable: readonly ReconcileSide[] },
  place: string,
  row: Row,
): Promise<void> {
  const { section, books } = ground;
  section.total('on hand', row.onHand.unit.code, { left: row.onHand.value });
  if (zero(row.onHand)) return section.agree();
  const name = maintenanceOf(books, row.site);
  const side = readable.find((one) => one.name === name);
  const where = side ? side.name : 'any maintenance system';
  const differ = (kind: DifferenceClass, text: string, more: Partial<Difference> = {}): void =>
    section.differ({
      key: place,
      class: kind,
      left: quantityText(row.onHand),
      right: '',
      text: `${labelOf(parts, place)}: ${text}`,
      ...moneyOf(row, '0'),
      ...more,
    });
  if (below(row.onHand)) return differ('negative', `${books.finance.name} shows less than nothing on the shelf, ${where} does not keep it there`);
  const own = side === undefined ? undefined : await ground.parts(side);
  if (own && own.size > 0 && !own.has(place.slice(0, place.lastIndexOf('@'))))
    return differ('notMapped', `the part is linked to no part of ${where}; ${books.finance.name} has ${quantityText(row.onHand)} of it`);
  const explained = await explainStock(ground, open, {
    place,
    finance: row.onHand,
    maintenance: { value: '0', unit: row.onHand.unit },
    connection: name ?? '',
  });
  if (explained.exactly) return differ('missingInMaintenance', `${where} does not keep the part there`, { explainedBy: explained.by });
  differ(
    explained.by.length > 0 ? 'waiting' : 'missingInMaintenance',
    `${books.finance.name} has ${quantityText(row.onHand)}, ${where} does not keep the part there`,
  );
}
