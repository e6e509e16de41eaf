import { Injectable, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { getMetadataStorage, ValidateIf, type ValidationError } from 'class-validator';
import type { FieldMessage } from '../errors/messages/messages.js';
import { ProblemError, type FieldError } from '../errors/problem-error.js';
import { jsonPointer } from '../json/json-pointer.js';

/**
 * Our field error for each class-validator rule in use, from the argument of its decorator. A value of the wrong type
 * also breaks the rules on length: only the first rule in this order is reported.
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

/**
 * Allows a member to be absent. If it is present, its other rules apply, even to null (`@IsOptional()` accepts null).
 */
export const Optional = () => ValidateIf((_body, value) => value !== undefined);

/**
 * Checks each `@Body() body: SomeDto` by the class-validator rules of the class. Unknown keys are rejected, no values
 * are converted, and each error is reported with a pointer.
 */
@Injectable()
export class ValidatedBodyPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      // For toFieldErrors only: the value shows whether a member is missing, and the target has the rules.
      validationError: { target: true, value: true },
      exceptionFactory: (errors) => invalid(toFieldErrors(errors, '')),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'body' || Buffer.isBuffer(value)) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid([{ pointer: '', code: 'invalid_type', params: { types: ['object'] } }]);
    }
    const inherited = inheritedKeyErrors(value);
    const result: unknown = await super.transform(value, metadata).catch((error: ProblemError) => {
      throw invalid([...inherited, ...(error.options.errors ?? [])]);
    });
    if (inherited.length > 0) throw invalid(inherited);
    return result;
  }
}

const invalid = (errors: readonly FieldError[]) => new ProblemError('validation_failed', { errors });

/** The whitelist of class-validator looks up names in plain objects, and so accepts `constructor` and `toString`. */
const inheritedKeyErrors = (body: object): FieldError[] =>
  Object.keys(body)
    .filter((key) => key in Object.prototype)
    .map((key) => ({ pointer: jsonPointer(key), code: 'unknown_field' }));

/** Converts the errors of class-validator: one error per value, with the deepest pointer. */
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

/** The argument of a rule's decorator. class-validator's errors contain it only as part of a message. */
function argumentOf(rule: string, dto: object, property: string): unknown {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto as () => void, '', false, false);
  const declared = rules.find(({ name, propertyName }) => name === rule && propertyName === property);
  return (declared?.constraints as unknown[] | undefined)?.[0];
}
