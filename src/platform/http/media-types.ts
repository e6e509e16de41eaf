export const MERGE_PATCH = 'application/merge-patch+json';

/** The `Accept-Patch` header (RFC 5789 section 3.1): the media types that `PATCH` accepts. */
export const ACCEPT_PATCH = `${MERGE_PATCH}, application/json`;

export const FORM = 'application/x-www-form-urlencoded';
