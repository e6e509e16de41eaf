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

/** A person's way through several pages, on a machine that may be busy with other tests. */
jest.setTimeout(90_000);

const present = existsSync(CHROMIUM);
if (!present && process.env.REQUIRE_BROWSER === '1') throw new Error(`No Chromium at ${CHROMIUM}.`);
if (!present) console.warn(`SKIPPED: no Chromium at ${CHROMIUM} (CHROMIUM names another one).`);
const built = existsSync(new URL('../../examples/profile-page/dist/index.html', import.meta.url));
if (present && !built) throw new Error('The page is not built: npm run build:page');

/** Skipped, loudly, where there is no Chromium; `REQUIRE_BROWSER=1` makes that a failure. */
export const describeInBrowser: typeof describe.skip = present ? describe : describe.skip;

export const PASSWORD = 'Str0ng-Passw0rd!x';

export interface BrowserStack extends Stack {
  readonly logto: NonNullable<Stack['logto']>;
  readonly browser: Browser;
  /** Where the page is. */
  readonly pageUrl: string;
  /** A browser of its own, with nothing stored in it. Faults of the page end up in `faults`. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** The same, signed in through Logto's pages; without a password as anyone may in development. */
  openAs(username: string, options?: BrowserContextOptions & { password?: string | null }): Promise<Page>;
  /** Exceptions and refused resources in any page so far. */
  readonly faults: string[];
}

/** The service, a Logto, the built page and a browser, each on a port of its own. */
export async function startBrowserStack(options: StackOptions = {}): Promise<BrowserStack> {
  const port = await freePort();
  const stack = await startStack({
    ...options,
    environment: { CORS_ORIGINS: `http://localhost:${port}`, ...options.environment },
  });
  const { logto } = stack;
  if (!logto) throw new Error('The pages of a real Logto differ: browser tests use the embedded one.');
  const page = await servePage({ port, apiUrl: stack.url, logtoEndpoint: logto.endpoint });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const faults: string[] = [];

  const open = async (context: BrowserContextOptions = {}): Promise<Page> => {
    const opened = await (await browser.newContext({ locale: 'en-GB', ...context })).newPage();
    opened.setDefaultTimeout(15_000);
    opened.on('pageerror', (error) => faults.push(String(error)));
    opened.on('console', (message) => {
      const own = message.location().url.startsWith(page.url);
      if (own && message.type() === 'error') faults.push(message.text());
    });
    return opened;
  };

  return {
    ...stack,
    logto,
    browser,
    pageUrl: page.url,
    faults,
    open,
    async openAs(username, { password = PASSWORD, ...context } = {}) {
      const opened = await open(context);
      await opened.goto(page.url);
      await opened.locator('.welcome .button-primary').click();
      await signInAtLogto(opened, username, password);
      await opened.waitForURL(`${page.url}/`);
      await opened.locator('[data-field="name"] .row-actions button').first().waitFor();
      return opened;
    },
    async stop() {
      await browser.close();
      await page.stop();
      await stack.stop();
    },
  };
}

/** Logto's sign-in page: by password, or, without one, as development allows. */
export async function signInAtLogto(page: Page, username: string, password: string | null = PASSWORD): Promise<void> {
  if (password === null) {
    await page.getByRole('button', { name: `Sign in as ${username}` }).click();
    return;
  }
  await page.getByLabel('Username, email or phone').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** A port that was free a moment ago: the service has to know the page's origin before the page is served. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
