import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ERROR_STATUS } from '../errors/error-catalogue.js';
import { PROOF_KINDS, PROOF_PARTS } from '../errors/proof-kinds.js';
import { detailText, fieldErrorText, titleText } from '../errors/messages/messages.js';

/** The documentation of a field error. */
@ApiSchema({ name: 'FieldError', description: 'An invalid value, and why it is invalid.' })
export class FieldErrorSchema {
  @ApiProperty({
    description: 'A JSON Pointer (RFC 6901) into the request body, or `header:` or `query:` followed by a name.',
    example: '/givenName',
  })
  pointer: string;

  @ApiProperty({ description: 'A stable code for programs.', example: 'too_long' })
  code: string;

  @ApiProperty({
    description: 'A text for users, in the language of `Accept-Language`.',
    example: fieldErrorText({ code: 'too_long', params: { max: 128 } }, 'en'),
  })
  detail: string;
}

/** The documentation of a problem details object (RFC 9457). */
@ApiSchema({ name: 'Problem', description: 'Problem details (RFC 9457).' })
export class ProblemSchema {
  @ApiProperty({
    description: 'The page that explains the code.',
    format: 'uri-reference',
    example: '/docs/errors#validation_failed',
  })
  type: string;

  @ApiProperty({
    description: 'The same text for all problems with this code.',
    example: titleText('validation_failed', 'en'),
  })
  title: string;

  @ApiProperty({ description: 'The HTTP status.', type: 'integer', example: 422 })
  status: number;

  @ApiProperty({
    description: 'What happened in this case.',
    required: false,
    example: detailText({ code: 'body_not_json' }, 'en'),
  })
  detail?: string;

  @ApiProperty({
    description: 'A stable code for programs.',
    enum: Object.keys(ERROR_STATUS),
    enumName: 'ProblemCode',
    enumSchema: { description: 'The codes of problems. `/docs/errors` explains them.' },
    example: 'validation_failed',
  })
  code: string;

  @ApiProperty({
    description: 'Identifies the request in the log; the same as `X-Request-Id`.',
    example: '6f1c1c1e-6a6e-4d52-9c39-3d0e8c1f8f1a',
  })
  requestId: string;

  @ApiProperty({ description: 'The invalid values.', type: [FieldErrorSchema], required: false })
  errors?: FieldErrorSchema[];

  @ApiProperty({
    description: 'With `step_up_required`: the kinds of proof that this user can give.',
    type: [String],
    enum: PROOF_KINDS,
    required: false,
    example: ['password', 'email', 'signIn'],
  })
  proofs?: string[];

  @ApiProperty({
    description: 'With `step_up_required`: what is still to be proved.',
    type: [String],
    enum: PROOF_PARTS,
    required: false,
    example: ['identity'],
  })
  required?: string[];

  @ApiProperty({
    description: 'With 500, 502, 503 and 504: the change may have been applied, or may still be. Read the data again.',
    enum: ['unknown'],
    required: false,
    example: 'unknown',
  })
  outcome?: string;

  @ApiProperty({
    description: 'With a password change: the password was changed, but the other sessions may not have ended.',
    required: false,
    example: true,
  })
  passwordChanged?: boolean;
}
