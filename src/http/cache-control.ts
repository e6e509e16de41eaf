/** Whether a request's `Cache-Control` says `no-cache` (RFC 9111 section 5.2.1.4): the caller wants no stored answer. */
export const asksAfresh = (cacheControl = ''): boolean => /(^|[\s,])no-cache\b/i.test(cacheControl);
