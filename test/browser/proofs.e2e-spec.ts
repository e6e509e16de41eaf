import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { unique } from '../e2e/harness.js';
import { describeInBrowser, PASSWORD, signInAtLogto, startBrowserStack, type BrowserStack } from './browser-stack.js';
import {
  createTestUser,
  dialog,
  enterCode,
  confirmWithPassword,
  row,
  saveChanges,
  waitForSaved,
  openSection,
  fetchProfile,
} from './page-steps.js';

let stack: BrowserStack;
const createUser = () => createTestUser(stack);
const getProfile = (username: string) => fetchProfile(stack, username);

describeInBrowser('proofs on the profile page', () => {
  beforeAll(async () => {
    stack = await startBrowserStack();
  }, 60_000);
  afterAll(() => stack?.stop());

  it('rejects a wrong code, keeps the proof of identity, and resends a code', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await page.clock.install();
    const address = `${unique()}@example.com`;
    await openSection(page, 'Sign-in details');
    await row(page, 'Email').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill(address);
    await saveChanges(page);
    await confirmWithPassword(page);
    await dialog(page).getByText(`We sent a code to ${address}`).waitFor();
    const first = await stack.codeFor(address);
    await enterCode(page, first === '000000' ? '111111' : '000000');
    await dialog(page).getByText('Incorrect code.').waitFor();
    expect(await dialog(page).textContent()).toMatch(/Resend in 0:\d\d/);
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    expect((await getProfile(username))['primaryEmail']).toBe(`${username}@example.com`);

    await saveChanges(page); // the proof of identity is still valid, so only the code is missing
    await dialog(page).getByText(`We sent a code to ${address}`).waitFor();
    await page.clock.fastForward(31_000);
    await dialog(page).getByRole('button', { name: 'Resend code' }).click();
    await dialog(page).getByText('9:5').waitFor();
    await enterCode(page, await stack.codeFor(address));
    await row(page, 'Email').getByText(address).waitFor();
    expect((await getProfile(username))['primaryEmail']).toBe(address);
  });

  it("accepts a code sent to the user's phone as proof, and reports a taken identifier", async () => {
    const { username, primaryPhone } = await createUser();
    const page = await stack.openAs(username);
    await openSection(page, 'Sign-in details');
    await row(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill('bob');
    await saveChanges(page);
    await dialog(page).getByRole('radio', { name: 'Code by text message' }).check();
    await dialog(page).getByRole('button', { name: 'Send code' }).click();
    await dialog(page).getByLabel('Code', { exact: true }).waitFor();
    await enterCode(page, await stack.codeFor(primaryPhone!));
    const input = page.getByRole('textbox', { name: 'Username' });
    await page.getByText('Please correct 1 value.').waitFor();
    expect(await input.getAttribute('aria-invalid')).toBe('true');

    const free = unique();
    await input.fill(free);
    await saveChanges(page); // the rejected change did not consume the proof
    await waitForSaved(page);
    expect((await getProfile(free))['username']).toBe(free);
  });

  it('changes the password and shows hints while typing', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await openSection(page, 'Security');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByLabel('New password').fill('abc');
    await page.getByText('at least 8 characters').waitFor();
    await page.getByText('Strength: Very weak').waitFor();
    const next = `N3w-${unique()}!Q`;
    await page.getByLabel('New password').fill(next);
    await page.getByText('This password meets the requirements.').waitFor();
    await page.getByLabel('Current password').fill('not it');
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Incorrect password.').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Your password was changed.').waitFor();
    await (await stack.openAs(username, { password: next })).close();
  });

  it('shows how long a lockout lasts', async () => {
    const { username } = await createUser();
    const token = await stack.tokenFor(username);
    const page = await stack.openAs(username);
    await openSection(page, 'Sign-in details');
    await row(page, 'Username').getByRole('button', { name: 'Remove' }).click();
    await saveChanges(page);
    await dialog(page).getByLabel('Current password').waitFor();
    for (let i = 0; i < 10; i += 1) {
      await stack.api('POST', '/v1/password/verify', { token, body: { password: `wrong ${i}` } });
    }
    await confirmWithPassword(page);
    await dialog(page)
      .getByText(/Too many attempts\. Try again in (1:00|0:\d\d)\./)
      .waitFor();
  });

  it('sets a first password after a fresh sign-in, without storing it in the browser', async () => {
    const page = await stack.openAs('bob', { password: null });
    await openSection(page, 'Security');
    await page.getByRole('button', { name: 'Set password' }).click();
    const first = `F1rst-${unique()}!Q`;
    await page.getByLabel('New password').fill(first);
    await page.getByRole('button', { name: 'Save password' }).click();
    await dialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, 'bob', null);
    await page.waitForURL(`${stack.pageUrl}/security`);
    const browserStorage = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
    expect(browserStorage).not.toContain(first);
    await page.getByLabel('New password').fill(first);
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Your password was changed.').waitFor();
    await (await stack.openAs('bob', { password: first })).close();
  });

  it('continues a change after a fresh sign-in at Logto', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await openSection(page, 'Sign-in details');
    const next = unique();
    await row(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(next);
    await saveChanges(page);
    await dialog(page).getByRole('radio', { name: 'Sign in again' }).check();
    page.once('dialog', (leaveDialog) => stack.pageErrors.push(`unexpected dialog: ${leaveDialog.type()}`));
    await dialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, username);
    await page.waitForURL(`${stack.pageUrl}/sign-in`);
    await row(page, 'Username').getByText(next).waitFor();
    expect((await getProfile(next))['username']).toBe(next);
    expect(await page.evaluate(() => sessionStorage.getItem('profile-page:pending'))).toBeNull();
  });

  it('changes nothing when another user completes the fresh sign-in', async () => {
    const user = await createUser();
    const otherUser = await createUser();
    const page = await stack.openAs(user.username);
    await openSection(page, 'Sign-in details');
    await row(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(unique());
    await saveChanges(page);
    await dialog(page).getByRole('radio', { name: 'Sign in again' }).check();
    await dialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, otherUser.username);
    await page.getByText('You signed in with a different account').waitFor();
    expect((await getProfile(otherUser.username))['username']).toBe(otherUser.username);
    expect((await getProfile(user.username))['username']).toBe(user.username);
  });

  it('masks a sensitive value, reveals it after a proof, and hides it again', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await row(page, 'Tax ID').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'Tax ID' }).fill('DE123456789');
    await saveChanges(page);
    await confirmWithPassword(page);
    await row(page, 'Tax ID').getByText('•••• 6789').waitFor();
    await page.reload();
    await row(page, 'Tax ID').getByText('•••• 6789').waitFor();
    expect(await page.content()).not.toContain('DE123456789');
    await row(page, 'Tax ID').getByRole('button', { name: 'Show' }).click();
    await confirmWithPassword(page);
    await row(page, 'Tax ID').getByText('DE123456789').waitFor();
    await row(page, 'Tax ID').getByRole('button', { name: 'Hide' }).click();
    expect(await page.content()).not.toContain('DE123456789');
  });

  it('ends the session on another device', async () => {
    const { username } = await createUser();
    const other = await stack.openAs(username);
    const page = await stack.openAs(username);
    await openSection(page, 'Security');
    const entries = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await entries.nth(1).waitFor();
    expect(await entries.count()).toBe(2);
    await entries.first().getByRole('button', { name: 'Sign out' }).click();
    await dialog(page).getByRole('button', { name: 'Sign out' }).click();
    await confirmWithPassword(page);
    await page.getByText('Signed out.').waitFor();
    await entries.nth(1).waitFor({ state: 'detached' });
    await other.close();
  });

  it('signs out all other devices and keeps this one if the ID token identifies its session', async () => {
    const application = stack.logto.tenant.applications.get('profile-page')!;
    application.oidcClientMetadata.backchannelLogoutUri = 'http://127.0.0.1:9/';
    application.oidcClientMetadata.backchannelLogoutSessionRequired = true;
    const { username } = await createUser();
    const other = await stack.openAs(username);
    const page = await stack.openAs(username);
    await openSection(page, 'Security');
    const entries = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await entries.filter({ hasText: 'This device' }).waitFor();
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await dialog(page).getByRole('button', { name: 'Sign out' }).click();
    await confirmWithPassword(page);
    await page.getByText('Signed out.').waitFor();
    await entries.nth(1).waitFor({ state: 'detached' });
    expect(await entries.textContent()).toContain('This device');
    await other.close();
  });

  it('causes no exceptions and no content security policy violations', () => {
    // The browser itself logs failed requests; every other error comes from the page.
    expect(stack.pageErrors.filter((error) => !error.startsWith('Failed to load resource'))).toEqual([]);
  });
});
