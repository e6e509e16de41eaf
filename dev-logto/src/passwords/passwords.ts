import { hash, verify } from '@node-rs/argon2';

/** `Algorithm.Argon2i`: an ambient const enum, out of reach under isolatedModules. */
const ARGON2I = 1;

/** Argon2 parameters (RFC 9106 section 3.1). */
export interface PasswordCost {
  /** KiB. */
  memoryCost: number;
  /** Passes. */
  timeCost: number;
}

/** About a millisecond. Logto's own, some 80 ms, is `{ memoryCost: 4096, timeCost: 256 }`. */
export const defaultPasswordCost: PasswordCost = { memoryCost: 1024, timeCost: 2 };

/** Argon2 hashing on libuv's threads: the event loop goes on. */
export class Passwords {
  constructor(private readonly cost: PasswordCost = defaultPasswordCost) {}

  /** A PHC string. */
  hash = (password: string): Promise<string> =>
    hash(password, { algorithm: ARGON2I as number, parallelism: 1, ...this.cost });

  /** False also when there is no hash. */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    return passwordHash !== null && (await verify(passwordHash, password));
  }
}
