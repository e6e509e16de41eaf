import type { Stack } from './harness.js';

/**
 * Creates a session at the embedded Logto, as a sign-in to the profile page does. Its `sid` is `sid-<name>`, and its grant is
 * `grant-<name>`.
 * @returns its id in the Management API
 */
export function createLogtoSession({ logto }: Stack, userId: string, name: string, clientId = 'profile-page'): string {
  const { oidc, clock } = logto!.tenant;
  const now = clock.seconds();
  const [sid, grantId, uid] = [`sid-${name}`, `grant-${name}`, `uid-${name}`];
  const common = { accountId: userId, iat: now, exp: now + 3600 };
  const session = { ...common, jti: name, uid, kind: 'Session', loginTs: now };
  const authorizations = { [clientId]: { sid, grantId, persistsLogout: true } };
  oidc.upsert('Session', name, { ...session, authorizations }, 3600);
  oidc.upsert(
    'Grant',
    grantId,
    { ...common, jti: grantId, kind: 'Grant', clientId, openid: { scope: 'openid' } },
    3600,
  );
  return uid;
}
