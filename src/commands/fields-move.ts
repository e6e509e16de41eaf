import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { AppModule } from '../app.module.js';
import { moveField, moveServicesOf, type MoveOptions, type MoveProgress } from '../domain/field-moves/move-field.js';
import { Progress } from './progress.js';
import { runCommand } from './run-command.js';

const USAGE = `usage: fields:move -- <field> [--apply] [--page <number>]
Counts the values to move first. Then asks for confirmation, or with --apply moves them without asking.`;

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
    const services = moveServicesOf(app);
    const run = async (title: string, options: Omit<MoveOptions, 'signal' | 'onProgress'>): Promise<MoveProgress> => {
      console.log(title);
      const progress = new Progress('users');
      const before = ((options.fromPage ?? 1) - 1) * 100;
      const onProgress = (state: MoveProgress) => progress.show(before + state.users, state.total);
      const end = await moveField(services, name, { ...options, signal, onProgress });
      progress.end();
      return end;
    };

    const found = await run('Counting; nothing is changed yet …', { apply: false, fromPage });
    console.log(`${found.moved} values of ${name} are to be moved.`);
    reportRest(found);
    if (signal.aborted || found.moved === 0) return !signal.aborted;
    if (!values.apply && !(await confirm(`Move them? [y/N] `))) {
      console.log('Nothing was changed. Run the command with --apply to move them.');
      return true;
    }

    const done = await run('Moving …', { apply: true, fromPage });
    console.log(`${done.moved} values were moved.`);
    reportRest(done);
    if (signal.aborted) console.log(`Stopped. Run the command again with --page ${done.nextPage} to continue there.`);
    return !signal.aborted && done.failed.length === 0;
  },
);

function reportRest({ invalid, failed, unreadable }: MoveProgress): void {
  const firstTen = (ids: readonly string[]) => ids.slice(0, 10).join(', ') + (ids.length > 10 ? ', …' : '');
  if (invalid.length > 0) {
    console.log(
      `${invalid.length} values break the field's rules and stay where they are. Users: ${firstTen(invalid)}`,
    );
  }
  if (failed.length > 0)
    console.log(`${failed.length} values could not be moved: run the command again. Users: ${firstTen(failed)}`);
  if (unreadable > 0) console.log(`${unreadable} users cannot be read from Logto, which responds 500 for them.`);
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
