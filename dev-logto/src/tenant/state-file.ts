import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Tenant, TenantState } from './tenant.js';

const SAVE_INTERVAL_MS = 1000;

/** Persists the tenant in a JSON file. Changes are saved every second and on stop. */
export class StateFile {
  #written = '';
  #timer?: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly tenant: Tenant,
  ) {}

  /** Restores the tenant from the file. Returns false if the file does not exist. */
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

  start(): void {
    this.#timer = setInterval(() => void this.#save(), SAVE_INTERVAL_MS);
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
      // Renaming a finished file keeps the old one intact if the process stops while writing.
      await writeFile(`${this.path}.new`, state, { mode: 0o600 });
      await rename(`${this.path}.new`, this.path);
      this.#written = state;
    }));
  }
}
