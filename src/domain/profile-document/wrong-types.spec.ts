import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FIELD_VALUES } from '../../../test/data/field-values.js';
import { json } from '../../../test/data/json-arbitraries.js';
import type { AppConfig } from '../../platform/config/app-config.js';
import { FieldCipherService } from '../fields/encryption/field-cipher.service.js';
import type { ProblemError } from '../../platform/errors/problem-error.js';
import type { Json, JsonObject } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { TenantRulesService } from '../tenant-rules/tenant-rules.service.js';
import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import type { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import { loadCatalogueFile } from '../fields/catalogue/load-catalogue.js';
import { planChange, type FieldChange } from './change-plan.js';
import { IdentifierRulesService } from './identifier-rules.service.js';
import { SensitiveChangesService } from './sensitive-changes.service.js';
import type { UserState } from '../fields/user-state.js';
import { stores } from '../../../test/support/stores.js';

const CATALOGUES = ['../../../profile-fields.yaml', '../../../test/data/test-fields.yaml'].map((path) =>
  loadCatalogueFile(fileURLToPath(new URL(path, import.meta.url)), stores),
);
const [sample] = CATALOGUES;

const cipher = new FieldCipherService({
  fieldEncryptionKeys: [{ kid: 'k1', key: Buffer.alloc(32, 1) }],
} as unknown as AppConfig);
const rules = new IdentifierRulesService(
  { getUser: () => Promise.resolve({}) } as unknown as ManagementApiService,
  { faults: () => Promise.resolve([]) } as unknown as TenantRulesService,
);

/** Plans and checks a change as ProfileDocumentService does, with the proofs given. */
async function changesOf(catalogue: FieldCatalogue, state: UserState, patch: JsonObject): Promise<FieldChange[]> {
  const plan = planChange(catalogue, state, patch, 'profile');
  await rules.check(plan, state.user);
  return new SensitiveChangesService(catalogue, cipher).merge(plan, state);
}

/** JSON values by JSON Schema type. */
const BY_TYPE: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  string: fc.oneof(fc.constant(''), fc.string()),
  boolean: fc.boolean(),
  number: fc.oneof(fc.constantFrom<Json>(0, 1, -1.5), fc.integer()),
  array: fc.oneof(fc.constantFrom<Json>([], [null], [{}]), fc.array(json.value, { maxLength: 3 })),
  object: fc.oneof(
    fc.constantFrom<Json>({}, { a: null }, { a: { b: null } }),
    json.object.filter((value) => !Object.hasOwn(value, '__proto__')),
  ),
};

/** Values of every type that the schema does not allow, and objects with such members. */
function ofWrongType({ type, properties }: Schema): fc.Arbitrary<Json>[] {
  const allowed = type === undefined ? Object.keys(BY_TYPE) : [type].flat();
  const values = Object.entries(BY_TYPE).flatMap(([name, value]) => (allowed.includes(name) ? [] : [value]));
  const members = Object.entries(properties ?? {}).flatMap(([name, schema]) =>
    ofWrongType(schema).map((value) => value.map((member): Json => ({ [name]: member }))),
  );
  return [...values, ...members];
}

interface Schema {
  readonly type?: string | string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

const VALUES: Readonly<Record<string, Json>> = {
  username: 'alice',
  primaryEmail: 'alice@example.com',
  primaryPhone: '15550100001',
  ...FIELD_VALUES,
};

/** Creates a user with a value in the field, unless it is unset or write-once. */
async function stateWith(field: CatalogueField, isSet: boolean): Promise<UserState> {
  const value = VALUES[field.name] ?? (field.schema.type === 'object' ? { a: 1 } : 'text');
  const user = { id: 'u1', username: 'alice', profile: {}, customData: {}, identities: {} } as unknown as LogtoUser;
  const empty: UserState = { user, fields: {}, fieldsVersion: 1, loaded: {} };
  if (!isSet || field.access === 'write-once') return empty;
  const jwe = await cipher.encrypt(value, { userId: 'u1', field: field.name });
  const stored = field.sensitive ? new EncryptedValue(jwe, '••••') : value;
  return field.store.withValues(empty, { [field.name]: stored });
}

const typedFields = CATALOGUES.flatMap((catalogue) =>
  catalogue.writable().flatMap((field) => {
    const values = ofWrongType(field.schema);
    return values.length === 0 ? [] : [{ name: field.name, store: field.store.name, field, catalogue, values }];
  }),
);

describe('a value of the wrong type', () => {
  it('is generated for each kind of field', () => {
    const names = typedFields.map(({ name }) => name);
    for (const { name } of sample!.writable()) expect(names).toContain(name);
    expect(names).toEqual(expect.arrayContaining(['preferences', 'guarded', 'secret', 'secrets', 'once', 'moved']));
  });

  it.each(typedFields)('never changes $name ($store), and is reported with a pointer', async (each) => {
    const { field, catalogue, values } = each;
    await fc.assert(
      fc.asyncProperty(fc.oneof(...values), fc.boolean(), async (value, isSet) => {
        const state = await stateWith(field, isSet);
        const outcome = await changesOf(catalogue, state, { [field.name]: value }).catch(
          (error: ProblemError) => error,
        );
        expect(outcome).toMatchObject({ code: 'validation_failed' });
        const { errors = [] } = (outcome as ProblemError).options;
        expect(errors.map(({ code }) => code)).toContain('invalid_type');
        for (const { pointer } of errors) expect(`${pointer}/`.startsWith(`/${field.name}/`)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('an empty object', () => {
  const address = sample!.fields.get('address')!;
  const valuesOf = async (isSet: boolean, patch: Json) => {
    const changes = await changesOf(sample!, await stateWith(address, isSet), { address: patch });
    return changes.map(({ value }) => value);
  };

  it('changes nothing in an object claim, set or unset', async () => {
    expect(await valuesOf(true, {})).toEqual([]);
    expect(await valuesOf(false, {})).toEqual([]);
  });

  it('clears an object claim when it is the result of removing all members', async () => {
    expect(await valuesOf(true, { locality: null, country: null })).toEqual([null]);
    expect(await valuesOf(false, { locality: null })).toEqual([]);
  });
});
