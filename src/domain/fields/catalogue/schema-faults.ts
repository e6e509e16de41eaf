import { Logger } from '@nestjs/common';
import type { CatalogueEntry, CatalogueField } from './catalogue-field.js';
import { findContradiction } from './contradictions.js';
import type { JsonSchema } from './json-schema.js';
import { eachSchema } from './map-schemas.js';
import { patternTime } from './pattern-time.js';
import type { EntryFault } from './resolve-field.js';
import type { ValueValidator } from './value-validator.js';

/**
 * What is wrong with a valid schema of an entry: no value satisfies it, or matching one of its patterns can take too long.
 * @param field the field of the entry, with its compiled schema
 */
export function findSchemaFaults(
  field: CatalogueField,
  { schema = {} }: CatalogueEntry,
  validator: ValueValidator,
): EntryFault[] {
  const path = ['fields', field.name, 'schema'];
  const { maxBytes, maxKeys } = field;
  const isWritable = field.access === 'write' || field.access === 'write-once';
  const contradiction = findContradiction(field.schema, {
    accepts: (each, value) => validator.accepts(each, value),
    excluded: isWritable ? [null, ''] : [null],
    maxBytes,
    maxKeys,
  });
  return [
    ...(contradiction === undefined ? [] : [{ path, reason: `no value can satisfy it: ${contradiction}` }]),
    ...[...eachPattern(schema)].flatMap((pattern) =>
      findPatternFault(field, pattern).map((reason) => ({ path: [...path, ...pattern.path], reason })),
    ),
  ];
}

interface Pattern {
  readonly text: string;
  readonly path: readonly string[];
  /** The schema of the texts that it is matched with. */
  readonly schema: JsonSchema;
}

/** Every pattern in a schema, for values and for names of members. */
function* eachPattern(schema: JsonSchema): Generator<Pattern> {
  for (const [path, each] of eachSchema(schema)) {
    if (typeof each.pattern === 'string') yield { text: each.pattern, path: [...path, 'pattern'], schema: each };
    for (const name of Object.keys((each.patternProperties ?? {}) as object)) {
      yield { text: name, path: [...path, 'patternProperties', name], schema: {} };
    }
  }
}

/** Keywords whose schemas apply to the value itself. */
const IN_PLACE = /^(allOf|anyOf|oneOf|not|if|then|else|\d+|pattern)$/;

function findPatternFault({ schema: root, maxBytes }: CatalogueField, { text, path, schema }: Pattern): string[] {
  const isAboutWholeValue = path.every((key) => IN_PLACE.test(key));
  const limits = [schema, ...(isAboutWholeValue ? [root] : [])].flatMap(({ maxLength }) =>
    typeof maxLength === 'number' ? [2 * maxLength] : [],
  );
  const maxLength = Math.max(1, Math.min(maxBytes, ...limits));
  const time = patternTime(text, maxLength, isAboutWholeValue ? maxLength : maxBytes);
  switch (time.type) {
    case 'exponential':
      return ['matching can take exponential time, because parts of the pattern match the same text in many ways'];
    case 'polynomial':
      return [
        `matching a long text can take too long: write the pattern so that its parts match different characters, or set maxLength to at most ${Math.floor(time.safeLength / 2)} beside it`,
      ];
    case 'unknown':
      new Logger('FieldCatalogue').warn(
        `It could not be determined how long matching ${path.join('.')} of a field can take.`,
      );
      return [];
    case 'short':
      return [];
  }
}
