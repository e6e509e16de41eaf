import { randomInt } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Generates a random id in Logto's format: 12 characters for users and connectors, 21 for everything else. */
export const generateId = (length: 12 | 21 = 21): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** Generates a signing key for a webhook: 32 letters and digits, as in Logto. */
export const generateSigningKey = (): string =>
  Array.from({ length: 32 }, () => {
    const letter = ALPHABET[randomInt(ALPHABET.length)]!;
    return randomInt(2) === 0 ? letter : letter.toUpperCase();
  }).join('');
