// `npm run pictures` takes the screenshots of the example page for the documentation (docs/pictures/*.png).
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureBuilt, ensureInstalled, root } from './prepare.mjs';

ensureInstalled();
ensureBuilt('service', 'dev-logto', 'page');
process.chdir(root);

const [{ startDevLogto }, { createApp }, { servePage }] = await Promise.all([
  import('../dev-logto/dist/index.js'),
  import('../build/create-app.js'),
  import('../examples/profile-page/serve.mjs'),
]);

const PASSWORD = 'Str0ng-Passw0rd!x';
const folder = join(root, 'docs/pictures');
mkdirSync(folder, { recursive: true });

/** Finds a free port, because the service needs the page's origin before the page is served. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const logto = await startDevLogto({ port: 0 });
const port = await freePort();
const app = await createApp({
  environment: {
    DEV_LOGTO_PORT: new URL(logto.endpoint).port,
    DATABASE_FOLDER: 'memory://',
    CORS_ORIGINS: `http://localhost:${port}`,
    LOG_LEVEL: 'error',
  },
});
await app.listen({ host: '127.0.0.1', port: 0 });
const apiUrl = (await app.getUrl()).replace('[::1]', '127.0.0.1');
const site = await servePage({ port, apiUrl, logtoEndpoint: logto.endpoint });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});

const token = await logto.issueToken('alice');
const patch = (body) =>
  fetch(`${apiUrl}/v1/profile`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
await patch({
  address: { streetAddress: '7 Wonderland Lane', locality: 'Oxford', postalCode: 'OX1 2JD', country: 'United Kingdom' },
  website: 'https://alice.example.com',
  newsletter: true,
  preferences: { theme: 'calm', weeklySummary: true },
});

const rowButton = (page, field, index = 0) => page.locator(`[data-field="${field}"] .row-actions button`).nth(index);
const section = (page, path) => page.locator(`nav a[href="${path}"]`).click();

/** Signs alice in with a new browser, lets `prepare` bring the page into the state of the picture, and takes it. */
async function takePicture(name, look, prepare = () => undefined) {
  const context = await browser.newContext({ viewport: { width: 1080, height: 720 }, locale: 'en-GB', ...look });
  const page = await context.newPage();
  await page.goto(site.url);
  await page.locator('.welcome .button-primary').click();
  await page.getByLabel('Username, email or phone').fill('alice');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  await rowButton(page, 'name').waitFor();
  await prepare(page);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
  await context.close();
  console.log(`docs/pictures/${name}.png`);
}

await takePicture('profile-light', {});
await takePicture('profile-dark', { colorScheme: 'dark' }, async (page) => {
  await rowButton(page, 'name').click();
  await page.locator('[data-field="name"] input').fill('Alice Liddell');
  await rowButton(page, 'nickname', 1).click();
  await page.evaluate('scrollTo(0, 0)');
});
await takePicture('conflict', {}, async (page) => {
  await rowButton(page, 'name').click();
  await page.locator('[data-field="name"] input').fill('Alice Liddell');
  await patch({ name: 'Alice E.', gender: 'female' });
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor();
});
await takePicture('step-up', {}, async (page) => {
  await section(page, '/sign-in');
  await rowButton(page, 'primaryEmail').click();
  await page.locator('[data-field="primaryEmail"] input').fill('alice@wonderland.example');
  await page.keyboard.press('Enter');
  await page.locator('dialog input[type="password"]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('dialog .code input').waitFor();
  await page.locator('dialog .code input').fill('12');
});
await takePicture('security', { viewport: { width: 1080, height: 860 } }, async (page) => {
  await section(page, '/security');
  await page.locator('.card .row-actions .link').first().click();
  await page.locator('input[autocomplete="new-password"]').fill('password1');
  await page.locator('.issues').waitFor();
});
await takePicture('phone', { viewport: { width: 390, height: 760 }, locale: 'de-DE', deviceScaleFactor: 1.5 });

await browser.close();
await site.stop();
await app.close();
await logto.stop();
process.exit(0);
