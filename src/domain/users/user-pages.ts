import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';

/** The most users that Logto returns in one page. */
const PAGE_SIZE = 100;

export interface UserPage {
  readonly page: number;
  readonly users: readonly LogtoUser[];
  /** Users of the page for whom Logto responds with an error. */
  readonly unreadable: number;
  /** All users of the tenant. */
  readonly total: number;
}

/**
 * All users of the tenant, page by page. A user that Logto stored but cannot return (a name that is too long by its own rules) makes
 * it respond 500 for the whole page, so such a page is read user by user.
 */
export async function* userPages(
  logto: ManagementApiService,
  from = 1,
  pageSize = PAGE_SIZE,
): AsyncGenerator<UserPage> {
  let total = Infinity;
  for (let page = from; (page - 1) * pageSize < total; page += 1) {
    const read = await readPage(logto, page, pageSize, total);
    total = read.total;
    yield read;
  }
}

async function readPage(logto: ManagementApiService, page: number, pageSize: number, known: number): Promise<UserPage> {
  try {
    return { page, unreadable: 0, ...(await logto.listUsers({ page, pageSize })) };
  } catch (error) {
    if (!isServerError(error)) throw error;
    return readOneByOne(logto, page, pageSize, known);
  }
}

async function readOneByOne(
  logto: ManagementApiService,
  page: number,
  pageSize: number,
  known: number,
): Promise<UserPage> {
  const users: LogtoUser[] = [];
  let [total, unreadable] = [known, 0];
  for (let index = (page - 1) * pageSize; index < Math.min(page * pageSize, total); index += 1) {
    try {
      const one = await logto.listUsers({ page: index + 1, pageSize: 1 });
      users.push(...one.users);
      total = one.total;
    } catch (error) {
      if (!isServerError(error)) throw error;
      unreadable += 1;
    }
  }
  // No response contained the number of users, so the end is unknown.
  if (total === Infinity) throw new ProblemError('upstream_failed');
  return { page, users, unreadable, total };
}

const isServerError = (error: unknown): boolean => error instanceof ProblemError && error.code === 'upstream_failed';
