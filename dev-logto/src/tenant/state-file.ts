import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Tenant, TenantState } from './tenant.js';

const SAVE_INTERVAL_MS = 1000;

/** Persists the tenant in a JSON file. Changes are saved every second and on stop; a failed save is logged and retried. */
export class StateFile {
  #written = '';
  #timer?: NodeJS.Timeout;
  /** Resolves when the last write has ended, whether it succeeded or not. */
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly tenant: Tenant,
  ) {}

  /**
   * Restores the tenant from the file.
   * @returns false if the file does not exist
   * @throws Error with the file's name if it contains no JSON
   */
  async load(): Promise<boolean> {
    try {
      this.#written = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.tenant.restore(this.#parse(this.#written));
    return true;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.save().catch((error: unknown) =>
        console.error(`The state was not saved. Next attempt in 1 s. ${String(error)}`),
      );
    }, SAVE_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Saves the state a last time. Rejects if that fails. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.save();
  }

  /** Writes the state if it has changed, after any write that is still running. Rejects if the file cannot be written. */
  save(): Promise<void> {
    const saved = this.#writing.then(() => this.#write());
    this.#writing = saved.catch(() => undefined);
    return saved;
  }

  async #write(): Promise<void> {
    const state = JSON.stringify(this.tenant);
    if (state === this.#written) return;
    // Renaming a finished file keeps the old one intact if the process stops while writing.
    await writeFile(`${this.path}.new`, state, { mode: 0o600 });
    await rename(`${this.path}.new`, this.path);
    this.#written = state;
  }

  #parse(text: string): TenantState {
    try {
      return JSON.parse(text) as TenantState;
    } catch {
      // The parser's message would quote the file, which contains keys.
      throw new Error(`${this.path} does not contain JSON. Delete it to start with the initial state.`);
    }
  }
}
