import { Refusal } from './refusal.ts';

/** One unit of measure: the code people see depends on the logon language, the ISO code does not. */
export interface Unit {
  /** The code in English logon, under which the world keeps it. */
  readonly code: string;
  readonly iso: string;
  readonly german: string;
  /** Decimal places of a quantity in this unit. */
  readonly places: number;
}

const rows: readonly (readonly [code: string, iso: string, german: string, places: number])[] = [
  ['PC', 'PCE', 'ST', 3],
  ['EA', 'EA', 'EA', 3],
  ['H', 'HUR', 'STD', 3],
  ['MIN', 'MIN', 'MIN', 3],
  ['DAY', 'DAY', 'TAG', 3],
  ['KG', 'KGM', 'KG', 3],
  ['G', 'GRM', 'G', 3],
  ['TO', 'TNE', 'TO', 3],
  ['LB', 'LBR', 'LB', 3],
  ['L', 'LTR', 'L', 3],
  ['ML', 'MLT', 'ML', 3],
  ['M', 'MTR', 'M', 3],
  ['CM', 'CMT', 'CM', 3],
  ['MM', 'MMT', 'MM', 3],
  ['FT', 'FOT', 'FT', 3],
  ['IN', 'INH', '"', 3],
  ['M2', 'MTK', 'M2', 3],
  ['M3', 'MTQ', 'M3', 3],
  ['BOX', 'BX', 'KI', 3],
  ['CAR', 'CT', 'KAR', 3],
  ['CV', 'CS', 'KI1', 3],
  ['BAG', 'BG', 'BEU', 3],
  ['DR', 'DR', 'TR', 3],
  ['BOT', 'BO', 'FL', 3],
  ['PAC', 'PK', 'PAK', 3],
  ['PAA', 'PR', 'PAA', 3],
  ['SET', 'SET', 'SAT', 3],
  ['ROL', 'RO', 'ROL', 3],
  ['DZ', 'DZN', 'DZ', 3],
  ['AU', 'C62', 'LE', 3],
  ['GLL', 'GLL', 'GLL', 3],
];

/** Units by each of their codes; a connection sees one language at a time. */
export class Units {
  readonly #byCode = new Map<string, Unit>();
  readonly #byGerman = new Map<string, Unit>();
  readonly #byIso = new Map<string, Unit>();

  constructor() {
    for (const [code, iso, german, places] of rows) this.add({ code, iso, german, places });
  }

  add(unit: Unit): void {
    this.#byCode.set(unit.code, unit);
    this.#byGerman.set(unit.german, unit);
    this.#byIso.set(unit.iso, unit);
  }

  has(code: string): boolean {
    return this.#byCode.has(code);
  }

  /** The code shown in a language (`EN` or `DE`), or the ISO code. */
  shown(code: string, as: string): string {
    const unit = this.#byCode.get(code);
    if (!unit) return code;
    return as === 'iso' ? unit.iso : as === 'DE' ? unit.german : unit.code;
  }

  /** The world's code for what a client wrote. Refuses what is not created in that language. */
  read(text: string, as: string): string {
    const unit = (as === 'iso' ? this.#byIso : as === 'DE' ? this.#byGerman : this.#byCode).get(text);
    if (!unit) throw new Refusal('unknownUnit', [text, as === 'iso' ? 'ISO' : as]);
    return unit.code;
  }
}
