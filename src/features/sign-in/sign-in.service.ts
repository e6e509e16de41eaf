import { Injectable } from '@nestjs/common';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import type { Caller } from '../../domain/access/caller.js';
import type { DetailMessage } from '../../platform/errors/messages/messages.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { IdTokenVerifier } from '../../domain/proofs/id-token.verifier.js';
import { ProofService, type IssuedProof } from '../../domain/proofs/proof.service.js';
import type { SignInChallengeDto } from './sign-in.dto.js';
import { SignInNonceRepository } from './sign-in-nonce.repository.js';

/** `auth_time` is in whole seconds of Logto's clock, the challenge in milliseconds of ours. */
const AUTH_TIME_MARGIN_MS = 5_000;

/** A fresh sign-in at Logto as proof: with whatever the tenant demands there, passkeys and second factors included. */
@Injectable()
export class SignInService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly nonces: SignInNonceRepository,
    private readonly idTokens: IdTokenVerifier,
    private readonly proofs: ProofService,
  ) {}

  async challenge(caller: Caller): Promise<SignInChallengeDto> {
    await this.users.readFresh(caller.userId);
    const { nonce, expiresAt } = await this.nonces.make(caller);
    return { nonce, maxAge: 0, expiresAt: expiresAt.toISOString() };
  }

  /**
   * Throws invalid_proof unless the token is Logto's, for this user and client, with a nonce of theirs that was not used,
   * from a sign-in that did not happen before the challenge. A rejected one does not consume the nonce.
   */
  async verify(caller: Caller, idToken: string): Promise<IssuedProof> {
    await this.users.readFresh(caller.userId);
    const { nonce, authTime } = (await this.idTokens.verify(caller, idToken)) ?? reject({ code: 'id_token_rejected' });
    if (nonce === undefined) return reject({ code: 'id_token_without_nonce' });
    const madeAt = await this.nonces.madeAt(caller, nonce);
    if (!madeAt) return reject({ code: 'nonce_not_valid' });
    // Logto leaves `auth_time` out unless `max_age` was asked for.
    if (authTime === undefined) return reject({ code: 'id_token_without_auth_time' });
    if (authTime * 1000 < madeAt.getTime() - AUTH_TIME_MARGIN_MS) return reject({ code: 'sign_in_before_challenge' });
    const securityEpoch = await this.nonces.use(caller, nonce);
    if (securityEpoch === undefined) return reject({ code: 'nonce_not_valid' });
    const proof = await this.proofs.issue(caller, 'signIn', { provesIdentity: true, securityEpoch });
    return proof ?? reject({ code: 'nonce_not_valid' });
  }
}

function reject(detail: DetailMessage): never {
  // RFC 9470: the access token is valid, and the sign-in is not good enough.
  const headers = { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication"' };
  throw new ProblemError('invalid_proof', { detail, headers });
}
