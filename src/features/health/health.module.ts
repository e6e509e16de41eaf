import { Module } from '@nestjs/common';
import { ShutdownService } from '../../platform/http/shutdown.service.js';
import { HealthController } from './health.controller.js';
import { ReadinessService } from './readiness.service.js';

@Module({ controllers: [HealthController], providers: [ReadinessService, ShutdownService] })
export class HealthModule {}
