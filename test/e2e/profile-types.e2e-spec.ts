import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { startStack, uniqueName, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';
import { FIELD_VALUES } from '../data/field-values.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

interface Entry {
  readonly store: string;
  readonly access?: string;
  readonly schema?: { readonly type?: string };
}

/** Initial values by field. All other fields contain text. */
const INITIAL_VALUES: Readonly<Record<string, unknown>> = {
  ...FIELD_VALUES,
  taxId: 'DE123456789',
  secrets: { a: 1 },
};

/** Values by JSON Schema type. */
const VALUES_BY_TYPE: readonly [type: string, values: readonly unknown[]][] = [
  ['object', [{}, { a: null }, { a: { b: null } }]],
  ['array', [[], [null], [{}], ['text']]],
  ['number', [0, 1]],
  ['boolean', [false, true]],
  ['string', ['', 'text']],
];

describe.each(['../../profile-fields.yaml', '../data/test-fields.yaml'])('the fields of the catalogue %s', (path) => {
  const file = fileURLToPath(new URL(path, import.meta.url));
  const { fields } = parse(readFileSync(file, 'utf8')) as { fields: Record<string, Entry> };
  const writable = Object.entries(fields).filter(([, { access }]) => access !== 'read' && access !== 'hidden');
  const getType = (name: string): string | undefined =>
    fields[name]!.schema ? fields[name]!.schema.type : name === 'address' ? 'object' : 'string';
  const listWrongValues = (name: string): unknown[] => {
    const type = getType(name);
    if (type === undefined) return [];
    const wrongValues = VALUES_BY_TYPE.filter(([valueType]) => valueType !== type).flatMap(([, values]) => values);
    // The service rejects an empty string, because null clears a field.
    return type === 'string' ? [...wrongValues, ''] : wrongValues;
  };

  let stack: Stack;
  let user: TenantUser;
  let token: string;
  beforeAll(async () => {
    stack = await startStack({ environment: { PROFILE_FIELDS: file } });
  }, 60_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    const addresses = { primaryEmail: `${uniqueName()}@example.com`, primaryPhone: newPhone() };
    user = await stack.createUser({ password: PASSWORD, ...addresses });
    token = await stack.tokenFor(user.username);
    const values = writable.flatMap(([name]) =>
      name in user ? [] : [[name, INITIAL_VALUES[name] ?? 'text'] as const],
    );
    const { status } = await patch('/v1/profile', Object.fromEntries(values), [await createIdentityProof()]);
    expect(status).toBe(200);
  });

  const patch = (route: string, body: object, proofs: string[] = []) =>
    stack.api('PATCH', route, { token, body, headers: { 'verification-id': proofs.join(', ') } });

  async function createProof(route: string, body: object): Promise<string> {
    const response = await stack.api('POST', route, { token, body });
    expect(response.status).toBe(201);
    return response.body.verificationId as string;
  }
  const createIdentityProof = () => createProof('/v1/password/verify', { password: PASSWORD });
  async function createAddressProof(recipient: { email: string } | { phone: string }): Promise<string> {
    await stack.api('POST', '/v1/verification-codes', { token, body: recipient });
    const code = await stack.codeFor(Object.values(recipient)[0] as string);
    return createProof('/v1/verification-codes/verify', { ...recipient, code });
  }

  /** Creates a change that needs proofs, and these proofs. */
  async function createProvenChange(name: string): Promise<{ change: Record<string, string>; proofs: string[] }> {
    const [email, phone] = [`${uniqueName()}@example.com`, newPhone()];
    if (!fields['username']) return { change: { guarded: uniqueName() }, proofs: [await createIdentityProof()] };
    if (name === 'primaryEmail') {
      return {
        change: { primaryEmail: email },
        proofs: [await createIdentityProof(), await createAddressProof({ email })],
      };
    }
    if (name === 'primaryPhone') {
      return {
        change: { primaryPhone: phone },
        proofs: [await createIdentityProof(), await createAddressProof({ phone })],
      };
    }
    return { change: { username: uniqueName() }, proofs: [await createIdentityProof()] };
  }

  const readStored = async () => {
    const { headers, body } = await stack.api('GET', '/v1/profile', {
      token,
      headers: { 'cache-control': 'no-cache' },
    });
    return { user: await stack.tenant.user(user.id), etag: headers.get('etag'), body };
  };

  it.each(writable.filter(([name]) => listWrongValues(name).length > 0))(
    'reject a value of the wrong type on both routes, and keep the value and the proofs: %s',
    async (name, { store, access }) => {
      const { change, proofs } = await createProvenChange(name);
      const before = await readStored();
      for (const value of listWrongValues(name)) {
        for (const route of ['/v1/profile', '/v1/custom-data']) {
          const { status, body } = await patch(route, { [name]: value }, proofs);
          const [error] = body.errors;
          const isKnown = route === '/v1/profile' || store === 'customData';
          const expected = !isKnown
            ? { status: 422, code: 'validation_failed', pointer: `/${name}`, error: 'unknown_field' }
            : access === 'write-once'
              ? { status: 403, code: 'field_not_writable', pointer: `/${name}`, error: 'field_not_writable' }
              : { status: 422, code: 'validation_failed', pointer: `/${name}`, error: getErrorCode(name, value) };
          const received = { status, code: body.code, pointer: error.pointer, error: error.code };
          expect({ value, ...received }).toEqual({ value, ...expected });
        }
      }
      expect(await readStored()).toEqual(before);
      const { status, body } = await patch('/v1/profile', change, proofs);
      expect([status, body]).toMatchObject([200, change]);
    },
  );

  it('keep an address when the patch is an empty object, and clear it when all its members are removed', async () => {
    const readClaims = async () => (await stack.tenant.user(user.id)).profile;
    expect((await patch('/v1/profile', { address: {} })).body.address).toEqual(INITIAL_VALUES['address']);
    expect(await readClaims()).toHaveProperty('address', INITIAL_VALUES['address']);
    const cleared = await patch('/v1/profile', { address: { locality: null, country: null } });
    expect([cleared.status, cleared.body.address]).toEqual([200, null]);
    expect(await readClaims()).not.toHaveProperty('address');
    expect((await patch('/v1/profile', { address: {} })).body.address).toBeNull();
  });

  function getErrorCode(name: string, value: unknown): string {
    if (value !== '' || getType(name) !== 'string') return 'invalid_type';
    return { primaryEmail: 'invalid_email', primaryPhone: 'invalid_phone' }[name] ?? 'empty';
  }
});

const newPhone = () => `1555${randomInt(1_000_000, 9_999_999)}`;
