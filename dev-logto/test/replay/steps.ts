import { SignJWT, importJWK } from 'jose';
import type { JsonObject, User } from '../../src/tenant/types.js';
import { Browser, type Tokens } from './browser.js';
import { seed } from './seed.js';
import type { ReplayContext } from './replay-context.js';

export const password = 'Str0ng-Passw0rd!x';
export const spa = 'nstpalk0r9smaz3jljhl6';
export const secondSpa = 'kd1ghsz1fe1cxif6598bs';
export const thirdParty = 'aaj7w4jfw7gbg2xyox6qe';
export const backChannelApp = 'vze6o0xp7m63zg2bqfi4u';
export const profileApi = 'https://profile.example.com/api';
export const managementApi = 'https://default.logto.app/api';
export const MINUTE_MS = 60_000;

/** Prepares the state before a recording is replayed. */
export type Step = (context: ReplayContext) => unknown;

/** Sets the credentials for the next recording only. */
export const setCredentials =
  (credentials: string): Step =>
  (context) => {
    context.credentials = credentials;
  };

/** Sets the verification codes that dev-logto sends next. */
export const setNextCodes =
  (...codes: string[]): Step =>
  (context) => {
    context.codes = codes;
  };

/** Makes the code sent to an email address older. */
export const ageCode =
  (address: string, milliseconds: number): Step =>
  (context) => {
    context.logto.tenant.verificationCodes.get(`email:${address}`)!.createdAt -= milliseconds;
  };

export const createUser =
  (user: Partial<User> & { password?: string }): Step =>
  (context) =>
    context.addUser(user);

/** Restores the policies of the seed. */
export const restoreSignInExperience: Step = ({ logto }) =>
  Object.assign(logto.tenant.signInExperience, {
    usernamePolicy: {
      caseSensitive: true,
      minLength: 1,
      maxLength: 128,
      allowedChars: { lowercase: true, uppercase: true, numbers: true, underscore: true },
    },
    emailBlocklistPolicy: {},
    verificationCodePolicy: {},
    sentinelPolicy: {},
    passwordPolicy: seed.signInExperience!.passwordPolicy,
  });

/** Stores tokens as the values of labels in the recordings. */
export const storeTokens = (
  context: ReplayContext,
  labels: { access?: string; refresh?: string },
  tokens: Tokens,
): void => {
  if (labels.access) context.values.set(labels.access, tokens.access_token);
  if (labels.refresh) context.values.set(labels.refresh, tokens.refresh_token);
};

/** Signs in, by default with a new browser, and stores the tokens under the labels. */
export const signIn =
  (
    client: string,
    username: string,
    labels: { access?: string; refresh?: string } = {},
    parameters: { scope?: string; resource?: string } = {},
  ) =>
  async (context: ReplayContext, browser = new Browser(context.logto.endpoint)): Promise<Browser> => {
    storeTokens(context, labels, await browser.signIn({ client, username, ...parameters }));
    return browser;
  };

/** Binds the recorded ids to the session and grant of the latest sign-in. */
export const bindNewestSession = (
  { logto, comparison }: ReplayContext,
  recorded: { session?: string; grant?: string },
): void => {
  const session = logto.tenant.oidc.all('Session').at(-1)![1].payload;
  if (recorded.session) comparison.bind(recorded.session, session['uid'] as string);
  if (recorded.grant) comparison.bind(recorded.grant, logto.tenant.oidc.all('Grant').at(-1)![0]);
};

/** Signs an access token for the Management API that was issued `age` seconds ago. */
export const signMachineToken = async ({ logto }: ReplayContext, age: number): Promise<string> => {
  const key = logto.tenant.signingKeys[0]!;
  const iat = logto.clock.seconds() - age;
  const claims: JsonObject = {
    jti: 'expired',
    sub: 'ysx0ycpo2hsc6vbz0uoff',
    iat,
    exp: iat + 3600,
    scope: 'all',
    client_id: 'ysx0ycpo2hsc6vbz0uoff',
    iss: `${logto.endpoint}/oidc`,
    aud: managementApi,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.signingAlgorithm, typ: 'at+jwt', kid: key.id })
    .sign(await importJWK(key.privateJwk));
};
