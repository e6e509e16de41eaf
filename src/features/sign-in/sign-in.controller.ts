import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { IssuedProofDto } from '../../domain/proofs/issued-proof.dto.js';
import { SignInChallengeDto, SignInProofDto } from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';

@ApiTags('Sign-in')
@Controller('v1/sign-in')
export class SignInController {
  constructor(private readonly signIns: SignInService) {}

  @Post('challenge')
  @ApiOperation({
    summary: 'Ask for a fresh sign-in as proof',
    description:
      'The page signs in again at Logto with this nonce, `max_age` and `prompt=login`, and sends the ID token to `/v1/sign-in/verify`.',
    operationId: 'createSignInChallenge',
  })
  @ApiCreatedResponse({ description: 'What the authorization request must carry.', type: SignInChallengeDto })
  challenge(@CurrentUser() caller: Caller): Promise<SignInChallengeDto> {
    return this.signIns.challenge(caller);
  }

  @Post('verify')
  @ApiOperation({ summary: 'Prove the identity by a fresh sign-in', operationId: 'verifySignIn' })
  @ApiCreatedResponse({ description: 'The proof.', type: IssuedProofDto })
  @ApiProblems('invalid_proof', 'step_up_required')
  verify(@CurrentUser() caller: Caller, @Body() { idToken }: SignInProofDto): Promise<IssuedProofDto> {
    return this.signIns.verify(caller, idToken);
  }
}
