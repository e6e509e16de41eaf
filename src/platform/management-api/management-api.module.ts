import { HttpModule } from '@nestjs/axios';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { AxiosAdapter } from 'axios';
import type { Agent } from 'undici';
import { AppConfig } from '../config/app-config.js';
import { CallBudget } from './call-budget.js';
import { LogtoClient } from './logto-client.js';
import { LogtoTransport } from './logto-transport.js';
import { MachineTokenService } from './machine-token.service.js';
import { ManagementApiService } from './management-api.service.js';
import { PasswordQueue } from './password-queue.js';
import { createAgent, undiciAdapter } from './undici.adapter.js';

/** The connections to Logto; closed when the application stops. */
@Injectable()
class LogtoConnections implements OnApplicationShutdown {
  private readonly reads: Agent;
  private readonly writes: Agent;
  readonly adapter: AxiosAdapter;

  constructor({ upstream }: AppConfig) {
    // Separate, so that reads do not wait for the connections of many slow writes.
    this.reads = createAgent(upstream.connections);
    this.writes = createAgent(upstream.connections);
    const [read, write] = [undiciAdapter(this.reads), undiciAdapter(this.writes)];
    this.adapter = (request) => (request.method?.toUpperCase() === 'GET' ? read(request) : write(request));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.reads.destroy(), this.writes.destroy()]);
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
  providers: [CallBudget, LogtoTransport, MachineTokenService, LogtoClient, PasswordQueue, ManagementApiService],
  exports: [MachineTokenService, ManagementApiService],
})
export class ManagementApiModule {}
