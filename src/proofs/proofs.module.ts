import { Global, Module } from '@nestjs/common';
import { IdTokenHints } from './id-token-hint.js';
import { IdTokenVerifier } from './id-token.verifier.js';
import { ProofService } from './proof.service.js';

/** Gives ProofService to every feature; the guard of `@RequiresProof()` takes it from here. */
@Global()
@Module({
  providers: [ProofService, IdTokenVerifier, IdTokenHints],
  exports: [ProofService, IdTokenVerifier, IdTokenHints],
})
export class ProofsModule {}
