import type { Decimal } from '#base/decimal';

export type Amount = { minor: number; currency: string };

/** What should stand in finance for one line of a report. Two wants that are equal member by member are the same posting. */
export type Want = {
  part: string;
  name: string;
  storeroom: string;
  quantity: Decimal;
  unit: { system: string; code: string };
  reason: string | null;
  costCentre: string;
  workOrder: string;
  day: string;
  text: string;
};

/** One document in finance. Never changed: it stands or it is reversed. */
export type Posting = {
  intent: string;
  want: Want;
  state: 'sent' | 'failed' | 'applied' | 'reversing' | 'reversed' | 'cancelled';
  number: string | null;
  /** What it is worth: finance's value, else quantity x price; null where neither is known. */
  value: Amount | null;
};

export type Line = {
  want: Want | null;
  count: number;
  postings: Posting[];
  /** The want that a person decided against: not tried again until it changes. */
  declined: string | null;
};

export type ScrapState = { seen: string; number: string; lines: { [line: string]: Line } };

export const emptyScrap = (): ScrapState => ({ seen: '', number: '', lines: {} });
