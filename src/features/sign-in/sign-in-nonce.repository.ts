import { Injectable } from '@nestjs/common';
import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Caller } from '../../domain/access/caller.js';
import { newSecret, secretHash } from '../../domain/proofs/secrets.js';
import { ofCurrentEpoch } from '../../domain/proofs/security-epoch.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import { signInNonce } from '../../platform/database/schema.js';

const LIFETIME_MS = 10 * 60_000;

/** The nonces of sign-in challenges: bound to a user and client, stored as hashes, for one use. */
@Injectable()
export class SignInNonceRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @param createdAt by Logto's clock, to compare with `auth_time` */
  async create({ userId, clientId, row }: Caller, createdAt: Date): Promise<{ nonce: string; expiresAt: Date }> {
    const nonce = newSecret();
    const expiresAt = new Date(this.clock.now() + LIFETIME_MS);
    await this.database.db.insert(signInNonce).values({
      nonceHash: secretHash(nonce),
      userId,
      clientId,
      securityEpoch: row.securityEpoch,
      createdAt,
      expiresAt,
    });
    return { nonce, expiresAt };
  }

  /** When the caller's unused challenge was created, by Logto's clock; undefined for any other nonce. */
  async createdAt(caller: Caller, nonce: string): Promise<Date | undefined> {
    const [row] = await this.database.db.select().from(signInNonce).where(this.usable(caller, nonce));
    return row?.createdAt;
  }

  /** Consumes a nonce and returns the security epoch of its challenge; undefined if it is not usable. */
  async consume(caller: Caller, nonce: string): Promise<number | undefined> {
    const [used] = await this.database.db
      .update(signInNonce)
      .set({ usedAt: new Date(this.clock.now()) })
      .where(this.usable(caller, nonce))
      .returning({ securityEpoch: signInNonce.securityEpoch });
    return used?.securityEpoch;
  }

  private usable({ userId, clientId }: Caller, nonce: string) {
    return and(
      eq(signInNonce.nonceHash, secretHash(nonce)),
      eq(signInNonce.userId, userId),
      eq(signInNonce.clientId, clientId),
      isNull(signInNonce.usedAt),
      gt(signInNonce.expiresAt, new Date(this.clock.now())),
      ofCurrentEpoch(signInNonce),
    );
  }
}
