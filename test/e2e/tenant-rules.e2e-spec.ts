import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, uniqueName, type Stack } from './harness.js';
import { LogtoTenant, type TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const RULES = {
  usernamePolicy: {
    caseSensitive: true,
    minLength: 6,
    maxLength: 20,
    allowedChars: { lowercase: true, uppercase: false, numbers: true, underscore: true },
  },
  emailBlocklistPolicy: { blockSubaddressing: true, customBlocklist: ['@blocked.example.com'] },
};

let stack: Stack;
let tenant: LogtoTenant;
let originalSettings: Record<string, unknown>;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack();
  tenant = stack.tenant;
  originalSettings = await tenant.call('GET', '/sign-in-exp');
  await tenant.call('PATCH', '/sign-in-exp', RULES);
  user = await stack.createUser({ password: PASSWORD, primaryEmail: `${uniqueName()}@example.com` });
  token = await stack.tokenFor(user.username);
}, 60_000);

afterAll(async () => {
  const { usernamePolicy, emailBlocklistPolicy } = originalSettings;
  await tenant?.call('PATCH', '/sign-in-exp', { usernamePolicy, emailBlocklistPolicy });
  await stack?.stop();
});

const patchAndReadErrors = async (body: unknown) => {
  const response = await stack.api('PATCH', '/v1/profile', { token, body });
  return [
    response.status,
    response.body.errors?.map((error: { pointer: string; code: string }) => [error.pointer, error.code]),
  ];
};

describe("the tenant's rules", () => {
  it.each([
    ['short', 'too_short'],
    ['long_'.repeat(5), 'too_long'],
    ['With_Upper', 'uppercase_not_allowed'],
  ])('reject the username %s before the service requires a proof', async (username, code) => {
    expect(await patchAndReadErrors({ username })).toEqual([422, [['/username', code]]]);
  });

  it.each([
    ['x@blocked.example.com', 'email_not_allowed'],
    ['x+tag@example.com', 'email_subaddressing_not_allowed'],
  ])('reject the email %s and send no code to it', async (primaryEmail, code) => {
    expect(await patchAndReadErrors({ primaryEmail })).toEqual([422, [['/primaryEmail', code]]]);
    const send = await stack.api('POST', '/v1/verification-codes', { token, body: { email: primaryEmail } });
    expect([send.status, send.body.errors[0].pointer, send.body.errors[0].code]).toEqual([422, '/email', code]);
  });

  it('accept a valid username and email, for which the service then requires proofs', async () => {
    expect((await patchAndReadErrors({ username: 'fine_name', primaryEmail: `${uniqueName()}@example.com` }))[0]).toBe(
      401,
    );
  });

  it('report a malformed username once', async () => {
    expect((await patchAndReadErrors({ username: '9 x' }))[1]).toHaveLength(1);
  });
});
