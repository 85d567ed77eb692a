import type { IncomingMessage } from 'node:http';
import { serve, type ServerType } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { Fault, faults, type FaultKind } from '#base/fault';
import type { Log } from '#base/log';
import type { Hub } from '#hub/hub';
import { explainThread, threadsOf } from '#hub/explain';
import { statusOf } from '#hub/status';
import { pageOfThread, pageOfThreads } from '#api/pages';

/** Largest body that is read, in bytes: webhooks of documents with 2,000 lines stay well below. */
export const bodyLimit = 2 * 1024 * 1024;

/** HTTP status of each fault kind, for callers of the hub. */
const statusOfFault: Partial<Record<FaultKind, 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 503>> = {
  unauthorised: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  rejected: 422,
  drifted: 400,
  misconfigured: 400,
  throttled: 429,
  unreachable: 503,
};

export interface ServerOptions {
  readonly hub: Hub;
  readonly log: Log;
  readonly host: string;
  readonly port: number;
  /** The address as senders of webhooks call it, where a proxy stands before the hub: signatures are over it. */
  readonly publicUrl?: string;
}

/** The hub's HTTP side: webhooks in, and what people and tools read. RFC 9457 problems. */
export function routes({ hub, log, publicUrl }: Pick<ServerOptions, 'hub' | 'log' | 'publicUrl'>): Hono {
  const app = new Hono();
  app.onError((error, context) => problem(context, error, log));
  app.notFound((context) =>
    context.json(
      { type: 'about:blank', title: 'There is nothing at this address', status: 404, detail: `${context.req.method} ${context.req.path}` },
      404,
      problemHeaders,
    ),
  );
  app.use('*', async (context, next) => {
    await next();
    context.header('x-content-type-options', 'nosniff');
    context.header('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    context.header('cache-control', 'no-store');
    context.header('referrer-policy', 'no-referrer');
  });

  app.post('/hooks/:connection/:type', async (context) => {
    const body = await boundedBody(context);
    const { connection, type } = context.req.param();
    const url = publicUrl === undefined ? context.req.url : `${publicUrl}${new URL(context.req.url).pathname}`;
    // Acknowledged only after the notice is durable: delivery contract, clause 1.
    const accepted = await hub.hook(connection, { headers: context.req.header(), body, url, type });
    return context.json({ accepted });
  });

  app.get('/health', async (context) => context.json({ status: 'up', store: hub.store.name, events: await hub.store.read.countEvents() }));
  app.get('/api/v1/status', async (context) => context.json(await statusOf(hub)));
  app.get('/api/v1/threads', async (context) => context.json(await threadsOf(hub.store, context.req.query('number') ?? '')));
  app.get('/api/v1/threads/:thread{.+}', async (context) => {
    const found = await explainThread(hub.store, context.req.param('thread'));
    return found ? context.json(found) : context.notFound();
  });
  app.get('/style.css', (context) => context.body(pageOfThreads.style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/', async (context) =>
    context.html(
      pageOfThreads.render(
        await statusOf(hub),
        context.req.query('number') ?? '',
        context.req.query('number') ? await threadsOf(hub.store, context.req.query('number') ?? '') : [],
      ),
    ),
  );
  app.get('/threads/:thread{.+}', async (context) => {
    const found = await explainThread(hub.store, context.req.param('thread'));
    return found ? context.html(pageOfThread(found)) : context.notFound();
  });
  return app;
}

/** Listens; port 0 takes a free one. */
export async function listen(options: ServerOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = routes(options);
  const { host } = options;
  const { server, port } = await new Promise<{ server: ServerType; port: number }>((resolve, reject) => {
    const started: ServerType = serve({ fetch: app.fetch, hostname: host, port: options.port }, ({ port: taken }) => resolve({ server: started, port: taken }));
    started.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Fault(
          'misconfigured',
          cause.code === 'EADDRINUSE'
            ? `port ${options.port} on ${host} is in use by another program; choose another with --port`
            : `cannot listen on ${host}:${options.port}: ${cause.message}`,
          { cause },
        ),
      ),
    );
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

const problemHeaders = { 'content-type': 'application/problem+json' };

/** Answers with what went wrong (RFC 9457). */
export function problem(context: Context, error: Error, log: Log): Response {
  if (error instanceof Fault) {
    const status = error.detail.code === 'body-too-large' ? 413 : (statusOfFault[error.kind] ?? 422);
    log('warning', 'a request was refused', { path: context.req.path, status, fault: error.kind, error: error.message });
    return context.json(
      { type: `urn:linchpin:fault:${error.kind}`, title: faults[error.kind].title, status, detail: error.message, advice: faults[error.kind].advice },
      status,
      problemHeaders,
    );
  }
  log('error', 'a request failed', { path: context.req.path, error: error.message, stack: error.stack });
  return context.json(
    { type: 'about:blank', title: 'The hub failed on this request', status: 500, detail: 'The log of the hub says more.' },
    500,
    problemHeaders,
  );
}

/** Reads a body up to the limit; a longer one is refused without being kept. */
export async function boundedBody(context: Context, most = bodyLimit): Promise<string> {
  const tooLarge = (): Fault => new Fault('rejected', `the body is larger than ${most} bytes`, { code: 'body-too-large' });
  if (Number(context.req.header('content-length') ?? 0) > most) throw tooLarge();
  // Under Node the socket's own stream is read: a web request around it costs a tenth of the whole way in.
  const { incoming } = (context.env ?? {}) as { incoming?: IncomingMessage };
  const stream = incoming ?? context.req.raw.body;
  if (!stream) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > most) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
