import { ConsoleLogger } from '@nestjs/common';

/**
 * Does not log a failed start. Nest logs the error with its stack and then also throws it, and the caller reports it.
 *
 * Relies on `ExceptionHandler`, the context under which Nest logs such an error. It is not documented.
 */
export class QuietStartLogger extends ConsoleLogger {
  override error(message: unknown, ...parameters: unknown[]): void {
    if (parameters.at(-1) !== 'ExceptionHandler') super.error(message, ...parameters);
  }
}
