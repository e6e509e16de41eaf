import { ApiOkResponse } from '@nestjs/swagger';
import { ApiDocument } from '../../platform/docs/documented-requests.js';

/** Documents a response with the profile document. */
export const ApiProfile = (): MethodDecorator => ApiDocument('Profile', 'The profile document.');

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
