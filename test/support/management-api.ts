import { Global, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { AppConfig } from '../../src/platform/config/app-config.js';
import { Clock } from '../../src/platform/config/clock.js';
import { ManagementApiModule } from '../../src/platform/management-api/management-api.module.js';

export class ManualClock extends Clock {
  constructor(private time = 1_800_000_000_000) {
    super();
  }

  now(): number {
    return this.time;
  }

  advance(ms: number): void {
    this.time += ms;
  }
}

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

interface Options {
  endpoint: string;
  clock?: Clock;
  upstream?: Partial<AppConfig['upstream']>;
  /** Other members of the configuration. */
  config?: Partial<AppConfig>;
  imports?: Type[];
}

/** Creates the Management API module of the service for a Logto at `endpoint`. The caller must close it. */
export const createManagementApi = async (options: Options): Promise<TestingModule> => {
  const config = {
    logto: {
      endpoint: options.endpoint,
      issuer: `${options.endpoint}/oidc`,
      m2mAppId: 'm2m-app',
      m2mAppSecret: 'm2m-secret',
      managementApiResource: 'https://default.logto.app/api',
    },
    upstream: { timeoutMs: 2_000, deadlineMs: 4_000, connections: 16, passwordQueueLimit: 10, ...options.upstream },
    ...options.config,
  } as AppConfig;

  @Global()
  @Module({
    providers: [
      { provide: AppConfig, useValue: config },
      { provide: Clock, useValue: options.clock ?? new ManualClock() },
    ],
    exports: [AppConfig, Clock],
  })
  class SettingsModule {}

  const module = await Test.createTestingModule({
    imports: [SettingsModule, ManagementApiModule, ...(options.imports ?? [])],
  })
    .setLogger(silent)
    .compile();
  return module.init();
};
