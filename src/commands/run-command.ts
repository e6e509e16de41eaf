import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../platform/config/config.module.js';
import { ConfigurationError } from '../platform/config/environment-reader.js';
import { describeError } from '../platform/errors/describe-error.js';
import { QuietStartLogger } from '../platform/patches/quiet-start.logger.js';

/**
 * Runs an operator's command with the configuration of the service, and sets the exit code: 0 if the command returns true, otherwise 1.
 * The first Ctrl-C (or SIGTERM) aborts the signal that the command receives.
 */
export async function runCommand(
  moduleOf: (config: DynamicModule) => DynamicModule,
  command: (app: INestApplicationContext, signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const logger = new QuietStartLogger({ logLevels: ['error', 'warn'] });
  let app: INestApplicationContext | undefined;
  try {
    const module = moduleOf(await ConfigModule.forRoot(process.env));
    app = await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
    process.exitCode = (await command(app, stop.signal)) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof ConfigurationError ? error.message : describeError(error));
    process.exitCode = 1;
  } finally {
    await app?.close(); // Otherwise its timers and connections would keep the process alive.
  }
}
