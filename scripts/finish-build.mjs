// Adds what the compiler does not: the SQL migrations, and an empty database to copy, so that a first start is fast.
import { cpSync } from 'node:fs';

cpSync('src/platform/database/migrations', 'dist/platform/database/migrations', { recursive: true });
const { preparedCluster } = await import('../dist/platform/database/prepared-cluster.js');
await preparedCluster();
