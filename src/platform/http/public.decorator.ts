import { routeOptions } from './route-options.js';

/** Serves a handler without an access token. Every other one needs it. */
export const Public = () => routeOptions({ public: true });
