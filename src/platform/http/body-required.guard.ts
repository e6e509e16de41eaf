import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../errors/problem-error.js';

/**
 * Refuses an empty body where the handler takes one. A guard, and the first one: unreadable requests are told so
 * before anything is said about permissions.
 */
@Injectable()
export class BodyRequiredGuard implements CanActivate {
  private readonly takesBody = new WeakMap<object, boolean>();

  canActivate(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    let needed = this.takesBody.get(handler);
    if (needed === undefined) {
      const parameters: object = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ?? {};
      needed = Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
      this.takesBody.set(handler, needed);
    }
    if (needed && context.switchToHttp().getRequest<FastifyRequest>().body === undefined) {
      throw new ProblemError('malformed_request', { detail: 'The body is missing.' });
    }
    return true;
  }
}
