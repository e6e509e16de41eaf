import { PasswordPolicyChecker } from '@logto/core-kit';
import { hash, verify } from '@node-rs/argon2';
import type { User } from '../tenant/types.js';

/** `Algorithm.Argon2i`: an ambient const enum, out of reach under isolatedModules. */
const ARGON2I = 1 as number;

/** Argon2 parameters (RFC 9106 section 3.1). */
export interface PasswordCost {
  /** KiB. */
  memoryCost: number;
  /** Passes. */
  timeCost: number;
}

/** About a millisecond. Logto's own is `{ memoryCost: 4096, timeCost: 256 }`, some 80 ms. */
const defaultPasswordCost: PasswordCost = { memoryCost: 1024, timeCost: 2 };

/** What the breached-password service would know. Nobody is asked over the network. */
const BREACHED = new Set(
  '123456 12345678 123456789 password password1 Password1 Password123 P@ssw0rd passw0rd qwerty123 qwertyuiop iloveyou1 letmein123 welcome1 admin123 football1 monkey123 dragon123 sunshine1 princess1 trustno1 abc12345'.split(
    ' ',
  ),
);

class LocalPolicyChecker extends PasswordPolicyChecker {
  serviceDown = false;

  override async hasBeenPwned(password: string): Promise<boolean> {
    if (this.serviceDown) throw new TypeError('fetch failed');
    return BREACHED.has(password);
  }
}

export interface PasswordIssue {
  code: string;
  interpolation?: Record<string, unknown>;
}

/** Argon2 hashing on libuv's threads, so that the event loop goes on; and Logto's own policy checker. */
export class Passwords {
  constructor(private readonly cost: PasswordCost = defaultPasswordCost) {}

  /** A PHC string. */
  hash = (password: string): Promise<string> => hash(password, { algorithm: ARGON2I, parallelism: 1, ...this.cost });

  /** False also when there is no hash. */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    return passwordHash !== null && (await verify(passwordHash, password));
  }

  /**
   * What the policy has against a password. Throws a TypeError when the policy looks at user information
   * and no user is given, or when breached passwords are rejected and the service for it is down.
   */
  async check(password: string, policy: object, user?: User, serviceDown = false): Promise<PasswordIssue[]> {
    const checker = new LocalPolicyChecker(policy);
    checker.serviceDown = serviceDown;
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
