/** Fault switches. */
export class Faults {
  reset(): void {}
}
