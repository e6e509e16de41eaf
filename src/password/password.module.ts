import { Module } from '@nestjs/common';
import { BreachedPasswords } from './breached-passwords.service.js';
import { PasswordChange } from './password-change.service.js';
import { PasswordRules } from './password-rules.service.js';
import { PasswordVerification } from './password-verification.service.js';
import { PasswordController } from './password.controller.js';

@Module({
  controllers: [PasswordController],
  providers: [PasswordVerification, PasswordChange, PasswordRules, BreachedPasswords],
})
export class PasswordModule {}
