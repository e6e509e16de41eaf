/** RFC 9110 section 8.8.3. Anything else in a list of tags matches nothing. */
const TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

const tagsIn = (header: string): { weak: boolean; tag: string }[] =>
  [...header.matchAll(TAG)].map(([, weak, tag]) => ({ weak: weak !== undefined, tag: tag! }));

/** If-Match (RFC 9110 section 13.1.1): strong comparison, so a weak tag never matches; `*` matches what exists. */
export const ifMatch = (header: string, etag: string): boolean =>
  header.trim() === '*' || tagsIn(header).some(({ weak, tag }) => !weak && tag === etag);

/** If-None-Match (RFC 9110 section 13.1.2): weak comparison; true when the answer would be what the client has. */
export const ifNoneMatch = (header: string, etag: string): boolean =>
  header.trim() === '*' || tagsIn(header).some(({ tag }) => tag === etag);
