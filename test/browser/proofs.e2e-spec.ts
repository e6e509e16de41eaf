import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { unique } from '../e2e/harness.js';
import { describeInBrowser, PASSWORD, signInAtLogto, startBrowserStack, type BrowserStack } from './browser-stack.js';
import {
  createPerson,
  dialog,
  enterCode,
  proveByPassword,
  row,
  save,
  saved,
  section,
  storedProfile,
} from './page-steps.js';

let stack: BrowserStack;
const person = () => createPerson(stack);
const stored = (username: string) => storedProfile(stack, username);

describeInBrowser('proving who one is on the page', () => {
  beforeAll(async () => {
    stack = await startBrowserStack();
  }, 60_000);
  afterAll(() => stack?.stop());

  it('refuses a wrong code, keeps the proof of identity, and sends another code', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await page.clock.install();
    const address = `${unique()}@example.com`;
    await section(page, 'Sign-in details');
    await row(page, 'Email').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill(address);
    await save(page);
    await proveByPassword(page);
    await dialog(page).getByText(`We sent a code to ${address}`).waitFor();
    const first = await stack.codeFor(address);
    await enterCode(page, first === '000000' ? '111111' : '000000');
    await dialog(page).getByText('That is not the code we sent.').waitFor();
    expect(await dialog(page).textContent()).toMatch(/Send again in 0:\d\d/);
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    expect((await stored(username))['primaryEmail']).toBe(`${username}@example.com`);

    await save(page); // identity is proven still: straight to the code
    await dialog(page).getByText(`We sent a code to ${address}`).waitFor();
    await page.clock.fastForward(31_000);
    await dialog(page).getByRole('button', { name: 'Send again' }).click();
    await dialog(page).getByText('9:5').waitFor();
    await enterCode(page, await stack.codeFor(address));
    await row(page, 'Email').getByText(address).waitFor();
    expect((await stored(username))['primaryEmail']).toBe(address);
  });

  it('takes a code to the own phone as proof, and says when an identifier is taken', async () => {
    const { username, primaryPhone } = await person();
    const page = await stack.openAs(username);
    await section(page, 'Sign-in details');
    await row(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill('bob');
    await save(page);
    await dialog(page).getByRole('radio', { name: 'Code by text message' }).check();
    await dialog(page).getByRole('button', { name: 'Send a code' }).click();
    await dialog(page).getByLabel('Code', { exact: true }).waitFor();
    await enterCode(page, await stack.codeFor(primaryPhone!));
    const input = page.getByRole('textbox', { name: 'Username' });
    await page.getByText('One value needs another look.').waitFor();
    expect(await input.getAttribute('aria-invalid')).toBe('true');

    const free = unique();
    await input.fill(free);
    await save(page); // the proof was not used up by the refusal
    await saved(page);
    expect((await stored(free))['username']).toBe(free);
  });

  it('changes the password, with a hint while typing', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await section(page, 'Security');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByLabel('New password').fill('abc');
    await page.getByText('at least 8 characters').waitFor();
    await page.getByText('Strength: Very weak').waitFor();
    const next = `N3w-${unique()}!Q`;
    await page.getByLabel('New password').fill(next);
    await page.getByText('This password is fine.').waitFor();
    await page.getByLabel('Current password').fill('not it');
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('That is not your password.').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Your password was changed.').waitFor();
    await (await stack.openAs(username, { password: next })).close();
  });

  it('says how long a lock lasts', async () => {
    const { username } = await person();
    const token = await stack.tokenFor(username);
    for (let i = 0; i < 10; i += 1) {
      await stack.api('POST', '/v1/password/verify', { token, body: { password: `wrong ${i}` } });
    }
    const page = await stack.openAs(username);
    await section(page, 'Sign-in details');
    await row(page, 'Username').getByRole('button', { name: 'Remove' }).click();
    await save(page);
    await proveByPassword(page);
    await dialog(page)
      .getByText(/Too many attempts\. Try again in (1:00|0:5\d)\./)
      .waitFor();
  });

  it('sets the first password of bob after a fresh sign-in, and never stores it', async () => {
    const page = await stack.openAs('bob', { password: null });
    await section(page, 'Security');
    await page.getByRole('button', { name: 'Set a password' }).click();
    const first = `F1rst-${unique()}!Q`;
    await page.getByLabel('New password').fill(first);
    await page.getByRole('button', { name: 'Save password' }).click();
    await dialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, 'bob', null);
    await page.waitForURL(`${stack.pageUrl}/security`);
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
    expect(kept).not.toContain(first);
    await page.getByLabel('New password').fill(first);
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Your password was changed.').waitFor();
    await (await stack.openAs('bob', { password: first })).close();
  });

  it('goes on with a change after a fresh sign-in at Logto', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await section(page, 'Sign-in details');
    const next = unique();
    await row(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(next);
    await save(page);
    await dialog(page).getByRole('radio', { name: 'Sign in again' }).check();
    page.once('dialog', (leaving) => stack.faults.push(`asked before leaving: ${leaving.type()}`));
    await dialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, username);
    await page.waitForURL(`${stack.pageUrl}/sign-in`);
    await row(page, 'Username').getByText(next).waitFor();
    expect((await stored(next))['username']).toBe(next);
    expect(await page.evaluate(() => sessionStorage.getItem('profile-page:pending'))).toBeNull();
  });

  it('changes nothing when somebody else comes back from the fresh sign-in', async () => {
    const mine = await person();
    const other = await person();
    const page = await stack.openAs(mine.username);
    await section(page, 'Sign-in details');
    await row(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(unique());
    await save(page);
    await dialog(page).getByRole('radio', { name: 'Sign in again' }).check();
    await dialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, other.username);
    await page.getByText('You came back as somebody else').waitFor();
    expect((await stored(other.username))['username']).toBe(other.username);
    expect((await stored(mine.username))['username']).toBe(mine.username);
  });

  it('masks a sensitive value, reveals it after a proof, and hides it again', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await row(page, 'Tax ID').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'Tax ID' }).fill('DE123456789');
    await save(page);
    await proveByPassword(page);
    await row(page, 'Tax ID').getByText('•••• 6789').waitFor();
    await page.reload();
    await row(page, 'Tax ID').getByText('•••• 6789').waitFor();
    expect(await page.content()).not.toContain('DE123456789');
    await row(page, 'Tax ID').getByRole('button', { name: 'Show' }).click();
    await proveByPassword(page);
    await row(page, 'Tax ID').getByText('DE123456789').waitFor();
    await row(page, 'Tax ID').getByRole('button', { name: 'Hide' }).click();
    expect(await page.content()).not.toContain('DE123456789');
  });

  it('ends the session on another device', async () => {
    const { username } = await person();
    const other = await stack.openAs(username);
    const page = await stack.openAs(username);
    await section(page, 'Security');
    const entries = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await entries.nth(1).waitFor();
    expect(await entries.count()).toBe(2);
    await entries.first().getByRole('button', { name: 'Sign out' }).click();
    await dialog(page).getByRole('button', { name: 'Sign out' }).click();
    await proveByPassword(page);
    await page.getByText('Signed out there.').waitFor();
    await entries.nth(1).waitFor({ state: 'detached' });
    await other.close();
  });

  it('spares this device when all others are signed out, where the ID token tells which it is', async () => {
    const application = stack.logto.tenant.applications.get('profile-page')!;
    application.oidcClientMetadata.backchannelLogoutUri = 'http://127.0.0.1:9/';
    application.oidcClientMetadata.backchannelLogoutSessionRequired = true;
    const { username } = await person();
    const other = await stack.openAs(username);
    const page = await stack.openAs(username);
    await section(page, 'Security');
    const entries = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await entries.filter({ hasText: 'This device' }).waitFor();
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await dialog(page).getByRole('button', { name: 'Sign out' }).click();
    await proveByPassword(page);
    await page.getByText('Signed out there.').waitFor();
    await entries.nth(1).waitFor({ state: 'detached' });
    expect(await entries.textContent()).toContain('This device');
    await other.close();
  });

  it('threw nothing and broke no content security policy on the way', () => {
    // Refused requests are logged by the browser itself; everything else is a fault of the page.
    expect(stack.faults.filter((fault) => !fault.startsWith('Failed to load resource'))).toEqual([]);
  });
});
