import { Global, Module } from '@nestjs/common';
import { IdTokenHints } from './id-token-hint.js';
import { IdTokenVerifier } from './id-token.verifier.js';
import { ProofService } from './proof.service.js';

/** Proofs of identity and of addresses, for every feature. */
@Global()
@Module({
  providers: [ProofService, IdTokenVerifier, IdTokenHints],
  exports: [ProofService, IdTokenVerifier, IdTokenHints],
})
export class ProofsModule {}
