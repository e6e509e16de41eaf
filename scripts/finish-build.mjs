// What the compiler leaves out: the SQL migrations, and an empty database to copy, so that a first start is fast.
import { cpSync } from 'node:fs';

cpSync('src/database/migrations', 'dist/database/migrations', { recursive: true });
const { preparedCluster } = await import('../dist/database/prepared-cluster.js');
await preparedCluster();
