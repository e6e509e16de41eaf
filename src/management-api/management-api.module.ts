import { HttpModule } from '@nestjs/axios';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { CallBudget } from './call-budget.js';
import { LogtoClient } from './logto-client.js';
import { LogtoTransport } from './logto-transport.js';
import { ManagementApiService } from './management-api.service.js';
import { PasswordQueue } from './password-queue.js';
import { MachineTokenProvider } from './token.provider.js';
import { createAgent, undiciAdapter } from './undici.adapter.js';

/** The connections to Logto, which end with the application. */
@Injectable()
class LogtoConnections implements OnApplicationShutdown {
  readonly agent;

  constructor(config: AppConfig) {
    this.agent = createAgent(config.upstream.connections);
  }

  onApplicationShutdown(): Promise<void> {
    return this.agent.destroy();
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
        adapter: undiciAdapter(connections.agent),
        baseURL: config.logto.endpoint,
        // Any status is an answer; error-mapping.ts judges it.
        validateStatus: null,
        transformRequest: [(body: unknown) => body],
        transformResponse: [parseJson],
      }),
    }),
  ],
  providers: [CallBudget, LogtoTransport, MachineTokenProvider, LogtoClient, PasswordQueue, ManagementApiService],
  exports: [ManagementApiService],
})
export class ManagementApiModule {}
