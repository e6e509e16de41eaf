import { Global, Module } from '@nestjs/common';
import { AccountReader } from './account-reader.service.js';

@Global()
@Module({ providers: [AccountReader], exports: [AccountReader] })
export class AccountModule {}
