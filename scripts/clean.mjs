import { rmSync } from 'node:fs';

// Removes build output before a build, so that no output of a deleted source remains.
for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
