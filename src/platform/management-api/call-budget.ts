import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import { UpstreamError } from './upstream-error.js';

/** In order of precedence: a token is what all others wait for, a read is what a person waits for. */
const KINDS = ['token', 'read', 'write'] as const;
export type CallKind = (typeof KINDS)[number];

interface Waiting {
  readonly go: () => void;
  readonly refuse: (error: UpstreamError) => void;
  readonly timer: NodeJS.Timeout;
}

const WINDOW_MS = 10_000;

/**
 * Keeps this process within a tenant's allowance of requests to Logto (Logto Cloud: 200 per 10 s, over all replicas):
 * no window of 10 s, wherever it starts, sees more. Calls over it wait by kind, reads before writes, as many of
 * each as the allowance. Without `budgetPer10s` it does nothing.
 */
@Injectable()
export class CallBudget {
  private readonly allowed: number | undefined;
  /** When the last `allowed` calls were let go: a ring, the oldest at `next`. */
  private readonly times: number[];
  private next = 0;
  private readonly queues: Record<CallKind, Set<Waiting>> = { token: new Set(), read: new Set(), write: new Set() };
  private wake: NodeJS.Timeout | undefined;

  constructor(
    config: AppConfig,
    private readonly clock: Clock,
  ) {
    this.allowed = config.upstream.budgetPer10s;
    this.times = new Array<number>(this.allowed ?? 0).fill(-Infinity);
  }

  /**
   * Resolves when a call may go. Throws UpstreamError `overloaded`, `not_sent`, when too many wait or the caller's
   * patience (`deadlineAt`, by `performance.now()`) ends first.
   */
  async take(kind: CallKind, deadlineAt: number): Promise<void> {
    if (this.allowed === undefined) return;
    if (this.idle() && this.spend()) return;
    if (this.queues[kind].size >= this.allowed) throw this.overloaded();
    await new Promise<void>((go, refuse) => {
      const patience = Math.max(0, deadlineAt - performance.now());
      const timer = setTimeout(() => {
        this.queues[kind].delete(waiting);
        refuse(this.overloaded());
      }, patience);
      const waiting: Waiting = { go, refuse, timer };
      this.queues[kind].add(waiting);
      this.sleep();
    });
  }

  private idle(): boolean {
    return KINDS.every((kind) => this.queues[kind].size === 0);
  }

  private untilFree(): number {
    return this.times[this.next]! + WINDOW_MS - this.clock.now();
  }

  private spend(): boolean {
    if (this.untilFree() > 0) return false;
    this.times[this.next] = this.clock.now();
    this.next = (this.next + 1) % this.times.length;
    return true;
  }

  private sleep(): void {
    this.wake ??= setTimeout(
      () => {
        this.wake = undefined;
        for (const kind of KINDS) {
          for (const waiting of this.queues[kind]) {
            if (!this.spend()) break;
            this.queues[kind].delete(waiting);
            clearTimeout(waiting.timer);
            waiting.go();
          }
        }
        if (!this.idle()) this.sleep();
      },
      Math.max(0, this.untilFree()),
    ).unref();
  }

  private overloaded(): UpstreamError {
    const seconds = Math.max(1, Math.ceil(this.untilFree() / 1000));
    return new UpstreamError('overloaded', 'not_sent', { headers: { 'Retry-After': String(seconds) } });
  }
}
