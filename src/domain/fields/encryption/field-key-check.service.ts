import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ConfigurationError } from '../../../platform/config/environment-reader.js';
import { Database } from '../../../platform/database/database.js';
import { FieldCipherService } from './field-cipher.service.js';
import { FieldCatalogue } from '../catalogue/field-catalogue.js';
import { countByKey } from './encrypted-values.js';
import { countMisplaced } from './rekey.js';

/**
 * Reports at the start if sensitive values cannot be encrypted, if stored ones cannot be decrypted, and if values are not encrypted as
 * the catalogue says. Changes nothing.
 */
@Injectable()
export class FieldKeyCheckService implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(FieldKeyCheckService.name);
  private running = Promise.resolve();

  constructor(
    private readonly catalogue: FieldCatalogue,
    private readonly cipher: FieldCipherService,
    private readonly database: Database,
  ) {}

  /** @throws ConfigurationError when the catalogue has a sensitive field and there is no key */
  onModuleInit(): void {
    const names = this.catalogue.sensitive().map(({ name }) => name);
    if (names.length > 0 && this.cipher.currentKid === undefined) {
      const why = `the field catalogue has sensitive fields (${names.join(', ')})`;
      throw new ConfigurationError([`FIELD_ENCRYPTION_KEYS is missing: ${why}`]);
    }
  }

  /** Checks the stored values after the start, because there may be many. */
  onApplicationBootstrap(): void {
    this.running = this.check().catch((error: unknown) => {
      this.logger.warn(`The keys of sensitive values could not be checked: ${(error as Error).message}`);
    });
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.running;
  }

  /** Reports every key that stored values need and that is missing, wrong or old, and values that `fields:rekey` would encrypt or decrypt. */
  async check(): Promise<void> {
    await this.checkKeys();
    const { plain, encrypted } = await countMisplaced(this.database, this.catalogue);
    if (plain > 0) {
      this.logger.warn(
        `${countOf(plain)} of sensitive fields are stored in clear, because their fields became sensitive later: run fields:rekey.`,
      );
    }
    if (encrypted > 0) {
      this.logger.warn(
        `${countOf(encrypted)} of fields that are no longer sensitive are still encrypted: run fields:rekey.`,
      );
    }
  }

  private async checkKeys(): Promise<void> {
    for (const { kid, count, sample } of await countByKey(this.database)) {
      const reason = await this.cipher.decrypt(sample.jwe, sample).then(
        () => undefined,
        (error: { reason?: string }) => error.reason ?? 'damaged',
      );
      const values = `${countOf(count)} of sensitive fields`;
      if (reason === 'key_missing') {
        this.logger.error(
          `${values} cannot be decrypted: FIELD_ENCRYPTION_KEYS lacks the key ${kid}. They are kept; put the key back.`,
        );
      } else if (reason !== undefined) {
        this.logger.error(
          `${values} were encrypted by a key ${kid}, but the one that FIELD_ENCRYPTION_KEYS has under this ID does not decrypt them. They are kept; put the right key back.`,
        );
      } else if (kid !== this.cipher.currentKid) {
        this.logger.log(`${values} are still encrypted by the old key ${kid}: run fields:rekey before you remove it.`);
      }
    }
  }
}

const countOf = (count: number): string => `${count} value${count === 1 ? '' : 's'}`;
