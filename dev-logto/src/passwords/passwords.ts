import { PasswordPolicyChecker } from '@logto/core-kit';
import { hash, verify } from '@node-rs/argon2';
import type { User } from '../tenant/types.js';

/** `Algorithm.Argon2i`, which isolatedModules cannot import because it is an ambient const enum. */
const ARGON2I = 1 as number;

/** Argon2 parameters (RFC 9106 section 3.1). */
export interface PasswordCost {
  /** KiB. */
  memoryCost: number;
  /** Passes. */
  timeCost: number;
}

/** Takes about 1 ms. A real Logto uses `{ memoryCost: 4096, timeCost: 256 }`, about 80 ms. */
const defaultPasswordCost: PasswordCost = { memoryCost: 1024, timeCost: 2 };

/** Passwords to report as breached, because dev-logto does not call Logto's online breached-password service. */
const BREACHED = new Set(
  '123456 12345678 123456789 password password1 Password1 Password123 P@ssw0rd passw0rd qwerty123 qwertyuiop iloveyou1 letmein123 welcome1 admin123 football1 monkey123 dragon123 sunshine1 princess1 trustno1 abc12345'.split(
    ' ',
  ),
);

class LocalPolicyChecker extends PasswordPolicyChecker {
  isServiceDown = false;

  override async hasBeenPwned(password: string): Promise<boolean> {
    if (this.isServiceDown) throw new TypeError('fetch failed');
    return BREACHED.has(password);
  }
}

export interface PasswordIssue {
  code: string;
  interpolation?: Record<string, unknown>;
}

/** Hashes passwords with Argon2, off the event loop, and checks them with Logto's own policy checker. */
export class Passwords {
  constructor(private readonly cost: PasswordCost = defaultPasswordCost) {}

  /** Returns the hash as a PHC string. */
  hash = (password: string): Promise<string> => hash(password, { algorithm: ARGON2I, parallelism: 1, ...this.cost });

  /** Returns false for a wrong password and for a user without a password. */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    return passwordHash !== null && (await verify(passwordHash, password));
  }

  /**
   * Returns the rules of the policy that the password breaks. Rejects with a TypeError if the policy needs user
   * information and no user is given, or if it rejects breached passwords and `isServiceDown` is set.
   */
  async check(password: string, policy: object, user?: User, isServiceDown = false): Promise<PasswordIssue[]> {
    const checker = new LocalPolicyChecker(policy);
    checker.isServiceDown = isServiceDown;
    return checker.check(
      password,
      user && {
        name: user.name ?? '',
        username: user.username ?? '',
        email: user.primaryEmail ?? '',
        phoneNumber: user.primaryPhone ?? '',
      },
    );
  }
}
