import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { SystemClock, type Clock } from '../../../platform/config/clock.js';
import { ConfigurationError } from '../../../platform/config/environment-reader.js';
import type { FieldStores } from '../stores/field-stores.js';
import type { CatalogueDefinition } from './catalogue-field.js';
import { catalogueSchema } from './catalogue-file.schema.js';
import { FieldCatalogue } from './field-catalogue.js';
import { resolveField, type EntryFault } from './resolve-field.js';
import { findSchemaFaults } from './schema-faults.js';
import { ValueValidator } from './value-validator.js';

/**
 * Reads a catalogue from YAML 1.2.
 * @throws ConfigurationError with a line for each fault: file, line, entry, reason
 */
export function loadCatalogueFile(path: string, stores: FieldStores, clock?: Clock): FieldCatalogue {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError([
      `${path}: the field catalogue cannot be read (${(error as NodeJS.ErrnoException).code}); PROFILE_FIELDS names it`,
    ]);
  }
  return parseCatalogue(text, basename(path), stores, clock);
}

/** The same from text; `file` is the name in faults. */
export function parseCatalogue(text: string, file: string, stores: FieldStores, clock?: Clock): FieldCatalogue {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    throw new ConfigurationError(syntax.map(({ pos, message }) => `${file}:${lines.linePos(pos[0]).line}: ${message}`));
  }
  return buildCatalogue(document.toJS() as CatalogueDefinition, stores, {
    ...(clock && { clock }),
    locate: (path) => {
      const offset = findNode(document, path)?.range?.[0] ?? 0;
      return `${file}:${lines.linePos(offset).line}`;
    },
  });
}

/**
 * Builds a catalogue from its definition.
 * @param options `clock`: for dates that must not be in the future; `locate`: where a path is, for the text of a fault, by default
 *   just `catalogue`
 * @throws ConfigurationError
 */
export function buildCatalogue(
  definition: CatalogueDefinition,
  stores: FieldStores,
  {
    clock = new SystemClock(),
    locate = () => 'catalogue',
  }: { clock?: Clock; locate?: (path: readonly string[]) => string } = {},
): FieldCatalogue {
  const reject = (faults: EntryFault[]): never => {
    throw new ConfigurationError(
      faults.map(({ path, reason }) => [locate(path), path.join('.'), reason].filter(Boolean).join(': ')),
    );
  };
  const validate = new Ajv2020({ allErrors: true, strictRequired: false }).compile(catalogueSchema(stores.names));
  if (!validate(definition)) reject((validate.errors ?? []).map(toFault));

  const resolved = Object.entries(definition.fields).map(([name, entry], position) =>
    resolveField(name, entry, stores, position),
  );
  const faults = resolved.flatMap((each) => each.faults);
  const validator = new ValueValidator(clock);
  for (const { field } of resolved) {
    try {
      validator.compile(field.name, field.schema);
    } catch (error) {
      faults.push({ path: ['fields', field.name, 'schema'], reason: (error as Error).message });
      continue;
    }
    faults.push(...findSchemaFaults(field, definition.fields[field.name]!, validator));
  }
  if (faults.length > 0) reject(faults);
  return new FieldCatalogue(
    resolved.map(({ field }) => field),
    validator,
  );
}

function toFault({ instancePath, keyword, params, message }: ErrorObject): EntryFault {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~'));
  switch (keyword) {
    case 'additionalProperties':
      return { path: [...path, params.additionalProperty as string], reason: 'unknown key' };
    case 'required':
      return { path, reason: `${params.missingProperty} is missing` };
    case 'enum':
      return { path, reason: `must be one of ${(params.allowedValues as string[]).join(', ')}` };
    default:
      return { path, reason: message ?? 'is not valid' };
  }
}

/** The key at the path; if it is missing, the innermost key of the path that exists. */
function findNode(document: Document, path: readonly string[]): Node | undefined {
  let found: Node | undefined;
  let node: unknown = document.contents;
  for (const key of path) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (!pair) break;
    found = pair.key as Node;
    node = pair.value;
  }
  return found;
}
