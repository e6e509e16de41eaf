/** One element of a list (RFC 9110 section 5.6.1.2): an entity tag (section 8.8.3) or nothing; then a comma, or the end. */
const ELEMENT = /[ \t]*(?:(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(,|$)/y;

/**
 * What proxies that compress put behind the text of a tag: Apache names the encoding there. Others, such as nginx, mark the
 * tag as weak instead.
 */
const ENCODINGS = ['', '-gzip', '-br'];

/**
 * Whether `If-Match` (RFC 9110 section 13.1.1) allows a change: `*`, or a list with the tag. The service's own tag also
 * counts in the forms that proxies turn it into, weak or with `-gzip` or `-br` behind its text; docs/decisions/0017-entity-tags-behind-proxies.md
 * says why. A header that is neither matches nothing.
 * @param header as received; several lines are joined by commas
 * @param etag the strong tag of what there is, with its quotes
 */
export const ifMatch = (header: string, etag: string): boolean => matches(header, etag);

/**
 * Whether `If-None-Match` (RFC 9110 section 13.1.2) names what there is: `*`, or a list with the tag by weak comparison, in
 * the same forms as for {@link ifMatch}.
 * @param header as received; several lines are joined by commas
 * @param etag the strong tag of what there is, with its quotes
 */
export const ifNoneMatch = (header: string, etag: string): boolean => matches(header, etag);

function matches(header: string, etag: string): boolean {
  if (/^[ \t]*\*[ \t]*$/.test(header)) return true;
  const own = ENCODINGS.map((suffix) => etag.slice(1, -1) + suffix);
  return tagsIn(header).some((tag) => own.includes(tag));
}

/** The texts of the tags in a list, without quotes and whether weak or not; none when it is no list of tags. */
function tagsIn(header: string): string[] {
  const tags: string[] = [];
  for (let at = 0; ;) {
    ELEMENT.lastIndex = at;
    const [element, tag, end] = ELEMENT.exec(header) ?? [];
    if (element === undefined) return [];
    if (tag !== undefined) tags.push(tag);
    if (end === '') return tags;
    at += element.length;
  }
}
