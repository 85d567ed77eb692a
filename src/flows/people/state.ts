import type { JsonObject } from '#base/json';
import type { FlowInput } from '#engine/flow';
import { noMasterState, type MasterState } from '#flows/master-data';
import type { Owned } from '#flows/owned';
import type { PeoplePolicy } from '#flows/people/policy';

/** One rate with the days on which it holds, both included; without `validTo` until a later one begins. */
export type Rate = { validFrom: string; validTo?: string; rate: { minor: number; currency: string } };

export type PeopleState = {
  master: MasterState;
  /** Every rate that finance gave, by the key of its record. */
  rates: { [record: string]: Rate };
  /** The rate last sent to each maintenance connection. */
  shown: { [maintenance: string]: Rate['rate'] };
  /** Whom the hub set inactive where, and what became of it. `at`: when it was answered, in milliseconds. */
  leaving: { [maintenance: string]: { intent: string; state: 'open' | 'applied' | 'declined'; at: number } };
  /** Counter of operations: makes intents unique for ever. */
  n: number;
};

export const noPerson = (): PeopleState => ({ master: noMasterState(), rates: {}, shown: {}, leaving: {}, n: 0 });

export type PeopleInput = FlowInput<PeopleState & JsonObject, PeoplePolicy & Owned>;
