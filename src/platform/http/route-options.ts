import 'fastify';
import type { FORM } from './media-types.js';

/** Options of a route that are needed before the body is read. Nest's guards run too late for them. */
export interface RouteOptions {
  /** Served without an access token. */
  readonly public?: boolean;
  /** The handler receives the raw body (`@Body() body: Buffer`) of this media type. */
  readonly rawBody?: 'application/json' | typeof FORM;
}

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged into the interface of fastify
  interface FastifyContextConfig extends RouteOptions {}
}
