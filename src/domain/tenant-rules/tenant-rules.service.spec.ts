import { beforeEach, describe, expect, it } from '@jest/globals';
import { logtoResponses } from '../../../test/support/logto-responses.js';
import { ManualClock } from '../../../test/support/management-api.js';
import type { SignInExperience } from '../../platform/management-api/logto-responses.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { UpstreamError } from '../../platform/management-api/upstream-error.js';
import { TenantRulesService } from './tenant-rules.service.js';

const provisioned = logtoResponses['sign-in-exp get: whole, as provisioned']!.body as SignInExperience;
const user = logtoResponses['user get: everything']!.body as LogtoUser;

let clock: ManualClock;
let fetches: number;
let respond: () => Promise<SignInExperience>;
let rules: TenantRulesService;

beforeEach(() => {
  clock = new ManualClock();
  fetches = 0;
  respond = async () => provisioned;
  const logto = {
    getSignInExperience: () => {
      fetches += 1;
      return respond();
    },
  };
  rules = new TenantRulesService(logto as ManagementApiService, clock);
});

const down = () => Promise.reject(new UpstreamError('upstream_unavailable', 'not_sent'));

describe("the tenant's rules", () => {
  it('are fetched once for concurrent callers, and again after a minute', async () => {
    await Promise.all([rules.current(), rules.current(), rules.current()]);
    clock.advance(59_999);
    await rules.current();
    expect(fetches).toBe(1);
    clock.advance(1);
    await Promise.all([rules.current(), rules.current()]);
    expect(fetches).toBe(2);
  });

  it('are kept while Logto is unreachable, and fetched again every five seconds', async () => {
    await rules.current();
    respond = down;
    clock.advance(60_000);
    expect(await rules.current()).toBe(provisioned);
    clock.advance(4_999);
    expect(await rules.current()).toBe(provisioned);
    expect(fetches).toBe(2);
    clock.advance(1);
    respond = async () => ({ passwordPolicy: {} });
    expect(await rules.current()).toEqual({ passwordPolicy: {} });
  });

  it('are reported as unavailable when they were never fetched', async () => {
    respond = down;
    await expect(rules.faults({ username: 'abc' })).rejects.toMatchObject({ code: 'upstream_unavailable' });
    respond = async () => provisioned;
    expect(await rules.faults({ username: 'abc' })).toEqual([]);
  });
});

describe('the username policy', () => {
  const strict = {
    caseSensitive: true,
    minLength: 6,
    maxLength: 12,
    allowedChars: { lowercase: true, uppercase: false, numbers: false, underscore: true },
  };

  it.each([
    ['rec_pol_abc', undefined],
    ['recx', 'too_short'],
    ['rec_abcdefghijklm', 'too_long'],
    ['rec_ABCDEF', 'uppercase_not_allowed'],
    ['rec_pol9', 'numbers_not_allowed'],
    ['9rec_pol', 'starts_with_number'],
    ['réc_pol', 'invalid_charset_hard'],
  ])('judges %s like the Account API: %s', async (username, code) => {
    respond = async () => ({ ...provisioned, usernamePolicy: strict });
    const [found] = await rules.faults({ username });
    expect(found?.code).toBe(code);
    expect(found?.pointer).toBe(code && '/username');
  });

  it.each([
    ['recx', { min: 6 }],
    ['rec_abcdefghijklm', { max: 12 }],
  ])('reports the limit that %s breaks', async (username, params) => {
    respond = async () => ({ ...provisioned, usernamePolicy: strict });
    expect((await rules.faults({ username }))[0]?.params).toEqual(params);
  });

  it('is the one of a new tenant when Logto has none', async () => {
    respond = async () => ({ passwordPolicy: {} });
    expect(await rules.faults({ username: 'Any_1' })).toEqual([]);
    expect((await rules.faults({ username: 'x'.repeat(129) }))[0]?.code).toBe('too_long');
  });

  it('accepts clearing the username', async () => {
    expect(await rules.faults({ username: null, primaryEmail: null })).toEqual([]);
    expect(fetches).toBe(0);
  });
});

describe('the email lists', () => {
  const blocked = {
    blockSubaddressing: true,
    customBlocklist: ['@blocked.example.com', 'bad@example.com', 'foo*@example.com'],
  };

  it.each([
    [blocked, 'x@blocked.example.com', 'email_not_allowed'],
    [blocked, 'X@BLOCKED.example.com', 'email_not_allowed'],
    [blocked, 'BAD@example.com', 'email_not_allowed'],
    [blocked, 'foobar@example.com', 'email_not_allowed'],
    [blocked, 'x+tag@example.com', 'email_subaddressing_not_allowed'],
    [blocked, 'good@example.com', undefined],
    [{ customAllowlist: ['@example.org'] }, 'y@example.net', 'email_not_allowed'],
    [{ customAllowlist: ['@example.org'] }, 'y@example.org', undefined],
    [{ customAllowlist: ['@example.org'], customBlocklist: ['y@example.org'] }, 'y@example.org', 'email_not_allowed'],
    [{}, 'x+tag@example.com', undefined],
    [undefined, 'x+tag@example.com', undefined],
  ])('%j: %s %s', async (emailBlocklistPolicy, primaryEmail, code) => {
    respond = async () => ({ ...provisioned, emailBlocklistPolicy });
    const [found] = await rules.faults({ primaryEmail });
    expect([found?.pointer, found?.code]).toEqual(code ? ['/primaryEmail', code] : [undefined, undefined]);
  });

  it('are enforced without repeating the address', async () => {
    respond = async () => ({ ...provisioned, emailBlocklistPolicy: blocked });
    expect(JSON.stringify(await rules.emailFault('bad@example.com', '/email'))).not.toContain('bad@');
  });
});

describe('the password policy, without breached passwords', () => {
  it.each([
    ['An0ther-Passw0rd!y', []],
    ['abc', ['too_short', 'restricted.sequence']],
    ['Rec2_full1', ['restricted.user_info']],
  ])('judges %s like Logto', async (password, codes) => {
    respond = async () => ({ ...provisioned, passwordPolicy: { rejects: { pwned: true } } });
    const issues = await rules.passwordIssues(user, password);
    expect(issues.map(({ code }) => code)).toEqual(codes.map((code) => `password_rejected.${code}`));
  });
});
