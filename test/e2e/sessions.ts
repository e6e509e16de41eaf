import type { Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';
import { SignedInUser } from './signed-in-user.js';

/** A session at Logto. */
export interface LogtoSession {
  /** Its ID in the Management API, and in this service. */
  readonly id: string;
  readonly grantId: string;
  /** An ID token with the `sid` of the session. */
  readonly idToken: string;
}

/** Signs a user in with a browser of its own. */
export async function createLogtoSession(
  stack: Stack,
  user: Pick<TenantUser, 'id' | 'username' | 'password'>,
): Promise<LogtoSession> {
  const { sid, idToken } = await SignedInUser.start(stack, user);
  const { sessions } = (await stack.tenant.call('GET', `/users/${user.id}/sessions`)) as {
    sessions: { payload: { uid: string; authorizations: Record<string, { sid: string; grantId: string }> } }[];
  };
  for (const { payload } of sessions) {
    const authorization = Object.values(payload.authorizations).find((each) => each.sid === sid);
    if (authorization) return { id: payload.uid, grantId: authorization.grantId, idToken };
  }
  throw new Error('Logto lists no session of this sign-in.');
}
