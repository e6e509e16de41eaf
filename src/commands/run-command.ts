import { Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import { ConfigurationError } from '../config/environment-reader.js';
import { DatabaseModule } from '../database/database.module.js';
import { describeError } from '../errors/describe-error.js';
import { CatalogueModule } from '../fields/catalogue/catalogue.module.js';

@Module({})
class CommandModule {}

/**
 * Runs a command of the operator on the configuration, database and catalogue of the service, and ends the process:
 * 0 when it returns true, 1 else. The first Ctrl-C (or SIGTERM) asks it to stop by its signal.
 */
export async function runCommand(
  modules: (Type | DynamicModule)[],
  command: (app: INestApplicationContext, signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    const config = await ConfigModule.forRoot(process.env);
    const imports = [config, DatabaseModule, CatalogueModule.forRoot(), ...modules];
    const app = await NestFactory.createApplicationContext(
      { module: CommandModule, imports },
      { logger: ['error', 'warn'], abortOnError: false },
    );
    process.exitCode = (await command(app, stop.signal)) ? 0 : 1;
    await app.close();
  } catch (error) {
    console.error(error instanceof ConfigurationError ? error.message : describeError(error));
    process.exitCode = 1;
  }
}
