import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsBoolean, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { fieldErrorText } from '../../platform/errors/messages/messages.js';
import { Optional } from '../../platform/http/validated-body.js';

/** Logto's own limit, and far too short to make hashing slow. */
const MAX_LENGTH = 256;

@ApiSchema({ description: 'A password.' })
export class PasswordDto {
  @ApiProperty({ description: 'The password.', minLength: 1, maxLength: MAX_LENGTH, example: 'Str0ng-Passw0rd!x' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_LENGTH)
  password: string;
}

@ApiSchema({ description: 'A new password, with a proof of identity.' })
export class ChangePasswordDto {
  @ApiProperty({ description: 'The new password.', minLength: 1, maxLength: MAX_LENGTH, example: 'an0ther-Passw0rd!y' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_LENGTH)
  newPassword: string;

  @ApiProperty({
    description: 'Proves the identity. Without it, a `Verification-Id` is needed.',
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
    description:
      'Whether to end all other sessions and revoke their grants. `Id-Token-Hint` identifies the session to spare.',
    required: false,
    default: true,
    example: true,
  })
  @Optional()
  @IsBoolean()
  signOutOtherSessions?: boolean;
}

@ApiSchema({ description: 'Whether the account has a password.' })
export class HasPasswordDto {
  @ApiProperty({ description: 'Whether the account has a password.', example: true })
  hasPassword: boolean;
}

@ApiSchema({ description: "A rule of the tenant's policy that a password breaks." })
export class PasswordIssueDto {
  @ApiProperty({ description: 'The broken rule, for programs.', example: 'too_short' })
  code: string;

  @ApiProperty({
    description: 'A text for users, in the language of `Accept-Language`.',
    example: fieldErrorText({ code: 'too_short', params: { min: 8 } }, 'en'),
  })
  detail: string;
}

@ApiSchema({ description: "The result of the check against the tenant's policy." })
export class PasswordCheckDto {
  @ApiProperty({ description: 'Whether the password meets the policy.', example: false })
  valid: boolean;

  @ApiProperty({ description: 'The broken rules.', type: [PasswordIssueDto] })
  issues: PasswordIssueDto[];
}
