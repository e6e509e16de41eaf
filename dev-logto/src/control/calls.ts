import { operationMatcher } from './faults.js';

/** Counts the calls that came, so that a test can say how many it caused. */
export class Calls {
  #counts = new Map<string, number>();

  record(method: string, url: string): void {
    const query = url.indexOf('?');
    const call = `${method} ${query === -1 ? url : url.slice(0, query)}`;
    this.#counts.set(call, (this.#counts.get(call) ?? 0) + 1);
  }

  /** Calls of an operation: `METHOD /path` with `*` or `:name` for one segment and `**` for any number. */
  count(operation = '* /**'): number {
    const matches = operationMatcher(operation);
    return [...this.#counts].reduce((sum, [call, count]) => {
      const [method = '', path = ''] = call.split(' ');
      return matches(method, path) ? sum + count : sum;
    }, 0);
  }

  /** All of them, as `METHOD /path` and its count. */
  list(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  reset(): void {
    this.#counts.clear();
  }
}
