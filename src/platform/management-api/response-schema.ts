import * as Type from '@sinclair/typebox';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Json, JsonObject } from '../json/json.js';

const ajv = new Ajv({ strict: true });

/**
 * The expected form of a response: one declaration for the check at run time and for the TypeScript type. Schemas
 * describe only the members that this service reads; other members are accepted. A check neither copies nor changes the
 * response.
 */
export class ResponseSchema<T> {
  private validate?: ValidateFunction<T>;

  private constructor(private readonly schema: object) {}

  static of<Schema extends Type.TSchema>(schema: Schema): ResponseSchema<Type.Static<Schema>> {
    return new ResponseSchema(schema);
  }

  /** Whether a response has the expected form. Compiled at first use: a start needs only some of the schemas. */
  matches(body: unknown): body is T {
    this.validate ??= ajv.compile<T>(this.schema);
    return this.validate(body);
  }
}

/** The type of the responses that match a schema. */
export type ResponseOf<Schema> = Schema extends ResponseSchema<infer T> ? T : never;

/** A value, or null. */
export const nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/**
 * An object with any keys, whose values all match `schema`. Unlike `Type.Record`, also checks keys with line breaks.
 */
export const mapOf = <Schema extends Type.TSchema>(schema: Schema) =>
  Type.Unsafe<Record<string, Type.Static<Schema>>>({ type: 'object', additionalProperties: schema });

/** Any JSON value. */
export const anyJson = Type.Unsafe<Json>({});

/** Any JSON object. */
export const anyObject = Type.Unsafe<JsonObject>({ type: 'object' });
