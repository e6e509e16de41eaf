import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { ownSession, SessionEndingService } from '../../domain/access/session-ending.service.js';
import { ChangeWriter } from '../../domain/changes/change-writer.js';
import { UserLeaseService } from '../../domain/changes/user-lease.service.js';
import { IdTokenHintService } from '../../domain/proofs/id-token-hint.service.js';
import { ProofService } from '../../domain/proofs/proof.service.js';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { asUnknownOutcome } from '../../platform/errors/dependency-error.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { EndedSessionsDto, SessionDto } from './sessions.dto.js';

/** The caller's sessions at Logto. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly logto: ManagementApiService,
    private readonly userLeases: UserLeaseService,
    private readonly writer: ChangeWriter,
    private readonly proofs: ProofService,
    private readonly sessions: SessionEndingService,
    private readonly hints: IdTokenHintService,
  ) {}

  /** Lists the sessions. `current` is null for all of them if the hint has no `sid`. */
  async list(caller: Caller, idTokenHint: string | undefined): Promise<SessionDto[]> {
    // For an unknown user Logto lists no sessions.
    await this.users.readCached(caller.userId);
    const sid = await this.hints.sid(caller, idTokenHint);
    const { sessions } = await this.logto.listSessions(caller.userId);
    const own = ownSession(sessions, caller, sid);
    return sessions.map((session) => ({
      id: session.uid,
      signedInAt: new Date(session.signedInAt).toISOString(),
      ip: session.ip,
      userAgent: session.userAgent,
      clientId: session.clientId,
      current: sid === undefined ? null : session === own,
    }));
  }

  /**
   * Ends one session. Logto's JWTs do not identify their session, so all access tokens issued until then are revoked.
   * Throws `not_found` for an unknown session or one of another user, in which case the proof is not consumed.
   */
  async end(caller: Caller, id: string, verificationIds: readonly string[]): Promise<void> {
    const { userId, clientId } = caller;
    await this.userLeases.withLease(caller, async (lease, { user }) => {
      const proof = await this.proofs.select(caller, verificationIds, { identity: true }, user);
      await this.writer.writeByCall(
        lease,
        { proofs: [proof] },
        (guard) => this.logto.endSession(userId, id, guard),
        (endedAt) => ({
          activity: { action: 'sessions_ended', clientId },
          revocation: { proofs: false, tokensBefore: endedAt + 1 },
        }),
      );
    });
  }

  /**
   * Ends the other sessions. Revokes tokens first, so that the revocation applies even if a session cannot be ended.
   */
  async endOthers(
    caller: Caller,
    verificationIds: readonly string[],
    idTokenHint: string | undefined,
  ): Promise<EndedSessionsDto> {
    const { userId, clientId } = caller;
    const sid = await this.hints.sid(caller, idTokenHint);
    const listed = await this.userLeases.withLease(caller, async (lease, { user }) => {
      const proof = await this.proofs.select(caller, verificationIds, { identity: true }, user);
      const sessions = await this.logto.listSessions(userId);
      const revocation = { proofs: true, tokensBefore: sessions.at };
      await this.writer.writeRow(lease, { activity: { action: 'sessions_ended', clientId }, revocation }, [proof]);
      return sessions;
    });
    return this.sessions.endOthers(caller, sid, listed).catch((error: unknown) => {
      // Tokens are revoked, and some sessions may have ended.
      throw asUnknownOutcome(error);
    });
  }
}
