import * as z from 'zod';
import { Fault } from '#base/fault';
import { readCheckpoint, type Checkpoint } from '#audit/checkpoint';
import { readPublicKey } from '#audit/key';
import { readStatement, type AuditStatement } from '#audit/leaf';
import { leafHash, verifyInclusion } from '#audit/tree';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

/** One record with all that is needed to prove it: a file of a few kilobytes. */
const evidence = z.strictObject({
  format: z.literal('linchpin-audit-evidence'),
  version: z.literal(1),
  key: z.string(),
  log: z.string(),
  index: z.int().nonnegative(),
  size: z.int().positive(),
  body: z.string(),
  proof: z.array(hex).max(60),
  checkpoint: z.string(),
});
export type Evidence = z.infer<typeof evidence>;

/** What evidence proves: this was said, at this place of this log, before this checkpoint was signed. */
export interface Proven {
  readonly log: string;
  readonly index: number;
  readonly statement: AuditStatement;
  readonly checkpoint: Checkpoint;
  /** False where the key was taken from the evidence itself: compare it with the one you know. */
  readonly keyKnown: boolean;
}

/** Longest evidence file, in characters. */
export const longestEvidence = 20_000_000;

/** The evidence as a file. */
export function writeEvidence(value: Evidence): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Verifies an evidence file without a server; `keys` are the public keys you trust. Refused where anything does not hold. */
export function verifyEvidence(text: string, keys: readonly string[] = []): Proven {
  const read = parse(text);
  const checkpoint = readCheckpoint(read.checkpoint, (keys.length > 0 ? keys : [read.key]).map(readPublicKey));
  if (checkpoint.signer.text !== read.key)
    throw refusal(`it names the key ${read.key.slice(0, 80)}, but its checkpoint is signed by ${checkpoint.signer.text}`);
  const head = checkpoint.heads.find(({ log }) => log === read.log);
  if (!head || head.size !== read.size) throw refusal(`its checkpoint signs ${head?.size ?? 0} records of log "${read.log}", not ${read.size}`);
  const proof = read.proof.map((hash) => Buffer.from(hash, 'hex'));
  if (!verifyInclusion({ index: read.index, size: head.size, leaf: leafHash(read.body), proof, root: head.root }))
    throw refusal(`record ${read.index} of log "${read.log}" does not lead to the signed root: the record, its place or its proof was changed`);
  const statement = readStatement(read.body);
  if (!statement) throw refusal(`record ${read.index} of log "${read.log}" is not a statement in canonical JSON`);
  return { log: read.log, index: read.index, statement, checkpoint, keyKnown: keys.length > 0 };
}

function parse(text: string): Evidence {
  if (text.length > longestEvidence) throw refusal(`it has ${text.length} characters; at most ${longestEvidence} are taken`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refusal('it is not JSON', cause);
  }
  const parsed = evidence.safeParse(value);
  if (!parsed.success) throw refusal(z.prettifyError(parsed.error));
  if (writeEvidence(parsed.data) !== text) throw refusal('it is not written in the one agreed way');
  return parsed.data;
}

function refusal(why: string, cause?: unknown): Fault {
  return new Fault('rejected', `evidence refused: ${why}`, { cause });
}
