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

/** Documents a response with a value of any type, as its field is defined. */
export const ApiRevealedValue = (): MethodDecorator =>
  ApiOkResponse({
    description: 'Its value.',
    schema: {
      type: 'object',
      required: ['value'],
      properties: { value: { description: 'As the field is defined; null when it is unset.', example: 'DE123456789' } },
    },
  });

/** Documents the headers of a read. */
export const ApiReadHeaders = (): MethodDecorator =>
  applyDecorators(
    ApiTextHeader('If-None-Match', 'An `ETag`: 304 when it is still the one.', '"3-Yx4mZp0wK1s"'),
    ApiCacheControl(),
  );

/** Documents the headers and the query of a change. */
export const ApiWriteHeaders = (): MethodDecorator =>
  applyDecorators(
    ApiIfMatch(),
    ApiTextHeader(
      'Idempotency-Key',
      'A change sent again under the same key within 24 hours is not made again. At most 255 characters.',
      '8e03978e-40d5-43dd-bc93-6894a57f9324',
    ),
    ApiQuery({
      name: 'dryRun',
      required: false,
      description:
        'Checks everything but uniqueness and returns the document that the change would lead to. Nothing is written or consumed.',
      schema: { type: 'boolean', default: false },
    }),
  );
