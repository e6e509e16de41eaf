import { Injectable, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { ValidateIf, type ValidationError } from 'class-validator';
import { ProblemError, type FieldError } from '../errors/problem-error.js';
import { jsonPointer } from '../json/json-pointer.js';

/** Our code and words for each rule of class-validator in use; `#` is the rule's limit. */
const RULES: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  whitelistValidation: ['unknown_field', 'This key is not known.'],
  isString: ['invalid_type', 'This value must be text.'],
  isBoolean: ['invalid_type', 'This value must be true or false.'],
  isNotEmpty: ['empty', 'This value must not be empty.'],
  maxLength: ['too_long', 'This value must have at most # characters.'],
  minLength: ['too_short', 'This value must have at least # characters.'],
};

/** The member may be absent; when it is there, even as null, its other rules hold. (`@IsOptional()` lets null pass.) */
export const Optional = () => ValidateIf((_body, value) => value !== undefined);

/**
 * Checks each `@Body() body: SomeDto` by the class's class-validator rules. Unknown keys are refused, nothing is
 * converted, and each fault is answered with a pointer.
 */
@Injectable()
export class ValidatedBodyPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      // The value tells a missing member from a wrong one; toFieldErrors lets none out.
      validationError: { target: false, value: true },
      exceptionFactory: (errors) => invalid(toFieldErrors(errors, '')),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'body' || Buffer.isBuffer(value)) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const detail = 'The body must be a JSON object.';
      throw invalid([{ pointer: '', code: 'invalid_type', detail }]);
    }
    const missed = inheritedKeys(value);
    const result: unknown = await super.transform(value, metadata).catch((error: ProblemError) => {
      throw invalid([...missed, ...(error.options.errors ?? [])]);
    });
    if (missed.length > 0) throw invalid(missed);
    return result;
  }
}

const invalid = (errors: readonly FieldError[]) => new ProblemError('validation_failed', { errors });

/** class-validator's whitelist looks names up on plain objects, and so takes `constructor` and `toString` for known. */
const inheritedKeys = (body: object): FieldError[] =>
  Object.keys(body)
    .filter((key) => key in Object.prototype)
    .map((key) => ({ pointer: jsonPointer(key), code: 'unknown_field', detail: 'This key is not known.' }));

/** class-validator's findings as ours: one a value, at the deepest place. */
function toFieldErrors(errors: readonly ValidationError[], parent: string): FieldError[] {
  return errors.flatMap(({ property, value, constraints, children }) => {
    const pointer = parent + jsonPointer(property);
    if (children && children.length > 0) return toFieldErrors(children, pointer);
    return [{ pointer, ...describe(constraints ?? {}, value) }];
  });
}

function describe(constraints: Readonly<Record<string, string>>, value: unknown): Omit<FieldError, 'pointer'> {
  if (value === undefined && !('whitelistValidation' in constraints)) {
    return { code: 'required', detail: 'This value is missing.' };
  }
  // A wrong type also breaks the rules on length: only the first in our order is told.
  const rule = Object.keys(RULES).find((name) => name in constraints);
  const [code, detail] = RULES[rule ?? ''] ?? ['invalid_value', 'This value is not valid.'];
  const limit = /\d+/.exec(constraints[rule ?? ''] ?? '')?.[0] ?? '';
  return { code, detail: detail.replace('#', limit) };
}
