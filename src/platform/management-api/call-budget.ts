import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import { UpstreamError } from './upstream-error.js';

/** In order of precedence: every other call waits for a token, and users wait for reads. */
const KINDS = ['token', 'read', 'write'] as const;
export type CallKind = (typeof KINDS)[number];

interface WaitingCall {
  readonly resolve: () => void;
  readonly timer: NodeJS.Timeout;
}

const WINDOW_MS = 10_000;

/**
 * Keeps this process within its share of the tenant's rate limit (Logto Cloud: 200 requests per 10 s, for all replicas
 * together): no window of 10 s, wherever it starts, contains more. Further calls wait, reads before writes, up to one
 * budget of each kind. Without `budgetPer10s` there is no limit.
 */
@Injectable()
export class CallBudget {
  private readonly budget: number | undefined;
  /** When the last `budget` calls were sent: a ring buffer whose oldest entry is at `oldest`. */
  private readonly sentAt: number[];
  private oldest = 0;
  private readonly queues: Record<CallKind, Set<WaitingCall>> = { token: new Set(), read: new Set(), write: new Set() };
  private wakeTimer: NodeJS.Timeout | undefined;

  constructor(
    config: AppConfig,
    private readonly clock: Clock,
  ) {
    this.budget = config.upstream.budgetPer10s;
    this.sentAt = new Array<number>(this.budget ?? 0).fill(-Infinity);
  }

  /**
   * Resolves when a call may be sent. Throws UpstreamError `overloaded`, `not_sent`, when the queue is full or
   * `deadlineAt` (by `performance.now()`) passes first.
   */
  async take(kind: CallKind, deadlineAt: number): Promise<void> {
    if (this.budget === undefined) return;
    if (this.isIdle() && this.trySpend()) return;
    if (this.queues[kind].size >= this.budget) throw this.overloaded();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.queues[kind].delete(call);
          reject(this.overloaded());
        },
        Math.max(0, deadlineAt - performance.now()),
      );
      const call: WaitingCall = { resolve, timer };
      this.queues[kind].add(call);
      this.scheduleWake();
    });
  }

  private isIdle(): boolean {
    return KINDS.every((kind) => this.queues[kind].size === 0);
  }

  private msUntilFree(): number {
    return this.sentAt[this.oldest]! + WINDOW_MS - this.clock.now();
  }

  private trySpend(): boolean {
    if (this.msUntilFree() > 0) return false;
    this.sentAt[this.oldest] = this.clock.now();
    this.oldest = (this.oldest + 1) % this.sentAt.length;
    return true;
  }

  private scheduleWake(): void {
    this.wakeTimer ??= setTimeout(
      () => {
        this.wakeTimer = undefined;
        this.releaseWaiting();
        if (!this.isIdle()) this.scheduleWake();
      },
      Math.max(0, this.msUntilFree()),
    ).unref();
  }

  private releaseWaiting(): void {
    for (const kind of KINDS) {
      for (const call of this.queues[kind]) {
        if (!this.trySpend()) return;
        this.queues[kind].delete(call);
        clearTimeout(call.timer);
        call.resolve();
      }
    }
  }

  private overloaded(): UpstreamError {
    const seconds = Math.max(1, Math.ceil(this.msUntilFree() / 1000));
    return new UpstreamError('overloaded', 'not_sent', { headers: { 'Retry-After': String(seconds) } });
  }
}
