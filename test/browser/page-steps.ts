import type { Page } from 'playwright-core';
import { unique } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';
import { PASSWORD, type BrowserStack } from './browser-stack.js';

/** A person of this test's own, with all that alice has. */
export async function createPerson(stack: BrowserStack): Promise<TenantUser> {
  const username = unique();
  return stack.createUser({
    username,
    password: PASSWORD,
    primaryEmail: `${username}@example.com`,
    primaryPhone: `4915${String(Math.floor(Math.random() * 1e9)).padStart(9, '1')}`,
    name: 'Robin Example',
    profile: { givenName: 'Robin', birthdate: '1990-01-02' },
  });
}

/** The profile as the service has it now. */
export const storedProfile = async (stack: BrowserStack, username: string): Promise<Record<string, unknown>> =>
  (await stack.api('GET', '/v1/profile', { token: await stack.tokenFor(username) })).body;

/** The row of a field, by its label. */
export const row = (page: Page, label: string) =>
  page.getByRole('listitem').filter({ has: page.locator('.row-label', { hasText: new RegExp(`^${label}$`) }) });

export const section = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();

export const save = (page: Page) => page.getByRole('button', { name: 'Save changes' }).click();

export const saved = (page: Page) => page.getByText('Saved.', { exact: true }).waitFor();

export const dialog = (page: Page) => page.getByRole('dialog');

export async function proveByPassword(page: Page): Promise<void> {
  await dialog(page).getByLabel('Current password').fill(PASSWORD);
  await dialog(page).getByRole('button', { name: 'Confirm' }).click();
}

export async function enterCode(page: Page, code: string): Promise<void> {
  await dialog(page).getByLabel('Code', { exact: true }).fill(code);
  await dialog(page).getByRole('button', { name: 'Check code' }).click();
}
