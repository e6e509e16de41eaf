import { Module } from '@nestjs/common';
import { BreachedPasswordsService } from './breached-passwords.service.js';
import { PasswordChangeService } from './password-change.service.js';
import { PasswordRulesService } from './password-rules.service.js';
import { PasswordVerificationService } from './password-verification.service.js';
import { PasswordController } from './password.controller.js';

@Module({
  controllers: [PasswordController],
  providers: [PasswordVerificationService, PasswordChangeService, PasswordRulesService, BreachedPasswordsService],
})
export class PasswordModule {}
