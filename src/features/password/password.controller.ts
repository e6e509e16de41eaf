import { Body, Controller, Get, Headers, HttpCode, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { IssuedProofDto } from '../../domain/proofs/issued-proof.dto.js';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { fieldErrorText, LANGUAGES } from '../../platform/errors/messages/messages.js';
import { negotiateLanguage } from '../../platform/http/accept-language.js';
import { ApiIdTokenHint, IdTokenHint } from '../../platform/http/id-token-hint.decorator.js';
import { ApiVerificationId, VerificationIds } from '../../platform/http/verification-ids.decorator.js';
import { PasswordChangeService } from './password-change.service.js';
import { PasswordRulesService } from './password-rules.service.js';
import { PasswordVerificationService } from './password-verification.service.js';
import { ChangePasswordDto, HasPasswordDto, PasswordCheckDto, PasswordDto } from './password.dto.js';

@ApiTags('Password')
@Controller('v1/password')
export class PasswordController {
  constructor(
    private readonly verification: PasswordVerificationService,
    private readonly passwords: PasswordChangeService,
    private readonly rules: PasswordRulesService,
    private readonly users: LogtoUserService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Check whether the account has a password',
    description: 'An account without a password can set its first one with `PUT /v1/password`.',
    operationId: 'getPassword',
  })
  @ApiOkResponse({ description: 'Whether the account has a password.', type: HasPasswordDto })
  async get(@CurrentUser() caller: Caller): Promise<HasPasswordDto> {
    return { hasPassword: await this.verification.hasPassword(caller) };
  }

  @Post('verify')
  @ApiOperation({
    summary: 'Verify the current password',
    description:
      'Issues a proof of identity, which allows one sensitive change within ten minutes. Too many consecutive wrong passwords (ten by default) lock this for 1, then 2, 4, … minutes.',
    operationId: 'verifyPassword',
  })
  @ApiCreatedResponse({ description: 'The proof.', type: IssuedProofDto })
  @ApiProblems('invalid_credentials', 'too_many_attempts', 'step_up_required')
  verify(@CurrentUser() caller: Caller, @Body() { password }: PasswordDto): Promise<IssuedProofDto> {
    return this.verification.prove(caller, password);
  }

  @Put()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Change or set the password',
    description:
      'Needs `currentPassword` or a proof of identity in `Verification-Id`. Ends the other sessions unless `signOutOtherSessions` is false.',
    operationId: 'changePassword',
  })
  @ApiVerificationId()
  @ApiIdTokenHint()
  @ApiNoContentResponse({ description: 'The password was changed.' })
  @ApiProblems('password_rejected', 'invalid_credentials', 'step_up_required', 'too_many_attempts')
  change(
    @CurrentUser() caller: Caller,
    @Body() body: ChangePasswordDto,
    @VerificationIds() verificationIds: string[],
    @IdTokenHint() idTokenHint: string | undefined,
  ): Promise<void> {
    return this.passwords.change(caller, body, { verificationIds, idTokenHint });
  }

  @Post('check')
  @HttpCode(200)
  @ApiOperation({
    summary: "Check a password against the tenant's policy",
    description: 'Does not reveal whether it is the current password.',
    operationId: 'checkPassword',
  })
  @ApiOkResponse({ description: 'Whether the password can be set.', type: PasswordCheckDto })
  async check(
    @CurrentUser() { userId }: Caller,
    @Body() { password }: PasswordDto,
    @Headers('accept-language') languages?: string,
  ): Promise<PasswordCheckDto> {
    const broken = await this.rules.broken(await this.users.readFresh(userId), password);
    const language = negotiateLanguage(languages, LANGUAGES);
    const issues = broken.map((rule) => ({ code: rule.code, detail: fieldErrorText(rule, language) }));
    return { valid: issues.length === 0, issues };
  }
}
