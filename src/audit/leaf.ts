import * as z from 'zod';
import { Fault } from '#base/fault';
import { canonicalJson, type JsonObject } from '#base/json';
import type { AuditLeaf, StoreReads } from '#store/port';
import { leafHash } from '#audit/tree';

/** What is worth keeping for ever, in the words of screens and reports. */
export const auditKinds = {
  data: { title: 'Data changed' },
  decision: { title: 'Decision made' },
  configuration: { title: 'Configuration changed' },
  human: { title: 'A person acted' },
  access: { title: 'Protected data read' },
  refusal: { title: 'Refused' },
  start: { title: 'Process started' },
  stop: { title: 'Process stopped' },
  checkpoint: { title: 'Checkpoint signed' },
} as const;

/** A kind of audit record: a row of the table. */
export type AuditKind = keyof typeof auditKinds;

/** A leaf as the store keeps it. */
export type AuditRow = Awaited<ReturnType<StoreReads['auditLeaves']>>[number];

/** What a leaf says. */
export interface AuditStatement {
  /** The person, or `linchpin`. */
  readonly actor: string;
  readonly kind: string;
  /** What it is about: a lane, an operation, a setting. */
  readonly subject: string;
  readonly body: JsonObject;
}

/** A leaf to commit with the data it is about. Actor, kind and subject are part of the hashed text, so that no column can be changed alone. */
export function auditLeaf(statement: AuditStatement): AuditLeaf {
  const { actor, kind, subject, body } = statement;
  if (!Object.hasOwn(auditKinds, kind))
    throw new Fault('rejected', `audit record about "${subject}": there is no kind "${kind}"; known are ${Object.keys(auditKinds).join(', ')}`);
  if (actor === '') throw new Fault('rejected', `audit record about "${subject}": nobody is named as its actor`);
  const text = canonicalJson({ actor, kind, subject, body });
  return { actor, kind, subject, body: text, hash: leafHash(text).toString('hex') };
}

const statementText = z.strictObject({ actor: z.string(), kind: z.string(), subject: z.string(), body: z.record(z.string(), z.json()) });

/** What a stored leaf says, from its hashed text; undefined where that text is not a statement in canonical JSON. */
export function readStatement(text: string): AuditStatement | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const parsed = statementText.safeParse(value);
    if (!parsed.success || canonicalJson(value) !== text) return undefined;
    return parsed.data as AuditStatement; // zod's JSON is our JSON, with mutable lists.
  } catch {
    return undefined;
  }
}

/** What is wrong with a leaf as it stands, in words; undefined where its columns, text and hash agree. */
export function leafProblem(leaf: AuditLeaf): string | undefined {
  if (leafHash(leaf.body).toString('hex') !== leaf.hash) return 'its text does not have the hash that was stored with it';
  const statement = readStatement(leaf.body);
  if (!statement) return 'its text is not a statement in canonical JSON';
  for (const column of ['actor', 'kind', 'subject'] as const) {
    if (statement[column] !== leaf[column])
      return `its ${column} is stored as "${leaf[column].slice(0, 80)}", but its text says "${statement[column].slice(0, 80)}"`;
  }
  return undefined;
}
