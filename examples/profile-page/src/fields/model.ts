import { isObject, type Json } from './json';

/** The subset of JSON Schema 2020-12 that the page uses. */
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

/** A profile field, shown as a row of the page. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  /** The schema without null. */
  readonly schema: Schema;
  readonly group: Group;
  readonly writable: boolean;
  readonly writeOnce: boolean;
  readonly sensitive: boolean;
  /** The proof required to change the field. */
  readonly proof: Capability['proof'];
  readonly input?: string;
}

/** Determines how a value is displayed and edited. */
export type Kind =
  'text' | 'long' | 'date' | 'number' | 'boolean' | 'choice' | 'list' | 'choices' | 'object' | 'free' | 'json';

const SIGN_IN = new Set(['username', 'primaryEmail', 'primaryPhone']);
const PREFERENCES = new Set(['zoneinfo', 'locale']);
/** Logto's own fields and OpenID Connect's standard claims. All other fields are the app's. */
const ABOUT = new Set(
  (
    'name avatar givenName familyName middleName nickname preferredUsername profile website gender birthdate ' +
    'address'
  ).split(' '),
);

/** Assigns a field to a group. The app's booleans and objects without a schema are preferences. */
function getGroup(name: string, kind: Kind): Group {
  if (SIGN_IN.has(name)) return 'signIn';
  if (ABOUT.has(name)) return 'about';
  return PREFERENCES.has(name) || kind === 'boolean' || kind === 'free' ? 'preferences' : 'more';
}

/** Removes null from a schema. Null only represents an unset value. */
export function withoutNull(schema: Schema): Schema {
  const { anyOf, oneOf, ...outer } = schema;
  const alternatives = anyOf ?? oneOf;
  const nonNullAlternatives = alternatives?.filter(({ type, const: constant }) => type !== 'null' && constant !== null);
  if (nonNullAlternatives && nonNullAlternatives.length < alternatives!.length) {
    return withoutNull(
      nonNullAlternatives.length === 1
        ? { ...outer, ...nonNullAlternatives[0] }
        : { ...outer, oneOf: nonNullAlternatives },
    );
  }
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type && type !== 'null');
  const { type: _type, ...typeless } = schema;
  return {
    ...typeless,
    ...(types.length === 1 && { type: types[0] as string }),
    ...(schema.enum && { enum: schema.enum.filter((value) => value !== null) }),
  };
}

export function getKind(schema: Schema, input?: string): Kind {
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

/** Creates a label from a name: `streetAddress` becomes "Street address". */
export function toLabel(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z\d])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Returns the options of a choice. Their labels are the titles in the schema (`oneOf` with `const` and `title`). */
export function getOptions(schema: Schema): { value: Json; label: string }[] {
  const titled = schema.oneOf?.map((option) => ({
    value: option.const ?? null,
    label: option.title ?? String(option.const),
  }));
  return titled ?? (schema.enum ?? []).map((value) => ({ value, label: String(value) }));
}

/** Returns the mask of a sensitive value, which the service sends as `{"masked": "•••• 1234"}`. */
export const getMask = (value: unknown): string | undefined =>
  isObject(value) && typeof value['masked'] === 'string' && Object.keys(value).length === 1
    ? value['masked']
    : undefined;

/** A field's entry in the response of `GET /v1/profile/capabilities`. */
interface Capability {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly proof: 'none' | 'identity' | 'identity-and-address';
}

export interface FieldSources {
  readonly schema: Schema | undefined;
  /** The names in the profile document, once loaded. */
  readonly names: readonly string[] | undefined;
  readonly capabilities: { readonly fields: Readonly<Record<string, Capability>> } | undefined;
  /** Fallback for fields without a label in the schema. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The standard claims in the order of the sample catalogue, shown until the schema has loaded for the first time. */
const FALLBACK_FIELDS = (
  'username primaryEmail primaryPhone name avatar givenName familyName middleName nickname preferredUsername profile website ' +
  'gender birthdate address zoneinfo locale'
).split(' ');

/** Returns the fields of the page: first those in the schema, then any others in the document. */
export function toFields({ schema, names = [], capabilities, labels }: FieldSources): Field[] {
  const { id: _id, ...properties }: Readonly<Record<string, Schema>> =
    schema?.properties ?? Object.fromEntries(FALLBACK_FIELDS.map((name) => [name, { type: 'string' }]));
  const otherNames = schema ? names.filter((name) => name !== 'id' && !(name in properties)) : [];
  return [...Object.keys(properties), ...otherNames].map((name) => {
    const property = properties[name];
    const valueSchema = withoutNull(property ?? {});
    const capability = capabilities?.fields[name];
    const input = property?.['x-input'] as string | undefined;
    const proof = capability?.proof ?? (property?.['x-proof'] as Capability['proof'] | undefined) ?? 'none';
    return {
      name,
      label: property?.title ?? labels[name] ?? toLabel(name),
      ...(property?.description !== undefined && { description: property.description }),
      schema: valueSchema,
      group: getGroup(name, getKind(valueSchema, input)),
      writable: capability?.writable ?? (property !== undefined && property.readOnly !== true),
      writeOnce: property?.['x-access'] === 'write-once',
      sensitive: property?.['x-sensitive'] === true,
      proof,
      ...(input !== undefined && { input }),
    };
  });
}

/** Finds the schema of a value by its RFC 6901 pointer in the document. */
export function findSchema(fields: readonly Field[], pointer: string): Schema | undefined {
  const [name, ...path] = pointer.slice(1).split('/');
  const field = fields.find((candidate) => candidate.name === name);
  return path.reduce<Schema | undefined>((schema, key) => schema?.properties?.[key] ?? schema?.items, field?.schema);
}
