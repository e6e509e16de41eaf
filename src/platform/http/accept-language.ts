/**
 * The language to answer in, of those `available`, by `Accept-Language` (RFC 9110 section 12.5.4, matched as RFC 4647's
 * lookup does: `de-AT` gets `de`). The first available one when nothing fits.
 */
export function negotiateLanguage<T extends string>(header: string | undefined, available: readonly [T, ...T[]]): T {
  const wanted = (header ?? '')
    .slice(0, 512)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return { tag, weight: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
  for (const { tag } of wanted) {
    const found = available.find((each) => tag === each.toLowerCase() || tag.startsWith(`${each.toLowerCase()}-`));
    if (found) return found;
    if (tag === '*') break;
  }
  return available[0];
}
