import { ConsoleLogger } from '@nestjs/common';

/** Leaves a failed start to who made it: Nest logs the error with its stack, and then throws it all the same. */
export class StartQuietLogger extends ConsoleLogger {
  override error(message: unknown, ...parameters: unknown[]): void {
    if (parameters.at(-1) !== 'ExceptionHandler') super.error(message, ...parameters);
  }
}
