/**
 * The `Cache-Control` of a response with personal data: it must not be cached, compressed or otherwise changed on its
 * way (RFC 9111 sections 5.2.2.5 and 5.2.2.6). Some proxies compress it all the same.
 */
export const PRIVATE_RESPONSE = 'no-store, no-transform';

/** Whether the `Cache-Control` of a request contains `no-cache` (RFC 9111 section 5.2.1.4). */
export const hasNoCache = (cacheControl = ''): boolean => /(^|[\s,])no-cache\b/i.test(cacheControl);
