import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { IdTokenVerifier } from './id-token.verifier.js';

/** An access token does not say which session it came from; a page may say so by its ID token. */
@Injectable()
export class IdTokenHintService {
  constructor(private readonly idTokens: IdTokenVerifier) {}

  /** The `sid` of the caller's session at Logto; undefined when nobody says. Throws validation_failed for a bad hint. */
  async sid(caller: Caller, hint: string | undefined): Promise<string | undefined> {
    if (hint === undefined) return undefined;
    const claims = await this.idTokens.verify(caller, hint);
    if (claims) return claims.sid;
    throw new ProblemError('validation_failed', {
      errors: [{ pointer: 'header:Id-Token-Hint', code: 'invalid_id_token' }],
    });
  }
}
