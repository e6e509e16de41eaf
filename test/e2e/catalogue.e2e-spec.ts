import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { Database } from '../../src/platform/database/database.js';
import { startStack, type Stack } from './harness.js';

const SAMPLE_CATALOGUE = readFileSync(new URL('../../profile-fields.yaml', import.meta.url), 'utf8');
const PASSWORD = 'Str0ng-Passw0rd!x';

/** An entry that an operator adds for a custom field. */
const IBAN_ENTRY = `
  iban:
    store: database
    sensitive: true
    mask: last4
    labels: { en: Bank account, de: Bankkonto }
    schema: { type: string, pattern: '^[A-Z]{2}[0-9A-Z]{13,32}$' }
`;

describe('a field added to the catalogue', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
  const file = join(folder, 'fields.yaml');
  let stack: Stack;
  let token: string;

  beforeAll(async () => {
    writeFileSync(file, `${SAMPLE_CATALOGUE}${IBAN_ENTRY}`);
    stack = await startStack({ environment: { PROFILE_FIELDS: file } });
    const user = await stack.createUser({ password: PASSWORD });
    token = await stack.tokenFor(user.username);
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true });
  });

  const get = async (path: string, headers?: Record<string, string>) => {
    const { status, body } = await stack.api('GET', path, { token, headers });
    expect(status).toBe(200);
    return body;
  };
  const patch = (body: unknown, headers?: Record<string, string>) =>
    stack.api('PATCH', '/v1/profile', { token, body, headers });

  it('appears in the profile document as null', async () => {
    expect(await get('/v1/profile')).toHaveProperty('iban', null);
  });

  it('appears in the schema with a label in the requested language', async () => {
    const germanSchema = await get('/v1/profile/schema', { 'accept-language': 'de-AT, en;q=0.5' });
    expect(germanSchema.properties.iban).toMatchObject({ title: 'Bankkonto', 'x-sensitive': true });
    expect((await get('/v1/profile/schema')).properties.iban).toMatchObject({ title: 'Bank account' });

    const ajv = new Ajv2020({ strict: false });
    formatsPlugin.default(ajv);
    const accepts = ajv.compile(germanSchema);
    expect(['DE02120300000000202051', 'x', null].map((iban) => accepts({ iban }))).toEqual([true, false, true]);
  });

  it('appears in the capabilities', async () => {
    const { fields } = await get('/v1/profile/capabilities');
    expect(fields.iban).toMatchObject({ readable: true, writable: true, proof: 'identity' });
  });

  it('appears in the OpenAPI document', async () => {
    const { components } = (await stack.api('GET', '/openapi.json', { unchecked: true })).body;
    expect(components.schemas.Profile.properties.iban).toMatchObject({ properties: { masked: { type: 'string' } } });
    expect(components.schemas.ProfilePatch.properties.iban).toMatchObject({ title: 'Bank account' });
  });

  it('is validated, needs a proof, is shown masked and is encrypted in the database', async () => {
    const iban = 'DE02120300000000202051';
    expect((await patch({ iban: 'none' })).body.errors).toMatchObject([{ pointer: '/iban', code: 'invalid_format' }]);
    expect((await patch({ iban })).body.code).toBe('step_up_required');

    const proof = await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } });
    const changed = await patch({ iban }, { 'verification-id': proof.body.verificationId });
    expect([changed.status, changed.body.iban]).toEqual([200, { masked: '•••• 2051' }]);

    const text = 'select profile_user::text as row from logto_profile.profile_user';
    const { rows } = await stack.app.get(Database).query({ text });
    expect(JSON.stringify(rows)).toContain('jwe');
    expect(JSON.stringify(rows)).not.toContain(iban);
  });

  it('prevents the start when it is invalid, with an error that contains the line and the reason', async () => {
    writeFileSync(file, `${SAMPLE_CATALOGUE}${IBAN_ENTRY.replace('mask: last4', 'mask: last5')}`);
    const line = SAMPLE_CATALOGUE.split('\n').length + 4;
    // Shares the running database, because a failed start would not close a new one.
    const overrides = [{ provide: Database, useValue: stack.app.get(Database) }];
    const start = startStack({ logto: stack.logto, overrides, environment: { PROFILE_FIELDS: file } });
    await expect(start).rejects.toThrow(
      `fields.yaml:${line}: fields.iban.mask: must be one of all, last4, email, phone`,
    );
  });
});
