import { Module } from '@nestjs/common';
import { CodeSends } from './code-sends.js';
import { VerificationController } from './verification.controller.js';
import { VerificationService } from './verification.service.js';

@Module({ controllers: [VerificationController], providers: [VerificationService, CodeSends] })
export class VerificationModule {}
