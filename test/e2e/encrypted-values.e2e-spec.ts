import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../src/platform/json/json.js';
import { json } from '../data/json-arbitraries.js';
import { startStack, uniqueName, type Stack } from './harness.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

/** Rules whose result depends on the stored value: conditions, required members, sizes, names of keys. */
const CATALOGUE = `fields:
  name: { store: logto }
  bank:
    store: database
    sensitive: true
    maxBytes: 120
    schema:
      type: object
      required: [iban]
      maxProperties: 3
      additionalProperties: { type: string, maxLength: 40 }
      properties:
        iban: { type: string }
        insolvent: { type: boolean }
      if: { properties: { insolvent: { const: true } }, required: [insolvent] }
      then: { not: { required: [card] } }
  taxId: { store: database, sensitive: true, schema: { type: string } }
`;

const STORED = { iban: 'DE89370400440532013000', insolvent: true, pin: '1234' };

describe('an encrypted value', () => {
  let stack: Stack;
  let token: string;

  beforeAll(async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'catalogue-')), 'fields.yaml');
    writeFileSync(file, CATALOGUE);
    const limits = { LIMIT_REQUESTS_PER_MINUTE: '1000000', LIMIT_REQUEST_BURST: '100000' };
    stack = await startStack({ environment: { PROFILE_FIELDS: file, ...limits } });
    const user = await stack.createUser({ username: uniqueName(), password: PASSWORD });
    token = await stack.tokenFor(user.username);
    expect((await patch({ bank: STORED }, await withProof())).status).toBe(200);
  }, 60_000);
  afterAll(() => stack?.stop());

  const patch = (body: unknown, headers: Record<string, string> = {}, query = '') =>
    stack.api('PATCH', `/v1/profile${query}`, { token, body, headers, unchecked: true });
  const withProof = async () => ({
    'verification-id': (await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } })).body
      .verificationId as string,
  });
  /** The response without what differs in every response. */
  const observe = async (body: unknown, headers: Record<string, string> = {}, query = '') => {
    const response = await patch(body, headers, query);
    const { requestId: _requestId, ...problem } = response.body as Record<string, unknown>;
    return { status: response.status, problem };
  };

  const PROBES: Record<string, Json> = {
    'a member that a condition forbids': { card: '4242' },
    'a removed required member': { iban: null },
    'a removed member that may not exist': { pin: null },
    'one member more than allowed': { other: 'x' },
    'a value that fills the size limit': { note: 'x'.repeat(30) },
    'a value of the wrong type': { insolvent: 'yes' },
    'an unknown nested value': { iban: { deep: { deeper: 1 } } },
    nothing: {},
    'a key with an unusual name': { constructor: 'x' },
  };

  it.each(Object.entries(PROBES))('reveals nothing without a proof to a patch with %s', async (_what, bank) => {
    const expected = await observe({ bank: { iban: 'DE00' } });
    expect(expected).toMatchObject({ status: 401, problem: { code: 'step_up_required' } });
    for (const query of ['', '?dryRun=true']) expect(await observe({ bank }, {}, query)).toEqual(expected);
  });

  it('reveals nothing without a proof to any patch', async () => {
    const expected = await observe({ bank: {} });
    const objects = json.object.filter((value) => !/__proto__|\\u0000|\\ud[89a-f]/.test(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(objects, fc.boolean(), async (bank, dryRun) => {
        expect(await observe({ bank }, {}, dryRun ? '?dryRun=true' : '')).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('is checked by its rules after the proof, which a rejection leaves usable', async () => {
    const proof = await withProof();
    expect(await observe({ bank: { card: '4242' } }, proof)).toMatchObject({ status: 422 });
    expect(await observe({ bank: { iban: null } }, proof, '?dryRun=true')).toMatchObject({ status: 422 });
    expect((await patch({ bank: { insolvent: false } }, proof)).status).toBe(200);
    const revealed = await stack.api('POST', '/v1/profile/fields/bank/reveal', { token, headers: await withProof() });
    expect(revealed.body.value).toEqual({ ...STORED, insolvent: false });
  });

  it('is not confirmed by an Idempotency-Key without a proof', async () => {
    const key = { 'idempotency-key': uniqueName() };
    expect((await patch({ taxId: 'DE123456789' }, { ...key, ...(await withProof()) })).status).toBe(200);
    const sameValue = await observe({ taxId: 'DE123456789' }, key);
    const otherValue = await observe({ taxId: 'DE000000000' }, key);
    expect(sameValue).toEqual(otherValue);
    expect(sameValue.status).toBe(401);

    const proof = await withProof();
    expect((await patch({ taxId: 'DE000000000' }, { ...key, ...proof })).body.code).toBe('idempotency_conflict');
    expect((await patch({ taxId: 'DE123456789' }, { ...key, ...proof })).status).toBe(200);
    expect((await patch({ taxId: 'DE111111111' }, proof)).status).toBe(200); // A replay does not consume the proof.
  });
});
