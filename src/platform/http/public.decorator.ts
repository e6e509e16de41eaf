import { RouteConfig } from '@nestjs/platform-fastify';
import type { RouteOptions } from './route-options.js';

/**
 * Serves a handler without an access token. Every other one needs it. The handler's other route options go here too: Nest
 * keeps one configuration per route, and a second decorator would replace the first.
 */
export const Public = (options: Omit<RouteOptions, 'public'> = {}): MethodDecorator =>
  RouteConfig({ ...options, public: true });
