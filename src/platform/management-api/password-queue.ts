import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { UpstreamError } from './upstream-error.js';

interface WaitingCall {
  readonly resolve: () => void;
  readonly reject: (error: UpstreamError) => void;
  readonly timer: NodeJS.Timeout;
}

/** About how long Logto takes for one call, for the estimate in `Retry-After`. */
const CALL_MS = 100;

/**
 * Sends calls that make Logto hash a password one at a time: Logto hashes on its event loop, which blocks all of its
 * requests for 84 ms. Users take turns, so that a user with many waiting calls delays nobody else. When the queue is
 * full, a new call replaces the last one of the user with the most waiting calls.
 */
@Injectable()
export class PasswordQueue {
  private readonly byUser = new Map<string, WaitingCall[]>();
  private waiting = 0;
  private busy = false;

  constructor(private readonly config: AppConfig) {}

  /**
   * Runs `call` when it is its turn. Throws UpstreamError `overloaded`, `not_sent`, with `Retry-After`, when the queue
   * is full or the turn does not come within the deadline of a call.
   */
  async run<T>(userId: string, call: () => Promise<T>): Promise<T> {
    if (this.busy) await this.waitForTurn(userId);
    this.busy = true;
    try {
      return await call();
    } finally {
      this.startNext();
    }
  }

  private waitForTurn(userId: string): Promise<void> {
    const ownCalls = this.byUser.get(userId) ?? [];
    const isFull = this.waiting >= this.config.upstream.passwordQueueLimit;
    if (isFull && !this.makeRoom(ownCalls.length)) throw this.overloaded();
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => this.dismiss(userId, call), this.config.upstream.deadlineMs);
      const call: WaitingCall = { resolve, reject, timer };
      ownCalls.push(call);
      this.byUser.set(userId, ownCalls);
      this.waiting += 1;
    });
  }

  /** Only for a user who would still have fewer waiting calls than the user whose call is dismissed. */
  private makeRoom(ownCount: number): boolean {
    const [busiestUser, calls] = [...this.byUser].reduce((a, b) => (b[1].length > a[1].length ? b : a), ['', []]);
    if (calls.length <= ownCount + 1) return false;
    this.dismiss(busiestUser, calls.at(-1)!);
    return true;
  }

  private dismiss(userId: string, call: WaitingCall): void {
    this.remove(userId, call);
    call.reject(this.overloaded());
  }

  private remove(userId: string, call: WaitingCall): void {
    clearTimeout(call.timer);
    const calls = this.byUser.get(userId)!;
    calls.splice(calls.indexOf(call), 1);
    if (calls.length === 0) this.byUser.delete(userId);
    this.waiting -= 1;
  }

  private startNext(): void {
    const first = this.byUser.entries().next();
    if (first.done) {
      this.busy = false;
      return;
    }
    const [userId, calls] = first.value;
    const call = calls[0]!;
    this.remove(userId, call);
    // The user's remaining calls move to the end of the round.
    if (this.byUser.delete(userId)) this.byUser.set(userId, calls);
    call.resolve();
  }

  private overloaded(): UpstreamError {
    const seconds = Math.max(1, Math.ceil((this.waiting * CALL_MS) / 1000));
    return new UpstreamError('overloaded', 'not_sent', { headers: { 'Retry-After': String(seconds) } });
  }
}
