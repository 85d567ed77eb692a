import { createHash } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Crockford base 32 of the first bits of SHA-256: upper-case, no I L O U, safe in every vendor's reference field. */
export function shortHash(text: string, length: number): string {
  const digest = createHash('sha256').update(text).digest();
  let out = '';
  for (let i = 0; i < length; i++) {
    const bit = i * 5;
    const pair = (digest[bit >> 3]! << 8) | (digest[(bit >> 3) + 1] ?? 0);
    out += alphabet[(pair >> (11 - (bit & 7))) & 31];
  }
  return out;
}

/** The 16 characters by which an operation is found again in a target: fits the shortest reference field we rely on (SAP `ReferenceDocument`, 16). 70 bits of hash. */
export function operationReference(operationKey: string): string {
  return `LP${shortHash(operationKey, 14)}`;
}

/** A number in [0, buckets) that depends on the text alone: the shard of a lane. */
export function bucketOf(text: string, buckets: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % buckets;
}
