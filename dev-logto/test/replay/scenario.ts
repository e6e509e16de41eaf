import type { Hook } from '../../src/tenant/types.js';
import { recordings } from './recordings.js';
import { sessionSteps } from './session-steps.js';
import {
  ageCode,
  useCredentials,
  bindNewestSession,
  machineTokenOfAge,
  managementApi,
  minute,
  newUser,
  password,
  profileApi,
  restoreSignInExperience,
  sendCodes,
  signIn,
  spa,
  type Step,
} from './steps.js';

const allUserEvents = recordings.find(({ name }) => name === 'hook patch: enabled false')!.response.body as Hook;

/** Steps to run before the named recording, because something happened between the recordings. */
export const stepsBefore: Record<string, Step> = {
  'token: client_credentials ok (client_secret_basic)': async (world) => {
    const all = { resource: managementApi, scope: 'all' };
    const token = await world.requestMachineToken(world.credentials, all);
    world.values
      .set('m2m secret', 'first-secret')
      .set('m2m token', token)
      .set('m2m token, third', await world.requestMachineToken(world.credentials, all))
      .set('m2m token with a forged signature', token.slice(0, -20) + 'A'.repeat(20))
      .set(
        'm2m token without scope all',
        await world.requestMachineToken(world.credentials, { resource: managementApi }),
      )
      .set(
        'm2m token for another resource',
        await world.requestMachineToken(world.credentials, { resource: 'https://other.example.com/api' }),
      );
  },
  'token: wrong secret': useCredentials('ysx0ycpo2hsc6vbz0uoff:wrong'),
  'token: unknown client': useCredentials('nosuchclient:secret'),
  'token: app without the Management API role': useCredentials('jmw2n4nic0fedn60mbr3u:no-role-secret'),
  'token: secret deleted (rotation)': async (world) => {
    const { secrets } = world.logto.tenant.applications.get('ysx0ycpo2hsc6vbz0uoff')!;
    secrets.push({ ...secrets[0]!, name: 'second', value: 'second-secret' });
    const second = 'ysx0ycpo2hsc6vbz0uoff:second-secret';
    const token = await world.requestMachineToken(second, { resource: managementApi, scope: 'all' });
    world.values.set('m2m token of the second secret', token);
    secrets.pop();
    world.credentials = second;
  },
  'user get: expired token': async (world) => {
    world.values.set('expired m2m token', await machineTokenOfAge(world, 7200));
  },
  'user patch: name of 65 emoji (65 code points, 130 UTF-16 units)': newUser({
    id: 'h8bl160izydo',
    username: 'rec_created2',
  }),
  'check-password: default policy, pwned-password service unreachable': ({ logto }) => {
    logto.tenant.signInExperience.passwordPolicy = {};
    logto.faults.breachedPasswordServiceDown = true;
  },
  'verification-code (singular path): not there': (world) => {
    world.logto.faults.reset();
    restoreSignInExperience(world);
  },
  'verification-codes: email': sendCodes('895974'),
  'verification-codes: phone': sendCodes('829653'),
  'verification-codes: both': sendCodes('430050'),
  'verification-codes: other case': sendCodes('015272'),
  'verification-codes: first of two sends': sendCodes('414954', '139158'),
  'verification-codes: for max tries': sendCodes('674647'),
  'verification-codes verify: 10th wrong try': ({ logto }) => {
    logto.tenant.verificationCodes.get('email:vc6@example.com')!.tries = 9;
  },
  'verification-codes: for expiry': sendCodes('771182'),
  'verification-codes verify: expired': ageCode('vc7@example.com', 11 * minute),
  'verification-codes: 11th send to one recipient within 10 minutes': async (world) => {
    for (let send = 1; send <= 10; send += 1) await world.post('/api/verification-codes', { email: 'vc8@example.com' });
  },
  'verification-codes: email, no email connector': ({ logto }) => {
    logto.faults.connectorsRemoved.add('email').add('sms');
  },
  'verification-codes: connector without a Generic template': ({ logto }) => {
    logto.faults.reset();
    logto.tenant.connectors.get('n2huek1lu1ka')!.templates = ['SignIn'];
  },
  'verification-codes: connectors back': ({ logto }) => {
    logto.tenant.connectors.get('n2huek1lu1ka')!.templates = ['SignIn', 'Generic'];
  },
  'user sessions: with a signed-in user': async (world) => {
    await world.addUser({
      id: 'amzrpfshd93c',
      username: 'rec_acct',
      password,
      primaryEmail: 'rec_acct@example.com',
      primaryPhone: '15550200011',
      name: 'Acct',
    });
    await signIn(
      spa,
      'rec_acct',
      { access: 'user jwt for the profile resource', refresh: 'refresh token 1' },
      { resource: profileApi },
    )(world);
    await signIn(spa, 'rec_acct', { access: 'user opaque token', refresh: 'refresh token' })(world);
    await signIn(spa, 'rec_acct', {}, { scope: 'openid' })(world);
  },
  'Management API password verify: right, while that user is locked out': newUser({
    id: '4qp90ep0u6rm',
    username: 'rec_locked',
    password,
  }),
  'refresh token: without resource (opaque token)': (world) => {
    world.values.set('refresh_token', world.lastJson['refresh_token'] as string);
  },
  'token exchange: ok': (world) => {
    world.values.set('subject token', world.lastJson['subjectToken'] as string);
    world.credentials = 'exchangingapplication:exchange-secret';
  },
  'is-suspended: on': async (world) => {
    await world.addUser({ id: 'e549lfngicoe', username: 'rec_susp', password });
    await signIn(spa, 'rec_susp', { access: 'suspended user token', refresh: 'suspended user refresh token' })(world);
  },

  'verification-codes: with verificationCodePolicy {expirationDuration 60, maxRetryAttempts 2}': ({ logto, codes }) => {
    codes.push('754808', '085269');
    logto.tenant.signInExperience.verificationCodePolicy = { expirationDuration: 60, maxRetryAttempts: 2 };
  },
  'verification-codes verify: right code 61 s old with expirationDuration 60': async (world) => {
    await world.post('/api/verification-codes', { email: 'rec2_vcq@example.com' });
    ageCode('rec2_vcq@example.com', 61_000)(world);
  },
  'sign-in-exp patch: usernamePolicy strict': restoreSignInExperience,
  'username policy (6-12, lowercase and _ only): Management API patch, too short': async (world) => {
    await world.addUser({
      id: 'mbiq15xy0gvf',
      username: 'rec2_pol',
      primaryEmail: 'rec2_pol@example.com',
      password,
    });
    await signIn(spa, 'rec2_pol')(world);
  },
  'username-policy case-sensitivity-conflicts: one pair': async (world) => {
    restoreSignInExperience(world);
    await world.addUser({ id: 'l45qx89oa6jb', username: 'rec2_case' });
    await world.addUser({ id: 'jx02hjsunev7', username: 'Rec2_Case' });
  },
  'username-policy case-sensitivity-conflicts: none': ({ logto }) => {
    logto.tenant.deleteUser('jx02hjsunev7');
  },
  'sign-in-exp patch: emailBlocklistPolicy ok': restoreSignInExperience,
  'email blocklist: Management API user patch, blocked domain': (world) => {
    world.user('mbiq15xy0gvf').username = 'rec2_pol';
  },

  ...sessionSteps,

  'hook get: ok': ({ logto, comparison }) => {
    const main = [...logto.tenant.hooks.values()].at(-1)!;
    comparison.bind('gwb184xvigdaxr8v8ia7l', main.id);
  },
  'webhook trigger: Management API POST /users': async (world) => {
    await world.addUser({ username: 'alice' });
    const hook = world.hook('gwb184xvigdaxr8v8ia7l');
    hook.config = { ...hook.config, headers: { 'x-own-header': 'own value' } };
    hook.events = allUserEvents.events;
  },
  'webhook trigger: Management API DELETE /users/:id/mfa-verifications/:id': (world) => {
    world.comparison.bind('gprxrsd40qzbcamll2kxk', world.user('k2n79osuf1a5').mfaVerifications[0]!.id);
  },
  'received: webhook PostSignIn on sign-in by password (Experience API)': async (world) => {
    await signIn(spa, 'rec2_hook', { refresh: 'refresh token of the user' })(world);
    bindNewestSession(world, {
      session: '1jWCh3tkCkrO2eFzIHItWZb2QgBxlpANjBsfBSQ4ATR',
      grant: 'rWJfCnms9JHr7va1erh3XxjcKiH0B8UyVH0FE2n_MTQ',
    });
  },
  'webhook trigger: Management API DELETE /users/:id': (world) => {
    // Changes that were made through the Account API in the meantime.
    Object.assign(world.user('k2n79osuf1a5'), {
      username: 'rec2_hook_b',
      primaryEmail: 'rec2_hook3@example.com',
      primaryPhone: null,
      name: 'By Account',
      customData: { c: 3 },
      profile: { nickname: 'acc' },
    });
  },
  'hook patch: enabled false': (world) => {
    world.received.length = 0;
  },
  'user patch: while ten hooks fail, hang or are slow': async (world) => {
    await world.addUser({ id: '733h8qj8yrfa', username: 'rec2_hook_order' });
    world.logto.tenant.hooks.clear();
    world.logto.webhooks.timeout = 300;
    for (const { name, request } of recordings) {
      const listener = /^hook recent-logs: listener (.+)$/.exec(name)?.[1];
      const id = /^\/api\/hooks\/(\w+)\/recent-logs/.exec(request.path)?.[1];
      if (!listener || !id) continue;
      const url = listener.startsWith('http') ? listener : world.listenerUrl + listener;
      world.logto.tenant.addHook({ id, events: ['User.Data.Updated'], config: { url } });
    }
  },
  'hook recent-logs: listener /500': async (world) => {
    await world.logto.webhooks.settled();
    world.logto.tenant.hooks.clear();
  },

  'mfa list: none': newUser({ id: 'eziqa2i180xd', username: 'rec2_mfa', password }),
  'mfa create: BackupCode, generated': (world) => {
    const user = world.user('eziqa2i180xd');
    user.mfaVerifications = user.mfaVerifications.filter(({ type }) => type !== 'BackupCode');
  },
  'identity put: new': async (world) => {
    await world.addUser({ id: '9swbmv5pt1d8', username: 'rec2_soc', password });
    await world.addUser({ id: 'ppc3fath3zrm', username: 'rec2_soc2' });
    await world.addUser({ id: 'm7dcd8pi44sk', name: 'rec2 solo' });
  },
  'custom profile fields: Management API custom-data against the fields (Number 1-5 given 99, Text max 20 given 21)':
    newUser({ id: '5x5gh43s9qqo', username: 'rec2_fields' }),
  'role create': newUser({ id: 'xmoxexkt9e75', username: 'rec2_org', password, name: 'rec2 org' }),
  'pat create: ok': newUser({ id: 'ny1ngds0ktaz', username: 'rec2_pat' }),
  'subject token: suspended user': (world) => {
    world.user('ny1ngds0ktaz').isSuspended = true;
  },
  'userinfo: a user with everything, all scopes': async (world) => {
    const user = world.user('jduwqgzof44j');
    user.identities = { github: { userId: 'gh-full', details: { id: 'gh-full' } } };
    await signIn(spa, 'rec2_full', { access: 'opaque token of the full user' })(world);
  },
  'user get: only a name': newUser({ id: '7fxh5op3xu6d', name: 'rec2 empty' }),

  'jwks: before any rotation': async (world) => {
    await world.addUser({ id: '800hhcbsueb5', username: 'rec2_keys', password });
    const token = await world.requestMachineToken(world.credentials, { resource: managementApi, scope: 'all' });
    world.values.set('m2m token, key 0', token);
    await signIn(spa, 'rec2_keys', { refresh: 'refresh token of key 0' })(world);
  },
  'jwks: after the first rotation': ({ logto }) => logto.rotateKeys(),
  'jwks: after the second rotation (two keys only, the first is gone)': ({ logto }) =>
    logto.rotateKeys({ signingAlgorithm: 'RS256' }),
  'jwks: while a staged key waits': ({ logto }) => logto.rotateKeys({ gracePeriod: 3600 }),
};

/** Request bodies for which the recordings contain only the size. */
export const generatedBodies: Record<string, () => string> = {
  'user patch: 1.2 MB body': () => customData(1_200_025),
  'user patch: 0.9 MB customData': () => customData(900_025),
  'custom-data patch: a body of 1048576 bytes': () => customData(1_048_576),
  'custom-data patch: a body of 1048577 bytes': () => customData(1_048_577),
  'custom-data patch: one value of 100 kB': () => customData(100_025),
  'custom-data patch: one value of 900 kB': () => customData(900_025),
  'custom-data patch: one value of 1100 kB': () => customData(1_100_025),
  'custom-data patch: one value of 3000 kB': () => customData(3_000_025),
};

const customData = (bytes: number): string => {
  const empty = '{"customData":{"big":""}}';
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
};

/** Sorts lists by creation that Logto returned in PostgreSQL's arbitrary order. */
export const reordered: Record<string, (list: { grants: unknown[] }) => unknown> = {
  'grants list: all': ({ grants: [first, third, second, fourth] }) => ({ grants: [first, second, third, fourth] }),
};
