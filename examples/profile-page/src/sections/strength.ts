/** Rough bits of guessing work a level starts at. */
const LEVELS = [28, 45, 60, 80];

/**
 * How hard a password looks to guess, 0 to 4: by its length and kinds of characters, repeats and runs counting little.
 * A hint while typing; what counts is the service's answer, which knows words and leaked passwords.
 */
export function strengthOf(password: string): number {
  const characters = [...password];
  const alphabet = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].reduce(
    (sum, kind, i) => sum + (kind.test(password) ? [26, 26, 10, 33][i]! : 0),
    0,
  );
  const telling = characters.filter((character, i) => {
    const step = i === 0 ? 2 : Math.abs(character.codePointAt(0)! - characters[i - 1]!.codePointAt(0)!);
    return step > 1;
  }).length;
  const bits = telling * Math.log2(Math.max(alphabet, 2));
  return LEVELS.filter((level) => bits >= level).length;
}
