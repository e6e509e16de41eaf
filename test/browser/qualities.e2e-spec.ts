import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, startBrowserStack, type BrowserStack } from './browser-stack.js';
import { createTestUser, findRow, saveChanges, waitForSaved } from './page-steps.js';

const root = new URL('../../', import.meta.url);

/** Fields to add to the catalogue, one for each kind of editor. */
const ADDED_FIELDS = `
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

const createUser = () => createTestUser(stack);

const isServiceUrl = (url: URL) => url.origin === new URL(stack.url).origin;

/** TypeScript's DOM library lacks this type. See https://wicg.github.io/layout-instability/. */
interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly sources: readonly { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
}

/** Records the layout shifts of each document from its start. */
const recordLayoutShifts = (page: Page) =>
  page.addInitScript(() => {
    const total = { value: 0, moved: [] as string[] };
    Object.assign(window, { layoutShifts: total });
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as LayoutShift[]) {
        total.value += value;
        for (const { node, previousRect: from, currentRect: to } of sources) {
          const element = (node as Element | null)?.outerHTML?.slice(0, 90) ?? '';
          total.moved.push(`${element} from ${from.x},${from.y} to ${to.x},${to.y}`);
        }
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
const getLayoutShifts = (page: Page) =>
  page.evaluate(() => (window as unknown as { layoutShifts: { value: number; moved: string[] } }).layoutShifts);

describeInBrowser('the profile page with added fields', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'profile-fields-'));
    const catalogue = join(folder, 'profile-fields.yaml');
    writeFileSync(catalogue, readFileSync(new URL('profile-fields.yaml', root), 'utf8') + ADDED_FIELDS);
    stack = await startBrowserStack({ environment: { PROFILE_FIELDS: catalogue } });
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows and saves fields added to the catalogue', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    const add = (label: string) => findRow(page, label).getByRole('button', { name: 'Add' }).click();
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
    await saveChanges(page);
    await page.getByText('Please correct 1 value.').waitFor();
    await page.getByRole('spinbutton', { name: 'Shoe size' }).fill('42');
    await saveChanges(page);
    await waitForSaved(page);

    await page.reload();
    await findRow(page, 'Shoe size').getByText('42').waitFor();
    await findRow(page, 'Shirt').getByText('medium').waitFor();
    await findRow(page, 'Hobbies').getByText('chess, climbing').waitFor();
    await findRow(page, 'Joined on').getByText('17 May 2020').waitFor();
    await findRow(page, 'Measures').getByText('1.75').waitFor();
    await findRow(page, 'Joined on').getByText('Set by the app').waitFor(); // The field is write-once, so it is now read-only.
    const { body } = await stack.api('GET', '/v1/profile', { token: await stack.tokenFor(username) });
    expect(body).toMatchObject({
      shoeSize: 42,
      shirt: 'medium',
      hobbies: ['chess', 'climbing'],
      joinedOn: '2020-05-17',
      measures: { height: 1.75, glasses: true },
    });
  });

  it('loads less than 150 kB of JavaScript', () => {
    const assets = new URL('examples/profile-page/dist/assets/', root);
    const size = readdirSync(assets)
      .filter((name) => name.endsWith('.js'))
      .reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets))).length, 0);
    console.info(`profile page: ${(size / 1000).toFixed(1)} kB of JavaScript, gzip`);
    expect(size).toBeLessThan(150_000);
  });

  it('shows the first field from the ID token before any response arrives', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await page.route(isServiceUrl, () => undefined); // It never responds.
    await page.route(`${stack.logto.endpoint}/**`, () => undefined);
    await page.addInitScript(() => {
      new MutationObserver((_changes, observer) => {
        if (!document.querySelector('[data-field="name"] .text')) return;
        performance.mark('first-field');
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await findRow(page, 'Display name').getByText('Robin Example').waitFor();
    const [filled, loaded] = await page.evaluate(() => [
      performance.getEntriesByName('first-field')[0]!.startTime,
      (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).loadEventEnd,
    ]);
    console.info(
      `profile page: first field ${(filled! - loaded!).toFixed(0)} ms after load, ${filled!.toFixed(0)} ms in total`,
    );
  });

  it.each([
    ['on the first visit', true, {}],
    ['on a later visit, on a phone', false, { viewport: { width: 390, height: 844 } }],
  ])('shows all fields after two API calls and causes no layout shift: %s', async (_case, isFirstVisit, context) => {
    const { username } = await createUser();
    const page = await stack.openAs(username, context);
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
    await page.waitForLoadState('networkidle');
    if (isFirstVisit) {
      await page.evaluate(() => {
        for (const key of Object.keys(localStorage)) if (key.startsWith('profile-page:')) localStorage.removeItem(key);
      });
    }
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const calls: string[] = [];
    await page.route(isServiceUrl, async (route) => {
      calls.push(new URL(route.request().url()).pathname);
      if (calls.length > 2) return; // It never responds.
      await released;
      await route.continue();
    });
    await recordLayoutShifts(page);
    await page.reload();
    await findRow(page, 'Display name').getByText('Robin Example').waitFor();
    release();
    await page.locator('[data-field="measures"] .row-actions button').waitFor();
    await findRow(page, 'Plan').getByText('Not set').waitFor();
    expect(await page.locator('.skeleton').count()).toBe(0);
    expect(calls.slice(0, 2).sort()).toEqual(['/v1/profile', '/v1/profile/schema']);
    const { value, moved } = await getLayoutShifts(page);
    console.info(`profile page: layout shift ${value}`);
    expect(moved).toEqual([]);
    expect(value).toBe(0);
  });
});
