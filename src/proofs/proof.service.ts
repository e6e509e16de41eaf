import { Injectable } from '@nestjs/common';
import { and, eq, gt, inArray, isNull, lte } from 'drizzle-orm';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../config/clock.js';
import { Database, type Transaction } from '../database/database.js';
import { verificationRecord } from '../database/schema.js';
import { ProblemError } from '../errors/problem-error.js';
import type { LogtoUser } from '../management-api/logto-user.js';
import { addressKey, type AddressKind } from './address.js';
import { newSecret, secretHash } from './secrets.js';

export type ProofKind = 'password' | 'email' | 'phone' | 'signIn';
type ProofPart = 'identity' | 'address';

/** What a change needs: who asks, and, for a new email or phone, that exactly this address was verified. */
export interface ProofNeed {
  readonly identity: boolean;
  /** `address` is canonical. */
  readonly address?: { readonly kind: AddressKind; readonly address: string };
}

/** Records that meet a need, chosen and not yet used up. */
export interface ProofSelection {
  readonly hashes: readonly string[];
  /** For the refusal when one was used meanwhile. */
  readonly available: readonly ProofKind[];
  readonly required: readonly ProofPart[];
}

export interface IssuedProof {
  readonly verificationId: string;
  readonly kind: ProofKind;
  /** RFC 3339. */
  readonly expiresAt: string;
}

const LIFETIME_MS = 10 * 60_000;

/**
 * Verification records: proofs that belong to the user and client that made them, live ten minutes and allow one change.
 * Only hashes of their ids are stored. What each proves is decided when it is made; whether that still holds, when it is used.
 */
@Injectable()
export class ProofService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a record. `address` (canonical) with `provesIdentity` is the account's own address, which proves identity only
   * while it is still theirs; without, an address that proves nothing but itself.
   */
  async issue(
    caller: Caller,
    kind: ProofKind,
    { address, provesIdentity }: { address?: string; provesIdentity: boolean },
  ): Promise<IssuedProof> {
    const { proof, row } = this.newRecord(caller, kind);
    await this.database.db.insert(verificationRecord).values({
      ...row,
      address: address === undefined ? null : addressKey(kind as AddressKind, address),
      provesIdentity,
    });
    return proof;
  }

  /**
   * Makes a record of identity once `check` has passed; throws what it throws. The record is there before, unusable, so that
   * voidByPassword in between voids it as well: else a password compared just before it changed would go on proving.
   */
  async issueAfter(caller: Caller, kind: ProofKind, check: () => Promise<void>): Promise<IssuedProof> {
    const { proof, row } = this.newRecord(caller, kind);
    const own = eq(verificationRecord.idHash, row.idHash);
    await this.database.db.insert(verificationRecord).values({ ...row, provesIdentity: true, usedAt: row.createdAt });
    try {
      await check();
    } catch (error) {
      await this.database.db.delete(verificationRecord).where(own);
      throw error;
    }
    const usable = await this.database.db
      .update(verificationRecord)
      .set({ usedAt: null })
      .where(own)
      .returning({ idHash: verificationRecord.idHash });
    if (usable.length === 0) throw new ProblemError('invalid_credentials');
    return proof;
  }

  /**
   * Chooses, among the caller's records with these ids, those that the need takes; uses nothing up. `user` is Logto's
   * user read afresh. Throws step_up_required, with what is missing, when they do not suffice.
   */
  async select(caller: Caller, ids: readonly string[], need: ProofNeed, user: LogtoUser): Promise<ProofSelection> {
    if (need.identity) this.refuseImpersonation(caller);
    const records = ids.length > 0 && (need.identity || need.address) ? await this.usable(caller, ids) : [];
    const hashes: string[] = [];
    const missing: ProofPart[] = [];
    if (need.identity) {
      const found = records.find((record) => record.provesIdentity && stillTheirs(record, user));
      if (found) hashes.push(found.idHash);
      else missing.push('identity');
    }
    if (need.address) {
      const { kind, address } = need.address;
      const wanted = addressKey(kind, address);
      const found = records.find(
        (record) => !record.provesIdentity && record.kind === kind && record.address === wanted,
      );
      if (found) hashes.push(found.idHash);
      else missing.push('address');
    }
    if (missing.length > 0) throw stepUpRequired(this.available(user), missing);
    const required = [...(need.identity ? ['identity' as const] : []), ...(need.address ? ['address' as const] : [])];
    return { hashes, available: this.available(user), required };
  }

  /** Uses the selected records up, all or none. Throws step_up_required when one was used or voided meanwhile. */
  async take(tx: Transaction, selection: ProofSelection): Promise<void> {
    if (selection.hashes.length === 0) return;
    const now = new Date(this.clock.now());
    const taken = await tx
      .update(verificationRecord)
      .set({ usedAt: now })
      .where(
        and(
          inArray(verificationRecord.idHash, [...selection.hashes]),
          isNull(verificationRecord.usedAt),
          gt(verificationRecord.expiresAt, now),
        ),
      )
      .returning({ idHash: verificationRecord.idHash });
    // Thrown inside the caller's transaction: what was taken of the rest is rolled back.
    if (taken.length < selection.hashes.length) throw stepUpRequired(selection.available, selection.required);
  }

  /** Makes taken records usable again, after a definite refusal of the change. */
  async giveBack(tx: Transaction, hashes: readonly string[]): Promise<void> {
    if (hashes.length === 0) return;
    await tx
      .update(verificationRecord)
      .set({ usedAt: null })
      .where(inArray(verificationRecord.idHash, [...hashes]));
  }

  /**
   * Does a change at Logto alone under the selected records: taken before, given back when the change was surely not done.
   * An unknown outcome leaves them used up: the change may have happened.
   */
  async spend<T>(selection: ProofSelection, change: () => Promise<T>): Promise<T> {
    await this.database.db.transaction((tx) => this.take(tx, selection));
    try {
      return await change();
    } catch (error) {
      if (isDefiniteRefusal(error)) {
        await this.database.db.transaction((tx) => this.giveBack(tx, selection.hashes));
      }
      throw error;
    }
  }

  /** The kinds of proof of identity that this user can give now. A fresh sign-in is always one. */
  available(user: LogtoUser): ProofKind[] {
    return [
      ...(user.hasPassword ? ['password' as const] : []),
      ...(user.primaryEmail ? ['email' as const] : []),
      ...(user.primaryPhone ? ['phone' as const] : []),
      'signIn',
    ];
  }

  /**
   * Refuses whoever acts for the user with a token that says so (RFC 8693 `act`): a proof is the user's own. No kind of
   * proof is offered, since none could be given.
   */
  refuseImpersonation({ impersonated }: Caller): void {
    if (impersonated) throw stepUpRequired([], ['identity']);
  }

  /** Voids what the old password proved, once it is no longer the password; `until` spares what was proven after it. */
  async voidByPassword(userId: string, until?: Date): Promise<void> {
    await this.database.db
      .delete(verificationRecord)
      .where(
        and(
          eq(verificationRecord.userId, userId),
          eq(verificationRecord.kind, 'password'),
          until && lte(verificationRecord.createdAt, until),
        ),
      );
  }

  private newRecord({ userId, clientId }: Caller, kind: ProofKind) {
    const verificationId = newSecret();
    const createdAt = new Date(this.clock.now());
    const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS);
    return {
      proof: { verificationId, kind, expiresAt: expiresAt.toISOString() },
      row: { idHash: secretHash(verificationId), userId, clientId, kind, createdAt, expiresAt },
    };
  }

  private usable(caller: Caller, ids: readonly string[]) {
    return this.database.db
      .select()
      .from(verificationRecord)
      .where(
        and(
          inArray(verificationRecord.idHash, ids.map(secretHash)),
          eq(verificationRecord.userId, caller.userId),
          eq(verificationRecord.clientId, caller.clientId),
          isNull(verificationRecord.usedAt),
          gt(verificationRecord.expiresAt, new Date(this.clock.now())),
        ),
      );
  }
}

function stillTheirs(record: typeof verificationRecord.$inferSelect, user: LogtoUser): boolean {
  if (record.kind !== 'email' && record.kind !== 'phone') return true;
  const present = record.kind === 'email' ? user.primaryEmail : user.primaryPhone;
  return present !== null && addressKey(record.kind, present) === record.address;
}

/** The change was surely not done: refused, or never sent. */
export const isDefiniteRefusal = (error: unknown): boolean =>
  error instanceof ProblemError && !('outcome' in error && error.outcome === 'unknown');

/** 401 with the challenge of RFC 9470 section 3; the body says which kinds can be given and which parts are missing. */
function stepUpRequired(proofs: readonly ProofKind[], required: readonly ProofPart[]): ProblemError {
  return new ProblemError('step_up_required', {
    headers: {
      'WWW-Authenticate':
        'Bearer error="insufficient_user_authentication", error_description="A fresh proof of identity is needed."',
    },
    extensions: { proofs, required },
  });
}
