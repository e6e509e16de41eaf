import { afterAll, beforeAll, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describeInBrowser, startBrowserStack, type BrowserStack } from './browser-stack.js';
import { createTestUser, waitForSaved } from './page-steps.js';

let stack: BrowserStack;
const createUser = () => createTestUser(stack);

describeInBrowser('the profile page', () => {
  beforeAll(async () => {
    stack = await startBrowserStack();
  }, 60_000);
  afterAll(() => stack?.stop());

  it('can be used with the keyboard alone and restores the focus', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    const getFocused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    for (let i = 0; i < 30 && (await getFocused()) !== 'Change Display name'; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await getFocused()).toBe('input/name');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('Keyboard User');
    await page.keyboard.press('Enter');
    await waitForSaved(page);
    expect(await getFocused()).toBe('Change Display name');

    for (let i = 0; i < 80 && (await getFocused()) !== 'Add Tax ID'; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.type('DE123456789');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate(() => document.querySelector('dialog')!.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await getFocused()).toBe('input/taxId');
    expect(await page.getByRole('textbox', { name: 'Tax ID' }).inputValue()).toBe('DE123456789');
  });

  it.each([
    ['light, wide', {}],
    ['dark, wide', { colorScheme: 'dark' as const }],
    ['light, narrow, German', { viewport: { width: 360, height: 740 }, locale: 'de-DE' }],
    ['dark, narrow, right to left', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const, rtl: true }],
  ])(
    'has no axe violations and no horizontal overflow in any section: %s',
    async (_case, { rtl, ...context }: Appearance) => {
      const { username } = await createUser();
      const page = await stack.openAs(username, context);
      if (rtl) await page.goto(`${stack.pageUrl}/?dir=rtl`);
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      await expectAccessible(page, 'profile');
      for (const name of ['address', 'birthdate', 'website', 'emergencyContact', 'taxId']) {
        await page.locator(`[data-field="${name}"] .row-actions button`).first().click();
      }
      await page.locator('[data-field="taxId"] input').fill('x');
      await page.locator('[data-field="emergencyContact"] input').first().fill('Bob');
      await page.locator('.save-bar .button-primary').click();
      await page.locator('main [aria-invalid="true"]').first().waitFor();
      await expectAccessible(page, 'profile, editing, with an error');
      await page.locator('[data-field="taxId"] input').fill('DE123456789');
      await page.locator('.save-bar .button-primary').click();
      await page.locator('dialog').waitFor();
      await expectAccessible(page, 'proof by password');
      await page.locator('dialog input[type="radio"]').nth(1).check();
      await page.locator('dialog .button-primary').click();
      await page.locator('dialog .code input').waitFor();
      await expectAccessible(page, 'code');
      await page.locator('dialog .dialog-actions .button').first().click();
      await page.locator('.save-bar .button').first().click();

      const links = page.locator('nav a');
      for (let i = 1; i < (await links.count()); i += 1) {
        await links.nth(i).click();
        await page.waitForLoadState('networkidle');
        await expectAccessible(page, (await links.nth(i).getAttribute('href'))!);
      }
      await page.goto(`${stack.pageUrl}/security`);
      await page.locator('section .row-actions .link').first().click();
      await page.locator('input[autocomplete="new-password"]').fill('password');
      await page.locator('.issues').waitFor();
      await expectAccessible(page, 'new password');
      await page.locator('.bar .button').click();
      await page.locator('.welcome').waitFor();
      await expectAccessible(page, 'welcome');
    },
  );
});

interface Appearance {
  readonly colorScheme?: 'dark';
  readonly viewport?: { width: number; height: number };
  readonly locale?: string;
  readonly rtl?: boolean;
}

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

async function expectAccessible(page: Page, view: string): Promise<void> {
  // The page's content security policy blocks an injected script element, so the script is evaluated.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  const problems = violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect({ view, problems, overflow }).toEqual({ view, problems: [], overflow: 0 });
}
