import { Module } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { FieldCipherService } from '../domain/fields/encryption/field-cipher.service.js';
import { rekey } from '../domain/fields/encryption/rekey.js';
import { sealedInFlight } from '../domain/fields/encryption/sealed-values.js';
import { Progress } from './progress.js';
import { runCommand } from './run-command.js';

@Module({ imports: [DatabaseModule], providers: [FieldCipherService] })
class RekeyModule {}

await runCommand(
  (config) => ({ module: RekeyModule, imports: [config] }),
  async (app, signal) => {
    const [database, cipher] = [app.get(Database), app.get(FieldCipherService)];
    const progress = new Progress('values');
    const { done, total, unopened } = await rekey(database, cipher, {
      signal,
      onProgress: (state) => progress.show(state.done + state.unopened, state.total),
    });
    progress.end();
    const inFlight = await sealedInFlight(database);
    if (signal.aborted) console.log(`Stopped after ${done} of ${total} values. Run it again to go on.`);
    else console.log(`${done} of ${total} values are encrypted by ${cipher.currentKid} now.`);
    if (unopened > 0) console.log(`${unopened} values were left as they are: no configured key decrypts them.`);
    if (inFlight > 0) console.log(`${inFlight} changes are under way; run it again before an old key is taken away.`);
    return !signal.aborted && unopened === 0;
  },
);
