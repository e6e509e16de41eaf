import { Module } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { FieldCipherService } from '../domain/fields/encryption/field-cipher.service.js';
import { rekey } from '../domain/fields/encryption/rekey.js';
import { countPendingEncrypted } from '../domain/fields/encryption/encrypted-values.js';
import { Progress } from './progress.js';
import { runCommand } from './run-command.js';

@Module({ imports: [DatabaseModule], providers: [FieldCipherService] })
class RekeyModule {}

await runCommand(
  (config) => ({ module: RekeyModule, imports: [config] }),
  async (app, signal) => {
    const [database, cipher] = [app.get(Database), app.get(FieldCipherService)];
    const progress = new Progress('values');
    const { done, total, undecryptable } = await rekey(database, cipher, {
      signal,
      onProgress: (state) => progress.show(state.done + state.undecryptable, state.total),
    });
    progress.end();
    const pending = await countPendingEncrypted(database);
    if (signal.aborted) console.log(`Stopped after ${done} of ${total} values. Run the command again to continue.`);
    else console.log(`${done} of ${total} values are now encrypted with the key ${cipher.currentKid}.`);
    if (undecryptable > 0)
      console.log(`${undecryptable} values were left as they are: no configured key decrypts them.`);
    if (pending > 0) console.log(`${pending} changes are pending. Run the command again before you remove an old key.`);
    return !signal.aborted && undecryptable === 0;
  },
);
