import type { Hook } from '../../src/tenant/types.js';
import { recordings } from './recordings.js';
import { sessionSteps } from './session-steps.js';
import {
  ageCode,
  setCredentials,
  bindNewestSession,
  signMachineToken,
  managementApi,
  MINUTE_MS,
  createUser,
  password,
  profileApi,
  restoreSignInExperience,
  setNextCodes,
  signIn,
  spa,
  type Step,
} from './steps.js';

const hookWithAllUserEvents = recordings.find(({ name }) => name === 'hook patch: enabled false')!.response
  .body as Hook;

/** Steps by the name of the recording that they precede. They repeat what changed Logto between two recordings. */
export const stepsBeforeRecording: Record<string, Step> = {
  'token: client_credentials ok (client_secret_basic)': async (context) => {
    const fullAccess = { resource: managementApi, scope: 'all' };
    const token = await context.requestMachineToken(context.credentials, fullAccess);
    context.values
      .set('m2m secret', 'first-secret')
      .set('m2m token', token)
      .set('m2m token, third', await context.requestMachineToken(context.credentials, fullAccess))
      .set('m2m token with a forged signature', token.slice(0, -20) + 'A'.repeat(20))
      .set(
        'm2m token without scope all',
        await context.requestMachineToken(context.credentials, { resource: managementApi }),
      )
      .set(
        'm2m token for another resource',
        await context.requestMachineToken(context.credentials, { resource: 'https://other.example.com/api' }),
      );
  },
  'token: wrong secret': setCredentials('ysx0ycpo2hsc6vbz0uoff:wrong'),
  'token: unknown client': setCredentials('nosuchclient:secret'),
  'token: app without the Management API role': setCredentials('jmw2n4nic0fedn60mbr3u:no-role-secret'),
  'token: secret deleted (rotation)': async (context) => {
    const { secrets } = context.logto.tenant.applications.get('ysx0ycpo2hsc6vbz0uoff')!;
    secrets.push({ ...secrets[0]!, name: 'second', value: 'second-secret' });
    const second = 'ysx0ycpo2hsc6vbz0uoff:second-secret';
    const token = await context.requestMachineToken(second, { resource: managementApi, scope: 'all' });
    context.values.set('m2m token of the second secret', token);
    secrets.pop();
    context.credentials = second;
  },
  'user get: expired token': async (context) => {
    context.values.set('expired m2m token', await signMachineToken(context, 7200));
  },
  'user patch: name of 65 emoji (65 code points, 130 UTF-16 units)': createUser({
    id: 'h8bl160izydo',
    username: 'rec_created2',
  }),
  'check-password: default policy, pwned-password service unreachable': ({ logto }) => {
    logto.tenant.signInExperience.passwordPolicy = {};
    logto.faults.breachedPasswordServiceDown = true;
  },
  'verification-code (singular path): not there': (context) => {
    context.logto.faults.reset();
    restoreSignInExperience(context);
  },
  'verification-codes: email': setNextCodes('895974'),
  'verification-codes: phone': setNextCodes('829653'),
  'verification-codes: both': setNextCodes('430050'),
  'verification-codes: other case': setNextCodes('015272'),
  'verification-codes: first of two sends': setNextCodes('414954', '139158'),
  'verification-codes: for max tries': setNextCodes('674647'),
  'verification-codes verify: 10th wrong try': ({ logto }) => {
    logto.tenant.verificationCodes.get('email:vc6@example.com')!.tries = 9;
  },
  'verification-codes: for expiry': setNextCodes('771182'),
  'verification-codes verify: expired': ageCode('vc7@example.com', 11 * MINUTE_MS),
  'verification-codes: 11th send to one recipient within 10 minutes': async (context) => {
    for (let send = 1; send <= 10; send += 1)
      await context.post('/api/verification-codes', { email: 'vc8@example.com' });
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
  'user sessions: with a signed-in user': async (context) => {
    await context.addUser({
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
    )(context);
    await signIn(spa, 'rec_acct', { access: 'user opaque token', refresh: 'refresh token' })(context);
    await signIn(spa, 'rec_acct', {}, { scope: 'openid' })(context);
  },
  'Management API password verify: right, while that user is locked out': createUser({
    id: '4qp90ep0u6rm',
    username: 'rec_locked',
    password,
  }),
  'refresh token: without resource (opaque token)': (context) => {
    context.values.set('refresh_token', context.lastJson['refresh_token'] as string);
  },
  'token exchange: ok': (context) => {
    context.values.set('subject token', context.lastJson['subjectToken'] as string);
    context.credentials = 'exchangingapplication:exchange-secret';
  },
  'is-suspended: on': async (context) => {
    await context.addUser({ id: 'e549lfngicoe', username: 'rec_susp', password });
    await signIn(spa, 'rec_susp', { access: 'suspended user token', refresh: 'suspended user refresh token' })(context);
  },

  'verification-codes: with verificationCodePolicy {expirationDuration 60, maxRetryAttempts 2}': ({ logto, codes }) => {
    codes.push('754808', '085269');
    logto.tenant.signInExperience.verificationCodePolicy = { expirationDuration: 60, maxRetryAttempts: 2 };
  },
  'verification-codes verify: right code 61 s old with expirationDuration 60': async (context) => {
    await context.post('/api/verification-codes', { email: 'rec2_vcq@example.com' });
    ageCode('rec2_vcq@example.com', 61_000)(context);
  },
  'sign-in-exp patch: usernamePolicy strict': restoreSignInExperience,
  'username policy (6-12, lowercase and _ only): Management API patch, too short': async (context) => {
    await context.addUser({
      id: 'mbiq15xy0gvf',
      username: 'rec2_pol',
      primaryEmail: 'rec2_pol@example.com',
      password,
    });
    await signIn(spa, 'rec2_pol')(context);
  },
  'username-policy case-sensitivity-conflicts: one pair': async (context) => {
    restoreSignInExperience(context);
    await context.addUser({ id: 'l45qx89oa6jb', username: 'rec2_case' });
    await context.addUser({ id: 'jx02hjsunev7', username: 'Rec2_Case' });
  },
  'username-policy case-sensitivity-conflicts: none': ({ logto }) => {
    logto.tenant.deleteUser('jx02hjsunev7');
  },
  'sign-in-exp patch: emailBlocklistPolicy ok': restoreSignInExperience,
  'email blocklist: Management API user patch, blocked domain': (context) => {
    context.getUser('mbiq15xy0gvf').username = 'rec2_pol';
  },

  ...sessionSteps,

  'hook get: ok': ({ logto, comparison }) => {
    const newestHook = [...logto.tenant.hooks.values()].at(-1)!;
    comparison.bind('gwb184xvigdaxr8v8ia7l', newestHook.id);
  },
  'webhook trigger: Management API POST /users': async (context) => {
    await context.addUser({ username: 'alice' });
    const hook = context.getHook('gwb184xvigdaxr8v8ia7l');
    hook.config = { ...hook.config, headers: { 'x-own-header': 'own value' } };
    hook.events = hookWithAllUserEvents.events;
  },
  'webhook trigger: Management API DELETE /users/:id/mfa-verifications/:id': (context) => {
    context.comparison.bind('gprxrsd40qzbcamll2kxk', context.getUser('k2n79osuf1a5').mfaVerifications[0]!.id);
  },
  'received: webhook PostSignIn on sign-in by password (Experience API)': async (context) => {
    await signIn(spa, 'rec2_hook', { refresh: 'refresh token of the user' })(context);
    bindNewestSession(context, {
      session: '1jWCh3tkCkrO2eFzIHItWZb2QgBxlpANjBsfBSQ4ATR',
      grant: 'rWJfCnms9JHr7va1erh3XxjcKiH0B8UyVH0FE2n_MTQ',
    });
  },
  'webhook trigger: Management API DELETE /users/:id': (context) => {
    // These changes were made through the Account API, which dev-logto does not have.
    Object.assign(context.getUser('k2n79osuf1a5'), {
      username: 'rec2_hook_b',
      primaryEmail: 'rec2_hook3@example.com',
      primaryPhone: null,
      name: 'By Account',
      customData: { c: 3 },
      profile: { nickname: 'acc' },
    });
  },
  'hook patch: enabled false': (context) => {
    context.received.length = 0;
  },
  'user patch: while ten hooks fail, hang or are slow': async (context) => {
    await context.addUser({ id: '733h8qj8yrfa', username: 'rec2_hook_order' });
    context.logto.tenant.hooks.clear();
    context.logto.webhooks.timeout = 300;
    for (const { name, request } of recordings) {
      const listener = /^hook recent-logs: listener (.+)$/.exec(name)?.[1];
      const id = /^\/api\/hooks\/(\w+)\/recent-logs/.exec(request.path)?.[1];
      if (!listener || !id) continue;
      const url = listener.startsWith('http') ? listener : context.listenerUrl + listener;
      context.logto.tenant.addHook({ id, events: ['User.Data.Updated'], config: { url } });
    }
  },
  'hook recent-logs: listener /500': async (context) => {
    await context.logto.webhooks.settled();
    context.logto.tenant.hooks.clear();
  },

  'mfa list: none': createUser({ id: 'eziqa2i180xd', username: 'rec2_mfa', password }),
  'mfa create: BackupCode, generated': (context) => {
    const user = context.getUser('eziqa2i180xd');
    user.mfaVerifications = user.mfaVerifications.filter(({ type }) => type !== 'BackupCode');
  },
  'identity put: new': async (context) => {
    await context.addUser({ id: '9swbmv5pt1d8', username: 'rec2_soc', password });
    await context.addUser({ id: 'ppc3fath3zrm', username: 'rec2_soc2' });
    await context.addUser({ id: 'm7dcd8pi44sk', name: 'rec2 solo' });
  },
  'custom profile fields: Management API custom-data against the fields (Number 1-5 given 99, Text max 20 given 21)':
    createUser({ id: '5x5gh43s9qqo', username: 'rec2_fields' }),
  'role create': createUser({ id: 'xmoxexkt9e75', username: 'rec2_org', password, name: 'rec2 org' }),
  'pat create: ok': createUser({ id: 'ny1ngds0ktaz', username: 'rec2_pat' }),
  'subject token: suspended user': (context) => {
    context.getUser('ny1ngds0ktaz').isSuspended = true;
  },
  'userinfo: a user with everything, all scopes': async (context) => {
    const user = context.getUser('jduwqgzof44j');
    user.identities = { github: { userId: 'gh-full', details: { id: 'gh-full' } } };
    await signIn(spa, 'rec2_full', { access: 'opaque token of the full user' })(context);
  },
  'user get: only a name': createUser({ id: '7fxh5op3xu6d', name: 'rec2 empty' }),

  'jwks: before any rotation': async (context) => {
    await context.addUser({ id: '800hhcbsueb5', username: 'rec2_keys', password });
    const token = await context.requestMachineToken(context.credentials, { resource: managementApi, scope: 'all' });
    context.values.set('m2m token, key 0', token);
    await signIn(spa, 'rec2_keys', { refresh: 'refresh token of key 0' })(context);
  },
  'jwks: after the first rotation': ({ logto }) => logto.rotateKeys(),
  'jwks: after the second rotation (two keys only, the first is gone)': ({ logto }) =>
    logto.rotateKeys({ signingAlgorithm: 'RS256' }),
  'jwks: while a staged key waits': ({ logto }) => logto.rotateKeys({ gracePeriod: 3600 }),
};

/** Request bodies for which the recordings contain only the size. */
export const generatedBodies: Record<string, () => string> = {
  'user patch: 1.2 MB body': () => createCustomDataBody(1_200_025),
  'user patch: 0.9 MB customData': () => createCustomDataBody(900_025),
  'custom-data patch: a body of 1048576 bytes': () => createCustomDataBody(1_048_576),
  'custom-data patch: a body of 1048577 bytes': () => createCustomDataBody(1_048_577),
  'custom-data patch: one value of 100 kB': () => createCustomDataBody(100_025),
  'custom-data patch: one value of 900 kB': () => createCustomDataBody(900_025),
  'custom-data patch: one value of 1100 kB': () => createCustomDataBody(1_100_025),
  'custom-data patch: one value of 3000 kB': () => createCustomDataBody(3_000_025),
};

const createCustomDataBody = (bytes: number): string => {
  const empty = '{"customData":{"big":""}}';
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
};

/** By recording: sorts a list by creation time, because PostgreSQL returned it to Logto in arbitrary order. */
export const sortRecordedLists: Record<string, (list: { grants: unknown[] }) => unknown> = {
  'grants list: all': ({ grants: [first, third, second, fourth] }) => ({ grants: [first, second, third, fourth] }),
};
