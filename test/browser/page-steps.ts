import type { Page } from 'playwright-core';
import { uniqueName } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';
import { PASSWORD, type BrowserStack } from './browser-stack.js';

/** Creates a user with a password, an email, a phone and a name. */
export async function createTestUser(stack: BrowserStack): Promise<TenantUser> {
  const username = uniqueName();
  return stack.createUser({
    username,
    password: PASSWORD,
    primaryEmail: `${username}@example.com`,
    primaryPhone: `4915${String(Math.floor(Math.random() * 1e9)).padStart(9, '1')}`,
    name: 'Robin Example',
    profile: { givenName: 'Robin', birthdate: '1990-01-02' },
  });
}

/** Reads the profile document from the service. */
export const fetchProfile = async (stack: BrowserStack, username: string): Promise<Record<string, unknown>> =>
  (await stack.api('GET', '/v1/profile', { token: await stack.tokenFor(username) })).body;

/** Finds the row of a field by its label. */
export const findRow = (page: Page, label: string) =>
  page.getByRole('listitem').filter({ has: page.locator('.row-label', { hasText: new RegExp(`^${label}$`) }) });

export const openSection = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();

export const saveChanges = (page: Page) => page.getByRole('button', { name: 'Save changes' }).click();

export const waitForSaved = (page: Page) => page.getByText('Saved.', { exact: true }).waitFor();

export const findDialog = (page: Page) => page.getByRole('dialog');

export async function confirmWithPassword(page: Page): Promise<void> {
  await findDialog(page).getByLabel('Current password').fill(PASSWORD);
  await findDialog(page).getByRole('button', { name: 'Confirm' }).click();
}

export async function enterCode(page: Page, code: string): Promise<void> {
  await findDialog(page).getByLabel('Code', { exact: true }).fill(code);
  await findDialog(page).getByRole('button', { name: 'Verify code' }).click();
}
