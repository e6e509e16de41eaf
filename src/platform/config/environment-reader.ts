/** Variables as `process.env` holds them. An empty one counts as missing. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration is wrong: one line for each variable at fault, none of which shows a value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Reads variables one by one and gathers what is wrong with them, so that one start names every fault. */
export class EnvironmentReader {
  readonly problems: string[] = [];

  constructor(private readonly environment: Environment) {}

  /** Whether it is set to something. */
  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  /** Its value, trimmed. */
  text(name: string): string | undefined {
    return this.environment[name]?.trim() || undefined;
  }

  /** Its value; reports a missing one, with what it means, and gives an empty one. */
  required(name: string, meaning: string): string {
    const value = this.text(name);
    if (value === undefined) this.problems.push(`${name} is missing: ${meaning}`);
    return value ?? '';
  }

  /** Parts between commas or spaces. */
  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(/[\s,]+/)
      .filter(Boolean);
  }

  /** A whole number; reports any other value, and one out of bounds, and gives undefined. */
  integer(name: string, { from, to }: { from: number; to: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= from && number <= to) return number;
    this.problems.push(`${name} must be a whole number from ${from} to ${to}`);
    return undefined;
  }

  /** Yes or no; reports what is neither, and gives undefined. */
  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (['true', '1', 'yes', 'on'].includes(value)) return true;
    if (['false', '0', 'no', 'off'].includes(value)) return false;
    this.problems.push(`${name} must be true or false`);
    return undefined;
  }

  /** One of a few words, in any case; reports any other, and gives undefined. */
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = values.find((each) => each === value.toLowerCase());
    if (!found) this.problems.push(`${name} must be one of ${values.join(', ')}`);
    return found;
  }

  /**
   * Reports `value` unless it is a URL of one of the protocols. Over HTTP it carries no credentials, which a failed
   * `fetch` would quote, and no query or fragment, which a path put behind it would land in.
   */
  url(name: string, value: string | undefined, protocols: readonly string[]): string | undefined {
    if (!value) return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (!url || !protocols.includes(url.protocol)) {
      this.problems.push(`${name} must be a URL starting with ${protocols.map((each) => `${each}//`).join(' or ')}`);
      return undefined;
    }
    const extra = url.username || url.password || url.search || url.hash;
    if (!url.protocol.startsWith('http') || !extra) return value;
    this.problems.push(`${name} must be a URL without credentials, query and fragment`);
    return undefined;
  }

  /** Throws a {@link ConfigurationError} when anything was wrong. */
  finish(): void {
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
  }
}
