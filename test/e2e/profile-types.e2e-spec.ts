import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { startStack, unique, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

interface Entry {
  readonly store: string;
  readonly access?: string;
  readonly schema?: { readonly type?: string };
}

/** The initial value of each field; all other fields hold text. */
const SET: Readonly<Record<string, unknown>> = {
  avatar: 'https://example.com/alice.png',
  profile: 'https://example.com/alice',
  website: 'https://alice.example.com',
  birthdate: '1990-02-28',
  zoneinfo: 'Europe/Berlin',
  locale: 'en-GB',
  address: { locality: 'Berlin', country: 'Germany' },
  preferences: { theme: 'dark' },
  newsletter: true,
  shippingAddress: { locality: 'Berlin', country: 'DE' },
  emergencyContact: { name: 'Bob' },
  taxId: 'DE123456789',
  secrets: { a: 1 },
};

/** Values by JSON Schema type. */
const VALUES: readonly [type: string, values: readonly unknown[]][] = [
  ['object', [{}, { a: null }, { a: { b: null } }]],
  ['array', [[], [null], [{}], ['text']]],
  ['number', [0, 1]],
  ['boolean', [false, true]],
  ['string', ['', 'text']],
];

describe.each(['../../profile-fields.yaml', '../data/test-fields.yaml'])(
  'the types of values in the catalogue %s',
  (path) => {
    const file = fileURLToPath(new URL(path, import.meta.url));
    const { fields } = parse(readFileSync(file, 'utf8')) as { fields: Record<string, Entry> };
    const writable = Object.entries(fields).filter(([, { access }]) => access !== 'read' && access !== 'hidden');
    const typeOf = (name: string): string | undefined =>
      fields[name]!.schema ? fields[name]!.schema.type : name === 'address' ? 'object' : 'string';
    const wrongValuesFor = (name: string): unknown[] => {
      const type = typeOf(name);
      if (type === undefined) return [];
      const others = VALUES.filter(([each]) => each !== type).flatMap(([, values]) => values);
      // An empty string is never a value, because null clears a field.
      return type === 'string' ? [...others, ''] : others;
    };

    let stack: Stack;
    let user: TenantUser;
    let token: string;
    beforeAll(async () => {
      stack = await startStack({ environment: { PROFILE_FIELDS: file } });
    }, 60_000);
    afterAll(() => stack?.stop());
    beforeEach(async () => {
      const addresses = { primaryEmail: `${unique()}@example.com`, primaryPhone: newPhone() };
      user = await stack.createUser({ password: PASSWORD, ...addresses });
      token = await stack.tokenFor(user.username);
      const values = writable.flatMap(([name]) => (name in user ? [] : [[name, SET[name] ?? 'text'] as const]));
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
    async function createAddressProof(to: { email: string } | { phone: string }): Promise<string> {
      await stack.api('POST', '/v1/verification-codes', { token, body: to });
      const code = await stack.codeFor(Object.values(to)[0] as string);
      return createProof('/v1/verification-codes/verify', { ...to, code });
    }

    /** Creates a change that needs proofs, together with these proofs. */
    async function createProvenChange(name: string): Promise<{ change: Record<string, string>; proofs: string[] }> {
      const [email, phone] = [`${unique()}@example.com`, newPhone()];
      if (!fields['username']) return { change: { guarded: unique() }, proofs: [await createIdentityProof()] };
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
      return { change: { username: unique() }, proofs: [await createIdentityProof()] };
    }

    const readStored = async () => {
      const { headers, body } = await stack.api('GET', '/v1/profile', {
        token,
        headers: { 'cache-control': 'no-cache' },
      });
      return { user: await stack.tenant.user(user.id), etag: headers.get('etag'), body };
    };

    it.each(writable.filter(([name]) => wrongValuesFor(name).length > 0))(
      'reject a value of the wrong type for %s on both routes, and keep the value and the proofs',
      async (name, { store, access }) => {
        const { change, proofs } = await createProvenChange(name);
        const before = await readStored();
        for (const value of wrongValuesFor(name)) {
          for (const route of ['/v1/profile', '/v1/custom-data']) {
            const { status, body } = await patch(route, { [name]: value }, proofs);
            const [fault] = body.errors;
            const known = route === '/v1/profile' || store === 'customData';
            const expected = !known
              ? { status: 422, code: 'validation_failed', pointer: `/${name}`, fault: 'unknown_field' }
              : access === 'write-once'
                ? { status: 403, code: 'field_not_writable', pointer: `/${name}`, fault: 'field_not_writable' }
                : { status: 422, code: 'validation_failed', pointer: `/${name}`, fault: faultOf(name, value) };
            const received = { status, code: body.code, pointer: fault.pointer, fault: fault.code };
            expect({ value, ...received }).toEqual({ value, ...expected });
          }
        }
        expect(await readStored()).toEqual(before);
        const { status, body } = await patch('/v1/profile', change, proofs);
        expect([status, body]).toMatchObject([200, change]);
      },
    );

    it('let an empty object leave an address unchanged, and clear an address whose members are all removed', async () => {
      const claims = async () => (await stack.tenant.user(user.id)).profile;
      expect((await patch('/v1/profile', { address: {} })).body.address).toEqual(SET['address']);
      expect(await claims()).toHaveProperty('address', SET['address']);
      const cleared = await patch('/v1/profile', { address: { locality: null, country: null } });
      expect([cleared.status, cleared.body.address]).toEqual([200, null]);
      expect(await claims()).not.toHaveProperty('address');
      expect((await patch('/v1/profile', { address: {} })).body.address).toBeNull();
    });

    function faultOf(name: string, value: unknown): string {
      if (value !== '' || typeOf(name) !== 'string') return 'invalid_type';
      return { primaryEmail: 'invalid_email', primaryPhone: 'invalid_phone' }[name] ?? 'empty';
    }
  },
);

const newPhone = () => `1555${randomInt(1_000_000, 9_999_999)}`;
