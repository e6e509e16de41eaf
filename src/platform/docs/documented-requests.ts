import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtension, ApiHeader } from '@nestjs/swagger';

/** Names in `components.schemas` of the OpenAPI document whose schemas come from the field catalogue. */
export type FieldSchemaName = 'Profile' | 'ProfilePatch' | 'CustomData' | 'CustomDataPatch' | 'SensitiveFieldName';

/** Documents an optional request header. */
export const ApiTextHeader = (name: string, description: string, example: string): MethodDecorator =>
  ApiHeader({ name, required: false, description, schema: { type: 'string', example } });

/** Documents the `Cache-Control` header of a read. */
export const ApiCacheControl = (): MethodDecorator =>
  ApiTextHeader('Cache-Control', '`no-cache` reads the user from Logto even if they are cached.', 'no-cache');

/** Documents the `If-Match` header of a change. */
export const ApiIfMatch = (): MethodDecorator =>
  ApiTextHeader(
    'If-Match',
    'The `ETag` of the profile that the change is based on, as received, or `*`.',
    '"3-Yx4mZp0wK1s"',
  );

/** Documents a merge patch as the body, with both of its media types. */
export const ApiMergePatch = (name: FieldSchemaName): MethodDecorator =>
  applyDecorators(
    ApiConsumes('application/merge-patch+json', 'application/json'),
    ApiBody({ required: true, schema: { $ref: `#/components/schemas/${name}` } }),
  );

/** The extension in which {@link ApiExactlyOneOf} stores its members until the document is built. */
export const EXACTLY_ONE_OF = 'x-exactly-one-of';

/** Documents that a body, and those that extend it, has exactly one of these optional members. */
export const ApiExactlyOneOf = (...members: string[]): ClassDecorator =>
  ApiExtension(EXACTLY_ONE_OF, members) as ClassDecorator;
