import { NoAnswer, type Send } from '#spi/transport';

/** A `Send` over anything that looks like `fetch`: for twins without a socket. A rejection counts as sent, because nobody knows. */
export function sendOver(fetchLike: (request: Request) => Promise<Response>): Send {
  return async ({ method, url, headers, body, signal }) => {
    if (signal?.aborted) throw new NoAnswer(`${method} ${new URL(url).pathname} was stopped before it was sent`, { sent: false });
    const request = new Request(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const stopped = new Promise<never>((_resolve, reject) =>
      signal?.addEventListener('abort', () => reject(new NoAnswer(`${method} ${new URL(url).pathname} was stopped`, { sent: true })), { once: true }),
    );
    let response: Response;
    try {
      response = await Promise.race([fetchLike(request), stopped]);
    } catch (cause) {
      if (cause instanceof NoAnswer) throw cause;
      throw new NoAnswer(`${method} ${new URL(url).pathname} got no answer`, { sent: true, cause });
    }
    const cookies = response.headers.getSetCookie();
    response.headers.delete('set-cookie');
    return { status: response.status, headers: Object.fromEntries(response.headers), cookies, body: await response.text() };
  };
}
