/**
 * Compares recorded with actual values. Ids, times and tokens differ between runs and are compared by shape.
 * The first actual id in the place of a recorded id is bound to it. From then on, the two must match.
 */
export class Comparison {
  #ids = new Map<string, string>();

  /** @param addresses actual addresses by recorded address */
  constructor(private readonly addresses: Record<string, string>) {}

  /** Replaces recorded ids and addresses with those of this run. */
  translate(text: string): string {
    const withAddresses = Object.entries(this.addresses).reduce(
      (result, [from, to]) => result.replaceAll(from, to),
      text,
    );
    return withAddresses.replaceAll(/[\w-]{12,}/g, (word) => this.#ids.get(word) ?? word);
  }

  /** Makes a recorded id stand for an actual one. */
  bind(recorded: string, actual: string): void {
    this.#ids.set(recorded, actual);
  }

  /** Describes each difference. Returns an empty list if the values match. */
  findDifferences(recorded: unknown, actual: unknown, path = '$'): string[] {
    if (typeof recorded === 'string' && typeof actual === 'string') return this.#compareTexts(recorded, actual, path);
    if (typeof recorded === 'number' && typeof actual === 'number' && isTime(recorded) && isTime(actual)) return [];
    if (Array.isArray(recorded) && Array.isArray(actual)) {
      if (recorded.length !== actual.length) return [`${path}: ${actual.length} items instead of ${recorded.length}`];
      return recorded.flatMap((item, index) => this.findDifferences(item, actual[index], `${path}[${index}]`));
    }
    if (isObject(recorded) && isObject(actual)) {
      const expected = Object.keys(recorded).map((key) => this.translate(key));
      const keys = Object.keys(actual);
      if ([...expected].sort().join() !== [...keys].sort().join()) {
        return [`${path}: keys ${keys.join()} instead of ${expected.join()}`];
      }
      return Object.entries(recorded).flatMap(([key, value]) =>
        this.findDifferences(value, actual[this.translate(key)], `${path}.${key}`),
      );
    }
    return recorded === actual ? [] : [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(recorded)}`];
  }

  #compareTexts(recorded: string, received: string, path: string): string[] {
    const expected = this.translate(removeVolatileParts(recorded));
    const actual = removeVolatileParts(received);
    if (expected === actual) return [];
    const isLabel = /^(?:pat_)?<[^>]+>$/.test(recorded);
    if (isLabel && actual.length > 0) return [];
    if (isIsoTime(recorded) && isIsoTime(actual)) return [];
    if (haveSameShape(recorded, actual) && !this.#ids.has(recorded)) {
      this.bind(recorded, actual);
      return [];
    }
    return [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Whether a number looks like recent seconds or milliseconds since the epoch. */
const isTime = (value: number): boolean =>
  Number.isInteger(value) && ((value > 1e9 && value < 5e9) || (value > 1e12 && value < 5e12));

const isIsoTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);

/** Logto's ids (12 or 21 characters), oidc-provider's ids (43), and key material (64 or more). */
const SHAPES = [/^[\da-z]{12}$/, /^[\da-z]{21}$/, /^[\w-]{43}$/, /^[\w-]{64,}$/];

const haveSameShape = (a: string, b: string): boolean => SHAPES.some((shape) => shape.test(a) && shape.test(b));

/** Removes the XSRF token of the sign-out form, and the request options in errors of Logto's HTTP client. */
const removeVolatileParts = (text: string): string =>
  text.replace(/(?<=name="xsrf" value=")[^"]+/, '').replace(/^(HTTPError: .*"request":{})(?:,"options":.*)?}$/s, '$1');
