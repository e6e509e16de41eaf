import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../platform/errors/problem-error.js';
import {
  ManagementApiService,
  type ListedSessions,
  type LogtoSession,
} from '../../platform/management-api/management-api.service.js';
import { UserRowRepository } from '../users/user-row.repository.js';
import type { Caller } from './caller.js';

/** Concurrent calls to Logto: enough for a user with many sessions, and few enough not to delay other users. */
const CONCURRENCY = 4;

/** Finds the session of the caller that has this `sid` for the caller's client. */
export const ownSession = (
  sessions: readonly LogtoSession[],
  { clientId }: Caller,
  sid: string | undefined,
): LogtoSession | undefined =>
  sid === undefined ? undefined : sessions.find((each) => each.authorizations[clientId]?.sid === sid);

/** Ends a user's sessions at Logto, and revokes their grants. */
@Injectable()
export class SessionEndingService {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly rows: UserRowRepository,
  ) {}

  /** Ends all sessions of a user and revokes all grants and access tokens. For a user who does not call the service. */
  async endAll(userId: string): Promise<void> {
    await this.end(userId, await this.logto.listSessions(userId), undefined);
  }

  /**
   * Ends all sessions but the caller's own, or all sessions if `sid` does not identify it. Then revokes all grants that
   * do not belong to the spared session, because refresh tokens outlive their session. In any case, even after an
   * error, revokes the access tokens that were issued until then, including the second in which the last grant ended.
   */
  async endOthers(
    caller: Caller,
    sid: string | undefined,
    listed?: ListedSessions,
  ): Promise<{ ended: number; currentSpared: boolean }> {
    const all = listed ?? (await this.logto.listSessions(caller.userId));
    const own = ownSession(all.sessions, caller, sid);
    return { ended: await this.end(caller.userId, all, own), currentSpared: own !== undefined };
  }

  /** Returns how many sessions were ended. */
  private async end(userId: string, { sessions, at }: ListedSessions, own: LogtoSession | undefined): Promise<number> {
    const others = sessions.filter((session) => session !== own);
    let endedAt = at;
    const record = (time: number) => (endedAt = Math.max(endedAt, time));
    try {
      await endEach(others, async ({ uid }) => record(await this.logto.endSession(userId, uid)));
      const spared = new Set(Object.values(own?.authorizations ?? {}).map(({ grantId }) => grantId));
      const { grants, at: listedAt } = await this.logto.listGrants(userId);
      record(listedAt);
      await endEach(
        grants.filter(({ id }) => !spared.has(id)),
        async ({ id }) => record(await this.logto.endGrant(userId, id)),
      );
    } finally {
      await this.rows.revokeTokens(userId, endedAt + 1);
    }
    return others.length;
  }
}

async function endEach<T>(items: readonly T[], end: (item: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += CONCURRENCY) {
    const outcomes = await Promise.allSettled(
      items.slice(i, i + CONCURRENCY).map((item) => end(item).catch(ignoreNotFound)),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** A session or grant that has already ended is not an error. */
function ignoreNotFound(error: unknown): void {
  if (!(error instanceof ProblemError && error.code === 'not_found')) throw error;
}
