import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { Optional } from '../../platform/http/validated-body.js';

/** The account's own address, as the profile document names it. */
export type Target = 'primaryEmail' | 'primaryPhone';

const ONE_OF = 'Exactly one of `email`, `phone` and `target` is given.';

export class SendCodeDto {
  @ApiProperty({
    description: `A new email address; a code proves that address and nothing else. ${ONE_OF}`,
    required: false,
    maxLength: 128,
    example: 'new@example.com',
  })
  @Optional()
  @IsString()
  email?: string;

  @ApiProperty({
    description: `A new phone number, with or without \`+\`. ${ONE_OF}`,
    required: false,
    maxLength: 128,
    example: '+447700900123',
  })
  @Optional()
  @IsString()
  phone?: string;

  @ApiProperty({
    description: `An address that the account has; a code proves the identity. ${ONE_OF}`,
    required: false,
    enum: ['primaryEmail', 'primaryPhone'],
    example: 'primaryEmail',
  })
  @Optional()
  @IsString()
  @IsIn(['primaryEmail', 'primaryPhone'])
  target?: Target;
}

export class VerifyCodeDto extends SendCodeDto {
  @ApiProperty({ description: 'The code as received.', minLength: 1, maxLength: 32, example: '123456' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(32)
  code: string;
}
