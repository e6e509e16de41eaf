import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { ProblemError } from '../errors/problem-error.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import type { LogtoSession } from '../management-api/management-api.types.js';
import { IdTokenHints } from '../proofs/id-token-hint.js';

/** Calls to Logto at once: enough for a user with many sessions, little enough for everyone else. */
const AT_ONCE = 4;

/** Ending a user's sessions at Logto, and with them what they were granted. */
@Injectable()
export class SessionEnding {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly hints: IdTokenHints,
  ) {}

  /** What the `Id-Token-Hint` says; throws validation_failed for a bad one. For asking before anything is changed. */
  sid(caller: Caller, hint: string | undefined): Promise<string | undefined> {
    return this.hints.sid(caller, hint);
  }

  /** The one of the caller's sessions that their client knows by this `sid`. */
  own(sessions: readonly LogtoSession[], { clientId }: Caller, sid: string | undefined): LogtoSession | undefined {
    return sid === undefined ? undefined : sessions.find((each) => each.authorizations[clientId]?.sid === sid);
  }

  /**
   * Ends all sessions but the caller's own, or all when `sid` does not tell which that is; then every grant that is not of
   * the spared session, because refresh tokens outlive the session they came from.
   */
  async endOthers(caller: Caller, sid: string | undefined): Promise<{ ended: number; currentSpared: boolean }> {
    const sessions = await this.logto.listSessions(caller.userId);
    const own = this.own(sessions, caller, sid);
    const others = sessions.filter((session) => session !== own);
    await forEach(others, ({ uid }) => this.logto.endSession(caller.userId, uid));
    const spared = new Set(Object.values(own?.authorizations ?? {}).map(({ grantId }) => grantId));
    const grants = await this.logto.listGrants(caller.userId);
    await forEach(
      grants.filter(({ id }) => !spared.has(id)),
      ({ id }) => this.logto.endGrant(caller.userId, id),
    );
    return { ended: others.length, currentSpared: own !== undefined };
  }
}

async function forEach<T>(items: readonly T[], end: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE) {
    await Promise.all(items.slice(i, i + AT_ONCE).map((item) => end(item).catch(unlessGone)));
  }
}

/** What ended by itself meanwhile needs no ending. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ProblemError && error.code === 'not_found')) throw error;
}
