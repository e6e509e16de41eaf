import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { ConfigurationError } from '../../../platform/config/environment-reader.js';
import type { CatalogueDefinition } from './catalogue-field.js';
import { CATALOGUE_SHAPE } from './catalogue-file.schema.js';
import { FieldCatalogue } from './field-catalogue.js';
import { resolveField, type EntryFault } from './resolve-field.js';
import { ValueValidator } from './value-validator.js';

const isRightShape = new Ajv2020({ allErrors: true, strictRequired: false }).compile(CATALOGUE_SHAPE);

/**
 * Reads a catalogue from YAML 1.2.
 * @throws ConfigurationError with a line for each fault: file, line, entry, reason
 */
export function loadCatalogueFile(path: string): FieldCatalogue {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError([
      `${path}: the field catalogue cannot be read (${(error as NodeJS.ErrnoException).code}); PROFILE_FIELDS names it`,
    ]);
  }
  return parseCatalogue(text, basename(path));
}

/** The same from text; `file` only appears in faults. */
export function parseCatalogue(text: string, file: string): FieldCatalogue {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    throw new ConfigurationError(syntax.map(({ pos, message }) => `${file}:${lines.linePos(pos[0]).line}: ${message}`));
  }
  return buildCatalogue(document.toJS() as CatalogueDefinition, (path) => {
    const offset = findNode(document, path)?.range?.[0] ?? 0;
    return `${file}:${lines.linePos(offset).line}`;
  });
}

/**
 * Makes a catalogue of what is written.
 * @param place where a path is, as faults say it; by default only the catalogue as a whole
 * @throws ConfigurationError
 */
export function buildCatalogue(
  definition: CatalogueDefinition,
  place: (path: readonly string[]) => string = () => 'catalogue',
): FieldCatalogue {
  const refuse = (faults: EntryFault[]): never => {
    const told = faults.map(({ path, reason }) => [place(path), path.join('.'), reason].filter(Boolean).join(': '));
    throw new ConfigurationError(told);
  };
  if (!isRightShape(definition)) refuse((isRightShape.errors ?? []).map(toFault));

  const resolved = Object.entries(definition.fields).map(([name, entry], index) => resolveField(name, entry, index));
  const faults = resolved.flatMap((each) => each.faults);
  const validator = new ValueValidator();
  for (const { field } of resolved) {
    try {
      validator.compile(field.name, field.schema);
    } catch (error) {
      faults.push({ path: ['fields', field.name, 'schema'], reason: (error as Error).message });
    }
  }
  if (faults.length > 0) refuse(faults);
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
      return { path: [...path, params.additionalProperty as string], reason: 'there is no such key' };
    case 'required':
      return { path, reason: `${params.missingProperty} is missing` };
    case 'enum':
      return { path, reason: `must be one of ${(params.allowedValues as string[]).join(', ')}` };
    default:
      return { path, reason: message ?? 'is not valid' };
  }
}

/** The key at the path, or else the nearest one around it. */
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
