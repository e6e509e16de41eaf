import type { FieldStores } from '../stores/field-stores.js';
import { FIELD_PROOFS, type FieldProof, type KnownField } from '../stores/known-field.js';
import type { CatalogueEntry, CatalogueField } from './catalogue-field.js';
import type { JsonSchema } from './json-schema.js';
import { isLanguageTag } from './formats.js';
import { LOGTO_FIELDS } from '../stores/logto-fields.js';
import { eachSchema } from './map-schemas.js';

/** What is wrong with an entry: the path to it in the catalogue, and why. */
export interface EntryFault {
  readonly path: readonly string[];
  readonly reason: string;
}

/**
 * Adds defaults and what the store knows of the field. An entry with valid keys can still contradict itself or its store: `faults`
 * says how.
 * @param position in the catalogue, from 0
 */
export function resolveField(
  name: string,
  entry: CatalogueEntry,
  stores: FieldStores,
  position: number,
): { field: CatalogueField; faults: EntryFault[] } {
  // The catalogue's schema has checked the names of stores.
  const store = stores.get(entry.store)!;
  const known = store.knownField?.(name);
  const sensitive = entry.sensitive ?? false;
  const weakestProof = known?.proof ?? (sensitive ? 'identity' : 'none');
  const field: CatalogueField = {
    name,
    store,
    schema: narrow(known?.schema, entry.schema),
    access: entry.access ?? (known?.readOnly ? 'read' : 'write'),
    sensitive,
    mask: entry.mask ?? 'all',
    proof: entry.proof ?? weakestProof,
    labels: entry.labels ?? {},
    memberLabels: entry.memberLabels ?? {},
    order: entry.order ?? (position + 1) * 10,
    ...(entry.input !== undefined && { input: entry.input }),
    maxBytes: entry.maxBytes ?? 65_536,
    maxKeys: entry.maxKeys ?? 1_000,
    ...(entry.previously && { previously: { store: stores.get(entry.previously.store)! } }),
  };
  const faults = [...findFaults(field, entry, known, weakestProof)];
  return { field, faults: faults.map(([key, reason]) => ({ path: ['fields', name, ...(key ? [key] : [])], reason })) };
}

function narrow(known: JsonSchema | undefined, given: JsonSchema | undefined): JsonSchema {
  if (!known || !given) return known ?? given ?? {};
  return { ...known, allOf: [given] };
}

function* findFaults(
  field: CatalogueField,
  entry: CatalogueEntry,
  known: KnownField | undefined,
  weakestProof: FieldProof,
): Generator<[key: keyof CatalogueEntry | undefined, reason: string]> {
  const { name, store, sensitive, previously } = field;
  if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(name)) {
    yield [undefined, 'a name starts with a lower-case letter, followed by at most 63 letters and digits'];
  }
  if (name === 'id' || name in Object.prototype) yield [undefined, 'this name is reserved'];

  const isIdentifier = LOGTO_FIELDS.get(name)?.proof !== undefined;
  const rejection = store.reasonAgainst?.(name);
  if (rejection) yield ['store', rejection];
  if (isIdentifier && !known) yield ['store', 'Logto signs users in by this field, so it must be kept there'];
  if (!known && !rejection && !entry.schema) yield ['schema', 'a schema is required'];
  if (hasReference(entry.schema)) {
    yield ['schema', '$ref is not supported, because published schemas could not resolve it; YAML anchors are'];
  }
  if (known?.readOnly && !['read', 'hidden'].includes(field.access)) {
    yield ['access', 'Logto sets this field itself'];
  }

  if (sensitive && !store.keepsEncrypted) yield ['sensitive', 'this store does not keep values encrypted'];
  if (entry.mask && !sensitive) yield ['mask', 'only sensitive fields are masked'];
  if (entry.mask && entry.mask !== 'all' && field.schema.type !== 'string') {
    yield ['mask', 'only text can be shown in part: its schema needs `type: string`'];
  }

  if (FIELD_PROOFS.indexOf(field.proof) < FIELD_PROOFS.indexOf(weakestProof)) {
    yield ['proof', `a change of this field needs at least ${weakestProof}`];
  }
  if (field.proof === 'identity-and-address' && weakestProof !== field.proof) {
    yield ['proof', 'only primaryEmail and primaryPhone are addresses'];
  }

  const previousRejection = previously?.store.reasonAgainst?.(name);
  if (previously?.store === store) yield ['previously', 'this is the current store'];
  if (previousRejection) yield ['previously', previousRejection];
  if (isIdentifier && previously) yield ['previously', 'this field has always been kept in Logto'];

  for (const tag of [field.labels, ...Object.values(field.memberLabels)].flatMap((labels) => Object.keys(labels))) {
    if (!isLanguageTag(tag)) yield ['labels', `${tag} is not a language tag`];
  }
}

const hasReference = (schema: JsonSchema = {}): boolean =>
  [...eachSchema(schema)].some(([, each]) =>
    ['$ref', '$dynamicRef', '$defs', '$id'].some((keyword) => keyword in each),
  );
