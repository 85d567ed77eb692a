import type * as z from 'zod';

/** A way to prove who we are. `fields` drives the form, the encryption at rest, and the redaction of logs. */
export interface Auth<F extends z.ZodObject = z.ZodObject> {
  readonly scheme: 'none' | 'basic' | 'apiKey' | 'bearer' | 'oauth2-client' | 'certificate';
  readonly title: string;
  readonly fields: F;
  /** Opens a signer for one connection: it may hold a token and refresh it. `send` reaches the network unsigned. */
  open(context: AuthContext): Signer;
}

export interface AuthContext {
  readonly credential: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly send: (request: Request) => Promise<Response>;
  now(): number;
}

export interface Signer {
  sign(request: Request): Promise<Request>;
  /** The system answered 401: forget tokens. True if signing again may help. */
  refused(): boolean;
}
