import type { CatalogueEntry, CatalogueField, FieldProof, JsonSchema } from './catalogue-field.js';
import { isLanguageTag } from './formats.js';
import { LOGTO_FIELDS, type LogtoField } from './logto-fields.js';
import { mapSchemas } from './map-schemas.js';

const PROOFS: readonly FieldProof[] = ['none', 'identity', 'identity-and-address'];

/** What is wrong with an entry: the path to it in the catalogue, and why. */
export interface EntryFault {
  readonly path: readonly string[];
  readonly reason: string;
}

/**
 * An entry with what is known without its saying it. An entry whose shape is right may still contradict itself, or
 * what Logto can do: each `faults` says so.
 * @param position in the catalogue, from 0
 */
export function resolveField(
  name: string,
  entry: CatalogueEntry,
  position: number,
): { field: CatalogueField; faults: EntryFault[] } {
  const ofLogto = LOGTO_FIELDS.get(name);
  const sensitive = entry.sensitive ?? false;
  const inLogto = entry.store === 'logto' ? ofLogto : undefined;
  const touchesLogto = inLogto !== undefined || entry.previously?.store === 'logto';
  const leastProof = inLogto?.proof ?? (sensitive ? 'identity' : 'none');
  const field: CatalogueField = {
    name,
    store: entry.store,
    ...(touchesLogto && ofLogto && { logtoPlace: ofLogto.place }),
    schema: narrow(inLogto?.schema, entry.schema),
    access: entry.access ?? (inLogto?.readOnly ? 'read' : 'write'),
    sensitive,
    mask: entry.mask ?? 'all',
    proof: entry.proof ?? leastProof,
    labels: entry.labels ?? {},
    memberLabels: entry.memberLabels ?? {},
    order: entry.order ?? (position + 1) * 10,
    ...(entry.input !== undefined && { input: entry.input }),
    maxBytes: entry.maxBytes ?? 65_536,
    maxKeys: entry.maxKeys ?? 1_000,
    ...(entry.previously && { previously: entry.previously }),
  };
  const faults = [...findFaults(field, entry, ofLogto, leastProof)];
  return { field, faults: faults.map(([key, reason]) => ({ path: ['fields', name, ...(key ? [key] : [])], reason })) };
}

function narrow(known: JsonSchema | undefined, given: JsonSchema | undefined): JsonSchema {
  if (!known || !given) return known ?? given ?? {};
  return { ...known, allOf: [given] };
}

function* findFaults(
  field: CatalogueField,
  entry: CatalogueEntry,
  ofLogto: LogtoField | undefined,
  leastProof: FieldProof,
): Generator<[key: keyof CatalogueEntry | undefined, reason: string]> {
  const { name, store, sensitive, previously } = field;
  if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(name)) {
    yield [undefined, 'a name is a small letter, then at most 63 letters and digits'];
  }
  if (name === 'id' || name in Object.prototype) yield [undefined, 'this name is taken'];

  const known = `Logto has no such field; it has ${[...LOGTO_FIELDS.keys()].join(', ')}`;
  if (store === 'logto' && !ofLogto) yield ['store', known];
  if (store !== 'logto' && ofLogto?.proof) yield ['store', 'Logto signs users in by this field, so it stays there'];
  if (store !== 'logto' && !entry.schema) yield ['schema', 'a field that is not one of Logto needs a schema'];
  if (hasReference(entry.schema))
    yield ['schema', 'write it out ($ref would not survive publication); YAML has anchors'];
  if (store === 'logto' && ofLogto?.readOnly && !['read', 'hidden'].includes(field.access)) {
    yield ['access', 'Logto sets this field by itself'];
  }

  if (sensitive && store !== 'database') yield ['sensitive', 'only the database keeps values encrypted'];
  if (entry.mask && !sensitive) yield ['mask', 'only sensitive fields are masked'];
  if (entry.mask && entry.mask !== 'all' && field.schema.type !== 'string') {
    yield ['mask', 'only text can be shown in part; its schema needs `type: string`'];
  }

  if (PROOFS.indexOf(field.proof) < PROOFS.indexOf(leastProof)) {
    yield ['proof', `a change of this field needs at least ${leastProof}`];
  }
  if (field.proof === 'identity-and-address' && leastProof !== field.proof) {
    yield ['proof', 'only primaryEmail and primaryPhone are addresses'];
  }

  if (previously?.store === store) yield ['previously', 'the field is in this store now'];
  if (previously?.store === 'logto' && !ofLogto) yield ['previously', known];
  if (ofLogto?.proof && previously) yield ['previously', 'this field was never elsewhere'];

  for (const tag of [field.labels, ...Object.values(field.memberLabels)].flatMap((labels) => Object.keys(labels))) {
    if (!isLanguageTag(tag)) yield ['labels', `${tag} is not a language tag`];
  }
}

function hasReference(schema: JsonSchema = {}): boolean {
  let found = false;
  mapSchemas(schema, (each) => {
    found ||= ['$ref', '$dynamicRef', '$defs', '$id'].some((keyword) => keyword in each);
    return each;
  });
  return found;
}
