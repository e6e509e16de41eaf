const WINDOW_MS = 10_000;

/** How much of a window is used by one party, and how much is free for anyone. */
export interface WindowUse {
  readonly used: number;
  readonly free: number;
}

/**
 * The calls of the last 10 s, of which Logto allows a certain number: no window of that length, wherever it starts, contains more.
 * Times are those of `performance.now()`.
 */
export class CallWindow {
  private readonly sent: { readonly at: number; readonly party: string }[] = [];
  private readonly byParty = new Map<string, number>();

  /** @param size the number of calls allowed */
  constructor(private readonly size: number) {}

  add(party: string, now: number): void {
    this.sent.push({ at: now, party });
    this.byParty.set(party, (this.byParty.get(party) ?? 0) + 1);
  }

  use(party: string, now: number): WindowUse {
    this.dropExpired(now);
    return { used: this.byParty.get(party) ?? 0, free: this.size - this.sent.length };
  }

  /** When the oldest call leaves the window; undefined if it is empty. */
  nextExpiry(now: number): number | undefined {
    this.dropExpired(now);
    return this.sent[0] && this.sent[0].at + WINDOW_MS;
  }

  /** The earliest time that allows a call of a party, given its use of the window at that time, if no other call is sent before. */
  earliest(party: string, now: number, allows: (use: WindowUse) => boolean): number {
    let { used, free } = this.use(party, now);
    const next = free > 0 ? now : this.nextExpiry(now)!;
    if (allows({ used, free })) return now;
    for (const { at, party: sender } of this.sent) {
      free += 1;
      if (sender === party) used -= 1;
      if (allows({ used, free })) return at + WINDOW_MS;
    }
    // Only after calls have left the window that are not even sent yet.
    return next + WINDOW_MS;
  }

  private dropExpired(now: number): void {
    while (this.sent[0] && this.sent[0].at + WINDOW_MS <= now) {
      const { party } = this.sent.shift()!;
      const left = this.byParty.get(party)! - 1;
      if (left > 0) this.byParty.set(party, left);
      else this.byParty.delete(party);
    }
  }
}
