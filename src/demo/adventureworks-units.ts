/**
 * Units of the AdventureWorks tables to commercial codes of the `sap` column of the unit table. Null: the table has no code of that meaning (a container is
 * not a carton, a canister is not a can), so that nothing is converted by guess.
 */
const unitMap: Readonly<Record<string, string | null>> = {
  BOX: 'BOX',
  BTL: 'BT',
  CAN: null,
  CAR: 'CAR',
  CBM: 'M3',
  CCM: 'CM3',
  CDM: 'DM3',
  CM: 'CM',
  CM2: 'CM2',
  CR: 'CR',
  CS: 'CS',
  CTN: null,
  DM: 'DM',
  DZ: 'DZ',
  EA: 'EA',
  FT3: 'FT3',
  G: 'G',
  GAL: 'GAL',
  IN: 'IN',
  KG: 'KG',
  KGV: null,
  KM: 'KM',
  KT: null,
  L: 'L',
  LB: 'LB',
  M: 'M',
  M2: 'M2',
  M3: 'M3',
  MG: 'MG',
  ML: 'ML',
  MM: 'MM',
  OZ: 'OZ',
  PAK: 'PAC',
  PAL: 'PAL',
  PC: 'PC',
  PCT: null,
  PT: 'PT',
  C: null,
};

/** The code in our table, null where there is none of that meaning; undefined where the map does not know the unit. */
export const unitOf = (code: string): string | null | undefined => (Object.hasOwn(unitMap, code) ? unitMap[code] : undefined);

/** ISO codes of those units that an ERP does not have from the start: they are created there before parts use them. */
const isoCodes: Readonly<Record<string, string>> = {
  CM2: 'CMK',
  CM3: 'CMQ',
  CR: 'CR',
  DM: 'DMT',
  DM3: 'DMQ',
  FT3: 'FTQ',
  KM: 'KMT',
  MG: 'MGM',
  OZ: 'ONZ',
  PAL: 'PF',
};

/** Units to create in the ERP. */
export const extraUnits: readonly { readonly code: string; readonly iso: string }[] = Object.entries(isoCodes).map(([code, iso]) => ({ code, iso }));
