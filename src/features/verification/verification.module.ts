import { Module } from '@nestjs/common';
import { CodeSendRepository } from './code-send.repository.js';
import { RecipientsService } from './recipients.service.js';
import { VerificationController } from './verification.controller.js';
import { VerificationService } from './verification.service.js';

@Module({
  controllers: [VerificationController],
  providers: [VerificationService, RecipientsService, CodeSendRepository],
})
export class VerificationModule {}
