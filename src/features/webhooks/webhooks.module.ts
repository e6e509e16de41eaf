import { Module } from '@nestjs/common';
import { LogtoWebhooksService } from './logto-webhooks.service.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({ controllers: [WebhooksController], providers: [LogtoWebhooksService] })
export class WebhooksModule {}
