import { Module } from '@nestjs/common';
import { MfaFactorsController } from './mfa-factors.controller.js';
import { MfaFactorsService } from './mfa-factors.service.js';

@Module({ controllers: [MfaFactorsController], providers: [MfaFactorsService] })
export class MfaFactorsModule {}
