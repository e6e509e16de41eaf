import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Tenant, TenantState } from './tenant.js';

const INTERVAL = 1000;

/** Keeps the tenant in a file: written each second when something changed, and at the stop. */
export class StateFile {
  #written = '';
  #timer?: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly tenant: Tenant,
  ) {}

  /** False when there is no such file yet. */
  async load(): Promise<boolean> {
    try {
      this.#written = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.tenant.restore(JSON.parse(this.#written) as TenantState);
    return true;
  }

  keep(): void {
    this.#timer = setInterval(() => void this.#save(), INTERVAL);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#save();
  }

  #save(): Promise<void> {
    return (this.#writing = this.#writing.then(async () => {
      const state = JSON.stringify(this.tenant);
      if (state === this.#written) return;
      // Written beside and renamed, so that a stop in between leaves the old file whole.
      await writeFile(`${this.path}.new`, state, { mode: 0o600 });
      await rename(`${this.path}.new`, this.path);
      this.#written = state;
    }));
  }
}
