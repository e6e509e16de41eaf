import { rmSync } from 'node:fs';

// Removes build output before a build, so that a deleted source leaves nothing behind.
for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
