/**
 * `Cache-Control` of a response with personal data: no cache keeps it, and no proxy on the way compresses or otherwise changes it
 * (RFC 9111 sections 5.2.2.5 and 5.2.2.6). Some proxies compress it all the same.
 */
export const PRIVATE_RESPONSE = 'no-store, no-transform';

/** Whether a request's `Cache-Control` says `no-cache` (RFC 9111 section 5.2.1.4): the caller wants no stored response. */
export const asksAfresh = (cacheControl = ''): boolean => /(^|[\s,])no-cache\b/i.test(cacheControl);
