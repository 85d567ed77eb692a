/** One caller's part of a transaction. */
export interface Member<Input, Output> {
  readonly input: Input;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Merges calls into transactions: calls made in the same turn of the event loop, or while a transaction is under way, share the next one and its single wait for the disk.
 * `flush` settles every member it is given; when it throws, all of them are refused with that error.
 */
export class GroupCommit<Input, Output> {
  readonly #flush: (members: readonly Member<Input, Output>[]) => Promise<void> | void;
  readonly #most: number;
  #waiting: Member<Input, Output>[] = [];
  #running: Promise<void> | undefined;

  /** `most`: how many calls one transaction takes. */
  constructor(flush: (members: readonly Member<Input, Output>[]) => Promise<void> | void, most = 256) {
    this.#flush = flush;
    this.#most = most;
  }

  /** Adds a call; resolves after the commit. */
  add(input: Input): Promise<Output> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const members = this.#waiting.splice(0, this.#most);
      try {
        await this.#flush(members);
      } catch (error) {
        for (const member of members) member.reject(error);
      }
      // Callers that were just answered get a turn to call again, so that the next transaction is as full as it can be.
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#running = undefined;
  }
}
