import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Fault, faults, type FaultKind } from '#base/fault';
import { adminFile } from '#api/admin';

const Word = z.strictObject({
  url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/, 'a loopback address is expected'),
  token: z.string().min(32).max(200),
  pid: z.int(),
});

/** How long a command waits for the running hub, in milliseconds. */
const patienceMs = 60_000;

/** A hub that runs on a data folder and takes commands. */
export interface RunningHub {
  readonly pid: number;
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

/** Finds the hub that runs on a data folder; undefined where none does. A file that anybody may read, or that names another machine, is refused. */
export async function runningHub(data: string): Promise<RunningHub | undefined> {
  const file = join(data, adminFile);
  let text: string;
  try {
    // Windows has no such bits; there the folder's own permissions hold.
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new Fault('misconfigured', `${file} may be read by others: somebody changed its permissions; start the hub again, which writes it anew`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Fault('misconfigured', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const word = wordOf(text, file);
  const hub = connect(word);
  try {
    await hub.get('/admin/v1/status');
    return hub;
  } catch (error) {
    // The hub that left the word is gone, killed before it could take it back; or its port is someone else's now, who does not know the token.
    if (error instanceof Fault && (error.kind === 'unreachable' || error.kind === 'unauthorised' || error.kind === 'drifted')) return undefined;
    throw error;
  }
}

function wordOf(text: string, file: string): z.output<typeof Word> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = Word.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Fault('misconfigured', `${file} is not what a hub writes: ${parsed.error.issues[0]?.message ?? ''}; start the hub again, which writes it anew`);
}

function connect({ url, token, pid }: z.output<typeof Word>): RunningHub {
  const call = async (path: string, init: RequestInit): Promise<unknown> => {
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(patienceMs),
      });
    } catch (cause) {
      throw new Fault('unreachable', `the hub (process ${pid}) did not answer: ${(cause as Error).message}`, { cause });
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok && answer !== undefined) return answer;
    const { type = '', detail } = (answer ?? {}) as { type?: string; detail?: string };
    const kind = type.replace(/^urn:linchpin:fault:/, '');
    throw new Fault(Object.hasOwn(faults, kind) ? (kind as FaultKind) : 'drifted', detail ?? `the hub (process ${pid}) answered ${response.status}`);
  };
  return {
    pid,
    get: (path) => call(path, { method: 'GET' }),
    post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
  };
}
