import type { CatalogueField } from './catalogue-field.js';
import { TEXT_FORMATS } from './formats.js';
import { eachSchema } from './map-schemas.js';

/** The rules that a published schema only names, in `x-server-rules`, because JSON Schema cannot express them. See docs/fields.md. */
export const SERVER_RULES = [
  ...['phone-number', 'email-address', 'tenant-policy', 'last-identifier'],
  ...['not-in-future', 'registered-subtags', 'url', 'visible-text', 'utf16-length', 'size'],
] as const;
export type ServerRule = (typeof SERVER_RULES)[number];

/** The rules by which the service can reject a value of a field that the published schema accepts. */
export function serverRulesOf(field: CatalogueField): ServerRule[] {
  const rules = new Set<ServerRule>(field.store.knownField?.(field.name)?.serverRules);
  for (const [, schema] of eachSchema(field.schema)) {
    const rule = TEXT_FORMATS[schema.format as string]?.serverRule;
    if (rule) rules.add(rule);
    if ('x-maxUtf16Length' in schema) rules.add('utf16-length');
  }
  if (!hasLimitedSize(field)) rules.add('size');
  return SERVER_RULES.filter((rule) => rules.has(rule));
}

/** Whether the schema alone keeps values within the limits of the field on bytes, keys and depth. */
function hasLimitedSize({ schema: { type, maxLength }, maxBytes }: CatalogueField): boolean {
  const limits: Record<string, boolean> = {
    boolean: true,
    integer: true,
    number: true,
    null: true,
    // A character is at most six bytes long in JSON.
    string: typeof maxLength === 'number' && maxLength * 6 + 2 <= maxBytes,
  };
  return [type].flat().every((each) => limits[each as string]);
}
