import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { ApiExactlyOneOf } from '../../platform/docs/documented-requests.js';
import { Optional } from '../../platform/http/validated-body.js';

/** An address of the account: the name of its field in the profile document. */
export type Target = 'primaryEmail' | 'primaryPhone';

const ONE_OF = 'Send exactly one of `email`, `phone` and `target`.';

@ApiSchema({ description: 'The recipient of a code.' })
@ApiExactlyOneOf('email', 'phone', 'target')
export class SendCodeDto {
  @ApiProperty({
    description: `A new email address. The code proves only that address. ${ONE_OF}`,
    required: false,
    maxLength: 128,
    example: 'new@example.com',
  })
  @Optional()
  @IsString()
  email?: string;

  @ApiProperty({
    description: `A new phone number with its country code, with or without \`+\`. Separators are accepted. The code proves only that number. ${ONE_OF}`,
    required: false,
    maxLength: 128,
    example: '+447700900123',
  })
  @Optional()
  @IsString()
  phone?: string;

  @ApiProperty({
    description: `An address of the account. The code proves the identity. ${ONE_OF}`,
    required: false,
    enum: ['primaryEmail', 'primaryPhone'],
    example: 'primaryEmail',
  })
  @Optional()
  @IsString()
  @IsIn(['primaryEmail', 'primaryPhone'])
  target?: Target;
}

@ApiSchema({ description: 'The recipient of a code, and the code.' })
export class VerifyCodeDto extends SendCodeDto {
  @ApiProperty({ description: 'The code as received.', minLength: 1, maxLength: 32, example: '123456' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(32)
  code: string;
}
