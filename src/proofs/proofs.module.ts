import { Global, Module } from '@nestjs/common';
import { OwnSession } from './id-token-hint.js';
import { IdTokenVerifier } from './id-token.verifier.js';
import { ProofService } from './proof.service.js';

/** Gives ProofService to every feature; the guard of `@RequiresProof()` takes it from here. */
@Global()
@Module({
  providers: [ProofService, IdTokenVerifier, OwnSession],
  exports: [ProofService, IdTokenVerifier, OwnSession],
})
export class ProofsModule {}
