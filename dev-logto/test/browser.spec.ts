import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startDevLogto, type DevLogto } from '../src/index.js';
import { describeInChromium, launchChromium } from './support/chromium.js';
import { serveFixture, servePage, type FixtureApp } from './support/fixture-app.js';
import { REDIRECT_URI } from './support/http-browser.js';

const RESOURCE = 'https://profile.example/api';

describeInChromium('dev-logto in Chromium', () => {
  let logto: DevLogto;
  let chromium: Browser;
  let context: BrowserContext;
  let page: Page;
  let pageErrors: string[];

  beforeAll(async () => {
    [logto, chromium] = await Promise.all([startDevLogto({ port: 0 }), launchChromium()]);
  });
  afterAll(async () => {
    await chromium?.close();
    await logto?.stop();
  });
  beforeEach(async () => {
    await logto.reset();
    await openPage();
  });
  afterEach(() => context.close());

  const openPage = async (options: Parameters<Browser['newContext']>[0] = {}): Promise<void> => {
    context = await chromium.newContext(options);
    context.setDefaultTimeout(8000);
    page = await context.newPage();
    pageErrors = [];
    page.on('pageerror', (error) => pageErrors.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && pageErrors.push(message.text())));
  };

  describe.each([
    ['@logto/browser', 'browser-app.js'],
    ['@logto/react', 'react-app.js'],
  ])('%s', (_, fixture) => {
    let app: FixtureApp;
    beforeAll(async () => {
      app = await serveFixture(fixture, { endpoint: logto.endpoint, appId: 'profile-page', resource: RESOURCE });
    });
    afterAll(() => app.close());

    const readState = async (): Promise<Record<string, Record<string, unknown>>> => {
      const text = page.locator('#state:not(:empty)');
      await text.waitFor();
      return JSON.parse((await text.textContent())!) as Record<string, Record<string, unknown>>;
    };
    const signIn = async (): Promise<void> => {
      await page.getByLabel('Username, email or phone').fill('alice');
      await page.getByLabel('Password').fill('Str0ng-Passw0rd!x');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.waitForURL(`${app.origin}/`);
    };
    const readAll = async () => {
      await page.locator('#read').click();
      await page.locator('#state:has-text("userInfo"), #state:has-text("error")').waitFor();
      return readState();
    };

    it('signs in, refreshes, fetches a resource token, user info and claims, and signs out', async () => {
      await page.goto(app.origin);
      expect(await readState()).toEqual({ authenticated: false });
      await page.locator('#sign-in').click();
      await signIn();
      expect(await readState()).toEqual({ authenticated: true });

      expect(await readAll()).toEqual({
        refreshed: true,
        accessToken: expect.objectContaining({
          sub: 'alice0000001',
          aud: RESOURCE,
          client_id: 'profile-page',
          scope: '',
        }),
        idToken: expect.objectContaining({ sub: 'alice0000001', username: 'alice', email: 'alice@example.com' }),
        userInfo: expect.objectContaining({ sub: 'alice0000001', name: 'Alice Example', custom_data: {} }),
      });

      await page.locator('#sign-out').click();
      // The page has the same URL before.
      await page.locator('#state:has-text("false")').waitFor();
      expect(await readState()).toEqual({ authenticated: false });
      await page.locator('#sign-in').click();
      await page.waitForURL(`${logto.endpoint}/sign-in**`);
      expect(pageErrors).toEqual([]);
    });

    it('receives the nonce and auth_time when signing in again', async () => {
      await page.goto(app.origin);
      await page.locator('#sign-in').click();
      await signIn();
      await page.locator('#sign-in-again').click();
      await signIn();
      const { idToken } = await readAll();
      expect(idToken).toMatchObject({ nonce: 'of the page', auth_time: expect.any(Number) });
    });
  });

  describe('web pages', () => {
    const authorizeUrl = (parameters: Record<string, string> = {}) =>
      `${logto.endpoint}/oidc/auth?${new URLSearchParams({
        client_id: 'profile-page',
        response_type: 'code',
        redirect_uri: REDIRECT_URI,
        scope: 'openid offline_access profile email',
        prompt: 'consent',
        code_challenge: 'a'.repeat(43),
        code_challenge_method: 'S256',
        ...parameters,
      })}`;
    const sendCode = async (email: string): Promise<void> => {
      const token = await logto.issueToken('alice', {
        kind: 'machine',
        resource: 'https://default.logto.app/api',
        scope: 'all',
      });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ email });
      await fetch(`${logto.endpoint}/api/verification-codes`, { method: 'POST', headers, body });
    };

    it.each([['light'], ['dark']] as const)(
      'pass the axe checks in %s mode and load nothing from other origins',
      async (colorScheme) => {
        await context.close();
        await openPage({ colorScheme, viewport: { width: 390, height: 780 } });
        await sendCode('someone@example.com');
        logto.tenant.addUser({ username: 'with_a_very_long_username_that_does_not_break', isSuspended: true });
        logto.tenant.addApplication({ id: 'calendar', type: 'SPA', isThirdParty: true, redirectUris: [REDIRECT_URI] });
        const hosts = new Set<string>();
        page.on('request', (request) => hosts.add(new URL(request.url()).origin));
        const checkPage = async (): Promise<void> => {
          const violations = await page.evaluate(
            `${axe.source}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
          );
          expect([page.url(), violations]).toEqual([page.url(), []]);
          expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
        };
        await page.goto(authorizeUrl({ client_id: 'calendar' }));
        await checkPage();
        await page.getByRole('button', { name: 'Sign in as Alice Example' }).click();
        await page.getByRole('heading', { name: 'Allow calendar?' }).waitFor();
        await checkPage();
        for (const path of ['/', '/dev/mailbox', '/dev/people']) {
          await page.goto(`${logto.endpoint}${path}`);
          await page.getByText('For development only.').waitFor();
          await checkPage();
        }
        expect([...hosts].filter((host) => host !== 'null')).toEqual([logto.endpoint]);
        expect(pageErrors).toEqual([]);
      },
    );

    it('support signing in by keyboard and report incorrect credentials', async () => {
      const app = await servePage('the application');
      await page.goto(authorizeUrl({ redirect_uri: `${app.origin}/callback` }));
      const focused = page.locator('input:focus');
      await focused.waitFor();
      await page.keyboard.type('alice');
      await page.keyboard.press('Tab');
      await page.keyboard.type('nope');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').textContent()).toBe(
        'Incorrect account or password. Please check your input.',
      );
      await focused.waitFor();
      await page.keyboard.type('Str0ng-Passw0rd!x');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${app.origin}/callback?**`);
      expect(new URL(page.url()).searchParams.has('code')).toBe(true);
      await app.close();
    });

    it('add new messages to the mailbox without rendering the others again', async () => {
      await page.goto(`${logto.endpoint}/dev/mailbox`);
      await page.getByText('No messages yet').waitFor();
      await sendCode('first@example.com');
      await page.getByText('first@example.com').waitFor();
      const first = page.locator('.message', { hasText: 'first@example.com' });
      await first.getByRole('button', { name: /Copy/ }).focus();
      await first.evaluate((item) => Object.assign(item, { seenBefore: true }));
      await sendCode('second@example.com');
      await page.getByText('second@example.com').waitFor();
      expect(await page.locator('.to').allTextContents()).toEqual(['second@example.com', 'first@example.com']);
      expect(await first.evaluate((item) => 'seenBefore' in item && item.matches(':focus-within'))).toBe(true);
      expect(await first.locator('[data-code]').textContent()).toBe(logto.lastCode('first@example.com'));
      await logto.reset();
      await page.getByText('No messages yet').waitFor();
    });

    it('suspend, unsuspend and delete users, and reset everything after confirmation', async () => {
      await page.goto(`${logto.endpoint}/dev/people`);
      const alice = page.locator('.user', { hasText: 'Alice Example' });
      await alice.getByRole('button', { name: /^Suspend/ }).click();
      await alice.getByText('suspended', { exact: true }).waitFor();
      expect(logto.tenant.users.get('alice0000001')!.isSuspended).toBe(true);
      await alice.getByRole('button', { name: 'Unsuspend' }).click();
      await alice.getByRole('button', { name: /^Suspend/ }).waitFor();

      await alice.getByRole('button', { name: /Delete/ }).click();
      await page.keyboard.press('Escape');
      await alice.getByRole('button', { name: /Delete/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await alice.waitFor({ state: 'detached' });
      expect([...logto.tenant.users.keys()]).toEqual(['bob000000001']);

      await page.getByRole('button', { name: 'Reset everything…' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Reset everything' }).click();
      await alice.waitFor();
      expect([...logto.tenant.users.keys()]).toEqual(['alice0000001', 'bob000000001']);
    });
  });
});
