import { Module } from '@nestjs/common';
import { LogtoWebhooks } from './logto-webhooks.service.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({ controllers: [WebhooksController], providers: [LogtoWebhooks] })
export class WebhooksModule {}
