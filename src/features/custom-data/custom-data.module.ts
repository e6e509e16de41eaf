import { Module } from '@nestjs/common';
import { CustomDataController } from './custom-data.controller.js';

@Module({ controllers: [CustomDataController] })
export class CustomDataModule {}
