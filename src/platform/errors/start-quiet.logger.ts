import { ConsoleLogger } from '@nestjs/common';

/**
 * Does not log the error of a failed start: Nest logs it with its stack and then throws it, and the caller reports it.
 */
export class StartQuietLogger extends ConsoleLogger {
  override error(message: unknown, ...parameters: unknown[]): void {
    if (parameters.at(-1) !== 'ExceptionHandler') super.error(message, ...parameters);
  }
}
