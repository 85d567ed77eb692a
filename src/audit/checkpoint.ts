import { isoTime } from '#base/clock';
import { Fault } from '#base/fault';
import { sha256 } from '#base/json';
import type { PublicKey, SigningKey } from '#audit/key';
import type { Hash } from '#audit/tree';

/** The log in which checkpoints themselves are kept, in order. It is covered by checkpoints like every other log. */
export const checkpointLog = 'checkpoints';
/** Logs in one checkpoint. */
export const mostLogs = 10_000;
/** Characters of one checkpoint. */
export const longestNote = 4_000_000;

/** A log as it stood: its first `size` records have this root, and their times and lanes this digest. */
export interface Head {
  readonly log: string;
  readonly size: number;
  readonly root: Hash;
  readonly rows: Hash;
}

/** What a checkpoint says. */
export interface Statement {
  readonly at: number;
  /** SHA-256 of the checkpoint before, as hex; empty for the first. */
  readonly previous: string;
  /** One per log, by name. */
  readonly heads: readonly Head[];
}

/** A signed statement. */
export interface Checkpoint extends Statement {
  /** The whole text with its signature: all that needs to be kept. */
  readonly note: string;
  /** SHA-256 of `note`. */
  readonly hash: string;
  readonly signer: PublicKey;
}

const firstLine = 'linchpin audit checkpoint 1';

/** Signs a statement. The envelope (text, empty line, signature line) is that of C2SP signed-note, so that other tools can check the signature. */
export function signCheckpoint(statement: Statement, key: SigningKey): string {
  const text = write(statement);
  const id = key.publicText.split('+')[1] ?? '';
  return `${text}\n\u2014 ${key.name} ${Buffer.concat([Buffer.from(id, 'hex'), key.sign(text)]).toString('base64')}\n`;
}

/** Reads a checkpoint and verifies its signature by one of the trusted keys. Refuses anything but the one way to write it. */
export function readCheckpoint(note: string, trusted: readonly PublicKey[]): Checkpoint {
  if (note.length > longestNote) throw refusal(`it has ${note.length} characters; at most ${longestNote} are taken`);
  const [, text = '', name = '', encoded = ''] = /^(.*?\n)\n\u2014 (\S+) ([A-Za-z0-9+/=]+)\n$/s.exec(note) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 68 || bytes.toString('base64') !== encoded) throw refusal('it has no signature line of 68 bytes');
  const id = bytes.subarray(0, 4).toString('hex');
  const signer = trusted.find((key) => key.name === name && key.id === id);
  if (!signer) throw refusal(`it is signed by "${name}" with key ${id}, which is not a trusted key`);
  if (!signer.verifies(text, bytes.subarray(4))) throw refusal(`its signature by "${name}" does not fit its text`);
  const statement = read(text);
  if (write(statement) !== text) throw refusal('it is not written in the one agreed way');
  return { ...statement, note, hash: noteHash(note), signer };
}

/** By what the next checkpoint names this one. */
export function noteHash(note: string): string {
  return sha256(note);
}

function write({ at, previous, heads }: Statement): string {
  const lines = heads.map(({ log, size, root, rows }) => `log ${encodeURIComponent(log)} ${size} ${root.toString('base64')} ${rows.toString('base64')}\n`);
  return `${firstLine}\ntime ${isoTime(at)}\nprevious ${previous || 'none'}\n${lines.join('')}`;
}

function read(text: string): Statement {
  const [first, time = '', previous = '', ...rest] = text.split('\n');
  if (first !== firstLine) throw refusal(`it begins with "${first?.slice(0, 60) ?? ''}" instead of "${firstLine}"`);
  const at = Date.parse(time.slice('time '.length));
  const link = /^previous (none|[0-9a-f]{64})$/.exec(previous)?.[1];
  if (!Number.isFinite(at) || link === undefined) throw refusal('its time or its link to the checkpoint before cannot be read');
  const lines = rest.slice(0, -1);
  if (lines.length > mostLogs) throw refusal(`it names ${lines.length} logs; at most ${mostLogs} are taken`);
  const heads = lines.map(readHead);
  for (const [index, head] of heads.entries()) {
    const before = heads[index - 1];
    if (before && !(before.log < head.log)) throw refusal(`log "${head.log}" is named twice or out of order`);
  }
  return { at, previous: link === 'none' ? '' : link, heads };
}

function readHead(line: string): Head {
  const [, log, digits, root, rows] = /^log (\S+) (0|[1-9][0-9]{0,15}) ([A-Za-z0-9+/]{43}=) ([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
  const size = Number(digits);
  if (log === undefined || root === undefined || rows === undefined || !Number.isSafeInteger(size))
    throw refusal(`"${line.slice(0, 80)}" is not a log with size and roots`);
  try {
    return { log: decodeURIComponent(log), size, root: Buffer.from(root, 'base64'), rows: Buffer.from(rows, 'base64') };
  } catch (cause) {
    throw refusal(`"${log.slice(0, 80)}" is not the name of a log`, cause);
  }
}

function refusal(why: string, cause?: unknown): Fault {
  return new Fault('rejected', `checkpoint refused: ${why}`, { cause });
}
