// Holds the lock of a database folder, as a running service does, until it is killed.
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';

if (!tryLock(openSync(join(process.argv[2], 'lock'), 'a+'))) process.exit(1);
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
