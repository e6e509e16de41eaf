/** Environment variables, such as `process.env`. An empty variable counts as missing. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration is invalid. The message has a line for each invalid variable, without its value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Reads variables one by one and collects the problems, so that a failed start reports all of them. */
export class EnvironmentReader {
  readonly problems: string[] = [];

  constructor(private readonly environment: Environment) {}

  /** Whether the variable is set and not empty. */
  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  /** The value, trimmed. */
  text(name: string): string | undefined {
    return this.environment[name]?.trim() || undefined;
  }

  /** The value. If it is missing, reports that with its `meaning` and returns an empty string. */
  required(name: string, meaning: string): string {
    const value = this.text(name);
    if (value === undefined) this.problems.push(`${name} is missing: ${meaning}`);
    return value ?? '';
  }

  /** The parts of the value, which are separated by commas or spaces. */
  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(/[\s,]+/)
      .filter(Boolean);
  }

  /** A whole number. Reports any other value and returns undefined. */
  integer(name: string, { from, to }: { from: number; to: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= from && number <= to) return number;
    this.problems.push(`${name} must be a whole number from ${from} to ${to}`);
    return undefined;
  }

  /** A boolean. Reports any other value and returns undefined. */
  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (['true', '1', 'yes', 'on'].includes(value)) return true;
    if (['false', '0', 'no', 'off'].includes(value)) return false;
    this.problems.push(`${name} must be true or false`);
    return undefined;
  }

  /** One of the values, in any letter case. Reports any other value and returns undefined. */
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = values.find((each) => each === value.toLowerCase());
    if (!found) this.problems.push(`${name} must be one of ${values.join(', ')}`);
    return found;
  }

  /**
   * Reports `value` and returns undefined unless it is a URL with one of the protocols. An HTTP URL must not contain
   * credentials, which the error of a failed `fetch` would quote, or a query or fragment, since paths are appended to
   * it.
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

  /** Throws a {@link ConfigurationError} if there were problems. */
  finish(): void {
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
  }
}
