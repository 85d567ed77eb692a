import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as z from 'zod';
import { Fault } from '#base/fault';
import { canonicalJson } from '#base/json';

/** What a vault may hold. */
export const vaultLimits = { entries: 10_000, nameLength: 128, valueBytes: 65_536, fileBytes: 1_073_741_824, lockTries: 500, lockWaitMs: 10 } as const;

/** Secrets of connections, by name. Each operation reads the file anew, so that several processes may share it. */
export interface Vault {
  /** The secret a reference `secret://name` names. Call it when a connection is opened, not before. */
  get(reference: string): Promise<Secret>;
  /** Keeps a secret, or replaces it. */
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names only, sorted. */
  list(): Promise<readonly string[]>;
  /** Encrypts everything anew under another master key. The old file stays whole until the new one has taken its place. */
  rotate(next: MasterKey): Promise<void>;
}

/** The key of the vault: 32 bytes that are not kept on the same disk. */
export interface MasterKey {
  /** Tells keys apart without giving anything away: the first 16 digits of a hash. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** A secret in memory: it shows itself only where `reveal` is called. */
export class Secret {
  readonly #name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.#name = name;
    this.#value = value;
  }

  /** The value itself: only for the request that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return referenceTo(this.#name);
  }

  toJSON(): string {
    return referenceTo(this.#name);
  }

  [inspect.custom](): string {
    return `Secret(${referenceTo(this.#name)})`;
  }
}

const namePattern = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/i;

/** `secret://name`: how configuration names a secret. */
export function referenceTo(name: string): string {
  return `secret://${name}`;
}

/** The name in a reference. A text that is not a reference is not shown in the refusal: it may be the secret itself. */
export function nameIn(reference: string): string {
  if (!reference.startsWith('secret://'))
    throw new Fault('misconfigured', 'a secret is configured by reference (secret://name); what stands there is something else, which is not shown');
  return checkName(reference.slice('secret://'.length));
}

/** The master key from its text: 32 bytes as 64 hexadecimal digits or as base64. */
export function readMasterKey(text: string): MasterKey {
  const plain = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(plain) ? Buffer.from(plain, 'hex') : Buffer.from(plain, 'base64');
  if (bytes.length !== 32 || (!/^[0-9a-f]{64}$/i.test(plain) && bytes.toString('base64').replace(/=+$/, '') !== plain.replace(/=+$/, '')))
    throw new Fault('misconfigured', 'the master key of the vault must be 32 bytes, written as 64 hexadecimal digits or as base64');
  return { id: createHash('sha256').update('linchpin vault master key').update(bytes).digest('hex').slice(0, 16), bytes };
}

const base64 = (bytes?: number): z.ZodString =>
  z.string().regex(bytes === undefined ? /^[A-Za-z0-9+/]*={0,2}$/ : new RegExp(`^[A-Za-z0-9+/]{${Math.ceil((bytes * 4) / 3)}}={0,2}$`));
const sealed = z.strictObject({ nonce: base64(12), data: base64(), tag: base64(16) });
const vaultFile = z.strictObject({
  format: z.literal('linchpin-vault'),
  version: z.literal(1),
  /** The data key, sealed by the master key: changing the master key for another of the same data needs only this. */
  key: z.strictObject({ id: z.string().min(1), master: z.string(), sealed }),
  entries: z.record(z.string().regex(namePattern), sealed),
  /** Authenticates the set of entries: one that is taken out, or put back from an older file, is noticed. */
  seal: sealed,
});
type VaultFile = z.infer<typeof vaultFile>;
type Sealed = z.infer<typeof sealed>;

/** Where a replacement of the file stands; tests stop it there. */
export type ReplaceStep = 'opened' | 'written' | 'synced' | 'renamed';

/** Opens the vault in a file, which need not exist yet. `onStep` is for tests of interruption. */
export function openVault(options: { readonly path: string; readonly key: MasterKey; readonly onStep?: (step: ReplaceStep) => void }): Vault {
  const { path, onStep = () => undefined } = options;
  let key = options.key;
  const change = <T>(act: (open: Opened) => T): Promise<T> =>
    underLock(path, async () => {
      const opened = await openFile(path, key);
      const result = act(opened);
      await replaceFile(path, sealFile(opened), onStep);
      return result;
    });
  return {
    async get(reference) {
      const name = nameIn(reference);
      const value = (await openFile(path, key)).entries.get(name);
      if (value === undefined) throw new Fault('misconfigured', `vault ${path} has no secret "${name}"; set it, or correct the reference`);
      return new Secret(name, value);
    },
    async set(name, value) {
      checkName(name);
      if (value === '' || Buffer.byteLength(value) > vaultLimits.valueBytes)
        throw new Fault('rejected', `setting secret "${name}": its length must be 1 to ${vaultLimits.valueBytes} bytes; it is ${Buffer.byteLength(value)}`);
      if (!value.isWellFormed()) throw new Fault('rejected', `setting secret "${name}": it contains half a character`);
      await change(({ entries }) => {
        if (!entries.has(name) && entries.size >= vaultLimits.entries)
          throw new Fault('rejected', `setting secret "${name}": the vault has ${entries.size} secrets, the most it takes`);
        entries.set(name, value);
      });
    },
    async remove(name) {
      checkName(name);
      await change(({ entries }) => {
        if (!entries.delete(name)) throw new Fault('missing', `removing secret "${name}": the vault does not have it`);
      });
    },
    list: async () => [...(await openFile(path, key)).entries.keys()].sort(),
    async rotate(next) {
      await underLock(path, async () => {
        const { entries } = await openFile(path, key);
        await replaceFile(path, sealFile({ master: next, data: newDataKey(), entries }), onStep);
        key = next;
      });
    },
  };
}

/** A vault whose seals have been checked. */
interface Opened {
  readonly master: MasterKey;
  readonly data: { readonly id: string; readonly bytes: Buffer };
  /** Name to value; a null prototype is not needed in a map. */
  readonly entries: Map<string, string>;
}

async function openFile(path: string, master: MasterKey): Promise<Opened> {
  const text = await readText(path);
  if (text === undefined) return { master, data: newDataKey(), entries: new Map() };
  const file = parseFile(path, text);
  if (file.key.master !== master.id)
    throw new Fault(
      'misconfigured',
      `vault ${path} was sealed with master key ${file.key.master}; the key given is ${master.id}. Give the right key; the file was not changed. If that key is lost, the secrets cannot be read: move the file away and set them again.`,
    );
  const data = {
    id: file.key.id,
    bytes: unseal(master.bytes, file.key.sealed, dataKeyLabel(file.key.id)) ?? damaged(path, 'its data key does not open with this master key'),
  };
  if (unseal(data.bytes, file.seal, sealLabel(file.key.id, file.entries)) === undefined) damaged(path, 'its set of entries is not the one that was sealed');
  const entries = new Map<string, string>();
  for (const [name, entry] of Object.entries(file.entries))
    entries.set(name, (unseal(data.bytes, entry, entryLabel(file.key.id, name)) ?? damaged(path, `secret "${name}" does not open`)).toString('utf8'));
  return { master, data, entries };
}

function parseFile(path: string, text: string): VaultFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return damaged(path, `its ${text.length} characters are not JSON, as after a cut`);
  }
  const parsed = vaultFile.safeParse(value);
  return parsed.success ? parsed.data : damaged(path, z.prettifyError(parsed.error));
}

function damaged(path: string, why: string): never {
  throw new Fault('misconfigured', `vault ${path} is damaged: ${why}. The file was not changed; restore it from a backup.`);
}

/** The whole file anew: every entry with a nonce of its own. */
function sealFile({ master, data, entries }: Opened): string {
  const sealedEntries = Object.fromEntries(
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, seal(data.bytes, Buffer.from(value, 'utf8'), entryLabel(data.id, name))]),
  );
  const file: VaultFile = {
    format: 'linchpin-vault',
    version: 1,
    key: { id: data.id, master: master.id, sealed: seal(master.bytes, data.bytes, dataKeyLabel(data.id)) },
    entries: sealedEntries,
    seal: seal(data.bytes, Buffer.alloc(0), sealLabel(data.id, sealedEntries)),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

const dataKeyLabel = (id: string): string => `linchpin vault data key ${id}`;
const entryLabel = (id: string, name: string): string => `linchpin vault entry ${id} ${name}`;
const sealLabel = (id: string, entries: Readonly<Record<string, Sealed>>): string => `linchpin vault entries ${id} ${canonicalJson(entries)}`;

function newDataKey(): Opened['data'] {
  return { id: randomBytes(8).toString('hex'), bytes: randomBytes(32) };
}

/** AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D); `label` says what is sealed, so that one entry cannot be put in the place of another. */
function seal(key: Buffer, plain: Buffer, label: string): Sealed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(Buffer.from(label, 'utf8'));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce: nonce.toString('base64'), data: data.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
}

/** The plain bytes, or undefined where key, label or any bit is not the one that was sealed. */
function unseal(key: Buffer, { nonce, data, tag }: Sealed, label: string): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), { authTagLength: 16 })
      .setAAD(Buffer.from(label, 'utf8'))
      .setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]);
  } catch {
    return undefined;
  }
}

function checkName(name: string): string {
  if (name.length > vaultLimits.nameLength || !namePattern.test(name) || name === '__proto__')
    throw new Fault(
      'misconfigured',
      `"${name.slice(0, 40)}" cannot be the name of a secret: letters, digits, dot, hyphen, underscore and slash are taken, up to ${vaultLimits.nameLength}`,
    );
  return name;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new Fault('misconfigured', `reading vault ${path} answered ${codeOf(cause)}`, { cause });
  }
}

/** New file beside the old one, synced, then renamed over it: at any moment one of the two is whole. Only the owner may read it. */
async function replaceFile(path: string, text: string, onStep: (step: ReplaceStep) => void): Promise<void> {
  const beside = `${path}.new`;
  try {
    await rm(beside, { force: true });
    {
      await using file = await open(beside, 'wx', 0o600);
      onStep('opened');
      await file.writeFile(text);
      onStep('written');
      await file.sync();
    }
    onStep('synced');
    await rename(beside, path);
    onStep('renamed');
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch (cause) {
    if (codeOf(cause) === 'unknown') throw cause;
    throw new Fault('misconfigured', `writing vault ${path} answered ${codeOf(cause)}; the secrets are as before`, { cause });
  }
}

/** One writer at a time, also between processes of one machine. A lock whose process is gone is taken over. */
async function underLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  for (let attempt = 0; !(await takeLock(lock)); attempt++) {
    if (attempt >= vaultLimits.lockTries) throw new Fault('locked', `vault ${path} is being changed by another process; if none is, remove ${lock}`);
    await wait(vaultLimits.lockWaitMs);
  }
  try {
    return await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await using file = await open(lock, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    return true;
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw new Fault('misconfigured', `locking the vault by ${lock} answered ${codeOf(cause)}`, { cause });
  }
  const holder = Number(await readText(lock));
  if (Number.isInteger(holder) && holder > 0 && !alive(holder)) await rm(lock, { force: true });
  return false;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
