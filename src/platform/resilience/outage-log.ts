import type { LoggerService } from '@nestjs/common';

/** At most one outage in this time is logged: a dependency that fails now and then must not fill the log. */
const QUIET_MS = 10_000;
/** A part that failed, and that nobody has used for so long, does not keep an outage from ending. */
const UNUSED_MS = 30_000;

/** Logs one line when a dependency fails, and one when it works again, however many calls fail in between. */
export class OutageLog {
  /** When each part of the dependency last failed. */
  private readonly failing = new Map<string, number>();
  private failures = 0;
  private since = 0;
  private isLogged = false;
  private quietUntil = -Infinity;

  /**
   * @param subject the dependency, as the subject of a sentence
   * @param now milliseconds of a monotonic clock
   */
  constructor(
    private readonly logger: Pick<LoggerService, 'log' | 'warn'>,
    private readonly subject: string,
    private readonly now = () => performance.now(),
  ) {}

  /** @param part the kind of call that failed. The outage ends when every part that failed works again. */
  failed(part: string, reason: string): void {
    const now = this.now();
    if (this.failing.size === 0) this.since = now;
    this.failing.set(part, now);
    this.failures += 1;
    if (this.isLogged || now < this.quietUntil) return;
    this.isLogged = true;
    this.quietUntil = now + QUIET_MS;
    this.logger.warn(
      `${this.subject} is unavailable (${part}: ${reason}). Further failures of this outage are not logged.`,
    );
  }

  succeeded(part: string): void {
    if (this.failing.size === 0) return;
    this.failing.delete(part);
    const now = this.now();
    for (const [other, at] of this.failing) if (now - at >= UNUSED_MS) this.failing.delete(other);
    if (this.failing.size > 0) return;
    if (this.isLogged) {
      const seconds = Math.ceil((now - this.since) / 1000);
      this.logger.log?.(`${this.subject} is available again after ${seconds} s and ${this.failures} failures.`);
    }
    this.isLogged = false;
    this.failures = 0;
  }
}
