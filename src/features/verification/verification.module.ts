import { Module } from '@nestjs/common';
import { CodeDeliveryService } from './code-delivery.service.js';
import { CodeRequestRepository } from './code-request.repository.js';
import { MessageChannelsService } from './message-channels.service.js';
import { RecipientsService } from './recipients.service.js';
import { VerificationController } from './verification.controller.js';
import { VerificationService } from './verification.service.js';

@Module({
  controllers: [VerificationController],
  providers: [
    VerificationService,
    RecipientsService,
    MessageChannelsService,
    CodeDeliveryService,
    CodeRequestRepository,
  ],
})
export class VerificationModule {}
