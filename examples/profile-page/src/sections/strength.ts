/** The estimated bits of entropy at which each level starts. */
const LEVEL_BITS = [28, 45, 60, 80];

/**
 * Estimates the strength of a password, from 0 to 4, by its length and character types. Ignores repeated and
 * consecutive characters. This is only a hint; the service checks the actual password policy.
 */
export function estimateStrength(password: string): number {
  const characters = [...password];
  const alphabet = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].reduce(
    (sum, kind, i) => sum + (kind.test(password) ? [26, 26, 10, 33][i]! : 0),
    0,
  );
  const countedCharacters = characters.filter((character, i) => {
    const step = i === 0 ? 2 : Math.abs(character.codePointAt(0)! - characters[i - 1]!.codePointAt(0)!);
    return step > 1;
  }).length;
  const bits = countedCharacters * Math.log2(Math.max(alphabet, 2));
  return LEVEL_BITS.filter((level) => bits >= level).length;
}
