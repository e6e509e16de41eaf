import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../errors/problem-error.js';
import { handlerTakesBody } from '../patches/handler-takes-body.js';

/**
 * Rejects an empty body if the handler needs one. Runs as the first guard, so that a malformed request is reported as
 * such before permissions are checked.
 */
@Injectable()
export class BodyRequiredGuard implements CanActivate {
  private readonly takesBody = new WeakMap<object, boolean>();

  canActivate(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    let needed = this.takesBody.get(handler);
    if (needed === undefined) {
      needed = handlerTakesBody(context.getClass(), handler.name);
      this.takesBody.set(handler, needed);
    }
    if (needed && context.switchToHttp().getRequest<FastifyRequest>().body === undefined) {
      throw new ProblemError('malformed_request', { detail: { code: 'body_missing' } });
    }
    return true;
  }
}
