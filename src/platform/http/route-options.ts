import 'fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';

/** What a route says about itself before its body is read; Nest's guards would come too late. */
export interface RouteOptions {
  /** Served without an access token. */
  readonly public?: boolean;
  /** The handler gets the bytes of the body as they came, whatever their media type. */
  readonly rawBody?: boolean;
}

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged into the interface of fastify
  interface FastifyContextConfig extends RouteOptions {}
}

/** Adds to what a handler's route says about itself (@RouteConfig() would replace it). Goes on methods. */
export function routeOptions(options: RouteOptions): MethodDecorator {
  return (_target, _key, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as object;
    const present = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as RouteOptions | undefined;
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...present, ...options }, handler);
  };
}

/** The handler takes the body's bytes (`@Body() body: Buffer`): for signatures over them. */
export const RawBody = () => routeOptions({ rawBody: true });
