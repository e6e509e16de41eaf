import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { PROOF_KINDS, type ProofKind } from '../../platform/errors/proof-kinds.js';
import type { IssuedProof } from './proof.service.js';

/** The documentation of an issued proof. */
@ApiSchema({ description: 'A proof that allows one change.' })
export class IssuedProofDto implements IssuedProof {
  @ApiProperty({
    description: 'Send it in the `Verification-Id` header of the change. It allows one change.',
    example: 'q1X0m3Zk6yB2uC9dE8fG7hI5jK4lM3nO2pQ1rS0tU9v',
  })
  verificationId: string;

  @ApiProperty({
    description: 'The kind of the proof.',
    enum: PROOF_KINDS,
    enumName: 'ProofKind',
    enumSchema: { description: 'A kind of proof.' },
    example: 'password',
  })
  kind: ProofKind;

  @ApiProperty({ description: 'When the proof expires.', format: 'date-time', example: '2026-11-23T10:10:00.000Z' })
  expiresAt: string;
}
