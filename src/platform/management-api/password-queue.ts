import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { UpstreamError } from './upstream-error.js';

interface Waiting {
  readonly go: () => void;
  readonly refuse: (error: UpstreamError) => void;
  readonly timer: NodeJS.Timeout;
}

/** What one check takes Logto, for the estimate in `Retry-After`. */
const CHECK_MS = 100;

/**
 * Calls that make Logto hash a password, one at a time: it hashes on its event loop, 84 ms of everyone's time each.
 * Users take turns, so that one with many waiting holds up nobody else; when all places are taken, a newcomer displaces
 * the last of the user who has the most waiting.
 */
@Injectable()
export class PasswordQueue {
  private readonly byUser = new Map<string, Waiting[]>();
  private waiting = 0;
  private busy = false;

  constructor(private readonly config: AppConfig) {}

  /**
   * Runs the task when it is its turn. Throws UpstreamError `overloaded`, `not_sent`, with `Retry-After`, when there
   * is no place or its turn does not come within the deadline of a call.
   */
  async run<T>(userId: string, task: () => Promise<T>): Promise<T> {
    if (this.busy) await this.turn(userId);
    this.busy = true;
    try {
      return await task();
    } finally {
      this.next();
    }
  }

  private turn(userId: string): Promise<void> {
    const own = this.byUser.get(userId) ?? [];
    if (this.waiting >= this.config.upstream.passwordQueueLimit && !this.makeRoom(own.length)) throw this.overloaded();
    return new Promise<void>((go, refuse) => {
      const timer = setTimeout(() => this.dismiss(userId, entry), this.config.upstream.deadlineMs);
      const entry: Waiting = { go, refuse, timer };
      own.push(entry);
      this.byUser.set(userId, own);
      this.waiting += 1;
    });
  }

  /** Only for someone who would still have fewer waiting than the one displaced. */
  private makeRoom(own: number): boolean {
    const [greediest, theirs] = [...this.byUser].reduce((a, b) => (b[1].length > a[1].length ? b : a), ['', []]);
    if (theirs.length <= own + 1) return false;
    this.dismiss(greediest, theirs.at(-1)!);
    return true;
  }

  private dismiss(userId: string, entry: Waiting): void {
    this.remove(userId, entry);
    entry.refuse(this.overloaded());
  }

  private remove(userId: string, entry: Waiting): void {
    clearTimeout(entry.timer);
    const own = this.byUser.get(userId)!;
    own.splice(own.indexOf(entry), 1);
    if (own.length === 0) this.byUser.delete(userId);
    this.waiting -= 1;
  }

  private next(): void {
    const first = this.byUser.entries().next();
    if (first.done) {
      this.busy = false;
      return;
    }
    const [userId, own] = first.value;
    const entry = own[0]!;
    this.remove(userId, entry);
    // To the back of the round.
    if (this.byUser.delete(userId)) this.byUser.set(userId, own);
    entry.go();
  }

  private overloaded(): UpstreamError {
    const seconds = Math.max(1, Math.ceil((this.waiting * CHECK_MS) / 1000));
    return new UpstreamError('overloaded', 'not_sent', { headers: { 'Retry-After': String(seconds) } });
  }
}
