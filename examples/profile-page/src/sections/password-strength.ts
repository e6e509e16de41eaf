/** The estimated bits of entropy at which each level starts. */
const LEVEL_BITS = [28, 45, 60, 80];

/**
 * Estimates the strength of a password from 0 to 4, based on its length and character types. Does not count repeated
 * and consecutive characters. This is only a hint, because the service checks the actual password policy.
 */
export function estimateStrength(password: string): number {
  const characters = [...password];
  const alphabetSize = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].reduce(
    (sum, kind, i) => sum + (kind.test(password) ? [26, 26, 10, 33][i]! : 0),
    0,
  );
  const countedCharacters = characters.filter((character, i) => {
    const step = i === 0 ? 2 : Math.abs(character.codePointAt(0)! - characters[i - 1]!.codePointAt(0)!);
    return step > 1;
  }).length;
  const bits = countedCharacters * Math.log2(Math.max(alphabetSize, 2));
  return LEVEL_BITS.filter((level) => bits >= level).length;
}
