import { randomInt } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A random id in Logto's alphabet: 12 characters for users and connectors, 21 for all else. */
export const generateId = (length: 12 | 21 = 21): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** The key that signs a hook's requests: 32 characters, as Logto makes it. */
export const generateSigningKey = (): string =>
  Array.from({ length: 32 }, () => {
    const letter = ALPHABET[randomInt(ALPHABET.length)]!;
    return randomInt(2) === 0 ? letter : letter.toUpperCase();
  }).join('');
