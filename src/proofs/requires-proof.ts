import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AccountReader } from '../account/account-reader.service.js';
import { callerOf } from '../auth/current-user.js';
import { ProofService, type ProofSelection } from './proof.service.js';
import { parseVerificationIds } from './verification-ids.js';

type ProvenRequest = FastifyRequest & { proof?: ProofSelection };

/** Lets a request pass whose `Verification-Id` proves its caller's identity now; nothing is used up yet. */
@Injectable()
class StepUpGuard implements CanActivate {
  constructor(
    private readonly proofs: ProofService,
    private readonly accounts: AccountReader,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ProvenRequest>();
    const caller = callerOf(request);
    const user = await this.accounts.fresh(caller.userId);
    const ids = parseVerificationIds(request.headers['verification-id']);
    request.proof = await this.proofs.select(caller, ids, { identity: true }, user);
    return true;
  }
}

/** Documents the `Verification-Id` header of a route. */
export const ApiVerificationId = (): MethodDecorator =>
  ApiHeader({
    name: 'Verification-Id',
    required: false,
    description: 'Ids of fresh proofs, separated by commas.',
    schema: { type: 'string', example: 'q1X0m3Zk6yB2uC9dE8fG7hI5jK4lM3nO2pQ1rS0tU9v' },
  });

/**
 * A route without a body that needs a proof of identity. It passes the guard with one; its handler takes it as `@Proof()`
 * and does the change within ProofService.spend, which uses the proof up. (A route with a body asks ProofService itself:
 * guards run before the body is validated, and bad input comes before a missing proof.)
 */
export const RequiresProof = (): MethodDecorator => applyDecorators(UseGuards(StepUpGuard), ApiVerificationId());

/** The selection that let the request pass `@RequiresProof()`. */
export const Proof = createParamDecorator(
  (_data: unknown, context: ExecutionContext): ProofSelection =>
    context.switchToHttp().getRequest<ProvenRequest>().proof!,
);
