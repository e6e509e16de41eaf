import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { MAX_ID_TOKEN_LENGTH } from '../../domain/proofs/id-token.verifier.js';

@ApiSchema({ description: 'The parameters of the authorization request of a fresh sign-in.' })
export class SignInChallengeDto {
  @ApiProperty({
    description: 'The `nonce` of the authorization request.',
    example: 'n3Zk6yB2uC9dE8fG7hI5jK4lM3nO2pQ1rS0tU9vW8x0',
  })
  nonce: string;

  @ApiProperty({
    description: 'The `max_age` of the authorization request, which also needs `prompt=login`.',
    type: 'integer',
    example: 0,
  })
  maxAge: number;

  @ApiProperty({ description: 'When the challenge expires.', format: 'date-time', example: '2026-11-23T10:10:00.000Z' })
  expiresAt: string;
}

@ApiSchema({ description: 'The result of a fresh sign-in.' })
export class SignInProofDto {
  @ApiProperty({
    description: 'The ID token of the sign-in with the nonce of a challenge.',
    minLength: 1,
    maxLength: MAX_ID_TOKEN_LENGTH,
    example: 'eyJhbGciOiJFUzM4NCIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSJ9.c2ln',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID_TOKEN_LENGTH)
  idToken: string;
}
