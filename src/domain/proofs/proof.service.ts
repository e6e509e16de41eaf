import { Injectable } from '@nestjs/common';
import { and, eq, gt, inArray, isNull } from 'drizzle-orm';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { verificationRecord } from '../../platform/database/schema.js';
import { titleText } from '../../platform/errors/messages/messages.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { ProofKind, ProofPart } from '../../platform/errors/proof-kinds.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { Caller } from '../access/caller.js';
import { UserRowRepository } from '../users/user-row.repository.js';
import { AddressProtectionService } from './address-protection.service.js';
import type { AddressKind } from './address.js';
import { newSecret, secretHash } from './secrets.js';
import { ofCurrentEpoch } from './security-epoch.js';

/** The proofs that a change needs: of identity, and for a new email or phone, of that address. */
export interface ProofNeed {
  readonly identity: boolean;
  /** `address` is canonical. */
  readonly address?: { readonly kind: AddressKind; readonly address: string };
}

/** The chosen records, which are not consumed yet. */
export interface ProofSelection {
  readonly hashes: readonly string[];
  /** For the rejection if one was consumed in the meantime. */
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
 * Verification records: proofs that belong to a user and client, expire after ten minutes and allow one change. Only
 * hashes of their ids are stored. The content of a proof is fixed when it is created, but its validity is checked when
 * it is used: a revocation voids all earlier proofs.
 */
@Injectable()
export class ProofService {
  constructor(
    private readonly database: Database,
    private readonly rows: UserRowRepository,
    private readonly clock: Clock,
    private readonly logto: ManagementApiService,
    private readonly config: AppConfig,
    private readonly addresses: AddressProtectionService,
  ) {}

  /**
   * Creates a record after a check. With `provesIdentity`, `address` (canonical) is the account's own address, which
   * proves the identity while it is still the account's; without it, the record proves only the address.
   * `securityEpoch` is from the user's row before the check began.
   * @returns undefined if the user's proofs were voided during the check
   * @throws ProblemError `step_up_required` for an impersonated user
   */
  async issue(
    caller: Caller,
    kind: ProofKind,
    { address, provesIdentity, securityEpoch }: { address?: string; provesIdentity: boolean; securityEpoch: number },
  ): Promise<IssuedProof | undefined> {
    this.rejectImpersonation(caller);
    const { userId, clientId } = caller;
    const verificationId = newSecret();
    const createdAt = new Date(this.clock.now());
    const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS);
    await this.database.db.insert(verificationRecord).values({
      idHash: secretHash(verificationId),
      userId,
      clientId,
      kind,
      addressHash: address === undefined ? null : this.addresses.hash(kind as AddressKind, address),
      provesIdentity,
      securityEpoch,
      createdAt,
      expiresAt,
    });
    if ((await this.rows.read(userId)).securityEpoch !== securityEpoch) return undefined;
    return { verificationId, kind, expiresAt: expiresAt.toISOString() };
  }

  /**
   * Chooses the records that meet the need among the caller's records with these ids, without consuming them. `user`
   * must be a fresh read from Logto. Throws `step_up_required`, with the missing proofs, if the records are not
   * sufficient.
   */
  async select(caller: Caller, ids: readonly string[], need: ProofNeed, user: LogtoUser): Promise<ProofSelection> {
    this.rejectImpersonation(caller);
    const available = need.identity ? await this.available(user) : [];
    const records = ids.length > 0 ? await this.usable(caller, ids) : [];
    const hashes: string[] = [];
    const missing: ProofPart[] = [];
    if (need.identity) {
      const found = records.find(
        (record) => record.provesIdentity && available.includes(record.kind) && this.isAddressUnchanged(record, user),
      );
      if (found) hashes.push(found.idHash);
      else missing.push('identity');
    }
    if (need.address) {
      const { kind, address } = need.address;
      const wanted = this.addresses.hash(kind, address);
      const found = records.find(
        (record) => !record.provesIdentity && record.kind === kind && record.addressHash === wanted,
      );
      if (found) hashes.push(found.idHash);
      else missing.push('address');
    }
    if (missing.length > 0) throw stepUpRequired(available, missing);
    const required = [...(need.identity ? ['identity' as const] : []), ...(need.address ? ['address' as const] : [])];
    return { hashes, available, required };
  }

  /** Consumes all selected records or none. Throws `step_up_required` if one was consumed or voided in the meantime. */
  async consume(tx: Transaction, selection: ProofSelection): Promise<void> {
    if (selection.hashes.length === 0) return;
    const now = new Date(this.clock.now());
    const consumed = await tx
      .update(verificationRecord)
      .set({ usedAt: now })
      .where(
        and(
          inArray(verificationRecord.idHash, [...selection.hashes]),
          isNull(verificationRecord.usedAt),
          gt(verificationRecord.expiresAt, now),
          ofCurrentEpoch(verificationRecord),
        ),
      )
      .returning({ idHash: verificationRecord.idHash });
    // Thrown inside the caller's transaction, which rolls back the others.
    if (consumed.length < selection.hashes.length) throw stepUpRequired(selection.available, selection.required);
  }

  /** Makes consumed records usable again, after a change that is known not to have been applied. */
  async restore(tx: Transaction, hashes: readonly string[]): Promise<void> {
    if (hashes.length === 0) return;
    await tx
      .update(verificationRecord)
      .set({ usedAt: null })
      .where(inArray(verificationRecord.idHash, [...hashes]));
  }

  /**
   * The kinds of proof of identity that this user can give now. A fresh sign-in is always one. With a second factor it is the only
   * one, unless MFA_USERS_PROVE_BY says otherwise: a password or a code alone would bypass the factor.
   * @throws ProblemError `upstream_unavailable` if the factors cannot be looked up
   */
  async available(user: LogtoUser): Promise<ProofKind[]> {
    const weaker: ProofKind[] = [
      ...(user.hasPassword ? ['password' as const] : []),
      ...(user.primaryEmail ? ['email' as const] : []),
      ...(user.primaryPhone ? ['phone' as const] : []),
    ];
    const needsSignIn =
      weaker.length > 0 && this.config.mfaUsersProveBy === 'sign-in' && (await this.hasSecondFactor(user.id));
    return needsSignIn ? ['signIn'] : [...weaker, 'signIn'];
  }

  /** Throws `step_up_required` if the user cannot prove their identity by this kind. */
  async requireAvailable(kind: ProofKind, user: LogtoUser): Promise<void> {
    const available = await this.available(user);
    if (!available.includes(kind)) throw stepUpRequired(available, ['identity']);
  }

  /**
   * Rejects the token of someone who acts for the user (`act`, RFC 8693): only users can prove their identity. The
   * error offers no kind of proof.
   */
  rejectImpersonation({ impersonated }: Caller): void {
    if (impersonated) throw stepUpRequired([], ['identity']);
  }

  private async hasSecondFactor(userId: string): Promise<boolean> {
    try {
      return (await this.logto.listMfaFactors(userId)).length > 0;
    } catch (cause) {
      throw new ProblemError('upstream_unavailable', { headers: { 'Retry-After': '5' }, cause });
    }
  }

  private isAddressUnchanged(record: typeof verificationRecord.$inferSelect, user: LogtoUser): boolean {
    if (record.kind !== 'email' && record.kind !== 'phone') return true;
    const current = record.kind === 'email' ? user.primaryEmail : user.primaryPhone;
    return current !== null && this.addresses.hash(record.kind, current) === record.addressHash;
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
          ofCurrentEpoch(verificationRecord),
        ),
      );
  }
}

/** 401 with the challenge of RFC 9470 section 3. The body lists the possible kinds of proof and the missing parts. */
function stepUpRequired(proofs: readonly ProofKind[], required: readonly ProofPart[]): ProblemError {
  return new ProblemError('step_up_required', {
    headers: {
      'WWW-Authenticate': `Bearer error="insufficient_user_authentication", error_description="${titleText('step_up_required', 'en')}"`,
    },
    extensions: { proofs, required },
  });
}
