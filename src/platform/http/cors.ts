import type { FastifyCorsOptions } from '@fastify/cors';

/** What pages of other origins may send and read; the origins come from the configuration. No cookies are used. */
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
  // An OPTIONS request that is no preflight gets a response too, rather than a plain-text 400.
  strictPreflight: false,
};
