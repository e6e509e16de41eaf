import { createHash, randomBytes } from 'node:crypto';

/** Creates a secret of 256 random bits, as base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** The hash that is stored, so that a reader of the database cannot use the secret. Random secrets need no salt. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
