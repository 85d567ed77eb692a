import { roundedMoney, type Money } from '#base/money';
import { day, figure, readTable, text } from '#demo/adventureworks-table';

/** A maintenance work order of an excavator as it was typed, with what it cost. The columns that researchers added later are left out, but for the failure mode. */
export interface ExcavatorOrder {
  readonly id: string;
  readonly startedOn: string;
  /** Which of the machines, A to D. */
  readonly asset: string;
  /** Free text as typed: abbreviations and misspellings kept. */
  readonly text: string;
  readonly orderType: string;
  /** What the type means, where the source says so. */
  readonly kind: 'repair' | 'replacement' | 'unexplained';
  readonly cost: Money;
  /** Functional location as text; undefined where the column is empty. */
  readonly functionalLocation?: string;
  /** Hours that the machine had run, where noted. */
  readonly runningHours?: string;
  readonly failureMode?: string;
  /** The id of the first order with the same day, machine, text and cost: a duplicate or a split order. */
  readonly repeats?: string;
}

/** Order types that the source explains; of PM04, PM05, PM06 and PM13 it does not say what they are. */
const kinds: Readonly<Record<string, ExcavatorOrder['kind']>> = { PM01: 'repair', PM02: 'replacement' };

const currency = 'AUD';

/** Reads the work orders of the folder, in the order of the file. Repeats are marked, not removed. */
export function excavatorOrders(folder: string): ExcavatorOrder[] {
  const first = new Map<string, string>();
  return readTable(folder, 'work_orders').map((row) => {
    const id = text(row, 'id');
    const startedOn = day(row, 'BscStartDate') ?? '';
    const cost = roundedMoney(figure(row, 'Cost'), currency);
    const same = [startedOn, text(row, 'Asset'), text(row, 'OriginalShorttext'), cost.minor].join('\u0000');
    const repeats = first.get(same);
    if (repeats === undefined) first.set(same, id);
    const orderType = text(row, 'PMType');
    const [functionalLocation, runningHours, failureMode] = [text(row, 'FuncLocation'), text(row, 'RunningTime'), text(row, 'FM')];
    return {
      id,
      startedOn,
      asset: text(row, 'Asset'),
      text: text(row, 'OriginalShorttext'),
      orderType,
      kind: Object.hasOwn(kinds, orderType) ? (kinds[orderType] ?? 'unexplained') : 'unexplained',
      cost,
      ...(functionalLocation === '' ? {} : { functionalLocation }),
      ...(runningHours === '' ? {} : { runningHours: figure(row, 'RunningTime') }),
      ...(failureMode === '' ? {} : { failureMode }),
      ...(repeats === undefined ? {} : { repeats }),
    };
  });
}
