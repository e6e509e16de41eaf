import { startDevLogto } from '../dev-logto/dist/index.js';

const devLogto = await startDevLogto({ port: Number(process.env.PORT) });
process.once('SIGTERM', () => devLogto.stop().then(() => process.exit(0)));
