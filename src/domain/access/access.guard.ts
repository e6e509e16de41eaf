import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { callerOf } from './current-user.decorator.js';

/**
 * Whether the caller may do this at all: their application is served, and the token has the scopes. Who they are was
 * settled before the body was read. A handler that is not public, and is reached without a caller, is rejected here.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly config: AppConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.routeOptions.config.public) return true;
    const caller = callerOf(request);
    const { allowedClientIds, scopes } = this.config;
    if (allowedClientIds.length > 0 && !allowedClientIds.includes(caller.clientId)) {
      throw new ProblemError('client_not_allowed');
    }
    const needed = request.method === 'GET' || request.method === 'HEAD' ? scopes.read : scopes.write;
    if (!needed.every((scope) => caller.scopes.has(scope))) {
      // RFC 6750 section 3.1
      const challenge = `Bearer error="insufficient_scope", scope="${needed.join(' ')}"`;
      throw new ProblemError('insufficient_scope', { headers: { 'WWW-Authenticate': challenge } });
    }
    return true;
  }
}
