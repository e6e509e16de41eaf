import { ApiProperty, getSchemaPath, ApiExtraModels } from '@nestjs/swagger';
import type { FieldProof } from '../../domain/fields/stores/known-field.js';
import type { ProofKind } from '../../domain/proofs/proof.service.js';

/** What may be done with a field now. */
export class FieldCapabilityDto {
  @ApiProperty({ description: 'Whether the document shows it.', example: true })
  readable: boolean;

  @ApiProperty({ description: 'Whether a patch may change it.', example: true })
  writable: boolean;

  @ApiProperty({
    description: 'What a change needs: nothing, a proof of identity, or that and one of the new address.',
    enum: ['none', 'identity', 'identity-and-address'],
    example: 'identity',
  })
  proof: FieldProof;
}

@ApiExtraModels(FieldCapabilityDto)
export class CapabilitiesDto {
  @ApiProperty({
    description: 'By field.',
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(FieldCapabilityDto) },
    example: { primaryEmail: { readable: true, writable: true, proof: 'identity-and-address' } },
  })
  fields: Record<string, FieldCapabilityDto>;

  @ApiProperty({
    description: 'The proofs of identity that this user can give now.',
    isArray: true,
    enum: ['password', 'email', 'phone', 'signIn'],
    example: ['password', 'email', 'signIn'],
  })
  proofs: ProofKind[];
}
