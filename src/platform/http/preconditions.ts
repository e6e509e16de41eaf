/**
 * An element of a list (RFC 9110 section 5.6.1.2): an entity tag (section 8.8.3) or nothing, then a comma or the end.
 */
const ELEMENT = /[ \t]*(?:(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(,|$)/y;

/**
 * Suffixes that proxies append to a tag when they compress a response: Apache names the encoding. Others, such as
 * nginx, mark the tag as weak instead.
 */
const ENCODING_SUFFIXES = ['', '-gzip', '-br'];

/**
 * Whether `If-Match` or `If-None-Match` (RFC 9110 sections 13.1.1 and 13.1.2) matches the current version: `*`, or a
 * list that contains its tag. One function for both, since If-Match also accepts the forms into which proxies change a
 * tag: weak, or with `-gzip` or `-br` appended (docs/decisions/0017-entity-tags-behind-proxies.md). A malformed header
 * matches nothing.
 * @param header as received; several lines are joined by commas
 * @param etag the strong tag of the current version, with its quotes
 */
export function matchesEntityTag(header: string, etag: string): boolean {
  if (/^[ \t]*\*[ \t]*$/.test(header)) return true;
  const forms = ENCODING_SUFFIXES.map((suffix) => etag.slice(1, -1) + suffix);
  return parseTags(header).some((tag) => forms.includes(tag));
}

/** Returns the tags in a list, without quotes and weakness marks; none if the list is malformed. */
function parseTags(header: string): string[] {
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
