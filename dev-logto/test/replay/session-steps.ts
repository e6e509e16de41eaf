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

/** Creates the steps of the sign-out recordings of one server. `name` is part of the names of its recordings. */
const createSignOutSteps = (
  name: string,
  userId: string,
  username: string,
  sendsBackChannelLogout: boolean,
): Record<string, Step> => ({
  [`end session (${name}): the page`]: async (context) => {
    const { oidcClientMetadata } = context.logto.tenant.applications.get(backChannelApp)!;
    if (sendsBackChannelLogout) oidcClientMetadata.backchannelLogoutUri = `${context.listenerUrl}/bcl`;
    await context.addUser({ id: userId, username, password });
    const browser = new Browser(context.logto.endpoint);
    const tokens = await browser.signIn({ client: backChannelApp, username });
    storeTokens(context, { access: 'opaque token of the session', refresh: 'refresh token of the session' }, tokens);
    context.values.set('id token of the session', tokens.id_token);
    context.browser = browser;
  },
  [`end session (${name}): confirmed`]: (context) => context.storeXsrfToken(),
  [`end session, no offline_access (${name}): the page`]: async (context) => {
    const browser = new Browser(context.logto.endpoint);
    const scope = ALL_SCOPES.replace('offline_access ', '');
    const tokens = await browser.signIn({ client: backChannelApp, username, scope });
    storeTokens(context, { access: 'opaque token, no offline_access' }, tokens);
    context.values.set('id token, no offline_access', tokens.id_token);
    context.browser = browser;
  },
  [`end session, no offline_access (${name}): confirmed`]: (context) => context.storeXsrfToken(),
});

/** Steps between the recordings of sessions, grants and sign-out. */
export const sessionSteps: Record<string, Step> = {
  'sessions list: four sessions of one user': async (context) => {
    restoreSignInExperience(context);
    await context.addUser({ id: 'ygb2no2fosfj', username: 'rec2_sess', password, name: 'rec2 sess' });
    await context.addUser({ id: '88sgzm633y7s', username: 'rec2_other', password });
    const createLabels = (number: number) => ({
      access: `opaque token of session ${number}`,
      refresh: `refresh token of session ${number}`,
    });
    await signIn(secondSpa, 'rec2_sess', createLabels(0))(context);
    await signIn(secondSpa, 'rec2_sess', createLabels(1))(context);
    await signIn(secondSpa, 'rec2_sess', createLabels(2))(context);
    await signIn(secondSpa, 'rec2_sess', { access: 'user jwt' }, { resource: profileApi })(context);
  },
  'sessions list: one session with a first-party and a third-party app': async (context) => {
    const firstPartyLabels = { access: 'opaque token first-party', refresh: 'refresh token first-party' };
    const browser = await signIn(secondSpa, 'rec2_sess', firstPartyLabels)(context);
    const thirdPartyLabels = { access: 'opaque token third-party', refresh: 'refresh token third-party' };
    const scope = 'openid offline_access profile email';
    await signIn(thirdParty, 'rec2_sess', thirdPartyLabels, { scope })(context, browser);
  },
  "grant delete: another user's grant": async (context) => {
    await signIn(secondSpa, 'rec2_sess', {
      access: 'opaque token of the grant',
      refresh: 'refresh token of the grant',
    })(context);
    bindNewestSession(context, {
      session: 'l6eE8FyMhtrkqCw6DcX7wgeED-HpY9EOkChrAvITe-3',
      grant: 'knjxbqbjgAE69dRjkfnN2DqzlzzMey3ebhrM9F21MXO',
    });
  },
  'session delete: an app signed in twice in it, revokeGrantsTarget=all': async (context) => {
    const browser = await signIn(secondSpa, 'rec2_sess', { refresh: 'refresh token first' })(context);
    await signIn(secondSpa, 'rec2_sess', { refresh: 'refresh token second' })(context, browser);
    bindNewestSession(context, { session: 'kKHHK6U1Be7HFNRGZJwLNuCofdhK4oE6pvL1WOHJtkJ' });
  },
  'userinfo: opaque token after a Management API password change': async (context) => {
    const labels = {
      access: 'opaque token before the password change',
      refresh: 'refresh token before the password change',
    };
    await signIn(secondSpa, 'rec2_sess', labels)(context);
    await context.patch('/api/users/ygb2no2fosfj/password', { password: 'An0ther-Passw0rd!y' });
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
