import { Injectable } from '@nestjs/common';
import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Caller } from '../../domain/access/caller.js';
import { ofCurrentEpoch } from '../../domain/proofs/security-epoch.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import { codeSend } from '../../platform/database/schema.js';
import type { Recipient } from './recipient.js';

/** Longer than any tenant's codes are valid (3600 s), since Logto decides when a code expires. */
const LIFETIME_MS = 3_660_000;

export type CodeSend = typeof codeSend.$inferSelect;

/**
 * Stores who requested the latest code to each address. Logto binds a code only to the address, and accepts concurrent
 * checks of one code. Here it is valid only for the user, client and purpose of the last send, and for one check at a
 * time.
 */
@Injectable()
export class CodeSendRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Records the caller as the last sender to an address. */
  async begin(
    { userId, clientId, row: { securityEpoch } }: Caller,
    { key, address, purpose }: Recipient,
  ): Promise<CodeSend> {
    const sentAt = new Date(this.clock.now());
    const row = {
      sentTo: address,
      userId,
      clientId,
      purpose,
      securityEpoch,
      sentAt,
      expiresAt: new Date(sentAt.getTime() + LIFETIME_MS),
      takenAt: null,
    };
    await this.database.db
      .insert(codeSend)
      .values({ address: key, ...row })
      .onConflictDoUpdate({ target: codeSend.address, set: row });
    return { address: key, ...row };
  }

  /**
   * Reserves the code for one check, so that no other check can run concurrently. Undefined if no code can be checked.
   */
  async take(caller: Caller, recipient: Recipient): Promise<CodeSend | undefined> {
    const now = new Date(this.clock.now());
    const [row] = await this.database.db
      .update(codeSend)
      .set({ takenAt: now })
      .where(
        and(
          ownedBy(caller, recipient),
          isNull(codeSend.takenAt),
          gt(codeSend.expiresAt, now),
          ofCurrentEpoch(codeSend),
        ),
      )
      .returning();
    return row;
  }

  /** Whether the caller was the last sender, even if the code is consumed, expired or void. */
  async isOwn(caller: Caller, recipient: Recipient): Promise<boolean> {
    const rows = await this.database.db.select().from(codeSend).where(ownedBy(caller, recipient));
    return rows.length > 0;
  }

  /** Allows another check, after one that is known not to have consumed the code. */
  async release(send: CodeSend): Promise<void> {
    await this.database.db.update(codeSend).set({ takenAt: null }).where(this.isSend(send));
  }

  /** Removes a send that did not happen. */
  async remove(send: CodeSend): Promise<void> {
    await this.database.db.delete(codeSend).where(this.isSend(send));
  }

  /** The condition for this send, and not a later one to the same address. */
  private isSend({ address, userId, clientId, sentAt }: CodeSend) {
    return and(
      eq(codeSend.address, address),
      eq(codeSend.userId, userId),
      eq(codeSend.clientId, clientId),
      eq(codeSend.sentAt, sentAt),
    );
  }
}

const ownedBy = ({ userId, clientId }: Caller, { key, purpose }: Recipient) =>
  and(
    eq(codeSend.address, key),
    eq(codeSend.userId, userId),
    eq(codeSend.clientId, clientId),
    eq(codeSend.purpose, purpose),
  );
