import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'A session of the user at Logto.' })
export class SessionDto {
  @ApiProperty({ description: 'The ID of the session.', example: 'YUMrHxURcdmgsK0IIYjxhu5HigLtRCFnfw1AfSlNVOQ' })
  id: string;

  @ApiProperty({ description: 'When the user signed in.', format: 'date-time', example: '2026-11-23T10:00:00.000Z' })
  signedInAt: string;

  @ApiProperty({ description: 'The IP address at sign-in.', type: 'string', nullable: true, example: '203.0.113.7' })
  ip: string | null;

  @ApiProperty({
    description: 'The `User-Agent` at sign-in.',
    type: 'string',
    nullable: true,
    example: 'Mozilla/5.0 (X11; Linux x86_64)',
  })
  userAgent: string | null;

  @ApiProperty({
    description: 'The application that the user signed in to.',
    type: 'string',
    nullable: true,
    example: 'profile-page',
  })
  clientId: string | null;

  @ApiProperty({
    description: "Whether this is the caller's own session; null without an `Id-Token-Hint` that has a `sid` claim.",
    type: 'boolean',
    nullable: true,
    example: null,
  })
  current: boolean | null;
}

@ApiSchema({ description: 'The sessions of the user at Logto.' })
export class SessionsDto {
  @ApiProperty({ description: 'The sessions.', type: [SessionDto] })
  sessions: SessionDto[];
}

@ApiSchema({ description: 'The result of ending the other sessions.' })
export class EndedSessionsDto {
  @ApiProperty({ description: 'The number of sessions that were ended.', type: 'integer', example: 2 })
  ended: number;

  @ApiProperty({ description: "Whether the caller's own session was identified and spared.", example: true })
  currentSpared: boolean;
}
