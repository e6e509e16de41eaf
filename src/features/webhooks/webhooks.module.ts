import { Module } from '@nestjs/common';
import { BackChannelLogoutService } from './back-channel-logout.service.js';
import { LogtoWebhooksService } from './logto-webhooks.service.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({ controllers: [WebhooksController], providers: [LogtoWebhooksService, BackChannelLogoutService] })
export class WebhooksModule {}
