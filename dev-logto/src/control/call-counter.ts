import { createOperationMatcher } from './faults.js';

/** Counts received requests by method and path, so that tests can assert how many calls they cause. */
export class CallCounter {
  #counts = new Map<string, number>();

  record(method: string, url: string): void {
    const query = url.indexOf('?');
    const call = `${method} ${query === -1 ? url : url.slice(0, query)}`;
    this.#counts.set(call, (this.#counts.get(call) ?? 0) + 1);
  }

  /**
   * Counts the calls of an operation.
   *
   * @param operation `METHOD /path`. The method can be `*`. In the path, `*` or `:name` matches one segment
   * and `**` any number of segments.
   */
  count(operation = '* /**'): number {
    const matches = createOperationMatcher(operation);
    return [...this.#counts].reduce((sum, [call, count]) => {
      const [method = '', path = ''] = call.split(' ');
      return matches(method, path) ? sum + count : sum;
    }, 0);
  }

  /** All counts, keyed by `METHOD /path`. */
  list(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  reset(): void {
    this.#counts.clear();
  }
}
