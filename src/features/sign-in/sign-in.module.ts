import { Module } from '@nestjs/common';
import { SignInNonceRepository } from './sign-in-nonce.repository.js';
import { SignInController } from './sign-in.controller.js';
import { SignInService } from './sign-in.service.js';

@Module({ controllers: [SignInController], providers: [SignInService, SignInNonceRepository] })
export class SignInModule {}
