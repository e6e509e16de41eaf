import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { Caller } from '../access/caller.js';
import { IdTokenVerifier } from './id-token.verifier.js';

/** Identifies the session of a caller by an ID token, since access tokens do not contain it. */
@Injectable()
export class IdTokenHintService {
  constructor(private readonly idTokens: IdTokenVerifier) {}

  /**
   * Returns the `sid` of the caller's session; undefined if it is not known. Throws `validation_failed` for an invalid
   * hint.
   */
  async sid(caller: Caller, hint: string | undefined): Promise<string | undefined> {
    if (hint === undefined) return undefined;
    const claims = await this.idTokens.verify(caller, hint);
    if (claims) return claims.sid;
    throw new ProblemError('validation_failed', {
      errors: [{ pointer: 'header:Id-Token-Hint', code: 'invalid_id_token' }],
    });
  }
}
