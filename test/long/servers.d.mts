/** The folder of PostgreSQL's programs; undefined if it is not installed. */
export function postgresPrograms(): string | undefined;

/** Whether `redis-server` is installed. */
export function hasRedis(): boolean;
