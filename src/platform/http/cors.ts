import type { FastifyCorsOptions } from '@fastify/cors';

/** The requests and response headers that CORS allows; the origins are configured. No cookies are used. */
export const CORS: FastifyCorsOptions = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'Verification-Id',
    'Id-Token-Hint',
    'Cache-Control',
    'X-Request-Id',
  ],
  exposedHeaders: ['ETag', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'WWW-Authenticate', 'X-Request-Id'],
  maxAge: 7200,
  // Otherwise, an OPTIONS request that is not a preflight would get a plain-text 400.
  strictPreflight: false,
};
