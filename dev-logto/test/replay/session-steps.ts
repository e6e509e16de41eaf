import { ALL_SCOPES, Browser } from './browser.js';
import {
  backChannelApp,
  bindNewestSession,
  storeTokens,
  password,
  profileApi,
  restoreSignInExperience,
  secondSpa,
  signIn,
  thirdParty,
  type Step,
} from './steps.js';

const createSignOutSteps = (
  name: string,
  id: string,
  username: string,
  sendsLogout: boolean,
): Record<string, Step> => ({
  [`end session (${name}): the page`]: async (world) => {
    const { oidcClientMetadata } = world.logto.tenant.applications.get(backChannelApp)!;
    if (sendsLogout) oidcClientMetadata.backchannelLogoutUri = `${world.listenerUrl}/bcl`;
    await world.addUser({ id, username, password });
    const browser = new Browser(world.logto.endpoint);
    const tokens = await browser.signIn({ client: backChannelApp, username });
    storeTokens(world, { access: 'opaque token of the session', refresh: 'refresh token of the session' }, tokens);
    world.values.set('id token of the session', tokens.id_token);
    world.browser = browser;
  },
  [`end session (${name}): confirmed`]: (world) => world.storeXsrfToken(),
  [`end session, no offline_access (${name}): the page`]: async (world) => {
    const browser = new Browser(world.logto.endpoint);
    const scope = ALL_SCOPES.replace('offline_access ', '');
    const tokens = await browser.signIn({ client: backChannelApp, username, scope });
    storeTokens(world, { access: 'opaque token, no offline_access' }, tokens);
    world.values.set('id token, no offline_access', tokens.id_token);
    world.browser = browser;
  },
  [`end session, no offline_access (${name}): confirmed`]: (world) => world.storeXsrfToken(),
});

/** Steps between the recordings of sessions, grants and sign-out. */
export const sessionSteps: Record<string, Step> = {
  'sessions list: four sessions of one user': async (world) => {
    restoreSignInExperience(world);
    await world.addUser({ id: 'ygb2no2fosfj', username: 'rec2_sess', password, name: 'rec2 sess' });
    await world.addUser({ id: '88sgzm633y7s', username: 'rec2_other', password });
    const labelsOf = (number: number) => ({
      access: `opaque token of session ${number}`,
      refresh: `refresh token of session ${number}`,
    });
    await signIn(secondSpa, 'rec2_sess', labelsOf(0))(world);
    await signIn(secondSpa, 'rec2_sess', labelsOf(1))(world);
    await signIn(secondSpa, 'rec2_sess', labelsOf(2))(world);
    await signIn(secondSpa, 'rec2_sess', { access: 'user jwt' }, { resource: profileApi })(world);
  },
  'sessions list: one session with a first-party and a third-party app': async (world) => {
    const firstParty = { access: 'opaque token first-party', refresh: 'refresh token first-party' };
    const browser = await signIn(secondSpa, 'rec2_sess', firstParty)(world);
    const third = { access: 'opaque token third-party', refresh: 'refresh token third-party' };
    const scope = 'openid offline_access profile email';
    await signIn(thirdParty, 'rec2_sess', third, { scope })(world, browser);
  },
  "grant delete: another user's grant": async (world) => {
    await signIn(secondSpa, 'rec2_sess', {
      access: 'opaque token of the grant',
      refresh: 'refresh token of the grant',
    })(world);
    bindNewestSession(world, {
      session: 'l6eE8FyMhtrkqCw6DcX7wgeED-HpY9EOkChrAvITe-3',
      grant: 'knjxbqbjgAE69dRjkfnN2DqzlzzMey3ebhrM9F21MXO',
    });
  },
  'session delete: an app signed in twice in it, revokeGrantsTarget=all': async (world) => {
    const browser = await signIn(secondSpa, 'rec2_sess', { refresh: 'refresh token first' })(world);
    await signIn(secondSpa, 'rec2_sess', { refresh: 'refresh token second' })(world, browser);
    bindNewestSession(world, { session: 'kKHHK6U1Be7HFNRGZJwLNuCofdhK4oE6pvL1WOHJtkJ' });
  },
  'userinfo: opaque token after a Management API password change': async (world) => {
    const labels = {
      access: 'opaque token before the password change',
      refresh: 'refresh token before the password change',
    };
    await signIn(secondSpa, 'rec2_sess', labels)(world);
    await world.patch('/api/users/ygb2no2fosfj/password', { password: 'An0ther-Passw0rd!y' });
  },
  ...createSignOutSteps(
    'server as started, OIDC_PROVIDER_SSRF_PROTECTION_DISABLED unset',
    'dkxkyo9l3v55',
    'rec2_bcl_9af76a',
    false,
  ),
  ...createSignOutSteps(
    'second server of this database with OIDC_PROVIDER_SSRF_PROTECTION_DISABLED=1',
    '0aok0gawktd8',
    'rec2_bcl_a286ab',
    true,
  ),
};
