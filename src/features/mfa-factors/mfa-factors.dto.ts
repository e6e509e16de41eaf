import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'A second factor.' })
export class MfaFactorDto {
  @ApiProperty({ description: 'The ID of the factor.', example: 'd7xim05vnk0zclgi7hlri' })
  id: string;

  @ApiProperty({ description: 'The type, as Logto names it.', example: 'Totp' })
  type: string;

  @ApiProperty({ description: 'When the factor was added.', format: 'date-time', example: '2026-11-22T22:45:01.809Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When the factor was last used; null if it is not known.',
    format: 'date-time',
    type: 'string',
    nullable: true,
    example: null,
  })
  lastUsedAt: string | null;

  @ApiProperty({ description: 'The name that the user gave a passkey.', type: 'string', nullable: true, example: null })
  name: string | null;

  @ApiProperty({ description: 'The number of unused backup codes.', type: 'integer', nullable: true, example: null })
  remainingCodes: number | null;
}

@ApiSchema({ description: 'The second factors of the user.' })
export class MfaFactorsDto {
  @ApiProperty({ description: 'The factors.', type: [MfaFactorDto] })
  factors: MfaFactorDto[];
}
