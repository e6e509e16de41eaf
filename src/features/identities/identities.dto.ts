import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'A social or enterprise identity.' })
export class IdentityDto {
  @ApiProperty({
    description: 'The provider of a social identity, or the issuer of an enterprise identity.',
    example: 'github',
  })
  target: string;

  @ApiProperty({
    description: 'The kind of the identity.',
    enum: ['social', 'enterprise'],
    example: 'social',
  })
  type: 'social' | 'enterprise';

  @ApiProperty({
    description: 'The name of the user at the provider.',
    type: 'string',
    nullable: true,
    example: 'Alice Example',
  })
  name: string | null;

  @ApiProperty({
    description: 'The email address of the user at the provider.',
    type: 'string',
    nullable: true,
    example: 'alice@example.com',
  })
  email: string | null;
}

@ApiSchema({ description: 'The identities of the user.' })
export class IdentitiesDto {
  @ApiProperty({ description: 'The identities.', type: [IdentityDto] })
  identities: IdentityDto[];
}
