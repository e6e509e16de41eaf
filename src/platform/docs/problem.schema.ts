import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ERROR_STATUS } from '../errors/error-catalogue.js';
import { detailText, fieldErrorText, titleText } from '../errors/messages/messages.js';

/** One value at fault, as documented. */
@ApiSchema({ name: 'FieldError' })
export class FieldErrorSchema {
  @ApiProperty({
    description: 'A JSON Pointer (RFC 6901) into the request body, or `header:` or `query:` and a name.',
    example: '/givenName',
  })
  pointer: string;

  @ApiProperty({ description: 'What is wrong, for programs.', example: 'too_long' })
  code: string;

  @ApiProperty({
    description: 'What is wrong, for people.',
    example: fieldErrorText({ code: 'too_long', params: { max: 128 } }, 'en'),
  })
  detail: string;
}

/** A problem details object (RFC 9457), as documented. */
@ApiSchema({ name: 'Problem' })
export class ProblemSchema {
  @ApiProperty({
    description: 'Where the code is explained.',
    format: 'uri-reference',
    example: '/docs/errors#validation_failed',
  })
  type: string;

  @ApiProperty({ description: 'The same for each problem of a code.', example: titleText('validation_failed', 'en') })
  title: string;

  @ApiProperty({ description: 'The HTTP status.', type: 'integer', example: 422 })
  status: number;

  @ApiProperty({
    description: 'What happened this time.',
    required: false,
    example: detailText({ code: 'body_not_json' }, 'en'),
  })
  detail?: string;

  @ApiProperty({
    description: 'What is wrong, for programs. These words never change.',
    enum: Object.keys(ERROR_STATUS),
    enumName: 'ProblemCode',
    example: 'validation_failed',
  })
  code: string;

  @ApiProperty({
    description: 'To find the request in the log; also in `X-Request-Id`.',
    example: '6f1c1c1e-6a6e-4d52-9c39-3d0e8c1f8f1a',
  })
  requestId: string;

  @ApiProperty({ description: 'Each value at fault.', type: [FieldErrorSchema], required: false })
  errors?: FieldErrorSchema[];

  @ApiProperty({
    description: 'With `step_up_required`: the kinds of proof that this user can give.',
    type: [String],
    enum: ['password', 'email', 'phone', 'signIn'],
    required: false,
    example: ['password', 'email', 'signIn'],
  })
  proofs?: string[];

  @ApiProperty({
    description: 'With `step_up_required`: what has to be proven.',
    type: [String],
    enum: ['identity', 'address'],
    required: false,
    example: ['identity'],
  })
  required?: string[];

  @ApiProperty({
    description: 'With 502, 503 and 504: the change may have been made, or may still be. Read again.',
    enum: ['unknown'],
    required: false,
    example: 'unknown',
  })
  outcome?: string;

  @ApiProperty({
    description: 'With a change of password: it was made, and what was to follow was not.',
    required: false,
    example: true,
  })
  passwordChanged?: boolean;
}
