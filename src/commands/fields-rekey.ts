import { Module } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { FieldCipherService } from '../domain/fields/encryption/field-cipher.service.js';
import { FieldCatalogue } from '../domain/fields/catalogue/field-catalogue.js';
import { loadCatalogueFile } from '../domain/fields/catalogue/load-catalogue.js';
import { createFieldStores, FieldStores } from '../domain/fields/stores/field-stores.js';
import { AppConfig } from '../platform/config/app-config.js';
import { Clock } from '../platform/config/clock.js';
import { ManagementApiModule } from '../platform/management-api/management-api.module.js';
import { ManagementApiService } from '../platform/management-api/management-api.service.js';
import { rekey } from '../domain/fields/encryption/rekey.js';
import { countPendingEncrypted } from '../domain/fields/encryption/encrypted-values.js';
import { Progress } from './progress.js';
import { runCommand } from './run-command.js';

/** Without the check of the stored values at the start, which would recommend this command. */
@Module({
  imports: [DatabaseModule, ManagementApiModule],
  providers: [
    FieldCipherService,
    { provide: FieldStores, useFactory: createFieldStores, inject: [ManagementApiService] },
    {
      provide: FieldCatalogue,
      useFactory: ({ profileFields }: AppConfig, stores: FieldStores, clock: Clock) =>
        loadCatalogueFile(profileFields, stores, clock),
      inject: [AppConfig, FieldStores, Clock],
    },
  ],
})
class RekeyModule {}

await runCommand(
  (config) => ({ module: RekeyModule, imports: [config] }),
  async (app, signal) => {
    const [database, cipher, catalogue] = [app.get(Database), app.get(FieldCipherService), app.get(FieldCatalogue)];
    const progress = new Progress('values');
    const { done, total, undecryptable } = await rekey(database, cipher, catalogue, {
      signal,
      onProgress: (state) => progress.show(state.done + state.undecryptable, state.total),
    });
    progress.end();
    const pending = await countPendingEncrypted(database);
    if (signal.aborted) console.log(`Stopped after ${done} of ${total} values. Run the command again to continue.`);
    else
      console.log(`${done} of ${total} values were encrypted or decrypted. The current key is ${cipher.currentKid}.`);
    if (undecryptable > 0)
      console.log(`${undecryptable} values were left as they are: no configured key decrypts them.`);
    if (pending > 0) console.log(`${pending} changes are pending. Run the command again before you remove an old key.`);
    return !signal.aborted && undecryptable === 0;
  },
);
