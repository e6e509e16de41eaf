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
