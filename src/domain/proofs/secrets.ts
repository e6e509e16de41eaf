import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as base64url: nothing to guess. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of such a secret, so that a reader of the database cannot use it. It is random: no salt is needed. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
