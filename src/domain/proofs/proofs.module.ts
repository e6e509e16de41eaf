import { Global, Module } from '@nestjs/common';
import { AddressProtectionService } from './address-protection.service.js';
import { IdTokenHintService } from './id-token-hint.service.js';
import { IdTokenVerifier } from './id-token.verifier.js';
import { ProofService } from './proof.service.js';

/** Proofs of identity and of addresses, for every feature. */
@Global()
@Module({
  providers: [ProofService, AddressProtectionService, IdTokenVerifier, IdTokenHintService],
  exports: [ProofService, AddressProtectionService, IdTokenVerifier, IdTokenHintService],
})
export class ProofsModule {}
