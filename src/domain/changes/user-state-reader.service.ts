import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { FieldStores } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import { LogtoUserService, type CachedRead } from '../users/logto-user.service.js';
import { UserRowRepository, type UserRow } from '../users/user-row.repository.js';
import { RecoveryService } from './recovery.service.js';
import { UserLeaseService } from './user-lease.service.js';

/** How often a read is repeated because a change came in between, before it queues up as changes do. */
const ATTEMPTS = 3;

/** The state of a user as it was read. */
export interface ReadState extends UserState {
  /** Set if Logto is unavailable and its part is older than it may be otherwise: its age in milliseconds. */
  readonly staleMs?: number;
}

/**
 * Reads all stores as of one moment, never half of a change, by the cheapest way that works:
 * 1. Logto first, then one look at the row, which says whether anything changed in between;
 * 2. the row, then the cached user if it still counts, otherwise Logto, and the row again: an unchanged version says the same. Always
 *    used if a store has to be loaded separately;
 * 3. under the user's lease, when changes keep coming.
 */
@Injectable()
export class UserStateReaderService {
  constructor(
    private readonly rows: UserRowRepository,
    private readonly users: LogtoUserService,
    private readonly userLeases: UserLeaseService,
    private readonly recovery: RecoveryService,
    private readonly stores: FieldStores,
  ) {}

  /**
   * @param fresh reads Logto even if the user is cached
   * @throws ProblemError `account_not_found`, `account_suspended`, or the problem of calling Logto
   */
  async read(caller: Caller, { fresh = false } = {}): Promise<ReadState> {
    const { userId } = caller;
    const found = this.stores.needLoading ? undefined : await this.users.readConsistent(userId, { fresh });
    if (found && !isAbandoned(found.row)) {
      return { ...this.stores.stateOf(found.user, found.row, {}), staleMs: found.staleMs };
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const row = await this.readRow(userId, attempt === 0 ? caller.row : undefined);
      const loading = this.stores.load(userId);
      const [{ user, cached, staleMs }, loaded] = await Promise.all([this.readUser(userId, row, fresh), loading]);
      if (cached && !this.stores.needLoading) return { ...this.stores.stateOf(user, row, loaded), staleMs };
      const now = await this.rows.read(userId);
      if (now.logtoVersion === row.logtoVersion) return { ...this.stores.stateOf(user, now, loaded), staleMs };
    }
    return this.userLeases.withLease(caller, (_lease, state) => Promise.resolve(state));
  }

  private async readUser(userId: string, row: UserRow, fresh: boolean): Promise<CachedRead> {
    if (!fresh) return this.users.readCachedUnder(row, userId);
    return { user: await this.users.readFresh(userId), cached: false };
  }

  /** If a pending change cannot be resumed now, the read still succeeds: it shows the values from before. */
  private async readRow(userId: string, known: UserRow | undefined): Promise<UserRow> {
    const row = known ?? (await this.rows.read(userId));
    if (!isAbandoned(row)) return row;
    await this.recovery.recover(userId);
    return this.rows.read(userId);
  }
}

const isAbandoned = ({ pending, lease }: UserRow): boolean => pending !== undefined && lease === undefined;
