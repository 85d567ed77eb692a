import { NoAnswer, type Send } from '#spi/transport';

/**
 * At most so many requests at once, first come first served. The governor gives places to calls, and one call of a connector may read several
 * lists side by side: what the vendor counts is requests.
 */
export function atMost(parallel: number, send: Send): Send {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (request) => {
    if (running < parallel) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      if (request.signal?.aborted) throw new NoAnswer(`${request.method} ${new URL(request.url).pathname} was stopped before it was sent`, { sent: false });
      return await send(request);
    } finally {
      // The place goes to the next without being free in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
