import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { fieldErrorText } from '../../platform/errors/messages/messages.js';
import { Optional } from '../../platform/http/validated-body.js';

/** Logto's own bound, and far less than what makes hashing slow. */
const MAX_LENGTH = 256;

export class PasswordDto {
  @ApiProperty({ description: 'The password.', minLength: 1, maxLength: MAX_LENGTH, example: 'Str0ng-Passw0rd!x' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_LENGTH)
  password: string;
}

export class ChangePasswordDto {
  @ApiProperty({ minLength: 1, maxLength: MAX_LENGTH, example: 'an0ther-Passw0rd!y' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_LENGTH)
  newPassword: string;

  @ApiProperty({
    description: 'Proves the identity; without it, a `Verification-Id` is needed.',
    required: false,
    minLength: 1,
    maxLength: MAX_LENGTH,
    example: 'Str0ng-Passw0rd!x',
  })
  @Optional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_LENGTH)
  currentPassword?: string;

  @ApiProperty({
    description: 'Ends all other sessions and whatever they were granted. `Id-Token-Hint` says which one is spared.',
    required: false,
    default: true,
    example: true,
  })
  @Optional()
  @IsBoolean()
  signOutOtherSessions?: boolean;
}

export class HasPasswordDto {
  @ApiProperty({ description: 'Whether the account has a password.', example: true })
  hasPassword: boolean;
}

export class PasswordIssueDto {
  @ApiProperty({ description: 'The rule that is broken, for programs.', example: 'too_short' })
  code: string;

  @ApiProperty({
    description: 'The same for people, in the language of `Accept-Language`.',
    example: fieldErrorText({ code: 'too_short', params: { min: 8 } }, 'en'),
  })
  detail: string;
}

export class PasswordCheckDto {
  @ApiProperty({ description: 'Whether the password meets the policy.', example: false })
  valid: boolean;

  @ApiProperty({ description: 'Each rule that it breaks.', type: [PasswordIssueDto] })
  issues: PasswordIssueDto[];
}
