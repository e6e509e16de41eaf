import type { FastifyCorsOptions } from '@fastify/cors';
import type { AppConfig } from '../config/app-config.js';

const ALLOWED_HEADERS = [
  ...['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Idempotency-Key', 'Verification-Id'],
  ...['Id-Token-Hint', 'Cache-Control', 'X-Request-Id'],
  // Tracing libraries add these to every request (W3C Trace Context and Baggage, Sentry).
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
];

/** The requests and response headers that CORS allows. No cookies are used. */
export const corsOptions = ({ corsOrigins, corsAllowedHeaders }: AppConfig): FastifyCorsOptions => ({
  origin: [...corsOrigins],
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [...ALLOWED_HEADERS, ...corsAllowedHeaders],
  exposedHeaders: [
    'ETag',
    'Retry-After',
    'RateLimit',
    'RateLimit-Policy',
    'WWW-Authenticate',
    'X-Request-Id',
    'Age',
    'Warning',
  ],
  maxAge: 7200,
  // Otherwise, an OPTIONS request that is not a preflight would get a plain-text 400.
  strictPreflight: false,
});
