import { timingSafeEqual } from 'node:crypto';
import { rmSync, writeFileSync, renameSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve, type ServerType } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { Fault } from '#base/fault';
import { sha256 } from '#base/json';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { actOn, exceptionsOf } from '#hub/exceptions';
import type { Hub } from '#hub/hub';
import { statusOf } from '#hub/status';
import { boundedBody, problem } from '#api/server';

/** The file in a data folder by which commands find the hub that runs on it. Only the owner of the folder may read it. */
export const adminFile = 'admin.json';

/** Where a running hub takes commands, and the token that they must show. */
export interface AdminAddress {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** Longest draft that a command may bring, in bytes. */
const adminBodyLimit = 1024 * 1024;

/**
 * What commands ask of a running hub: SQLite belongs to the process that serves, so a command reaches it instead of the file.
 * It listens on the loopback address alone, on a port of its own, and is never part of what webhooks reach. Every call shows a token that stands in a file
 * which only the owner of the data folder may read, and names the loopback address as its host, so that no web page can call it through a browser.
 */
export function adminRoutes({ hub, log, token, host }: { readonly hub: Hub; readonly log: Log; readonly token: string; readonly host: () => string }): Hono {
  const app = new Hono();
  app.onError((error, context) => problem(context, error, log));
  app.notFound((context) => context.json({ title: 'There is nothing at this address', status: 404 }, 404));
  app.use('*', async (context, next) => {
    if (context.req.header('host') !== host() || context.req.header('origin') !== undefined)
      throw new Fault('forbidden', 'only commands of this machine are answered here');
    if (!isToken(context.req.header('authorization'), token))
      throw new Fault('unauthorised', `the token of this hub is not the one that was shown; it stands in ${adminFile} of the data folder`);
    await next();
    context.header('cache-control', 'no-store');
  });
  app.get('/admin/v1/status', async (context) => context.json(await statusOf(hub)));
  app.get('/admin/v1/exceptions', async (context) => context.json(await exceptionsOf(hub.store)));
  app.post('/admin/v1/exceptions', async (context) => context.json(await actOn(hub, await jsonBody(context))));
  return app;
}

const isToken = (header: string | undefined, token: string): boolean =>
  // Digests have one length, so that the comparison takes the same time whatever was shown.
  timingSafeEqual(Buffer.from(sha256(header ?? '')), Buffer.from(sha256(`Bearer ${token}`)));

async function jsonBody(context: Context): Promise<unknown> {
  if (!(context.req.header('content-type') ?? '').startsWith('application/json')) throw new Fault('misconfigured', 'the body must be application/json');
  const text = await boundedBody(context, adminBodyLimit);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('misconfigured', `the body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Opens the address for commands and leaves word of it in the data folder. Closing takes the word back. */
export async function listenForCommands(options: {
  readonly hub: Hub;
  readonly log: Log;
  readonly data: string;
  readonly random: Random;
  readonly pid: number;
}): Promise<{ close(): Promise<void> }> {
  const { hub, log, data, random, pid } = options;
  const token = random.hex(32);
  let address = '';
  const app = adminRoutes({ hub, log, token, host: () => address });
  const { server, port } = await new Promise<{ server: ServerType; port: number }>((resolve, reject) => {
    const started: ServerType = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port: taken }) => resolve({ server: started, port: taken }));
    started.once('error', (cause) => reject(new Fault('misconfigured', `cannot listen on the loopback address: ${cause.message}`, { cause })));
  });
  address = `127.0.0.1:${port}`;
  const file = join(data, adminFile);
  const word: AdminAddress = { url: `http://${address}`, token, pid };
  // A new file, never the old one's permissions; in place in one move, so that nobody reads half of it.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(word)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(`${file}.new`, file);
  return {
    close: () =>
      new Promise((resolve) => {
        if (isOurs(file, token)) rmSync(file, { force: true });
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

/** Another hub may have left its own word meanwhile. */
function isOurs(file: string, token: string): boolean {
  try {
    return readFileSync(file, 'utf8').includes(token);
  } catch {
    return false;
  }
}
