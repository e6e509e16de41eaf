import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { IdTokenVerifier } from '../../domain/proofs/id-token.verifier.js';
import { ProofService, type IssuedProof } from '../../domain/proofs/proof.service.js';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import type { DetailMessage } from '../../platform/errors/messages/messages.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { SignInNonceRepository } from './sign-in-nonce.repository.js';
import type { SignInChallengeDto } from './sign-in.dto.js';

/** How long before the challenge a sign-in may have been, in seconds. Both times are by Logto's clock. */
const BEFORE_CHALLENGE_S = 5;
/** How far in the future a sign-in may be, in seconds: several servers of a tenant differ a little. */
const IN_FUTURE_S = 60;

/** Proofs by a fresh sign-in at Logto, with everything that the tenant requires there, such as second factors. */
@Injectable()
export class SignInService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly nonces: SignInNonceRepository,
    private readonly idTokens: IdTokenVerifier,
    private readonly proofs: ProofService,
  ) {}

  async challenge(caller: Caller): Promise<SignInChallengeDto> {
    this.proofs.rejectImpersonation(caller);
    const { at } = await this.users.readTimed(caller.userId);
    const { nonce, expiresAt } = await this.nonces.create(caller, new Date(at * 1000));
    return { nonce, maxAge: 0, expiresAt: expiresAt.toISOString() };
  }

  /**
   * Issues a proof for an ID token. Throws `invalid_proof` unless Logto issued the token for this user and client, with
   * an unused nonce of theirs, and after a sign-in that was not before the challenge. A rejected token does not consume
   * the nonce.
   */
  async verify(caller: Caller, idToken: string): Promise<IssuedProof> {
    this.proofs.rejectImpersonation(caller);
    const { at } = await this.users.readTimed(caller.userId);
    const { nonce, authTime } = (await this.idTokens.verify(caller, idToken)) ?? reject({ code: 'id_token_rejected' });
    if (nonce === undefined) return reject({ code: 'id_token_without_nonce' });
    const challengedAt = await this.nonces.createdAt(caller, nonce);
    if (!challengedAt) return reject({ code: 'nonce_not_valid' });
    // Logto omits `auth_time` unless `max_age` was requested.
    if (authTime === undefined) return reject({ code: 'id_token_without_auth_time' });
    if (authTime < challengedAt.getTime() / 1000 - BEFORE_CHALLENGE_S)
      return reject({ code: 'sign_in_before_challenge' });
    if (authTime > at + IN_FUTURE_S) return reject({ code: 'sign_in_in_future' });
    const securityEpoch = await this.nonces.consume(caller, nonce);
    if (securityEpoch === undefined) return reject({ code: 'nonce_not_valid' });
    const proof = await this.proofs.issue(caller, 'signIn', { provesIdentity: true, securityEpoch });
    return proof ?? reject({ code: 'nonce_not_valid' });
  }
}

function reject(detail: DetailMessage): never {
  // RFC 9470: the access token is valid, but the authentication is not sufficient.
  const headers = { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication"' };
  throw new ProblemError('invalid_proof', { detail, headers });
}
