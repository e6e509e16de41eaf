/** Shows the progress of a command: a bar on a terminal, otherwise a line for each tenth. */
export class Progress {
  private lastTenth = -1;

  constructor(
    private readonly unit: string,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {}

  show(done: number, total: number): void {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const text = `${Math.floor(share * 100)} % (${done} of ${total} ${this.unit})`;
    if (this.stream.isTTY) {
      const filled = Math.round(share * 30);
      this.stream.write(`\r[${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${text} `);
    } else if (Math.floor(share * 10) > this.lastTenth) {
      this.lastTenth = Math.floor(share * 10);
      this.stream.write(`${text}\n`);
    }
  }

  end(): void {
    if (this.stream.isTTY) this.stream.write('\n');
  }
}
