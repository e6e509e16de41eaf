import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, startBrowserStack, type BrowserStack } from './browser-stack.js';
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

describeInBrowser('editing a profile on the page', () => {
  beforeAll(async () => {
    stack = await startBrowserStack();
  }, 60_000);
  afterAll(() => stack?.stop());

  it('lets alice change her name, and her email with the code from the mailbox', async () => {
    const page = await stack.openAs('alice');
    await row(page, 'Display name').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Alice Liddell');
    await save(page);
    await saved(page);
    expect(await row(page, 'Display name').textContent()).toContain('Alice Liddell');

    await section(page, 'Sign-in details');
    await row(page, 'Email').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill('alice@wonder.example');
    await page.keyboard.press('Enter');
    await proveByPassword(page);
    await dialog(page).getByText('We sent a code to alice@wonder.example').waitFor();

    const mailbox = await page.context().newPage();
    await mailbox.goto(`${stack.logto.endpoint}/dev/mailbox`);
    const message = mailbox.getByRole('listitem').filter({ hasText: 'alice@wonder.example' });
    const code = await message.locator('[data-code]').first().innerText();
    await mailbox.close();

    await enterCode(page, code);
    await row(page, 'Email').getByText('alice@wonder.example').waitFor();
    expect(await stored('alice')).toMatchObject({ name: 'Alice Liddell', primaryEmail: 'alice@wonder.example' });
  });

  it('saves only what changed, as one patch, and shows it after a reload', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    const patches: unknown[] = [];
    page.on('request', (request) => request.method() === 'PATCH' && patches.push(request.postDataJSON()));
    await row(page, 'Given name').getByRole('button', { name: 'Remove' }).click();
    await row(page, 'Address').getByRole('button', { name: 'Add' }).click();
    await page.getByLabel('City').fill('Dresden');
    await row(page, 'Display name').getByRole('button', { name: 'Change' }).click(); // opened, and left as it is
    await section(page, 'Preferences');
    await page.getByRole('switch', { name: 'Newsletter' }).check();
    await row(page, 'Preferences').getByRole('button', { name: 'Add' }).click();
    await page.getByLabel('Name', { exact: true }).fill('theme');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Theme' }).fill('dark');
    await page.getByText('4 unsaved changes').waitFor();
    await save(page);
    await saved(page);
    const patch = {
      givenName: null,
      address: { locality: 'Dresden' },
      newsletter: true,
      preferences: { theme: 'dark' },
    };
    expect(patches).toEqual([patch]);

    await page.reload();
    await row(page, 'Preferences').getByText('theme: dark').waitFor();
    expect(await page.getByRole('switch', { name: 'Newsletter' }).isChecked()).toBe(true);
    await section(page, 'Profile');
    await row(page, 'Given name').getByText('Not set').waitFor();
    await row(page, 'Address').getByText('Dresden').waitFor();
  });

  it('shows what is wrong at the field, and takes the focus there', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await row(page, 'Website').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'Website' }).fill('javascript:alert(1)');
    await row(page, 'Shipping address').getByRole('button', { name: 'Add' }).click();
    await page.getByLabel('Country code').fill('Germany');
    await save(page);
    await page.getByText('2 values need another look.').waitFor();
    const country = page.getByLabel('Country code');
    expect(await country.getAttribute('aria-invalid')).toBe('true');
    const described = await country.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).innerText()).toContain('DE');
    await expect(page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).resolves.toBe('true');
    await country.fill('DE');
    await page.getByRole('textbox', { name: 'Website' }).fill('https://robin.example');
    await save(page);
    await saved(page);
    expect(await stored(username)).toMatchObject({
      website: 'https://robin.example',
      shippingAddress: { country: 'DE' },
    });
  });

  it('shows what changed meanwhile, and keeps what the person chooses', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await row(page, 'Display name').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Mine');
    await row(page, 'Nickname').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'Nickname' }).fill('Nick');
    const token = await stack.tokenFor(username);
    await stack.api('PATCH', '/v1/profile', {
      token,
      body: { name: 'Theirs', gender: 'nonbinary', nickname: 'Other' },
    });

    await save(page);
    await dialog(page).getByRole('heading', { name: 'Your profile was changed meanwhile' }).waitFor();
    const choice = (label: string) => dialog(page).getByRole('group', { name: label });
    expect(await choice('Display name').textContent()).toMatch(/Mine.*Theirs/);
    expect(await dialog(page).textContent()).toContain('Gender: nonbinary');
    expect((await stored(username))['name']).toBe('Theirs');
    await choice('Nickname').getByRole('radio', { name: 'Saved meanwhile' }).check();
    await dialog(page).getByRole('button', { name: 'Save my choice' }).click();
    await saved(page);
    expect(await stored(username)).toMatchObject({ name: 'Mine', nickname: 'Other', gender: 'nonbinary' });
    await row(page, 'Gender').getByText('nonbinary').waitFor();
  });

  it('guards unsaved changes when leaving and when signing out', async () => {
    const { username } = await person();
    const page = await stack.openAs(username);
    await row(page, 'Display name').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Unsaved');
    await section(page, 'Preferences');
    await section(page, 'Profile');
    expect(await page.getByRole('textbox', { name: 'Display name' }).inputValue()).toBe('Unsaved');

    const asked = page.waitForEvent('dialog');
    void page.evaluate(() => location.reload()).catch(() => undefined);
    const question = await asked;
    expect(question.type()).toBe('beforeunload');
    await question.dismiss();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await dialog(page).getByText('One change has not been saved.').waitFor();
    await dialog(page).getByRole('button', { name: 'Stay here' }).click();
    expect(await page.getByRole('textbox', { name: 'Display name' }).inputValue()).toBe('Unsaved');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await dialog(page).getByRole('button', { name: 'Discard and sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(page.url()).toBe(`${stack.pageUrl}/`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Username, email or phone').waitFor(); // Logto's session is over too
  });

  it('has a privacy section only where the deployment offers something for it', async () => {
    const { username, id } = await person();
    const plain = await stack.openAs(username);
    await plain.waitForLoadState('networkidle');
    expect(await plain.getByRole('navigation').getByRole('listitem').count()).toBe(4);
    await plain.close();

    // A deployment that offers more, as the contract describes it.
    const page = await stack.openAs(username);
    const calls: string[] = [];
    const answer = (path: string, body: unknown, status = 200) =>
      page.route(`${stack.url}${path}`, (route) => {
        if (route.request().method() === 'OPTIONS') return route.fallback();
        calls.push(`${route.request().method()} ${new URL(route.request().url()).pathname}`);
        return route.fulfill({ status, json: body, headers: { 'access-control-allow-origin': stack.pageUrl } });
      });
    await answer('/openapi.json', {
      paths: { '/v1/activity': { get: {} }, '/v1/account/export': { post: {} }, '/v1/account': { delete: {} } },
    });
    await answer('/v1/activity', {
      items: [{ at: '2026-11-23T10:00:00.000Z', action: 'profile_changed', fields: ['givenName', 'taxId'] }],
      next: null,
    });
    await answer('/v1/account/export', { id });
    await answer('/v1/account', null, 204);
    await page.reload();
    await section(page, 'Privacy');
    await page.getByText('Changed Given name, Tax ID').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download my data' }).click();
    expect((await download).suggestedFilename()).toBe('profile.json');

    await page.getByRole('button', { name: 'Delete my account' }).click();
    const confirm = dialog(page).getByRole('button', { name: 'Delete my account' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog(page).getByLabel('Type delete to go on').fill('delete');
    await confirm.click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    const wanted = calls.filter((call) => call !== 'GET /openapi.json');
    expect(wanted).toEqual(['GET /v1/activity', 'POST /v1/account/export', 'DELETE /v1/account']);
  });

  it('says so when the account is suspended', async () => {
    const { username, id } = await person();
    const page = await stack.openAs(username);
    await page.waitForLoadState('networkidle'); // with a token that stays valid after the suspension
    await stack.tenant.call('PATCH', `/users/${id}/is-suspended`, { isSuspended: true });
    await row(page, 'Display name').getByRole('button', { name: 'Remove' }).click();
    await save(page);
    await page.getByText('Your account is suspended.').waitFor();
  });

  it('speaks German when the browser does, or when asked to', async () => {
    const { username } = await person();
    const page = await stack.openAs(username, { locale: 'de-DE' });
    await row(page, 'Anzeigename').getByRole('button', { name: 'Ändern' }).click();
    await row(page, 'Lieferadresse').waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await row(page, 'Anzeigename').getByRole('textbox').fill('x'.repeat(200));
    await page.getByRole('button', { name: 'Änderungen speichern' }).click();
    await page.getByText('höchstens 128 Zeichen').waitFor();
    await page.getByLabel('Sprache', { exact: true }).selectOption('en');
    await row(page, 'Display name').waitFor();
    await row(page, 'Shipping address').waitFor();
  });

  it('threw nothing and broke no content security policy on the way', () => {
    // Refused requests are logged by the browser itself; everything else is a fault of the page.
    expect(stack.faults.filter((fault) => !fault.startsWith('Failed to load resource'))).toEqual([]);
  });
});
