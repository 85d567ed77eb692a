import { compare, multiply, type Decimal, add } from '#base/decimal';
import { extend, money, roundedMoney } from '#base/money';
import { costCentreOf, currency, departmentOfLocation, plantAsset, workCentreOf } from '#demo/adventureworks-codes';
import { amount, badRow, day, dayOf, grouped, readTable, spread, text, type Row } from '#demo/adventureworks-table';
import type { PlantEmployee, PlantPart, PlantStock } from '#demo/plant-data';

/** A work order of the past, read as maintenance work: parts used, hours worked, pieces scrapped. */
export interface WorkHistory {
  readonly number: string;
  readonly title: string;
  readonly part: string;
  readonly quantity: Decimal;
  readonly stocked: Decimal;
  readonly asset: string;
  readonly costCentre: string;
  readonly startedOn: string;
  readonly endedOn?: string;
  readonly dueOn?: string;
  readonly parts: readonly { readonly line: string; readonly part: string; readonly unit: string; readonly quantity: Decimal; readonly storeroom?: string }[];
  readonly labour: readonly {
    readonly line: string;
    readonly location: string;
    readonly employee: string;
    readonly costCentre: string;
    readonly workedOn: string;
    readonly hours: Decimal;
    readonly rate: Decimal;
    readonly amountMinor: number;
  }[];
  readonly scrap?: { readonly quantity: Decimal; readonly reasonCode: string; readonly reason: string; readonly valueMinor: number };
}

/** Lines of parts of one work order at most; the longest bill of materials has fewer. */
export const mostPartLines = 100;

interface WorkGround {
  /** The part number of the product that a column names. */
  codeOf(row: Row, column: string): string;
  readonly bom: readonly Row[];
  readonly parts: readonly PlantPart[];
  readonly stock: readonly PlantStock[];
  readonly people: readonly PlantEmployee[];
  readonly limit: number | undefined;
}

/** Work orders in the order of their numbers. The asset is the work centre of the first operation, the plant where there is none. */
export function readWork(folder: string, ground: WorkGround): WorkHistory[] {
  const routing = grouped(readTable(folder, 'WorkOrderRouting'), 'WorkOrderID');
  const reasons = new Map(readTable(folder, 'ScrapReason').map((row) => [text(row, 'ScrapReasonID'), text(row, 'Name')]));
  const assemblies = grouped(ground.bom, 'ProductAssemblyID');
  const parts = new Map(ground.parts.map((part) => [part.code, part]));
  const rooms = mainStorerooms(ground.stock);
  const crews = new Crews(ground.people);
  return spread(readTable(folder, 'WorkOrder'), ground.limit).map((row) => {
    const number = text(row, 'WorkOrderID');
    const part = parts.get(ground.codeOf(row, 'ProductID'));
    const startedOn = dayOf(row, 'StartDate');
    const [endedOn, dueOn] = [day(row, 'EndDate'), day(row, 'DueDate')];
    const quantity = amount(row, 'OrderQty');
    const operations = routing.get(number) ?? [];
    const first = operations[0];
    const scrapped = amount(row, 'ScrappedQty');
    const reason = reasons.get(text(row, 'ScrapReasonID'));
    if (compare(scrapped, '0') > 0 && reason === undefined)
      throw badRow(row, `${scrapped} pieces were scrapped for reason ${text(row, 'ScrapReasonID') || 'none'}, which ScrapReason.csv.gz does not have`);
    return {
      number,
      title: `Work on ${quantity} x ${part?.name ?? ''}`,
      part: part?.code ?? '',
      quantity,
      stocked: amount(row, 'StockedQty'),
      asset: first ? workCentreOf(text(first, 'LocationID')) : plantAsset,
      costCentre: costCentreOf('7'),
      startedOn,
      ...(endedOn === undefined ? {} : { endedOn }),
      ...(dueOn === undefined ? {} : { dueOn }),
      parts: components(assemblies.get(text(row, 'ProductID')) ?? [], { startedOn, quantity, codeOf: ground.codeOf, parts, rooms }),
      labour: operations.map((operation) => labourOf(number, operation, crews)),
      ...(compare(scrapped, '0') > 0
        ? {
            scrap: {
              quantity: scrapped,
              reasonCode: text(row, 'ScrapReasonID'),
              reason: reason ?? '',
              valueMinor: roundedMoney(multiply(scrapped, part?.standardCost ?? '0'), currency).minor,
            },
          }
        : {}),
    };
  });
}

interface ComponentGround {
  readonly startedOn: string;
  readonly quantity: Decimal;
  readonly codeOf: WorkGround['codeOf'];
  readonly parts: ReadonlyMap<string, PlantPart>;
  readonly rooms: ReadonlyMap<string, string>;
}

/** Components of one level that are valid on the day the work starts, first and last day included, x the order's quantity. Taken from where most of the part is. */
function components(bom: readonly Row[], { startedOn, quantity, codeOf, parts, rooms }: ComponentGround): WorkHistory['parts'] {
  const needed = new Map<string, Decimal>();
  for (const row of bom) {
    const until = day(row, 'EndDate');
    if (dayOf(row, 'StartDate') > startedOn || (until !== undefined && until < startedOn)) continue;
    const code = codeOf(row, 'ComponentID');
    needed.set(code, add(needed.get(code) ?? '0', multiply(amount(row, 'PerAssemblyQty'), quantity)));
  }
  const [first] = bom;
  if (first && needed.size > mostPartLines)
    throw badRow(first, `the product has ${needed.size} components, more than the ${mostPartLines} that one order may have`);
  return [...needed].map(([part, needs], index) => {
    const storeroom = rooms.get(part);
    return { line: String(index + 1), part, unit: parts.get(part)?.unit ?? 'EA', quantity: needs, ...(storeroom === undefined ? {} : { storeroom }) };
  });
}

/** The storeroom that holds most of each part; where equal the lowest, which comes first. */
function mainStorerooms(stock: readonly PlantStock[]): Map<string, string> {
  const most = new Map<string, PlantStock>();
  for (const row of stock) if (!most.has(row.part) || compare(row.onHand, most.get(row.part)?.onHand ?? '0') > 0) most.set(row.part, row);
  return new Map([...most].map(([part, { storeroom }]) => [part, storeroom]));
}

/** ActualResourceHrs of a routing row, worked on its actual start day, at the rate that the person has on that day; hours x rate is rounded once. */
function labourOf(number: string, operation: Row, crews: Crews): WorkHistory['labour'][number] {
  const location = text(operation, 'LocationID');
  if (!Object.hasOwn(departmentOfLocation, location))
    throw badRow(operation, `location ${location} has no department; known are ${Object.keys(departmentOfLocation).join(', ')}`);
  const workedOn = day(operation, 'ActualStartDate') ?? dayOf(operation, 'ScheduledStartDate');
  const line = text(operation, 'OperationSequence');
  const costCentre = costCentreOf(departmentOfLocation[location] ?? '');
  const hours = amount(operation, 'ActualResourceHrs');
  const worker = crews.worker(costCentre, workedOn, Number(number) * 7 + Number(line));
  if (!worker) throw badRow(operation, `nobody of cost centre ${costCentre} has a pay rate on ${workedOn}`);
  const { employee, rate } = worker;
  return { line, location, employee, costCentre, workedOn, hours, rate, amountMinor: extend(money(rate, currency), hours).minor };
}

/**
 * Who works a routing row: the tables do not say. Of the people who are in the location's department on that day and have a rate then, in the order of their
 * numbers, the one at (work order number x 7 + operation) modulo their count. The same row always has the same person.
 */
class Crews {
  readonly #people: readonly PlantEmployee[];
  readonly #crews = new Map<string, readonly { readonly employee: string; readonly rate: Decimal }[]>();

  constructor(people: readonly PlantEmployee[]) {
    this.#people = [...people].sort((a, b) => Number(a.code) - Number(b.code));
  }

  worker(costCentre: string, on: string, turn: number): { readonly employee: string; readonly rate: Decimal } | undefined {
    const key = `${costCentre}|${on}`;
    const crew = this.#crews.get(key) ?? this.#crewOf(costCentre, on);
    this.#crews.set(key, crew);
    return crew[turn % crew.length];
  }

  #crewOf(costCentre: string, on: string): { employee: string; rate: Decimal }[] {
    const holds = ({ from, to }: { from: string; to?: string }): boolean => from <= on && (to === undefined || to >= on);
    return this.#people.flatMap(({ code, costCentres = [], rates }) => {
      const rate = rates.find(holds);
      return rate && costCentres.some((place) => place.costCentre === costCentre && holds(place)) ? [{ employee: code, rate: rate.rate }] : [];
    });
  }
}
