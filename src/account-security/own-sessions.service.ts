import { Injectable } from '@nestjs/common';
import { AccountReader } from '../account/account-reader.service.js';
import { ActivityLog } from '../account/activity-log.service.js';
import type { Caller } from '../auth/caller.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import { SessionEnding } from '../sessions/session-ending.service.js';
import type { EndedSessionsDto, SessionDto } from './account-security.dto.js';

/** The caller's sessions at Logto. */
@Injectable()
export class OwnSessions {
  constructor(
    private readonly accounts: AccountReader,
    private readonly logto: ManagementApiService,
    private readonly sessions: SessionEnding,
    private readonly proofs: ProofService,
    private readonly activity: ActivityLog,
  ) {}

  /** `current` is null for all when the hint does not say which one is. */
  async list(caller: Caller, hint: string | undefined): Promise<SessionDto[]> {
    // Logto answers an unknown user with no sessions.
    await this.accounts.recent(caller.userId);
    const sid = await this.sessions.sid(caller, hint);
    const sessions = await this.logto.listSessions(caller.userId);
    const own = this.sessions.own(sessions, caller, sid);
    return sessions.map((session) => ({
      id: session.uid,
      signedInAt: new Date(session.signedInAt).toISOString(),
      ip: session.ip,
      userAgent: session.userAgent,
      clientId: session.clientId,
      current: sid === undefined ? null : session === own,
    }));
  }

  /** Throws not_found for an unknown session and for another user's; the proof stays usable then. */
  async end(caller: Caller, id: string, proof: ProofSelection): Promise<void> {
    await this.proofs.spend(proof, () => this.logto.endSession(caller.userId, id));
    await this.activity.record(caller, 'sessions_ended');
  }

  async endOthers(
    caller: Caller,
    verificationIds: readonly string[],
    hint: string | undefined,
  ): Promise<EndedSessionsDto> {
    const user = await this.accounts.fresh(caller.userId);
    const sid = await this.sessions.sid(caller, hint);
    const proof = await this.proofs.select(caller, verificationIds, { identity: true }, user);
    const ended = await this.proofs.spend(proof, () => this.sessions.endOthers(caller, sid));
    await this.activity.record(caller, 'sessions_ended');
    return ended;
  }
}
