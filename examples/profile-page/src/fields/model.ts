import { isObject, type Json } from './json';

/** The part of JSON Schema 2020-12 that the form looks at. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly examples?: readonly Json[];
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly [keyword: `x-${string}`]: unknown;
}

export type Group = 'signIn' | 'about' | 'more' | 'preferences';

/** A row of the page. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  /** Of a set value. */
  readonly schema: Schema;
  readonly group: Group;
  readonly writable: boolean;
  readonly writeOnce: boolean;
  readonly sensitive: boolean;
  /** What a change needs first. */
  readonly proof: Capability['proof'];
  readonly input?: string;
}

/** How a value is shown and edited. */
export type Kind =
  'text' | 'long' | 'date' | 'number' | 'boolean' | 'choice' | 'list' | 'choices' | 'object' | 'free' | 'json';

const SIGN_IN = new Set(['username', 'primaryEmail', 'primaryPhone']);
const PREFERENCES = new Set(['zoneinfo', 'locale']);
/** Logto's own fields and OpenID Connect's standard claims; every other field is the app's own. */
const ABOUT = new Set(
  (
    'name avatar givenName familyName middleName nickname preferredUsername profile website gender birthdate ' +
    'address'
  ).split(' '),
);

/** Where a row goes. Of the app's own fields, switches and free objects are taken for preferences. */
function groupOf(name: string, kind: Kind): Group {
  if (SIGN_IN.has(name)) return 'signIn';
  if (ABOUT.has(name)) return 'about';
  return PREFERENCES.has(name) || kind === 'boolean' || kind === 'free' ? 'preferences' : 'more';
}

/** The schema of a set value: `null`, by which an unset one is written, is taken out of it. */
export function withoutNull(schema: Schema): Schema {
  const { anyOf, oneOf, ...outer } = schema;
  const alternatives = anyOf ?? oneOf;
  const rest = alternatives?.filter(({ type, const: constant }) => type !== 'null' && constant !== null);
  if (rest && rest.length < alternatives!.length) {
    return withoutNull(rest.length === 1 ? { ...outer, ...rest[0] } : { ...outer, oneOf: rest });
  }
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type && type !== 'null');
  const { type: _type, ...typeless } = schema;
  return {
    ...typeless,
    ...(types.length === 1 && { type: types[0] as string }),
    ...(schema.enum && { enum: schema.enum.filter((value) => value !== null) }),
  };
}

export function kindOf(schema: Schema, input?: string): Kind {
  if (schema.enum || schema.oneOf?.every((option) => 'const' in option)) return 'choice';
  switch (schema.type) {
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'integer':
      return 'number';
    case 'object':
      return schema.properties && Object.keys(schema.properties).length > 0 ? 'object' : 'free';
    case 'array': {
      const items = schema.items && withoutNull(schema.items);
      if (items?.enum) return 'choices';
      return items?.type === 'string' ? 'list' : 'json';
    }
    case 'string':
      if (schema.format === 'date' || schema.format === 'birthdate' || input === 'date') return 'date';
      return input === 'textarea' ? 'long' : 'text';
    default:
      return 'json';
  }
}

/** `streetAddress` as words, where nobody has given a label: "Street address". */
export function humanise(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z\d])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The options of a choice, with the labels the schema gives them (`oneOf` of `const` and `title`). */
export function optionsOf(schema: Schema): { value: Json; label: string }[] {
  const titled = schema.oneOf?.map((option) => ({
    value: option.const ?? null,
    label: option.title ?? String(option.const),
  }));
  return titled ?? (schema.enum ?? []).map((value) => ({ value, label: String(value) }));
}

/** `{"masked": "•••• 1234"}`, as a sensitive field reads. */
export const maskOf = (value: unknown): string | undefined =>
  isObject(value) && typeof value['masked'] === 'string' && Object.keys(value).length === 1
    ? value['masked']
    : undefined;

/** What `GET /v1/profile/capabilities` says of a field. */
interface Capability {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly proof: 'none' | 'identity' | 'identity-and-address';
}

export interface FieldSources {
  readonly schema: Schema | undefined;
  /** Those of the document, once it was read. */
  readonly names: readonly string[] | undefined;
  readonly capabilities: { readonly fields: Readonly<Record<string, Capability>> } | undefined;
  /** Used where the schema has no label. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Rows to show before anything was ever read from the service: what an ID token can fill. */
const BEFORE_THE_SCHEMA = (
  'username primaryEmail primaryPhone name avatar givenName familyName middleName nickname preferredUsername profile ' +
  'website gender birthdate address zoneinfo locale'
).split(' ');

/** The rows of the page, in order: those of the schema, then what the document has besides. */
export function fieldsOf({ schema, names = [], capabilities, labels }: FieldSources): Field[] {
  const properties: Readonly<Record<string, Schema>> =
    schema?.properties ?? Object.fromEntries(BEFORE_THE_SCHEMA.map((name) => [name, { type: 'string' }]));
  const rest = schema ? names.filter((name) => name !== 'id' && !(name in properties)) : [];
  return [...Object.keys(properties), ...rest].map((name) => {
    const property = properties[name];
    const inner = withoutNull(property ?? {});
    const capability = capabilities?.fields[name];
    const input = property?.['x-input'] as string | undefined;
    const proof = capability?.proof ?? (property?.['x-proof'] as Capability['proof'] | undefined) ?? 'none';
    return {
      name,
      label: property?.title ?? labels[name] ?? humanise(name),
      ...(property?.description !== undefined && { description: property.description }),
      schema: inner,
      group: groupOf(name, kindOf(inner, input)),
      writable: capability?.writable ?? (property !== undefined && property.readOnly !== true),
      writeOnce: property?.['x-access'] === 'write-once',
      sensitive: property?.['x-sensitive'] === true,
      proof,
      ...(input !== undefined && { input }),
    };
  });
}

/** The schema of the value that an RFC 6901 pointer into the document names, as far as it is known. */
export function schemaAt(fields: readonly Field[], pointer: string): Schema | undefined {
  const [name, ...path] = pointer.slice(1).split('/');
  const field = fields.find((candidate) => candidate.name === name);
  return path.reduce<Schema | undefined>((schema, key) => schema?.properties?.[key] ?? schema?.items, field?.schema);
}
