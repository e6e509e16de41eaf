import { RouteConfig } from '@nestjs/platform-fastify';
import type { RouteOptions } from './route-options.js';

/**
 * Allows requests to a handler without an access token; all other handlers need one. Takes the handler's other route
 * options, too: Nest keeps one configuration per route, and a second decorator would replace the first.
 */
export const Public = (options: Omit<RouteOptions, 'public'> = {}): MethodDecorator =>
  RouteConfig({ ...options, public: true });
