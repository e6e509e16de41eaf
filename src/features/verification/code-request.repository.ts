import { Injectable } from '@nestjs/common';
import { and, eq, gt, isNull, lt, sql, type SQL } from 'drizzle-orm';
import type { Caller } from '../../domain/access/caller.js';
import { AddressProtectionService } from '../../domain/proofs/address-protection.service.js';
import { newSecret } from '../../domain/proofs/secrets.js';
import { ofCurrentEpoch } from '../../domain/proofs/security-epoch.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import { codeRequest, currentCode } from '../../platform/database/schema.js';
import type { Recipient } from './recipient.js';

/** Longer than any tenant's codes are valid (3600 s). */
const LIFETIME_MS = 3_660_000;

export type CodeRequest = Pick<typeof codeRequest.$inferSelect, 'id' | 'addressHash' | 'securityEpoch'>;

/** A request that is reserved for one check. */
export interface ReservedRequest extends CodeRequest {
  /** The address for which Logto has the code of this request. Undefined if it has none, or that of another request. */
  readonly codeSentTo: string | undefined;
}

/** The tenant's limits on a code. Logto enforces them too. */
export interface CodePolicy {
  readonly lifetimeMs: number;
  readonly maxAttempts: number;
}

/**
 * Stores who requested a code to which address. Logto binds a code only to the address, and accepts concurrent checks of one code. Here
 * a code is valid only for the user, client and purpose of its request, and for one check at a time.
 */
@Injectable()
export class CodeRequestRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly addresses: AddressProtectionService,
  ) {}

  /** Records a request, which replaces the previous one of the same user, client and purpose. */
  async create(
    { userId, clientId, row: { securityEpoch } }: Caller,
    { address, addressHash, purpose }: Recipient,
  ): Promise<CodeRequest> {
    const requestedAt = new Date(this.clock.now());
    const row = {
      id: newSecret(),
      encryptedAddress: await this.addresses.encrypt(address),
      securityEpoch,
      requestedAt,
      expiresAt: new Date(requestedAt.getTime() + LIFETIME_MS),
      attempts: 0,
      takenAt: null,
    };
    const { addressHash: hash, userId: user, clientId: client, purpose: what } = codeRequest;
    await this.database.db
      .insert(codeRequest)
      .values({ addressHash, userId, clientId, purpose, ...row })
      .onConflictDoUpdate({ target: [hash, user, client, what], set: row });
    return { id: row.id, addressHash, securityEpoch };
  }

  /**
   * Makes a request the one whose code Logto has, immediately before the code is sent.
   * @returns false if another request has replaced this one
   */
  async setCurrent({ id, addressHash }: CodeRequest): Promise<boolean> {
    const { rows } = await this.database.query({
      name: 'set-current-code',
      text: `insert into logto_profile.current_code (address_hash, request_id, expires_at)
        select address_hash, id, expires_at from logto_profile.code_request where address_hash = $1 and id = $2
        on conflict (address_hash) do update set request_id = excluded.request_id, expires_at = excluded.expires_at
        returning request_id`,
      values: [addressHash, id],
    });
    return rows.length > 0;
  }

  /** Reverts `setCurrent` for a code that is known not to have been sent. */
  async unsetCurrent({ id, addressHash }: CodeRequest): Promise<void> {
    await this.database.db
      .delete(currentCode)
      .where(and(eq(currentCode.addressHash, addressHash), eq(currentCode.requestId, id)));
  }

  /**
   * Reserves the caller's request for one check, so that no other check can run concurrently, and counts the attempt. Undefined if there
   * is no request, or its code can no longer be checked.
   */
  async reserve(caller: Caller, recipient: Recipient, policy: CodePolicy): Promise<ReservedRequest | undefined> {
    const now = this.clock.now();
    const isCurrent = sql<boolean>`exists (select from ${currentCode}
      where ${currentCode.addressHash} = ${codeRequest.addressHash} and ${currentCode.requestId} = ${codeRequest.id})`;
    const [row] = await this.database.db
      .update(codeRequest)
      .set({ takenAt: new Date(now), attempts: sql`${codeRequest.attempts} + 1` })
      .where(
        and(
          ofCaller(caller, recipient),
          isNull(codeRequest.takenAt),
          gt(codeRequest.requestedAt, new Date(now - policy.lifetimeMs)),
          lt(codeRequest.attempts, policy.maxAttempts),
          ofCurrentEpoch(codeRequest),
        ),
      )
      .returning({
        id: codeRequest.id,
        addressHash: codeRequest.addressHash,
        encryptedAddress: codeRequest.encryptedAddress,
        securityEpoch: codeRequest.securityEpoch,
        isCurrent,
      });
    if (!row) return undefined;
    const { isCurrent: hasCode, encryptedAddress, ...request } = row;
    // Always decrypted, so that the time does not depend on whether there is a code.
    const address = await this.addresses.decrypt(encryptedAddress);
    return { ...request, codeSentTo: hasCode ? address : undefined };
  }

  /** Whether the caller requested a code, even if it is consumed, expired, void or was tried too often. */
  async exists(caller: Caller, recipient: Recipient): Promise<boolean> {
    const rows = await this.database.db
      .select({ id: codeRequest.id })
      .from(codeRequest)
      .where(ofCaller(caller, recipient));
    return rows.length > 0;
  }

  /** Allows another check, after one that is known not to have consumed the code. */
  async release({ id, addressHash }: CodeRequest, { compared }: { compared: boolean }): Promise<void> {
    await this.database.db
      .update(codeRequest)
      .set({ takenAt: null, ...(!compared && { attempts: sql`${codeRequest.attempts} - 1` }) })
      .where(and(eq(codeRequest.addressHash, addressHash), eq(codeRequest.id, id)));
  }
}

const ofCaller = ({ userId, clientId }: Caller, { addressHash, purpose }: Recipient): SQL | undefined =>
  and(
    eq(codeRequest.addressHash, addressHash),
    eq(codeRequest.userId, userId),
    eq(codeRequest.clientId, clientId),
    eq(codeRequest.purpose, purpose),
  );
