import { HttpModule } from '@nestjs/axios';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { AxiosAdapter } from 'axios';
import type { Agent } from 'undici';
import { AppConfig } from '../config/app-config.js';
import { CallScheduler, connectionsByKind } from './call-scheduler.js';
import { LogtoClient } from './logto-client.js';
import { LogtoTransport } from './logto-transport.js';
import { MachineTokenService } from './machine-token.service.js';
import { ManagementApiService } from './management-api.service.js';
import { createAgent, undiciAdapter } from './undici.adapter.js';

/** The connections to Logto; closed when the application stops. */
@Injectable()
class LogtoConnections implements OnApplicationShutdown {
  private readonly agent: Agent;
  readonly adapter: AxiosAdapter;

  constructor({ upstream }: AppConfig) {
    // CallScheduler limits each kind, so that a call never waits for a connection here, where calls are sent in order of arrival.
    const limits = Object.values(connectionsByKind(upstream.connections));
    this.agent = createAgent(limits.reduce((sum, each) => sum + each, 0));
    this.adapter = undiciAdapter(this.agent);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

@Global()
@Module({
  imports: [
    HttpModule.registerAsync({
      extraProviders: [LogtoConnections],
      inject: [AppConfig, LogtoConnections],
      useFactory: (config: AppConfig, connections: LogtoConnections) => ({
        adapter: connections.adapter,
        baseURL: config.logto.endpoint,
        // No status is an error here: error-mapping.ts decides.
        validateStatus: null,
        transformRequest: [(body: unknown) => body],
        transformResponse: [parseJson],
      }),
    }),
  ],
  providers: [CallScheduler, LogtoTransport, MachineTokenService, LogtoClient, ManagementApiService],
  exports: [MachineTokenService, ManagementApiService],
})
export class ManagementApiModule {}
