import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { IssuedProofDto } from '../../domain/proofs/issued-proof.dto.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { SendCodeDto, VerifyCodeDto } from './verification.dto.js';
import { VerificationService } from './verification.service.js';

@ApiTags('Verification')
@Controller('v1/verification-codes')
export class VerificationController {
  constructor(private readonly verification: VerificationService) {}

  @Post()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Send a verification code',
    description:
      'Sends it to an address of the account (`target`), or to a new one (`email` or `phone`). To a new address it is sent in the background, after the response, and not at all if another account has the address: nothing reveals whether one has. A new code replaces your previous code to that address.',
    operationId: 'sendVerificationCode',
  })
  @ApiNoContentResponse({ description: 'The code was sent, or for a new address, the request was accepted.' })
  @ApiProblems('channel_not_configured', 'message_not_sent')
  send(@CurrentUser() caller: Caller, @Body() body: SendCodeDto): Promise<void> {
    return this.verification.send(caller, body);
  }

  @Post('verify')
  @ApiOperation({
    summary: 'Verify a code',
    description:
      'Use the same address or target as when the code was sent. A correct code creates one proof: of the identity for a `target`, otherwise of the address.',
    operationId: 'verifyVerificationCode',
  })
  @ApiCreatedResponse({ description: 'The proof.', type: IssuedProofDto })
  @ApiProblems('invalid_code', 'code_expired', 'too_many_attempts', 'step_up_required')
  verify(@CurrentUser() caller: Caller, @Body() body: VerifyCodeDto): Promise<IssuedProofDto> {
    return this.verification.verify(caller, body);
  }
}
