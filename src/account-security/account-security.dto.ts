import { ApiProperty } from '@nestjs/swagger';

export class SessionDto {
  @ApiProperty({ example: 'YUMrHxURcdmgsK0IIYjxhu5HigLtRCFnfw1AfSlNVOQ' })
  id: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T10:00:00.000Z' })
  signedInAt: string;

  @ApiProperty({ type: 'string', nullable: true, example: '203.0.113.7' })
  ip: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: 'Mozilla/5.0 (X11; Linux x86_64)' })
  userAgent: string | null;

  @ApiProperty({
    description: 'The application signed in to.',
    type: 'string',
    nullable: true,
    example: 'profile-page',
  })
  clientId: string | null;

  @ApiProperty({
    description: "Whether it is the page's own; null when no `Id-Token-Hint` with a `sid` says.",
    type: 'boolean',
    nullable: true,
    example: null,
  })
  current: boolean | null;
}

export class SessionsDto {
  @ApiProperty({ type: [SessionDto] })
  sessions: SessionDto[];
}

export class EndedSessionsDto {
  @ApiProperty({ description: 'How many were ended.', type: 'integer', example: 2 })
  ended: number;

  @ApiProperty({ description: "Whether the page's own session was known, and spared.", example: true })
  currentSpared: boolean;
}

export class IdentityDto {
  @ApiProperty({ description: 'The provider; for an enterprise identity, its issuer.', example: 'github' })
  target: string;

  @ApiProperty({ enum: ['social', 'enterprise'], example: 'social' })
  type: 'social' | 'enterprise';

  @ApiProperty({ type: 'string', nullable: true, example: 'Alice Example' })
  name: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: 'alice@example.com' })
  email: string | null;
}

export class IdentitiesDto {
  @ApiProperty({ type: [IdentityDto] })
  identities: IdentityDto[];
}

export class MfaFactorDto {
  @ApiProperty({ example: 'd7xim05vnk0zclgi7hlri' })
  id: string;

  @ApiProperty({ description: "Logto's name for the kind.", example: 'Totp' })
  type: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T22:45:01.809Z' })
  createdAt: string;

  @ApiProperty({ format: 'date-time', type: 'string', nullable: true, example: null })
  lastUsedAt: string | null;

  @ApiProperty({ description: 'What the user calls a passkey.', type: 'string', nullable: true, example: null })
  name: string | null;

  @ApiProperty({ description: 'Of backup codes: how many are left.', type: 'integer', nullable: true, example: null })
  remainingCodes: number | null;
}

export class MfaFactorsDto {
  @ApiProperty({ type: [MfaFactorDto] })
  factors: MfaFactorDto[];
}
