import { Injectable } from '@nestjs/common';
import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Caller } from '../../domain/access/caller.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import { codeSend } from '../../platform/database/schema.js';
import { ofCurrentEpoch } from '../../domain/proofs/security-epoch.js';
import type { Recipient } from './recipient.js';

/** Longer than any tenant lets a code live (3600 s): when a code ends is for Logto to say. */
const LIFETIME_MS = 3_660_000;

export type CodeSend = typeof codeSend.$inferSelect;

/**
 * Whose the latest code to each address is. Logto binds a code to the address alone and compares one several times at
 * once; here it counts only for the user, client and purpose that sent last, and for one check at a time.
 */
@Injectable()
export class CodeSendRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** From now on the caller is the last sender to this address. */
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

  /** For one check: nobody else can take the same code at the same time. Undefined if there is none that may be compared. */
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

  /** Whether the caller sent last, though the code may be consumed, expired or void. */
  async isOwn(caller: Caller, recipient: Recipient): Promise<boolean> {
    const rows = await this.database.db.select().from(codeSend).where(ownedBy(caller, recipient));
    return rows.length > 0;
  }

  /** After a known rejection: the code may be tried again. */
  async giveBack(send: CodeSend): Promise<void> {
    await this.database.db.update(codeSend).set({ takenAt: null }).where(this.same(send));
  }

  /** It was never sent. */
  async end(send: CodeSend): Promise<void> {
    await this.database.db.delete(codeSend).where(this.same(send));
  }

  /** This send, not a later one to the same address. */
  private same({ address, userId, clientId, sentAt }: CodeSend) {
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
