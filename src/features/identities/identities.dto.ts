import { ApiProperty } from '@nestjs/swagger';

export class IdentityDto {
  @ApiProperty({
    description: 'The provider of a social identity, or the issuer of an enterprise identity.',
    example: 'github',
  })
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
