/**
 * Ids, times and tokens differ from run to run and are compared by shape; an id must moreover stand for
 * the same thing each time, so a recorded id is bound to the one seen in its place.
 */
export class Comparison {
  #ids = new Map<string, string>();

  /** @param hosts recorded addresses and what stands for them here */
  constructor(private readonly hosts: Record<string, string>) {}

  /** A recorded text with ids and addresses as they are in this run. */
  translate(text: string): string {
    const hosted = Object.entries(this.hosts).reduce((result, [from, to]) => result.replaceAll(from, to), text);
    return hosted.replaceAll(/[\w-]{12,}/g, (word) => this.#ids.get(word) ?? word);
  }

  bind(recorded: string, actual: string): void {
    this.#ids.set(recorded, actual);
  }

  /** Where the actual value differs from the recorded one, in words; empty when it does not. */
  differences(recorded: unknown, actual: unknown, path = '$'): string[] {
    if (typeof recorded === 'string' && typeof actual === 'string') return this.#texts(recorded, actual, path);
    if (typeof recorded === 'number' && typeof actual === 'number' && isTime(recorded) && isTime(actual)) return [];
    if (Array.isArray(recorded) && Array.isArray(actual)) {
      if (recorded.length !== actual.length) return [`${path}: ${actual.length} items instead of ${recorded.length}`];
      return recorded.flatMap((item, index) => this.differences(item, actual[index], `${path}[${index}]`));
    }
    if (isObject(recorded) && isObject(actual)) {
      const expected = Object.keys(recorded).map((key) => this.translate(key));
      const keys = Object.keys(actual);
      if ([...expected].sort().join() !== [...keys].sort().join()) {
        return [`${path}: keys ${keys.join()} instead of ${expected.join()}`];
      }
      return Object.entries(recorded).flatMap(([key, value]) =>
        this.differences(value, actual[this.translate(key)], `${path}.${key}`),
      );
    }
    return recorded === actual ? [] : [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(recorded)}`];
  }

  #texts(recorded: string, given: string, path: string): string[] {
    const expected = this.translate(withoutVolatile(recorded));
    const actual = withoutVolatile(given);
    if (expected === actual) return [];
    const isLabel = /^(?:pat_)?<[^>]+>$/.test(recorded);
    if (isLabel && actual.length > 0) return [];
    if (isIsoTime(recorded) && isIsoTime(actual)) return [];
    if (sameShape(recorded, actual) && !this.#ids.has(recorded)) {
      this.bind(recorded, actual);
      return [];
    }
    return [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Seconds or milliseconds since the epoch, in this century. */
const isTime = (value: number): boolean =>
  Number.isInteger(value) && ((value > 1e9 && value < 5e9) || (value > 1e12 && value < 5e12));

const isIsoTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);

/** Logto's own ids (12 or 21 characters), oidc-provider's (43), and the numbers of keys of any size. */
const shapes = [/^[\da-z]{12}$/, /^[\da-z]{21}$/, /^[\w-]{43}$/, /^[\w-]{64,}$/];

const sameShape = (a: string, b: string): boolean => shapes.some((shape) => shape.test(a) && shape.test(b));

/** Leaves out the secret of the sign-out form, and the settings that Logto's HTTP client adds to an error. */
const withoutVolatile = (text: string): string =>
  text.replace(/(?<=name="xsrf" value=")[^"]+/, '').replace(/^(HTTPError: .*"request":{})(?:,"options":.*)?}$/s, '$1');
