import { Injectable, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { getMetadataStorage, ValidateIf, type ValidationError } from 'class-validator';
import type { FieldMessage } from '../errors/messages/messages.js';
import { ProblemError, type FieldError } from '../errors/problem-error.js';
import { jsonPointer } from '../json/json-pointer.js';

/**
 * Our fault for each rule of class-validator in use; `argument` is what the rule was declared with. A wrong type also breaks
 * the rules on length: only the first in this order is reported.
 */
const RULES: Readonly<Record<string, (argument: unknown) => FieldMessage>> = {
  whitelistValidation: () => ({ code: 'unknown_field' }),
  isString: () => ({ code: 'invalid_type', params: { types: ['string'] } }),
  isBoolean: () => ({ code: 'invalid_type', params: { types: ['boolean'] } }),
  isNotEmpty: () => ({ code: 'empty', params: { nullClears: false } }),
  maxLength: (max) => ({ code: 'too_long', params: { max: max as number } }),
  minLength: (min) => ({ code: 'too_short', params: { min: min as number } }),
  isIn: (values) => ({ code: 'invalid_value', params: { values: values as string[] } }),
};

/** The member may be absent; when it is there, even as null, its other rules hold. (`@IsOptional()` accepts null.) */
export const Optional = () => ValidateIf((_body, value) => value !== undefined);

/**
 * Checks each `@Body() body: SomeDto` by the class's class-validator rules. Unknown keys are rejected, nothing is
 * converted, and each fault is reported with a pointer.
 */
@Injectable()
export class ValidatedBodyPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      // Both stay in toFieldErrors: the value distinguishes a missing member from a wrong one, the target has the rules.
      validationError: { target: true, value: true },
      exceptionFactory: (errors) => invalid(toFieldErrors(errors, '')),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'body' || Buffer.isBuffer(value)) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid([{ pointer: '', code: 'invalid_type', params: { types: ['object'] } }]);
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
    .map((key) => ({ pointer: jsonPointer(key), code: 'unknown_field' }));

/** class-validator's findings as ours: one a value, at the deepest place. */
function toFieldErrors(errors: readonly ValidationError[], parent: string): FieldError[] {
  return errors.flatMap((error) => {
    const pointer = parent + jsonPointer(error.property);
    if (error.children && error.children.length > 0) return toFieldErrors(error.children, pointer);
    return [{ pointer, ...describe(error) }];
  });
}

function describe({ target, property, value, constraints = {} }: ValidationError): FieldMessage {
  if (value === undefined && !('whitelistValidation' in constraints)) return { code: 'required' };
  const rule = Object.keys(RULES).find((name) => name in constraints);
  if (rule === undefined) return { code: 'invalid_value', params: {} };
  return RULES[rule]!(argumentOf(rule, target!.constructor, property));
}

/** What a rule of a class's member was declared with: class-validator itself only puts it in a sentence. */
function argumentOf(rule: string, dto: object, property: string): unknown {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto as () => void, '', false, false);
  const declared = rules.find(({ name, propertyName }) => name === rule && propertyName === property);
  return (declared?.constraints as unknown[] | undefined)?.[0];
}
