import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader } from '@nestjs/swagger';

/** Schemas in `components.schemas` of the OpenAPI document that are made from the field catalogue. */
export type FieldSchemaName = 'Profile' | 'ProfilePatch' | 'CustomData' | 'CustomDataPatch';

/** Documents a request header of text that may be left out. */
export const ApiTextHeader = (name: string, description: string, example: string): MethodDecorator =>
  ApiHeader({ name, required: false, description, schema: { type: 'string', example } });

/** Documents that a read can be asked to be a fresh one. */
export const ApiCacheControl = (): MethodDecorator =>
  ApiTextHeader('Cache-Control', '`no-cache` reads Logto even if the user is cached.', 'no-cache');

/** Documents that a change can be made to depend on the version it was made for. */
export const ApiIfMatch = (): MethodDecorator =>
  ApiTextHeader(
    'If-Match',
    "The profile's `ETag` of the version that the change was made for, as received, or `*`.",
    '"3-Yx4mZp0wK1s"',
  );

/** Documents a body that is a merge patch, under either of its media types. */
export const ApiMergePatch = (name: FieldSchemaName): MethodDecorator =>
  applyDecorators(
    ApiConsumes('application/merge-patch+json', 'application/json'),
    ApiBody({ required: true, schema: { $ref: `#/components/schemas/${name}` } }),
  );
