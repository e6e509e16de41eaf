import type { SecurityHeadersOptions } from '@nestjs/common';

/** helmet's headers, tightened for an API: its responses are data, which nothing may embed, run or cache as a page. */
export const SECURITY_HEADERS: SecurityHeadersOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"] },
  },
  // The responses are meant for pages of other origins: CORS decides which.
  crossOriginResourcePolicy: { policy: 'cross-origin' },
  xFrameOptions: { action: 'deny' },
};
