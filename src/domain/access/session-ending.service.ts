import { Injectable } from '@nestjs/common';
import { UserRowRepository } from '../users/user-row.repository.js';
import type { Caller } from './caller.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { ListedSessions, LogtoSession } from '../../platform/management-api/management-api.types.js';

/** Calls to Logto at once: enough for a user with many sessions, little enough for everyone else. */
const AT_ONCE = 4;

/** The one of the caller's sessions that their client knows by this `sid`. */
export const ownSession = (
  sessions: readonly LogtoSession[],
  { clientId }: Caller,
  sid: string | undefined,
): LogtoSession | undefined =>
  sid === undefined ? undefined : sessions.find((each) => each.authorizations[clientId]?.sid === sid);

/** Ends a user's sessions at Logto, and with them what they were granted. */
@Injectable()
export class SessionEndingService {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly rows: UserRowRepository,
  ) {}

  /**
   * Ends all sessions but the caller's own, or all if `sid` does not say which that is; then every grant that is not of the spared
   * session, because refresh tokens outlive the session they came from. Whatever happened, access tokens that were issued by then
   * are revoked: in the second in which the last grant ends, one may still have been issued.
   */
  async endOthers(
    caller: Caller,
    sid: string | undefined,
    listed?: ListedSessions,
  ): Promise<{ ended: number; currentSpared: boolean }> {
    const { userId } = caller;
    const { sessions, at } = listed ?? (await this.logto.listSessions(userId));
    const own = ownSession(sessions, caller, sid);
    const others = sessions.filter((session) => session !== own);
    let endedAt = at;
    const note = (time: number) => (endedAt = Math.max(endedAt, time));
    try {
      await forEach(others, async ({ uid }) => note(await this.logto.endSession(userId, uid)));
      const spared = new Set(Object.values(own?.authorizations ?? {}).map(({ grantId }) => grantId));
      const { grants, at: listedAt } = await this.logto.listGrants(userId);
      note(listedAt);
      await forEach(
        grants.filter(({ id }) => !spared.has(id)),
        async ({ id }) => note(await this.logto.endGrant(userId, id)),
      );
    } finally {
      await this.rows.revokeTokens(userId, endedAt + 1);
    }
    return { ended: others.length, currentSpared: own !== undefined };
  }
}

async function forEach<T>(items: readonly T[], end: (item: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE) {
    const outcomes = await Promise.allSettled(items.slice(i, i + AT_ONCE).map((item) => end(item).catch(unlessGone)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** What has ended by itself needs no ending. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ProblemError && error.code === 'not_found')) throw error;
}
