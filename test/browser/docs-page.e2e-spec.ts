import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, signInAtLogto, startBrowserStack, type BrowserStack } from './browser-stack.js';

describeInBrowser('the documentation page', () => {
  let stack: BrowserStack;
  beforeAll(async () => {
    stack = await startBrowserStack();
  }, 90_000);
  afterAll(() => stack?.stop());

  it.each(['/docs', '/docs/'])(
    'signs in with Logto, calls an operation, and keeps the token in memory: %s',
    async (path) => {
      const page = await stack.open();
      const consoleErrors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') consoleErrors.push(message.text());
      });
      await page.goto(`${stack.url}${path}`);
      await page.locator('.btn.authorize').click();
      const dialog = page.locator('.auth-container').filter({ hasText: 'OAuth2, authorizationCode with PKCE' });
      const popup = page.waitForEvent('popup');
      await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
      const logto = await popup;
      await Promise.all([logto.waitForEvent('close'), signInAtLogto(logto, 'alice')]);
      await dialog.getByRole('button', { name: 'Remove authorization' }).waitFor();
      await dialog.getByRole('button', { name: 'Close', exact: true }).click();

      const operation = page.locator('#operations-Profile-getProfile');
      await operation.locator('.opblock-summary-control').click();
      await operation.getByRole('button', { name: 'Try it out' }).click();
      const request = page.waitForRequest(`${stack.url}/v1/profile`);
      await operation.getByRole('button', { name: 'Execute' }).click();
      const response = operation.locator('.live-responses-table .response').first();
      await response.waitFor();
      expect(await response.innerText()).toContain('alice@example.com');
      expect(consoleErrors).toEqual([]);

      const token = (await request).headers()['authorization']!.replace('Bearer ', '');
      const storage = [
        await page.context().storageState({ indexedDB: true }),
        await page.evaluate(() => ({ ...sessionStorage })),
      ];
      expect(JSON.stringify(storage)).not.toContain(token);
      await page.reload();
      await page.locator('.btn.authorize.unlocked').waitFor();
      await page.context().close();
    },
    60_000,
  );
});
