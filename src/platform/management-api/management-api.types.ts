import type { JsonObject } from '../json/json.js';

/** Where a code goes: exactly one. Phones are E.164 digits without `+`, as Logto stores them. */
export type CodeRecipient = { readonly email: string } | { readonly phone: string };

/** Why a password breaks the tenant's policy, as Logto names it: `password_rejected.too_short`, with its figures. */
export interface PasswordIssue {
  code: string;
  interpolation?: Record<string, unknown>;
}

export interface PasswordCheck {
  valid: boolean;
  issues: PasswordIssue[];
  /** Logto could not judge, since its breached-password service is down: `valid` and `issues` say nothing. */
  unavailable?: true;
}

/** A browser session at Logto. Times in milliseconds since the epoch. */
export interface LogtoSession {
  /** Names the session in Logto's URLs; neither its `jti` nor a `sid`. */
  uid: string;
  signedInAt: number;
  clientId: string | null;
  ip: string | null;
  userAgent: string | null;
  /** By client id: the `sid` that its ID tokens carry, and the grant. */
  authorizations: Record<string, { sid?: string; grantId?: string }>;
}

/** `at`: when they were listed, in seconds since the epoch by Logto's clock. */
export interface ListedSessions {
  readonly sessions: LogtoSession[];
  readonly at: number;
}

/** What an application was granted; refresh tokens live as long as it does. */
export interface LogtoGrant {
  id: string;
}

export interface LogtoIdentities {
  socialIdentities: { target: string; identity: { userId: string; details?: JsonObject } }[];
  ssoIdentities: { ssoIdentity: { issuer: string; detail?: JsonObject } }[];
}

export interface LogtoMfaFactor {
  id: string;
  /** ISO 8601 */
  createdAt: string;
  lastUsedAt?: string | null;
  type: string;
  /** WebAuthn: the user's name for it. */
  name?: string | null;
  /** BackupCode: how many are left. */
  remainCodes?: number;
}

/** The response of `GET /api/sign-in-exp`, as far as this service reads it. An absent rule has Logto's default. */
export interface SignInExperience {
  passwordPolicy: {
    length?: { min?: number; max?: number };
    characterTypes?: { min?: number };
    rejects?: { pwned?: boolean; repetitionAndSequence?: boolean; userInfo?: boolean; words?: string[] };
  };
  usernamePolicy?: {
    caseSensitive: boolean;
    minLength: number;
    maxLength: number;
    allowedChars: { lowercase: boolean; uppercase: boolean; numbers: boolean; underscore: boolean };
  };
  emailBlocklistPolicy?: {
    blockDisposableAddresses?: boolean;
    blockSubaddressing?: boolean;
    customAllowlist?: string[];
    customBlocklist?: string[];
  };
  /** Seconds, and tries. */
  verificationCodePolicy?: { expirationDuration?: number; maxRetryAttempts?: number };
}
