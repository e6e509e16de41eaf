import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { callerOf } from './current-user.decorator.js';

/**
 * Rejects callers whose token lacks a scope. The caller was authenticated before the body was read; without a caller, only public
 * handlers are reached.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly config: AppConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.routeOptions.config.public) return true;
    const caller = callerOf(request);
    const { scopes } = this.config;
    const required = request.method === 'GET' || request.method === 'HEAD' ? scopes.read : scopes.write;
    if (!required.every((scope) => caller.scopes.has(scope))) {
      // RFC 6750 section 3.1
      const challenge = `Bearer error="insufficient_scope", scope="${required.join(' ')}"`;
      throw new ProblemError('insufficient_scope', { headers: { 'WWW-Authenticate': challenge } });
    }
    return true;
  }
}
