/**
 * Waiting items of several parties. Each round contains one item of each party, so that a party with many items delays no other
 * party by more than one.
 */
export class FairQueue<T extends { readonly party: string }> {
  private readonly byParty = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  countOf(party: string): number {
    return this.byParty.get(party)?.length ?? 0;
  }

  /** The parties in the order of the round, and how many items each has. */
  *counts(): Generator<[party: string, count: number]> {
    for (const [party, { length }] of this.byParty) yield [party, length];
  }

  /** The last item of the party that has the most. */
  get lastOfLongest(): T | undefined {
    let longest: readonly T[] = [];
    for (const items of this.byParty.values()) if (items.length > longest.length) longest = items;
    return longest.at(-1);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const items of [...this.byParty.values()]) yield* [...items];
  }

  push(item: T): void {
    const items = this.byParty.get(item.party);
    if (items) items.push(item);
    else this.byParty.set(item.party, [item]);
    this.count += 1;
  }

  remove(item: T): void {
    const items = this.byParty.get(item.party)!;
    items.splice(items.indexOf(item), 1);
    if (items.length === 0) this.byParty.delete(item.party);
    this.count -= 1;
  }

  /** Removes and returns the next item of an eligible party. Its party moves to the end of the round. */
  shift(isEligible: (party: string) => boolean): T | undefined {
    for (const [party, items] of this.byParty) {
      if (!isEligible(party)) continue;
      const item = items[0]!;
      this.remove(item);
      if (this.byParty.delete(party)) this.byParty.set(party, items);
      return item;
    }
    return undefined;
  }
}
