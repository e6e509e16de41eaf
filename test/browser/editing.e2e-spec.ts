import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, startBrowserStack, type BrowserStack } from './browser-stack.js';
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

describeInBrowser('the profile editor', () => {
  beforeAll(async () => {
    stack = await startBrowserStack();
  }, 60_000);
  afterAll(() => stack?.stop());

  it('changes the name, and changes the email with a code from the mailbox', async () => {
    const page = await stack.openAs('alice');
    await findRow(page, 'Display name').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Alice Liddell');
    await saveChanges(page);
    await waitForSaved(page);
    expect(await findRow(page, 'Display name').textContent()).toContain('Alice Liddell');

    await openSection(page, 'Sign-in details');
    await findRow(page, 'Email').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill('alice@wonder.example');
    await page.keyboard.press('Enter');
    await confirmWithPassword(page);
    await findDialog(page).getByText('We sent a code to alice@wonder.example').waitFor();

    const mailbox = await page.context().newPage();
    await mailbox.goto(`${stack.logto.endpoint}/dev/mailbox`);
    const message = mailbox.getByRole('listitem').filter({ hasText: 'alice@wonder.example' });
    const code = await message.locator('[data-code]').first().innerText();
    await mailbox.close();

    await enterCode(page, code);
    await findRow(page, 'Email').getByText('alice@wonder.example').waitFor();
    expect(await getProfile('alice')).toMatchObject({ name: 'Alice Liddell', primaryEmail: 'alice@wonder.example' });
  });

  it('saves only the changes in one patch and shows them after a reload', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    const patches: unknown[] = [];
    page.on('request', (request) => request.method() === 'PATCH' && patches.push(request.postDataJSON()));
    await findRow(page, 'Given name').getByRole('button', { name: 'Remove' }).click();
    await findRow(page, 'Address').getByRole('button', { name: 'Add' }).click();
    await page.getByLabel('City').fill('Dresden');
    await findRow(page, 'Display name').getByRole('button', { name: 'Change' }).click(); // The editor is opened, but nothing is changed.
    await openSection(page, 'Preferences');
    await page.getByRole('switch', { name: 'Newsletter' }).check();
    await findRow(page, 'Preferences').getByRole('button', { name: 'Add' }).click();
    await page.getByLabel('Name', { exact: true }).fill('theme');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Theme' }).fill('dark');
    await page.getByText('4 unsaved changes').waitFor();
    await saveChanges(page);
    await waitForSaved(page);
    const patch = {
      givenName: null,
      address: { locality: 'Dresden' },
      newsletter: true,
      preferences: { theme: 'dark' },
    };
    expect(patches).toEqual([patch]);

    await page.reload();
    await findRow(page, 'Preferences').getByText('theme: dark').waitFor();
    expect(await page.getByRole('switch', { name: 'Newsletter' }).isChecked()).toBe(true);
    await openSection(page, 'Profile');
    await findRow(page, 'Given name').getByText('Not set').waitFor();
    await findRow(page, 'Address').getByText('Dresden').waitFor();
  });

  it('shows errors next to their fields and focuses the first one', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await findRow(page, 'Website').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'Website' }).fill('javascript:alert(1)');
    await findRow(page, 'Shipping address').getByRole('button', { name: 'Add' }).click();
    await page.getByLabel('Country code').fill('Germany');
    await saveChanges(page);
    await page.getByText('Please correct 2 values.').waitFor();
    const country = page.getByLabel('Country code');
    expect(await country.getAttribute('aria-invalid')).toBe('true');
    const errorId = await country.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${errorId}"]`).innerText()).toContain('DE');
    await expect(page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).resolves.toBe('true');
    await country.fill('DE');
    await page.getByRole('textbox', { name: 'Website' }).fill('https://robin.example');
    await saveChanges(page);
    await waitForSaved(page);
    expect(await getProfile(username)).toMatchObject({
      website: 'https://robin.example',
      shippingAddress: { country: 'DE' },
    });
  });

  it('shows concurrent changes and saves the values that the user chooses', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await findRow(page, 'Display name').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Mine');
    await findRow(page, 'Nickname').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'Nickname' }).fill('Nick');
    const token = await stack.tokenFor(username);
    await stack.api('PATCH', '/v1/profile', {
      token,
      body: { name: 'Theirs', gender: 'nonbinary', nickname: 'Other' },
    });

    await saveChanges(page);
    await findDialog(page).getByRole('heading', { name: 'Your profile has changed' }).waitFor();
    const findChoice = (label: string) => findDialog(page).getByRole('group', { name: label });
    expect(await findChoice('Display name').textContent()).toMatch(/Mine.*Theirs/);
    expect(await findDialog(page).textContent()).toContain('Gender: nonbinary');
    expect((await getProfile(username))['name']).toBe('Theirs');
    await findChoice('Nickname').getByRole('radio', { name: 'Saved value' }).check();
    await findDialog(page).getByRole('button', { name: 'Save' }).click();
    await waitForSaved(page);
    expect(await getProfile(username)).toMatchObject({ name: 'Mine', nickname: 'Other', gender: 'nonbinary' });
    await findRow(page, 'Gender').getByText('nonbinary').waitFor();
  });

  it('warns about unsaved changes before the page closes and before signing out', async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username);
    await findRow(page, 'Display name').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Unsaved');
    await openSection(page, 'Preferences');
    await openSection(page, 'Profile');
    expect(await page.getByRole('textbox', { name: 'Display name' }).inputValue()).toBe('Unsaved');

    const dialogOpened = page.waitForEvent('dialog');
    void page.evaluate(() => location.reload()).catch(() => undefined);
    const warning = await dialogOpened;
    expect(warning.type()).toBe('beforeunload');
    await warning.dismiss();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await findDialog(page).getByText('You have 1 unsaved change.').waitFor();
    await findDialog(page).getByRole('button', { name: 'Keep editing' }).click();
    expect(await page.getByRole('textbox', { name: 'Display name' }).inputValue()).toBe('Unsaved');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await findDialog(page).getByRole('button', { name: 'Discard and sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(page.url()).toBe(`${stack.pageUrl}/`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Username, email or phone').waitFor(); // Logto's session has also ended.
  });

  it('shows the privacy section only if the deployment offers one of its operations', async () => {
    const { username, id } = await createUser();
    const basicPage = await stack.openAs(username);
    await basicPage.waitForLoadState('networkidle');
    expect(await basicPage.getByRole('navigation').getByRole('listitem').count()).toBe(4);
    await basicPage.close();

    // Simulates a deployment that offers all of these operations.
    const page = await stack.openAs(username);
    const calls: string[] = [];
    const mockResponse = (path: string, body: unknown, status = 200) =>
      page.route(`${stack.url}${path}`, (route) => {
        if (route.request().method() === 'OPTIONS') return route.fallback();
        calls.push(`${route.request().method()} ${new URL(route.request().url()).pathname}`);
        return route.fulfill({ status, json: body, headers: { 'access-control-allow-origin': stack.pageUrl } });
      });
    await mockResponse('/openapi.json', {
      paths: { '/v1/activity': { get: {} }, '/v1/account/export': { post: {} }, '/v1/account': { delete: {} } },
    });
    await mockResponse('/v1/activity', {
      items: [{ at: '2026-11-23T10:00:00.000Z', action: 'profile_changed', fields: ['givenName', 'taxId'] }],
      next: null,
    });
    await mockResponse('/v1/account/export', { id });
    await mockResponse('/v1/account', null, 204);
    await page.reload();
    await openSection(page, 'Privacy');
    await page.getByText('Changed Given name, Tax ID').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download my data' }).click();
    expect((await download).suggestedFilename()).toBe('profile.json');

    await page.getByRole('button', { name: 'Delete my account' }).click();
    const confirmButton = findDialog(page).getByRole('button', { name: 'Delete my account' });
    expect(await confirmButton.isDisabled()).toBe(true);
    await findDialog(page).getByLabel('Type delete to continue').fill('delete');
    await confirmButton.click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    const privacyCalls = calls.filter((call) => call !== 'GET /openapi.json');
    expect(privacyCalls).toEqual(['GET /v1/activity', 'POST /v1/account/export', 'DELETE /v1/account']);
  });

  it('shows a message when the account is suspended', async () => {
    const { username, id } = await createUser();
    const page = await stack.openAs(username);
    await findRow(page, 'Display name').getByRole('button', { name: 'Remove' }).click();
    await page.waitForLoadState('networkidle');
    // Blocks reads, because a read would also show the message.
    await page.route(`${stack.url}/v1/**`, (route) => {
      if (route.request().method() !== 'GET') return route.continue();
    });
    await stack.tenant.call('PATCH', `/users/${id}/is-suspended`, { isSuspended: true });
    await saveChanges(page);
    await page.getByText('Your account is suspended.').waitFor();
  });

  it("uses the browser's language until the user chooses another", async () => {
    const { username } = await createUser();
    const page = await stack.openAs(username, { locale: 'de-DE' });
    await findRow(page, 'Anzeigename').getByRole('button', { name: 'Ändern' }).click();
    await findRow(page, 'Lieferadresse').waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await findRow(page, 'Anzeigename').getByRole('textbox').fill('x'.repeat(200));
    await page.getByRole('button', { name: 'Änderungen speichern' }).click();
    await page.getByText('höchstens 128 Zeichen').waitFor();
    await page.getByLabel('Sprache', { exact: true }).selectOption('en');
    await findRow(page, 'Display name').waitFor();
    await findRow(page, 'Shipping address').waitFor();
  });

  it('causes no exceptions and no content security policy violations', () => {
    // The browser logs failed requests. All other errors come from the page.
    expect(stack.pageErrors.filter((error) => !error.startsWith('Failed to load resource'))).toEqual([]);
  });
});
