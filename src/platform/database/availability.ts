import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/environment-reader.js';
import { DatabaseUnavailableError, toDatabaseError } from './query-error.js';

const PAUSE_MS = 250;

/**
 * Runs a step of the start, and repeats it while the database is unavailable. Logs once what it waits for.
 * @param step receives the time of the deadline, by `performance.now()`
 * @throws ConfigurationError if waiting cannot help, or does not help within `timeoutMs`
 */
export async function whenAvailable<T>(step: (deadlineAt: number) => Promise<T>, timeoutMs: number): Promise<T> {
  const logger = new Logger('Database');
  const deadlineAt = performance.now() + timeoutMs;
  for (let isWaiting = false; ; isWaiting = true) {
    try {
      const result = await step(deadlineAt);
      if (isWaiting) logger.log('The database is available.');
      return result;
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      const reason = reasonOf(error);
      if (!isTemporary(error)) {
        throw new ConfigurationError([`The database at DATABASE_URL could not be used: ${reason}`]);
      }
      if (performance.now() + PAUSE_MS >= deadlineAt) {
        throw new ConfigurationError([
          `The database at DATABASE_URL was not available within ${timeoutMs / 1000} s: ${reason}`,
        ]);
      }
      if (!isWaiting) logger.warn(`Waiting for the database at DATABASE_URL, up to ${timeoutMs / 1000} s: ${reason}`);
    }
    await delay(PAUSE_MS);
  }
}

/** Whether the database may become available without a change of the configuration. */
function isTemporary(cause: unknown): boolean {
  const error = toDatabaseError(cause);
  if (!(error instanceof DatabaseUnavailableError)) return false;
  const { code = '', message } = error.cause as Error & { readonly code?: string };
  // A SQLSTATE. Neither a rejected login nor a missing database disappears by itself.
  if (/\d/.test(code)) return !code.startsWith('28') && code !== '3D000';
  // Node's errors of the network, unlike those of TLS and of Node itself. A name that cannot be resolved may be known later.
  if (code !== '') return /^E(?!RR_)[A-Z_]+$/.test(code);
  // Errors of the client that have no code. Its others are about the login and TLS.
  return /^(Connection terminated|timeout expired|timeout exceeded|Query read timeout)/.test(message);
}

/** The message of an error. Neither Node nor the client quotes the URL in it. */
function reasonOf(error: unknown): string {
  const { message, code, cause, errors } = error as Error & { readonly code?: string; readonly errors?: Error[] };
  if (error instanceof DatabaseUnavailableError) return reasonOf(cause);
  // If a name has several addresses, the connection has several errors.
  return errors?.[0]?.message ?? (message || (code ?? 'unknown'));
}
