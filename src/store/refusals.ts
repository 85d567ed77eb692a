import { Fault } from '#base/fault';

/** The fault of a key that exists already. */
export function usedTwice(what: string, key: string): Fault {
  return new Fault('rejected', `${what} ${key} exists already; a key is used once, for ever`);
}

/** The fault of an update of something the lane does not have. */
export function unknown(what: string, key: string, lane: string): Fault {
  return new Fault('rejected', `lane ${lane} has no ${what} ${key} that could be updated`);
}

/** An event without a number of its own was known already. */
export function outcomeOf(seq: number | undefined): 'accepted' | 'duplicate' {
  return seq === undefined ? 'duplicate' : 'accepted';
}
