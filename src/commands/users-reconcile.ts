import { parseArgs } from 'node:util';
import { AppModule } from '../app.module.js';
import { ReconciliationService } from '../domain/users/reconciliation.service.js';
import { Progress } from './progress.js';
import { runCommand } from './run-command.js';

const USAGE = `usage: users:reconcile -- [--confirm <number>]
Marks users that Logto does not know, and erases those that have been marked for ERASE_AFTER_DAYS. If many users are missing, it
changes nothing; --confirm sets how many may be marked.`;

const { values } = parseArgs({ options: { confirm: { type: 'string' } } });
const confirm = values.confirm === undefined ? undefined : Number(values.confirm);
if (confirm !== undefined && (!Number.isInteger(confirm) || confirm < 0)) {
  console.error(USAGE);
  process.exit(2);
}

await runCommand(
  (config) => AppModule.forRoot(config),
  async (app, signal) => {
    const progress = new Progress('users');
    const result = await app.get(ReconciliationService, { strict: false }).run({
      confirm,
      signal,
      onProgress: (done, total) => progress.show(done, total),
    });
    progress.end();
    const { known, newlyMissing, limit, marked, restored, erased, unclear } = result;
    console.log(`${known} users have data here. Logto does not know ${newlyMissing} of them that were known before.`);
    if (unclear > 0) console.log(`${unclear} users could not be looked up and stay as they are.`);
    if (restored > 0) console.log(`${restored} users are known to Logto again.`);
    if (newlyMissing > limit) {
      console.log(
        `That is more than ${limit}, so nothing was changed. If these users were deleted, run the command again with ` +
          `--confirm ${newlyMissing}.`,
      );
      return false;
    }
    console.log(`${marked} users were marked as missing, and ${erased} were erased.`);
    return !signal.aborted;
  },
);
