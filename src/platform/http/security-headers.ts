import type { SecurityHeadersOptions } from '@nestjs/common';

/** The headers of helmet, tightened for an API: its responses must not be embedded in or run as a page. */
export const SECURITY_HEADERS: SecurityHeadersOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"] },
  },
  // Pages of other origins read the responses: CORS decides which.
  crossOriginResourcePolicy: { policy: 'cross-origin' },
  xFrameOptions: { action: 'deny' },
};
