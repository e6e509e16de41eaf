import type { ResponseHeader } from './problem-examples.js';
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtension, ApiHeader, ApiOkResponse, ApiQuery } from '@nestjs/swagger';
import { ApiVerificationId } from '../http/verification-ids.decorator.js';

/** Names in `components.schemas` of the OpenAPI document whose schemas come from the field catalogue. */
export type FieldSchemaName = 'Profile' | 'ProfilePatch' | 'CustomData' | 'CustomDataPatch' | 'SensitiveFieldName';

/** Documents an optional request header. */
const ApiTextHeader = (name: string, description: string, example: string): MethodDecorator =>
  ApiHeader({ name, required: false, description, schema: { type: 'string', example } });

/** Documents the headers of a read of a document. */
export const ApiReadHeaders = (): MethodDecorator =>
  applyDecorators(
    ApiTextHeader('If-None-Match', 'An `ETag`. The response is 304 if it is still current.', '"3-Yx4mZp0wK1s"'),
    ApiTextHeader('Cache-Control', '`no-cache` reads the user from Logto even if they are cached.', 'no-cache'),
  );

/** Documents the headers and the query of a merge patch. */
export const ApiPatchHeaders = (): MethodDecorator =>
  applyDecorators(
    ApiTextHeader(
      'If-Match',
      'The `ETag` of the version that the change is based on, as received, or `*`. The response is 412 if it is no longer current.',
      '"3-Yx4mZp0wK1s"',
    ),
    ApiTextHeader(
      'If-None-Match',
      'The response is 412 if this is the current `ETag`, or `*`, because the document always exists.',
      '"3-Yx4mZp0wK1s"',
    ),
    ApiTextHeader(
      'Idempotency-Key',
      'A change that is sent again with the same key within 24 hours is not applied again. At most 255 characters.',
      '8e03978e-40d5-43dd-bc93-6894a57f9324',
    ),
    ApiVerificationId(),
    ApiQuery({
      name: 'dryRun',
      required: false,
      description:
        'Checks everything except uniqueness and returns the document as it would be after the change. Nothing is written, and no proof is consumed.',
      schema: { type: 'boolean', default: false },
    }),
  );

/** The headers of a read that is served from the cache because Logto is unavailable. */
export const STALE_HEADERS = ['Age', 'Warning'] as const;

/** Documents a response with one of these documents, its version, and further headers. */
export const ApiDocument = (
  name: FieldSchemaName,
  description: string,
  headers: readonly ResponseHeader[] = [],
): MethodDecorator =>
  ApiOkResponse({
    description,
    schema: { $ref: `#/components/schemas/${name}` },
    headers: Object.fromEntries(
      ['ETag', ...headers].map((header) => [header, { $ref: `#/components/headers/${header}` } as never]),
    ),
  });

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
