import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiQuery } from '@nestjs/swagger';
import { ApiCacheControl, ApiIfMatch, ApiTextHeader } from '../../platform/docs/documented-requests.js';

/** Documents a response with the profile document. */
export const ApiProfile = (): MethodDecorator =>
  ApiOkResponse({
    description: 'The profile document.',
    schema: { $ref: '#/components/schemas/Profile' },
    headers: { ETag: { $ref: '#/components/headers/ETag' } as never },
  });

/** Documents a response with a revealed value. */
export const ApiRevealedValue = (): MethodDecorator =>
  ApiOkResponse({
    description: 'The value of the field.',
    schema: {
      type: 'object',
      required: ['value'],
      properties: {
        value: { description: 'Of the type that the field defines; null if it is unset.', example: 'DE123456789' },
      },
    },
  });

/** Documents the headers of a profile read. */
export const ApiReadHeaders = (): MethodDecorator =>
  applyDecorators(
    ApiTextHeader('If-None-Match', 'An `ETag`. The response is 304 if it is still current.', '"3-Yx4mZp0wK1s"'),
    ApiCacheControl(),
  );

/** Documents the headers and the query of a profile change. */
export const ApiWriteHeaders = (): MethodDecorator =>
  applyDecorators(
    ApiIfMatch(),
    ApiTextHeader(
      'Idempotency-Key',
      'A change that is sent again with the same key within 24 hours is not applied again. At most 255 characters.',
      '8e03978e-40d5-43dd-bc93-6894a57f9324',
    ),
    ApiQuery({
      name: 'dryRun',
      required: false,
      description:
        'Checks everything except uniqueness and returns the document as it would be after the change. Nothing is written, and no proof is consumed.',
      schema: { type: 'boolean', default: false },
    }),
  );
