import { Global, Module } from '@nestjs/common';
import { ProofService } from './proof.service.js';

/** Gives ProofService to every feature; the guard of `@RequiresProof()` takes it from here. */
@Global()
@Module({ providers: [ProofService], exports: [ProofService] })
export class ProofsModule {}
