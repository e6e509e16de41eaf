import { Module } from '@nestjs/common';
import { CodeSends } from './code-sends.service.js';
import { Recipients } from './recipients.service.js';
import { VerificationController } from './verification.controller.js';
import { VerificationService } from './verification.service.js';

@Module({ controllers: [VerificationController], providers: [VerificationService, Recipients, CodeSends] })
export class VerificationModule {}
