import { Body, Controller, Get, Headers, HttpCode, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { fieldErrorText, LANGUAGES } from '../../platform/errors/messages/messages.js';
import { negotiateLanguage } from '../../platform/http/accept-language.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { ApiIdTokenHint, IdTokenHint } from '../../platform/http/id-token-hint.decorator.js';
import { IssuedProofDto } from '../../domain/proofs/issued-proof.dto.js';
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
  @ApiOperation({ summary: 'Check whether the account has a password', operationId: 'getPassword' })
  @ApiOkResponse({ description: 'Whether there is one.', type: HasPasswordDto })
  async get(@CurrentUser() caller: Caller): Promise<HasPasswordDto> {
    return { hasPassword: await this.verification.hasPassword(caller) };
  }

  @Post('verify')
  @ApiOperation({
    summary: 'Prove the identity by the present password',
    description:
      'Too many wrong ones in a row (ten, unless configured) lock this for 1, then 2, 4, … minutes. The proof allows one sensitive change within ten minutes.',
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
    summary: 'Change the password, or set the first',
    description:
      'Proved by `currentPassword` or by a proof of identity in `Verification-Id`. Ends the other sessions unless `signOutOtherSessions` is false.',
    operationId: 'changePassword',
  })
  @ApiVerificationId()
  @ApiIdTokenHint()
  @ApiNoContentResponse({ description: 'It has changed.' })
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
    summary: "Check a password by the tenant's policy",
    description: 'Never says whether it is the present one.',
    operationId: 'checkPassword',
  })
  @ApiOkResponse({ description: 'Whether it could be set.', type: PasswordCheckDto })
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
