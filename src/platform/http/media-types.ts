export const MERGE_PATCH = 'application/merge-patch+json';

/** What `PATCH` takes, as `Accept-Patch` (RFC 5789 section 3.1) says it. */
export const ACCEPT_PATCH = `${MERGE_PATCH}, application/json`;
