import { ApiProperty } from '@nestjs/swagger';

export class MfaFactorDto {
  @ApiProperty({ example: 'd7xim05vnk0zclgi7hlri' })
  id: string;

  @ApiProperty({ description: 'The type, as Logto names it.', example: 'Totp' })
  type: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T22:45:01.809Z' })
  createdAt: string;

  @ApiProperty({ format: 'date-time', type: 'string', nullable: true, example: null })
  lastUsedAt: string | null;

  @ApiProperty({ description: 'The name that the user gave a passkey.', type: 'string', nullable: true, example: null })
  name: string | null;

  @ApiProperty({ description: 'The number of unused backup codes.', type: 'integer', nullable: true, example: null })
  remainingCodes: number | null;
}

export class MfaFactorsDto {
  @ApiProperty({ type: [MfaFactorDto] })
  factors: MfaFactorDto[];
}
