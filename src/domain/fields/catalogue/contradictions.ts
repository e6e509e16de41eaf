import { RegExpParser, type AST } from '@eslint-community/regexpp';
import { isObject, sameJson, type Json } from '../../../platform/json/json.js';
import { TEXT_FORMATS } from './formats.js';
import type { JsonSchema } from './json-schema.js';

/** `true` and `false` are schemas too. */
type Schema = JsonSchema | boolean;

export interface ContradictionOptions {
  /** Whether a schema accepts a value. */
  readonly accepts: (schema: JsonSchema, value: Json) => boolean;
  /** Values that the service rejects or treats as unset, whatever the schema says. */
  readonly excluded: readonly Json[];
  readonly maxBytes: number;
  readonly maxKeys: number;
}

/** With more alternatives or deeper comparisons than these, a schema is accepted without a result. */
const MAX_ALTERNATIVES = 64;
const MAX_COMPARISONS = 5_000;

/**
 * Why no value can satisfy a schema; undefined if one may. Every reason is certain, but not every contradiction is found: patterns are
 * compared with lengths only, and `oneOf`, `not` and `if` in part.
 */
export function findContradiction(schema: JsonSchema, options: ContradictionOptions): string | undefined {
  return new Contradictions(options).find([schema], options.excluded);
}

class Contradictions {
  private comparisons = 0;

  constructor(private readonly options: ContradictionOptions) {}

  /** Why no value satisfies all schemas. */
  find(schemas: readonly Schema[], excluded: readonly Json[] = []): string | undefined {
    this.comparisons += 1;
    if (this.comparisons > MAX_COMPARISONS) return undefined;
    const reasons = alternativesOf(schemas).map((all) => this.findIn(all, excluded));
    return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  }

  private findIn(schemas: readonly Schema[], excluded: readonly Json[]): string | undefined {
    if (schemas.includes(false)) return 'a part of it accepts nothing';
    const all = schemas.filter((schema): schema is JsonSchema => typeof schema === 'object');
    const listed = this.acceptedValues(all, excluded);
    if (listed) return listed.length === 0 ? 'no value of enum or const satisfies the other rules' : undefined;

    const types = TYPES.filter((type) => all.every((schema) => mayHaveType(schema, type)));
    if (types.length === 0) return 'its types exclude each other';
    const reasons = types.map((type) => this.findForType(type, all, excluded));
    return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  }

  /** The values that all schemas accept, if one of them lists its values. */
  private acceptedValues(all: readonly JsonSchema[], excluded: readonly Json[]): Json[] | undefined {
    const listing = all.find((schema) => 'const' in schema || 'enum' in schema);
    if (!listing) return undefined;
    const listed = ('const' in listing ? [listing.const] : listing.enum) as Json[];
    return listed.filter(
      (value) =>
        !excluded.some((each) => sameJson(each, value)) && all.every((schema) => this.options.accepts(schema, value)),
    );
  }

  private findForType(type: JsonType, all: readonly JsonSchema[], excluded: readonly Json[]): string | undefined {
    switch (type) {
      case 'null':
        return excluded.includes(null) ? 'null is the only value, and means that the field is unset' : undefined;
      case 'boolean':
        return undefined;
      case 'integer':
      case 'number':
        return findInNumbers(all, type);
      case 'string':
        return this.findInTexts(all, excluded.includes('') ? 1 : 0);
      case 'array':
        return this.findInLists(all);
      case 'object':
        return this.findInObjects(all);
    }
  }

  private findInTexts(all: readonly JsonSchema[], shortest: number): string | undefined {
    const rules = all.flatMap((schema) => [schema, TEXT_FORMATS[schema.format as string]?.standard ?? {}]);
    const lengths = rules.flatMap(({ pattern }) => (typeof pattern === 'string' ? [lengthsOf(pattern)] : []));
    const min = Math.max(shortest, ...numbersOf(rules, 'minLength'), ...lengths.map((each) => each.min));
    const max = Math.min(
      ...numbersOf(rules, 'maxLength'),
      ...numbersOf(rules, 'x-maxUtf16Length'),
      ...lengths.map((each) => each.max),
    );
    if (min > max) return `a text would need at least ${min} and at most ${max} characters`;
    if (min + 2 > this.options.maxBytes) return `a text of ${min} characters exceeds maxBytes`;
    return undefined;
  }

  private findInLists(all: readonly JsonSchema[]): string | undefined {
    const containing = all.filter((schema) => 'contains' in schema);
    const needed = Math.max(0, ...containing.map(({ minContains = 1 }) => minContains as number));
    const min = Math.max(needed, ...numbersOf(all, 'minItems'));
    const max = Math.min(...numbersOf(all, 'maxItems'));
    if (min > max) return `a list would need at least ${min} and at most ${max} items`;
    if (min > this.options.maxKeys) return `a list of ${min} items exceeds maxKeys`;
    for (const { contains, minContains = 1, maxContains = Infinity } of containing) {
      if ((minContains as number) > (maxContains as number)) return 'minContains exceeds maxContains';
      const reason = (minContains as number) > 0 ? this.find([contains as Schema]) : undefined;
      if (reason) return `an item that it must contain: ${reason}`;
    }
    // All items after those of prefixItems have the same rules.
    const listed = Math.max(0, ...all.map(({ prefixItems = [] }) => (prefixItems as Schema[]).length));
    for (let index = 0; index < min && index <= listed; index += 1) {
      const reason = this.find(all.map((schema) => itemSchema(schema, index)));
      if (reason) return `item ${index}: ${reason}`;
    }
    const different = listed === 0 ? this.countValues(all.map((schema) => itemSchema(schema, 0))) : Infinity;
    if (all.some(({ uniqueItems }) => uniqueItems === true) && min > different) {
      return `a list of ${min} different items has only ${different} values to choose from`;
    }
    return undefined;
  }

  /** How many values satisfy the schemas, if they list them. */
  private countValues(schemas: readonly Schema[]): number {
    const all = conjunctionOf(schemas).filter((schema): schema is JsonSchema => typeof schema === 'object');
    const listed = this.acceptedValues(all, []);
    if (listed)
      return listed.filter((value, index) => !listed.slice(0, index).some((each) => sameJson(each, value))).length;
    const types = TYPES.filter((type) => all.every((schema) => mayHaveType(schema, type)));
    if (types.some((type) => type !== 'boolean' && type !== 'null')) return Infinity;
    return types.reduce((sum, type) => sum + (type === 'boolean' ? 2 : 1), 0);
  }

  private findInObjects(schemas: readonly JsonSchema[]): string | undefined {
    const { all, required } = withDependents(schemas);
    if (!all.every((schema) => mayHaveType(schema, 'object'))) {
      return 'a required member has dependent rules that no object satisfies';
    }
    const min = Math.max(required.size, ...numbersOf(all, 'minProperties'));
    const max = Math.min(...numbersOf(all, 'maxProperties'));
    if (min > max) return `an object would need at least ${min} and at most ${max} members`;
    if (min > this.options.maxKeys) return `an object of ${min} members exceeds maxKeys`;
    for (const name of required) {
      const reason = this.findInMember(all, name);
      if (reason) return `the required member ${name}: ${reason}`;
    }
    const closed = all.find((schema) => additionalOf(schema) === false && !('patternProperties' in schema));
    if (!closed || min === required.size) return undefined;
    const possible = Object.keys((closed.properties ?? {}) as object).filter((name) => !this.findInMember(all, name));
    return min > possible.length ? `an object of ${min} members has only ${possible.length} to choose from` : undefined;
  }

  private findInMember(all: readonly JsonSchema[], name: string): string | undefined {
    const rejects = (schema: Schema) => schema === false || (schema !== true && !this.options.accepts(schema, name));
    if (all.some(({ propertyNames = true }) => rejects(propertyNames as Schema))) return 'propertyNames rejects it';
    return this.find(all.flatMap((schema) => memberSchemas(schema, name)));
  }
}

/** A number is either an integer or not. */
const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const;
type JsonType = (typeof TYPES)[number];

function mayHaveType({ type, not }: JsonSchema, wanted: JsonType): boolean {
  const allows = (types: unknown) => {
    const named = [types].flat() as string[];
    return named.includes(wanted) || (wanted === 'integer' && named.includes('number'));
  };
  if (type !== undefined && !allows(type)) return false;
  if (not === true) return false;
  if (!isObject(not as Json)) return true;
  const rules = Object.keys(not as JsonSchema).filter((keyword) => !ANNOTATIONS.includes(keyword));
  if (rules.length === 0) return false;
  return !(rules.length === 1 && rules[0] === 'type' && allows((not as JsonSchema).type));
}

const ANNOTATIONS = 'title description default examples deprecated readOnly writeOnly $comment'.split(' ');

/** Lists of schemas, one of which a value must satisfy in full. Beyond the limit, alternatives are ignored. */
function alternativesOf(schemas: readonly Schema[]): Schema[][] {
  let lists: Schema[][] = [[]];
  for (const schema of conjunctionOf(schemas)) {
    lists = lists.map((list) => [...list, schema]);
    for (const choice of choicesIn(schema)) {
      const branches = choice.flatMap(alternativesOf);
      if (lists.length * branches.length > MAX_ALTERNATIVES) continue;
      lists = lists.flatMap((list) => branches.map((branch) => [...list, ...branch]));
    }
  }
  return lists;
}

const conjunctionOf = (schemas: readonly Schema[]): Schema[] =>
  schemas.flatMap((schema) => [
    schema,
    ...(typeof schema === 'object' ? conjunctionOf((schema.allOf ?? []) as Schema[]) : []),
  ]);

/** The choices of a schema, each with its branches. Of `else` it is not used that the condition must not hold. */
function choicesIn(schema: Schema): Schema[][][] {
  if (typeof schema === 'boolean') return [];
  const { anyOf, oneOf, if: condition } = schema as Record<'anyOf' | 'oneOf', Schema[] | undefined> & { if?: Schema };
  const { then = true, else: otherwise = true } = schema as Record<'then' | 'else', Schema | undefined>;
  return [
    ...[anyOf, oneOf].flatMap((branches) => (branches ? [branches.map((branch) => [branch])] : [])),
    ...(condition === undefined ? [] : [[[condition, then], [otherwise]]]),
  ];
}

function findInNumbers(all: readonly JsonSchema[], type: 'number' | 'integer'): string | undefined {
  const min = Math.max(-Number.MAX_VALUE, ...numbersOf(all, 'minimum'));
  const max = Math.min(Number.MAX_VALUE, ...numbersOf(all, 'maximum'));
  const above = Math.max(...numbersOf(all, 'exclusiveMinimum'));
  const below = Math.min(...numbersOf(all, 'exclusiveMaximum'));
  const limits = `a number would need to be ${above >= min ? 'above' : 'at least'} ${Math.max(min, above)} and ${below <= max ? 'below' : 'at most'} ${Math.min(max, below)}`;
  if (min > max || above >= max || min >= below || above >= below) return limits;
  if (type === 'number') return undefined;
  const first = Math.max(Math.ceil(min), Math.floor(above) + 1);
  const last = Math.min(Math.floor(max), Math.ceil(below) - 1);
  if (first > last) return `${limits}, and an integer`;
  if (![first, last].every(Number.isSafeInteger)) return undefined;
  for (const factor of numbersOf(all, 'multipleOf').filter(Number.isSafeInteger)) {
    if (Math.floor(last / factor) * factor < first) return `${limits}, and a multiple of ${factor}`;
  }
  return undefined;
}

/** The schemas of an object, with those that depend on members that it must have. */
function withDependents(schemas: readonly JsonSchema[]): { all: JsonSchema[]; required: Set<string> } {
  const all = new Set<JsonSchema>(schemas);
  let required = requiredMembers([...all]);
  // Schemas that are added are visited too.
  for (const { dependentSchemas = {} } of all) {
    for (const [name, schema] of Object.entries(dependentSchemas as Record<string, Schema>)) {
      if (required.has(name))
        for (const each of conjunctionOf([schema])) all.add(each === true ? {} : each === false ? NEVER : each);
    }
    required = requiredMembers([...all]);
  }
  return { all: [...all], required };
}

/** `false` as an object. */
const NEVER: JsonSchema = { not: {} };

function requiredMembers(all: readonly JsonSchema[]): Set<string> {
  const names = new Set(all.flatMap(({ required = [] }) => required as string[]));
  const dependent = all.flatMap(({ dependentRequired = {} }) =>
    Object.entries(dependentRequired as Record<string, string[]>),
  );
  // Names that are added are visited too.
  for (const name of names) {
    for (const [given, needed] of dependent) if (given === name) needed.forEach((each) => names.add(each));
  }
  return names;
}

/** The rules for a member of an object. */
function memberSchemas(schema: JsonSchema, name: string): Schema[] {
  const { properties = {}, patternProperties = {} } = schema as Record<string, Record<string, Schema> | undefined>;
  const named = Object.hasOwn(properties, name) ? [properties[name]!] : [];
  const matching = Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, 'u').test(name));
  const listed = [...named, ...matching.map(([, each]) => each)];
  return listed.length > 0 ? listed : [additionalOf(schema)];
}

/** The rule for members that are not listed. */
function additionalOf(schema: JsonSchema): Schema {
  const { additionalProperties, unevaluatedProperties = true } = schema as Record<string, Schema | undefined>;
  if (additionalProperties !== undefined) return additionalProperties;
  return APPLICATORS.some((keyword) => keyword in schema) ? true : unevaluatedProperties;
}

/** Members that these list count as evaluated. */
const APPLICATORS = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];

const itemSchema = ({ prefixItems = [], items = true }: JsonSchema, index: number): Schema =>
  (prefixItems as Schema[])[index] ?? (items as Schema);

const numbersOf = (all: readonly JsonSchema[], keyword: string): number[] =>
  all.flatMap((schema) => (typeof schema[keyword] === 'number' ? [schema[keyword]] : []));

interface Lengths {
  readonly min: number;
  readonly max: number;
}

/** How many characters a text has that matches a pattern: not exact, but with the flag `u` never fewer or more. */
function lengthsOf(pattern: string): Lengths {
  const { alternatives } = new RegExpParser().parsePattern(pattern, 0, pattern.length, { unicode: true });
  const isWhole = alternatives.every(({ elements }) =>
    (
      [
        [elements[0], 'start'],
        [elements.at(-1), 'end'],
      ] as const
    ).every(([element, kind]) => element?.type === 'Assertion' && element.kind === kind),
  );
  const { min, max } = lengthsOfAlternatives(alternatives);
  return { min, max: isWhole ? max : Infinity };
}

function lengthsOfAlternatives(alternatives: readonly AST.Alternative[]): Lengths {
  const each = alternatives.map(({ elements }) =>
    elements
      .map(lengthsOfElement)
      .reduce((sum, next) => ({ min: sum.min + next.min, max: sum.max + next.max }), NOTHING),
  );
  return { min: Math.min(...each.map(({ min }) => min)), max: Math.max(...each.map(({ max }) => max)) };
}

const NOTHING: Lengths = { min: 0, max: 0 };

function lengthsOfElement(element: AST.Element): Lengths {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return lengthsOfAlternatives(element.alternatives);
    case 'Quantifier': {
      const { min, max } = lengthsOfElement(element.element);
      return { min: min * element.min, max: max === 0 || element.max === 0 ? 0 : max * element.max };
    }
    case 'Assertion':
      return NOTHING;
    case 'Backreference':
      return { min: 0, max: Infinity };
    default:
      return { min: 1, max: 1 };
  }
}
