import { ApiExtraModels, ApiProperty, getSchemaPath, ApiSchema } from '@nestjs/swagger';
import { FIELD_PROOFS, type FieldProof } from '../../domain/fields/stores/known-field.js';
import { PROOF_KINDS, type ProofKind } from '../../platform/errors/proof-kinds.js';

/** What the user can currently do with a field. */
@ApiSchema({ description: 'What the user can currently do with a field.' })
export class FieldCapabilityDto {
  @ApiProperty({ description: 'Whether the document contains the field.', example: true })
  readable: boolean;

  @ApiProperty({ description: 'Whether a patch can change the field.', example: true })
  writable: boolean;

  @ApiProperty({
    description: 'The proofs that a change needs: none, of identity, or of identity and of the new address.',
    enum: FIELD_PROOFS,
    example: 'identity',
  })
  proof: FieldProof;
}

@ApiSchema({ description: 'What the user can currently do with each field, and the available proofs of identity.' })
@ApiExtraModels(FieldCapabilityDto)
export class CapabilitiesDto {
  @ApiProperty({
    description: 'The capabilities by field name.',
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(FieldCapabilityDto) },
    example: { primaryEmail: { readable: true, writable: true, proof: 'identity-and-address' } },
  })
  fields: Record<string, FieldCapabilityDto>;

  @ApiProperty({
    description: 'The proofs of identity that the user can currently give.',
    isArray: true,
    enum: PROOF_KINDS,
    example: ['password', 'email', 'signIn'],
  })
  proofs: ProofKind[];
}
