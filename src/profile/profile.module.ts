import { Module } from '@nestjs/common';
import { ProfileController } from './profile.controller.js';
import { ProfileService } from './profile.service.js';
import { RevealService } from './reveal.service.js';

@Module({ controllers: [ProfileController], providers: [ProfileService, RevealService] })
export class ProfileModule {}
