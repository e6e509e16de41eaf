import { Module } from '@nestjs/common';
import { SignInNonces } from './sign-in-nonces.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignInService } from './sign-in.service.js';

@Module({ controllers: [SignInController], providers: [SignInService, SignInNonces] })
export class SignInModule {}
