import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { IssuedProofDto } from '../../domain/proofs/issued-proof.dto.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { SignInChallengeDto, SignInProofDto } from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';

@ApiTags('Sign-in')
@Controller('v1/sign-in')
export class SignInController {
  constructor(private readonly signIns: SignInService) {}

  @Post('challenge')
  @ApiOperation({
    summary: 'Create a challenge for a fresh sign-in',
    description:
      'Sign the user in again at Logto with this `nonce`, `max_age` and `prompt=login`. Then send the ID token to `/v1/sign-in/verify`.',
    operationId: 'createSignInChallenge',
  })
  @ApiCreatedResponse({ description: 'The parameters of the authorization request.', type: SignInChallengeDto })
  @ApiProblems('step_up_required')
  challenge(@CurrentUser() caller: Caller): Promise<SignInChallengeDto> {
    return this.signIns.challenge(caller);
  }

  @Post('verify')
  @ApiOperation({
    summary: 'Verify a fresh sign-in',
    description: 'Checks the ID token and creates a proof of identity. Each challenge can be used once.',
    operationId: 'verifySignIn',
  })
  @ApiCreatedResponse({ description: 'The proof.', type: IssuedProofDto })
  @ApiProblems('invalid_proof', 'step_up_required')
  verify(@CurrentUser() caller: Caller, @Body() { idToken }: SignInProofDto): Promise<IssuedProofDto> {
    return this.signIns.verify(caller, idToken);
  }
}
