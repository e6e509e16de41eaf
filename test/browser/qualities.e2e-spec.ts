import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { unique } from '../e2e/harness.js';
import {
  describeInBrowser,
  PASSWORD,
  row,
  save,
  saved,
  startBrowserStack,
  type BrowserStack,
} from './browser-stack.js';

const root = new URL('../../', import.meta.url);

/** What a team might add, of every kind that has an editor of its own. */
const ADDED = `
  shoeSize:
    store: database
    labels: { en: Shoe size, de: Schuhgröße }
    schema: { type: integer, minimum: 10, maximum: 60 }
  shirt:
    store: customData
    labels: { en: Shirt }
    schema: { enum: [small, medium, large] }
  hobbies:
    store: database
    labels: { en: Hobbies }
    schema: { type: array, items: { type: string } }
  joinedOn:
    store: database
    access: write-once
    labels: { en: Joined on }
    schema: { type: string, format: date }
  measures:
    store: database
    labels: { en: Measures }
    memberLabels: { height: { en: Height }, glasses: { en: Glasses } }
    schema: { type: object, properties: { height: { type: number }, glasses: { type: boolean } } }
`;

let stack: BrowserStack;
let folder: string;

const person = () =>
  stack.createUser({
    username: unique(),
    password: PASSWORD,
    name: 'Robin Example',
    primaryEmail: `${unique()}@example.com`,
  });

const isApi = (url: URL) => url.origin === new URL(stack.url).origin;

/** Not in TypeScript's library yet: https://wicg.github.io/layout-instability/ */
interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly sources: readonly { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
}

/** Sums up layout shifts from the start of each document. */
const watchShifts = (page: Page) =>
  page.addInitScript(() => {
    const sum = { value: 0, moved: [] as string[] };
    Object.assign(window, { layoutShifts: sum });
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as LayoutShift[]) {
        sum.value += value;
        for (const { node, previousRect: from, currentRect: to } of sources) {
          const what = (node as Element | null)?.outerHTML?.slice(0, 90) ?? '';
          sum.moved.push(`${what} from ${from.x},${from.y} to ${to.x},${to.y}`);
        }
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
const shifts = (page: Page) =>
  page.evaluate(() => (window as unknown as { layoutShifts: { value: number; moved: string[] } }).layoutShifts);

describeInBrowser('the qualities of the profile page', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'profile-fields-'));
    const catalogue = join(folder, 'profile-fields.yaml');
    writeFileSync(catalogue, readFileSync(new URL('profile-fields.yaml', root), 'utf8') + ADDED);
    stack = await startBrowserStack({ environment: { PROFILE_FIELDS: catalogue } });
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows, saves and reloads fields that were added to the catalogue', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    const add = (label: string) => row(page, label).getByRole('button', { name: 'Add' }).click();
    await add('Shoe size');
    await page.getByRole('spinbutton', { name: 'Shoe size' }).fill('99');
    await add('Shirt');
    await page.getByRole('combobox', { name: 'Shirt' }).selectOption('medium');
    await add('Hobbies');
    await page.getByRole('textbox', { name: 'Hobbies' }).fill('chess\nclimbing');
    await add('Joined on');
    await page.getByRole('textbox', { name: 'Joined on' }).fill('2020-05-17');
    await add('Measures');
    await page.getByLabel('Height').fill('1.75');
    await page.getByLabel('Glasses').check();
    await save(page);
    await page.getByText('One value needs another look.').waitFor();
    await page.getByRole('spinbutton', { name: 'Shoe size' }).fill('42');
    await save(page);
    await saved(page);

    await page.reload();
    await row(page, 'Shoe size').getByText('42').waitFor();
    await row(page, 'Shirt').getByText('medium').waitFor();
    await row(page, 'Hobbies').getByText('chess, climbing').waitFor();
    await row(page, 'Joined on').getByText('17 May 2020').waitFor();
    await row(page, 'Measures').getByText('1.75').waitFor();
    await row(page, 'Joined on').getByText('Set by the app').waitFor(); // once, and that was it
    const { body } = await stack.api('GET', '/v1/profile', { token: await stack.tokenFor(username) });
    expect(body).toMatchObject({
      shoeSize: 42,
      shirt: 'medium',
      hobbies: ['chess', 'climbing'],
      joinedOn: '2020-05-17',
      measures: { height: 1.75, glasses: true },
    });
  });

  it('sends less than 150 kB of JavaScript', () => {
    const assets = new URL('examples/profile-page/dist/assets/', root);
    const size = readdirSync(assets)
      .filter((name) => name.endsWith('.js'))
      .reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets))).length, 0);
    console.info(`profile page: ${(size / 1000).toFixed(1)} kB of JavaScript, gzip`);
    expect(size).toBeLessThan(150_000);
  });

  it('fills the first field from the ID token, before anybody has answered', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await page.route(isApi, () => undefined); // asked, never answered
    await page.route(`${stack.logto.endpoint}/**`, () => undefined);
    await page.addInitScript(() => {
      new MutationObserver((_changes, observer) => {
        if (!document.querySelector('[data-field="name"] .text')) return;
        performance.mark('first-field');
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await row(page, 'Display name').getByText('Robin Example').waitFor();
    const [filled, loaded] = await page.evaluate(() => [
      performance.getEntriesByName('first-field')[0]!.startTime,
      (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).loadEventEnd,
    ]);
    console.info(
      `profile page: first field ${(filled! - loaded!).toFixed(0)} ms after load, ${filled!.toFixed(0)} ms in all`,
    );
  });

  it.each([
    ['the first time', true, {}],
    ['again, on a phone', false, { viewport: { width: 390, height: 844 } }],
  ])(
    'fills all fields with two API calls, and moves nothing when their answers come: %s',
    async (_when, first, look) => {
      const { username } = await person();
      const page = await stack.openAs(username, look);
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      await page.waitForLoadState('networkidle');
      if (first) {
        await page.evaluate(() => {
          for (const key of Object.keys(localStorage))
            if (key.startsWith('profile-page:')) localStorage.removeItem(key);
        });
      }
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const calls: string[] = [];
      await page.route(isApi, async (route) => {
        calls.push(new URL(route.request().url()).pathname);
        if (calls.length > 2) return; // never answered
        await held;
        await route.continue();
      });
      await watchShifts(page);
      await page.reload();
      await row(page, 'Display name').getByText('Robin Example').waitFor();
      release();
      await page.locator('[data-field="measures"] .row-actions button').waitFor();
      await row(page, 'Plan').getByText('Not set').waitFor();
      expect(await page.locator('.skeleton').count()).toBe(0);
      expect(calls.slice(0, 2).sort()).toEqual(['/v1/profile', '/v1/profile/schema']);
      const { value, moved } = await shifts(page);
      console.info(`profile page: layout shift ${value}`);
      expect(moved).toEqual([]);
      expect(value).toBe(0);
    },
  );

  it('works by keyboard alone, and gives the focus back', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    for (let i = 0; i < 30 && (await focused()) !== 'Change Display name'; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('input/name');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('Keyboard Person');
    await page.keyboard.press('Enter');
    await saved(page);
    expect(await focused()).toBe('Change Display name');

    for (let i = 0; i < 80 && (await focused()) !== 'Add Tax ID'; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.type('DE123456789');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate(() => document.querySelector('dialog')!.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('input/taxId');
    expect(await page.getByRole('textbox', { name: 'Tax ID' }).inputValue()).toBe('DE123456789');
  });

  it.each([
    ['light and wide', {}],
    ['dark and wide', { colorScheme: 'dark' as const }],
    ['light, narrow and German', { viewport: { width: 360, height: 740 }, locale: 'de-DE' }],
    [
      'dark, narrow, from right to left',
      { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const, rtl: true },
    ],
  ])(
    'has no fault that axe finds, and nothing wider than the window, in any view: %s',
    async (_name, { rtl, ...look }: Look) => {
      const { username } = await person();
      const page = await stack.openAs(username, look);
      if (rtl) await page.goto(`${stack.pageUrl}/?dir=rtl`);
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      await check(page, 'profile');
      for (const name of ['address', 'birthdate', 'hobbies', 'measures', 'taxId']) {
        await page.locator(`[data-field="${name}"] .row-actions button`).first().click();
      }
      await page.locator('[data-field="taxId"] input').fill('x');
      await page.locator('[data-field="measures"] input[type="number"]').fill('180');
      await page.locator('.save-bar .button-primary').click();
      await page.locator('main [aria-invalid="true"]').first().waitFor();
      await check(page, 'profile, editing, with an error');
      await page.locator('[data-field="taxId"] input').fill('DE123456789');
      await page.locator('.save-bar .button-primary').click();
      await page.locator('dialog').waitFor();
      await check(page, 'proof by password');
      await page.locator('dialog input[type="radio"]').nth(1).check();
      await page.locator('dialog .button-primary').click();
      await page.locator('dialog .code input').waitFor();
      await check(page, 'code');
      await page.locator('dialog .dialog-actions .button').first().click();
      await page.locator('.save-bar .button').first().click();

      const links = page.locator('nav a');
      for (let i = 1; i < (await links.count()); i += 1) {
        await links.nth(i).click();
        await page.waitForLoadState('networkidle');
        await check(page, (await links.nth(i).getAttribute('href'))!);
      }
      await page.goto(`${stack.pageUrl}/security`);
      await page.locator('section .row-actions .link').first().click();
      await page.locator('input[autocomplete="new-password"]').fill('password');
      await page.locator('.issues').waitFor();
      await check(page, 'new password');
      await page.locator('.bar .button').click();
      await page.locator('.welcome').waitFor();
      await check(page, 'welcome');
    },
  );
});

interface Look {
  readonly colorScheme?: 'dark';
  readonly viewport?: { width: number; height: number };
  readonly locale?: string;
  readonly rtl?: boolean;
}

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

async function check(page: Page, view: string): Promise<void> {
  // By evaluation, since the page's own policy rightly refuses a script that is put into it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect({ view, found, overflow }).toEqual({ view, found: [], overflow: 0 });
}
