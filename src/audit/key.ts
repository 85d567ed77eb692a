import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { Fault } from '#base/fault';
import { referenceTo, type Vault } from '#store/vault';

/** Signs checkpoints. The private half never leaves the object. */
export interface SigningKey {
  readonly name: string;
  /** The public half as text: name, key id and key joined by `+`. To be kept wherever checkpoints are verified. */
  readonly publicText: string;
  sign(text: string): Buffer;
}

/** Verifies checkpoints. */
export interface PublicKey {
  readonly name: string;
  readonly id: string;
  readonly text: string;
  verifies(text: string, signature: Buffer): boolean;
}

/** Where the private key is kept: the vault, in production. */
export interface KeySafe {
  load(): Promise<string | undefined>;
  save(secret: string): Promise<void>;
}

/** The vault as the safe of a signing key. */
export function keyInVault(vault: Pick<Vault, 'get' | 'set' | 'list'>, name: string): KeySafe {
  return {
    load: async () => ((await vault.list()).includes(name) ? (await vault.get(referenceTo(name))).reveal() : undefined),
    save: (secret) => vault.set(name, secret),
  };
}

/** Loads the key, or creates and keeps one where there is none yet. */
export async function openKey(safe: KeySafe, name: string): Promise<SigningKey> {
  const kept = await safe.load();
  if (kept !== undefined) return readKey(kept);
  const secret = createKey(name);
  await safe.save(secret);
  return readKey(secret);
}

/** A new Ed25519 private key as a text for the safe: its name and PKCS 8. */
export function createKey(name: string): string {
  checkName(name);
  const { privateKey } = generateKeyPairSync('ed25519');
  return `${name}+${privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')}`;
}

/** The key from the safe's text. The message of a refusal never shows the text. */
export function readKey(secret: string): SigningKey {
  const [name = '', body = ''] = secret.trim().split(/\+(.*)/s);
  checkName(name);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: Buffer.from(body, 'base64'), format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new Fault('misconfigured', `audit signing key "${name}": what the vault holds is not a private key in PKCS 8`, { cause });
  }
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new Fault('misconfigured', `audit signing key "${name}": Ed25519 is needed, the vault holds ${privateKey.asymmetricKeyType ?? 'another kind'}`);
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { name, publicText: publicText(name, raw), sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey) };
}

/** A public key from its text; refused where the key id does not belong to it. */
export function readPublicKey(text: string): PublicKey {
  const [, name = '', id = '', body = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length !== 33 || bytes[0] !== 1 || publicText(name, bytes.subarray(1)) !== text.trim())
    throw new Fault('misconfigured', `"${text.slice(0, 80)}" is not the public key of an audit log (name+key id+key)`);
  const key = createPublicKey({ key: Buffer.concat([spkiHead, bytes.subarray(1)]), format: 'der', type: 'spki' });
  return { name, id, text: text.trim(), verifies: (signed, signature) => verify(null, Buffer.from(signed, 'utf8'), key, signature) };
}

/** Four bytes that tell keys apart in a signature line: from SHA-256 over name, line feed, 0x01 (Ed25519) and key, as in the signed-note format (C2SP signed-note). */
export function keyId(name: string, raw: Uint8Array): string {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([1]))
    .update(raw)
    .digest('hex')
    .slice(0, 8);
}

function publicText(name: string, raw: Buffer): string {
  return `${name}+${keyId(name, raw)}+${Buffer.concat([Buffer.from([1]), raw]).toString('base64')}`;
}

/** What stands before the 32 bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410). */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

function checkName(name: string): void {
  if (!/^[a-z0-9][a-z0-9./-]{0,99}$/i.test(name))
    throw new Fault(
      'misconfigured',
      `audit signing key: "${name.slice(0, 40)}" cannot be its name; letters, digits, dot, slash and hyphen are taken, up to 100`,
    );
}
