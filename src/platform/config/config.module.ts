import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule as NestConfigModule, registerAs } from '@nestjs/config';
import { AppConfig } from './app-config.js';
import { Clock, SystemClock } from './clock.js';
import type { Environment } from './environment-reader.js';
import { loadAppConfig } from './load-app-config.js';

/** Provides {@link AppConfig} and {@link Clock} everywhere. */
@Module({})
export class ConfigModule {
  /**
   * Reads the environment immediately, since the HTTP adapter needs it before any module exists. Variables that
   * `process.env` lacks are read from a `.env` file in the working folder; other environments are used as they are.
   * @throws ConfigurationError that names each invalid variable
   */
  static async forRoot(environment: Environment): Promise<DynamicModule & { config: AppConfig }> {
    const namespace = registerAs('app', () => config);
    const nestConfig = await NestConfigModule.forRoot({
      ignoreEnvFile: environment !== process.env,
      load: [namespace],
    });
    const config = loadAppConfig(environment);
    return {
      module: ConfigModule,
      global: true,
      imports: [nestConfig],
      providers: [
        { provide: AppConfig, useExisting: namespace.KEY },
        { provide: Clock, useClass: SystemClock },
      ],
      exports: [AppConfig, Clock],
      config,
    };
  }
}
