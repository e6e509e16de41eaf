import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { uniqueName } from '../e2e/harness.js';
import { describeInBrowser, PASSWORD, signInAtLogto, startBrowserStack, type BrowserStack } from './browser-stack.js';
import {
  createTestUser,
  findDialog,
  enterCode,
  confirmWithPassword,
  findRow,
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
    const address = `${uniqueName()}@example.com`;
    await openSection(page, 'Sign-in details');
    await findRow(page, 'Email').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill(address);
    await saveChanges(page);
    await confirmWithPassword(page);
    await findDialog(page).getByText(`We sent a code to ${address}`).waitFor();
    const code = await stack.codeFor(address);
    await enterCode(page, code === '000000' ? '111111' : '000000');
    await findDialog(page).getByText('Incorrect code.').waitFor();
    expect(await findDialog(page).textContent()).toMatch(/Resend in 0:\d\d/);
    await findDialog(page).getByRole('button', { name: 'Cancel' }).click();
    expect((await getProfile(username))['primaryEmail']).toBe(`${username}@example.com`);

    await saveChanges(page); // The proof of identity is still valid, so the page asks only for a code.
    await findDialog(page).getByText(`We sent a code to ${address}`).waitFor();
    await page.clock.fastForward(31_000);
    await findDialog(page).getByRole('button', { name: 'Resend code' }).click();
    await findDialog(page).getByText('9:5').waitFor();
    await enterCode(page, await stack.codeFor(address));
    await findRow(page, 'Email').getByText(address).waitFor();
    expect((await getProfile(username))['primaryEmail']).toBe(address);
  });

  it("accepts a code sent to the user's phone as proof, and reports a taken identifier", async () => {
    const { username, primaryPhone } = await createUser();
    const page = await stack.openAs(username);
    await openSection(page, 'Sign-in details');
    await findRow(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill('bob');
    await saveChanges(page);
    await findDialog(page).getByRole('radio', { name: 'Code by text message' }).check();
    await findDialog(page).getByRole('button', { name: 'Send code' }).click();
    await findDialog(page).getByLabel('Code', { exact: true }).waitFor();
    await enterCode(page, await stack.codeFor(primaryPhone!));
    const input = page.getByRole('textbox', { name: 'Username' });
    await page.getByText('Please correct 1 value.').waitFor();
    expect(await input.getAttribute('aria-invalid')).toBe('true');

    const freeUsername = uniqueName();
    await input.fill(freeUsername);
    await saveChanges(page); // The rejected change did not consume the proof.
    await waitForSaved(page);
    expect((await getProfile(freeUsername))['username']).toBe(freeUsername);
  });

  it('changes the password and shows hints while the user types', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await openSection(page, 'Security');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByLabel('New password').fill('abc');
    await page.getByText('at least 8 characters').waitFor();
    await page.getByText('Strength: Very weak').waitFor();
    const newPassword = `N3w-${uniqueName()}!Q`;
    await page.getByLabel('New password').fill(newPassword);
    await page.getByText('This password meets the requirements.').waitFor();
    await page.getByLabel('Current password').fill('not it');
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Incorrect password.').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Your password was changed.').waitFor();
    await (await stack.openAs(username, { password: newPassword })).close();
  });

  it('shows how long a lockout lasts', async () => {
    const { username } = await createUser();
    const token = await stack.tokenFor(username);
    const page = await stack.openAs(username);
    await openSection(page, 'Sign-in details');
    await findRow(page, 'Username').getByRole('button', { name: 'Remove' }).click();
    await saveChanges(page);
    await findDialog(page).getByLabel('Current password').waitFor();
    for (let i = 0; i < 10; i += 1) {
      await stack.api('POST', '/v1/password/verify', { token, body: { password: `wrong ${i}` } });
    }
    await confirmWithPassword(page);
    await findDialog(page)
      .getByText(/Too many attempts\. Try again in (1:00|0:\d\d)\./)
      .waitFor();
  });

  it('sets a first password after a fresh sign-in, without storing it in the browser', async () => {
    const page = await stack.openAs('bob', { password: null });
    await openSection(page, 'Security');
    await page.getByRole('button', { name: 'Set password' }).click();
    const password = `F1rst-${uniqueName()}!Q`;
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Save password' }).click();
    await findDialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, 'bob', null);
    await page.waitForURL(`${stack.pageUrl}/security`);
    const browserStorage = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
    expect(browserStorage).not.toContain(password);
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByText('Your password was changed.').waitFor();
    await (await stack.openAs('bob', { password })).close();
  });

  it('continues a change after a fresh sign-in at Logto', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await openSection(page, 'Sign-in details');
    const newUsername = uniqueName();
    await findRow(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(newUsername);
    await saveChanges(page);
    await findDialog(page).getByRole('radio', { name: 'Sign in again' }).check();
    page.once('dialog', (leaveDialog) => stack.pageErrors.push(`unexpected dialog: ${leaveDialog.type()}`));
    await findDialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, username);
    await page.waitForURL(`${stack.pageUrl}/sign-in`);
    await findRow(page, 'Username').getByText(newUsername).waitFor();
    expect((await getProfile(newUsername))['username']).toBe(newUsername);
    expect(await page.evaluate(() => sessionStorage.getItem('profile-page:pending'))).toBeNull();
  });

  it('changes nothing when another user completes the fresh sign-in', async () => {
    const user = await createUser();
    const otherUser = await createUser();
    const page = await stack.openAs(user.username);
    await openSection(page, 'Sign-in details');
    await findRow(page, 'Username').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(uniqueName());
    await saveChanges(page);
    await findDialog(page).getByRole('radio', { name: 'Sign in again' }).check();
    await findDialog(page).getByRole('button', { name: 'Go to sign-in' }).click();
    await page.waitForURL(`${stack.logto.endpoint}/**`);
    await signInAtLogto(page, otherUser.username);
    await page.getByText('You signed in with a different account').waitFor();
    expect((await getProfile(otherUser.username))['username']).toBe(otherUser.username);
    expect((await getProfile(user.username))['username']).toBe(user.username);
  });

  it('masks a sensitive value, reveals it after a proof, and hides it again', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await findRow(page, 'Tax ID').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'Tax ID' }).fill('DE123456789');
    await saveChanges(page);
    await confirmWithPassword(page);
    await findRow(page, 'Tax ID').getByText('•••• 6789').waitFor();
    await page.reload();
    await findRow(page, 'Tax ID').getByText('•••• 6789').waitFor();
    expect(await page.content()).not.toContain('DE123456789');
    await findRow(page, 'Tax ID').getByRole('button', { name: 'Show' }).click();
    await confirmWithPassword(page);
    await findRow(page, 'Tax ID').getByText('DE123456789').waitFor();
    await findRow(page, 'Tax ID').getByRole('button', { name: 'Hide' }).click();
    expect(await page.content()).not.toContain('DE123456789');
  });

  it('ends the session on another device', async () => {
    const { username } = await createUser();
    const otherPage = await stack.openAs(username);
    const page = await stack.openAs(username);
    await openSection(page, 'Security');
    const entries = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await entries.nth(1).waitFor();
    expect(await entries.count()).toBe(2);
    await entries.first().getByRole('button', { name: 'Sign out' }).click();
    await findDialog(page).getByRole('button', { name: 'Sign out' }).click();
    await confirmWithPassword(page);
    await page.getByText('Signed out.').waitFor();
    await entries.nth(1).waitFor({ state: 'detached' });
    await otherPage.close();
  });

  it('signs out all other devices and keeps this one if the ID token identifies its session', async () => {
    const application = stack.logto.tenant.applications.get('profile-page')!;
    application.oidcClientMetadata.backchannelLogoutUri = 'http://127.0.0.1:9/';
    application.oidcClientMetadata.backchannelLogoutSessionRequired = true;
    const { username } = await createUser();
    const otherPage = await stack.openAs(username);
    const page = await stack.openAs(username);
    await openSection(page, 'Security');
    const entries = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await entries.filter({ hasText: 'This device' }).waitFor();
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await findDialog(page).getByRole('button', { name: 'Sign out' }).click();
    await confirmWithPassword(page);
    await page.getByText('Signed out.').waitFor();
    await entries.nth(1).waitFor({ state: 'detached' });
    expect(await entries.textContent()).toContain('This device');
    await otherPage.close();
  });

  it('causes no exceptions and no content security policy violations', () => {
    // The browser logs failed requests. All other errors come from the page.
    expect(stack.pageErrors.filter((error) => !error.startsWith('Failed to load resource'))).toEqual([]);
  });
});
