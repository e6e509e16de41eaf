import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import fc from 'fast-check';
import { email, pastedPhone, text } from '../../../../test/support/addresses.js';
import { canonicalEmail, canonicalPhone } from '../../proofs/address.js';
import type { CatalogueEntry } from './catalogue-field.js';
import type { JsonSchema } from './json-schema.js';
import { loadCatalogueFile, buildCatalogue } from './load-catalogue.js';
import { documentSchemas, labelLanguages, labelOf, profileSchema } from './published-schema.js';
import { stores } from '../../../../test/support/stores.js';

const sample = loadCatalogueFile(fileURLToPath(new URL('../../../../profile-fields.yaml', import.meta.url)), stores);

/** Compiles a schema as a client does: strictly, with only the annotations of this service. */
function compile(schema: JsonSchema) {
  const ajv = new Ajv2020({ strictTypes: false, allowUnionTypes: true });
  formatsPlugin.default(ajv);
  for (const annotation of ['x-order', 'x-input', 'x-sensitive', 'x-server-rules']) ajv.addKeyword(annotation);
  return ajv.compile(schema);
}

const only = (name: string, entry: CatalogueEntry) => buildCatalogue({ fields: { [name]: entry } }, stores);
const propertiesOf = (schema: JsonSchema) => schema.properties as Record<string, JsonSchema>;

describe('a free-form object', () => {
  it.each<[string, CatalogueEntry]>([
    ['in custom data', { store: 'customData', schema: { type: 'object' } }],
    ['in the database', { store: 'database', schema: { type: ['object', 'null'], properties: {} } }],
    ['in a list', { store: 'database', schema: { type: 'array', items: { type: 'object', maxProperties: 3 } } }],
    ['in an object', { store: 'customData', schema: { type: 'object', properties: { a: { type: 'object' } } } }],
    [
      'of which another program may have broken the rules',
      { store: 'customData', schema: { type: 'object', additionalProperties: false } },
    ],
  ])('is published with additionalProperties: true: %s', (_where, entry) => {
    const catalogue = only('field', entry);
    const { Profile } = documentSchemas(catalogue);
    expect(JSON.stringify(propertiesOf(Profile).field)).toContain('"additionalProperties":true');
    if (entry.schema?.additionalProperties === false) return;
    for (const schema of [profileSchema(catalogue, 'en'), documentSchemas(catalogue).ProfilePatch])
      expect(JSON.stringify(propertiesOf(schema).field)).toContain('"additionalProperties":true');
  });

  it('stays closed if the catalogue says so', () => {
    const { ProfilePatch } = documentSchemas(
      only('field', { store: 'database', schema: { type: 'object', additionalProperties: false } }),
    );
    expect(propertiesOf(ProfilePatch).field).toMatchObject({ additionalProperties: false });
  });
});

describe('the names of the sensitive fields', () => {
  const text: CatalogueEntry = { store: 'database', schema: { type: 'string' } };

  it('are listed', () => {
    const { SensitiveFieldName } = documentSchemas(only('iban', { ...text, sensitive: true }));
    expect(SensitiveFieldName).toMatchObject({ type: 'string', enum: ['iban'] });
  });

  it('are any text if the catalogue has none', () => {
    const { SensitiveFieldName } = documentSchemas(only('nickname', text));
    expect(SensitiveFieldName).toMatchObject({ type: 'string' });
    expect(SensitiveFieldName).not.toHaveProperty('enum');
  });
});

describe('the schema of the readable document', () => {
  it('is standard JSON Schema for every field of the sample catalogue', () => {
    const accepts = compile(profileSchema(sample, 'en'));
    expect(accepts({ name: 'Alice', address: { country: 'DE' }, newsletter: null, taxId: 'DE123456789' })).toBe(true);
    expect(accepts({ website: 'javascript:alert(1)' })).toBe(false);
    expect(accepts({ name: 'a\u0007b' })).toBe(false);
    expect(accepts({ shippingAddress: { country: 'Germany' } })).toBe(false);
    expect(accepts({ id: 'u1', plan: 'pro' })).toBe(true);
    expect(accepts({ shoeSize: 1 })).toBe(false);
  });

  it('accepts every address that the service accepts', () => {
    const accepts = compile(profileSchema(sample, 'en'));
    fc.assert(
      fc.property(pastedPhone, email, text([...' \t\n\u{A0}\u{3000}'], 0), ({ pasted }, address, space) => {
        if (typeof canonicalPhone(pasted, '') === 'string') expect(accepts({ primaryPhone: pasted })).toBe(true);
        const padded = space + address + space;
        if (typeof canonicalEmail(padded, '') === 'string') expect(accepts({ primaryEmail: padded })).toBe(true);
      }),
    );
    expect(accepts({ primaryPhone: 'call me' })).toBe(false);
    expect(accepts({ primaryEmail: 'a b@example.com' })).toBe(false);
  });

  it('has labels in the requested language, otherwise in English, otherwise the name', () => {
    const fields = profileSchema(sample, 'de');
    expect(propertiesOf(fields).givenName.title).toBe('Vorname');
    expect(propertiesOf(propertiesOf(fields).address).postalCode.title).toBe('Postleitzahl');
    expect(propertiesOf(profileSchema(sample, 'fr')).givenName.title).toBe('Given name');
    expect(labelOf({ name: 'shoeSize', labels: {} }, 'de')).toBe('shoeSize');
    expect(labelLanguages(sample)).toEqual(['en', 'de']);
  });

  it('has the order, hints for forms and the sensitive fields', () => {
    expect(propertiesOf(profileSchema(sample, 'en'))).toMatchObject({
      username: { 'x-order': 1 },
      birthdate: { 'x-input': 'date' },
      taxId: { 'x-sensitive': true, type: ['string', 'null'] },
    });
  });

  it('has read-only fields with their labels, as readOnly, and omits hidden ones', () => {
    expect(propertiesOf(profileSchema(sample, 'de'))).toMatchObject({
      id: { readOnly: true },
      plan: { title: 'Tarif', readOnly: true, type: ['string', 'null'] },
      preferredUsername: { title: 'Bevorzugter Benutzername', readOnly: true },
    });
    const of = (access: CatalogueEntry['access']) =>
      propertiesOf(profileSchema(only('a', { store: 'database', access, schema: { type: 'string' } }), 'en'));
    expect([of('write').a!.readOnly, of('write-once').a!.readOnly, of('read').a!.readOnly]).toEqual([
      undefined,
      undefined,
      true,
    ]);
    expect(of('hidden')).not.toHaveProperty('a');
  });

  it('lists the time zones for forms, but not in the types of clients', () => {
    const { zoneinfo } = propertiesOf(profileSchema(sample, 'en'));
    expect(zoneinfo!.enum).toEqual(expect.arrayContaining(['Europe/Kyiv', null]));
    expect(propertiesOf(documentSchemas(sample).ProfilePatch).zoneinfo).not.toHaveProperty('enum');
  });

  it.each<[string, JsonSchema, unknown, unknown]>([
    ['a type', { type: 'integer' }, 1, 'a'],
    ['a list of values', { type: 'string', enum: ['a'] }, 'a', 'b'],
    ['a list of values without a type', { enum: ['a'] }, 'a', 'b'],
    ['one value', { const: 'a' }, 'a', 'b'],
    ['alternatives', { type: 'string', anyOf: [{ const: 'a' }] }, 'a', 'b'],
  ])('allows null besides %s', (_what, schema, right, wrong) => {
    const accepts = compile(profileSchema(only('x', { store: 'database', schema }), 'en'));
    expect([null, right, wrong].map((x) => accepts({ x }))).toEqual([true, true, false]);
  });
});

describe('the schemas of the API document', () => {
  const schemas = documentSchemas(sample);

  it('describe the document: every readable field, with null for unset and a mask for sensitive fields', () => {
    const accepts = compile(schemas.Profile);
    const unset = Object.fromEntries(sample.readable().map(({ name }) => [name, null]));
    expect(accepts({ id: 'u1', ...unset })).toBe(true);
    expect(accepts({ id: 'u1', ...unset, taxId: { masked: '•••• 1234' }, plan: 'pro' })).toBe(true);
    expect(accepts({ id: 'u1', ...unset, taxId: 'DE123456789' })).toBe(false);
    expect(accepts({ ...unset })).toBe(false);
    expect(Object.keys(propertiesOf(schemas.Profile)).slice(0, 3)).toEqual(['id', 'username', 'primaryEmail']);
  });

  it('accept values that other programs stored in Logto', () => {
    const accepts = compile(schemas.Profile);
    const unset = Object.fromEntries(sample.readable().map(({ name }) => [name, null]));
    expect(accepts({ id: 'u1', ...unset, avatar: 'data:image/png;base64,AA==', birthdate: 'unknown' })).toBe(true);
  });

  it('describe merge patches: any field or member may be absent or null', () => {
    const accepts = compile(schemas.ProfilePatch);
    expect(accepts({})).toBe(true);
    expect(accepts({ address: { country: null }, taxId: 'DE123456789' })).toBe(true);
    expect(accepts({ plan: 'pro' })).toBe(false);
    const schema = { type: 'object', required: ['a'], minProperties: 1, properties: { a: { type: 'string' } } };
    const patch = compile(documentSchemas(only('x', { store: 'database', schema })).ProfilePatch);
    expect(patch({ x: { a: null } })).toBe(true);
    expect(patch({ x: { a: 1 } })).toBe(false);
  });

  it('describe the part that is kept in custom data', () => {
    expect(Object.keys(propertiesOf(schemas.CustomData))).toEqual(['preferences', 'newsletter', 'plan']);
    expect(Object.keys(propertiesOf(schemas.CustomDataPatch))).toEqual(['preferences', 'newsletter']);
  });
});

describe('a field added to the catalogue', () => {
  const entry: CatalogueEntry = {
    store: 'database',
    sensitive: true,
    mask: 'last4',
    labels: { en: 'Bank account', de: 'Bankkonto' },
    schema: { type: 'string', minLength: 15, maxLength: 34 },
  };
  const catalogue = buildCatalogue({ fields: { name: { store: 'logto' }, iban: entry } }, stores);

  it('is validated, masked and part of every schema', () => {
    expect(catalogue.validate({ iban: 'DE1' })).toMatchObject([{ pointer: '/iban', code: 'too_short' }]);
    expect(catalogue.mask('iban', 'DE02120300000000202051')).toBe('•••• 2051');
    expect(propertiesOf(profileSchema(catalogue, 'de')).iban).toMatchObject({ title: 'Bankkonto', maxLength: 34 });
    const { Profile, ProfilePatch } = documentSchemas(catalogue);
    expect(propertiesOf(Profile).iban).toMatchObject({ title: 'Bank account', properties: { masked: {} } });
    expect(propertiesOf(ProfilePatch).iban).toMatchObject({ type: ['string', 'null'], maxLength: 34 });
  });
});
