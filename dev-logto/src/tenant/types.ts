import type { JWK } from 'jose';

export type JsonObject = Record<string, unknown>;

/** OpenID Connect standard claims that Logto stores in `profile`. */
export interface UserProfile {
  familyName?: string;
  givenName?: string;
  middleName?: string;
  nickname?: string;
  preferredUsername?: string;
  profile?: string;
  website?: string;
  gender?: string;
  birthdate?: string;
  zoneinfo?: string;
  locale?: string;
  address?: {
    formatted?: string;
    streetAddress?: string;
    locality?: string;
    region?: string;
    postalCode?: string;
    country?: string;
  };
}

export interface Identity {
  userId: string;
  details?: JsonObject;
}

export interface MfaVerification {
  id: string;
  type: 'Totp' | 'BackupCode' | 'WebAuthn';
  createdAt: string;
  name?: string;
  lastUsedAt?: string;
  /** TOTP: the shared secret. */
  key?: string;
  /** Backup codes. `usedAt` is set once a code has been used. */
  codes?: { code: string; usedAt?: string }[];
  /** WebAuthn: the browser that registered it. */
  agent?: string;
}

/** A user as stored. `management-api/user-view.ts` selects the fields that the API returns. */
export interface User {
  id: string;
  username: string | null;
  primaryEmail: string | null;
  primaryPhone: string | null;
  name: string | null;
  avatar: string | null;
  customData: JsonObject;
  identities: Record<string, Identity>;
  ssoIdentities: JsonObject[];
  profile: UserProfile;
  applicationId: string | null;
  isSuspended: boolean;
  /** Milliseconds since the epoch, like all times in this file. */
  lastSignInAt: number | null;
  createdAt: number;
  updatedAt: number;
  /** PHC string, or null for a user without a password. */
  passwordHash: string | null;
  mfaVerifications: MfaVerification[];
  logtoConfig: JsonObject;
  roleIds: string[];
  personalAccessTokens: PersonalAccessToken[];
}

export type ApplicationType = 'Native' | 'SPA' | 'Traditional' | 'MachineToMachine';

export interface ApplicationSecret {
  name: string;
  value: string;
  createdAt: number;
  expiresAt: number | null;
}

export interface Application {
  id: string;
  name: string;
  description: string | null;
  type: ApplicationType;
  oidcClientMetadata: {
    redirectUris: string[];
    postLogoutRedirectUris: string[];
    backchannelLogoutUri?: string;
    backchannelLogoutSessionRequired?: boolean;
  };
  customClientMetadata: {
    corsAllowedOrigins?: string[];
    idTokenTtl?: number;
    refreshTokenTtlInDays?: number;
    rotateRefreshToken?: boolean;
    alwaysIssueRefreshToken?: boolean;
    allowTokenExchange?: boolean;
  };
  isThirdParty: boolean;
  customData: JsonObject;
  createdAt: number;
  secrets: ApplicationSecret[];
  /** Roles of a machine-to-machine application. */
  roleIds: string[];
}

export interface Scope {
  id: string;
  name: string;
  description: string | null;
  createdAt: number;
}

/** An API resource, for which applications request access tokens. */
export interface Resource {
  id: string;
  name: string;
  /** The `resource` parameter and the `aud` claim (RFC 8707). */
  indicator: string;
  isDefault: boolean;
  /** Seconds. */
  accessTokenTtl: number;
  scopes: Scope[];
}

export interface Role {
  id: string;
  name: string;
  description: string;
  type: 'User' | 'MachineToMachine';
  isDefault: boolean;
  scopeIds: string[];
}

export interface Connector {
  id: string;
  type: 'Email' | 'Sms' | 'Social';
  /** Social: the identity target, such as `github`. */
  target: string;
  connectorId: string;
  /** Usage types for which this connector has a message template. */
  templates: string[];
}

export interface Hook {
  id: string;
  tenantId: 'default';
  name: string;
  event: string | null;
  events: string[];
  config: { url: string; headers?: Record<string, string>; retries?: number };
  signingKey: string;
  enabled: boolean;
  createdAt: number;
}

/** An email or text message that the tenant sent. It is shown in the mailbox and not delivered. */
export interface SentMessage {
  id: string;
  channel: 'email' | 'sms';
  to: string;
  usageType: string;
  code: string;
  createdAt: number;
}

/** The latest code sent to an address. Sending another code replaces it. */
export interface VerificationCode {
  code: string;
  createdAt: number;
  /** Number of wrong codes entered. */
  tries: number;
  consumed: boolean;
}

export interface PersonalAccessToken {
  tenantId: 'default';
  userId: string;
  name: string;
  value: string;
  createdAt: number;
  expiresAt: number | null;
}

export interface SubjectToken {
  id: string;
  userId: string;
  context: JsonObject;
  expiresAt: number;
  consumedAt: number | null;
}

/** Data that Logto stores about a session in addition to oidc-provider's, keyed by the session's `uid`. */
export interface SessionExtension {
  clientId: string;
  lastSubmission: JsonObject;
}

/** One of the tenant's signing keys. */
export interface SigningKey {
  /** The `kid`. */
  id: string;
  privateJwk: JWK;
  publicJwk: JWK;
  signingAlgorithm: 'ES384' | 'RS256';
  /** `Next`: published, but not signing yet. */
  status: 'Current' | 'Previous' | 'Next';
  createdAt: number;
  /** When a `Next` key starts signing. */
  effectiveAt?: number;
}

/** `GET /api/sign-in-exp`. dev-logto applies only the policies; other settings are stored and returned. */
export interface SignInExperience extends JsonObject {
  passwordPolicy: JsonObject;
  usernamePolicy: JsonObject;
  emailBlocklistPolicy: JsonObject;
  verificationCodePolicy: { expirationDuration?: number; maxRetryAttempts?: number };
  sentinelPolicy: JsonObject;
}
