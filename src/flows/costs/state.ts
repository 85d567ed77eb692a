import type { Decimal } from '#base/decimal';

export type Amount = { minor: number; currency: string };
export type Account = { order?: string; fixedAsset?: string; costCentre?: string };

/** What should stand in finance for one line of the work order. Two wants that are equal member by member are the same posting. */
export type Want = {
  kind: 'labour' | 'service';
  text: string;
  costCentre: string;
  account: Account;
  day: string;
  amount: Amount;
  employee: string | null;
  hours: Decimal | null;
  rate: Amount | null;
  rateFrom: string | null;
  activityType: string | null;
  sender: string | null;
};

/** One document in finance. Never changed: it stands or it is reversed. */
export type Posting = {
  intent: string;
  want: Want;
  state: 'sent' | 'failed' | 'applied' | 'reversing' | 'reversed' | 'cancelled';
  number: string | null;
  /** What finance says it booked; null where it did not say, which means the amount that was asked for. */
  booked: Amount | null;
};

export type Line = {
  want: Want | null;
  count: number;
  postings: Posting[];
  /** The want that a person decided against: not tried again until it changes. */
  declined: string | null;
};

export type CostsState = {
  seen: string;
  number: string;
  /** `labour/1`, `service/2`. */
  lines: { [key: string]: Line };
  /** First day a service was seen, and hours without a day where policy says so: their posting date where the order has none. */
  firstSeen: { [key: string]: string };
  estimate: { [currency: string]: number };
  /** What stands in finance, by kind and currency. */
  actual: {
    labour: { [currency: string]: number };
    service: { [currency: string]: number };
    part: { [currency: string]: number };
    purchase: { [currency: string]: number };
  };
  /** What each lane last told, so that an older message changes nothing. */
  heard: { [lane: string]: { n: number; kind: 'part' | 'purchase'; amounts: { [currency: string]: number } } };
  over: { [currency: string]: boolean };
};

export const emptyCosts = (): CostsState => ({
  seen: '',
  number: '',
  lines: {},
  firstSeen: {},
  estimate: {},
  actual: { labour: {}, service: {}, part: {}, purchase: {} },
  heard: {},
  over: {},
});
