import { hkdfSync } from 'node:crypto';
import type { AppConfig } from './app-config.js';

/**
 * Derives a 32-byte key for one purpose from `LOGTO_M2M_APP_SECRET` (HKDF, RFC 5869), the one secret that every deployment has. Use it
 * only for data that lives for hours: rotating that secret changes every derived key.
 */
export const derivedKey = ({ logto }: Pick<AppConfig, 'logto'>, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', logto.m2mAppSecret, '', purpose, 32));
