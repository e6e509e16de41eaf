import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { CallWindow, type WindowUse } from './call-window.js';
import { FairQueue } from './fair-queue.js';
import { toRetryAfter } from './retry-after.js';
import { UpstreamError } from './upstream-error.js';

/**
 * The kinds of calls: each has its own connections and queue, so that a kind that hangs delays no other. All calls wait for a token;
 * `password` is for calls for which Logto hashes a password, `message` for those that send one.
 */
export const CALL_KINDS = ['token', 'write', 'password', 'message', 'read'] as const;
export type CallKind = (typeof CALL_KINDS)[number];

export interface ScheduledCall {
  readonly kind: CallKind;
  /** The user on whose behalf it is made; undefined for webhooks, reconciliation and the rules of the tenant. */
  readonly userId: string | undefined;
  /** When it must have started at the latest, by `performance.now()`. */
  readonly startBy: number;
}

interface WaitingCall extends ScheduledCall {
  readonly party: string;
  readonly start: () => void;
  readonly reject: (error: UpstreamError) => void;
  readonly timer: NodeJS.Timeout;
}

/** The calls of one kind. */
interface Lane {
  readonly kind: CallKind;
  readonly queue: FairQueue<WaitingCall>;
  readonly mostRunning: number;
  readonly mostWaiting: number;
  readonly runningBy: Map<string, number>;
  running: number;
}

const MOST_WAITING = 1_000;
/** About how long Logto takes for one call, for the estimate in `Retry-After`. */
const CALL_MS = 100;
/** The part of the budget that reads leave to other calls. A change that has begun is not delayed by users who only read. */
const WRITE_SHARE = 1 / 4;
/** The party of calls on nobody's behalf. No user has an empty ID. */
const NOBODY = '';

/**
 * Decides when a call to Logto is made. Users take turns, and calls on nobody's behalf count as one more user. Of the connections of a
 * kind, and of the budget of the tenant (Logto Cloud: 200 requests per 10 s), a user may have as many calls as are still free: one user
 * alone gets half, two get a third each, and there is always room for one more. A call that cannot start in time is rejected as soon as
 * that is certain.
 */
@Injectable()
export class CallScheduler {
  private readonly lanes: Readonly<Record<CallKind, Lane>>;
  /** The order in which lanes use what is free: after the token, the lane that has waited longest. */
  private readonly rotation: Lane[];
  private readonly window: CallWindow | undefined;
  private readonly reserved: number;
  private pausedUntil = -Infinity;
  private wakeTimer: NodeJS.Timeout | undefined;

  constructor({ upstream }: AppConfig) {
    const lane = (kind: CallKind, mostRunning: number, mostWaiting = MOST_WAITING): Lane => ({
      kind,
      mostRunning,
      mostWaiting,
      queue: new FairQueue(),
      runningBy: new Map(),
      running: 0,
    });
    const limits = connectionsByKind(upstream.connections);
    this.lanes = {
      token: lane('token', limits.token),
      write: lane('write', limits.write),
      // Logto hashes on its event loop: each call blocks all of its requests for 84 ms.
      password: lane('password', limits.password, upstream.passwordQueueLimit),
      message: lane('message', limits.message),
      read: lane('read', limits.read),
    };
    this.rotation = CALL_KINDS.map((kind) => this.lanes[kind]);
    const { budgetPer10s } = upstream;
    this.window = budgetPer10s === undefined ? undefined : new CallWindow(budgetPer10s);
    this.reserved = Math.floor((budgetPer10s ?? 0) * WRITE_SHARE);
  }

  /** Makes a call when it is its turn. Throws UpstreamError `overloaded`, `not_sent`, with `Retry-After`, if it cannot start in time. */
  async run<T>(call: ScheduledCall, send: () => Promise<T>): Promise<T> {
    const lane = this.lanes[call.kind];
    const party = call.userId ?? NOBODY;
    const mustWait = lane.queue.countOf(party) > 0 || !this.mayStart(lane, party);
    if (mustWait) await this.wait(lane, party, call);
    else this.start(lane, party);
    try {
      return await send();
    } finally {
      this.end(lane, party);
    }
  }

  /** Starts no call in this time, because Logto has asked for it. Rejects the waiting calls that could then start only too late. */
  pauseFor(ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, performance.now() + ms);
    for (const lane of this.rotation) {
      for (const call of lane.queue) if (call.startBy < this.pausedUntil) this.dismiss(lane, call, this.pausedUntil);
    }
    this.startWaiting();
  }

  /** Rejects all waiting calls of a kind, because they would fail. */
  rejectWaiting(kind: CallKind, createError: () => UpstreamError): void {
    const lane = this.lanes[kind];
    for (const call of lane.queue) {
      this.remove(lane, call);
      call.reject(createError());
    }
  }

  private wait(lane: Lane, party: string, call: ScheduledCall): Promise<void> {
    const now = performance.now();
    const earliest = this.earliestStart(lane, party, lane.queue.countOf(party), now);
    if (earliest > call.startBy) throw this.overloaded(lane, earliest);
    if (lane.queue.size >= lane.mostWaiting && !this.makeRoom(lane, party)) throw this.overloaded(lane);
    return new Promise<void>((start, reject) => {
      const timer = setTimeout(() => this.dismiss(lane, waiting), Math.max(0, call.startBy - now));
      const waiting: WaitingCall = { ...call, party, start, reject, timer };
      lane.queue.push(waiting);
      this.dismissHopeless(lane, now);
      this.scheduleWake();
    });
  }

  private mayStart(lane: Lane, party: string): boolean {
    const now = performance.now();
    const free = lane.mostRunning - lane.running;
    if (free === 0 || now < this.pausedUntil) return false;
    if ((lane.runningBy.get(party) ?? 0) >= free) return false;
    return !this.window || this.allows(lane, this.window.use(party, now));
  }

  /**
   * The earliest time at which a call can start that has this many calls of its party before it: later ones are possible. Without a
   * budget, nothing is known, since a running call can end at any time.
   */
  private earliestStart(lane: Lane, party: string, ownBefore: number, now: number): number {
    const { window } = this;
    if (!window) return Math.max(now, this.pausedUntil);
    // Users who have made fewer calls go first, and a user's first call comes after those of the others.
    const used = window.use(party, now).used + ownBefore + (ownBefore === 0 ? 1 : 0);
    let before = ownBefore;
    for (const [other, count] of lane.queue.counts()) {
      if (other !== party) before += Math.min(count, Math.max(0, used - window.use(other, now).used));
    }
    const earliest = window.earliest(party, now, (then) =>
      this.allows(lane, { used: then.used + ownBefore, free: then.free - before }),
    );
    return Math.max(earliest, this.pausedUntil);
  }

  /** Whether a party may make a call of this kind, given how much of the budget it has used and how much is free. */
  private allows({ kind }: Lane, { used, free }: WindowUse): boolean {
    if (kind === 'token') return free > 0; // Every user needs the token.
    return used < (kind === 'read' ? free - this.reserved : free);
  }

  /** Rejects the calls that the arrival of others has delayed too much. */
  private dismissHopeless(lane: Lane, now: number): void {
    for (;;) {
      const call = this.window && lane.queue.lastOfLongest;
      if (!call) return;
      const earliest = this.earliestStart(lane, call.party, lane.queue.countOf(call.party) - 1, now);
      if (earliest <= call.startBy) return;
      this.dismiss(lane, call, earliest);
    }
  }

  /** For a party that would still have fewer waiting calls than the one whose call is rejected. */
  private makeRoom(lane: Lane, party: string): boolean {
    const last = lane.queue.lastOfLongest;
    if (!last || lane.queue.countOf(last.party) <= lane.queue.countOf(party) + 1) return false;
    this.dismiss(lane, last);
    return true;
  }

  private start(lane: Lane, party: string): void {
    lane.running += 1;
    lane.runningBy.set(party, (lane.runningBy.get(party) ?? 0) + 1);
    this.window?.add(party, performance.now());
  }

  private end(lane: Lane, party: string): void {
    lane.running -= 1;
    const left = lane.runningBy.get(party)! - 1;
    if (left > 0) lane.runningBy.set(party, left);
    else lane.runningBy.delete(party);
    this.startWaiting();
  }

  private startWaiting(): void {
    const [token, ...others] = this.rotation as [Lane, ...Lane[]];
    for (let started = true; started;) {
      started = false;
      for (const lane of [token, ...others]) {
        if (lane.running === lane.mostRunning) continue;
        const call = lane.queue.shift((party) => this.mayStart(lane, party));
        if (!call) continue;
        started = true;
        clearTimeout(call.timer);
        this.start(lane, call.party);
        call.start();
        if (lane !== token) this.rotation.push(...this.rotation.splice(this.rotation.indexOf(lane), 1));
      }
    }
    this.scheduleWake();
  }

  /** Calls that wait for a running one are started by its end, and all others by time. */
  private scheduleWake(): void {
    clearTimeout(this.wakeTimer);
    const now = performance.now();
    const at = this.pausedUntil > now ? this.pausedUntil : this.window?.nextExpiry(now);
    if (at === undefined || this.rotation.every(({ queue }) => queue.size === 0)) return;
    this.wakeTimer = setTimeout(() => this.startWaiting(), at - now).unref();
  }

  private dismiss(lane: Lane, call: WaitingCall, earliest?: number): void {
    this.remove(lane, call);
    call.reject(this.overloaded(lane, earliest));
  }

  private remove(lane: Lane, call: WaitingCall): void {
    clearTimeout(call.timer);
    lane.queue.remove(call);
  }

  private overloaded(lane: Lane, earliest = -Infinity): UpstreamError {
    const ms = Math.max(earliest - performance.now(), (lane.queue.size * CALL_MS) / lane.mostRunning);
    return new UpstreamError('overloaded', 'not_sent', { headers: { 'Retry-After': toRetryAfter(ms) } });
  }
}

/** The number of connections, and so of running calls, of each kind. @param connections of reads, and of writes */
export const connectionsByKind = (connections: number): Readonly<Record<CallKind, number>> => ({
  token: 1,
  write: connections,
  password: 1,
  message: Math.ceil(connections / 4),
  read: connections,
});
