import 'fastify';

/** What a route says about itself before its body is read; Nest's guards would come too late. */
export interface RouteOptions {
  /** Served without an access token. */
  readonly public?: boolean;
  /** The handler gets the bytes of the body as they came (`@Body() body: Buffer`), whatever their media type. */
  readonly rawBody?: boolean;
}

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged into the interface of fastify
  interface FastifyContextConfig extends RouteOptions {}
}
