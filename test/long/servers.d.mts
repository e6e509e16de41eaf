/** Finds the folder of PostgreSQL's programs. @returns undefined if PostgreSQL is not installed */
export function findPostgresPrograms(): string | undefined;

/** Whether `redis-server` is installed. */
export function hasRedis(): boolean;
