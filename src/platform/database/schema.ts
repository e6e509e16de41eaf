import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  varchar,
} from 'drizzle-orm/pg-core';
import { PROOF_KINDS } from '../errors/proof-kinds.js';
import type { Json, JsonObject } from '../json/json.js';

/** What a code was sent for: to the account's own email or phone, or to another address. */
export const CODE_PURPOSES = ['primaryEmail', 'primaryPhone', 'address'] as const;

/** What a line of activity can record. */
export const ACTIVITY_ACTIONS = [
  'profile_changed',
  'field_revealed',
  'password_changed',
  'sessions_ended',
  'identity_removed',
  'factor_removed',
] as const;

/** A schema of its own: the database may be shared with the app. */
export const logtoProfile = pgSchema('logto_profile');

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** The user row's epoch when the proof, code or challenge was created. It is valid only while the row has the same epoch. */
const securityEpoch = () => bigint('security_epoch', { mode: 'number' }).notNull().default(0);

/** A sensitive value as stored. */
export interface EncryptedJson {
  /** A compact JWE (RFC 7516). */
  readonly jwe: string;
  /** What is shown of the value, computed when it was written. */
  readonly mask: string;
}

/** Values of fields that the row keeps, by field name. A field is in one of the two; null is a cleared one. */
export interface RowValues {
  readonly plain: Readonly<Record<string, Json>>;
  readonly encrypted: Readonly<Record<string, EncryptedJson>>;
}

/**
 * One row per user: the fields in this database, the versions of both parts, and at most one pending change. The row is created when
 * the user is first read or changed.
 */
export const profileUser = logtoProfile.table(
  'profile_user',
  {
    userId: text('user_id').primaryKey(),
    fields: jsonb('fields').$type<RowValues['plain']>().notNull().default({}),
    encryptedFields: jsonb('encrypted_fields').$type<RowValues['encrypted']>().notNull().default({}),
    /** Bumped by each write to these fields, and by nothing else. */
    fieldsVersion: bigint('fields_version', { mode: 'number' }).notNull().default(0),
    /** Bumped by own changes and Logto's webhooks. A cached user is valid only while the version is the one that it was read under. */
    logtoVersion: bigint('logto_version', { mode: 'number' }).notNull().default(0),
    /** When `logtoVersion` was last bumped. */
    changedAt: instant('changed_at').notNull().defaultNow(),
    /** A random ID of the holder of the lease, which is valid until `leaseUntil`. */
    lease: text('lease'),
    leaseUntil: instant('lease_until'),
    /** When the holder of the lease began its first call that may change Logto's user. Null before that. */
    callStartedAt: instant('call_started_at'),
    /** The pending change: the absolute values to reach in each store. */
    pending: jsonb('pending').$type<JsonObject>(),
    /** Bumped by each recovery: proofs, codes and challenges created under an earlier epoch are void. */
    securityEpoch: securityEpoch(),
    /** Access tokens issued before it are rejected. By Logto's clock, in whole seconds, as `iat` is. */
    tokensValidFrom: instant('tokens_valid_from'),
    /** By client: access tokens issued to it before are rejected. In seconds since the epoch, by Logto's clock. */
    clientCutoffs: jsonb('client_cutoffs').$type<Readonly<Record<string, number>>>().notNull().default({}),
    /** When reconciliation first found that Logto does not know the user. */
    missingSince: instant('missing_since'),
    /** When this service last changed the password, by Logto's clock: Logto's webhook about that change can be ignored. */
    passwordChangedAt: instant('password_changed_at'),
  },
  // Recovery looks for abandoned changes. There are few, so the index stays small.
  (table) => [
    index('profile_user_pending')
      .on(table.leaseUntil)
      .where(sql`${table.pending} is not null`),
  ],
);

/** The Logto tenant whose users these are: one row, written by the first start. */
export const tenant = logtoProfile.table('tenant', {
  singleton: boolean('singleton').primaryKey().default(true),
  issuer: text('issuer').notNull(),
  managementApiResource: text('management_api_resource').notNull(),
});

/** When the last valid webhook of Logto arrived: at most one row. */
export const webhookArrival = logtoProfile.table('webhook_arrival', {
  singleton: boolean('singleton').primaryKey().default(true),
  lastAt: instant('last_at').notNull(),
});

/** When a background job that runs on one replica is due again. */
export const jobRun = logtoProfile.table('job_run', {
  job: text('job').primaryKey(),
  dueAt: instant('due_at').notNull(),
});

/** A proof of identity or of an address. The ID that the client receives is stored hashed. */
export const verificationRecord = logtoProfile.table(
  'verification_record',
  {
    idHash: text('id_hash').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    kind: text('kind', { enum: PROOF_KINDS }).notNull(),
    /** A keyed hash of the address that was verified; null for kinds without one. */
    addressHash: text('address_hash'),
    provesIdentity: boolean('proves_identity').notNull(),
    securityEpoch: securityEpoch(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** Set while a change that uses it is pending, and permanently once it is complete. */
    usedAt: instant('used_at'),
  },
  (table) => [
    index('verification_record_user').on(table.userId),
    index('verification_record_expiry').on(table.expiresAt),
  ],
);

/** A user's latest request for a code to an address. It says nothing about whether a code was sent. */
export const codeRequest = logtoProfile.table(
  'code_request',
  {
    /** A keyed hash of the canonical address. */
    addressHash: text('address_hash').notNull(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    purpose: text('purpose', { enum: CODE_PURPOSES }).notNull(),
    /** Random; another one for each request. */
    id: text('id').notNull(),
    /** The address in the spelling given to Logto, whose comparison does not ignore case. A compact JWE (RFC 7516). */
    encryptedAddress: text('encrypted_address').notNull(),
    securityEpoch: securityEpoch(),
    requestedAt: instant('requested_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** How many codes were tried. */
    attempts: integer('attempts').notNull().default(0),
    /** Set while a code is being compared, so that Logto never compares two codes for the address at the same time. */
    takenAt: instant('taken_at'),
  },
  (table) => [
    primaryKey({ columns: [table.addressHash, table.userId, table.clientId, table.purpose] }),
    index('code_request_user').on(table.userId),
    index('code_request_expiry').on(table.expiresAt),
  ],
);

/** The request whose code Logto has for an address: it keeps one per address, and each new one replaces it. */
export const currentCode = logtoProfile.table(
  'current_code',
  {
    addressHash: text('address_hash').primaryKey(),
    requestId: text('request_id').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('current_code_expiry').on(table.expiresAt)],
);

/** A challenge for a fresh sign-in. The nonce is stored hashed and can be used once. */
export const signInNonce = logtoProfile.table(
  'sign_in_nonce',
  {
    nonceHash: text('nonce_hash').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    securityEpoch: securityEpoch(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [index('sign_in_nonce_expiry').on(table.expiresAt)],
);

/** A change that was made with an `Idempotency-Key`. No personal data: a replay returns the current document. */
export const idempotencyKey = logtoProfile.table(
  'idempotency_key',
  {
    userId: text('user_id').notNull(),
    key: varchar('key', { length: 255 }).notNull(),
    /** A keyed hash of the request's body. */
    requestHash: text('request_hash').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] }), index('idempotency_key_expiry').on(table.expiresAt)],
);

/** A user's actions, for that user to read: names of fields, never values. */
export const activity = logtoProfile.table(
  'activity',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    userId: text('user_id').notNull(),
    at: instant('at').notNull(),
    action: text('action', { enum: ACTIVITY_ACTIONS }).notNull(),
    clientId: text('client_id'),
    /** Names of the affected fields. */
    fields: text('fields').array().notNull().default([]),
    details: jsonb('details').$type<JsonObject>(),
  },
  (table) => [index('activity_user').on(table.userId, table.id.desc()), index('activity_at').on(table.at)],
);

/** A user's consecutive wrong passwords, and the end of the lockout. A correct password removes the row. */
export const passwordLock = logtoProfile.table('password_lock', {
  userId: text('user_id').primaryKey(),
  failures: integer('failures').notNull(),
  lockedUntil: instant('locked_until'),
});

/** Counters of rate-limiter-flexible, with the columns that it expects (`tableCreated: true`). `expire`: ms since the epoch. */
export const rateLimit = logtoProfile.table(
  'rate_limit',
  {
    key: varchar('key', { length: 255 }).primaryKey(),
    points: integer('points').notNull().default(0),
    expire: bigint('expire', { mode: 'number' }),
  },
  (table) => [index('rate_limit_expire').on(table.expire)],
);
