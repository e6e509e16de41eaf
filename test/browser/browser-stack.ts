import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { describe, jest } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { servePage } from '../../examples/profile-page/serve.mjs';
import { startStack, type Stack, type StackOptions } from '../e2e/harness.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A test opens several pages, and the machine may be busy with other tests. */
jest.setTimeout(90_000);

const hasChromium = existsSync(CHROMIUM);
if (!hasChromium && process.env.REQUIRE_BROWSER === '1') throw new Error(`No Chromium at ${CHROMIUM}.`);
if (!hasChromium) console.warn(`SKIPPED: no Chromium at ${CHROMIUM}. Set CHROMIUM to its path.`);
const isPageBuilt = existsSync(new URL('../../examples/profile-page/dist/index.html', import.meta.url));
if (hasChromium && !isPageBuilt) throw new Error('The page is not built: npm run build -- page');

/** `describe` if Chromium is installed. Otherwise, it skips the tests; the warning or error is above. */
export const describeInBrowser: typeof describe.skip = hasChromium ? describe : describe.skip;

export const PASSWORD = 'Str0ng-Passw0rd!x';

export interface BrowserStack extends Stack {
  readonly logto: NonNullable<Stack['logto']>;
  readonly browser: Browser;
  /** The URL of the profile page. */
  readonly pageUrl: string;
  /** Opens a page in a new browser context with empty storage. Its errors are added to `pageErrors`. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Signs in and opens the profile page. If the password is null, it uses the development Logto's sign-in without a password. */
  openAs(username: string, options?: BrowserContextOptions & { password?: string | null }): Promise<Page>;
  /** The exceptions and console errors of all pages so far. */
  readonly pageErrors: string[];
}

/** Starts the service, a Logto, the built page, and a browser. */
export async function startBrowserStack(options: StackOptions = {}): Promise<BrowserStack> {
  const port = await findFreePort();
  const stack = await startStack({
    ...options,
    environment: { CORS_ORIGINS: `http://localhost:${port}`, ...options.environment },
  });
  const { logto } = stack;
  if (!logto)
    throw new Error('Browser tests need the development Logto, because the sign-in pages of a real Logto differ.');
  const page = await servePage({ port, apiUrl: stack.url, logtoEndpoint: logto.endpoint });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const pageErrors: string[] = [];

  const open = async (context: BrowserContextOptions = {}): Promise<Page> => {
    const newPage = await (await browser.newContext({ locale: 'en-GB', ...context })).newPage();
    newPage.setDefaultTimeout(30_000);
    newPage.on('pageerror', (error) => pageErrors.push(String(error)));
    newPage.on('console', (message) => {
      const isPageMessage = message.location().url.startsWith(page.url);
      if (isPageMessage && message.type() === 'error') pageErrors.push(message.text());
    });
    return newPage;
  };

  return {
    ...stack,
    logto,
    browser,
    pageUrl: page.url,
    pageErrors,
    open,
    async openAs(username, { password = PASSWORD, ...context } = {}) {
      const signedInPage = await open(context);
      await signedInPage.goto(page.url);
      await signedInPage.locator('.welcome .button-primary').click();
      await signInAtLogto(signedInPage, username, password);
      await signedInPage.waitForURL(`${page.url}/`);
      await signedInPage.locator('[data-field="name"] .row-actions button').first().waitFor();
      return signedInPage;
    },
    async stop() {
      await browser.close();
      await page.stop();
      await stack.stop();
    },
  };
}

/** Signs in on Logto's page. If the password is null, it uses the sign-in without a password. */
export async function signInAtLogto(page: Page, username: string, password: string | null = PASSWORD): Promise<void> {
  if (password === null) {
    await page.getByRole('button', { name: `Sign in as ${username}` }).click();
    return;
  }
  await page.getByLabel('Username, email or phone').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Finds a free port in advance, because the service needs the page's origin before the page is served. */
const findFreePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
