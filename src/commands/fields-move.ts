import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { AppModule } from '../app.module.js';
import { moveField, movePartsOf, type MoveOptions, type MoveProgress } from '../domain/field-moves/move-field.js';
import { Progress } from './progress.js';
import { runCommand } from './run-command.js';

const USAGE = `usage: fields:move -- <field> [--apply] [--page <number>]
Looks first, and says what there is to move. Then asks, or with --apply moves without asking.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { apply: { type: 'boolean' }, page: { type: 'string', default: '1' } },
});
const [name] = positionals;
const fromPage = Number(values.page);
if (name === undefined || positionals.length > 1 || !Number.isInteger(fromPage) || fromPage < 1) {
  console.error(USAGE);
  process.exit(2);
}

await runCommand(
  (config) => AppModule.forRoot(config),
  async (app, signal) => {
    const parts = movePartsOf(app);
    const go = async (what: string, options: Omit<MoveOptions, 'signal' | 'onProgress'>): Promise<MoveProgress> => {
      console.log(what);
      const progress = new Progress('users');
      const before = ((options.fromPage ?? 1) - 1) * 100;
      const onProgress = (state: MoveProgress) => progress.show(before + state.users, state.total);
      const end = await moveField(parts, name, { ...options, signal, onProgress });
      progress.end();
      return end;
    };

    const found = await go('Looking, nothing is changed yet …', { apply: false, fromPage });
    console.log(`${found.moved} values of ${name} are to be moved.`);
    tellRest(found);
    if (signal.aborted || found.moved === 0) return !signal.aborted;
    if (!values.apply && !(await agreed(`Move them? [y/N] `))) {
      console.log('Nothing was changed. Run it with --apply to move them.');
      return true;
    }

    const done = await go('Moving …', { apply: true, fromPage });
    console.log(`${done.moved} values were moved.`);
    tellRest(done);
    if (signal.aborted) console.log(`Stopped. Run it again, with --page ${done.nextPage} to go on there.`);
    return !signal.aborted && done.failed.length === 0;
  },
);

function tellRest({ unfit, failed, unreadable }: MoveProgress): void {
  const some = (ids: readonly string[]) => ids.slice(0, 10).join(', ') + (ids.length > 10 ? ', …' : '');
  if (unfit.length > 0) {
    console.log(`${unfit.length} values break the field's rules, and stay where they are. Users: ${some(unfit)}`);
  }
  if (failed.length > 0) console.log(`${failed.length} could not be moved: run it again. Users: ${some(failed)}`);
  if (unreadable > 0) console.log(`${unreadable} users cannot be read from Logto, which responds 500 for them.`);
}

async function agreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
