import { ApiOkResponse } from '@nestjs/swagger';
import { ApiDocument } from '../../platform/docs/documented-requests.js';
import type { ResponseHeader } from '../../platform/docs/problem-examples.js';

/** Documents a response with the profile document, and its headers besides `ETag`. */
export const ApiProfile = (headers?: readonly ResponseHeader[]): MethodDecorator =>
  ApiDocument('Profile', 'The profile document.', headers);

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
